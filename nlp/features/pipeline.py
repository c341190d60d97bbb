"""The scikit-learn side of the features: a transformer over releases, and the pipeline that trains the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from nlp.features.terms import FIELDS, passages
from nlp.release import Release

__all__ = ["ReleaseFeatures", "build"]

DEFAULT_WEIGHTS = {"headline": 1.0, "lead": 1.0, "body": 0.5}


class ReleaseFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """TF-IDF over the fields of a release: sublinear counts, each field scaled to its own length and weight.

    Parameters
    ----------
    min_df : int, default 3
        A term counts when at least so many groups (issuers) use it; releases, when ``fit`` gets no ``groups``. Asking for
        issuers keeps company and product names out.
    weights : dict of str to float, default headline 1, lead 1, body 0.5
        Length of each field's vector.

    Attributes
    ----------
    columns_ : dict of (field, term) to int
    idf_ : ndarray of shape (n_features,)
    """

    def __init__(self, min_df: int = 3, weights: dict[str, float] | None = None) -> None:
        self.min_df = min_df
        self.weights = weights

    def fit(self, X: Sequence[Release], y: object = None, groups: Sequence[Hashable] | None = None) -> ReleaseFeatures:
        """Learn vocabulary and idf. ``groups``: one value a release; a term's frequency counts groups, not releases."""
        owners = list(range(len(X))) if groups is None else list(groups)
        seen: dict[tuple[str, str], set[Hashable]] = {}
        documents: Counter[tuple[str, str]] = Counter()
        for release, owner in zip(X, owners, strict=True):
            keys = {(p.field, term) for p in passages(release) for term in p.terms}
            documents.update(keys)
            for key in keys:
                seen.setdefault(key, set()).add(owner)
        kept = sorted(key for key, by in seen.items() if len(by) >= self.min_df)
        kept.sort(key=lambda key: FIELDS.index(key[0]))
        self.columns_ = {key: i for i, key in enumerate(kept)}
        frequency = np.array([documents[key] for key in kept], dtype=float)
        self.idf_ = np.log((1 + len(X)) / (1 + frequency)) + 1
        self.n_features_out_ = len(kept)
        return self

    def transform(self, X: Sequence[Release]) -> csr_matrix:
        """Sparse matrix of shape (releases, features)."""
        check_is_fitted(self, "columns_")
        weights = DEFAULT_WEIGHTS if self.weights is None else self.weights
        indptr, indices, data = [0], [], []
        for release in X:
            counts: dict[str, Counter[int]] = {field: Counter() for field in FIELDS}
            for passage in passages(release):
                tally = counts[passage.field]
                for term in passage.terms:
                    column = self.columns_.get((passage.field, term))
                    if column is not None:
                        tally[column] += 1
            for field in FIELDS:
                columns = sorted(counts[field])
                values = np.array([(1 + np.log(counts[field][c])) for c in columns]) * self.idf_[columns] if columns else np.zeros(0)
                norm = np.sqrt((values**2).sum())
                indices.extend(columns)
                data.extend(values * (weights[field] / norm) if norm else values)
            indptr.append(len(indices))
        return csr_matrix((np.array(data, dtype=float), np.array(indices, dtype=np.int64), indptr), shape=(len(X), len(self.columns_)))

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray[Any, Any]:
        """``field=term`` for each column."""
        check_is_fitted(self, "columns_")
        return np.array([f"{field}={term}" for field, term in self.columns_], dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "columns_")


def build(**settings: Any) -> Pipeline:
    """See ``nlp.features.make_pipeline``."""
    one = LogisticRegression(C=10.0, solver="liblinear", class_weight=None, random_state=0)
    pipeline = Pipeline([("features", ReleaseFeatures()), ("events", OneVsRestClassifier(one))])
    return pipeline.set_params(**settings) if settings else pipeline
