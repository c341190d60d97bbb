"""The block builder: a stream of balanced tags and text in, raw blocks out.

Every HTML reader of this room (lexbor, BeautifulSoup, and the one that keeps positions) feeds this one
builder, so that they can be held against each other. An event is ``(steps, text)``: what one tag or several
in a row mean (``steps_of_tag``, ``steps_of_run``), and the text after them. A tag is given as written between
its angle brackets, its name in lower case (``p align=center``, ``/p``, ``!page`` where a page ends, or
empty). Nesting is a list, not recursion: depth costs memory only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from nlp.exhibit.layout import read_layout
from nlp.exhibit.normal import SUPERSCRIPTS, clean, resolve
from nlp.exhibit.raw import Raw
from nlp.exhibit.tables import table_blocks

__all__ = [
    "PAGE_COMMENT",
    "VOID",
    "Built",
    "Event",
    "RunSteps",
    "Steps",
    "build",
    "steps_of_run",
    "steps_of_tag",
]

Step = tuple[int, int, int, bool, str]
"""What to do, mask of state bits to keep, bits to set, whether a page ends here, and white space after it."""

Steps = tuple[Step, ...]
Event = tuple[Steps, str]

VOID = frozenset(
    [
        "area",
        "base",
        "basefont",
        "bgsound",
        "br",
        "col",
        "embed",
        "frame",
        "hr",
        "img",
        "input",
        "keygen",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
"""Elements that have no end tag."""

_BOLD, _CENTRED, _HIDDEN, _RAISED, _PRE, _ITEM, _HEAD, _UNSEEN = 1, 2, 4, 8, 16, 32, 64, 128
_BLIND = _HIDDEN | _UNSEEN
_LONG = 300  # characters; longer tags are not worth remembering
_LONG_RUN, _MANY_RUNS = 4000, 4000
_MAX_TABLES = 40  # open at once; deeper ones are read as part of the cell they stand in
_LINE = "\x1f"  # stands for <BR> until the block is complete

_CELL, _CELL_END, _OPEN, _CLOSE, _BREAK, _BLOCK, _BLOCK_END = range(7)
_ROW, _ROW_END, _TABLE, _TABLE_END, _RULE, _SKIP = range(7, 13)
_OPENER = {_CLOSE: _OPEN, _CELL_END: _CELL, _BLOCK_END: _BLOCK}
_ENDING = frozenset(
    (_CELL, _CELL_END, _BLOCK, _BLOCK_END, _ROW, _ROW_END, _TABLE, _TABLE_END, _RULE)
)  # end the block under way

_BLOCKS = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "html",
    "legend",
    "li",
    "listing",
    "main",
    "menu",
    "nav",
    "ol",
    "optgroup",
    "option",
    "p",
    "page",
    "plaintext",
    "pre",
    "search",
    "section",
    "select",
    "summary",
    "tbody",
    "tfoot",
    "thead",
    "type",
    "sequence",
    "filename",
    "description",
    "text",
    "document",
    "ul",
    "xmp",
]
# What no reader sees on the page.
_NEVER = [
    "head",
    "title",
    "script",
    "style",
    "template",
    "noembed",
    "noframes",
    "svg",
    "math",
    "object",
    "applet",
    "audio",
    "video",
    "datalist",
]
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

PAGE_COMMENT = re.compile(r"\s*(?:/?\s*Field:\s*/?Page|Page\s*Break|/?PAGEBREAK)", re.I)
"""Comments by which filing agents' software marks the end of a page."""

_HAS_WORD = re.compile(r"[^\W_]")
_NUMBERS = re.compile(r"[\d\s,*()\-−–]{1,12}")
_NAME = re.compile(r"/?[^\s/>]+")
_HIDES = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
_BOLDS = re.compile(
    r"font-weight\s*:\s*(?:bold|[6-9]00)|\bfont\s*:[^;\"']{0,40}?\bbold|text-decoration\s*:[^;\"']{0,40}?underline"
)
_LIGHTENS = re.compile(r"font-weight\s*:\s*(?:normal|[1-5]00)")
_ALIGNS = re.compile(r"(?<!vertical-)align\s*[:=]\s*[\"']?\s*(center|left|right|justify)")
_BREAKS = re.compile(r"break-(?:before|after)\s*:\s*(?:always|page)")
_RAISES = re.compile(r"vertical-align\s*:\s*super|position\s*:\s*relative;\s*top\s*:\s*-")


def steps_of_tag(tag: str) -> Steps:
    """The steps of one tag as written."""
    return _remembered(tag) if len(tag) < _LONG else (_step(tag),)


class RunSteps(dict[str, Steps]):
    """Remembers the steps of runs of tags; ``RunSteps()[run]``. Filing agents write the same few thousand
    runs in all their exhibits."""

    def __missing__(self, run: str) -> Steps:
        steps = steps_of_run(run)
        if len(run) < _LONG_RUN:
            if len(self) >= _MANY_RUNS:
                self.clear()
            self[run] = steps
        return steps


def steps_of_run(run: str) -> Steps:
    """The steps of tags in a row with nothing but white space between them, as written: ``tr>\\n<td><b``.

    A pair of tags that holds nothing and leaves no trace is left out; its white space is counted where it
    would have been ignored as well: right after a step that ends a block.
    """
    steps: list[Step] = []
    for piece in run.split("<"):
        tag, _, space = piece.partition(">")
        if "&" in space:
            space = space.replace("&nbsp;", " ")
        step = steps_of_tag(tag)[0]
        action = step[0]
        if steps and steps[-1][0] == _OPENER.get(action):
            _, _, put, page, inner = steps[-1]
            ended = len(steps) > 1 and steps[-2][0] in _ENDING and not put & _BLIND
            if action == _CLOSE:
                empty = ended or not (inner or space)
            else:
                empty = ended and not page and (action != _CELL_END or steps[-2][0] == _CELL_END)
            if empty:
                steps.pop()
                if inner or space:
                    steps[-1] = (*steps[-1][:4], steps[-1][4] + inner + space)
                continue
        if space:
            steps.append((*step[:4], space))
        elif action != _SKIP or step[3]:
            steps.append(step)
    return tuple(steps)


@lru_cache(maxsize=8192)
def _remembered(tag: str) -> Steps:
    return (_step(tag),)


def _step(tag: str) -> Step:
    """The one step of a tag as written."""
    match = _NAME.match(tag)
    name = match.group() if match else ""
    action = _ACTIONS.get(name, _CLOSE if name[:1] == "/" else _SKIP if name[:1] in "!?" else _OPEN)
    keep, put, page = -1, _SETS.get(name, 0), tag == "!page"
    if len(tag) > len(name) and action != _SKIP:
        style = tag.lower()
        if ("none" in style or "hidden" in style) and _HIDES.search(style):
            put |= _HIDDEN
        if ("bold" in style or "font-weight" in style or "underline" in style) and _BOLDS.search(style):
            put |= _BOLD
        elif "font-weight" in style and _LIGHTENS.search(style):
            keep &= ~_BOLD
        if "align" in style:
            for align in _ALIGNS.findall(style):
                keep, put = keep & ~_CENTRED, put & ~_CENTRED | (_CENTRED if align == "center" else 0)
        if "break" in style and _BREAKS.search(style):
            page = True
        if ("super" in style or "relative" in style) and _RAISES.search(style):
            put |= _RAISED
    if name in ("table", "li"):
        keep &= ~_ITEM
    return action, keep, put, page, ""


@dataclass(slots=True)
class Built:
    """Raw blocks; the events whose text no reader sees, and how many characters that was.

    ``hidden``: by style or in hidden inline XBRL. ``unseen``: in elements that are never shown (a title, a
    script). ``characters``: of all text, white space and these included.
    """

    blocks: list[Raw]
    hidden_events: list[int] = field(default_factory=list)
    hidden: int = 0
    unseen: int = 0
    characters: int = 0


@dataclass(slots=True)
class _Frame:
    """An open table: where its blocks will go, and its rows of cells so far."""

    outer: list[Raw]
    rows: list[list[list[Raw]]] = field(default_factory=list)
    cell: list[Raw] = field(default_factory=list)  # blocks of the open cell; a list left empty serves again

    def end_cell(self) -> None:
        if not self.rows:
            self.rows.append([])
        self.rows[-1].append(self.cell)
        self.cell = []

    def blocks(self, number: int) -> list[Raw]:
        if self.cell:
            self.end_cell()
        return table_blocks(self.rows, number)


def build(events: Iterable[Event]) -> Built:
    """Build raw blocks from balanced events, in document order. Time is linear in the number of events."""
    result = Built([])
    out = result.blocks
    parts: list[str] = []
    stack: list[int] = []
    frames: list[_Frame] = []
    frame: _Frame | None = None  # the innermost open table
    state = number = tables = excess = characters = 0
    since = 0  # the first event whose text belongs to the block under way
    plain = False  # the block under way has a letter that is not bold
    has_word = _HAS_WORD.search

    # The branches stand in the order of their frequency: cells first, most of them empty.
    for number, (steps, text) in enumerate(events):
        for action, keep, put, page, space in steps:
            if action <= _CELL_END:
                if parts:
                    _flush(parts, out, state, plain, since, number)
                plain, since = False, number
                if action == _CELL:
                    stack.append(state)
                    state = state & keep | put
                    if frame is not None:
                        if frame.cell:
                            frame.end_cell()
                        out = frame.cell
                else:
                    if stack:
                        state = stack.pop()
                    if frame is not None:
                        if frame.cell:
                            frame.end_cell()
                        out = frame.outer
            elif action == _OPEN:
                stack.append(state)
                state = state & keep | put
            elif action == _CLOSE:
                if stack:
                    state = stack.pop()
            elif action == _BREAK:
                if not state & _BLIND:
                    parts.append(_LINE)
            elif action != _SKIP or page:
                if parts:
                    _flush(parts, out, state, plain, since, number)
                plain, since = False, number
                if action == _BLOCK:
                    stack.append(state)
                    state = state & keep | put
                elif action == _BLOCK_END:
                    if stack:
                        state = stack.pop()
                elif action == _ROW:
                    stack.append(state)
                    state = state & keep | put
                    if frame is not None:
                        frame.rows.append([])
                elif action == _ROW_END:
                    if stack:
                        state = stack.pop()
                    if frame is not None:
                        if frame.cell:
                            frame.end_cell()
                        out = frame.outer
                elif action == _TABLE:
                    stack.append(state)
                    state = state & keep | put
                    if len(frames) < _MAX_TABLES:
                        frame = _Frame(out)
                        frames.append(frame)
                    else:
                        excess += 1
                elif action == _TABLE_END:
                    if stack:
                        state = stack.pop()
                    if excess:
                        excess -= 1
                    elif frame is not None:
                        tables += 1
                        out = frame.outer
                        out.extend(frame.blocks(tables))
                        frames.pop()
                        frame = frames[-1] if frames else None
                if (page or action == _RULE) and not state & _BLIND:
                    out.append(Raw("", "page"))
            if space:
                characters += len(space)
                if state & _BLIND:
                    if state & _HIDDEN:
                        result.hidden += len(space)
                    else:
                        result.unseen += len(space)
                elif parts:
                    parts.append(space)
        if text:
            if "&" in text:
                text = text.replace("&nbsp;", " ")
            characters += len(text)
            if state & _BLIND:
                if state & _HIDDEN:
                    result.hidden += len(text)
                else:
                    result.unseen += len(text)
                result.hidden_events.append(number)
            elif parts or not text.isspace():
                if state & _RAISED and _NUMBERS.fullmatch(text):
                    text = text.translate(SUPERSCRIPTS)
                parts.append(text)
                if not plain and not state & _BOLD and has_word(text):
                    plain = True
    if parts:
        _flush(parts, out, state, plain, since, number + 1)
    for frame in reversed(frames):
        tables += 1
        frame.outer.extend(frame.blocks(tables))
    result.characters = characters
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
