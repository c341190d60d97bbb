"""Measures of a tagger: per-event precision, recall, F1 with bootstrap intervals, calibration, review
band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.model import certainty
from nlp.training.corpus import Example

__all__ = ["calibration_error", "events_table", "f1_of", "parts", "reliability", "review_figures", "summary"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_ROUNDS = 1000
_KEY_EVENTS = ("licensing", "trial", "financing")


def f1_of(labels: Ints, tagged: Ints) -> Floats:
    """F1 of each column; 0 where nothing is right, nan where an event has neither label nor tag."""
    hit = (labels & tagged).sum(axis=0)
    total = labels.sum(axis=0) + tagged.sum(axis=0)
    result: Floats = np.where(total > 0, 2 * hit / np.maximum(total, 1), np.nan)
    return result


def summary(labels: Ints, tagged: Ints, event_types: Sequence[str]) -> dict[str, Any]:
    """Macro and micro F1 over the events that occur, macro F1 of licensing, trial and financing, number of
    examples."""
    if not len(labels):
        return {"examples": 0}
    scores = f1_of(labels, tagged)
    supported = labels.sum(axis=0) > 0
    key = [i for i, event in enumerate(event_types) if event in _KEY_EVENTS and supported[i]]
    hit = int((labels & tagged).sum())
    return {
        "examples": len(labels),
        "macro_f1": _round(scores[supported].mean()) if supported.any() else None,
        "key_f1": _round(scores[key].mean()) if key else None,
        "micro_f1": _round(2 * hit / max(1, int(labels.sum() + tagged.sum()))),
    }


def events_table(
    labels: Ints, tagged: Ints, groups: Sequence[str], event_types: Sequence[str], seed: int = 0
) -> dict[str, dict[str, Any]]:
    """Per event precision, recall, F1, support and the 95% interval of F1 (bootstrap over companies)."""
    random = np.random.default_rng(seed)
    names = sorted(set(groups))
    where = {name: i for i, name in enumerate(names)}
    owner = np.array([where[g] for g in groups])
    count = len(event_types)
    sums = np.zeros((len(names), 3, count))
    for kind, values in enumerate((labels & tagged, labels, tagged)):
        np.add.at(sums[:, kind], owner, values)
    drawn = np.empty((_ROUNDS, count))
    for round_ in range(_ROUNDS):
        hit, real, said = sums[random.integers(0, len(names), len(names))].sum(axis=0)
        drawn[round_] = 2 * hit / np.maximum(real + said, 1)
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    hit, real, said = sums.sum(axis=0)
    scores = f1_of(labels, tagged)
    return {
        event: {
            "precision": _round(hit[i] / said[i]) if said[i] else None,
            "recall": _round(hit[i] / real[i]) if real[i] else None,
            "f1": _round(scores[i]) if real[i] or said[i] else None,
            "support": int(real[i]),
            "interval": [_round(low[i]), _round(high[i])],
        }
        for i, event in enumerate(event_types)
    }


def reliability(probabilities: Floats, labels: Ints, bins: int = 10) -> list[dict[str, Any]]:
    """Over all releases and events: mean probability and share of labels in each tenth."""
    flat, truth = probabilities.ravel(), labels.ravel()
    place = np.minimum((flat * bins).astype(int), bins - 1)
    return [
        {
            "from": b / bins,
            "mean": _round(flat[place == b].mean()),
            "right": _round(truth[place == b].mean()),
            "count": int((place == b).sum()),
        }
        for b in range(bins)
        if (place == b).any()
    ]


def calibration_error(probabilities: Floats, labels: Ints, bins: int = 10) -> float:
    """Expected calibration error: mean gap between probability and share of labels, weighted by bin (ten
    bins of equal width)."""
    place = np.minimum((probabilities * bins).astype(int), bins - 1)
    gaps = [
        abs(probabilities[place == b].mean() - labels[place == b].mean()) * (place == b).mean()
        for b in range(bins)
        if (place == b).any()
    ]
    return _round(sum(gaps))


def review_figures(probabilities: Floats, tagged: Ints, labels: Ints, bars: Floats) -> dict[str, Any]:
    """Outside the review band: share of releases (coverage) and of tags, and how many of those tags are
    right.

    ``bars`` of shape (n,): the review bar of the model that scored each release.
    """
    sure = certainty(probabilities) >= bars
    return {
        "coverage": _round(sure.mean()),
        "tags": _round(tagged[sure].sum() / max(1, tagged.sum())),
        "right": _round((tagged[sure] & labels[sure]).sum() / max(1, tagged[sure].sum())),
        "right_without_review": _round((tagged & labels).sum() / max(1, tagged.sum())),
    }


def parts(examples: Sequence[Example]) -> Mapping[str, npt.NDArray[np.bool_]]:
    """Subsets to report on: all, headline-and-lead, full text, by source, year and length."""
    full = np.array([e.full for e in examples])
    release = np.array([e.is_release for e in examples])
    found = {
        "all": np.ones(len(examples), dtype=bool),
        "headline and lead": ~full,
        "full text": full,
        "full text, releases only": full & release,
    }
    for source in sorted({e.source for e in examples}):
        found[f"source {source}"] = np.array([e.source == source for e in examples])
    for first, last in (("", "2022"), ("2023", "2023"), ("2024", "2024"), ("2025", "9999")):
        inside = np.array([bool(e.date) and first <= str(e.date)[:4] <= last for e in examples])
        found[f"year {first or 'to'}{'' if first == last else '-' + last if last != '9999' else ' on'}"] = (
            inside
        )
    length = np.array([len(e.text) for e in examples])
    for low, high in ((0, 400), (400, 1500), (1500, 6000), (6000, 10**9)):
        found[f"{low:,} characters and more"] = (length >= low) & (length < high)
    return {name: mask for name, mask in found.items() if mask.any()}


def _round(value: Any) -> float:
    return round(float(value), 4)
