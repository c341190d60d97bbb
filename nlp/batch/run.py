"""A whole run: list, plan, score in parallel, resume, write the tables; record by record for who wants to see it go."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from nlp import __version__
from nlp.batch.backends import Backend, DaskBackend, LocalBackend
from nlp.batch.inputs import Inputs, list_inputs
from nlp.batch.outputs import locked, prepare, write_json, writing
from nlp.batch.places import LocalFolder, Place, absolute, open_place
from nlp.batch.plan import Filter, Unit, split_archive
from nlp.batch.scoring import Progress, Scoring
from nlp.batch.shards import RUN, ShardStore
from nlp.batch.summary import Summary, Tally
from nlp.batch.tables import write_tables
from nlp.batch.worker import Settings
from nlp.classifier import SCHEMA
from nlp.errors import InputError
from nlp.model import EventModel, current_folder
from nlp.rulebook import default_rulebook

__all__ = ["Run", "score_folder"]

_MEMORY = 4_000_000_000  # bytes of data a worker may hold; scoring the largest real filings takes a tenth


@dataclass(frozen=True, slots=True)
class _Order:
    """What ``score_folder`` was asked for."""

    inputs: Inputs
    out: Place | None
    settings: Settings
    versions: dict[str, Any]
    options: dict[str, Any]
    overwrite: bool
    only_failed: bool
    limit: int | None
    events: tuple[str, ...]
    progress: Progress | None


class Run(Iterator[dict[str, Any]]):
    """A run: iterate over it for its records as they are scored, or let ``finish`` take it to its end.

    It yields every record of the tables once, as it is there: first those of unchanged files, then those of each shard
    that is finished; the tables have them in the order of the inputs. Left before its end, it has written no tables, and
    the same call goes on from what was finished.
    """

    def __init__(self, order: _Order, engine: Backend, *, own: bool) -> None:
        self._order = order
        self._engine = engine
        self._own = own
        self._scoring: Scoring | None = None
        self._summary: Summary | None = None
        self._unread = self._stopping = False
        self._records: Generator[dict[str, Any], None, None] | None = None  # until it begins

    def __next__(self) -> dict[str, Any]:
        if self._records is None:
            self._records = self._go()
        return next(self._records)

    def finish(self) -> Summary:
        """Do what is left and say what was done."""
        self._unread = True
        for _ in self:
            pass
        return self.summary

    @property
    def summary(self) -> Summary:
        """What was done, once the run has ended; ``RuntimeError`` before."""
        if self._summary is None:
            raise RuntimeError("the run has not ended; iterate to its end, or call finish()")
        return self._summary

    def stop(self) -> None:
        """Finish what is under way and no more: the run then raises ``StoppedError``. Safe in a signal handler."""
        self._stopping = True
        if self._scoring is not None:
            self._scoring.stopping = True

    def close(self) -> None:
        """Break off now; what was finished is kept."""
        if self._records is None:
            self._records = self._go()
            if self._own:
                self._engine.close()
        self._records.close()

    def __del__(self) -> None:
        if self._records is None:
            if self._own:
                self._engine.close()
            warnings.warn(
                "score_folder(...) did nothing: iterate over what it returns, or call its finish()",
                RuntimeWarning,
                stacklevel=2,
            )

    def _go(self) -> Generator[dict[str, Any], None, None]:
        order, began = self._order, datetime.now(UTC)
        clock = time.monotonic()
        with ExitStack() as stack:
            if self._own:
                stack.callback(self._engine.close)
            if order.out is None:
                temporary = stack.enter_context(tempfile.TemporaryDirectory(prefix="ex99-"))
                out: Place = LocalFolder(Path(temporary))
            else:
                out = order.out
            stack.enter_context(writing(out))
            run_folder = prepare(out)
            store = ShardStore(run_folder.below("shards"))
            number = stack.enter_context(locked(run_folder, out))
            settings = replace(order.settings, working=self._working(run_folder, stack))
            if order.overwrite:
                store.clear()
            store.load()
            skipped: Counter[str] = Counter()
            listed = list_inputs(
                order.inputs,
                None if order.out is None else str(out),
                skipped,
                whole_names=not isinstance(self._engine, LocalBackend),
            )
            files = list(islice(listed, order.limit))
            inputs = len(files)
            files = [part for file in files for part in split_archive(file)]
            units = list(_plan(files, store, settings, only_failed=order.only_failed))
            tally = Tally(settings.filter, order.events, skipped)
            if not self._unread:
                due = {unit.key for unit in units}
                yield from tally.select(store.lines(u.key for u in files if u.key not in due))
            first = max(number, store.runs + 1) * RUN
            yield from self._score(units, store, settings, first, tally)
            store.load()
            missing = 0 if order.only_failed else sum(unit.key not in store.index for unit in files)
            if missing:
                raise InputError(
                    f"{out}: the results of {missing} files did not arrive there; do all workers see this folder?",
                    code="cannot-write",
                )
            records = tally.watch(store.lines(unit.key for unit in files))
            if order.out is None:
                for _ in records:
                    pass
            else:
                write_tables(records, out, with_text=settings.with_text)
            own = {unit.path for unit in files}
            done = {u.key: store.index[u.key] for u in files if u.key in store.index}
            scored = len({path for (path, *_), entry in done.items() if entry.shard >= first})
            summary = tally.summary(
                None if order.out is None else str(out),
                inputs=inputs,
                scored=scored,
                unchanged=inputs - scored,
                seconds=time.monotonic() - clock,
                damaged=store.damaged,
                outdated=len(
                    {u.path for u in files if u.key not in done or done[u.key].config != settings.config}
                ),
                absent=len({path for path, *_ in store.index if path not in own}),
            )
            if order.out is not None:
                if not order.only_failed:
                    store.forget([key for key in store.index if key[0] in own and key not in done])
                store.prune(first + RUN - 1)
                write_json(out, "run.json", self._told(began, summary))
        self._summary = summary

    def _working(self, run_folder: Place, stack: ExitStack) -> str | None:
        """Where workers say what is under way: where this process can read it, or nowhere."""
        if isinstance(run_folder, LocalFolder):
            return str(run_folder.path / "working")
        if isinstance(self._engine, LocalBackend):
            return stack.enter_context(tempfile.TemporaryDirectory(prefix="ex99-"))
        return None

    def _score(
        self, units: Sequence[Unit], store: ShardStore, settings: Settings, first: int, tally: Tally
    ) -> Iterator[dict[str, Any]]:
        progress = self._order.progress
        scoring = self._scoring = Scoring(self._engine, settings, store, first, progress)
        scoring.stopping = self._stopping
        with nullcontext() if progress is None else _telling(progress, len(units)):
            for task in scoring.score(units):
                if not self._unread:
                    if store.has(task.number):
                        store.load_shard(task.number)
                    yield from tally.select(store.lines(unit.key for unit in task.units))

    def _told(self, began: datetime, summary: Summary) -> dict[str, Any]:
        """The content of ``run.json``."""
        order = self._order
        options = {
            **order.options,
            "since": order.settings.filter.since,
            "forms": sorted(order.settings.filter.forms),
            "events": sorted(order.events),
            "limit": order.limit,
            "only_failed": order.only_failed,
            "overwrite": order.overwrite,
            "document_seconds": order.settings.seconds,
        }
        single = isinstance(order.inputs, str | os.PathLike)
        return {
            "began": began.isoformat(timespec="seconds"),
            "ended": datetime.now(UTC).isoformat(timespec="seconds"),
            "folder": absolute(order.inputs) if single else None,  # type: ignore[arg-type]
            "versions": order.versions,
            "options": options,
            "config": order.settings.config,
            **summary.counts(),
        }


def score_folder(
    folder: Inputs,
    out: str | os.PathLike[str] | None = None,
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
) -> Run:
    """Score every file under ``folder`` into tables in ``out``; the same call again does only what is missing.

    Iterate over what it returns for the records (dicts, as in ``releases.jsonl``) as they are scored, or call its
    ``finish()``; nothing happens before either. ``summary`` then says what was done::

        run = score_folder("filings", "out")
        for record in run:
            print(record["headline"], record["primary_event"])
        print(run.summary.failed)

        summary = score_folder("filings", "out").finish()

    ``folder``: a path or URL (``s3://``, with ``ex99[remote]``) of a folder, archive or file, or an iterable of them.
    ``out``: a path or URL; ``None`` keeps nothing. A file whose content, model, rules and options are those of an earlier
    run is not scored again, unless ``overwrite``; one whose size, times and inode (behind a URL: version) are the same
    isn't even read. ``only_failed`` scores just the files that failed before. ``since`` (ISO date) and ``forms`` leave
    out other filings before they are scored, ``events`` leaves out records without one of these accepted events,
    ``limit`` takes the first files. ``seconds`` bounds one document. ``backend="dask"`` scores on the cluster at
    ``scheduler``, whose workers must see inputs and ``out`` under the same names.
    Raises ``InputError`` where ``folder`` can't be listed, or ``out`` can't be written or is in use by another run;
    while iterating, or from ``finish``.
    """
    versions = _versions(model)
    options = {"with_text": with_text, "add_drugs": sorted(add_drugs), "remove_drugs": sorted(remove_drugs)}
    config = hashlib.sha256(json.dumps([versions, options], sort_keys=True).encode()).hexdigest()[:16]
    engine = _engine(backend, scheduler, workers)
    local = isinstance(engine, LocalBackend)
    if out is not None and not local:  # workers elsewhere have another working directory
        out = absolute(out)
    settings = Settings(
        config,
        str(Path(model).absolute()) if model else None,
        tuple(add_drugs),
        tuple(remove_drugs),
        with_text,
        seconds,
        memory=_MEMORY if local else None,
        filter=Filter(since, tuple(forms)),
    )
    order = _Order(
        folder,
        None if out is None else open_place(out),
        settings,
        versions,
        options,
        overwrite,
        only_failed,
        limit,
        tuple(events),
        progress,
    )
    return Run(order, engine, own=engine is not backend)


@contextmanager
def _telling(progress: Progress, inputs: int) -> Iterator[None]:
    progress.begin(inputs)
    try:
        yield
    finally:
        progress.end()


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


def _plan(
    files: Iterable[Unit], store: ShardStore, settings: Settings, *, only_failed: bool
) -> Iterator[Unit]:
    """The files to look at, with the digest of those that need no scoring if they are unchanged."""
    for unit in files:
        entry = store.index.get(unit.key)
        if only_failed:
            if entry is not None and entry.failed:
                yield unit
        elif (
            entry is None or entry.config != settings.config or entry.filter not in ("", settings.filter.name)
        ):
            yield unit
        elif entry.sha256 is None or not unit.stamp or unit.stamp != entry.stamp:
            yield replace(unit, known=entry.sha256)
