"""The scikit-learn side of the features: a transformer over releases, a classifier, and the pipeline of
both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from nlp.features.cues import default_cues
from nlp.features.doubt import moderated
from nlp.features.dropout import fit_under_dropout
from nlp.features.terms import FIELDS, Passage, passages
from nlp.release import Release

__all__ = ["DEFAULT_WEIGHTS", "EventLogistic", "ReleaseFeatures", "build"]

DEFAULT_WEIGHTS = {
    "headline": 0.8, "opening": 1.3, "hcue": 1.0, "cue": 0.8, "pair": 0.6, "link": 0.4,
    "sign": 0.3, "hsign": 0.5,
}  # fmt: skip


class ReleaseFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """TF-IDF over the fields of a release: sublinear counts, each field scaled to its own length.

    ``X`` is a sequence of ``Release``, or of their ``passages`` where one set is fitted many times.

    Parameters
    ----------
    min_df : int, default 3
        A term counts when at least so many groups (issuers) use it; releases, when ``fit`` gets no
        ``groups``. Asking for
        issuers keeps company and product names out.
    weights : dict of str to float, default ``DEFAULT_WEIGHTS``
        Length of each field's vector.

    Attributes ---------- columns_ : dict of (field, term) to int idf_ : ndarray of shape (n_features,)
    """

    def __init__(self, min_df: int = 3, weights: Mapping[str, float] | None = None) -> None:
        self.min_df = min_df
        self.weights = weights

    def fit(
        self,
        X: Sequence[Release] | Sequence[tuple[Passage, ...]],
        y: object = None,
        groups: Sequence[Hashable] | None = None,
    ) -> ReleaseFeatures:
        """Learn vocabulary and idf. ``groups``: one value a release; a term's frequency counts groups, not
        releases."""
        read = _read(X)
        owners: Sequence[Hashable] = range(len(read)) if groups is None else groups
        seen: dict[tuple[str, str], set[Hashable]] = {}
        documents: Counter[tuple[str, str]] = Counter()
        for said, owner in zip(read, owners, strict=True):
            keys = {(field, term) for p in said for field, terms in p.terms.items() for term in terms}
            documents.update(keys)
            for key in keys:
                seen.setdefault(key, set()).add(owner)
        kept = sorted(key for key, by in seen.items() if len(by) >= self.min_df)
        kept.sort(key=lambda key: FIELDS.index(key[0]))
        self.columns_ = {key: i for i, key in enumerate(kept)}
        frequency = np.array([documents[key] for key in kept], dtype=np.float64)
        self.idf_ = np.log((1 + len(read)) / (1 + frequency)) + 1
        return self

    def transform(self, X: Sequence[Release] | Sequence[tuple[Passage, ...]]) -> csr_matrix:
        """Sparse matrix of shape (releases, features)."""
        check_is_fitted(self, "columns_")
        weights = DEFAULT_WEIGHTS if self.weights is None else self.weights
        indptr: list[int] = [0]
        indices: list[int] = []
        data: list[float] = []
        read = _read(X)
        for said in read:
            for field in FIELDS:
                counts: Counter[int] = Counter()
                for passage in said:
                    for term in passage.terms.get(field, ()):
                        column = self.columns_.get((field, term))
                        if column is not None:
                            counts[column] += 1
                if counts:
                    columns = sorted(counts)
                    values = (1 + np.log([float(counts[c]) for c in columns])) * self.idf_[columns]
                    indices.extend(columns)
                    data.extend(values * (weights[field] / np.sqrt((values**2).sum())))
            indptr.append(len(indices))
        shape = (len(read), len(self.columns_))
        return csr_matrix(
            (np.array(data, dtype=np.float64), np.array(indices, dtype=np.int64), indptr), shape=shape
        )

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[np.object_]:
        """``field=term`` for each column."""
        check_is_fitted(self, "columns_")
        return np.array([f"{field}={term}" for field, term in self.columns_], dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.no_validation = True
        return tags


def _read(X: Sequence[Release] | Sequence[tuple[Passage, ...]]) -> list[tuple[Passage, ...]]:
    cues = default_cues()
    return [passages(item, cues) if isinstance(item, Release) else item for item in X]


class EventLogistic(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """One logistic regression an event, classes balanced; ``decision_function`` and ``predict`` give one
    column an event.

    It learns each sample with a share of its terms left out (``nlp.features.dropout``), so that no few terms carry a
    decision alone. Samples of less than half the largest weight are learned whole.

    Parameters
    ----------
    C : float, default 20
        Inverse regularisation.
    dropout : float, default 0.5
        Share of its terms that a sample lacks.
    doubt : float, default 0.25
        How far a decision that hangs on few terms is drawn towards 0; 0 for not at all. Up to 2, probabilities and
        coverage hardly change; from 0.5 on, sources that were not trained on lose tags.
    steps : int, default 60
        Steps of the minimiser at most.

    Attributes ---------- coef_ : ndarray of shape (n_events, n_features) intercept_ : ndarray of shape
    (n_events,)
    """

    def __init__(self, C: float = 20.0, dropout: float = 0.5, doubt: float = 0.25, steps: int = 60) -> None:
        self.C = C
        self.dropout = dropout
        self.doubt = doubt
        self.steps = steps

    def fit(self, X: Any, y: Any, sample_weight: npt.ArrayLike | None = None) -> EventLogistic:
        """``y``: 0 or 1, shape (samples, events)."""
        labels = np.asarray(y)
        if labels.ndim != 2:
            raise ValueError(f"y has shape {labels.shape}; one column of 0 and 1 an event is needed")
        weights = (
            np.ones(len(labels)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        )
        self.coef_, self.intercept_ = fit_under_dropout(
            csr_matrix(X), labels, weights, C=self.C, dropout=self.dropout, steps=self.steps
        )
        self.classes_ = np.arange(labels.shape[1])
        self.n_features_in_ = self.coef_.shape[1]
        return self

    def decision_function(self, X: Any) -> npt.NDArray[np.float64]:
        """Decisions of shape (samples, events); above 0 speaks for the event."""
        check_is_fitted(self, "coef_")
        rows = csr_matrix(X)
        decisions = np.asarray(rows @ self.coef_.T + self.intercept_)
        spread = np.asarray(csr_matrix(rows.multiply(rows)) @ (self.coef_**2).T)
        return moderated(decisions, spread, self.doubt)

    def predict(self, X: Any) -> npt.NDArray[np.int64]:
        """0 or 1, shape (samples, events); the best event where none is above 0, as each release announces
        something."""
        decisions = self.decision_function(X)
        tagged = (decisions > 0).astype(np.int64)
        none = tagged.sum(axis=1) == 0
        tagged[none, decisions[none].argmax(axis=1)] = 1
        return tagged

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Macro F1 over the events."""
        from sklearn.metrics import f1_score

        return float(
            f1_score(y, self.predict(X), average="macro", sample_weight=sample_weight, zero_division=0)
        )


def build(**settings: Any) -> Pipeline:
    """See ``nlp.features.make_pipeline``."""
    pipeline = Pipeline([("features", ReleaseFeatures()), ("events", EventLogistic())])
    return pipeline.set_params(**settings) if settings else pipeline
