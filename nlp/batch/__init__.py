"""Folders of filings: one record for every input."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from nlp.batch.schema import releases_schema
from nlp.classifier import Classification, Classifier, Source
from nlp.containers import walk

__all__ = ["Summary", "score_folder", "score_paths"]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did: records by status, and where the results lie."""

    statuses: Counter[str]
    jsonl: Path
    parquet: Path

    @property
    def failed(self) -> int:
        """How many records are ``failed``."""
        return self.statuses["failed"]


def score_paths(folder: Path, classifier: Classifier) -> Iterator[Classification]:
    """Every input under ``folder``, in order; an input that fails is a ``failed`` result."""
    for source in walk(folder):
        try:
            results = classifier.score_bytes(source.read(), path=source.label)
        except Exception as error:  # no input stops a batch
            results = (classifier.failure(Source(path=source.label), error, "read"),)
        yield from results


def score_folder(
    folder: Path, out: Path, *, classifier: Classifier | None = None, with_text: bool = False
) -> tuple[Summary, list[dict[str, Any]]]:
    """Score ``folder`` into ``out/releases.jsonl`` and ``out/releases.parquet``."""
    records = [r.to_dict(with_text=with_text) for r in score_paths(folder, classifier or Classifier())]
    out.mkdir(parents=True, exist_ok=True)
    jsonl, parquet = out / "releases.jsonl", out / "releases.parquet"
    partial = jsonl.with_suffix(".partial")
    partial.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
    os.replace(partial, jsonl)
    partial = parquet.with_suffix(".partial")
    pq.write_table(pa.Table.from_pylist(records, schema=releases_schema(with_text=with_text)), partial)
    os.replace(partial, parquet)
    return Summary(Counter(r["status"] for r in records), jsonl, parquet), records
