"""What stands above the story: furniture, contacts, headline, subheadlines and dateline, down to where the lead begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.exhibit import Block
from nlp.release.cues import Cues
from nlp.release.dateline import read_dateline
from nlp.release.headline import classify
from nlp.release.lead import find_lead, story_limit
from nlp.release.lines import Unit, units_of
from nlp.release.run_on import open_run_on
from nlp.release.types import Dateline, SectionKind

__all__ = ["Opening", "read_opening"]

_CONTACT_BESIDE = re.compile(r"\t(?=(?:CONTACT|Contact)s?\b)")


@dataclass(frozen=True, slots=True)
class Opening:
    """Sections above and up to the lead (start and kind, in order), where the lead ends, and the block to go on with."""

    cuts: tuple[tuple[int, SectionKind], ...]
    dateline: Dateline | None
    lead_end: int
    next_block: int
    found_headline: bool
    found_lead: bool


def read_opening(text: str, blocks: Sequence[Block], first: int, cues: Cues) -> Opening:
    """Read from block ``first`` to the lead. ``cues`` are those of the whole text."""
    seen: dict[int, Dateline | None] = {}
    lead, dateline = find_lead(text, blocks, first, cues, seen)
    if lead is None:
        units, lead_start, next_block = (
            units_of(text, blocks, first, story_limit(text, blocks, first, cues)),
            None,
            None,
        )
    else:
        units = units_of(text, blocks, first, lead.block, lead.line)
        lead_start, next_block = lead.start, lead.block + 1
    kinds = classify(units, cues, lead is not None, seen)
    cuts: list[tuple[int, SectionKind]] = [
        (unit.start, kind) for unit, kind in zip(units, kinds, strict=True)
    ]
    for unit, kind in zip(units, kinds, strict=True):
        # "FOR IMMEDIATE RELEASE" and "Contact:" in one table row
        if kind == "furniture" and (beside := _CONTACT_BESIDE.search(text, unit.start, unit.end)):
            cuts.append((beside.end(), "contact"))
    cuts.sort(key=lambda cut: cut[0])
    found_headline = "headline" in kinds
    if lead is None or lead_start is None or next_block is None:
        end_block = units[-1].block + 1 if units else first
        return Opening(
            tuple(cuts),
            _bare_date(units, kinds, cuts),
            units[-1].end if units else 0,
            end_block,
            found_headline,
            False,
        )
    if lead.run_on:
        lead_start, dateline, inner = open_run_on(text, lead, blocks[lead.block].end, units, kinds, dateline)
        cuts += inner
    if dateline is None or dateline.date is None:
        bare = _bare_date(units, kinds, cuts)
        if bare is not None and dateline is None:
            dateline = bare
        elif bare is not None and dateline is not None and bare.date:
            dateline = Dateline(
                dateline.start, dateline.end, dateline.city, bare.date, dateline.wire, dateline.region
            )
    if dateline is not None and dateline.end <= lead.start:
        _mark(cuts, dateline.start)
    if dateline is not None and dateline.end > lead.start and dateline.start < blocks[lead.block].end:
        if dateline.start > lead_start and not lead.run_on:
            cuts.append((lead_start, "subheadline"))
        cuts.append((dateline.start, "dateline"))
        lead_start = max(dateline.end, lead_start)
    cuts.append((lead_start, "lead"))
    return Opening(tuple(cuts), dateline, blocks[lead.block].end, next_block, found_headline, True)


def _mark(cuts: list[tuple[int, SectionKind]], start: int) -> None:
    """The line that begins at ``start`` is a dateline."""
    for number, (position, kind) in enumerate(cuts):
        if position == start and kind != "headline":
            cuts[number] = (start, "dateline")


def _bare_date(
    units: Sequence[Unit], kinds: Sequence[SectionKind], cuts: list[tuple[int, SectionKind]]
) -> Dateline | None:
    """A date (or place and date) on a line of its own above the lead; its line becomes the dateline section."""
    for i in range(len(units) - 1, -1, -1):
        unit = units[i]
        if kinds[i] != "furniture":
            continue
        found = read_dateline(unit.text, 0, len(unit.text))
        if found and found.date and len(unit.text) - found.end < 12:
            _mark(cuts, unit.start)
            return Dateline(unit.start, unit.end, found.city, found.date, found.wire, found.region)
    return None
