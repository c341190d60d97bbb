"""The steps of a run: lock, list, plan, score, write the tables, tell what was done."""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from nlp.batch.backends import Backend, LocalBackend
from nlp.batch.inputs import Inputs, list_inputs
from nlp.batch.outputs import locked, prepare, write_json, writing
from nlp.batch.places import LocalFolder, Place, absolute
from nlp.batch.plan import Unit, split_archive
from nlp.batch.scoring import Progress, Scoring
from nlp.batch.shards import RUN, ShardStore
from nlp.batch.summary import Summary, Tally
from nlp.batch.tables import write_tables
from nlp.batch.worker import Settings
from nlp.errors import InputError

__all__ = ["Job", "Order"]


@dataclass(frozen=True, slots=True)
class Order:
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


class Job:
    """An order under way. ``unread``: nobody wants the records, only the tables; ``summary`` is there at the end."""

    def __init__(self, order: Order, engine: Backend, *, own: bool) -> None:
        self.unread = False
        self.summary: Summary | None = None
        self._order = order
        self._engine = engine
        self._own = own
        self._scoring: Scoring | None = None
        self._stopping = False

    def stop(self) -> None:
        """Finish what is under way and no more."""
        self._stopping = True
        if self._scoring is not None:
            self._scoring.stopping = True

    def leave(self) -> None:
        """Leave the workers of a job that never began."""
        if self._own:
            self._engine.close()

    def go(self) -> Generator[dict[str, Any], None, None]:
        """Do it all, and yield the records as they are there."""
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
            if not self.unread:
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
        self.summary = summary

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
                if not self.unread:
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


@contextmanager
def _telling(progress: Progress, inputs: int) -> Iterator[None]:
    progress.begin(inputs)
    try:
        yield
    finally:
        progress.end()


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
