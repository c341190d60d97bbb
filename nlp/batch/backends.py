"""Where tasks run: processes of this machine, or a Dask cluster. Both yield reports, and say when workers died."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

from nlp import __version__
from nlp.batch.plan import Task
from nlp.batch.worker import Settings, TaskReport, score_task
from nlp.errors import InputError

__all__ = ["Backend", "DaskBackend", "LocalBackend", "WorkerDiedError"]

_WAIT = 30  # seconds for a first worker to come

Work = Callable[[Task, Settings, str], TaskReport]


class WorkerDiedError(Exception):
    """At least one worker died; ``deaths`` is how many were lost on a task before this was raised."""

    def __init__(self, deaths: int) -> None:
        super().__init__(f"{deaths} workers died")
        self.deaths = deaths


class Backend(Protocol):
    """Something that scores tasks somewhere."""

    def run(
        self, tasks: Iterable[Task], settings: Settings, folder: str, *, alone: bool = False
    ) -> Iterator[TaskReport]:
        """Yield reports as tasks finish, in any order; raise ``WorkerDiedError`` where one did not because of a death.

        Tasks are taken as workers come free. ``folder``: the path or URL shards go to. ``alone``: one task at a time, so that a death has one cause.
        """

    def close(self) -> None:
        """Leave the workers."""


class LocalBackend:
    """Processes of this machine, through joblib."""

    def __init__(self, workers: int, work: Work = score_task) -> None:
        self.workers = workers
        self.work = work

    def run(
        self, tasks: Iterable[Task], settings: Settings, folder: str, *, alone: bool = False
    ) -> Iterator[TaskReport]:
        """Score ``tasks``; the first death ends all workers."""
        # joblib runs a single job in this very process, where a document that crashes would take the run along;
        # two processes that take turns (one task dispatched at a time) keep it apart.
        workers = 1 if alone else self.workers
        parallel = Parallel(
            n_jobs=max(2, workers),
            backend="loky",
            batch_size=1,
            pre_dispatch=1 if workers == 1 else 2 * workers,
            return_as="generator_unordered",
        )
        try:
            yield from parallel(delayed(_sheltered)(self.work, task, settings, folder) for task in tasks)
        except TerminatedWorkerError as error:
            raise WorkerDiedError(1) from error

    def close(self) -> None:
        """Nothing: joblib ends idle workers itself, and the next run may want them."""


def _sheltered(work: Work, task: Task, settings: Settings, folder: str) -> TaskReport:
    """``work`` where Ctrl-C and a service manager's SIGTERM, sent to all processes, leave it to the parent to stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return work(task, settings, folder)


class DaskBackend:
    """Workers of a Dask cluster that see the same files under the same names.

    Futures rather than ``joblib.parallel_config(backend="dask")``: a task whose workers keep dying is a future in error
    (``KilledWorker``), and for one of those joblib's ``DaskDistributedBackend._collect`` sets the error but calls no
    callback, so ``Parallel`` waits for ever. Seen with joblib 1.6.0 and distributed 2026.8.0 for each ``return_as``, one
    task of eight ending its process; an exception that a task raises does arrive.
    """

    def __init__(self, scheduler: str, work: Work = score_task) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise InputError(
                "the Dask backend needs the package distributed; install it with: pip install 'ex99[dask]'",
                code="missing-extra",
            ) from error
        try:
            self.client: Any = Client(scheduler, set_as_default=False)  # type: ignore[no-untyped-call]
            self.client.wait_for_workers(1, timeout=_WAIT)
        except (OSError, ValueError) as error:
            raise InputError(
                f"{scheduler}: no Dask scheduler with workers answers ({error}); check the address",
                code="no-scheduler",
            ) from error
        _check_workers(self.client, scheduler)
        self.work = work

    def run(
        self, tasks: Iterable[Task], settings: Settings, folder: str, *, alone: bool = False
    ) -> Iterator[TaskReport]:
        """Score ``tasks``. Dask itself tries a task again whose worker died, three times; then it is told here."""
        from distributed import KilledWorker, as_completed

        left = iter(tasks)
        window = 1 if alone else 4 * max(1, sum(self.client.ncores().values()))

        def submit(task: Task) -> Any:
            return self.client.submit(self.work, task, settings, folder, pure=False)

        running: Any = as_completed(loop=self.client.loop)  # type: ignore[no-untyped-call]
        for task in itertools.islice(left, window):
            running.add(submit(task))
        died = False
        for future in running:
            error = future.exception() if future.status == "error" else None
            if error is None:
                report = future.result()
                future.release()  # a result that is held is computed again when the worker that has it dies
                yield report
            elif isinstance(error, KilledWorker):
                died = True
            else:
                raise error
            for task in itertools.islice(left, 1):
                running.add(submit(task))
        if died:
            raise WorkerDiedError(4)

    def close(self) -> None:
        """Leave the cluster."""
        self.client.close()


def _check_workers(client: Any, scheduler: str) -> None:
    """Workers without this package would leave the run waiting for ever."""
    try:
        # A lambda travels by value: it can be read where nothing of this package can.
        versions = client.run(lambda: __import__("nlp").__version__)
    except (ImportError, AttributeError) as error:
        raise InputError(
            f"{scheduler}: its workers cannot import ex99 ({error}); install it there", code="no-scheduler"
        ) from error
    others = set(versions.values()) - {__version__}
    if others:
        raise InputError(
            f"{scheduler}: its workers have ex99 {', '.join(sorted(others))}, here it is {__version__}; "
            "install the same version",
            code="no-scheduler",
        )
