"""Folders of filings: parallel, resumable, one record for every input."""

from __future__ import annotations

from nlp.batch.run import Progress, Summary, score_folder

__all__ = ["Progress", "Summary", "score_folder"]
