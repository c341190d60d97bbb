"""Measure terms against labelled sentences: precision and recall a family.

Labels (``data/labels/terms.jsonl``) hold no text: ``{"id", "sentence", "family", "part", "values"}``, where
``sentence`` is the SHA-256 of the sentence with runs of white space as one blank, ``part`` is the batch it
was labelled in (each batch was labelled before the rules had been run on it, and served to better them
afterwards), and ``values`` maps a kind to the values the sentence states, in the normal form of
``Term.value``. The releases are read and searched whole, as they are served; a term counts for the sentence
that its mention stands in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nlp.entities import Term
from nlp.entities.terms import TermFinder
from nlp.errors import InputError
from nlp.release import Release
from nlp.release.types import SectionKind
from nlp.training.corpus import read_lines
from nlp.training.entity_eval import Tally, tally

__all__ = ["TermLabel", "compare", "read_term_labels", "sentence_digest", "terms_by_sentence"]

_SECTIONS: tuple[SectionKind, ...] = ("headline", "subheadline", "lead", "body", "quotation", "notes")


@dataclass(frozen=True, slots=True)
class TermLabel:
    """What one sentence states of one family; ``values`` are pairs of kind and value, none where it states nothing."""

    release: str
    sentence: str
    family: str
    part: str
    values: frozenset[tuple[str, str]]


def sentence_digest(sentence: str) -> str:
    """SHA-256 of the sentence, white space made one blank.

    >>> sentence_digest("Acme  raised\\n$5 million.") == sentence_digest("Acme raised $5 million.")
    True
    """
    return hashlib.sha256(" ".join(sentence.split()).encode()).hexdigest()


def read_term_labels(path: Path) -> tuple[TermLabel, ...]:
    """Labels of ``data/labels/terms.jsonl``. Raises ``InputError`` where a line has other fields."""
    labels = []
    for number, entry in read_lines(path):
        if set(entry) != {"id", "sentence", "family", "part", "values"}:
            raise InputError(f"{path}, line {number}: needs exactly id, sentence, family, part and values")
        values = frozenset((kind, value) for kind, found in entry["values"].items() for value in found)
        labels.append(TermLabel(entry["id"], entry["sentence"], entry["family"], entry["part"], values))
    return tuple(labels)


def terms_by_sentence(finder: TermFinder, release: Release) -> Iterator[tuple[str, tuple[Term, ...]]]:
    """Digest of each sentence and the terms, of all families, whose mentions begin in it."""
    terms = finder.find(release)
    for span in release.sentences(*_SECTIONS):
        inside = (t for t in terms if any(span.start <= m.start < span.end for m in t.mentions))
        yield sentence_digest(span.of(release.text)), tuple(inside)


def compare(
    labels: Iterable[TermLabel], releases: Mapping[str, Release], finder: TermFinder
) -> dict[str, Tally]:
    """Hits, false hits and misses a family. Raises ``InputError`` for a label whose sentence is not found."""
    found: dict[str, dict[str, tuple[Term, ...]]] = {}
    pairs: dict[str, list[tuple[dict[str, str], dict[str, str]]]] = {}
    for label in labels:
        if label.release not in found:
            if label.release not in releases:
                raise InputError(f"no text for the labelled release {label.release}")
            found[label.release] = dict(terms_by_sentence(finder, releases[label.release]))
        if label.sentence not in found[label.release]:
            raise InputError(f"release {label.release} has no sentence {label.sentence[:12]} any more")
        terms = found[label.release][label.sentence]
        wanted = {f"{kind}={_loose(value)}": kind for kind, value in label.values}
        hits = {f"{t.kind}={_loose(t.value)}": t.kind for t in terms if t.family == label.family}
        pairs.setdefault(label.family, []).append((wanted, hits))
    return {family: tally(some) for family, some in pairs.items()}


def _loose(value: str) -> str:
    """Words without case, articles and the full stop of an abbreviation."""
    return value.casefold().removeprefix("the ").rstrip(".").replace("’", "'")
