"""The scikit-learn side of the features: a transformer over releases, a classifier, and the pipeline of
both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from nlp.features.cues import default_cues
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

    It learns each sample whole and in ``copies`` that lack a share of their terms, so that no few terms carry a
    decision alone. Scoring is as before: the noise is in training only. Samples of less than half the largest
    weight are learned whole only, as their copies would take time and tell little.

    Parameters
    ----------
    C : float, default 10
        Inverse regularisation.
    copies : int, default 8
        Copies of each sample with terms missing; 0 for none. They share its weight.
    dropout : float, default 0.5
        Share of its terms that a copy lacks; what stays is scaled up to make good for it.
    random_state : int, default 0
        Seed of what is left out.

    Attributes ---------- coef_ : ndarray of shape (n_events, n_features) intercept_ : ndarray of shape
    (n_events,)
    """

    def __init__(self, C: float = 10.0, copies: int = 8, dropout: float = 0.5, random_state: int = 0) -> None:
        self.C = C
        self.copies = copies
        self.dropout = dropout
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: npt.ArrayLike | None = None) -> EventLogistic:
        """``y``: 0 or 1, shape (samples, events)."""
        labels = np.asarray(y)
        if labels.ndim != 2:
            raise ValueError(f"y has shape {labels.shape}; one column of 0 and 1 an event is needed")
        weights = (
            np.ones(len(labels)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        )
        rows, source = self._with_copies(csr_matrix(X), weights)
        share = weights / np.bincount(source)
        coefs, intercepts = [], []
        for column in labels.T:
            # the dual is solved in less than half of the time of the primal, to 0.002 of its decisions
            one = LogisticRegression(
                C=self.C, solver="liblinear", dual=True, tol=1e-3, max_iter=1000,
                class_weight="balanced", random_state=0,
            )  # fmt: skip
            one.fit(rows, column[source], sample_weight=share[source])
            coefs.append(one.coef_[0])
            intercepts.append(float(one.intercept_[0]))
        self.coef_ = np.array(coefs)
        self.intercept_ = np.array(intercepts)
        self.classes_ = np.arange(labels.shape[1])
        self.n_features_in_ = self.coef_.shape[1]
        return self

    def _with_copies(
        self, X: csr_matrix, weights: npt.NDArray[np.float64]
    ) -> tuple[csr_matrix, npt.NDArray[np.int64]]:
        """``X``, and below it copies without some of its terms; and the row of ``X`` that each row comes from."""
        random = np.random.default_rng(self.random_state)
        source = [np.arange(X.shape[0])]
        heavy = np.flatnonzero(weights >= weights.max() / 2)
        blocks = [X]
        for _ in range(self.copies):
            copy = X[heavy]
            copy.data = copy.data * (random.random(copy.nnz) >= self.dropout) / (1 - self.dropout)
            copy.eliminate_zeros()
            blocks.append(copy)
            source.append(heavy)
        return csr_matrix(vstack(blocks)), np.concatenate(source)

    def decision_function(self, X: Any) -> npt.NDArray[np.float64]:
        """Decisions of shape (samples, events); above 0 speaks for the event."""
        check_is_fitted(self, "coef_")
        return np.asarray(X @ self.coef_.T + self.intercept_)

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
