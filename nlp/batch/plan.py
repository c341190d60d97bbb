"""What there is to do: files in a fixed order, cut into tasks of about equal bytes."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from nlp.containers import ARCHIVES

__all__ = ["WHOLE", "Filter", "Key", "Task", "Unit", "make_tasks", "split_archive"]

Key = tuple[str, int, int]  # a unit's path and part; 0, 0 for a file as a whole

# Bytes rather than counts make tasks even: exhibits differ in size by a factor of a thousand. 4 MB is about a
# hundred filings, a second of work: small enough to lose little when a run is killed.
TASK_BYTES = 4_000_000
TASK_UNITS = 250
# A large archive is scored in parts, as many as its size on disk makes likely: filings pack to about a fifth. A part of a
# .tar.gz is unpacked from the archive's beginning (370 MB a second on filings, against 10 scored), so
# parts are large and few.
PART_BYTES = 128_000_000
PARTS = 16
_PACKED_TO = {".tar": 1}
WHOLE = -1  # the member number of a unit as a whole


@dataclass(frozen=True, slots=True)
class Unit:
    """One file (an archive is one, whatever its members), or the ``part`` of a large archive whose members begin in this range of
    its unpacked bytes.

    ``stamp`` changes whenever the file does (empty: it cannot be told). ``known`` is the SHA-256 of its scored content,
    if any; ``avoid`` the positions of the members that kill workers (0 for a plain file, ``WHOLE`` for everything).
    """

    path: str
    size: int
    stamp: str = ""
    known: str | None = None
    avoid: tuple[int, ...] = ()
    part: tuple[int, int] | None = None

    @property
    def key(self) -> Key:
        """What names it among all units."""
        return (self.path, *self.part) if self.part else (self.path, 0, 0)


@dataclass(frozen=True, slots=True)
class Task:
    """Units that one worker scores into one shard; ``number`` names the shard."""

    number: int
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which filings are wanted: filed on ``since`` (ISO date) or later, of one of these ``forms``; empty means all.

    >>> Filter("2020-01-01", ("8-K",)).takes("8-K", "2020-02-03"), Filter("2020-01-01").takes("8-K", None)
    (True, False)
    """

    since: str | None = None
    forms: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The filter in a line, as shards note it; empty where it takes everything."""
        return " ".join(
            [*([f"since={self.since}"] if self.since else []), *(f"form={f}" for f in sorted(self.forms))]
        )

    def takes(self, form_type: str | None, filed_on: str | None) -> bool:
        """Whether a filing of this form and day is wanted. One that does not tell is not."""
        if self.since and (filed_on is None or filed_on < self.since):
            return False
        return not self.forms or (form_type or "").upper() in {form.upper() for form in self.forms}


def split_archive(unit: Unit, *, part_bytes: int = PART_BYTES) -> Iterator[Unit]:
    """``unit``, or the parts of a large archive; its size alone decides, so that they are the same in every run.

    >>> [part.part for part in split_archive(Unit("feed.tar", 300), part_bytes=100)]
    [(0, 100), (100, 200), (200, 9223372036854775807)]
    """
    suffix = next((suffix for suffix in ARCHIVES if unit.path.lower().endswith(suffix)), None)
    likely = 0 if suffix is None else unit.size * _PACKED_TO.get(suffix, 5)
    width = max(part_bytes, -(-likely // PARTS))
    bounds = [*range(0, likely - width + 1, width), sys.maxsize]
    if len(bounds) < 3:
        yield unit
        return
    for part in itertools.pairwise(bounds):
        yield replace(unit, part=part, size=unit.size // (len(bounds) - 1))


def make_tasks(
    units: Iterable[Unit], numbers: Iterator[int], *, max_bytes: int = TASK_BYTES, max_units: int = TASK_UNITS
) -> Iterator[Task]:
    """Cut ``units`` into tasks numbered from ``numbers``, each of at most ``max_bytes`` (or a single larger unit)."""
    chunk: list[Unit] = []
    total = 0
    for unit in units:
        if chunk and (total + unit.size > max_bytes or len(chunk) >= max_units):
            yield Task(next(numbers), tuple(chunk))
            chunk, total = [], 0
        chunk.append(unit)
        total += unit.size
    if chunk:
        yield Task(next(numbers), tuple(chunk))
