"""Folders of filings: parallel, resumable, one record for every input."""

from __future__ import annotations

from nlp.batch.run import Progress, Summary, read_paths, score_folder
from nlp.batch.stream import Scorer, score_many

__all__ = ["Progress", "Scorer", "Summary", "read_paths", "score_folder", "score_many"]
