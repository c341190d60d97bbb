"""The output folder: made, locked against a second run, never left through a link, written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from nlp.errors import InputError

__all__ = ["locked", "prepare", "replacing", "write_json", "writing"]


@contextmanager
def writing(out: Path) -> Iterator[None]:
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


def prepare(out: Path) -> Path:
    """Make ``out`` and its ``.run`` folder, and return that. Raises ``InputError`` for links that lead elsewhere."""
    run_folder = out / ".run"
    parts = (run_folder, run_folder / "shards", run_folder / "working")
    out.mkdir(parents=True, exist_ok=True)
    for part in parts:
        if part.is_symlink():
            raise InputError(
                f"{part}: is a symbolic link; results are written only into {out} itself", code="cannot-write"
            )
        part.mkdir(exist_ok=True)
    return run_folder


@contextmanager
def locked(run_folder: Path, out: Path) -> Iterator[int]:
    """Hold ``out`` for this run, and yield the run's number (from 1), greater than that of every earlier run.

    The lock is the system's own and ends with the process, however that ends. Raises ``InputError`` where another run
    holds it. What a killed run left half-written is removed.
    """
    handle = os.open(run_folder / "lock", os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
    with os.fdopen(handle, "r+b", buffering=0) as file:
        _lock(file, out)
        digits = file.read(32).strip()
        number = int(digits) + 1 if digits.isdigit() else 1
        file.seek(0)
        file.write(b"%12d\n" % number)
        for stale in [*(run_folder / "working").glob("*"), *(run_folder / "shards").glob("*.partial")]:
            stale.unlink(missing_ok=True)
        yield number


def _lock(file: IO[bytes], out: Path) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise InputError(
            f"{out}: another run is writing there; wait until it has ended, or name another folder with --out",
            code="output-in-use",
        ) from error
    except OSError:  # a file system without locks
        return


@contextmanager
def replacing(out: Path, names: tuple[str, ...]) -> Iterator[dict[str, Path]]:
    """Yield a fresh path for each of these files of ``out``; they take their names together once all are written."""
    partial = {name: out / f".{name}.partial" for name in names}
    try:
        for path in partial.values():
            path.unlink(missing_ok=True)  # also a link, which would otherwise be followed
        yield partial
        for path in partial.values():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        for name, path in partial.items():
            os.replace(path, out / name)
    finally:
        for path in partial.values():
            with suppress(OSError):
                path.unlink(missing_ok=True)


def write_json(out: Path, name: str, content: dict[str, Any]) -> None:
    """Write one JSON file of ``out`` whole."""
    with replacing(out, (name,)) as partial:
        partial[name].write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
