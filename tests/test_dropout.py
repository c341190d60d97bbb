"""Learning with terms left out: what it comes to without noise, against drawn copies, and what it refuses."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression

from nlp.features.doubt import moderated
from nlp.features.dropout import fit_under_dropout

Data = tuple[csr_matrix, npt.NDArray[np.int64], npt.NDArray[np.float64]]


@pytest.fixture(scope="module")
def data() -> Data:
    """160 samples of 12 terms, two events that depend on three terms each, weights of 1 and (a quarter) 0.3."""
    random = np.random.default_rng(3)
    rows = (random.random((160, 12)) < 0.4) * random.uniform(0.5, 1.5, (160, 12))
    noise = random.normal(0, 0.6, (160, 2))
    labels = np.column_stack([rows[:, :3].sum(axis=1), rows[:, 3:6].sum(axis=1)]) + noise > 1.4
    return csr_matrix(rows), labels.astype(np.int64), np.where(np.arange(160) % 4 == 0, 0.3, 1.0)


def regression(
    rows: csr_matrix, labels: npt.NDArray[np.int64], weights: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Coefficients of liblinear, which too holds the intercept down; ``weights`` hold the balance of the classes."""
    one = LogisticRegression(C=2.0, solver="liblinear", tol=1e-8, max_iter=5000).fit(
        rows, labels, sample_weight=weights
    )
    coef: npt.NDArray[np.float64] = one.coef_[0]
    return coef


def balance(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    weights: npt.NDArray[np.float64] = np.where(labels == 1, 0.5 / labels.mean(), 0.5 / (1 - labels.mean()))
    return weights


def test_without_dropout_it_is_balanced_logistic_regression(data: Data) -> None:
    rows, labels, weights = data
    coef, _ = fit_under_dropout(rows, labels, weights, C=2.0, dropout=0.0, steps=1000)
    for event, column in enumerate(labels.T):
        expected = regression(rows, column, weights * balance(column))
        assert np.abs(coef[event] - expected).max() < 0.01 * np.abs(expected).max()


def test_dropout_comes_to_what_many_drawn_copies_teach(data: Data) -> None:
    rows, labels, weights = data
    coef, _ = fit_under_dropout(rows, labels, weights, C=2.0, dropout=0.5, steps=1000)
    whole, _ = fit_under_dropout(rows, labels, weights, C=2.0, dropout=0.0, steps=1000)
    random = np.random.default_rng(0)
    heavy, light = np.flatnonzero(weights == 1), np.flatnonzero(weights < 1)
    copies = [rows[heavy] for _ in range(300)]
    for copy in copies:
        copy.data = copy.data * (random.random(copy.nnz) >= 0.5) * 2
    drawn = csr_matrix(vstack([*copies, rows[light]]))
    source = np.concatenate([np.tile(heavy, 300), light])
    share = np.concatenate([np.full(300 * len(heavy), 1 / 300), weights[light]])
    for event, column in enumerate(labels.T):
        expected = regression(drawn, column[source], share * balance(column)[source])
        assert np.abs(coef[event] - expected).max() < 0.15 * np.abs(expected).max()
        assert np.linalg.norm(coef[event]) < 0.9 * np.linalg.norm(whole[event])


def test_an_event_without_labels_or_without_others_is_refused(data: Data) -> None:
    rows, labels, weights = data
    for column in (np.zeros(160, dtype=np.int64), np.ones(160, dtype=np.int64)):
        with pytest.raises(ValueError, match="nothing to learn"):
            fit_under_dropout(
                rows, np.column_stack([labels[:, 0], column]), weights, C=1.0, dropout=0.5, steps=5
            )


def test_many_terms_that_agree_count_for_more_than_one(data: Data) -> None:
    shared, alone = np.full(8, 0.5), np.array([4.0])
    decisions = moderated(
        np.array([4.0, 4.0, -4.0]), np.array([(t**2).sum() for t in (shared, alone, alone)]), 1.0
    )
    assert decisions[0] > 2 * decisions[1] > 0 and decisions[2] == -decisions[1]
    assert moderated(np.array([4.0]), np.array([9.0]), 0.0) == 4.0
