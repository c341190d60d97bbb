"""What there is to do: files in a fixed order, cut into tasks of about equal bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

__all__ = ["Task", "Unit", "make_tasks"]

# Bytes rather than counts make tasks even: exhibits differ in size by a factor of a thousand. 4 MB is about a
# hundred filings, a fraction of a second of work: small enough to lose little when a run is killed.
TASK_BYTES = 4_000_000
TASK_UNITS = 250


@dataclass(frozen=True, slots=True)
class Unit:
    """One file (an archive is one, whatever its members). ``known`` is the SHA-256 of its scored content, if any."""

    path: str
    size: int
    known: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Units that one worker scores into one shard; ``number`` names the shard."""

    number: int
    units: tuple[Unit, ...]


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
