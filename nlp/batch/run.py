"""A whole run: list, plan, score in parallel, survive what kills workers, resume, write the tables."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol

from nlp import __version__
from nlp.batch.backends import Backend, DaskBackend, LocalBackend, WorkerDiedError
from nlp.batch.outputs import locked, prepare, write_json, writing
from nlp.batch.plan import WHOLE, Filter, Task, Unit, make_tasks
from nlp.batch.shards import RUN, ShardStore, task_name
from nlp.batch.summary import Summary, Tally
from nlp.batch.tables import write_tables
from nlp.batch.worker import DEATHS_ALLOWED, Settings, TaskReport
from nlp.classifier import SCHEMA
from nlp.containers import list_files
from nlp.errors import InputError, LimitError
from nlp.model import EventModel, current_folder
from nlp.rulebook import default_rulebook

__all__ = ["Progress", "Summary", "read_paths", "score_folder"]

_MEMBERS_AVOIDED = 5  # members of one archive that may kill workers before the whole archive is left out
_MEMORY = 4_000_000_000  # bytes of data a worker may hold; scoring the largest real filings takes a tenth
_START_FAILURES = 3  # times workers may die before any of them says what it is working on


class Progress(Protocol):
    """Something that wants to hear how a run goes on."""

    def begin(self, inputs: int) -> None:
        """A run over ``inputs`` files begins."""

    def update(self, report: TaskReport) -> None:
        """A task has ended."""

    def end(self) -> None:
        """The run has ended, well or badly."""


def score_folder(
    folder: str | os.PathLike[str] | Iterable[str],
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
    backend: Literal["local", "dask"] | Backend = "local",
    scheduler: str | None = None,
) -> Summary:
    """Score every file under ``folder`` into tables in ``out``; the same call again does only what is missing.

    ``folder`` may be an iterable of paths. A file whose content, model, rules and options are those of an earlier run is not
    scored again, unless ``overwrite``. ``only_failed`` scores just the files that failed before. ``since`` (ISO date) and
    ``forms`` leave out other filings before they are scored, ``events`` leaves out records without one of these accepted
    events from the tables, ``limit`` takes the first files. ``seconds`` bounds one document. ``backend="dask"`` scores on
    the cluster at ``scheduler``, whose workers must see inputs and ``out`` under the same absolute names.
    Raises ``InputError`` where ``folder`` can't be listed, or ``out`` can't be written or is in use by another run.
    """
    began = time.monotonic()
    skipped: Counter[str] = Counter()
    out = Path(out)
    engine = _engine(backend, scheduler, workers)
    if not isinstance(engine, LocalBackend):  # workers elsewhere have another working directory
        out = out.absolute()
        if isinstance(folder, str | os.PathLike):
            folder = os.path.abspath(folder)
        else:
            folder = [os.path.abspath(path) for path in folder]
    versions = _versions(model)
    options = {"with_text": with_text, "add_drugs": sorted(add_drugs), "remove_drugs": sorted(remove_drugs)}
    config = hashlib.sha256(json.dumps([versions, options], sort_keys=True).encode()).hexdigest()[:16]
    settings = Settings(
        config,
        str(Path(model).absolute()) if model else None,
        tuple(add_drugs),
        tuple(remove_drugs),
        with_text,
        seconds,
        memory=_MEMORY if isinstance(engine, LocalBackend) else None,
        filter=Filter(since, tuple(forms)),
    )
    with ExitStack() as stack:
        if engine is not backend:
            stack.callback(engine.close)
        stack.enter_context(writing(out))
        run_folder = prepare(out)
        store = ShardStore(run_folder / "shards")
        number = stack.enter_context(locked(run_folder, out))
        if overwrite:
            store.clear()
        store.load()
        files = list(itertools.islice(_files(folder, out, skipped), limit))
        units = list(_plan(files, store, settings, only_failed=only_failed))
        first = max(number, store.runs + 1) * RUN
        if progress is not None:
            progress.begin(len(units))
        try:
            _Scoring(engine, run_folder, settings, store, first, progress).score(units)
        finally:
            if progress is not None:
                progress.end()
        store.load()
        scored = sum(store.index[unit.path].shard >= first for unit in units if unit.path in store.index)
        missing = 0 if only_failed else sum(unit.path not in store.index for unit in files)
        if missing:
            raise InputError(
                f"{out}: the results of {missing} files did not arrive there; do all workers see this folder?",
                code="cannot-write",
            )
        tally = Tally(settings.filter, events, skipped)
        write_tables(tally.watch(store.lines(unit.path for unit in files)), out, with_text=with_text)
        summary = tally.summary(
            out,
            inputs=len(files),
            scored=scored,
            unchanged=len(units) - scored,
            seconds=time.monotonic() - began,
        )
        store.prune()
        told = {
            **options,
            "since": since,
            "forms": sorted(forms),
            "events": sorted(events),
            "limit": limit,
        }
        write_json(
            out, "run.json", {"versions": versions, "options": told, "config": config, **summary.counts()}
        )
    return summary


def read_paths(stream: BinaryIO) -> Iterator[str]:
    """Paths from a stream, one a line, or ended by NULs as ``find -print0`` writes them.

    >>> import io
    >>> list(read_paths(io.BytesIO(b"a.htm\\nb.txt\\n"))), list(read_paths(io.BytesIO(b"a b.htm\\0c.txt\\0")))
    (['a.htm', 'b.txt'], ['a b.htm', 'c.txt'])
    """
    content = stream.read()
    ending = b"\0" if b"\0" in content else b"\n"
    return (os.fsdecode(path.removesuffix(b"\r")) for path in content.split(ending) if path.strip())


def _engine(backend: str | Backend, scheduler: str | None, workers: int | None) -> Backend:
    if backend == "local":
        return LocalBackend(workers or os.cpu_count() or 1)
    if backend == "dask":
        if scheduler is None:
            raise InputError(
                "the Dask backend needs the scheduler's address (tcp://host:8786)", code="no-scheduler"
            )
        return DaskBackend(scheduler)
    if isinstance(backend, str):
        raise ValueError(f"backend {backend!r}: must be 'local' or 'dask'")
    return backend


def _versions(model: Path | None) -> dict[str, Any]:
    """What decides the records. The rule layer and spaCy are left to the workers: the parent starts at once."""
    where = Path(model) if model is not None else current_folder()
    loaded = EventModel.load(where)
    manifest = hashlib.sha256((where / "manifest.json").read_bytes()).hexdigest()[:12]
    return {
        "ex99": __version__,
        "schema": SCHEMA,
        "model": loaded.version,
        "model_manifest": manifest,
        "rules": default_rulebook().version,
    }


def _files(
    folder: str | os.PathLike[str] | Iterable[str], out: Path, skipped: Counter[str]
) -> Iterator[Unit]:
    """Every file once, without what lies in the output folder."""
    own = os.path.realpath(out) + os.sep
    seen: set[str] = set()
    single = isinstance(folder, str | os.PathLike)
    for top in [os.fspath(folder)] if isinstance(folder, str | os.PathLike) else folder:
        around = own.startswith(os.path.join(os.path.realpath(top), ""))
        try:
            for entry in list_files(top, skipped=skipped):
                if around and os.path.realpath(entry.path).startswith(own):
                    skipped["in the output folder"] += 1
                elif entry.path not in seen:
                    seen.add(entry.path)
                    yield Unit(entry.path, entry.size)
        except InputError:
            if single:
                raise
            if top not in seen:
                seen.add(top)
                yield Unit(top, 0)  # one of many: its record will say that it is not there


def _plan(
    files: Iterable[Unit], store: ShardStore, settings: Settings, *, only_failed: bool
) -> Iterator[Unit]:
    """The files to look at, with the digest of those that need no scoring if they are unchanged."""
    for unit in files:
        place = store.index.get(unit.path)
        if only_failed:
            if place is not None and place.failed:
                yield unit
        elif (
            place is None or place.config != settings.config or place.filter not in ("", settings.filter.name)
        ):
            yield unit
        else:
            yield replace(unit, known=place.sha256)


class _Scoring:
    """Scores units into shards, whatever they do to the workers."""

    def __init__(
        self,
        backend: Backend,
        folder: Path,
        settings: Settings,
        store: ShardStore,
        first: int,
        progress: Progress | None,
    ) -> None:
        self._backend = backend
        self._folder = folder
        self._settings = settings
        self._store = store
        self._progress = progress
        self._numbers = itertools.count(first)

    def score(self, units: Sequence[Unit]) -> None:
        """Score all ``units``. What was under way when a worker died is tried alone until the culprit is known."""
        failures = 0
        while units:
            tasks = list(make_tasks(units, self._numbers))
            finished, suspects, lost = self._run(tasks)
            for unit, member in suspects:  # one of several is innocent until tried
                self._score_alone(unit, member, lost if len(suspects) == 1 else 1)
            settled = {unit.path for unit, _ in suspects}
            failures = 0 if finished or suspects else failures + 1
            if failures == _START_FAILURES:
                raise LimitError(
                    f"workers died {failures} times before they read anything; is there enough memory for them? "
                    "Use fewer --workers",
                    code="workers-died",
                )
            units = [
                u
                for task in tasks
                if task.number not in finished
                for u in task.units
                if u.path not in settled
            ]

    def _score_alone(self, unit: Unit, member: int, deaths: int) -> None:
        """Score a unit that was under way when a worker died; leave out members that do it three times."""
        while True:
            if deaths >= DEATHS_ALLOWED:
                avoid = (*unit.avoid, member) if len(unit.avoid) < _MEMBERS_AVOIDED else (WHOLE,)
                unit, deaths = replace(unit, avoid=avoid), 0
            finished, suspects, lost = self._run([Task(next(self._numbers), (unit,))], alone=True)
            if finished:
                return
            again = suspects[0][1] if suspects else WHOLE
            deaths = deaths + lost if again == member else lost
            member = again

    def _run(
        self, tasks: Sequence[Task], *, alone: bool = False
    ) -> tuple[set[int], list[tuple[Unit, int]], int]:
        """Run tasks: the numbers of the finished ones, the units and members under way at a death, and the deaths."""
        finished: set[int] = set()
        try:
            for report in self._backend.run(tasks, self._settings, self._folder, alone=alone):
                finished.add(report.number)
                if self._progress is not None:
                    self._progress.update(report)
        except WorkerDiedError as death:
            finished |= {task.number for task in tasks if self._store.has(task.number)}
            return finished, self._under_way(tasks, finished), death.deaths
        return finished, [], 0

    def _under_way(self, tasks: Sequence[Task], finished: set[int]) -> list[tuple[Unit, int]]:
        suspects = []
        for task in tasks:
            marker = self._folder / "working" / task_name(task.number)
            try:
                position, member = map(int, marker.read_bytes().split())
            except (OSError, ValueError):  # not begun, or finished
                continue
            if task.number not in finished:
                suspects.append((task.units[position], member))
            marker.unlink(missing_ok=True)
        return suspects
