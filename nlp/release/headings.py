"""Follow a heading cue at the start of a block or of one of its lines, or find that it is none."""

from __future__ import annotations

from dataclasses import replace

from nlp.exhibit import Block
from nlp.release.cues import Cue
from nlp.release.paragraphs import part_inline, passing_caution, read_paragraph
from nlp.release.types import SectionKind
from nlp.release.walk import Walk
from nlp.release.wording import CALL_WORDS, CONTACT_TOKEN, COUNT

__all__ = ["follow_heading", "follow_line_heads"]


def follow_heading(walk: Walk, index: int, block: Block, head: Cue) -> bool:
    """Follow a cue at the start of a block; false when it turns out to be the start of ordinary prose."""
    text, length = walk.text, block.end - block.start
    alone = (length <= 160 and text[block.end - 1] not in ".!?") or head.end >= block.end - 2
    if head.kind == "furniture":
        if not alone and length > 200 and head.id != "page-mark":
            return False
        walk.put(block.start, "furniture")
        below = head.end if text[head.end - 1] == "\n" else head.end + 1
        if head.id == "page-mark" and below < block.end and text[below - 1] == "\n":
            _below_page_mark(walk, index, below, block)
        return True
    if head.kind == "tail":
        walk.put(block.start, "furniture")
        walk.tail = True
        return True
    if head.kind == "end_mark":
        if length > 120 and "\n" not in text[block.start : block.end]:
            return False
        walk.put(block.start, "end_mark")
        walk.enter("end_mark", False)
        walk.over = walk.over or head.id != "source-tag"
        return True
    if head.kind == "table":
        if length > 260:
            return False
        walk.put(block.start, "table")
        walk.enter("table", True)
        return True
    if head.kind == "contact":
        if (
            head.id == "contact-please"
            and length > 400
            and walk.state in ("body", "about")
            and not CONTACT_TOKEN.search(text, head.end, min(block.end, head.end + 200))
        ):
            return False
        if (
            not walk.over
            and head.id in ("contact-role", "contact-heading")
            and not alone
            and not CONTACT_TOKEN.search(text[block.start : block.end])
        ):
            return False
        if CALL_WORDS.search(text[block.start : block.end]) and head.id == "contact-please":
            return False
    if head.kind == "safe_harbor" and not alone:
        if text[block.end - 1] == "." and passing_caution(walk, block.start, block.end, index):
            return False
        harbor = [
            c
            for c in walk.cues.within(block.start, min(block.end, block.start + 1500))
            if c.kind == "safe_harbor"
        ]
        if not any(c.strong for c in harbor) and len({c.id for c in harbor}) < 2:
            if head.id not in ("disclaimer-heading", "cautionary-heading"):
                return False
            walk.put(block.start, "notes")
            walk.enter("notes", True)
            return True
    if head.kind == "about" and not alone and COUNT.match(text, block.start, block.end):
        return False
    kind: SectionKind = head.kind  # type: ignore[assignment]
    if (
        kind == "notes"
        and not alone
        and sum(c.strong for c in walk.cues.within(block.start, block.end) if c.kind == "safe_harbor")
    ):
        kind = "safe_harbor"
    if kind == "about" or kind != walk.state or not walk.cuts:
        walk.cuts.append((block.start, kind))
    walk.enter(kind, True)
    part_inline(walk, max(block.start + 1, min(head.end, block.end)), block.end)
    return True


def _below_page_mark(walk: Walk, index: int, start: int, block: Block) -> None:
    """Go on below a page number that shares its block with the text of the next page."""
    head = walk.cues.heads.get(start)
    if (
        head is None
        or head.kind in ("furniture", "tail")
        or not follow_heading(walk, index, replace(block, start=start), head)
    ):
        read_paragraph(walk, start, block.end, index=index)


def follow_line_heads(walk: Walk, block: Block) -> None:
    """Cues at the start of a block's later lines (texts whose paragraphs are parted by single line breaks)."""
    position = walk.text.find("\n", block.start, block.end)
    while position >= 0:
        head = walk.cues.heads.get(position + 1)
        if head is not None and head.kind in ("about", "safe_harbor", "contact", "end_mark"):
            kind: SectionKind = head.kind  # type: ignore[assignment]
            if kind != walk.state:
                walk.put(position + 1, kind)
                walk.enter(kind, True)
        position = walk.text.find("\n", position + 1, block.end)
