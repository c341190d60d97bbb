"""Results in store while a run goes on: append-only shards, each complete or absent.

A shard is JSON Lines: the records of a unit, one a line, then the unit's own line ``{"unit": path, "part", "sha256", "stamp",
"config", "filter", "seconds", "slowest", "failed", "records", "crc", "skipped"}``. A unit whose content is what it was, although its
stamp is not, has only a line ``{"stamp": stamp, "of": path, "part", "sha256"}``. Units of a later shard replace those of an earlier
one; a unit whose lines are damaged counts as not scored.
"""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import IO, Any

from nlp.batch.places import Place
from nlp.batch.plan import Key, Unit

__all__ = ["Entry", "ShardStore", "ShardWriter", "is_unit_line", "task_name"]

_UNIT = b'{"unit":'
_STAMP = b'{"stamp":'
_UNIT_FIELDS = {
    "unit": str,
    "sha256": str | None,
    "config": str,
    "filter": str,
    "seconds": int | float,
    "failed": int,
    "records": int,
    "crc": int,
    "skipped": dict,
}
RUN = 1_000_000  # shards of one run; the next run's numbers begin at the next multiple


def is_unit_line(line: bytes) -> bool:
    """Whether a shard's line is a unit's own, not a record."""
    return line.startswith(_UNIT)


def task_name(number: int) -> str:
    """The name a task has on disk."""
    return f"{number:012d}"


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a unit's lines lie, and what is worth knowing without reading them.

    ``filter`` names what a filter left out when it was scored (empty: nothing was); ``stamped`` is the shard that told
    the stamp.
    """

    shard: int
    offset: int
    sha256: str | None
    stamp: str
    stamped: int
    config: str
    filter: str
    failed: bool


class ShardWriter:
    """Writes one shard; nothing is seen under its name before ``commit``."""

    def __init__(self, place: Place, number: int) -> None:
        self._place = place
        self._name = f"{task_name(number)}.jsonl"
        self._draft = place.draft(self._name)
        self._file: IO[bytes] = self._draft.open("xb")
        self._records = self._crc = 0
        self._empty = True

    def add(self, record: bytes) -> None:
        """Append one record of the unit under way: a line of JSON without its line feed."""
        self._file.write(record + b"\n")
        self._crc = zlib.crc32(record, self._crc)
        self._records += 1

    def end_unit(self, unit: Unit, **told: Any) -> None:
        """Append the line of the unit whose records were added."""
        line = {"unit": unit.path, "part": unit.part, "stamp": unit.stamp}
        self._tell({**line, **told, "records": self._records, "crc": self._crc})
        self._records = self._crc = 0

    def stamp(self, unit: Unit, sha256: str) -> None:
        """Note the new stamp of a unit whose content is what it was."""
        self._tell({"stamp": unit.stamp, "of": unit.path, "part": unit.part, "sha256": sha256})

    def copy(self, line: bytes) -> None:
        """Append a line of another shard as it is."""
        self._file.write(line)
        self._empty = False

    def _tell(self, line: dict[str, Any]) -> None:
        self.copy(json.dumps(line, separators=(",", ":")).encode("ascii") + b"\n")

    def commit(self) -> None:
        """Make the shard complete; an empty one leaves nothing."""
        self._file.close()
        if self._empty:
            self._draft.unlink()
        else:
            self._place.publish(self._draft, self._name)

    def abandon(self) -> None:
        """Remove what was written."""
        with suppress(OSError):  # closing flushes, which fails on a full disk
            self._file.close()
        with suppress(OSError):
            self._draft.unlink()


class ShardStore:
    """All shards of one output folder: an index in memory, the lines in store.

    ``damaged`` counts the units whose lines cannot be used.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self.index: dict[Key, Entry] = {}
        self.damaged = 0
        self._seen: set[int] = set()
        self._broken: set[int] = set()

    def load(self) -> None:
        """Index every complete shard not seen before, in order of their numbers."""
        for number in sorted(self._numbers() - self._seen):
            self.load_shard(number)

    def _numbers(self) -> set[int]:
        parts = (name.partition(".") for name in self.place.names())
        return {int(stem) for stem, _, suffix in parts if stem.isdigit() and suffix == "jsonl"}

    def load_shard(self, number: int) -> None:
        """Index one complete shard."""
        start = offset = records = crc = damaged = 0
        with self._open(number) as file:
            for raw in file:
                offset += len(raw)
                if raw.startswith(_STAMP):
                    self._restamp(raw, number)
                elif not is_unit_line(raw):
                    records += 1
                    crc = zlib.crc32(raw.removesuffix(b"\n"), crc)
                    continue
                elif (line := _unit_line(raw)) is None or (line["records"], line["crc"]) != (records, crc):
                    damaged += 1
                elif number >= self._shard_of(_key(line)):  # an orphan of a killed run may end late
                    self.index[_key(line)] = Entry(
                        number,
                        start,
                        line["sha256"],
                        line.get("stamp", ""),
                        number,
                        sys.intern(line["config"]),
                        sys.intern(line["filter"]),
                        line["failed"] > 0,
                    )
                start, records, crc = offset, 0, 0
        damaged += records > 0  # lines without their unit's line: the file was cut
        if damaged:
            self.damaged += damaged
            self._broken.add(number)
        self._seen.add(number)

    def _shard_of(self, key: Key) -> int:
        entry = self.index.get(key)
        return -1 if entry is None else entry.shard

    def _restamp(self, raw: bytes, number: int) -> None:
        with suppress(ValueError, KeyError, TypeError):  # damaged: the file is read again
            line = json.loads(raw)
            key = _key(line)
            entry = self.index.get(key)
            if entry is not None and entry.sha256 == line["sha256"]:
                self.index[key] = replace(entry, stamp=str(line["stamp"]), stamped=number)

    def _open(self, number: int) -> IO[bytes]:
        return self.place.open(f"{task_name(number)}.jsonl")

    def has(self, number: int) -> bool:
        """Whether shard ``number`` is complete in store."""
        return self.place.has(f"{task_name(number)}.jsonl")

    @property
    def runs(self) -> int:
        """The number of the last run that left shards."""
        return max(self._seen, default=0) // RUN

    def lines(self, units: Iterable[Key]) -> Iterator[bytes]:
        """For each of these units, in this order, its records' lines and its own; one without an entry is passed over."""
        number, file = -1, None
        try:
            for key in units:
                entry = self.index.get(key)
                if entry is None:
                    continue
                if entry.shard != number or file is None:
                    if file is not None:
                        file.close()
                    file = self._open(entry.shard)
                    number = entry.shard
                file.seek(entry.offset)
                for line in file:
                    yield line
                    if is_unit_line(line):
                        break
        finally:
            if file is not None:
                file.close()

    def forget(self, units: Iterable[Key]) -> None:
        """Leave out of the index what no longer is a unit: parts of an archive that is cut otherwise now."""
        for key in units:
            del self.index[key]

    def prune(self, number: int) -> None:
        """Remove shards that nothing stands in any more; the good units of damaged ones move to shard ``number``.

        Call it after ``load``.
        """
        broken = [key for key, entry in self.index.items() if entry.shard in self._broken]
        if broken:
            writer = ShardWriter(self.place, number)
            try:
                for line in self.lines(broken):
                    writer.copy(line)
                writer.commit()
            except BaseException:
                writer.abandon()
                raise
            self.load_shard(number)
        used = {number for entry in self.index.values() for number in (entry.shard, entry.stamped)}
        for unused in self._seen - used:
            self.place.remove(f"{task_name(unused)}.jsonl")
        self._seen &= used
        self._broken.clear()

    def clear(self) -> None:
        """Remove every shard."""
        for number in self._numbers():
            self.place.remove(f"{task_name(number)}.jsonl")
        self.index.clear()
        self._seen.clear()


def _key(line: Mapping[str, Any]) -> Key:
    start, stop = line.get("part") or (0, 0)
    return (line["unit"] if "unit" in line else line["of"], int(start), int(stop))


def _unit_line(raw: bytes) -> Mapping[str, Any] | None:
    try:
        line = json.loads(raw)
    except ValueError:
        return None
    if not isinstance(line, dict) or not all(
        isinstance(line.get(name), kind) for name, kind in _UNIT_FIELDS.items()
    ):
        return None
    try:
        _key(line)
    except (TypeError, ValueError):
        return None
    return line
