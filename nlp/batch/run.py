"""A run as its caller holds it, and the call that makes one."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from nlp import __version__
from nlp.batch.backends import Backend, DaskBackend, LocalBackend
from nlp.batch.inputs import Inputs
from nlp.batch.job import Job, Order
from nlp.batch.places import absolute, open_place
from nlp.batch.plan import Filter
from nlp.batch.scoring import Progress
from nlp.batch.summary import Summary
from nlp.batch.worker import Settings
from nlp.classification import SCHEMA
from nlp.errors import InputError
from nlp.model import EventModel, current_folder
from nlp.rulebook import default_rulebook

__all__ = ["Run", "score_folder"]

_MEMORY = 4_000_000_000  # bytes of data a worker may hold; scoring the largest real filings takes a tenth


class Run(Iterator[dict[str, Any]]):
    """A run: iterate over it for its records as they are scored, or let ``finish`` take it to its end.

    It yields every record of the tables once, as it is there: first those of unchanged files, then those of each shard
    that is finished; the tables have them in the order of the inputs. Left before its end, it has written no tables, and
    the same call goes on from what was finished.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from nlp.batch import score_folder
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "acme.htm").write_text("<p>Acme Bio Doses First Patient in Phase 2 Trial</p>")
    ...     [record["primary_event"] for record in score_folder(folder, workers=1)]
    ['trial']
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._records: Generator[dict[str, Any], None, None] | None = None  # until it begins

    def __next__(self) -> dict[str, Any]:
        if self._records is None:
            self._records = self._job.go()
        return next(self._records)

    def finish(self) -> Summary:
        """Do what is left and say what was done."""
        self._job.unread = True
        for _ in self:
            pass
        return self.summary

    @property
    def summary(self) -> Summary:
        """What was done, once the run has ended; ``RuntimeError`` before."""
        if self._job.summary is None:
            raise RuntimeError("the run has not ended; iterate to its end, or call finish()")
        return self._job.summary

    def stop(self) -> None:
        """Finish what is under way and no more: the run then raises ``StoppedError``. Safe in a signal handler."""
        self._job.stop()

    def close(self) -> None:
        """Break off now; what was finished is kept."""
        if self._records is None:
            self._job.leave()
            self._records = self._job.go()
        self._records.close()

    def __del__(self) -> None:
        if self._records is None:
            self._job.leave()
            warnings.warn(
                "score_folder(...) did nothing: iterate over what it returns, or call its finish()",
                RuntimeWarning,
                stacklevel=2,
            )


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

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from nlp.batch import score_folder
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "acme.htm").write_text("<p>Acme Bio Reports Fourth Quarter Results</p>")
    ...     score_folder(folder, workers=1).finish().events
    {'earnings': 1}
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
    order = Order(
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
    return Run(Job(order, engine, own=engine is not backend))


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
