"""What there is to score: files of folders, archives and URLs, each once, each with a stamp that changes as it does."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from nlp.batch.places import absolute, is_url, remote
from nlp.batch.plan import Unit
from nlp.containers import FileEntry, holds_filings, list_files
from nlp.errors import InputError

__all__ = ["Inputs", "list_inputs", "read_paths"]

Inputs = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]

# A file changed twice within one tick of the file system's clock has the same stamp both times. So a file that was
# changed this short a time before it is listed has none, and is read again next time. (Git's index does the same.)
_SETTLED = 3_000_000_000  # ns; FAT's clock ticks every 2 s, others finer
# What file systems behind fsspec say of an object's version, first the ones that never repeat.
_VERSIONS = ("ETag", "etag", "generation", "md5Hash", "md5", "content_md5", "LastModified", "last_modified",
             "updated", "mtime", "modified", "created")  # fmt: skip


def read_paths(stream: BinaryIO) -> Iterator[str]:
    """Paths from a stream, one a line, or ended by NULs as ``find -print0`` writes them.

    >>> import io
    >>> list(read_paths(io.BytesIO(b"a.htm\\nb.txt\\n"))), list(read_paths(io.BytesIO(b"a b.htm\\0c.txt\\0")))
    (['a.htm', 'b.txt'], ['a b.htm', 'c.txt'])
    """
    content = stream.read()
    ending = b"\0" if b"\0" in content else b"\n"
    return (os.fsdecode(path.removesuffix(b"\r")) for path in content.split(ending) if path.strip())


def list_inputs(
    inputs: Inputs, out: str | None, skipped: Counter[str], *, whole_names: bool = False
) -> Iterator[Unit]:
    """Every file once, in a fixed order, without what lies in the output folder.

    ``whole_names``: make paths absolute. Raises ``InputError`` where a single folder or file is not there; of an
    iterable of them, it is a unit, whose record will say so.
    """
    single = isinstance(inputs, str | os.PathLike)
    seen: set[str] = set()
    for given in [inputs] if isinstance(inputs, str | os.PathLike) else inputs:
        top = os.fspath(given)
        top = absolute(top) if whole_names else top.removeprefix("file://")
        own = _own(out, top)
        try:
            for unit in _list_remote(top, skipped) if is_url(top) else _list_local(top, skipped):
                if unit.path in seen:
                    continue
                if own and (unit.path if is_url(top) else os.path.realpath(unit.path)).startswith(own):
                    skipped["in the output folder"] += 1
                    continue
                seen.add(unit.path)
                yield unit
        except InputError as error:
            if single or error.code == "missing-extra":
                raise
            if top not in seen:
                seen.add(top)
                yield Unit(top, 0)


def _own(out: str | None, top: str) -> str:
    """What names below ``top`` begin with that lie in ``out``; empty where none can."""
    if out is None or is_url(out) != is_url(top):
        return ""
    if is_url(out):
        files, path = remote(out)
        return str(files.unstrip_protocol(path)) + "/"
    own = os.path.join(os.path.realpath(out), "")
    return own if own.startswith(os.path.join(os.path.realpath(top), "")) else ""


def _list_local(top: str, skipped: Counter[str]) -> Iterator[Unit]:
    for entry in list_files(top, skipped=skipped):
        yield Unit(entry.path, entry.size, stamp=_stamp(entry))


def _stamp(entry: FileEntry) -> str:
    """Size, times and inode. Nobody can set the time of the last change (ctime), so no changed file keeps its stamp."""
    info = entry.info
    if info is None or time.time_ns() - max(info.st_ctime_ns, info.st_mtime_ns) < _SETTLED:
        return ""
    return f"{info.st_size}-{info.st_mtime_ns}-{info.st_ctime_ns}-{info.st_ino}"


def _list_remote(top: str, skipped: Counter[str]) -> Iterator[Unit]:
    files, root = remote(top)
    try:
        files.invalidate_cache()
        found: dict[str, Mapping[str, Any]] = files.find(root, detail=True)
        if not found and not files.exists(root):
            raise FileNotFoundError("nothing of that name")
    except Exception as error:  # each library has its own
        raise InputError(
            f"{top}: {error or type(error).__name__}; check the URL", code="no-such-path"
        ) from error
    whole = {name.rsplit("/", 1)[0] for name in found if name.endswith("/full-submission.txt")}
    for name in sorted(found, key=lambda name: [os.fsencode(part) for part in name.split("/")]):
        folder, _, last = name.rpartition("/")
        if name.rstrip("/") != root and not holds_filings(last):
            skipped[os.path.splitext(last)[1].lower() or "no suffix"] += 1
        elif last.startswith("primary-document.") and folder in whole:
            skipped["copy of what full-submission.txt holds"] += 1
        else:
            info = found[name]
            yield Unit(files.unstrip_protocol(name), info.get("size") or 0, stamp=_remote_stamp(info))


def _remote_stamp(info: Mapping[str, Any]) -> str:
    version = next((str(info[key]) for key in _VERSIONS if info.get(key)), "")
    return f"{info.get('size')}-{version}" if version else ""
