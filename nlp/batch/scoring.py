"""Units through the workers, whatever they do to them: a death costs a retry, three deaths cost the document that caused them."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from nlp.batch.backends import Backend, WorkerDiedError
from nlp.batch.plan import WHOLE, Task, Unit, make_tasks
from nlp.batch.shards import ShardStore, task_name
from nlp.batch.worker import DEATHS_ALLOWED, Settings, TaskReport
from nlp.errors import Ex99Error, LimitError

__all__ = ["Progress", "Scoring", "StoppedError"]

_MEMBERS_AVOIDED = 5  # members of one archive that may kill workers before the whole archive is left out
_START_FAILURES = 3  # times workers may die before any of them says what it is working on

Suspects = list[tuple[Unit, int]]  # units and members that were under way at a death


class Progress(Protocol):
    """Something that wants to hear how a run goes on.

    >>> from tempfile import TemporaryDirectory
    >>> from nlp.batch import score_folder
    >>> class Count:
    ...     def begin(self, inputs): print(inputs, "files")
    ...     def update(self, report): print(report.scored, "scored")
    ...     def end(self): print("done")
    >>> with TemporaryDirectory() as folder:
    ...     _ = score_folder(folder, progress=Count()).finish()
    0 files
    done
    """

    def begin(self, inputs: int) -> None:
        """A run has ``inputs`` files to look at."""

    def update(self, report: TaskReport) -> None:
        """A task has ended."""

    def end(self) -> None:
        """All have, or the run broke off."""


class StoppedError(Ex99Error):
    """A run that was asked to stop, and did; the same call goes on from there.

    >>> from nlp.batch import StoppedError, score_folder
    >>> from tempfile import NamedTemporaryFile
    >>> with NamedTemporaryFile(suffix=".htm") as file:
    ...     run = score_folder(file.name)
    ...     run.stop()  # as a signal handler would
    ...     try:
    ...         run.finish()
    ...     except StoppedError as error:
    ...         print(error.code)
    stopped
    """

    code = "stopped"


class Scoring:
    """Scores units into shards."""

    def __init__(
        self,
        backend: Backend,
        settings: Settings,
        store: ShardStore,
        first: int,
        progress: Progress | None,
    ) -> None:
        self.stopping = False
        self._backend = backend
        self._settings = settings
        self._store = store
        self._progress = progress
        self._numbers = itertools.count(first)
        self._left = 0

    def score(self, units: Sequence[Unit]) -> Iterator[Task]:
        """Score all ``units`` and yield each task as its shard is complete.

        What was under way when a worker died is tried alone until the culprit is known. ``stopping`` lets what is under
        way finish, then raises ``StoppedError``.
        """
        self._left = len(units)
        failures = 0
        while units:
            tasks = list(make_tasks(units, self._numbers))
            finished, suspects, lost = yield from self._run(tasks)
            for unit, member in suspects:  # one of several is innocent until tried
                yield from self._score_alone(unit, member, lost if len(suspects) == 1 else 1)
            settled = {unit.key for unit, _ in suspects}
            failures = 0 if finished or suspects else failures + 1
            if failures == _START_FAILURES:
                raise LimitError(
                    f"workers died {failures} times before they read anything; is there enough memory for them? "
                    "Use fewer --workers",
                    code="workers-died",
                )
            units = [
                u for task in tasks if task.number not in finished for u in task.units if u.key not in settled
            ]

    def _score_alone(self, unit: Unit, member: int, deaths: int) -> Iterator[Task]:
        """Score a unit that was under way when a worker died; leave out members that do it three times."""
        while True:
            if deaths >= DEATHS_ALLOWED:
                avoid = (*unit.avoid, member) if len(unit.avoid) < _MEMBERS_AVOIDED else (WHOLE,)
                unit, deaths = replace(unit, avoid=avoid), 0
            finished, suspects, lost = yield from self._run([Task(next(self._numbers), (unit,))], alone=True)
            if finished:
                return
            again = suspects[0][1] if suspects else WHOLE
            deaths = deaths + lost if again == member else lost
            member = again

    def _run(
        self, tasks: Sequence[Task], *, alone: bool = False
    ) -> Generator[Task, None, tuple[set[int], Suspects, int]]:
        """Run tasks: the numbers of the finished ones, what was under way at a death, and the deaths."""
        finished: set[int] = set()
        by_number = {task.number: task for task in tasks}
        suspects: Suspects = []
        deaths = 0
        try:
            for report in self._backend.run(
                self._unless_stopped(tasks), self._settings, str(self._store.place), alone=alone
            ):
                finished.add(report.number)
                self._left -= report.units
                if self._progress is not None:
                    self._progress.update(report)
                yield by_number[report.number]
        except WorkerDiedError as death:
            deaths = death.deaths
            for task in tasks:  # finished by a worker that died later
                if task.number not in finished and self._store.has(task.number):
                    finished.add(task.number)
                    self._left -= len(task.units)
                    yield task
            suspects = self._under_way(tasks, finished)
        if self.stopping and len(finished) < len(tasks):
            raise StoppedError(
                f"stopped as asked, {self._left:,} files before the end; what is finished is kept, the same command "
                "goes on from there"
            )
        return finished, suspects, deaths

    def _unless_stopped(self, tasks: Iterable[Task]) -> Iterator[Task]:
        return itertools.takewhile(lambda _: not self.stopping, tasks)

    def _under_way(self, tasks: Sequence[Task], finished: set[int]) -> Suspects:
        if self._settings.working is None:  # nobody saw what it was: any of them
            return [(unit, WHOLE) for task in tasks if task.number not in finished for unit in task.units]
        suspects = []
        for task in tasks:
            marker = Path(self._settings.working, task_name(task.number))
            try:
                position, member = map(int, marker.read_bytes().split())
            except (OSError, ValueError):  # not begun, or finished
                continue
            if task.number not in finished:
                suspects.append((task.units[position], member))
            marker.unlink(missing_ok=True)
        return suspects
