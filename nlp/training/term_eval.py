"""Measure terms against labelled sentences: precision and recall a family.

Labels (``data/labels/terms.jsonl``) hold no text: ``{"id", "sentence", "start", "end", "family", "part",
"values"}``, where ``sentence`` is the SHA-256 of the sentence with runs of white space as one blank,
``start`` and ``end`` its characters in the release's text (title, a blank line, body, as read), ``part`` is the
batch it was labelled in (each batch was labelled before the rules had been run on it, and served to better
them afterwards), and ``values`` maps a kind to the values the sentence states, in the normal form of
``Term.value``. The releases are read and searched whole, as they are served; a term counts for the sentence
that its mention stands in, whichever section that is.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp.entities import Term
from nlp.entities.terms import TermFinder
from nlp.errors import InputError
from nlp.release import Release, read_release
from nlp.rulebook import default_rulebook
from nlp.text import Span, sentence_spans
from nlp.training.corpus import read_lines
from nlp.training.entity_eval import Tally, tally

__all__ = [
    "TermLabel",
    "compare",
    "evaluate_terms",
    "locate_sentence",
    "read_term_labels",
    "sentence_digest",
]

_FIELDS = {"id", "sentence", "start", "end", "family", "part", "values"}


@dataclass(frozen=True, slots=True)
class TermLabel:
    """What one sentence states of one family; ``values`` are pairs of kind and value, none where it states nothing."""

    release: str
    sentence: str
    start: int
    end: int
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
        if set(entry) != _FIELDS:
            raise InputError(f"{path}, line {number}: needs exactly {', '.join(sorted(_FIELDS))}")
        values = frozenset((kind, value) for kind, found in entry["values"].items() for value in found)
        labels.append(
            TermLabel(
                entry["id"],
                entry["sentence"],
                entry["start"],
                entry["end"],
                entry["family"],
                entry["part"],
                values,
            )
        )
    return tuple(labels)


def locate_sentence(label: TermLabel, release: Release) -> Span:
    """Where the labelled sentence stands: at its place, or elsewhere in the text if reading has changed.

    Raises ``InputError`` where it is not to be found.
    """
    if sentence_digest(release.text[label.start : label.end]) == label.sentence:
        return Span(label.start, label.end)
    for section in release.sections:
        for span in sentence_spans(release.text, section.start, section.end):
            if sentence_digest(span.of(release.text)) == label.sentence:
                return span
    raise InputError(f"release {label.release} has no sentence {label.sentence[:12]} any more")


def compare(
    labels: Iterable[TermLabel], releases: Mapping[str, Release], finder: TermFinder
) -> dict[str, Tally]:
    """Hits, false hits and misses a family. Raises ``InputError`` for a label whose sentence is not found."""
    found: dict[str, tuple[Term, ...]] = {}
    pairs: dict[str, list[tuple[dict[str, str], dict[str, str]]]] = {}
    for label in labels:
        if label.release not in releases:
            raise InputError(f"no text for the labelled release {label.release}")
        release = releases[label.release]
        if label.release not in found:
            found[label.release] = finder.find(release)
        span = locate_sentence(label, release)
        wanted = {f"{kind}={_loose(value)}": kind for kind, value in label.values}
        hits = {
            f"{t.kind}={_loose(t.value)}": t.kind
            for t in found[label.release]
            if t.family == label.family and any(span.start <= m.start < span.end for m in t.mentions)
        }
        pairs.setdefault(label.family, []).append((wanted, hits))
    return {family: tally(some) for family, some in pairs.items()}


def evaluate_terms(texts: Path, labels: Path, *, part: str | None = None) -> dict[str, Any]:
    """Precision, recall and F1 of terms, for each family and each batch of labels (one batch: ``part``).

    Plain data: ``families`` over all batches with their kinds and commonest errors, ``parts`` with one row a
    family. A batch is blind only against rules older than its labels. Raises ``InputError``.
    """
    known = read_term_labels(labels / "terms.jsonl" if labels.is_dir() else labels)
    chosen = [label for label in known if part in (None, label.part)]
    if not chosen:
        raise InputError(f"{labels}: no labelled sentences (part {part})")
    wanted = {label.release for label in chosen}
    file = texts / "releases.jsonl" if texts.is_dir() else texts
    releases = {
        entry["id"]: read_release(f"{entry['title']}\n\n{entry['text']}".strip())
        for _, entry in read_lines(file)
        if entry["id"] in wanted
    }
    finder = TermFinder(default_rulebook())
    count = Counter(label.family for label in chosen)
    families = {
        family: {"sentences": count[family], **found.summary()}
        for family, found in compare(chosen, releases, finder).items()
    }
    parts: dict[str, dict[str, Any]] = {}
    for name in sorted({label.part for label in chosen}):
        batch = [label for label in chosen if label.part == name]
        sentences = Counter(label.family for label in batch)
        parts[name] = {
            family: {
                "sentences": sentences[family],
                **{
                    key: found.summary()[key]
                    for key in ("precision", "recall", "f1", "wanted", "found", "right")
                },
            }
            for family, found in compare(batch, releases, finder).items()
        }
    return {"families": families, "parts": parts}


def _loose(value: str) -> str:
    """Words without case, articles and the full stop of an abbreviation."""
    return value.casefold().removeprefix("the ").rstrip(".").replace("’", "'")
