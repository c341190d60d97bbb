"""The output folder: made, locked against a second run, never left through a link, written whole or not at all."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from nlp.batch.places import LocalFolder, Place
from nlp.errors import InputError

__all__ = ["locked", "prepare", "replacing", "write_json", "writing"]

_FIRST_RUN = 1_600_000_000  # seconds; where runs are numbered by the clock, they begin here


@contextmanager
def writing(out: object) -> Iterator[None]:
    """Say of a failure to write below ``out`` what it means for the run."""
    try:
        yield
    except InputError:
        raise
    except OSError as error:
        raise InputError(
            f"{out}: results could not be written ({error.strerror or error}); nothing that was finished is lost: "
            "make room or name another folder, and run the same command again",
            code="cannot-write",
        ) from error


def prepare(out: Place) -> Place:
    """Make ``out`` and its ``.run`` folder, and return that. Raises ``InputError`` for links that lead elsewhere."""
    if not isinstance(out, LocalFolder):
        return out.below(".run")  # folders are only names there
    run_folder = out.path / ".run"
    parts = (run_folder, run_folder / "shards", run_folder / "working")
    out.path.mkdir(parents=True, exist_ok=True)
    for part in parts:
        if part.is_symlink():
            raise InputError(
                f"{part}: is a symbolic link; results are written only into {out} itself", code="cannot-write"
            )
        part.mkdir(exist_ok=True)
    return LocalFolder(run_folder)


@contextmanager
def locked(run_folder: Place, out: Place) -> Iterator[int]:
    """Hold ``out`` for this run, and yield the run's number (from 1), greater than that of every earlier run.

    The lock is the system's own and ends with the process, however that ends. Raises ``InputError`` where another run
    holds it. What a killed run left half-written is removed. Behind a URL there are no locks: runs are numbered by the
    clock, so that two of them at once cost double work, and no results.
    """
    if not isinstance(run_folder, LocalFolder):
        yield max(1, int(time.time()) - _FIRST_RUN)
        return
    folder = run_folder.path
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
    with os.fdopen(handle, "r+b", buffering=0) as file:
        _lock(file, out)
        digits = file.read(32).split()[:1]
        number = int(digits[0]) + 1 if digits and digits[0].isdigit() else 1
        file.seek(0)
        file.write(b"%12d %8d\n" % (number, os.getpid()))
        for stale in [*(folder / "working").glob("*"), *(folder / "shards").glob("*.partial")]:
            stale.unlink(missing_ok=True)
        yield number


def _lock(file: IO[bytes], out: Place) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = file.read(64).split()[1:2]
        who = f" (process {holder[0].decode('ascii', 'replace')})" if holder else ""
        raise InputError(
            f"{out}: another run{who} is writing there; wait until it has ended, or name another folder with --out",
            code="output-in-use",
        ) from error
    except OSError:  # a file system without locks
        return


@contextmanager
def replacing(out: Place, names: tuple[str, ...]) -> Iterator[dict[str, Path]]:
    """Yield a fresh path for each of these files of ``out``; they take their names together once all are written."""
    if isinstance(out, LocalFolder):  # what a killed run left
        for name in names:
            for stale in out.path.glob(f".{name}.*partial"):
                stale.unlink(missing_ok=True)
    drafts = {name: out.draft(name) for name in names}
    try:
        yield drafts
        for draft in drafts.values():
            with draft.open("rb") as file:
                os.fsync(file.fileno())
        for name, draft in drafts.items():
            out.publish(draft, name)
    finally:
        for draft in drafts.values():
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def write_json(out: Place, name: str, content: dict[str, Any]) -> None:
    """Write one JSON file of ``out`` whole."""
    with replacing(out, (name,)) as drafts:
        drafts[name].write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
