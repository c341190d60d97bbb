"""Fit the event model and write its folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from nlp.errors import ModelError
from nlp.features import FIELDS, make_pipeline
from nlp.features.pipeline import DEFAULT_WEIGHTS
from nlp.model import EventModel
from nlp.release import Release
from nlp.rulebook import default_rulebook
from nlp.training.corpus import Example, corpus_digest, read_corpus
from nlp.training.splits import folds, group_names

__all__ = ["fit_model", "label_matrix", "train_model"]

SEED = 0
Floats = npt.NDArray[np.float64]


def label_matrix(examples: Sequence[Example], event_types: Sequence[str]) -> npt.NDArray[np.int64]:
    """Ones and zeros of shape (examples, events)."""
    return np.array([[int(event in e.events) for event in event_types] for e in examples], dtype=np.int64)


def out_of_fold(releases: Sequence[Release], labels: npt.NDArray[np.int64], groups: Sequence[str], count: int = 5) -> Floats:
    """Decisions for every example by models that saw none of its group."""
    fold = np.array(folds(groups, count))
    decisions = np.zeros(labels.shape)
    for k in range(count):
        inside, outside = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        pipeline = make_pipeline()
        pipeline.fit([releases[i] for i in inside], labels[inside], features__groups=[groups[i] for i in inside])
        decisions[outside] = pipeline.decision_function([releases[i] for i in outside])
    return decisions


def calibrate(decisions: Floats, labels: npt.NDArray[np.int64]) -> Floats:
    """Slope and offset per event (Platt), fitted on out-of-fold decisions; shape (2, events)."""
    pairs = []
    for column in range(labels.shape[1]):
        one = LogisticRegression(C=1e3).fit(decisions[:, [column]], labels[:, column])
        pairs.append((float(one.coef_[0, 0]), float(one.intercept_[0])))
    return np.array(pairs).T


def thresholds(probabilities: Floats, labels: npt.NDArray[np.int64]) -> Floats:
    """Per event the threshold with the best F1, out of fold."""
    best = []
    for column in range(labels.shape[1]):
        scores = []
        for value in np.arange(0.2, 0.71, 0.01):
            tagged = probabilities[:, column] >= value
            hit = int((tagged & (labels[:, column] == 1)).sum())
            scores.append((2 * hit / max(1, int(tagged.sum()) + int(labels[:, column].sum())), -abs(value - 0.5), value))
        best.append(max(scores)[2])
    return np.array(best)


def to_model(pipeline: Pipeline, calibration: Floats, threshold: Floats, settings: dict[str, Any]) -> EventModel:
    """The arrays of a fitted pipeline."""
    features, events = pipeline["features"], pipeline["events"]
    coef = np.vstack([e.coef_[0] for e in events.estimators_]).T
    intercept = np.array([e.intercept_[0] for e in events.estimators_])
    weights = features.weights or DEFAULT_WEIGHTS
    settings = {**settings, "field_weights": {field: weights[field] for field in FIELDS}}
    return EventModel(features.columns_, features.idf_, coef, intercept, threshold, calibration, settings)


def fit_model(
    examples: Sequence[Example], event_types: Sequence[str], *, version: str = "0", groups: Sequence[str] | None = None
) -> tuple[EventModel, Pipeline]:
    """Fit on ``examples``; calibration, thresholds and review bar come from company-disjoint folds of the same."""
    owners = list(groups) if groups is not None else group_names(examples)
    releases = [e.release() for e in examples]
    labels = label_matrix(examples, event_types)
    decisions = out_of_fold(releases, labels, owners)
    calibration = calibrate(decisions, labels)
    probabilities = 1 / (1 + np.exp(-(calibration[0] * decisions + calibration[1])))
    threshold = thresholds(probabilities, labels)
    pipeline = make_pipeline()
    pipeline.fit(releases, labels, features__groups=owners)
    settings = {"version": version, "event_types": list(event_types), "review_below": 0.8}
    return to_model(pipeline, calibration, threshold, settings), pipeline


def train_model(texts: Path, labels: Path, out: Path, *, version: str = "0.1", replace: bool = False) -> Path:
    """Train on ``texts`` and ``labels``, write ``out/events-<version>`` and name it in ``out/CURRENT``; gives that folder."""
    event_types = [event.id for event in default_rulebook().event_types]
    folder = out / f"events-{version}"
    if folder.exists() and not replace:
        raise ModelError(f"{folder}: exists, and a released model never changes; choose another version, or replace it on purpose")
    examples = read_corpus(texts, labels, event_types)
    model, _ = fit_model(examples, event_types, version=version)
    model.save(folder, seed=SEED, corpus={"examples": len(examples), "sha256": corpus_digest(examples)})
    (out / "CURRENT").write_text(folder.name + "\n", encoding="utf-8")
    (folder / "metrics.json").write_text(json.dumps({}) + "\n", encoding="utf-8")
    return folder
