"""Measure the whole path on real filings: bytes of submissions in, records out, against labels made by reading.

Labels (``data/labels/edgar.jsonl``) hold no text. One line for every EX-99 document of the filings: ``{"id",
"accession", "sequence", "sha256", "is_release"}``, where ``sha256`` is of the exhibit's body bytes; a press
release has ``events, primary, subtypes, counterparties, drugs, company, biopharma, labelled_chars`` as well.
Events and counterparties were read from headline and lead (the first ``labelled_chars`` characters), drugs
from the whole text. A release that is not found counts as missing all that it states, and what is said of an
exhibit that is no release counts as false.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp.classification import Classification
from nlp.classifier import Classifier
from nlp.containers import walk
from nlp.entities.names import NameLexicon
from nlp.errors import Ex99Error, InputError
from nlp.rulebook import default_rulebook
from nlp.selection import is_ex99
from nlp.submission import looks_like_submission, read_submissions
from nlp.training.corpus import read_lines
from nlp.training.entity_eval import (
    EntityLabel,
    Tally,
    compare_counterparties,
    drug_names,
    kind_of_name,
    normal_name,
    tally,
)

__all__ = ["FilingLabel", "evaluate_filings", "read_filing_labels"]

_WORST = 60  # errors listed


@dataclass(frozen=True, slots=True)
class FilingLabel:
    """One labelled EX-99 document; only ``id`` and ``sha256`` mean something where ``is_release`` is false."""

    id: str
    sha256: str
    is_release: bool
    biopharma: bool = False
    limit: int = 0
    events: tuple[str, ...] = ()
    counterparties: tuple[tuple[str, str], ...] = ()
    drugs: tuple[str, ...] = ()


def read_filing_labels(path: Path) -> tuple[FilingLabel, ...]:
    """Labels of ``data/labels/edgar.jsonl`` (or of the folder that holds it). Raises ``InputError``."""
    path = path / "edgar.jsonl" if path.is_dir() else path
    labels = []
    for number, entry in read_lines(path):
        try:
            labels.append(_label(entry))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{path}, line {number}: not a label of an exhibit ({error!r})") from error
    return tuple(labels)


def _label(entry: Mapping[str, Any]) -> FilingLabel:
    if not entry["is_release"]:
        return FilingLabel(entry["id"], entry["sha256"], False)
    return FilingLabel(
        entry["id"],
        entry["sha256"],
        True,
        bool(entry["biopharma"]),
        int(entry["labelled_chars"]),
        tuple(entry["events"]),
        tuple((c["name"], c["role"]) for c in entry["counterparties"]),
        tuple(entry["drugs"]),
    )


def evaluate_filings(folder: Path, labels: Path, *, classifier: Classifier | None = None) -> dict[str, Any]:
    """Score every filing under ``folder`` and compare its records with the labels.

    The result is plain data: ``files`` and ``failed``; ``releases`` (press releases among the EX-99 documents),
    ``events`` (tags; kinds are event types), ``exact_events`` (releases whose set of events is right),
    ``counterparties`` (``name``, ``overlap``, ``name_role``), ``drugs``, and ``errors``: one line for each
    wrong release, as ``[id, what, wanted, found]``. Raises ``InputError`` for a labelled exhibit that is in
    none of the files.
    """
    classifier = classifier or Classifier()
    wanted = {label.sha256: label for label in read_filing_labels(labels)}
    found: dict[str, Classification] = {}
    present: set[str] = set()
    files = failed = 0
    for source in walk(folder):
        files += 1
        try:
            raw = source.read()
            present |= set(_exhibits(raw))
            results = classifier.score_bytes(raw, path=source.label)
        except Ex99Error:
            failed += 1
            continue
        for result in results:
            failed += result.status == "failed"
            if result.status in ("ok", "review"):
                found[_digest(raw[result.source.start : result.source.end])] = result
    if gone := [label.id for sha, label in wanted.items() if sha not in present]:
        raise InputError(f"{folder}: {len(gone)} labelled exhibits are in no file, such as {gone[0]}")
    unlabelled = sum(sha not in wanted for sha in found)
    return {"files": files, "failed": failed, "unlabelled": unlabelled, **_compare(wanted, found)}


def _exhibits(raw: bytes) -> Iterator[str]:
    """Digests of the EX-99 bodies of a file, or of a bare exhibit."""
    if not looks_like_submission(raw):
        yield _digest(raw)
        return
    for submission in read_submissions(raw):
        for document in submission.documents:
            if is_ex99(document.type):
                yield _digest(submission.body(document))


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _compare(wanted: Mapping[str, FilingLabel], found: Mapping[str, Classification]) -> dict[str, Any]:
    lexicon = NameLexicon(default_rulebook())
    names, roles, overlap = Tally(), Tally(), Tally()
    releases, tags, drugs = [], [], []
    errors: list[list[Any]] = []
    exact = 0
    for sha, label in wanted.items():
        result = found.get(sha)
        events = result.accepted_events if result else ()
        parties = [
            c
            for c in (result.counterparties if result else ())
            if not label.is_release or (c.mentions and c.mentions[0].start < label.limit)
        ]
        named = drug_names(result.drugs) if result else {}
        goods = {normal_name(name): kind_of_name(name) for name in label.drugs}
        releases.append((_keys(["release"] * label.is_release), _keys(["release"] * (result is not None))))
        tags.append((_keys(label.events), _keys(events)))
        drugs.append((goods, named))
        document = EntityLabel(
            label.id,
            result.text if result else "",
            label.limit,
            "filings",
            "",
            label.events,
            None,
            label.counterparties,
            label.drugs,
        )
        before = sum(roles.counts()[1:])
        compare_counterparties(document, parties, lexicon, names, roles, overlap)
        exact += label.is_release and set(events) == set(label.events)
        if label.is_release != (result is not None):
            errors.append([label.id, "release", label.is_release, result is not None])
        if set(events) != set(label.events):
            errors.append([label.id, "events", sorted(label.events), sorted(events)])
        if sum(roles.counts()[1:]) != before:
            pairs = [[c.canonical, c.role] for c in parties]
            errors.append([label.id, "counterparties", [list(pair) for pair in label.counterparties], pairs])
        if set(goods) != set(named):
            errors.append([label.id, "drugs", sorted(goods), sorted(named)])
    count = sum(label.is_release for label in wanted.values())
    return {
        "releases": tally(releases).summary(),
        "events": tally(tags).summary(),
        "exact_events": {
            "right": exact,
            "releases": count,
            "share": round(exact / count, 4) if count else 0.0,
        },
        "counterparties": {
            "name": names.summary(),
            "overlap": overlap.summary(),
            "name_role": roles.summary(),
        },
        "drugs": tally(drugs).summary(),
        "errors": errors[:_WORST],
    }


def _keys(names: Iterable[str]) -> dict[str, str]:
    return {name: name for name in names}
