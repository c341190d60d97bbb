"""Lines of the blocks above the lead, the units that its headline, labels and contacts are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nlp.exhibit import Block

__all__ = ["Unit", "lines_of", "units_of"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A line of a block above the lead."""

    start: int
    end: int
    block: int
    bold: bool
    centred: bool
    item: bool
    text: str


def lines_of(text: str, block: Block) -> list[tuple[int, int]]:
    """Start and end of each line of a block; from the thirteenth on they are one."""
    lines, start = [], block.start
    for _ in range(12):
        end = text.find("\n", start, block.end)
        if end < 0:
            break
        lines.append((start, end))
        start = end + 1
    lines.append((start, block.end))
    return lines


def units_of(
    text: str, blocks: Sequence[Block], first: int, last: int, until: int | None = None
) -> list[Unit]:
    """Lines of the blocks ``first`` to ``last``, and of block ``last`` those above ``until``."""
    units: list[Unit] = []
    for index in range(first, min(last + (until is not None), len(blocks))):
        block = blocks[index]
        for start, end in lines_of(text, block):
            if until is not None and index == last and start >= until:
                break
            line = text[start:end].strip()
            if line:
                units.append(
                    Unit(start, end, index, block.bold, block.centred, block.kind in ("item", "row"), line)
                )
    return units
