"""A whole run: list, plan, score in parallel, survive what kills workers, resume, write the tables."""

from __future__ import annotations

import hashlib
import heapq
import itertools
import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

from nlp import __version__
from nlp.batch.plan import Task, Unit, make_tasks
from nlp.batch.shards import ShardStore, ShardWriter
from nlp.batch.tables import write_tables
from nlp.batch.worker import Settings, TaskReport, file_digest, printable, score_task
from nlp.classifier import SCHEMA, Classifier, Source
from nlp.containers import list_files
from nlp.errors import InputError, LimitError

__all__ = ["Progress", "Summary", "score_folder"]

_DEATHS_ALLOWED = 3
_KEPT = 10  # slowest and failed inputs named in a summary


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did: ``inputs`` (files) it found, ``scored`` and ``unchanged`` ones, and the records by status, event and warning.

    ``slowest``: seconds and path; ``failures``: path, code and message; the first ten of each.
    """

    out: Path
    inputs: int
    scored: int
    unchanged: int
    seconds: float
    statuses: dict[str, int]
    events: dict[str, int]
    warnings: dict[str, int]
    slowest: tuple[tuple[float, str], ...]
    failures: tuple[tuple[str, str, str], ...]

    @property
    def failed(self) -> int:
        """How many records are ``failed``."""
        return self.statuses.get("failed", 0)


class Progress(Protocol):
    """Something that wants to hear how a run goes on."""

    def begin(self, inputs: int) -> None:
        """A run over ``inputs`` files begins."""

    def update(self, report: TaskReport) -> None:
        """A task has ended."""

    def end(self) -> None:
        """The run has ended, well or badly."""


class _Scoring:
    """Scores units into shards, whatever they do to the workers."""

    def __init__(
        self, folder: Path, settings: Settings, store: ShardStore, workers: int, progress: Progress | None
    ) -> None:
        self.folder = folder
        self.settings = settings
        self.store = store
        self.workers = workers
        self.progress = progress
        self.scored = 0
        self.unchanged = 0
        self._numbers = itertools.count(store.next_number)

    def score(self, units: Sequence[Unit]) -> None:
        """Score all ``units``. What was under way when a worker died is tried alone, and given up after three deaths."""
        while units:
            tasks = list(make_tasks(units, self._numbers))
            finished, suspects = self._run(tasks, self.workers)
            for unit in suspects:
                self._score_alone(unit)
            settled = {unit.path for unit in suspects}
            units = [
                u
                for task in tasks
                if task.number not in finished
                for u in task.units
                if u.path not in settled
            ]

    def _score_alone(self, unit: Unit) -> None:
        for _ in range(_DEATHS_ALLOWED - 1):  # it was there at the first
            _, suspects = self._run([Task(next(self._numbers), (unit,))], 1)
            if not suspects:
                return
        self._give_up(unit)

    def _run(self, tasks: Sequence[Task], workers: int) -> tuple[set[int], list[Unit]]:
        """Run tasks; returns the numbers of the finished ones, and the units under way when a worker died."""
        finished: set[int] = set()
        # joblib runs a single job in this very process, where a document that crashes would take the run along;
        # two processes that take turns (one task dispatched at a time) keep it apart.
        parallel = Parallel(
            n_jobs=max(2, workers),
            backend="loky",
            batch_size=1,
            pre_dispatch=1 if workers == 1 else 2 * workers,
            return_as="generator_unordered",
        )
        try:
            for report in parallel(delayed(score_task)(task, self.settings, self.folder) for task in tasks):
                finished.add(report.number)
                self._count(report)
        except TerminatedWorkerError:
            finished |= {task.number for task in tasks if self.store.has(task.number)}
            return finished, self._under_way(tasks, finished)
        return finished, []

    def _count(self, report: TaskReport) -> None:
        self.scored += report.scored
        self.unchanged += report.unchanged
        if self.progress is not None:
            self.progress.update(report)

    def _under_way(self, tasks: Sequence[Task], finished: set[int]) -> list[Unit]:
        suspects = []
        for task in tasks:
            marker = self.folder / "working" / f"{task.number:08d}"
            if task.number not in finished and marker.exists():
                position = marker.read_text().strip()
                if position.isdigit():
                    suspects.append(task.units[int(position)])
            marker.unlink(missing_ok=True)
        return suspects

    def _give_up(self, unit: Unit) -> None:
        """Write the record of a unit that kills its workers; it stays until its content changes."""
        path = printable(unit.path)
        error = LimitError(
            f"{path}: {_DEATHS_ALLOWED} workers died on it; it is left out until it changes",
            code="killed-worker",
        )
        digest = None
        with suppress(OSError):
            digest = file_digest(unit.path)
        record = Classifier(self.settings.model).failure(Source(path=path, sha256=digest), error, "score")
        writer = ShardWriter(self.folder / "shards", next(self._numbers))
        writer.add(
            {
                "path": unit.path,
                "sha256": digest,
                "config": self.settings.config,
                "seconds": 0.0,
                "filtered": False,
                "records": [record.to_dict(with_text=self.settings.with_text)],
            }
        )
        writer.commit()


def score_folder(
    folder: Path,
    out: Path,
    *,
    model: Path | None = None,
    add_drugs: Sequence[str] = (),
    remove_drugs: Sequence[str] = (),
    workers: int | None = None,
    with_text: bool = False,
    overwrite: bool = False,
    only_failed: bool = False,
    limit: int | None = None,
    since: str | None = None,
    forms: Sequence[str] = (),
    events: Sequence[str] = (),
    seconds: float = 30.0,
    progress: Progress | None = None,
) -> Summary:
    """Score every file under ``folder`` into tables in ``out``; the same call again does only what is missing.

    A file whose content, model, rules and options are those of an earlier run is not scored again, unless ``overwrite``.
    ``only_failed`` scores just the files that failed before. ``since`` (ISO date) and ``forms`` leave out other filings before they
    are scored, ``events`` leaves out records without one of these accepted events from the tables, ``limit`` takes the first files.
    ``seconds`` bounds one document. Raises ``InputError`` where ``folder`` can't be listed or ``out`` can't be written.
    """
    began = time.monotonic()
    classifier = Classifier(model, add_drugs=add_drugs, remove_drugs=remove_drugs)
    _, _, rules_version = classifier.load()
    options = {"with_text": with_text, "since": since, "forms": sorted(forms)}
    versions = {
        "ex99": __version__,
        "schema": SCHEMA,
        "model": classifier.load()[0].version,
        "rules": rules_version,
    }
    config = hashlib.sha256(json.dumps([versions, options], sort_keys=True).encode()).hexdigest()[:16]
    run_folder = _prepare(out)
    store = ShardStore(run_folder / "shards")
    if overwrite:
        store.clear()
    store.load()

    paths = [Unit(entry.path, entry.size) for entry in itertools.islice(list_files(folder), limit)]
    wanted = [
        unit
        for unit in paths
        if not only_failed or ((place := store.index.get(unit.path)) is not None and place.failed)
    ]
    units = [
        Unit(unit.path, unit.size, None if only_failed else place.sha256)
        if (place := store.index.get(unit.path)) and place.config == config
        else unit
        for unit in wanted
    ]
    settings = Settings(
        config,
        str(model) if model else None,
        tuple(add_drugs),
        tuple(remove_drugs),
        with_text,
        seconds,
        since=since,
        forms=tuple(forms),
    )
    scoring = _Scoring(run_folder, settings, store, workers or os.cpu_count() or 1, progress)
    if progress is not None:
        progress.begin(len(units))
    try:
        scoring.score(units)
    except OSError as error:
        raise InputError(
            f"{out}: results could not be written ({error.strerror or error}); nothing that was finished is lost: "
            "make room and run the same command again",
            code="cannot-write",
        ) from error
    finally:
        if progress is not None:
            progress.end()
    store.load()
    tally = _Tally(frozenset(events))
    write_tables(tally.watch(store.lines([unit.path for unit in paths])), out, with_text=with_text)
    summary = tally.summary(out, len(paths), scoring, time.monotonic() - began)
    _write_json(
        out / "run.json", {"versions": versions, "options": options, "config": config, **_counts(summary)}
    )
    return summary


class _Tally:
    """Counts records on their way to the tables."""

    def __init__(self, events: frozenset[str]) -> None:
        self._only = events
        self.statuses: Counter[str] = Counter()
        self.events: Counter[str] = Counter()
        self.warnings: Counter[str] = Counter()
        self.slowest: list[tuple[float, str]] = []
        self.failures: list[tuple[str, str, str]] = []

    def watch(self, lines: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for line in lines:
            heapq.heappush(self.slowest, (line["seconds"], printable(line["path"])))
            if len(self.slowest) > _KEPT:
                heapq.heappop(self.slowest)
            for record in line["records"]:
                accepted = [event["type"] for event in record["events"] if event["accepted"]]
                if self._only and record["status"] != "failed" and not self._only.intersection(accepted):
                    continue
                self.statuses[record["status"]] += 1
                self.events.update(accepted)
                self.warnings.update({warning["code"] for warning in record["warnings"]})
                if record["error"] and len(self.failures) < _KEPT:
                    self.failures.append(
                        (record["path"], record["error"]["code"], record["error"]["message"])
                    )
                yield record

    def summary(self, out: Path, inputs: int, scoring: _Scoring, seconds: float) -> Summary:
        return Summary(
            out,
            inputs,
            scoring.scored,
            scoring.unchanged,
            round(seconds, 3),
            dict(self.statuses),
            dict(self.events.most_common()),
            dict(self.warnings.most_common()),
            tuple(sorted(self.slowest, reverse=True)),
            tuple(self.failures),
        )


def _counts(summary: Summary) -> dict[str, Any]:
    return {key: value for key, value in asdict(summary).items() if key != "out"}


def _prepare(out: Path) -> Path:
    """Make the output folder and its ``.run`` folder; refuse links that lead elsewhere."""
    run_folder = out / ".run"
    try:
        for part in (run_folder / "shards", run_folder / "working"):
            part.mkdir(parents=True, exist_ok=True)
        for part in (run_folder, run_folder / "shards", run_folder / "working"):
            if part.is_symlink():
                raise InputError(
                    f"{part}: is a symbolic link; results are written only into {out} itself",
                    code="cannot-write",
                )
        for stale in [*(run_folder / "working").glob("*"), *(run_folder / "shards").glob("*.partial")]:
            stale.unlink()  # left by a run that was killed
    except InputError:
        raise
    except OSError as error:
        raise InputError(
            f"{out}: cannot be written ({error.strerror}); name another folder with --out",
            code="cannot-write",
        ) from error
    return run_folder


def _write_json(path: Path, content: dict[str, Any]) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(partial, path)
