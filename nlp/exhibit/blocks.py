"""The block builder: a stream of balanced tags and text in, raw blocks out.

Every HTML reader of this room (lexbor, BeautifulSoup, and the one that keeps positions) feeds this one builder, so
that they can be held against each other. An event is ``(text, tag, attributes)``: the text before a tag, the
tag's lower-case name (``p``, ``/p``, ``!-- comment --``, or empty at the end), and its attributes as written.
Nesting is a list, not recursion: depth costs memory only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from nlp.exhibit.layout import read_layout
from nlp.exhibit.normal import SUPERSCRIPTS, clean, resolve
from nlp.exhibit.raw import Raw
from nlp.exhibit.tables import table_blocks

__all__ = ["VOID", "Built", "Event", "build"]

Event = tuple[str, str, str]

VOID = frozenset(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr".split()
)
"""Elements that have no end tag."""

_BOLD, _CENTRED, _HIDDEN, _RAISED, _PRE, _ITEM, _HEAD, _UNSEEN = 1, 2, 4, 8, 16, 32, 64, 128
_BLIND = _HIDDEN | _UNSEEN
_LINE = "\x1f"  # stands for <BR> until the block is complete

(
    _OPEN,
    _CLOSE,
    _BREAK,
    _BLOCK,
    _BLOCK_END,
    _TABLE,
    _TABLE_END,
    _ROW,
    _ROW_END,
    _CELL,
    _CELL_END,
    _RULE,
    _SKIP,
) = range(1, 14)

_BLOCKS = (
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hgroup html legend li listing main menu nav ol optgroup option p page plaintext pre search section "
    "select summary tbody tfoot thead type sequence filename description text document ul xmp"
).split()
# What no reader sees on the page.
_NEVER = (
    "head title script style template noembed noframes svg math object applet audio video datalist".split()
)
_INLINE_XBRL = ("ix:header", "ix:hidden")
_SETS = {
    **dict.fromkeys(("b", "strong", "u", "ins"), _BOLD),
    "th": _BOLD,
    "center": _CENTRED,
    "sup": _RAISED,
    **dict.fromkeys(("pre", "listing", "xmp", "plaintext"), _PRE),
    **dict.fromkeys(("li", "dd"), _ITEM),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _HEAD),
    **dict.fromkeys(_NEVER, _UNSEEN),
    **dict.fromkeys(_INLINE_XBRL, _HIDDEN),
}
_ACTIONS: dict[str, int] = {
    "br": _BREAK,
    "hr": _RULE,
    "table": _TABLE,
    "/table": _TABLE_END,
    "tr": _ROW,
    "/tr": _ROW_END,
    **dict.fromkeys(("td", "th"), _CELL),
    **dict.fromkeys(("/td", "/th"), _CELL_END),
    **dict.fromkeys(_BLOCKS, _BLOCK),
    **{"/" + name: _BLOCK_END for name in _BLOCKS},
    **dict.fromkeys(VOID - {"br", "hr"}, _SKIP),
    **{"/" + name: _SKIP for name in VOID},
    "": _SKIP,
}

_HAS_WORD = re.compile(r"[^\W_]")
_STYLE = re.compile(
    r"""(?i)(?P<hidden>display\s*:\s*none|visibility\s*:\s*hidden)
    |(?P<bold>font-weight\s*:\s*(?:bold|[6-9]00)|\bfont\s*:\s*[^;"']{0,40}?\bbold|text-decoration\s*:[^;"']{0,40}?underline)
    |(?P<light>font-weight\s*:\s*(?:normal|[1-5]00))
    |(?P<centred>align\s*[:=]\s*["']?\s*center)
    |(?P<aside>align\s*[:=]\s*["']?\s*(?:left|right|justify))
    |(?P<page>(?:page-)?break-(?:before|after)\s*:\s*(?:always|page))
    |(?P<raised>vertical-align\s*:\s*super|position\s*:\s*relative;\s*top\s*:\s*-)""",
    re.X,
)
_NO_STYLE = (-1, 0, False)
_NUMBERS = re.compile(r"[\d\s,*()\-−–]{1,12}")
_COMMENT_PAGE = re.compile(r"!--\s*(?:/?\s*Field:\s*/?Page|Page\s*Break|/?PAGEBREAK)", re.I)


def _style(attributes: str) -> tuple[int, int, bool]:
    """Mask of state bits to keep, bits to set, and whether a page ends here."""
    keep, put, page = -1, 0, False
    for match in _STYLE.finditer(attributes):
        what = match.lastgroup
        if what == "hidden":
            put |= _HIDDEN
        elif what == "bold":
            put |= _BOLD
        elif what == "light":
            keep &= ~_BOLD
        elif what == "centred":
            if attributes[max(0, match.start() - 9) : match.start()].lower().endswith("vertical-"):
                continue
            put |= _CENTRED
        elif what == "aside":
            keep &= ~_CENTRED
        elif what == "page":
            page = True
        else:
            put |= _RAISED
    return keep, put, page


@dataclass(slots=True)
class Built:
    """Raw blocks, the events whose text was hidden, and how many characters that was."""

    blocks: list[Raw]
    hidden_events: list[int] = field(default_factory=list)
    hidden: int = 0


@dataclass(slots=True)
class _Frame:
    """An open table: its rows so far, where blocks went before it, and the row's cells."""

    outer: list[Raw]
    rows: list[list[list[Raw]]]
    cell_open: bool = False


def build(events: Iterable[Event]) -> Built:
    """Build raw blocks from balanced events, in document order. Time is linear in the number of events."""
    result = Built([])
    out = result.blocks
    parts: list[str] = []
    stack: list[int] = []
    frames: list[_Frame] = []
    styles: dict[str, tuple[int, int, bool]] = {"": _NO_STYLE}
    state = 0
    plain = False
    since = 0  # first event whose text belongs to the block under way
    tables = 0
    actions, sets = _ACTIONS.get, _SETS.get
    has_word = _HAS_WORD.search

    for number, (text, tag, attributes) in enumerate(events):
        if text:
            if state & _BLIND:
                if state & _HIDDEN:
                    result.hidden += len(text)
                result.hidden_events.append(number)
            else:
                if state & _RAISED and _NUMBERS.fullmatch(text):
                    text = text.translate(SUPERSCRIPTS)
                parts.append(text)
                if not plain and not state & _BOLD and has_word(text):
                    plain = True
        action = actions(tag) or (_CLOSE if tag[0] == "/" else _SKIP if tag[0] in "!?" else _OPEN)
        if action == _CLOSE:
            if stack:
                state = stack.pop()
            continue
        if action == _OPEN:
            stack.append(state)
            state |= sets(tag, 0)
            if attributes:
                style = styles.get(attributes)
                if style is None:
                    style = styles[attributes] = _style(attributes)
                state = state & style[0] | style[1]
            continue
        if action == _BREAK:
            parts.append(_LINE)
            continue
        if action == _SKIP:
            if tag[:1] == "!" and _COMMENT_PAGE.match(tag):
                if parts:
                    _flush(parts, out, state, plain, since, number + 1)
                plain, since = False, number + 1
                out.append(Raw("", "page", origins=[(number, number)]))
            continue
        # Everything below ends the block under way.
        if parts:
            _flush(parts, out, state, plain, since, number + 1)
        plain, since = False, number + 1
        if action == _BLOCK_END:
            if stack:
                state = stack.pop()
            continue
        if action == _RULE:
            if not state & _BLIND:
                out.append(Raw("", "page", origins=[(number, number)]))
            continue
        if action in (_TABLE_END, _ROW_END, _CELL_END):
            if stack:
                state = stack.pop()
            if frames:
                frame = frames[-1]
                if frame.cell_open:
                    frame.cell_open = False
                    out = frame.outer
                if action == _TABLE_END:
                    frames.pop()
                    tables += 1
                    out = frame.outer
                    out.extend(table_blocks(frame.rows, tables))
            continue
        stack.append(state)
        state |= sets(tag, 0)
        if attributes:
            style = styles.get(attributes)
            if style is None:
                style = styles[attributes] = _style(attributes)
            state = state & style[0] | style[1]
            if style[2] and not frames:
                out.append(Raw("", "page", origins=[(number, number)]))
        if action == _TABLE:
            frames.append(_Frame(out, []))
            # Alignment and boldness of the surroundings don't reach into a table's cells.
            state &= ~(_ITEM | _HEAD)
        elif frames and action == _ROW:
            frames[-1].rows.append([])
        elif frames and action == _CELL:
            frame = frames[-1]
            if not frame.rows:
                frame.rows.append([])
            if frame.cell_open:
                out = frame.outer
            cell: list[Raw] = []
            frame.rows[-1].append(cell)
            frame.cell_open = True
            out = cell
    if parts:
        _flush(parts, out, state, plain, since, number + 1)
    while frames:
        frame = frames.pop()
        tables += 1
        frame.outer.extend(table_blocks(frame.rows, tables))
    return result


def _flush(parts: list[str], out: list[Raw], state: int, plain: bool, since: int, until: int) -> None:
    """End the block under way: one block, or several where two or more ``<BR>`` part paragraphs."""
    text = "".join(parts) if len(parts) > 1 else parts[0]
    parts.clear()
    if text.isspace():
        return
    if "&" in text:
        text = resolve(text)
    origin = (since, until)
    if state & _PRE or "\r" in text:
        out.extend(
            _shift(read_layout(text.replace(_LINE, "\n").replace("\r\n", "\n").replace("\r", "\n")), origin)
        )
        return
    kind = "heading" if state & _HEAD else "item" if state & _ITEM else "paragraph"
    bold, centred = not plain, bool(state & _CENTRED)
    if _LINE not in text:
        text = clean(text)
        if text:
            out.append(Raw(text, kind, bold, centred, [origin]))
        return
    lines: list[str] = []
    for line in text.split(_LINE):
        line = clean(line)
        if line:
            lines.append(line)
        elif lines:
            out.append(Raw("\n".join(lines), kind, bold, centred, [origin]))
            lines = []
    if lines:
        out.append(Raw("\n".join(lines), kind, bold, centred, [origin]))


def _shift(blocks: list[Raw], origin: tuple[int, int]) -> list[Raw]:
    for block in blocks:
        block.origins = [origin]
    return blocks
