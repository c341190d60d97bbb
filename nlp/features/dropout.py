"""Logistic regression that learns each sample with a share of its terms left out.

Leaving terms out at random keeps a few of them from carrying a decision alone (van der Maaten et al. 2013, Wang and
Manning 2013). The sum of what stays is close to normal, so the loss expected over all that could be left out is taken
by a five-point Gauss-Hermite rule: no copies to draw, no seed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

__all__ = ["fit_under_dropout"]

Floats = npt.NDArray[np.float64]

_POINTS, _SHARES = np.polynomial.hermite_e.hermegauss(5)
_SHARES = _SHARES / _SHARES.sum()
_CURVATURE = 0.03  # of the loss at its start, as the minimiser is told; reached the lowest loss in 50 steps


def fit_under_dropout(
    rows: csr_matrix,
    labels: npt.NDArray[np.int64],
    weights: Floats,
    *,
    C: float,
    dropout: float,
    steps: int,
) -> tuple[Floats, Floats]:
    """Coefficients of shape (events, features) and intercepts of shape (events,), of one regression an event.

    ``rows``: shape (samples, features); ``labels``: 0 or 1, shape (samples, events); both classes of an event weigh
    the same. Samples of less than half the largest weight are learned whole. ``steps``: of L-BFGS at most.
    """
    samples, features = rows.shape
    events = labels.shape[1]
    share = labels.mean(axis=0)
    if not ((share > 0) & (share < 1)).all():
        raise ValueError("an event is labelled in none or in all of the samples; there is nothing to learn")
    cost = C * weights[:, np.newaxis] * np.where(labels == 1, 0.5 / share, 0.5 / (1 - share))
    sign = 2.0 * labels - 1
    noisy = np.flatnonzero(weights >= weights.max() / 2)
    whole = np.flatnonzero(weights < weights.max() / 2)
    columns = csr_matrix(rows.T)
    squares = csr_matrix(rows[noisy])
    squares.data = squares.data**2 * (dropout / (1 - dropout))
    square_columns = csr_matrix(squares.T)
    # the minimiser works on coefficients scaled by the curvature of the loss: common terms move as fast as rare ones
    curvature = csr_matrix(rows.multiply(rows)).T @ cost
    scale = np.vstack(
        [1 / np.sqrt(1 + _CURVATURE * curvature), 1 / np.sqrt(1 + _CURVATURE * cost.sum(axis=0))]
    )

    def loss(flat: Floats) -> tuple[float, Floats]:
        point = flat.reshape(features + 1, events) * scale
        coef = point[:-1]
        mean = rows @ coef + point[-1]
        spread = np.sqrt(squares @ (coef * coef) + 1e-9)
        total = 0.5 * float((point * point).sum())
        slope = np.zeros((samples, events))  # of the loss by the decision
        wide = np.zeros((len(noisy), events))  # and by its spread
        against = -sign[whole] * mean[whole]
        total += float((cost[whole] * np.logaddexp(0, against)).sum())
        slope[whole] = -sign[whole] * cost[whole] * _logistic(against)
        for place, part in zip(_POINTS.tolist(), _SHARES.tolist(), strict=True):
            against = -sign[noisy] * (mean[noisy] + spread * place)
            total += part * float((cost[noisy] * np.logaddexp(0, against)).sum())
            pull = -sign[noisy] * part * cost[noisy] * _logistic(against)
            slope[noisy] += pull
            wide += pull * place
        gradient = np.empty_like(point)
        gradient[:-1] = columns @ slope + coef * (square_columns @ (wide / spread)) + coef
        gradient[-1] = slope.sum(axis=0) + point[-1]
        return total, (gradient * scale).ravel()

    found: Any = minimize(
        loss, np.zeros((features + 1) * events), jac=True, method="L-BFGS-B", options={"maxiter": steps}
    )
    best = found.x.reshape(features + 1, events) * scale
    return np.ascontiguousarray(best[:-1].T), best[-1]


def _logistic(values: Floats) -> Floats:
    result: Floats = 1.0 / (1.0 + np.exp(-np.clip(values, -500, 500)))
    return result
