"""How far a decision hangs on few terms. Training and serving share this code: numpy alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["moderated"]

Floats = npt.NDArray[np.float64]


def moderated(decision: Floats, spread: Floats, doubt: float) -> Floats:
    """Decisions drawn towards 0 by their ``spread``: the sum of the squares of what each term adds, which is their
    variance when half of the terms are left out. One strong term alone counts for less than many that agree.

    >>> import numpy as np
    >>> moderated(np.array([4.0, 4.0]), np.array([0.0, 15.0]), 1.0).tolist()
    [4.0, 1.0]
    """
    result: Floats = decision / np.sqrt(1.0 + doubt * spread)
    return result
