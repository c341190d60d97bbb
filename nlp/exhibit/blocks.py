"""The block builder: a stream of balanced tags and text in, raw blocks out.

Every HTML reader of this room (lexbor, BeautifulSoup, and the one that keeps positions) feeds this one
builder, so that they can be held against each other. An event is ``(steps, text)``: what one tag or several
in a row mean (``steps``), and the text after them. Nesting is a list, not recursion: depth costs memory only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from nlp.exhibit.layout import read_layout
from nlp.exhibit.normal import SUPERSCRIPTS, clean, resolve
from nlp.exhibit.raw import Raw
from nlp.exhibit.steps import (
    BLIND,
    BLOCK,
    BLOCK_END,
    BOLD,
    BREAK,
    CELL,
    CELL_END,
    CENTRED,
    CLOSE,
    HIDDEN,
    ITEM,
    OPEN,
    PRE,
    RAISED,
    ROW,
    ROW_END,
    RULE,
    SKIP,
    TABLE,
    TABLE_END,
    Event,
)
from nlp.exhibit.tables import table_blocks

__all__ = ["Built", "build"]

_MAX_TABLES = 40  # open at once; deeper ones are read as part of the cell they stand in
_KINDS = ("paragraph", "item", "heading", "heading")  # by the bits ITEM and HEAD
_LINE = "\x1f"  # stands for <BR> until the block is complete
_HAS_WORD = re.compile(r"[^\W_]")
_NUMBERS = re.compile(r"[\d\s,*()\-−–]{1,12}")


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


def build(events: Iterable[Event], *, traced: bool = False) -> Built:
    """Build raw blocks from balanced events, in document order. Time is linear in the number of events.

    ``traced``: each block knows the events it came from (``Raw.origins``).
    """
    result = Built([])
    out = result.blocks
    parts: list[str] = []
    stack: list[int] = []
    frames: list[_Frame] = []
    frame: _Frame | None = None  # the innermost open table
    state = number = tables = excess = characters = 0
    since = 0  # behind the last event whose text belongs to a block before
    plain = False  # the block under way has a letter that is not bold
    has_word = _HAS_WORD.search

    # The branches stand in the order of their frequency: cells first, most of them empty.
    for number, (steps, text) in enumerate(events):
        for action, keep, put, page, space in steps:
            if action <= CELL_END:
                if parts:
                    _flush(parts, out, state, plain, ((since, number),) if traced else ())
                    plain, since = False, number
                if action == CELL:
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
            elif action == OPEN:
                stack.append(state)
                state = state & keep | put
            elif action == CLOSE:
                if stack:
                    state = stack.pop()
            elif action == BREAK:
                if not state & BLIND:
                    parts.append(_LINE)
            elif action != SKIP or page:
                if parts:
                    _flush(parts, out, state, plain, ((since, number),) if traced else ())
                    plain, since = False, number
                if action == BLOCK:
                    stack.append(state)
                    state = state & keep | put
                elif action == BLOCK_END:
                    if stack:
                        state = stack.pop()
                elif action == ROW:
                    stack.append(state)
                    state = state & keep | put
                    if frame is not None:
                        frame.rows.append([])
                elif action == ROW_END:
                    if stack:
                        state = stack.pop()
                    if frame is not None:
                        if frame.cell:
                            frame.end_cell()
                        out = frame.outer
                elif action == TABLE:
                    stack.append(state)
                    state = state & keep | put
                    if len(frames) < _MAX_TABLES:
                        frame = _Frame(out)
                        frames.append(frame)
                    else:
                        excess += 1
                elif action == TABLE_END:
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
                if (page or action == RULE) and not state & BLIND:
                    out.append(Raw("", "page"))
            if space:
                characters += len(space)
                if state & BLIND:
                    if state & HIDDEN:
                        result.hidden += len(space)
                    else:
                        result.unseen += len(space)
                elif parts:
                    parts.append(space)
        if text:
            if "&" in text:
                text = text.replace("&nbsp;", " ")
            characters += len(text)
            if state & BLIND:
                if state & HIDDEN:
                    result.hidden += len(text)
                else:
                    result.unseen += len(text)
                result.hidden_events.append(number)
            elif parts or not text.isspace():
                if state & RAISED and _NUMBERS.fullmatch(text):
                    text = text.translate(SUPERSCRIPTS)
                parts.append(text)
                if not plain and not state & BOLD and (text[0].isalnum() or has_word(text)):
                    plain = True
    if parts:
        _flush(parts, out, state, plain, ((since, number + 1),) if traced else ())
    for frame in reversed(frames):
        tables += 1
        frame.outer.extend(frame.blocks(tables))
    result.characters = characters
    return result


def _flush(
    parts: list[str], out: list[Raw], state: int, plain: bool, origins: tuple[tuple[int, int], ...]
) -> None:
    """End the block under way: one block, or several where two or more ``<BR>`` part paragraphs."""
    text = parts[0] if len(parts) == 1 else "".join(parts)
    parts.clear()
    if "&" in text:
        text = resolve(text)
    if state & PRE or "\r" in text:
        if not text.isspace():
            blocks = read_layout(text.replace(_LINE, "\n").replace("\r\n", "\n").replace("\r", "\n"))
            for block in blocks:
                block.origins = origins
            out.extend(blocks)
        return
    kind, centred = _KINDS[state // ITEM % 4], state & CENTRED != 0
    if _LINE not in text:
        text = clean(text)
        if text:
            out.append(Raw(text, kind, not plain, centred, origins))
        return
    lines: list[str] = []
    for line in text.split(_LINE):
        line = clean(line)
        if line:
            lines.append(line)
        elif lines:
            out.append(Raw("\n".join(lines), kind, not plain, centred, origins))
            lines = []
    if lines:
        out.append(Raw("\n".join(lines), kind, not plain, centred, origins))
