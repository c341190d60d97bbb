"""Learn what makes an organisation a counterparty: a logistic regression over the features of candidates.

Reads the ``dev`` part of the labelled releases, and the examples that the project wrote about invented companies,
and writes the table the finder weighs candidates by (``nlp/resources/lexicons/counterparty_weights.tsv``)::

    python -m nlp.training.counterparty_fit TEXTS LABELS [--authored FOLDER] [--write]

Rules fit the releases that they were written on better than any other. So every document is read three times: with
all rules, and twice with a third of them left out at random, which teaches what speaks for a counterparty where no
rule was written for the wording.

Without ``--write`` it only prints the cross-validation, folds keeping companies apart; authored examples are
always on the learning side of it, never on the side that is measured. Examples are those of ``counterparties.jsonl`` and those
written from ``counterparty_frames.jsonl`` (``nlp.training.counterparty_examples``).
"""

from __future__ import annotations

import argparse
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from nlp.entities.counterparties import CounterpartyFinder
from nlp.entities.names import NameLexicon, canonical_name
from nlp.errors import InputError
from nlp.release import read_release
from nlp.rulebook import RESOURCES, default_rulebook
from nlp.training.corpus import read_lines
from nlp.training.counterparty_examples import read_frames, write_examples
from nlp.training.entity_eval import (
    EntityLabel,
    company_digest,
    name_key,
    read_entity_labels,
    same_place,
)

__all__ = [
    "Row",
    "cross_validate",
    "fit_weights",
    "muted_rules",
    "read_authored_labels",
    "read_rows",
    "write_framed_labels",
]

_PENALTY = (
    0.05  # inverse strength of the ridge penalty; 0.03 to 0.1 differ by less than 0.01 in cross-validation
)
_THRESHOLD = 0.35
_MUTED = ("a", "b")  # readings with rules left out, each with others
_MUTED_SHARE = 35  # per cent of the rules
_MUTED_WEIGHT = 0.5  # of a candidate in them
_RARE = 5  # a feature seen in fewer candidates is left out
_UNSEEN = 2.5  # weight of companies not read while the rules were written: only there are rules as good as they look
_DEALS, _QUIET = 700, 340  # examples written from frames
# Examples name counterparties far more often than releases do: a feature of their own takes that up, and is not written
_WRITTEN = "(written)"
_WRITTEN_SCALE = 3.0  # the penalty must not keep it from doing so
_SMALL = 0.02  # weights below it are not written
_FOLDS = 6
_TRIED = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)


@dataclass(frozen=True, slots=True)
class Row:
    """A candidate: ``wanted`` says that a label has just this name, ``labelled_role`` which role it has there."""

    features: frozenset[str]
    wanted: bool
    role: str
    labelled_role: str | None
    company: str
    muted: bool = False  # read with rules left out

    @property
    def written(self) -> bool:
        """Whether it stands in an example that the project wrote."""
        return self.company.startswith("authored ")

    @property
    def weight(self) -> float:
        """Its weight in training."""
        read = self.written or company_digest(self.company) % 2 == 0
        return (1.0 if read else _UNSEEN) * (_MUTED_WEIGHT if self.muted else 1.0)


def muted_rules(seed: str) -> frozenset[str]:
    """Ids of the rules that are left out under ``seed``."""
    ids = [rule.id for rule in default_rulebook().rules("counterparties")]
    return frozenset(i for i in ids if zlib.crc32(f"{seed}{i}".encode()) % 100 < _MUTED_SHARE)


def read_rows(documents: Sequence[EntityLabel], muted: frozenset[str] = frozenset()) -> Iterator[Row]:
    """Candidates of labelled documents, the finder being told their events; ``muted``: rules left out.

    Names that overlap a labelled one without being it teach nothing and are left out.
    """
    rulebook = default_rulebook()
    finder, lexicon = CounterpartyFinder(rulebook, muted=muted), NameLexicon(rulebook)
    for document in documents:
        release = read_release(document.text)
        wanted = {name_key(canonical_name(n, lexicon)): (n, role) for n, role in document.counterparties}
        for found, features, _ in finder.weigh(release, events=document.events):
            if not found.mentions or found.mentions[0].start >= document.limit:
                continue
            label = wanted.get(name_key(found.canonical))
            if label is None and any(
                same_place(document.text, n, key, found) for key, (n, _) in wanted.items()
            ):
                continue
            role = label[1] if label else None
            yield Row(features, label is not None, found.role, role, document.company, bool(muted))


def read_authored_labels(path: Path) -> tuple[EntityLabel, ...]:
    """Authored examples: ``id, title, text, announced`` (events) and ``counterparties`` as in the labels."""
    found = []
    for number, entry in read_lines(path):
        try:
            parties = tuple((c["name"], c["role"]) for c in entry["counterparties"])
            found.append(
                _authored(
                    entry["id"],
                    entry["title"],
                    entry["text"],
                    tuple(entry["announced"]),
                    entry.get("issuer"),
                    parties,
                )
            )
        except (KeyError, TypeError) as error:
            raise InputError(f"{path}, line {number}: {entry.get('id')!r} lacks {error}") from error
    return tuple(found)


def write_framed_labels(path: Path) -> tuple[EntityLabel, ...]:
    """Examples written from the frames of ``path``, the same ones every time."""
    examples = write_examples(read_frames(path), _DEALS, _QUIET)
    return tuple(
        _authored(f"framed {number}", e.title, e.text, (e.event,), e.issuer, e.counterparties)
        for number, e in enumerate(examples, 1)
    )


def _authored(
    name: str,
    title: str,
    text: str,
    events: tuple[str, ...],
    issuer: str | None,
    parties: tuple[tuple[str, str], ...],
) -> EntityLabel:
    whole = f"{title}\n\n{text}"
    return EntityLabel(name, whole, len(whole), "dev", f"authored {name}", events, issuer, parties, ())


def fit_weights(rows: Sequence[Row]) -> tuple[DictVectorizer, LogisticRegression]:
    """The vectorizer and the regression of ``rows``."""
    seen = Counter(feature for row in rows for feature in row.features)
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform(
        [
            {
                **{f: 1.0 for f in r.features if seen[f] >= _RARE},
                **({_WRITTEN: _WRITTEN_SCALE} if r.written else {}),
            }
            for r in rows
        ]
    )
    model = LogisticRegression(C=_PENALTY, max_iter=3000)
    model.fit(matrix, [r.wanted for r in rows], sample_weight=[r.weight for r in rows])
    return vectorizer, model


def cross_validate(rows: Sequence[Row], more: Sequence[Row] = ()) -> list[float]:
    """Probability of each candidate of ``rows``, by a regression learned on the other companies of ``rows`` and ``more``."""
    probability = np.zeros(len(rows))
    for train, test in GroupKFold(_FOLDS).split(rows, groups=[r.company for r in rows]):
        asked = {rows[i].company for i in test}
        others = (r for r in more if r.company not in asked)
        vectorizer, model = fit_weights([*(rows[i] for i in train), *others])
        matrix = vectorizer.transform([dict.fromkeys(rows[i].features, 1.0) for i in test])
        probability[test] = model.predict_proba(matrix)[:, 1]
    return [float(p) for p in probability]


def _figures(taken: Sequence[Row], wanted: int) -> tuple[float, float, float, float]:
    right = sum(r.wanted for r in taken)
    roles = sum(r.wanted and r.role == r.labelled_role for r in taken)
    return (
        round(right / max(1, len(taken)), 3),
        round(right / wanted, 3),
        round(2 * right / (len(taken) + wanted), 3),
        round(2 * roles / (len(taken) + wanted), 3),
    )


def write_weights(rows: Sequence[Row], path: Path) -> int:
    """Write the table of weights learned from ``rows``; returns how many features it holds.

    Every rule has a row, if of weight 0: one without is taken for newer than the table, and decides by itself.
    """
    vectorizer, model = fit_weights(rows)
    pairs = zip(vectorizer.get_feature_names_out(), model.coef_[0], strict=True)
    weights = {f"r:{rule.id}": 0.0 for rule in default_rulebook().rules("counterparties")}
    weights |= {name: weight for name, weight in pairs if abs(weight) >= _SMALL and name != _WRITTEN}
    lines = sorted(f"{name}\t{weight:.3f}" for name, weight in weights.items())
    head = ["feature\tweight", f"(bias)\t{model.intercept_[0]:.4f}", f"(threshold)\t{_THRESHOLD}"]
    path.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")
    return len(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Learn the weights of counterparty candidates.")
    parser.add_argument("texts", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--authored", type=Path, default=Path("data/authored"))
    parser.add_argument("--write", action="store_true", help="write the table the finder reads")
    chosen = parser.parse_args()
    documents = read_entity_labels(chosen.texts, chosen.labels, "dev")
    rows = list(read_rows(documents))
    examples = (
        *read_authored_labels(chosen.authored / "counterparties.jsonl"),
        *write_framed_labels(chosen.authored / "counterparty_frames.jsonl"),
    )
    authored = list(read_rows(examples))
    print(
        f"{len(documents)} documents, {len(rows)} candidates; {len(authored)} candidates of authored examples"
    )
    print("threshold: precision, recall, F1 of names; F1 of names with roles (cross-validated)")
    copies = [r for seed in _MUTED for r in read_rows((*documents, *examples), muted_rules(seed))]
    probability = cross_validate(rows, [*authored, *copies])
    for name, every in (("all companies", True), ("companies the rules were not written on", False)):
        wanted = sum(len(d.counterparties) for d in documents if every or company_digest(d.company) % 2)
        picked = [
            (r, p) for r, p in zip(rows, probability, strict=True) if every or company_digest(r.company) % 2
        ]
        print(f"{name}: {wanted} labelled names")
        for threshold in _TRIED:
            print(f"  {threshold:.2f}", *_figures([r for r, p in picked if p >= threshold], wanted))
    if chosen.write:
        path = RESOURCES / "lexicons" / "counterparty_weights.tsv"
        print(f"{path}: {write_weights([*rows, *authored, *copies], path)} features")


if __name__ == "__main__":
    main()
