"""What runs in a worker: score one task's units into one shard, within limits."""

from __future__ import annotations

import faulthandler
import hashlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nlp.batch.plan import Task, Unit
from nlp.batch.shards import ShardWriter
from nlp.classifier import Classification, Classifier, Source
from nlp.containers import Limits, open_unit
from nlp.errors import InputError, LimitError

__all__ = ["Settings", "TaskReport", "printable", "score_source", "score_task"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a worker needs to know; what changes results is in ``config``, the digest shards carry."""

    config: str
    model: str | None = None
    add_drugs: tuple[str, ...] = ()
    remove_drugs: tuple[str, ...] = ()
    with_text: bool = False
    seconds: float = 30.0
    memory: int = 4_000_000_000
    since: str | None = None
    forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskReport:
    """What a finished task tells the parent: units by outcome."""

    number: int
    units: int
    scored: int
    unchanged: int
    failed: int
    bytes: int


@cache
def _classifier(model: str | None, add: tuple[str, ...], remove: tuple[str, ...]) -> Classifier:
    # Once a process: models and lexicons are read by the first document and shared by all that follow.
    classifier = Classifier(model, add_drugs=add, remove_drugs=remove)
    classifier.load()
    return classifier


def printable(path: str) -> str:
    """``path`` with bytes that are not UTF-8 written as escapes, so that every output can hold it.

    >>> printable("caf\\udce9.txt")
    'caf\\\\xe9.txt'
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise ``LimitError`` after ``seconds``; end the process after twice that if even this cannot get through."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only; a cluster's own limits apply
        return

    def expire(signum: int, frame: object) -> None:
        raise LimitError(f"took longer than {seconds:g} s; raise --seconds to allow more", code="over-time")

    previous = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    with open(os.devnull, "w") as silence:
        faulthandler.dump_traceback_later(2 * seconds, exit=True, file=silence)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            faulthandler.cancel_dump_traceback_later()
            signal.signal(signal.SIGALRM, previous)


def _limit_memory(limit: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (limit if hard < 0 else min(limit, hard), hard))


def score_source(classifier: Classifier, raw: bytes, path: str, seconds: float) -> tuple[Classification, ...]:
    """Score one input's bytes; whatever goes wrong is a ``failed`` result."""
    source = Source(path=path, sha256=hashlib.sha256(raw).hexdigest())
    try:
        with _time_limit(seconds):
            return classifier.score_bytes(raw, path=path)
    except MemoryError:
        error: Exception = LimitError("needed more memory than a worker may use", code="over-memory")
    except Exception as caught:  # no input stops a batch
        error = caught
    return (classifier.failure(source, error, "score"),)


def _wanted(result: Classification, settings: Settings) -> bool:
    if result.status == "failed":
        return True  # a failure is never filtered away
    source = result.source
    if settings.since and (source.filed_on is None or source.filed_on < settings.since):
        return False
    return not settings.forms or source.form_type in settings.forms


def _score_unit(classifier: Classifier, unit: Unit, settings: Settings) -> dict[str, Any] | None:
    """One unit's line, or ``None`` where its content is what was scored before."""
    began = time.perf_counter()
    digest = hashlib.sha256()
    results: list[Classification] = []
    filtered = False
    try:
        if unit.known is not None and file_digest(unit.path) == unit.known:
            return None
        for source in open_unit(unit.path, limits=Limits()):
            label = printable(source.label)
            try:
                raw = source.read()
            except Exception as error:
                results.append(classifier.failure(Source(path=label), error, "read"))
                continue
            scored = score_source(classifier, raw, label, settings.seconds)
            wanted = [result for result in scored if _wanted(result, settings)]
            filtered = filtered or len(wanted) < len(scored)
            results += wanted
        digest_value: str | None = file_digest(unit.path)
    except OSError as error:
        ours = (
            error
            if isinstance(error, InputError)
            else InputError(f"{printable(unit.path)}: {error.strerror or error}")
        )
        results.append(classifier.failure(Source(path=printable(unit.path)), ours, "read"))
        digest_value = None
    del digest
    return {
        "path": unit.path,
        "sha256": digest_value,
        "config": settings.config,
        "seconds": round(time.perf_counter() - began, 6),
        "filtered": filtered,
        "records": [result.to_dict(with_text=settings.with_text) for result in results],
    }


def file_digest(path: str) -> str:
    """SHA-256 of a file, read in pieces."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def score_task(task: Task, settings: Settings, folder: Path) -> TaskReport:
    """Score a task into ``folder/shards``; the unit under way is named in ``folder/working`` for the case of a crash."""
    _limit_memory(settings.memory)
    classifier = _classifier(settings.model, settings.add_drugs, settings.remove_drugs)
    marker = folder / "working" / f"{task.number:08d}"
    writer = ShardWriter(folder / "shards", task.number)
    failed = unchanged = 0
    try:
        with marker.open("w") as working:
            for position, unit in enumerate(task.units):
                os.pwrite(working.fileno(), f"{position:6d}".encode(), 0)
                line = _score_unit(classifier, unit, settings)
                if line is None:
                    unchanged += 1
                    continue
                failed += any(record["status"] == "failed" for record in line["records"])
                writer.add(line)
        writer.commit()
    except BaseException:
        writer.abandon()
        raise
    marker.unlink(missing_ok=True)
    total = sum(unit.size for unit in task.units)
    return TaskReport(task.number, len(task.units), len(task.units) - unchanged, unchanged, failed, total)
