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
from functools import cache, lru_cache
from operator import itemgetter
from typing import NamedTuple

from nlp.exhibit import Block
from nlp.release.programs import encoded, length_of, program
from nlp.rulebook import default_rulebook

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

_start = itemgetter(0)
_REPEATED = re.compile(
    r"About (?:([\w-]{3,30}) \1\b|((?=\w{0,30}[A-Z])[\w-]{3,30})[®™]?(?:,? [\w.&-]{2,30}?[,®™]{0,2}){0,5}?(?: |(?<=[a-z.®™)]))\2\b)"
)
_POINTED_TO = re.compile(r"[^\n.“\"”]{0,80}[”\"] ?[a-z]")
# one of them stands in whatever the rules of a profile's end match
_POINTERS = (
    "www.",
    "http",
    ".com",
    "site",
    "linkedin",
    "twitter",
    "internet",
    "headquartered",
    "listed on",
    "traded on",
)
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
    statement. ``last_about``: where the last heading of a profile stands, or -1; ``marks``: the quotation marks that the text
    holds. A text can hold thousands of releases, so what is known of all of it is told here, once.
    """

    heads: dict[int, Cue]
    inline: tuple[Cue, ...]
    sentences: tuple[Cue, ...]
    cautious_until: int
    last_about: int
    marks: tuple[str, ...]
    _starts: tuple[int, ...]
    _inline_starts: tuple[int, ...]

    def inside(self, start: int, end: int) -> tuple[Cue, ...]:
        """The headings inside run-on paragraphs that begin in ``[start, end)``."""
        if not self.inline:
            return ()
        return self.inline[bisect_left(self._inline_starts, start) : bisect_left(self._inline_starts, end)]

    def within(self, start: int, end: int) -> tuple[Cue, ...]:
        """The sentence cues that begin in ``[start, end)``."""
        starts = self._starts
        first = bisect_left(starts, start)
        if first == len(starts) or starts[first] >= end:
            return ()
        return self.sentences[first : bisect_left(starts, end, first)]


@cache
def _facts() -> dict[str, tuple[str, str, bool]]:
    """Kind, id and strength of each rule, by its id."""
    kinds = {"furniture.tail": "tail"}
    return {
        rule.id: (kinds.get(rule.label, rule.label.partition(".")[0]), rule.id, rule.note != "weak")
        for rule in default_rulebook().rules("sections")
    }


def _found(place: str, text: str, offset: int = 0) -> list[Cue]:
    """The cues of a place in a text."""
    found = program(place).find(text, offset)
    if not found:
        return []
    facts = _facts()
    return [Cue(start, end, *facts[rule.id]) for rule, start, end in found]


def find_cues(text: str, blocks: Sequence[Block]) -> Cues:
    """All cues of a text; in run-on paragraphs headings are also looked for inside lines."""
    inline: list[Cue] = []
    least = _STREWN if "**" in text or "* *" in text else _RUN_ON
    for block in blocks:
        start, end = block.start, block.end
        if end - start > least and not is_row(text, block) and is_run_on(text, start, end):
            inline += _found("inline", text[start:end], start)
    glued = _found("glued", text)
    if glued:
        inline = _outside(inline, [cue.start for cue in glued]) + glued
    inline += _repeated_names(text, inline)
    if inline:
        inline = sorted([c for c in inline if not _refers(text, c)], key=_start)
    sentences = tuple(_found("sentence", text))
    heads = _heads(text, blocks)
    return Cues(
        heads,
        tuple(inline),
        sentences,
        _cautious_until(sentences),
        max([start for start, cue in heads.items() if cue.kind == "about"], default=-1),
        _marks(text),
        tuple([c.start for c in sentences]),
        tuple([c.start for c in inline]),
    )


def _marks(text: str) -> tuple[str, ...]:
    """The quotation marks that a text holds."""
    marks = [mark for mark in ('"', "&") if mark in text]
    if "&" in marks:
        marks[marks.index("&") :] = ["&quot;"] if "&quot;" in text else []
    if not text.isascii():
        marks += [mark for mark in "“”»„«" if mark in text]
    return tuple(marks)


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
        start, end = block.start, block.end
        row = block.kind == "row" and end - start < _ROW
        if row and in_table and index > _TOP:
            continue
        in_table = row
        position = text.find("\n", start, end)
        while position >= 0:
            if position > start:
                starts.append(start)
                openings.append(text[start : position if position - start < _REACH else start + _REACH])
            start = position + 1
            position = text.find("\n", start, end)
        if end > start:
            starts.append(start)
            openings.append(text[start : end if end - start < _REACH else start + _REACH])
    head = program("head")
    facts = _facts()
    for number in program("trigger").lines(openings):
        start = starts[number]
        data = encoded(text[start : start + _WINDOW])
        end = head.opening(data)
        if end >= 0:
            heads[start] = Cue(start, start + length_of(data[:end]), *facts[head.rule_at(data, 0, end)[0].id])
    return heads


def _outside(cues: list[Cue], starts: list[int]) -> list[Cue]:
    """The cues within which none of the ``starts`` lies."""
    return [c for c in cues if bisect_left(starts, c.start) == bisect_left(starts, c.end)]


def _repeated_names(text: str, known: Sequence[Cue]) -> list[Cue]:
    """Abouts inside a paragraph that go straight on with the same name ("… About Norvela Norvela is …")."""
    found: list[Cue] = []
    position = text.find(" About ")
    if position < 0:
        return found
    taken = {cue.start for cue in known}
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
    if program("opening-trigger").span(encoded(line[:_REACH]))[0] < 0:
        return None
    data = encoded(line[:_WINDOW])
    end = program("opening").opening(data)
    return program("opening").rule_at(data, 0, end)[0].id if end >= 0 else None


def closes_as_profile(paragraph: str) -> bool:
    """Whether what ends a paragraph ends a company's profile: it says where to read more, or where the company is."""
    low = paragraph.lower()
    for word in _POINTERS:
        if word in low:
            return program("closes").span(encoded(paragraph))[0] >= 0
    return False


def opens_as_profile(paragraph: str) -> bool:
    """Whether a paragraph opens as a company profile does ("X is a …", "X, based in …", "X offers …")."""
    return _opens(paragraph[:220])


@lru_cache(maxsize=64)  # several questions about one paragraph ask this
def _opens(head: str) -> bool:
    if head.startswith(("With ", "WITH ", "with ")) and program("opens-with").opening(encoded(head)) >= 0:
        return True
    said = head.split("\n", 1)[0]
    data = encoded(said)
    first = program("opens").span(data)[0]
    if first < 0:
        return False
    start = length_of(data[:first])
    bracketed = _BRACKETED.search(said, 0, start)
    return 2 <= start <= _NAMED or (bracketed is not None and 2 <= bracketed.start() <= _NAMED)
