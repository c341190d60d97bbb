"""What follows the lead: body and quotations, then about paragraphs, safe-harbor statement, contacts, notes, tables.

One walk over the blocks with a state: the section we are in. A heading cue moves it; without a heading the formula
sentences decide. Once the news is over (about, safe harbor, contact) the body resumes only on clear evidence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlp.exhibit import Block
from nlp.release.cues import Cues, is_row, opening_cue
from nlp.release.dateline import read_dateline
from nlp.release.headings import follow_heading, follow_line_heads
from nlp.release.paragraphs import read_paragraph
from nlp.release.walk import Cut, Walk
from nlp.release.wording import CALL_WORDS, CONTACT_TOKEN, DASH, LABEL

__all__ = ["read_closing"]

_FIGURE = re.compile(r"\d")


def read_closing(
    text: str,
    blocks: Sequence[Block],
    cues: Cues,
    first: int,
    lead: tuple[int, int, bool] | None,
    issuers: tuple[str, ...] = (),
) -> tuple[list[Cut], int | None]:
    """Section the blocks from ``first`` on: the cuts, and the block at which another release begins, if one does.

    ``lead``: the stretch of the lead's paragraph that may hold more; its third item tells whether that stretch is the
    rest of a run-on text and so body. ``issuers``: first words of names that may be the issuer's.
    """
    walk = Walk(text, blocks, cues, first, issuers)
    if lead is not None:
        walk.run_on = lead[2]
        read_paragraph(walk, lead[0], lead[1], in_lead=True)
    for index in range(first, len(blocks)):
        block = blocks[index]
        if block.kind == "row" and is_row(text, block):
            if walk.state != "table" or walk.over or walk.headed or walk.cuts[-1][1] != "table":
                _row(walk, block)
        elif walk.over and index > first and _another(walk, index, block):
            return walk.cuts, index
        else:
            _block(walk, index, block)
    return walk.cuts, None


def _row(walk: Walk, block: Block) -> None:
    content = walk.text[block.start : block.end]
    if walk.state == "contact" or (
        walk.over and CONTACT_TOKEN.search(content) and not CALL_WORDS.search(content)
    ):
        walk.put(block.start, "contact")
        walk.state = "contact"
    elif walk.state == "safe_harbor" and not _FIGURE.search(content):
        walk.put(block.start, "safe_harbor")
    else:
        walk.put(block.start, "table")
        walk.enter("table", False)


def _block(walk: Walk, index: int, block: Block) -> None:
    if walk.tail:
        walk.put(block.start, "furniture")
        return
    head = walk.cues.heads.get(block.start)
    if head is not None and follow_heading(walk, index, block, head):
        if "\n" in walk.text[block.start : block.end]:
            follow_line_heads(walk, block)
        return
    read_paragraph(walk, block.start, block.end, index=index)


def _another(walk: Walk, index: int, block: Block) -> bool:
    """Whether another release begins here: its label or release line, or a full dateline after the end of this one."""
    if block.end - block.start > 4000:
        return False
    text, start, stop = walk.text, block.start, min(block.end, block.start + 120)
    if LABEL.match(text, start, stop):
        label = opening_cue(text[start:stop])
        if label == "immediate-release":
            return True
        if label == "exhibit-label":  # also the running head of a page: another release has its own dateline
            return any(_dated(walk, below) for below in walk.blocks[index + 1 : index + 12])
    return block.end - start > 80 and DASH.search(text, start, stop) is not None and _dated(walk, block)


def _dated(walk: Walk, block: Block) -> bool:
    """Whether a paragraph opens with a full dateline and goes on."""
    found = read_dateline(walk.text, block.start, block.end)
    return (
        found is not None
        and bool(found.city)
        and bool(found.date or found.wire)
        and block.end - found.end > 80
    )
