"""What tags mean for the blocks of a page: one tag, or a run of them with nothing between.

A tag is given as written between its angle brackets, its name in lower case (``p align=center``, ``/p``,
``!-- a comment --``, ``!page`` where a page ends, or empty).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

__all__ = [
    "BLIND",
    "BLOCK",
    "BLOCK_END",
    "BOLD",
    "BREAK",
    "CELL",
    "CELL_END",
    "CENTRED",
    "CLOSE",
    "HIDDEN",
    "ITEM",
    "OPEN",
    "PAGE_COMMENT",
    "PRE",
    "RAISED",
    "RAW_TEXT",
    "ROW",
    "ROW_END",
    "RULE",
    "SKIP",
    "TABLE",
    "TABLE_END",
    "VOID",
    "Event",
    "RunSteps",
    "Steps",
    "steps_of_pieces",
    "steps_of_run",
    "steps_of_tag",
]

Step = tuple[int, int, int, bool, str]
"""What to do, mask of state bits to keep, bits to set, whether a page ends here, and white space after it."""

Steps = tuple[Step, ...]
Event = tuple[Steps, str]

# What a step does.
CELL, CELL_END, OPEN, CLOSE, BREAK, BLOCK, BLOCK_END = range(7)
ROW, ROW_END, TABLE, TABLE_END, RULE, SKIP = range(7, 13)

# Bits of the state that text stands in.
BOLD, CENTRED, HIDDEN, RAISED, PRE, ITEM, HEAD, UNSEEN = 1, 2, 4, 8, 16, 32, 64, 128
BLIND = HIDDEN | UNSEEN

# fmt: off
VOID = frozenset([
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input",
    "keygen", "link", "meta", "param", "source", "track", "wbr",
])
# fmt: on
"""Elements that have no end tag."""

PAGE_COMMENT = re.compile(r"\s*(?:/?\s*Field:\s*/?Page|Page\s*Break|/?PAGEBREAK)", re.I)
"""Comments by which filing agents' software marks the end of a page."""

RAW_TEXT: Steps = ((-1, 0, 0, False, ""),)
"""Stands for a run with an element whose content a tree writes out unescaped (a script)."""

_RAW = re.compile(r"<(?:script|style|iframe|noembed|noframes)\b")
_LONG = 300  # characters; longer tags are not worth remembering
_LONG_RUN, _MANY_CHARACTERS, _MANY_PIECES = 4000, 3_000_000, 16384

_NOTHING, _NEVER_OPENED = -1, -2
# What opens what each action closes, in their order.
_OPENER = tuple(
    {CLOSE: OPEN, CELL_END: CELL, BLOCK_END: BLOCK}.get(action, _NEVER_OPENED) for action in range(13)
)
# Actions that end the block under way.
_ENDING = frozenset((CELL, CELL_END, BLOCK, BLOCK_END, ROW, ROW_END, TABLE, TABLE_END, RULE))

# fmt: off
_BLOCKS = [
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
    "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "html", "legend", "li", "listing", "main",
    "menu", "nav", "ol", "optgroup", "option", "p", "page", "plaintext", "pre", "search", "section",
    "select", "summary", "tbody", "tfoot", "thead", "type", "sequence", "filename", "description",
    "text", "document", "ul", "xmp",
]
# fmt: on
# What no reader sees on the page.
# fmt: off
_NEVER = [
    "head", "title", "script", "style", "template", "noembed", "noframes", "svg", "math", "object",
    "applet", "audio", "video", "datalist",
]
# fmt: on
_INLINE_XBRL = ("ix:header", "ix:hidden")
_SETS = {
    **dict.fromkeys(("b", "strong", "u", "ins"), BOLD),
    "th": BOLD,
    "center": CENTRED,
    "sup": RAISED,
    **dict.fromkeys(("pre", "listing", "xmp", "plaintext"), PRE),
    **dict.fromkeys(("li", "dd"), ITEM),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), HEAD),
    **dict.fromkeys(_NEVER, UNSEEN),
    **dict.fromkeys(_INLINE_XBRL, HIDDEN),
}
_ACTIONS: dict[str, int] = {
    "br": BREAK,
    "hr": RULE,
    "table": TABLE,
    "/table": TABLE_END,
    "tr": ROW,
    "/tr": ROW_END,
    **dict.fromkeys(("td", "th"), CELL),
    **dict.fromkeys(("/td", "/th"), CELL_END),
    **dict.fromkeys(_BLOCKS, BLOCK),
    **{"/" + name: BLOCK_END for name in _BLOCKS},
    **dict.fromkeys(VOID - {"br", "hr"}, SKIP),
    **{"/" + name: SKIP for name in VOID},
    "": SKIP,
}

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
    """Remembers the steps of runs of tags, ``RAW_TEXT`` for those with a script or the like; ``RunSteps()[run]``.

    Filing agents write the same few thousand runs in all their exhibits.
    """

    characters = 0  # of the runs remembered

    def __missing__(self, run: str) -> Steps:
        steps = RAW_TEXT if _RAW.search(f"<{run}") else steps_of_run(run)
        if len(run) < _LONG_RUN:
            self.characters += len(run)
            if self.characters > _MANY_CHARACTERS:
                self.clear()
                self.characters = len(run)
            self[run] = steps
        return steps


class _PieceSteps(dict[str, Step | None]):
    """The step of a tag and the white space after it, as they stand between two ``<``; ``None``: it means nothing."""

    def __missing__(self, piece: str) -> Step | None:
        tag, _, space = piece.partition(">")
        if "&" in space:
            space = space.replace("&nbsp;", " ")
        action, keep, put, page, _ = _step(tag)
        step = None if action == SKIP and not (space or page) else (action, keep, put, page, space)
        if len(piece) < _LONG:
            if len(self) >= _MANY_PIECES:
                self.clear()
            self[piece] = step
        return step


_PIECES = _PieceSteps()


def steps_of_run(run: str) -> Steps:
    """The steps of tags in a row with nothing but white space between them, as written: ``tr>\\n<td><b``.

    A pair of tags that holds nothing and leaves no trace is left out; its white space is counted where it
    would have been ignored as well: right after a step that ends a block.
    """
    return steps_of_pieces(run.split("<"))


def steps_of_pieces(pieces: Iterable[str]) -> Steps:
    """The steps of a run that was cut at each ``<``."""
    steps: list[Step] = []
    before = _NOTHING  # what the last of ``steps`` does
    for step in map(_PIECES.__getitem__, pieces):
        if step is None:
            continue
        action = step[0]
        if before == _OPENER[action]:
            _, _, put, page, inner = steps[-1]
            space = step[4]
            ended = len(steps) > 1 and steps[-2][0] in _ENDING and not put & BLIND
            if action == CLOSE:
                empty = ended or not (inner or space)
            else:
                empty = ended and not page and (action != CELL_END or steps[-2][0] == CELL_END)
            if empty:
                steps.pop()
                if inner or space:
                    steps[-1] = (*steps[-1][:4], steps[-1][4] + inner + space)
                before = steps[-1][0] if steps else _NOTHING
                continue
        steps.append(step)
        before = action
    return tuple(steps)


@lru_cache(maxsize=8192)
def _remembered(tag: str) -> Steps:
    return (_step(tag),)


def _step(tag: str) -> Step:
    """The one step of a tag as written."""
    match = _NAME.match(tag)
    name = match.group() if match else ""
    action = _ACTIONS.get(name, CLOSE if name[:1] == "/" else SKIP if name[:1] in "!?" else OPEN)
    keep, put = -1, _SETS.get(name, 0)
    page = tag == "!page" or (tag.startswith("!--") and PAGE_COMMENT.match(tag, 3) is not None)
    if len(tag) > len(name) and action != SKIP:
        style = tag.lower()
        if ("none" in style or "hidden" in style) and _HIDES.search(style):
            put |= HIDDEN
        if ("bold" in style or "font-weight" in style or "underline" in style) and _BOLDS.search(style):
            put |= BOLD
        elif "font-weight" in style and _LIGHTENS.search(style):
            keep &= ~BOLD
        if "align" in style:
            for align in _ALIGNS.findall(style):
                keep, put = keep & ~CENTRED, put & ~CENTRED | (CENTRED if align == "center" else 0)
        if "break" in style and _BREAKS.search(style):
            page = True
        if ("super" in style or "relative" in style) and _RAISES.search(style):
            put |= RAISED
    if name in ("table", "li"):
        keep &= ~ITEM
    return action, keep, put, page, ""
