"""What a run did, in numbers, counted while the tables are written."""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from nlp.batch.plan import Filter
from nlp.batch.shards import is_unit_line
from nlp.batch.worker import printable
from nlp.classification import SCHEMA
from nlp.containers import ARCHIVES
from nlp.errors import InputError

__all__ = ["Summary", "Tally"]

_KEPT = 10  # slowest and failed inputs named in a summary


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did: ``inputs`` (files) it found, ``scored`` and ``unchanged`` ones, and the records by status, event and warning.

    ``slowest``: seconds and path, of an archive its slowest member; ``failures``: path, code and message; the first ten of each. ``filtered``: files with a
    filing that ``since`` or ``forms`` left out; ``skipped``: files and members passed over, by kind. ``damaged``: files
    whose stored results were damaged and not used; ``outdated``: files without results, or with those of another model,
    rule set or option (only where just the failed ones were scored); ``absent``: files scored in earlier runs that are not
    among these inputs, whose results are kept but not in the tables.

    >>> from nlp.batch import Summary
    >>> summary = Summary("out", 3, 2, 1, 0.8, {"ok": 2, "failed": 1}, {"trial": 2}, {}, (), ())
    >>> f"{summary.failed} of {summary.inputs} failed; {summary.unchanged} had not changed"
    '1 of 3 failed; 1 had not changed'
    """

    out: str | None
    inputs: int
    scored: int
    unchanged: int
    seconds: float
    statuses: dict[str, int]
    events: dict[str, int]
    warnings: dict[str, int]
    slowest: tuple[tuple[float, str], ...]
    failures: tuple[tuple[str, str, str], ...]
    filtered: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    damaged: int = 0
    outdated: int = 0
    absent: int = 0

    @property
    def failed(self) -> int:
        """How many records are ``failed``."""
        return self.statuses.get("failed", 0)

    def counts(self) -> dict[str, Any]:
        """Everything but the place, for ``run.json``."""
        return {key: value for key, value in asdict(self).items() if key != "out"}


class Tally:
    """Counts records on their way from the shards to the tables, and holds back those that are not wanted."""

    def __init__(self, wanted: Filter, events: Iterable[str], skipped: Counter[str]) -> None:
        self._filter = wanted
        self._only = frozenset(events)
        self._skipped = skipped
        self._filtered = 0
        self._statuses: Counter[str] = Counter()
        self._events: Counter[str] = Counter()
        self._warnings: Counter[str] = Counter()
        self._slowest: list[tuple[float, str]] = []
        self._failures: list[tuple[str, str, str]] = []
        self._said: set[tuple[str, str]] = set()

    def watch(self, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
        """The wanted records among shard lines."""
        held_back = False
        said: set[tuple[str, str]] = set()
        for raw in lines:
            line = json.loads(raw)
            if is_unit_line(raw):
                seconds, label = line.get("slowest") or (0.0, "")  # of an archive, the slowest member
                heapq.heappush(
                    self._slowest,
                    (seconds, printable(label)) if label else (line["seconds"], printable(line["unit"])),
                )
                if len(self._slowest) > _KEPT:
                    heapq.heappop(self._slowest)
                self._skipped.update(line["skipped"])
                self._filtered += held_back or line["filter"] != ""
                held_back = False
            elif not self._takes(line):
                held_back = True
            elif self._tagged(line) and not _said(line, said):
                self._count(line)
                yield line

    def select(self, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
        """The same records, not counted."""
        for raw in lines:
            if is_unit_line(raw):
                continue
            line = json.loads(raw)
            if self._takes(line) and self._tagged(line) and not _said(line, self._said):
                yield line

    def _takes(self, record: dict[str, Any]) -> bool:
        if (
            record.get("schema") != SCHEMA
        ):  # only where just the failed files were scored: the others would have been
            raise InputError(
                f"the folder's results have schema {record.get('schema')}, this version writes {SCHEMA}; "
                "run once without --only-failed",
                code="other-schema",
            )
        unread = record["status"] == "failed" and record["accession_number"] is None
        return unread or self._filter.takes(record["form_type"], record["filed_on"])

    def _tagged(self, record: dict[str, Any]) -> bool:
        if not self._only or record["status"] == "failed":
            return True
        return any(event["accepted"] and event["type"] in self._only for event in record["events"])

    def _count(self, record: dict[str, Any]) -> None:
        self._statuses[record["status"]] += 1
        self._events.update(event["type"] for event in record["events"] if event["accepted"])
        self._warnings.update({warning["code"] for warning in record["warnings"]})
        if record["error"] and len(self._failures) < _KEPT:
            self._failures.append((record["path"], record["error"]["code"], record["error"]["message"]))

    def summary(
        self,
        out: str | None,
        *,
        inputs: int,
        scored: int,
        unchanged: int,
        seconds: float,
        damaged: int = 0,
        outdated: int = 0,
        absent: int = 0,
    ) -> Summary:
        """What was counted. Call it when ``watch`` has run out."""
        return Summary(
            out,
            inputs,
            scored,
            unchanged,
            round(seconds, 3),
            dict(sorted(self._statuses.items())),
            _ranked(self._events),
            _ranked(self._warnings),
            tuple(sorted(self._slowest, reverse=True)),
            tuple(self._failures),
            self._filtered,
            _ranked(self._skipped),
            damaged,
            outdated,
            absent,
        )


def _said(record: dict[str, Any], said: set[tuple[str, str]]) -> bool:
    """Whether another part of the same archive has said that it cannot be read."""
    if record["status"] != "failed" or not record["path"].lower().endswith(ARCHIVES):
        return False
    one = (record["path"], record["error"]["code"])
    if one in said:
        return True
    said.add(one)
    return False


def _ranked(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
