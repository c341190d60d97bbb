"""Find the section cues of ``resources/rules/sections.jsonl`` in a text, in two passes over it: short, gap-free patterns over the
whole text, the heading patterns only where a line begins near one of their words.

A rule's label is ``<kind>.<place>``: ``heading`` and ``line`` cues count where a block or line begins (in a run-on
text also where a sentence begins), ``glued`` cues directly behind a letter or full stop (a lost line break), ``opening`` cues only above the lead, ``sentence`` cues anywhere.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from nlp.exhibit import Block
from nlp.release.programs import encoded, length_of, program
from nlp.rulebook import Rule

__all__ = [
    "Cue",
    "Cues",
    "closes_as_profile",
    "find_cues",
    "is_row",
    "is_run_on",
    "opening_cue",
    "opens_as_profile",
]

_REPEATED = re.compile(
    r"About (?:([\w-]{3,30}) \1\b|((?=\w{0,30}[A-Z])[\w-]{3,30})[®™]?(?:,? [\w.&-]{2,30}?[,®™]{0,2}){0,5}?(?: |(?<=[a-z.®™)]))\2\b)"
)
_POINTED_TO = re.compile(r"[^\n.“\"”]{0,80}[”\"] ?[a-z]")
_REACH = 80  # characters from a line's start within which a heading's first telling word stands
_WINDOW = 240  # characters of a line that the heading patterns may see
_NAMED = 90  # characters within which a profile says what its company is; what stands in brackets may follow on them
_BRACKETED = re.compile(r"\(.{2,60}\)[ ,]{0,2}\Z")
_TOP = 40  # blocks in which a row may hold label, contact or headline
_ROW = 150  # characters; a longer row may be prose in one wide cell
_STREWN = 300  # characters; no shorter paragraph has lost its breaks
_RUN_ON = 1500  # characters; few paragraphs that still have their breaks are longer


class Cue(NamedTuple):
    """Rule ``id`` of section ``kind`` found at ``start`` (where its line begins) to ``end``; ``strong`` cues need no second."""

    start: int
    end: int
    kind: str
    id: str
    strong: bool


@dataclass(frozen=True, slots=True)
class Cues:
    """All cues of one text: ``heads`` by the position where their line starts, ``inline`` and ``sentences`` in order.

    Before ``cautious_until`` two different cues of caution, one of them strong, are still to come: the safe-harbor
    statement.
    """

    heads: dict[int, Cue]
    inline: tuple[Cue, ...]
    sentences: tuple[Cue, ...]
    cautious_until: int
    _starts: tuple[int, ...]
    _inline_starts: tuple[int, ...]

    def inside(self, start: int, end: int) -> tuple[Cue, ...]:
        """The headings inside run-on paragraphs that begin in ``[start, end)``."""
        return self.inline[bisect_left(self._inline_starts, start) : bisect_left(self._inline_starts, end)]

    def within(self, start: int, end: int) -> tuple[Cue, ...]:
        """The sentence cues that begin in ``[start, end)``."""
        return self.sentences[bisect_left(self._starts, start) : bisect_left(self._starts, end)]


def _cue(rule: Rule, start: int, end: int) -> Cue:
    kind = "tail" if rule.label == "furniture.tail" else rule.label.partition(".")[0]
    return Cue(start, end, kind, rule.id, rule.note != "weak")


def find_cues(text: str, blocks: Sequence[Block]) -> Cues:
    """All cues of a text; in run-on paragraphs headings are also looked for inside lines."""
    inline: list[Cue] = []
    for block in blocks:
        start, end = block.start, block.end
        if end - start > _STREWN and not is_row(text, block) and is_run_on(text, start, end):
            inline += [_cue(*found) for found in program("inline").find(text[start:end], start)]
    glued = [_cue(*found) for found in program("glued").find(text)]
    if glued:
        inline = _outside(inline, [cue.start for cue in glued]) + glued
    inline += _repeated_names(text, {cue.start for cue in inline})
    inline = sorted((c for c in inline if not _refers(text, c)), key=lambda cue: cue.start)
    sentences = tuple(_cue(*found) for found in program("sentence").find(text))
    return Cues(
        _heads(text, blocks),
        tuple(inline),
        sentences,
        _cautious_until(sentences),
        tuple(c.start for c in sentences),
        tuple(c.start for c in inline),
    )


def _cautious_until(sentences: Sequence[Cue]) -> int:
    """Up to where two different cues of caution, one of them strong, are still to come."""
    last: dict[str, int] = {}
    strong = -1
    for cue in sentences:
        if cue.kind == "safe_harbor":
            last[cue.id] = cue.start
            if cue.strong:
                strong = cue.start
    return min(strong, sorted(last.values())[-2]) + 1 if len(last) > 1 else -1


def _heads(text: str, blocks: Sequence[Block]) -> dict[int, Cue]:
    """The cues at the start of lines, by where the line starts; not of the rows within a table, save at the text's top."""
    heads: dict[int, Cue] = {}
    starts: list[int] = []
    openings: list[str] = []
    in_table = False
    for index, block in enumerate(blocks):
        row = block.kind == "row" and block.end - block.start < _ROW
        if row and in_table and index > _TOP:
            continue
        in_table = row
        position = block.start
        for line in text[position : block.end].split("\n"):
            if line:
                starts.append(position)
                openings.append(line[:_REACH])
            position += len(line) + 1
    head = program("head")
    for number in program("trigger").lines(openings):
        start = starts[number]
        data = encoded(text[start : start + _WINDOW])
        if found := head.match(data):
            end = found.end()
            rule, _ = head.rule_at(data, 0, end)
            heads[start] = _cue(rule, start, start + length_of(data[:end]))
    return heads


def _outside(cues: list[Cue], starts: list[int]) -> list[Cue]:
    """The cues within which none of the ``starts`` lies."""
    return [c for c in cues if bisect_left(starts, c.start) == bisect_left(starts, c.end)]


def _repeated_names(text: str, taken: set[int]) -> list[Cue]:
    """Abouts inside a paragraph that go straight on with the same name ("… About Norvela Norvela is …")."""
    found = []
    position = text.find(" About ")
    while position >= 0:
        if position + 1 not in taken and _REPEATED.match(text, position + 1):
            found.append(Cue(position + 1, position + 6, "about", "about-repeated", True))
        position = text.find(" About ", position + 6)
    return found


def _refers(text: str, cue: Cue) -> bool:
    """Whether an About is only pointed to (see the "About Norvela" section below)."""
    return (
        cue.kind == "about"
        and text[cue.start - 1 : cue.start] in ("“", '"')
        and bool(_POINTED_TO.match(text, cue.end, cue.end + 90))
    )


def is_row(text: str, block: Block) -> bool:
    """Whether a block is a row of data: prose in one wide cell (laid out by tabs or a one-cell table) is not."""
    length = block.end - block.start
    return block.kind == "row" and (
        length < 300 or length < 150 * (text.count("\t", block.start, block.end) + 1)
    )


def is_run_on(text: str, start: int, end: int) -> bool:
    """Whether a paragraph has lost its breaks: very long, or strewn with the mark-up of a web page."""
    return end - start > _RUN_ON or (
        end - start > _STREWN and (text.find("**", start, end) >= 0 or text.find("* *", start, end) >= 0)
    )


def opening_cue(line: str) -> str | None:
    """The id of the furniture cue that a line above the lead begins with (labels, release times, addresses), if any."""
    if not program("opening-trigger").search(encoded(line[:_REACH])):
        return None
    data = encoded(line[:_WINDOW])
    found = program("opening").match(data)
    return program("opening").rule_at(data, 0, found.end())[0].id if found else None


def closes_as_profile(paragraph: str) -> bool:
    """Whether a paragraph ends as a company profile does: it says where to read more, or where the company is."""
    return bool(program("closes").search(encoded(paragraph[-600:])))


def opens_as_profile(paragraph: str) -> bool:
    """Whether a paragraph opens as a company profile does ("X is a …", "X, based in …", "X offers …")."""
    return _opens(paragraph[:220])


@lru_cache(maxsize=64)  # several questions about one paragraph ask this
def _opens(head: str) -> bool:
    if program("opens-with").match(encoded(head)):
        return True
    said = head.split("\n", 1)[0]
    data = encoded(said)
    found = program("opens").search(data)
    if found is None:
        return False
    start = length_of(data[: found.start()])
    bracketed = _BRACKETED.search(said, 0, start)
    return 2 <= start <= _NAMED or (bracketed is not None and 2 <= bracketed.start() <= _NAMED)
