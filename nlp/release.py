"""Find headline, dateline, lead, body, about, safe-harbor statement, contact and tables of a release."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from nlp.errors import Notice
from nlp.exhibit import Block, ExhibitText, read_exhibit
from nlp.text import Span, sentence_spans

__all__ = ["Dateline", "Release", "Section", "SectionKind", "read_release"]

SectionKind = Literal[
    "furniture", "headline", "subheadline", "dateline", "lead", "body", "quotation", "about", "safe_harbor", "contact", "table", "end_mark"
]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the release: half-open characters of its text."""

    kind: SectionKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Dateline:
    """The dateline's fields; ``date`` is ISO, each may be ``None``."""

    start: int
    end: int
    city: str | None = None
    date: str | None = None
    wire: str | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """A sectioned release. ``sections`` are ordered, disjoint and together cover the whole text."""

    text: str
    blocks: tuple[Block, ...]
    sections: tuple[Section, ...]
    dateline: Dateline | None = None
    notices: tuple[Notice, ...] = ()

    @property
    def headline(self) -> str:
        """The headline on one line, or the empty string."""
        return " ".join(" ".join(self.text[s.start : s.end] for s in self.sections if s.kind == "headline").split())

    def spans(self, *kinds: SectionKind) -> tuple[Span, ...]:
        """Spans of the sections of these kinds, in order."""
        return tuple(Span(s.start, s.end) for s in self.sections if s.kind in kinds)

    def sentences(self, *kinds: SectionKind) -> tuple[Span, ...]:
        """Sentences of the sections of these kinds, in order."""
        return tuple(span for s in self.spans(*kinds) for span in sentence_spans(self.text, s.start, s.end))


_CUES: tuple[tuple[SectionKind, str], ...] = (
    ("safe_harbor", r"(?i)(forward[- ]looking statements?|safe harbor|cautionary (note|statement))"),
    ("contact", r"(?i)^((investor|media|company|press)[ a-z&/]* )?contacts?\b|^for (more|further) information"),
    ("about", r"^About [A-Z]"),
)


def read_release(source: bytes | str | ExhibitText) -> Release:
    """Section an exhibit (or its text). First version; the thin path only."""
    exhibit = source if isinstance(source, ExhibitText) else read_exhibit(source)
    sections: list[Section] = []
    state: SectionKind = "furniture"
    for block in exhibit.blocks:
        text = exhibit.text[block.start : block.end]
        kind: SectionKind | None = None
        for cue, pattern in _CUES:
            if state not in ("furniture",) and len(text) < 200 and re.search(pattern, text):
                kind = cue
        if kind is None:
            if state == "furniture":
                short = len(text) < 25 or re.match(r"(?i)exhibit|for immediate|contact", text)
                kind = "furniture" if short else "headline"
            elif state == "headline":
                kind = "lead"
            elif state == "lead":
                kind = "body"
            else:
                kind = state
        state = kind
        if sections and sections[-1].kind == kind:
            sections[-1] = Section(kind, sections[-1].start, block.end)
        else:
            sections.append(Section(kind, block.start, block.end))
    bounds = [s.start for s in sections[1:]] + [len(exhibit.text)]
    covered = tuple(Section(s.kind, 0 if i == 0 else s.start, end) for i, (s, end) in enumerate(zip(sections, bounds, strict=True)))
    return Release(exhibit.text, exhibit.blocks, covered, None, exhibit.notices)
