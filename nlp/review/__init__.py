"""People correct the model: releases in doubt, one key a decision, labels that training takes.

``desk`` holds the state and knows no terminal; ``labels`` keeps the files; ``terminal`` shows and reads keys.
"""

from nlp.review.desk import Decision, Desk, Item, in_doubt
from nlp.review.labels import LabelFile
from nlp.review.terminal import Tally, review

__all__ = ["Decision", "Desk", "Item", "LabelFile", "Tally", "in_doubt", "review"]
