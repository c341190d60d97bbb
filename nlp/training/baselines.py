"""The two baselines a report is held against: headline keywords, and TF-IDF with logistic regression over
the whole text."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

__all__ = ["headline_keywords", "whole_text"]

Ints = npt.NDArray[np.int64]
# What one would match first, without looking at the data; deliberately not our cues.
_KEYWORDS = {
    "licensing": r"licen[sc]|collaborat|partner|agreement|distribution|alliance",
    "trial": r"phase|trial|study|patient|data|results from|topline|enroll",
    "financing": r"offering|private placement|financing|funding|loan|notes|raises|grant|warrants",
    "regulatory": r"fda|approv|ema|designation|clearance|nda|bla|ind|510\(k\)|submission",
    "acquisition": r"acqui|merger|merge|tender offer|spin",
    "earnings": r"quarter|financial results|full[- ]year|earnings|revenue|half[- ]year",
    "management": r"appoint|names|chief|officer|board of directors|ceo|cfo|joins",
    "conference": r"to present|to participate|conference|webcast|symposium|annual meeting|to host",
}


def headline_keywords(headlines: Sequence[str], event_types: Sequence[str]) -> Ints:
    """Tags of shape (n, events): each event whose keywords the headline holds; ``other`` where none does."""
    patterns = {
        event: re.compile(rf"\b(?:{_KEYWORDS[event]})", re.I) for event in event_types if event in _KEYWORDS
    }
    tagged = np.zeros((len(headlines), len(event_types)), dtype=np.int64)
    for row, headline in enumerate(headlines):
        for column, event in enumerate(event_types):
            tagged[row, column] = int(event in patterns and bool(patterns[event].search(headline)))
        if not tagged[row].any() and "other" in event_types:
            tagged[row, event_types.index("other")] = 1
    return tagged


def whole_text(texts: Sequence[str], labels: Ints, held: Sequence[str]) -> Ints:
    """Tags for ``held`` by word 1- and 2-grams over the whole text, fitted on ``texts``; the best event
    where none is over 0.5."""
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True),
        OneVsRestClassifier(
            LogisticRegression(C=20.0, solver="liblinear", class_weight="balanced", random_state=0)
        ),
    )
    model.fit(list(texts), labels)
    decisions = model.decision_function(list(held))
    tagged: Ints = (decisions > 0).astype(np.int64)
    none = np.flatnonzero(tagged.sum(axis=1) == 0)
    tagged[none, decisions[none].argmax(axis=1)] = 1
    return tagged
