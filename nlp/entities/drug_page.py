"""One release under search: its words, where they stand, and the names that were accepted so far.

The text is cut into words once; everything that follows looks words up instead of scanning the text again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property

from nlp.entities.aliases import Found
from nlp.entities.drug_context import Context
from nlp.entities.drug_names import RAISED, WORD, DrugNames, extend_inn, fold
from nlp.entities.drug_words import cut_words
from nlp.release import Release, SectionKind
from nlp.text import Span

__all__ = ["Page"]

_READ: tuple[SectionKind, ...] = (
    "headline",
    "subheadline",
    "dateline",
    "lead",
    "body",
    "quotation",
    "about",
    "table",
    "notes",
)

_GUESSES = (
    "drug-stem",
    "drug-in-context",
    "intro-",
)  # rules that know a name by its looks or its sentence only
_SHORT, _LONG = 40, 120  # distinct words


class Page:
    """What is read of a release. ``taken`` maps starts of accepted names to what was found there."""

    def __init__(
        self, release: Release, names: DrugNames, context: Context, issuer: frozenset[str] = frozenset()
    ) -> None:
        self.text = release.text
        self.dateline = release.dateline
        self.spans = _merged(release.spans(*_READ))
        self.issuer = issuer
        self.names = names
        self.context = context
        self.taken: dict[int, Found] = {}
        self._cut = cut_words(self.text, self.spans)
        self.words = frozenset(self._cut.words)  # the distinct ones
        self._starts: dict[str, list[int]] = {}

    @cached_property
    def biomedical(self) -> bool:
        """Whether the release is about medicine at all; in others only names of the lists are taken.

        A sentence or two are taken as they come; a headline with a lead needs one word of the field, a longer text two: of 78 exhibits of other
        industries hardly one holds two, and part numbers (``PIX-4763``) are shaped like codes.
        """
        wanted = 2 if len(self.words) > _LONG else len(self.words) > _SHORT
        return bool(self.taken) or len(self.words & self.names.biomedical) >= wanted

    def numbers(self) -> list[int]:
        """Where numbers start that may belong to the word before them (``CLR 131``)."""
        return self._cut.numbers()

    def places(self, skipped: Collection[str]) -> dict[str, list[int]]:
        """Where each word stands that isn't among those ``skipped``; words in the order of the text."""
        words = self._cut.words
        wanted = self.words.difference(skipped)  # few: asked of each distinct word once
        places = [i for i, word in enumerate(words) if word in wanted]
        found: dict[str, list[int]] = {}
        for i, start in zip(places, self._cut.starts[places].tolist(), strict=True):
            found.setdefault(words[i], []).append(start)
        self._starts.update(found)
        return found

    def occurrences(self, word: str) -> Iterator[int]:
        """Where ``word`` stands by itself: no letter, digit or hyphened part beside it."""
        if word in self._starts or WORD.fullmatch(word):
            if word not in self.words:
                return
            if word not in self._starts:
                self.places(())  # once: the cost must not grow with the number of names
            yield from self._starts[word]
            return
        text = self.text
        for span in self.spans:
            at = text.find(word, span.start, span.end)
            while at >= 0:
                end = at + len(word)
                if not _joined(text, at - 1, -1) and not _joined(text, end, 1):
                    yield at
                at = text.find(word, end, span.end)

    def take(self, word: str, like: Found, within: str | None = None) -> None:
        """Accept every occurrence of ``word`` (or of ``word`` inside ``within``), second words and suffixes with it."""
        offset = within.index(word) if within else 0
        starts = [at + offset for at in self.occurrences(within or word)]
        if like.rule.startswith(_GUESSES) and any(
            self.context.is_company(self.text, start, start + len(word))
            or self.context.is_listed(self.text, start + len(word))
            for start in starts
        ):
            return  # a company's name, wherever it stands
        for start in starts:
            end = start + len(word)
            if like.kind == "inn":
                end = extend_inn(self.text, end)
            if not self.context.is_company(self.text, start, end) and not self.doubted(start, end):
                self.taken.setdefault(start, Found(start, end, like.kind, like.rule, like.generic))

    def doubted(self, start: int, end: int) -> bool:
        """True where only the kin of the drug is meant, and for a hormone, nutrient or simple chemical that the sentence does not treat as a drug."""
        if self.context.is_kin(self.text, start, end):
            return True
        if fold(self.text[start:end]) not in self.names.doubtful:
            return False
        return self.context.code_support(self.text, start, end) < 1

    def announced(self, word: str) -> bool:
        """True when the word wears a mark, or is followed by a name in parentheses, somewhere in the text."""
        return any(
            self.text.startswith(("®", "™", "(R)", " ("), at + len(word)) for at in self.occurrences(word)
        )

    def in_dateline(self, start: int) -> bool:
        """True for a place inside the dateline."""
        return self.dateline is not None and self.dateline.start <= start < self.dateline.end

    def found(self) -> list[Found]:
        """What was accepted, without names inside longer names."""
        kept: list[Found] = []
        for item in sorted(self.taken.values(), key=lambda f: (f.start, -f.end)):
            if not kept or item.start >= kept[-1].end:
                kept.append(item)
        return kept


def _joined(text: str, at: int, step: int) -> bool:
    """True where the character at ``at`` ties a word to its neighbour: a letter, or a hyphen with a letter behind it."""
    if not 0 <= at < len(text):
        return False
    char = text[at]
    if (char.isalnum() and char not in RAISED) or char == "_":
        return True
    beyond = at + step
    return char in "-‐‑" and 0 <= beyond < len(text) and text[beyond].isalnum()


def _merged(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for span in spans:
        if merged and merged[-1].end == span.start:
            merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    return tuple(merged)
