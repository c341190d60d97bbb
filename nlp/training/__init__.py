"""Train, evaluate and verify the event model.

``train_model`` (``nlp.training.train``) and ``evaluate`` (``nlp.training.evaluate``) need scikit-learn, which
takes most of a second to import; ``verify`` does not, so only it is here.
"""

from nlp.training.probes import verify

__all__ = ["verify"]
