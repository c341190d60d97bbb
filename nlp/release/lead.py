"""Find where the story begins: the paragraph with a dateline near the top, else the first that reads as prose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.exhibit import Block
from nlp.release.cues import Cues, is_row, is_run_on
from nlp.release.dateline import find_inner_dateline, read_dateline
from nlp.release.lines import lines_of
from nlp.release.types import Dateline
from nlp.release.wording import CONTACT_ABOVE

__all__ = ["Lead", "find_lead", "story_limit"]

_MAX_BLOCKS = 40  # a lead further down than this was never seen; what lies above is treated as body then
_LABEL_BEFORE = re.compile(r"(?i:(?:press|news|media) (?:release|statement))\s?[-–—|:]?\s?(?=[A-Z\d])")


@dataclass(frozen=True, slots=True)
class Lead:
    """Where the story begins: its block, its first character, and whether all the text is one paragraph."""

    block: int
    start: int
    line: int  # where in the block the lead's line begins; lines above it belong to the opening
    run_on: bool


def find_lead(
    text: str, blocks: Sequence[Block], first: int, cues: Cues, seen: dict[int, Dateline | None]
) -> tuple[Lead | None, Dateline | None]:
    """The block in which the story begins: one with a dateline if there is one near the top, else the first paragraph.

    What was read of a line to its block's end goes into ``seen``, by where the line starts.
    """
    prose: Lead | None = None
    pending: Dateline | None = None
    characters = 0
    for index in range(first, min(len(blocks), first + _MAX_BLOCKS)):
        block = blocks[index]
        if is_row(text, block):
            continue
        length = block.end - block.start
        cue = cues.heads.get(block.start)
        if (
            cue is not None
            and cue.kind in ("about", "safe_harbor", "notes", "end_mark")
            and index > first
            and prose is not None
        ):
            break
        for line_start, line_end in lines_of(text, block):
            found = read_dateline(text, line_start, block.end)
            if line_end == block.end:
                seen[line_start] = found
            if found is None and (label := _LABEL_BEFORE.match(text, line_start, line_end)):
                found = read_dateline(text, label.end(), block.end)
            if found is None:
                continue
            rest = text[found.end : block.end]
            if len(rest.split(None, 5)) > 5:
                if found.city or found.wire or prose is None or prose.block == index:
                    return Lead(index, found.start, line_start, False), _merge(pending, found)
            elif (
                (found.city or found.wire)
                and line_end == block.end
                and len(rest) < 4
                and not _is_date_only(found)
            ):
                pending = found
        if pending is not None and pending.end <= block.start and _is_prose(text, block, first, index, True):
            return Lead(index, block.start, block.start, False), pending
        if prose is None and cue is None and _is_prose(text, block, first, index, False):
            prose = Lead(
                index,
                block.start,
                block.start,
                is_run_on(text, block.start, block.end) and "\n" not in text[block.start : block.end],
            )
            characters = 0
            if prose.run_on:
                return prose, find_inner_dateline(text, block.start, block.end)
            inner = find_inner_dateline(text, block.start, block.end)
            if inner is not None and inner.date and text[inner.start - 2] in ".!?-–—*:)":
                return prose, inner
        characters += length
        if prose is not None and characters > 2500:
            break
    return prose, None


def _merge(pending: Dateline | None, found: Dateline) -> Dateline:
    if pending is None:
        return found
    return Dateline(
        pending.start if pending.end >= found.start - 4 else found.start,
        found.end,
        found.city or pending.city,
        found.date or pending.date,
        found.wire or pending.wire,
        found.region or pending.region,
    )


def _is_date_only(found: Dateline) -> bool:
    return not found.city and not found.wire


def _is_prose(text: str, block: Block, first: int, index: int, after_dateline: bool) -> bool:
    """Whether a block reads as a paragraph of the story rather than as a headline."""
    if (
        is_row(text, block)
        or block.kind == "heading"
        or (block.kind == "item" and not after_dateline and not is_run_on(text, block.start, block.end))
    ):
        return False
    body = text[block.start : min(block.end, block.start + 1200)]
    words = body.split(None, 61)  # more of them need not be told apart
    if len(words) < (8 if after_dateline else 18):
        return False
    if block.bold and block.centred and len(words) < 60:
        return False
    if len(words) < 40 and CONTACT_ABOVE.search(body):
        return False
    ends = text[block.end - 1] in ".!?:;”\"’'" or text[block.end - 2 : block.end] in (".)", ".*", ".]")
    if not (ends or len(words) > 45 or (index > first and len(words) > 30)):
        return False
    if len(words) > 60 or (ends and ". " in body):
        return True
    long_words = [w for w in words if len(w) > 4 and w[0].isalpha()]
    return sum(w[0].isupper() for w in long_words) <= 0.6 * len(long_words)


def story_limit(text: str, blocks: Sequence[Block], first: int, cues: Cues) -> int:
    """Without a lead: how many blocks may hold a headline (up to the first table or known heading)."""
    for index in range(first, min(len(blocks), first + 12)):
        cue = cues.heads.get(blocks[index].start)
        if is_row(text, blocks[index]) or (
            index > first and cue is not None and cue.kind in ("about", "safe_harbor", "table", "notes")
        ):
            return index
    return min(len(blocks), first + 12)
