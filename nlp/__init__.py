"""ex99: what biopharma press releases in SEC filings announce, with whom, and about which drugs.

>>> from nlp import classify
>>> classify("Acme Bio Reports Third Quarter 2025 Financial Results").primary_event
'earnings'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nlp.classification import Classification
    from nlp.classifier import Classifier, classify, classify_submission, locate
    from nlp.spacy_pipeline import load

__all__ = ["Classification", "Classifier", "__version__", "classify", "classify_submission", "load", "locate"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # The heavy imports wait until a public name is asked for: `ex99 --help` and plain imports stay quick.
    if name == "load":
        from nlp.spacy_pipeline import load

        return load
    if name == "Classification":
        from nlp.classification import Classification

        return Classification
    if name in __all__:
        from nlp import classifier

        return getattr(classifier, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
