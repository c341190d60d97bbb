"""Results on disk while a run goes on: append-only shards, each complete or absent.

A shard is JSON Lines, one line a unit: ``{"path", "sha256", "config", "seconds", "filtered", "records": [...]}``. It is written
beside its final name, flushed to the disk and renamed. A later shard's line for a path replaces an earlier one's.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

__all__ = ["Place", "ShardStore", "ShardWriter"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a unit's line lies, and what is worth knowing without reading it."""

    shard: int
    offset: int
    sha256: str | None
    config: str
    failed: bool
    filtered: bool


class ShardWriter:
    """Writes one shard; nothing is seen under its name before ``commit``."""

    def __init__(self, folder: Path, number: int) -> None:
        self._final = folder / f"{number:08d}.jsonl"
        self._partial = folder / f"{number:08d}.{os.getpid()}.partial"
        self._file: IO[bytes] = self._partial.open("wb")
        self.lines = 0

    def add(self, line: Mapping[str, Any]) -> None:
        """Append one unit's line."""
        self._file.write(json.dumps(line, separators=(",", ":")).encode("ascii") + b"\n")
        self.lines += 1

    def commit(self) -> None:
        """Make the shard complete; an empty one leaves nothing."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if self.lines:
            os.replace(self._partial, self._final)
        else:
            self._partial.unlink()

    def abandon(self) -> None:
        """Remove what was written."""
        self._file.close()
        with suppress(OSError):
            self._partial.unlink()


class ShardStore:
    """All shards of one output folder: an index in memory, the lines on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index: dict[str, Place] = {}
        self._seen: set[int] = set()

    def load(self) -> None:
        """Index every complete shard not seen before, in order of their numbers."""
        for path in sorted(self.folder.glob("*.jsonl")):
            number = int(path.stem)
            if number not in self._seen:
                self._load_shard(number, path)

    def _load_shard(self, number: int, path: Path) -> None:
        offset = 0
        with path.open("rb") as file:
            for raw in file:
                line = json.loads(raw)
                self.index[line["path"]] = Place(
                    number,
                    offset,
                    line["sha256"],
                    line["config"],
                    any(record["status"] == "failed" for record in line["records"]),
                    line["filtered"],
                )
                offset += len(raw)
        self._seen.add(number)

    def has(self, number: int) -> bool:
        """Whether shard ``number`` is complete on disk."""
        return (self.folder / f"{number:08d}.jsonl").exists()

    @property
    def next_number(self) -> int:
        """The first number no shard has."""
        return max(self._seen, default=-1) + 1

    def lines(self, paths: Iterator[str] | list[str]) -> Iterator[dict[str, Any]]:
        """The lines of these paths, in this order; a path without one is passed over."""
        open_number, file = -1, None
        try:
            for path in paths:
                place = self.index.get(path)
                if place is None:
                    continue
                if place.shard != open_number:
                    if file is not None:
                        file.close()
                    file = (self.folder / f"{place.shard:08d}.jsonl").open("rb")
                    open_number = place.shard
                assert file is not None
                file.seek(place.offset)
                yield json.loads(file.readline())
        finally:
            if file is not None:
                file.close()

    def clear(self) -> None:
        """Remove every shard and everything half-written."""
        for path in self.folder.glob("*"):
            path.unlink()
        self.index.clear()
        self._seen.clear()
