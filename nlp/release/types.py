"""What sectioning hands on: sections, the dateline's fields, and the sectioned release."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from nlp.errors import Notice
from nlp.exhibit import Block
from nlp.text import Span, cut_sentences

__all__ = ["Dateline", "Release", "Section", "SectionKind"]

SectionKind = Literal[
    "furniture",
    "headline",
    "subheadline",
    "dateline",
    "lead",
    "body",
    "quotation",
    "about",
    "safe_harbor",
    "contact",
    "notes",
    "table",
    "end_mark",
]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the release: half-open characters of its text.

    >>> from nlp.release import read_release
    >>> release = read_release("Acme Bio Doses First Patient\\n\\nOSLO, May 2, 2024 -- Acme Bio AS today dosed one patient.")
    >>> [(section.kind, release.text[section.start : section.end].strip()) for section in release.sections][:2]
    [('headline', 'Acme Bio Doses First Patient'), ('dateline', 'OSLO, May 2, 2024 --')]
    """

    kind: SectionKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Dateline:
    """The dateline's fields as written, but ``date`` is ISO; each may be ``None``.

    ``city`` and ``region`` belong to the first place when several are named. A date without its year stays
    ``None`` unless the text gives the same day with a year.

    >>> from nlp.release import read_release
    >>> text = "Acme Bio Doses First Patient\\n\\nOSLO, May 2, 2024 (GLOBE NEWSWIRE) -- Acme Bio AS dosed one patient."
    >>> dateline = read_release(text).dateline
    >>> dateline.city, dateline.date, dateline.wire
    ('OSLO', '2024-05-02', 'GLOBE NEWSWIRE')
    """

    start: int
    end: int
    city: str | None = None
    date: str | None = None
    wire: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """A sectioned release. ``sections`` are ordered, disjoint and together cover the whole text.

    >>> from nlp.release import read_release
    >>> release = read_release("Acme Bio Doses First Patient\\n\\nOSLO, May 2, 2024 -- Acme Bio AS dosed one patient. More will follow.")
    >>> release.headline, [span.of(release.text) for span in release.sentences("lead")]
    ('Acme Bio Doses First Patient', ['Acme Bio AS dosed one patient.', 'More will follow.'])
    """

    text: str
    blocks: tuple[Block, ...]
    sections: tuple[Section, ...]
    dateline: Dateline | None = None
    notices: tuple[Notice, ...] = ()
    # Model, subtypes and rules read the same sentences; they are cut once, as far as somebody asks.
    # With the spans, the place from which cutting goes on.
    _cut: dict[Section, tuple[tuple[Span, ...], int]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def headline(self) -> str:
        """The headline on one line, or the empty string; the first one when the text holds several releases."""
        parts = []
        for section in self.sections:
            if section.kind == "lead":
                break
            if section.kind == "headline":
                parts.append(self.text[section.start : section.end])
        return " ".join(" ".join(parts).split())

    def spans(self, *kinds: SectionKind) -> tuple[Span, ...]:
        """Spans of the sections of these kinds, in order."""
        return tuple(Span(s.start, s.end) for s in self.sections if s.kind in kinds)

    def sentences_of(self, section: Section) -> tuple[Span, ...]:
        """Sentences of one section, in order; cut once, however often they are asked for."""
        spans, place = self._cut.get(section) or ((), section.start)
        return spans if place == section.end else tuple(self.each_sentence(section))

    def each_sentence(self, section: Section) -> Iterator[Span]:
        """The same one by one: what nobody asks for is not cut."""
        spans, place = self._cut.get(section) or ((), section.start)
        yield from spans
        if place == section.end:
            return
        known = list(spans)
        try:
            for span, reached in cut_sentences(self.text, place, section.end):
                place = reached
                if span is not None:
                    known.append(span)
                    yield span
        finally:
            self._cut[section] = tuple(known), place

    def sentences(self, *kinds: SectionKind) -> tuple[Span, ...]:
        """Sentences of the sections of these kinds, in order."""
        return tuple([span for s in self.sections if s.kind in kinds for span in self.sentences_of(s)])
