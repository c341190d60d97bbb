"""Results on disk while a run goes on: append-only shards, each complete or absent.

A shard is JSON Lines: the records of a unit, one a line, then the unit's own line ``{"unit": path, "sha256", "config",
"filter", "seconds", "failed", "records", "crc", "skipped"}``. It is written beside its final name, flushed to the disk
and renamed. Units of a later shard replace those of an earlier one; a unit whose lines are damaged counts as not scored.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

__all__ = ["Place", "ShardStore", "ShardWriter", "is_unit_line", "task_name"]

_UNIT = b'{"unit":'
RUN = 1_000_000  # shards of one run; the next run's numbers begin at the next multiple


def is_unit_line(line: bytes) -> bool:
    """Whether a shard's line is a unit's own, not a record."""
    return line.startswith(_UNIT)


def task_name(number: int) -> str:
    """The name a task has on disk: numbers sort as names do."""
    return f"{number:012d}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a unit's lines lie, and what is worth knowing without reading them.

    ``filter`` names what a filter left out when it was scored (empty: nothing was).
    """

    shard: int
    offset: int
    sha256: str | None
    config: str
    filter: str
    failed: bool


class ShardWriter:
    """Writes one shard; nothing is seen under its name before ``commit``."""

    def __init__(self, folder: Path, number: int) -> None:
        self._final = folder / f"{task_name(number)}.jsonl"
        self._partial = folder / f"{task_name(number)}.{secrets.token_hex(4)}.partial"
        self._file: IO[bytes] = self._partial.open("xb")
        self._units = self._records = self._crc = 0

    def add(self, record: bytes) -> None:
        """Append one record of the unit under way: a line of JSON without its line feed."""
        self._file.write(record + b"\n")
        self._crc = zlib.crc32(record, self._crc)
        self._records += 1

    def end_unit(self, path: str, **told: Any) -> None:
        """Append the line of the unit whose records were added."""
        line = {"unit": path, **told, "records": self._records, "crc": self._crc}
        self._file.write(json.dumps(line, separators=(",", ":")).encode("ascii") + b"\n")
        self._units += 1
        self._records = self._crc = 0

    def commit(self) -> None:
        """Make the shard complete; an empty one leaves nothing."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if self._units:
            os.replace(self._partial, self._final)
        else:
            self._partial.unlink()

    def abandon(self) -> None:
        """Remove what was written."""
        with suppress(OSError):  # closing flushes, which fails on a full disk
            self._file.close()
        with suppress(OSError):
            self._partial.unlink()


class ShardStore:
    """All shards of one output folder: an index in memory, the lines on disk. ``damaged``: units that cannot be used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index: dict[str, Place] = {}
        self.damaged = 0
        self._seen: set[int] = set()

    def load(self) -> None:
        """Index every complete shard not seen before, in order of their numbers."""
        for path in sorted(self.folder.glob("*.jsonl")):
            if path.stem.isdigit() and int(path.stem) not in self._seen:
                self._load_shard(int(path.stem), path)

    def _load_shard(self, number: int, path: Path) -> None:
        start = offset = records = crc = 0
        with path.open("rb") as file:
            for raw in file:
                offset += len(raw)
                if not is_unit_line(raw):
                    records += 1
                    crc = zlib.crc32(raw.removesuffix(b"\n"), crc)
                    continue
                line = _unit_line(raw)
                if line is None or (line["records"], line["crc"]) != (records, crc):
                    self.damaged += 1
                else:
                    self.index[line["unit"]] = Place(
                        number,
                        start,
                        line["sha256"],
                        sys.intern(line["config"]),
                        sys.intern(line["filter"]),
                        line["failed"] > 0,
                    )
                start, records, crc = offset, 0, 0
        self.damaged += records > 0  # lines without their unit's line: the file was cut
        self._seen.add(number)

    def has(self, number: int) -> bool:
        """Whether shard ``number`` is complete on disk."""
        return (self.folder / f"{task_name(number)}.jsonl").exists()

    @property
    def runs(self) -> int:
        """The number of the last run that left shards."""
        return max(self._seen, default=0) // RUN

    def lines(self, paths: Iterable[str]) -> Iterator[bytes]:
        """For each of these paths, in this order, its records' lines and its own; a path without a place is passed over."""
        number, file = -1, None
        try:
            for path in paths:
                place = self.index.get(path)
                if place is None:
                    continue
                if place.shard != number or file is None:
                    if file is not None:
                        file.close()
                    file = (self.folder / f"{task_name(place.shard)}.jsonl").open("rb")
                    number = place.shard
                file.seek(place.offset)
                for line in file:
                    yield line
                    if is_unit_line(line):
                        break
        finally:
            if file is not None:
                file.close()

    def prune(self) -> None:
        """Remove shards all of whose units stand in later ones. Call it after ``load``."""
        used = {place.shard for place in self.index.values()}
        for number in self._seen - used:
            (self.folder / f"{task_name(number)}.jsonl").unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove every shard and everything half-written."""
        for path in self.folder.glob("*"):
            path.unlink()
        self.index.clear()
        self._seen.clear()


def _unit_line(raw: bytes) -> Mapping[str, Any] | None:
    try:
        line = json.loads(raw)
    except ValueError:
        return None
    wanted = {"unit", "sha256", "config", "filter", "seconds", "failed", "records", "crc", "skipped"}
    return line if isinstance(line, dict) and wanted <= line.keys() else None
