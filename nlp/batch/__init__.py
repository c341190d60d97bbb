"""Folders of filings: parallel, resumable, one record for every input."""

from __future__ import annotations

from nlp.batch.inputs import read_paths
from nlp.batch.run import Run, score_folder
from nlp.batch.scoring import Progress, StoppedError
from nlp.batch.stream import Scorer, score_many
from nlp.batch.summary import Summary

__all__ = ["Progress", "Run", "Scorer", "StoppedError", "Summary", "read_paths", "score_folder", "score_many"]
