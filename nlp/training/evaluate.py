"""``ex99 evaluate``: company-disjoint figures, baselines, time split, learning curve, ablation and worst
errors, as one report."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import Parallel, cpu_count, delayed

from nlp.training.baselines import headline_keywords, whole_text
from nlp.training.corpus import corpus_digest
from nlp.training.fit import Prepared, Recipe, accept, fit_model, prepare, probabilities_of
from nlp.training.measure import (
    calibration_error,
    events_table,
    f1_of,
    parts,
    reliability,
    review_figures,
    summary,
)
from nlp.training.page import write_page
from nlp.training.splits import folds, is_test, split_digest, time_split
from nlp.training.train import load_examples

__all__ = ["Report", "evaluate"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_CUTOFF = "2024-07-01"  # about a third of the dated releases are later
_CURVE = (0.125, 0.25, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Report:
    """What ``evaluate`` found. ``figures`` is plain JSON; ``json_path`` and ``page_path`` are where it was
    written."""

    figures: dict[str, Any]
    json_path: Path | None = None
    page_path: Path | None = None


@dataclass(frozen=True, slots=True)
class _Scored:
    probabilities: Floats
    tagged: Ints
    bars: Floats


def evaluate(
    texts: Path,
    labels: Path,
    out: Path | None = None,
    *,
    authored: Path | None = None,
    recipe: Recipe | None = None,
    quick: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> Report:
    """Measure how well a model trained this way tags companies it never saw.

    ``cross_validated``: five outer folds over all companies; calibration and review bar are chosen inside
    each (nested). ``held_out``: the fixed test part, which no choice of features or settings looked at.
    ``say`` is told each step. ``quick`` leaves out time split, learning curve and ablation. Writes ``evaluation.json`` and
    ``evaluation.html`` into ``out``, if given.
    """
    recipe = recipe or Recipe()
    examples, groups, event_types = load_examples(texts, labels, authored)
    say(f"reading {len(examples):,} releases and authored examples")
    data = prepare(examples, groups, event_types)
    real = [i for i, e in enumerate(examples) if e.source != "authored"]
    written = [i for i, e in enumerate(examples) if e.source == "authored"]
    test = [i for i in real if is_test(groups[i])]
    rest = [i for i in real if not is_test(groups[i])]
    figures: dict[str, Any] = {
        "events": list(event_types),
        "corpus": {
            "examples": len(real),
            "sha256": corpus_digest([examples[i] for i in real]),
            "authored": len(written),
        },
        "split": split_digest([examples[i].id for i in real], [groups[i] for i in real]),
    }
    say("cross-validating on all companies, nested")
    crossed = _cross_validate(data, real, written, event_types, recipe)
    figures["cross_validated"] = _figures(data.part(real), crossed, event_types)
    say("fitting the baselines on the same folds")
    figures["cross_validated"]["baselines"] = _baselines(data, real, event_types)
    figures["errors"] = _worst(data.part(real), crossed, event_types)
    if test and rest:
        say("measuring on the held-out companies")
        held = _score(data, rest + written, test, event_types, recipe)
        figures["held_out"] = _figures(data.part(test), held, event_types)
    if not quick:
        say("time split, learning curve and ablation")
        figures["time_split"] = _time(data, real, written, event_types, recipe)
        figures["learning_curve"] = _curve(data, rest, written, test, event_types, recipe)
        if written:
            bare = _score(data, rest, test, event_types, recipe)
            figures["without_authored"] = summary(data.part(test).labels, bare.tagged, event_types)
    if out is None:
        return Report(figures)
    out.mkdir(parents=True, exist_ok=True)
    json_path, page_path = out / "evaluation.json", out / "evaluation.html"
    json_path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    write_page(figures, page_path)
    return Report(figures, json_path, page_path)


def _score(
    data: Prepared, train: Sequence[int], test: Sequence[int], events: Sequence[str], recipe: Recipe
) -> _Scored:
    model, pipeline = fit_model(data.part(train), events, recipe=recipe)
    decisions = pipeline.decision_function([data.views[0][i] for i in test])
    probabilities = probabilities_of(decisions, model.calibration)
    return _Scored(
        probabilities, accept(probabilities, model.threshold), np.full(len(test), model.review_below)
    )


def _cross_validate(
    data: Prepared, real: Sequence[int], written: Sequence[int], events: Sequence[str], recipe: Recipe
) -> _Scored:
    fold = np.array(folds([data.groups[i] for i in real], recipe.folds, "outer"))
    inside = [[i for i, f in zip(real, fold, strict=True) if f != k] for k in range(recipe.folds)]
    outside = [[i for i, f in zip(real, fold, strict=True) if f == k] for k in range(recipe.folds)]
    # six or more fits a fold, on one core each
    each = Parallel(n_jobs=min(recipe.folds, cpu_count()))(
        delayed(_score)(data, [*train, *written], test, events, recipe)
        for train, test in zip(inside, outside, strict=True)
    )
    probabilities = np.zeros((len(real), len(events)))
    tagged = np.zeros((len(real), len(events)), dtype=np.int64)
    bars = np.zeros(len(real))
    for k, scored in enumerate(each):
        here = fold == k
        probabilities[here], tagged[here], bars[here] = scored.probabilities, scored.tagged, scored.bars
    return _Scored(probabilities, tagged, bars)


def _figures(held: Prepared, scored: _Scored, events: Sequence[str]) -> dict[str, Any]:
    return {
        "parts": {
            name: summary(held.labels[mask], scored.tagged[mask], events)
            for name, mask in parts(held.examples).items()
        },
        "events": events_table(held.labels, scored.tagged, held.groups, events),
        "calibration_error": {
            **{
                e: calibration_error(scored.probabilities[:, i], held.labels[:, i])
                for i, e in enumerate(events)
            },
            "all": calibration_error(scored.probabilities.ravel(), held.labels.ravel()),
        },
        "reliability": reliability(scored.probabilities, held.labels),
        "review": review_figures(scored.probabilities, scored.tagged, held.labels, scored.bars),
        "confusion": _confusion(held.labels, scored.tagged, events),
        "curves": {
            e: _precision_recall(scored.probabilities[:, i], held.labels[:, i]) for i, e in enumerate(events)
        },
    }


def _confusion(labels: Ints, tagged: Ints, events: Sequence[str]) -> list[list[int]]:
    """Rows: a labelled event; columns: what stood in its place. The diagonal counts events that were
    found; a missed one is set against the wrong tags of the same release, and the last column counts those
    missed without one."""
    table = np.zeros((len(events), len(events) + 1), dtype=np.int64)
    for real, said in zip(labels, tagged, strict=True):
        wrong = np.flatnonzero((said == 1) & (real == 0))
        for event in np.flatnonzero(real):
            if said[event]:
                table[event, event] += 1
            elif len(wrong):
                table[event, wrong] += 1
            else:
                table[event, -1] += 1
    return [[int(value) for value in row] for row in table]


def _precision_recall(probabilities: Floats, truth: Ints) -> list[tuple[float, float]]:
    """Recall and precision at up to 40 bars, from the strictest."""
    order = np.argsort(-probabilities, kind="stable")
    hit = np.cumsum(truth[order])
    total = max(1, int(truth.sum()))
    where = np.unique(np.linspace(0, len(order) - 1, 400).astype(int))
    found = [(round(float(hit[i]) / total, 4), round(float(hit[i]) / (i + 1), 4)) for i in where if hit[i]]
    return found[:: max(1, len(found) // 40)]


def _baselines(data: Prepared, real: Sequence[int], events: Sequence[str]) -> dict[str, Any]:
    """Both baselines on the same outer folds."""
    held = data.part(real)
    keywords = headline_keywords([e.title for e in held.examples], events)
    plain = np.zeros_like(held.labels)
    fold = folds(held.groups, 5, "outer")
    for k in range(5):
        inside = [n for n, f in enumerate(fold) if f != k]
        outside = [n for n, f in enumerate(fold) if f == k]
        plain[outside] = whole_text(
            [held.examples[n].text for n in inside],
            held.labels[inside],
            [held.examples[n].text for n in outside],
        )
    found = {}
    for name, tagged in (("headline keywords", keywords), ("TF-IDF and logistic regression", plain)):
        found[name] = {
            "parts": {
                part: summary(held.labels[mask], tagged[mask], events)
                for part, mask in parts(held.examples).items()
            },
            "f1": {
                event: round(float(score), 4)
                for event, score in zip(events, f1_of(held.labels, tagged), strict=True)
            },
        }
    return found


def _worst(held: Prepared, scored: _Scored, events: Sequence[str], count: int = 30) -> list[dict[str, Any]]:
    """The errors made with most confidence, by id: no text."""
    right = np.where(held.labels == 1, scored.probabilities, 1 - scored.probabilities)
    loss = -np.log(np.clip(right, 1e-6, 1)).sum(axis=1)
    wrong = (held.labels != scored.tagged).any(axis=1)
    order = [int(n) for n in np.argsort(-loss, kind="stable") if wrong[n]][:count]
    return [
        {
            "id": held.examples[n].id,
            "source": held.examples[n].source,
            "labelled": list(held.examples[n].events),
            "tagged": {
                events[e]: round(float(scored.probabilities[n, e]), 3)
                for e in np.flatnonzero(scored.tagged[n]).tolist()
            },
        }
        for n in order
    ]


def _time(
    data: Prepared, real: Sequence[int], written: Sequence[int], events: Sequence[str], recipe: Recipe
) -> dict[str, Any]:
    """Trained on what is dated before the cutoff, measured on later releases of companies not trained on."""
    before, after = time_split([data.examples[i] for i in real], [data.groups[i] for i in real], _CUTOFF)
    if not before or not after:
        return {"examples": 0}
    later = [real[n] for n in after]
    scored = _score(data, [*(real[n] for n in before), *written], later, events, recipe)
    return {
        "cutoff": _CUTOFF,
        "trained_on": len(before),
        **summary(data.part(later).labels, scored.tagged, events),
    }


def _curve(
    data: Prepared,
    rest: Sequence[int],
    written: Sequence[int],
    test: Sequence[int],
    events: Sequence[str],
    recipe: Recipe,
) -> list[dict[str, Any]]:
    """Held-out figures when trained on a part of the companies."""
    found = []
    place = folds([data.groups[i] for i in rest], 8, "curve")
    for share in _CURVE if test else ():
        train = [i for i, p in zip(rest, place, strict=True) if p < 8 * share]
        scored = _score(data, [*train, *written], test, events, recipe)
        found.append(
            {
                "share": share,
                "trained_on": len(train),
                **summary(data.part(test).labels, scored.tagged, events),
            }
        )
    return found
