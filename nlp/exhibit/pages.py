"""Last steps on raw blocks: page furniture out, sentences cut by a page joined, kinds settled, one text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from nlp.exhibit.raw import Raw
from nlp.exhibit.types import Block, BlockKind

__all__ = ["assemble", "finish"]

# Numbers that say themselves that they number a page …
_PAGE_NUMBER = re.compile(
    r"[-–—]{1,2}\s*\d{1,4}\s*[-–—]{1,2}|[-–—\s]*page\s+\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?[-–—\s]*|\d{1,3}\s+of\s+\d{1,3}",
    re.I,
)
# … and those that do so only where a page ends.
_BARE_NUMBER = re.compile(r"\d{1,3}|[ivxl]{1,6}|[A-Z]{1,2}-\d{1,3}|\(\d{1,3}\)")
_BULLET_START = re.compile(
    r"(?:[•·§†‡]|[-–—]{1,2}|\*{1,3}|o)\s+\S|(?:\(?\d{1,2}[.)]|\(?[a-zA-Z][.)]|\([ivxlIVXL]{1,5}\))\s+\S"
)
_LONE_BULLET = re.compile(r"[•·§*–—-]|--")
_SENTENCE_ENDS = frozenset('.!?:;"”)]')
_HEADING_LENGTH = 250  # characters; longer bold text is an emphasised paragraph


def finish(raws: Sequence[Raw]) -> tuple[list[Raw], tuple[str, ...]]:
    """Take page numbers out, join what a page break cut, settle kinds. Returns blocks and the numbers
    removed."""
    kept: list[Raw] = []
    removed: list[str] = []
    paged = False  # a page ended since the last block kept
    bare = False  # bare numbers were page numbers somewhere: the last block may be one too
    last = len(raws) - 1
    for index, raw in enumerate(raws):
        if raw.kind == "page":
            paged = True
            continue
        if not raw.table and len(raw.text) < 24:
            if _PAGE_NUMBER.fullmatch(raw.text):
                removed.append(raw.text)
                continue
            if (
                _BARE_NUMBER.fullmatch(raw.text)
                and not raw.bold | (raw.kind == "heading")
                and (paged or index == last or raws[index + 1].kind == "page")
            ):
                beside_break = paged or (index < last and raws[index + 1].kind == "page")
                if beside_break or bare:
                    bare = True
                    removed.append(raw.text)
                    continue
        before = kept[-1] if kept else None
        if (
            before is not None
            and _LONE_BULLET.fullmatch(before.text)
            and not before.table
            and raw.kind != "row"
        ):
            before.text = f"{before.text} {raw.text}"
            before.kind, before.bold, before.origins = (
                "item",
                before.bold and raw.bold,
                before.origins + raw.origins,
            )
        elif paged and before is not None and _goes_on(before, raw):
            before.text = f"{before.text} {raw.text}"
            before.origins = before.origins + raw.origins
        else:
            kept.append(raw)
        paged = False
    for raw in kept:
        if raw.text[0] == "•" and raw.text[1:2] not in ("", " ", "\t", "\n"):
            raw.text = f"• {raw.text[1:]}"
        if raw.kind == "paragraph":
            if _BULLET_START.match(raw.text):
                raw.kind = "item"
            elif (
                (raw.bold or raw.centred)
                and len(raw.text) <= _HEADING_LENGTH
                and not raw.text.endswith((".", ";", ","))
            ):
                raw.kind = "heading"
    return kept, tuple(removed)


def _goes_on(before: Raw, after: Raw) -> bool:
    """Whether a page break cut a sentence: no end mark before it, a small letter after it."""
    return (
        before.kind in ("paragraph", "item")
        and after.kind == "paragraph"
        and after.text[0].islower()
        and before.text[-1] not in _SENTENCE_ENDS
        and not (before.bold or before.centred)
        and not _BULLET_START.match(after.text)
    )


def assemble(raws: Sequence[Raw]) -> tuple[str, tuple[Block, ...], list[tuple[tuple[int, int], ...]]]:
    """The text, its blocks, and for each block the ranges it came from (none where they were not traced).

    A text without any paragraph mark, where only line breaks part its paragraphs, is split at them.
    """
    if len(raws) == 1 and not raws[0].table and "\n" in raws[0].text:
        only = raws[0]
        raws = [Raw(line, only.kind, only.bold, only.centred, only.origins) for line in only.text.split("\n")]
    pieces: list[str] = []
    blocks: list[Block] = []
    at = table = 0
    for raw in raws:
        if pieces:
            gap = "\n" if raw.table and raw.table == table else "\n\n"
            pieces.append(gap)
            at += len(gap)
        end = at + len(raw.text)
        blocks.append(Block(at, end, cast(BlockKind, raw.kind), raw.bold, raw.centred))
        pieces.append(raw.text)
        at, table = end, raw.table
    return "".join(pieces), tuple(blocks), [raw.origins for raw in raws]
