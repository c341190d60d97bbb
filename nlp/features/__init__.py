"""From a sectioned release to what the model counts.

``make_pipeline`` gives the unfitted scikit-learn pipeline; scoring from arrays (``nlp.model``) uses the same
``passages`` without importing scikit-learn, which would cost most of a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nlp.features.cues import Cues, default_cues
from nlp.features.runs import RunLookup
from nlp.features.terms import FIELDS, RUNS, Passage, passages, words

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

__all__ = [
    "FIELDS",
    "RUNS",
    "Cues",
    "Passage",
    "RunLookup",
    "default_cues",
    "make_pipeline",
    "passages",
    "words",
]


def make_pipeline(**settings: Any) -> Pipeline:
    """Unfitted scikit-learn pipeline from a sequence of ``Release`` to decisions per event.

    ``settings`` go to the steps, as ``set_params`` takes them (``features__min_df=3``, ``events__C=4.0``).
    Fit it with ``y`` of shape (releases, events), 0 or 1.

    >>> from nlp.features import make_pipeline
    >>> make_pipeline().get_params()["features__min_df"]
    3
    """
    from nlp.features.pipeline import build  # scikit-learn takes most of a second to import

    return build(**settings)
