"""Fit the event model on labelled releases: views, weights, calibration, thresholds, review bar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from nlp.errors import InputError
from nlp.features import FIELDS, RUNS, Passage, default_cues, make_pipeline, passages
from nlp.features.pipeline import DEFAULT_WEIGHTS, EventLogistic, ReleaseFeatures
from nlp.model import EventModel, certainty
from nlp.release import Release, read_release
from nlp.training.corpus import Example
from nlp.training.splits import folds

__all__ = [
    "CUT_CHARS",
    "NARROW",
    "Prepared",
    "Recipe",
    "accept",
    "choose_review",
    "fit_model",
    "fit_pipeline",
    "label_matrix",
    "out_of_fold",
    "prepare",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Terms = tuple[Passage, ...]
Views = tuple[tuple[Terms, ...], ...]
_COPIES_TO_CHOOSE = 3  # copies of each sample where a fit only weighs terms
NARROW = (("headline", "hcue", "pair"), ("opening", "cue", "sign"))
_STORY = frozenset({"subheadline", "lead", "body", "quotation"})
_MARGIN = 15.0  # log-odds between the two strongest events beyond which a release is as sure as can be
CUT_CHARS = 280  # of story, in the view that ends early; wire copies end between 150 and 600


@dataclass(frozen=True, slots=True)
class Recipe:
    """What was chosen by company-disjoint cross-validation on the training part (models/README.md tells
    against what).

    ``min_df``: issuers that must use a term; ``kept``: share of the runs of words that stay after a first fit has
    weighed them (half of a larger vocabulary does better than all of a smaller one, and loads as fast).
    ``narrow``: share, in the mean of coefficients, of each of two regressions that see only the headline's fields,
    or only those of the story (``NARROW``): terms of one then can't lean on terms of the other.
    ``embedded``, ``headless`` and ``cut``: weights of three further views of each text. In the first the headline
    stands in the story, in the second there is none; without them a filing whose headline is missed would be
    scored by half of the model. In the third the story ends after ``CUT_CHARS`` characters, so that a long release
    and its wire copy teach the same. ``authored``: weight of an example that the project wrote. ``second``: probability from
    which an event is tagged beside the most probable one (``second_other``: for ``other``, which seldom
    stands beside another); one value for all, as thresholds per event chose noise. ``precision``: what
    accepted tags outside the review band should reach in the folds; 0.98 is meant for companies not seen, and
    the folds flatter by about a point, as authored examples were written with errors on their companies in view.
    """

    min_df: int = 2
    kept: float = 0.5
    narrow: float = 0.25
    embedded: float = 0.2
    headless: float = 0.1
    cut: float = 0.45
    authored: float = 1.0
    second: float = 0.6
    second_other: float = 0.9
    precision: float = 0.99
    folds: int = 5


@dataclass(frozen=True, slots=True)
class Prepared:
    """Examples with what they are fitted from: labels of shape (n, events), the group of each, terms of
    the views: whole, headline in the story, no headline, cut short."""

    examples: tuple[Example, ...]
    groups: tuple[str, ...]
    labels: Ints
    views: Views

    def part(self, positions: Sequence[int]) -> Prepared:
        """Some of the examples, in this order."""
        return Prepared(
            tuple(self.examples[i] for i in positions),
            tuple(self.groups[i] for i in positions),
            self.labels[np.array(positions, dtype=np.int64)],
            tuple(tuple(view[i] for i in positions) for view in self.views),
        )


def label_matrix(examples: Sequence[Example], event_types: Sequence[str]) -> Ints:
    """Ones and zeros of shape (examples, events)."""
    return np.array([[int(event in e.events) for event in event_types] for e in examples], dtype=np.int64)


def prepare(examples: Sequence[Example], groups: Sequence[str], event_types: Sequence[str]) -> Prepared:
    """Read every text once, as it would be served, and in its three further views."""
    cues = default_cues()
    whole, embedded, headless, cut = [], [], [], []
    for example in examples:
        release = example.release()
        whole.append(passages(release, cues))
        embedded.append(passages(_without_headline(release, "lead"), cues))
        headless.append(passages(_without_headline(release, "furniture"), cues))
        cut.append(passages(_cut_short(release), cues))
    labels = label_matrix(examples, event_types)
    views = tuple(tuple(view) for view in (whole, embedded, headless, cut))
    return Prepared(tuple(examples), tuple(groups), labels, views)


def _without_headline(release: Release, kind: Any) -> Release:
    sections = tuple(replace(s, kind=kind) if s.kind == "headline" else s for s in release.sections)
    return replace(release, sections=sections)


def _cut_short(release: Release) -> Release:
    """The release as it would be read if its text ended, at a word, after ``CUT_CHARS`` characters of story."""
    start = next((s.start for s in release.sections if s.kind in _STORY), len(release.text))
    if len(release.text) <= start + CUT_CHARS:
        return release
    return read_release(release.text[: start + CUT_CHARS].rsplit(" ", 1)[0])


def fit_pipeline(data: Prepared, recipe: Recipe) -> Pipeline:
    """One pipeline on all of ``data`` and its views: fitted once to choose terms, then on the terms that count."""
    base = np.array([recipe.authored if e.source == "authored" else 1.0 for e in data.examples])
    parts = [
        (view, base * weight)
        for view, weight in zip(data.views, (1.0, recipe.embedded, recipe.headless, recipe.cut), strict=True)
        if weight > 0
    ]
    terms = [said for view, _ in parts for said in view]
    labels = np.vstack([data.labels] * len(parts))
    weights = np.concatenate([weight for _, weight in parts])
    pipeline = make_pipeline(features__min_df=recipe.min_df)
    features, events = pipeline["features"], pipeline["events"]
    rows = features.fit(terms, groups=data.groups * len(parts)).transform(terms)
    if recipe.kept < 1:
        chooser = clone(events).set_params(copies=min(events.copies, _COPIES_TO_CHOOSE))
        _fit_mean(chooser, features, rows, labels, weights, recipe.narrow)
        _keep(features, np.abs(chooser.coef_).max(axis=0) * features.idf_, recipe.kept)
        rows = features.transform(terms)
    _fit_mean(events, features, rows, labels, weights, recipe.narrow)
    return pipeline


def _keep(features: ReleaseFeatures, worth: Floats, share: float) -> None:
    """Leave the runs of words that are worth most, ``share`` of them; cues, pairs and signs stay, as they are few."""
    run = np.array([field in RUNS for field, _ in features.columns_])
    bar = np.sort(worth[run])[::-1][: max(1, int(share * run.sum()))][-1] if run.any() else 0.0
    stay = ~run | (worth >= bar)
    features.columns_ = {
        key: i for i, key in enumerate(key for key, yes in zip(features.columns_, stay, strict=True) if yes)
    }
    features.idf_ = features.idf_[stay]


def _fit_mean(
    events: EventLogistic,
    features: ReleaseFeatures,
    rows: csr_matrix,
    labels: Ints,
    weights: Floats,
    share: float,
) -> None:
    """Fit ``events``, then put in place of its coefficients their mean with those of regressions that see a part of
    the fields. A mean of linear models is a linear model, so scoring stays as it is.
    """
    events.fit(rows, labels, sample_weight=weights)
    if share <= 0:
        return
    field = np.array([FIELDS.index(name) for name, _ in features.columns_])
    means = [(1 - share * len(NARROW), events.coef_, events.intercept_)]
    for names in NARROW:
        seen = np.isin(field, [FIELDS.index(name) for name in names])
        one = clone(events).fit(_only(rows, seen), labels, sample_weight=weights)
        means.append((share, one.coef_, one.intercept_))
    events.coef_ = np.sum([weight * coef for weight, coef, _ in means], axis=0)
    events.intercept_ = np.sum([weight * intercept for weight, _, intercept in means], axis=0)


def _only(rows: csr_matrix, seen: npt.NDArray[np.bool_]) -> csr_matrix:
    """``rows`` with the other columns empty."""
    kept = csr_matrix(rows.multiply(seen.astype(np.float64)))
    kept.eliminate_zeros()
    return kept


def out_of_fold(data: Prepared, recipe: Recipe, seed: str = "fold") -> Floats:
    """Decisions for each example by a pipeline that saw none of its group. Authored examples only ever
    train."""
    fold = np.array(folds(data.groups, recipe.folds, seed))
    decisions = np.zeros(data.labels.shape)
    for k in range(recipe.folds):
        inside = np.flatnonzero(fold != k).tolist()
        outside = np.flatnonzero(fold == k).tolist()
        pipeline = fit_pipeline(data.part(inside), recipe)
        decisions[outside] = pipeline.decision_function([data.views[0][i] for i in outside])
    return decisions


def calibrate(decisions: Floats, labels: Ints) -> Floats:
    """Slope and offset of each event's second logistic (Platt), fitted out of fold; shape (2, events)."""
    pairs = []
    for column in range(labels.shape[1]):
        one = LogisticRegression(C=100.0).fit(decisions[:, [column]], labels[:, column])
        pairs.append((float(one.coef_[0, 0]), float(one.intercept_[0])))
    return np.array(pairs).T


def probabilities_of(decisions: Floats, calibration: Floats) -> Floats:
    """Calibrated probabilities, as ``EventModel`` gives them."""
    result: Floats = 1.0 / (1.0 + np.exp(-np.clip(calibration[0] * decisions + calibration[1], -500, 500)))
    return result


def accept(probabilities: Floats, thresholds: Floats) -> Ints:
    """Tags of shape (n, events): the most probable event, and others at or over their threshold."""
    tagged = (probabilities >= thresholds).astype(np.int64)
    tagged[np.arange(len(tagged)), probabilities.argmax(axis=1)] = 1
    return tagged


def choose_review(probabilities: Floats, tagged: Ints, labels: Ints, precision: float) -> float:
    """The lowest bar such that tags of the releases whose certainty reaches it are expected to be right
    ``precision`` of the time; 1 where none is.

    Expected by a logistic regression of being right on the log-odds between the two strongest events. Counted, the
    share hangs on a dozen wrong tags: a bar counted on half of the companies varied by half as much again, for the
    same share of releases and of right tags on the other half. Of fifteen measures tried on the training companies
    (strongest event's share of all probability, weakest accepted tag, logistic regressions over these and the
    event) ``certainty`` left most releases outside the band.
    """
    sure = np.clip(certainty(probabilities), 0.5, 1 / (1 + math.exp(-_MARGIN)))
    margin = np.log(sure / (1 - sure))[:, np.newaxis]
    tags = tagged.sum(axis=1)
    right = (tagged & labels).sum(axis=1)
    if right.sum() in (0, tags.sum()):
        return 1.0 if right.sum() < tags.sum() else 0.5
    outcome = np.concatenate([np.ones(len(tags)), np.zeros(len(tags))])
    often = np.concatenate([right, tags - right])
    told = LogisticRegression(C=1000.0, max_iter=1000).fit(
        np.vstack([margin, margin])[often > 0], outcome[often > 0], sample_weight=often[often > 0]
    )
    expected = told.predict_proba(margin)[:, 1] * tags
    for bar in np.arange(0.0, _MARGIN, 0.05):
        above = margin[:, 0] >= bar
        if above.any() and expected[above].sum() >= precision * tags[above].sum():
            return round(1 / (1 + math.exp(-bar)), 7)
    return 1.0


def _check_support(data: Prepared, event_types: Sequence[str], recipe: Recipe) -> None:
    """Raise ``InputError`` for an event that one of the folds would have to learn from no example at all."""
    fold = np.array(folds(data.groups, recipe.folds))
    real = np.array([e.source != "authored" for e in data.examples])
    for column, event in enumerate(event_types):
        labelled = data.labels[:, column] == 1
        if len(set(fold[labelled])) < 2 or not (labelled & real).any():
            raise InputError(
                f"{event}: labelled in {int((labelled & real).sum())} releases and {int((labelled & ~real).sum())} authored "
                f"examples, too few to learn it with some companies kept apart; label releases of more companies"
            )


def fit_model(
    data: Prepared, event_types: Sequence[str], *, version: str = "0", recipe: Recipe | None = None
) -> tuple[EventModel, Pipeline]:
    """Fit on ``data``; calibration, thresholds and review bar come from company-disjoint folds of the same
    data.

    Raises ``InputError`` where an event has too few labels. Gives the model and the scikit-learn pipeline whose decisions it repeats.
    """
    recipe = recipe or Recipe()
    _check_support(data, event_types, recipe)
    decisions = out_of_fold(data, recipe)
    real = np.array([e.source != "authored" for e in data.examples])
    decisions, labels = decisions[real], data.labels[real]
    calibration = calibrate(decisions, labels)
    probabilities = probabilities_of(decisions, calibration)
    thresholds = np.array(
        [recipe.second_other if event == "other" else recipe.second for event in event_types]
    )
    bar = choose_review(probabilities, accept(probabilities, thresholds), labels, recipe.precision)
    pipeline = fit_pipeline(data, recipe)
    features, events = pipeline["features"], pipeline["events"]
    weights = features.weights or DEFAULT_WEIGHTS
    settings = {
        "version": version,
        "event_types": list(event_types),
        "field_weights": {field: weights[field] for field in FIELDS},
        "review_below": bar,
    }
    model = EventModel(
        features.columns_,
        idf=features.idf_,
        coef=events.coef_.T,
        intercept=events.intercept_,
        threshold=thresholds,
        calibration=calibration,
        cues=default_cues(),
        settings=settings,
    )
    return model, pipeline
