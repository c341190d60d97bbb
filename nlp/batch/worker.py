"""What runs in a worker: score one task's units into one shard, within limits."""

from __future__ import annotations

import faulthandler
import hashlib
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, NoReturn

from nlp import containers as container
from nlp.batch.places import open_name, open_place
from nlp.batch.plan import WHOLE, Filter, Task, Unit
from nlp.batch.shards import ShardWriter, task_name
from nlp.classification import Classification, Source
from nlp.classifier import Classifier
from nlp.errors import Ex99Error, InputError, LimitError
from nlp.selection import looks_like_submission
from nlp.submission import read_submissions

__all__ = [
    "DEATHS_ALLOWED",
    "Settings",
    "TaskReport",
    "loaded_classifier",
    "printable",
    "score_raw",
    "score_task",
]

DEATHS_ALLOWED = 3
_PIECE = 1 << 20
_PACKED = (".gz", ".tgz", ".tar", ".zip")  # files whose bytes are not those that are scored


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a worker needs to know; what changes records is in ``config``, the digest that shards carry.

    ``seconds`` bounds a document, ``memory`` a process (bytes of data; ``None`` where the process is a cluster's).
    ``working``: the folder in which a worker names what is under way, for the case of a crash (``None``: nobody sees it).
    """

    config: str
    model: str | None = None
    add_drugs: tuple[str, ...] = ()
    remove_drugs: tuple[str, ...] = ()
    with_text: bool = False
    seconds: float = 30.0
    memory: int | None = None
    filter: Filter = field(default_factory=Filter)
    working: str | None = None


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
def loaded_classifier(model: str | None, add: tuple[str, ...], remove: tuple[str, ...]) -> Classifier:
    """The classifier of these options: one a process, so that models and lexicons are read once."""
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
def _time_limit(seconds: float, *, may_end: bool) -> Iterator[None]:
    """Raise ``LimitError`` after ``seconds``. ``may_end``: end the process where that does not get through in time."""

    def expire(signum: int, frame: object) -> None:
        raise LimitError(f"took longer than {seconds:g} s; raise --seconds to allow more", code="over-time")

    timed = threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")
    # A signal interrupts Python code, not a C function that hangs; and it reaches the main thread only, while a
    # cluster's workers compute in others. There, and after twice the time here, the process ends: a death like others.
    end: threading.Timer | None = None
    if may_end and not timed:
        end = threading.Timer(2 * seconds, os._exit, (1,))
        end.daemon = True
        end.start()
    if not timed:
        try:
            yield
        finally:
            if end is not None:
                end.cancel()
        return
    previous = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    with open(os.devnull, "w") as silence:
        if may_end:
            faulthandler.dump_traceback_later(2 * seconds, exit=True, file=silence)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            if may_end:
                faulthandler.cancel_dump_traceback_later()
            signal.signal(signal.SIGALRM, previous)


def _limit_memory(limit: int | None) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    if limit is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (limit if hard < 0 else min(limit, hard), hard))


def score_raw(
    classifier: Classifier, raw: bytes, path: str, seconds: float, *, may_end: bool = False
) -> tuple[Classification, ...]:
    """Score one input's bytes within ``seconds``; whatever goes wrong is a ``failed`` result."""
    try:
        with _time_limit(seconds, may_end=may_end):
            return classifier.score_bytes(raw, path=path)
    except MemoryError:
        error: Exception = LimitError("needed more memory than a worker may use", code="over-memory")
    except Exception as caught:  # no input stops a batch
        error = caught
    source = Source(path=path, sha256=hashlib.sha256(raw).hexdigest())
    return (classifier.failure(source, error, "score"),)


def file_digest(path: str) -> str:
    """SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with open_name(path) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


class _UnitScorer:
    """Scores the units of one task, record by record."""

    def __init__(self, settings: Settings, writer: ShardWriter) -> None:
        self.settings = settings
        self.writer = writer
        self.failed = 0
        self._filtered = False
        self._slowest = (0.0, "")  # seconds and label of the member that took longest

    def score(self, unit: Unit, mark: Callable[[int], None]) -> bool:
        """Write the lines of ``unit``; false, and nothing, where its content is what was scored before."""
        if unit.known is None:
            _ = self._classifier  # its loading is not this document's time
        began = time.perf_counter()
        self.failed, self._filtered, self._slowest = 0, False, (0.0, "")
        skipped: Counter[str] = Counter()
        digest: str | None = None
        mark(WHOLE)
        plain = not (unit.avoid or unit.path.lower().endswith(_PACKED))
        if not plain:
            with suppress(OSError):  # opening it will tell
                digest = file_digest(unit.path)
            if digest is not None and digest == unit.known:
                return self._unchanged(unit, digest)
        if WHOLE in unit.avoid:
            self._fail(unit.path, _killer(unit.path), "score", digest)
            member = 0
        else:
            member = WHOLE
            for member, source in enumerate(_sources(unit, skipped)):
                mark(member)
                if member in unit.avoid:
                    self._fail(source.label, _killer(source.label), "score")
                    continue
                try:
                    raw = source.read()
                except Exception as error:
                    self._fail(source.label, error, "read")
                    continue
                if plain:
                    digest = hashlib.sha256(raw).hexdigest()
                    if digest == unit.known:
                        return self._unchanged(unit, digest)
                started = time.perf_counter()
                self._score_source(source.label, raw)
                self._slowest = max(self._slowest, (time.perf_counter() - started, source.label))
        if member == WHOLE and not _holds_more(unit):
            nothing = InputError(f"{printable(unit.path)}: holds no filing", code="empty-archive")
            self._fail(unit.path, nothing, "read", digest)
        self.writer.end_unit(
            unit,
            sha256=digest,
            config=self.settings.config,
            filter=self.settings.filter.name if self._filtered else "",
            seconds=round(time.perf_counter() - began, 6),
            slowest=[round(self._slowest[0], 6), self._slowest[1]],
            failed=self.failed,
            skipped=dict(skipped),
        )
        return True

    def _unchanged(self, unit: Unit, digest: str) -> bool:
        if unit.stamp:
            self.writer.stamp(unit, digest)
        return False

    def _score_source(self, label: str, raw: bytes) -> None:
        settings = self.settings
        if settings.filter.name and not _wanted(raw, settings.filter):
            self._filtered = True
            return
        for result in score_raw(self._classifier, raw, printable(label), settings.seconds, may_end=True):
            self._add(result)

    def _fail(self, label: str, error: Exception, stage: str, digest: str | None = None) -> None:
        source = Source(path=printable(label), sha256=digest)
        self._add(self._classifier.failure(source, error, stage))

    def _add(self, result: Classification) -> None:
        try:
            line = _encode(result.to_dict(with_text=self.settings.with_text))
        except Exception as error:  # a number JSON has no word for, say
            result = self._classifier.failure(result.source, error, "score")
            line = _encode(result.to_dict(with_text=self.settings.with_text))
        self.writer.add(line)
        self.failed += result.status == "failed"

    @property
    def _classifier(self) -> Classifier:
        return loaded_classifier(self.settings.model, self.settings.add_drugs, self.settings.remove_drugs)


def _holds_more(unit: Unit) -> bool:
    """Whether it is for another part to say that the archive holds no filing: the first says so, if none does."""
    if unit.part is None:
        return False
    return unit.part[0] > 0 or any(True for _ in _sources(replace(unit, part=None), Counter()))


def _sources(unit: Unit, skipped: Counter[str]) -> Iterator[container.Source]:
    """What the file holds; one that cannot be opened holds one source that says why."""
    path = unit.path
    try:
        yield from container.open_unit(path, skipped=skipped, opener=open_name, part=unit.part)
    except OSError as error:
        if isinstance(error, InputError):
            caught = error
        else:
            caught = InputError(f"{printable(path)}: {error.strerror or error}; check that it may be read")
        yield container.Source(path, partial(_raise, caught))


def _raise(error: Exception) -> NoReturn:
    raise error


def _encode(record: dict[str, Any]) -> bytes:
    # A lone surrogate has no UTF-8; it becomes one character, so that spans still fit.
    return json.dumps(record, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def _killer(label: str) -> LimitError:
    return LimitError(
        f"{printable(label)}: {DEATHS_ALLOWED} workers died on it; it is left out until it changes",
        code="killed-worker",
    )


def _wanted(raw: bytes, wanted: Filter) -> bool:
    """Whether a file's bytes hold a filing that the filter takes; headers tell, nothing is scored."""
    if not looks_like_submission(raw):
        return wanted.takes(None, None)
    try:
        headers = [submission.header for submission in read_submissions(raw)]
    except Ex99Error:
        return True  # scoring it will tell what is wrong
    return any(wanted.takes(header.form_type, header.filed_on) for header in headers)


def score_task(task: Task, settings: Settings, folder: str) -> TaskReport:
    """Score a task into one shard of ``folder``, a path or URL.

    While it runs, a file in ``settings.working`` holds two numbers: the unit's position in the task, and the member's
    in the unit.
    """
    _limit_memory(settings.memory)
    failed = scored = 0
    writer = ShardWriter(open_place(folder), task.number)
    try:
        with _marker(task, settings) as mark:
            scorer = _UnitScorer(settings, writer)
            for position, unit in enumerate(task.units):
                if scorer.score(unit, partial(mark, position)):
                    scored += 1
                    failed += scorer.failed > 0
        writer.commit()
    except BaseException:
        writer.abandon()
        raise
    if settings.working is not None:
        with suppress(OSError):
            Path(settings.working, task_name(task.number)).unlink()
    total = sum(unit.size for unit in task.units)
    return TaskReport(task.number, len(task.units), scored, len(task.units) - scored, failed, total)


@contextmanager
def _marker(task: Task, settings: Settings) -> Iterator[Callable[[int, int], None]]:
    """What notes where in the task one is."""
    if settings.working is None:
        yield lambda position, member: None
        return
    with Path(settings.working, task_name(task.number)).open("wb", buffering=0) as working:

        def mark(position: int, member: int) -> None:
            working.seek(0)
            working.write(b"%9d %9d" % (position, member))

        yield mark
