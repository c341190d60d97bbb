"""Walk folders and archives of filings as byte streams; nothing is unpacked to disk, no name in a file becomes a path.

Layouts need no option: any tree will do, among them those of sec-edgar-downloader (``full-submission.txt``), edgartools
(``.nc``, ``.txt.gz``), EDGAR's daily feed (``.tar.gz`` of ``.nc``) and its archive folders (index pages are passed over,
and parts that lie beside the submission that holds them). Whatever cannot be read is an item of the walk all the same,
and says why when read; other file types are counted in ``skipped``.
"""

from __future__ import annotations

import gzip
import os  # scandir and stat: names that are not UTF-8, and one system call a file
import re
import stat
import sys
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, NoReturn, cast

from nlp.errors import Ex99Error, InputError, LimitError

__all__ = [
    "ARCHIVES",
    "FileEntry",
    "Limits",
    "Opener",
    "Source",
    "holds_filings",
    "list_files",
    "open_unit",
    "walk",
]

_FILES = (".txt", ".htm", ".html", ".nc", ".sgml")
ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz")
_INDEX = re.compile(r"(?i)\d-index(?:-headers)?\.html?\Z")
_ACCESSION = re.compile(r"\A(\d{10})(\d{2})(\d{6})\Z")  # as the archive names the folder of a submission
_CHUNK = 1 << 20
_WHOLE = (0, sys.maxsize)
_RATIO_FREE = 10_000_000  # bytes an archive may unpack to before its ratio matters
_BROKEN = (
    OSError,
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
    tarfile.TarError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
)


Opener = Callable[[str], IO[bytes]]  # a name to a seekable stream of its bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file or archive may cost, in bytes unpacked: ``file_bytes`` a file or member, ``total_bytes`` and ``members``
    an archive; ``ratio`` unpacked to packed bytes (deflate's most is 1,032; filings reach about 30).

    >>> Limits(file_bytes=50_000_000).ratio
    300
    """

    file_bytes: int = 300_000_000
    total_bytes: int = 20_000_000_000
    members: int = 200_000
    ratio: int = 300


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file (or a folder that could not be listed), its size in bytes, and what the system knows of it, if anything.

    >>> FileEntry("acme.txt", 1200).size
    1200
    """

    path: str
    size: int
    info: os.stat_result | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One readable thing: ``label`` is its path, or ``archive!/member``. Read it before taking the next of its archive.

    >>> Source("acme.zip!/a.txt", lambda: b"News").read()
    b'News'
    """

    label: str
    opener: Callable[[], bytes]

    def read(self) -> bytes:
        """All its bytes. Raises ``InputError`` (unreadable, corrupt) or ``LimitError``, with a ``code`` for the record."""
        return self.opener()


def list_files(folder: str | os.PathLike[str], *, skipped: Counter[str] | None = None) -> Iterator[FileEntry]:
    """Files of a tree that may hold filings, in a fixed order (bytes of the names, folder by folder).

    ``folder`` may be a file. ``skipped`` counts what was passed over, by suffix. A folder that cannot be listed is an
    entry itself, so that whoever reads it finds out. Folders are entered once, so links cannot loop.
    Raises ``InputError`` (``no-such-path``) where ``folder`` does not exist.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, open(f"{folder}/acme.txt", "w") as file:
    ...     [entry.path == file.name for entry in list_files(folder)]
    [True]
    """
    top = os.fspath(folder)
    skipped = Counter() if skipped is None else skipped
    try:
        info = os.stat(top)
    except OSError as error:
        raise InputError(f"{_shown(top)}: {error.strerror}; check the path", code="no-such-path") from error
    if not stat.S_ISDIR(info.st_mode):
        yield FileEntry(top, info.st_size, info)
        return
    seen = {(info.st_dev, info.st_ino)}
    stack = [iter([(top, True)])]
    while stack:
        path, is_folder = next(stack[-1], ("", False))
        if not path:
            stack.pop()
            continue
        if not is_folder:
            try:
                info = os.stat(path)
            except OSError:  # vanished, or a link to nothing: reading it tells
                yield FileEntry(path, 0)
            else:
                yield FileEntry(path, info.st_size, info)
            continue
        try:
            stack.append(iter(_children(path, seen, skipped)))
        except OSError:
            yield FileEntry(path, 0)


def _children(path: str, seen: set[tuple[int, int]], skipped: Counter[str]) -> list[tuple[str, bool]]:
    with os.scandir(path) as entries:
        found = sorted(entries, key=lambda entry: os.fsencode(entry.name))
    names = {entry.name for entry in found}
    whole = _ACCESSION.sub(r"\1-\2-\3.txt", os.path.basename(path))  # in a folder of EDGAR's archive
    children: list[tuple[str, bool]] = []
    for entry in found:
        try:
            info = entry.stat()
        except OSError:
            if holds_filings(entry.name):
                children.append((entry.path, False))
            continue
        if stat.S_ISDIR(info.st_mode):
            if (info.st_dev, info.st_ino) in seen:
                skipped["folder linked twice"] += 1
                continue
            seen.add((info.st_dev, info.st_ino))
            children.append((entry.path, True))
        elif not stat.S_ISREG(info.st_mode):
            skipped["not a regular file"] += 1
        elif not holds_filings(entry.name):
            skipped[os.path.splitext(entry.name)[1].lower() or "no suffix"] += 1
        elif _INDEX.search(entry.name):
            skipped["index page of EDGAR"] += 1
        elif entry.name.startswith("primary-document.") and "full-submission.txt" in names:
            skipped["copy of what full-submission.txt holds"] += 1
        elif whole in names and entry.name != whole:
            skipped["copy of what the submission beside it holds"] += 1
        else:
            children.append((entry.path, False))
    return children


def holds_filings(name: str) -> bool:
    """Whether a file of this name (without folders) may hold filings.

    >>> holds_filings("acme.txt.gz"), holds_filings("logo.jpg")
    (True, False)
    """
    return name.lower().endswith((*_FILES, *ARCHIVES, ".gz")) and not name.startswith("._")


def walk(
    path: str | os.PathLike[str], *, limits: Limits = Limits(), skipped: Counter[str] | None = None
) -> Iterator[Source]:
    """Every source under ``path``, archives' members included, in a fixed order. Nothing but a missing ``path`` stops it.

    >>> import tempfile, zipfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with zipfile.ZipFile(f"{folder}/acme.zip", "w") as archive:
    ...         archive.writestr("a.txt", "News")
    ...     [(source.label.removeprefix(folder), source.read()) for source in walk(folder)]
    [('/acme.zip!/a.txt', b'News')]
    """
    for entry in list_files(path, skipped=skipped):
        try:
            yield from open_unit(entry.path, limits=limits, skipped=skipped)
        except Ex99Error as error:
            yield _failing(entry.path, error)


def _open_file(name: str) -> IO[bytes]:
    return open(name, "rb")


def open_unit(
    path: str | os.PathLike[str],
    *,
    limits: Limits = Limits(),
    skipped: Counter[str] | None = None,
    opener: Opener = _open_file,
    part: tuple[int, int] | None = None,
) -> Iterator[Source]:
    """The sources of one file: itself, or the members of an archive, in archive order.

    ``opener`` opens names that are not files of this machine. ``part``: of an archive, only the members that begin in this
    range of its unpacked bytes (half-open); what cannot be read before the range is told all the same. Raises ``InputError`` where the file cannot be opened at all; what goes wrong later is raised by the source's ``read``.

    >>> import io
    >>> [source.read() for source in open_unit("acme.txt", opener=lambda name: io.BytesIO(b"News"))]
    [b'News']
    """
    name = os.fspath(path)
    skipped = Counter() if skipped is None else skipped
    label = name
    try:
        file = opener(name)
    except OSError as error:
        code = "unreadable-folder" if os.path.isdir(name) else "unreadable-file"
        raise InputError(
            f"{_shown(name)}: {error.strerror or error}; check that it exists and may be read", code=code
        ) from error
    with file:
        lower = name.lower()
        if lower.endswith(".zip"):
            members = _zip_members(file, label, limits, skipped, part or _WHOLE)
        elif lower.endswith(ARCHIVES):
            members = _tar_members(
                file,
                label,
                _size(file),
                limits,
                skipped,
                part or _WHOLE,
                zipped=not lower.endswith(".tar"),
            )
        else:
            yield Source(label, lambda: _read_path(name, limits, opener))
            return
        try:
            yield from members
        except Ex99Error as error:
            yield _failing(label, error)
        except _BROKEN as error:
            yield _failing(label, _corrupt(label, error))


def _size(file: IO[bytes]) -> int:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size


def _read_path(name: str, limits: Limits, opener: Opener) -> bytes:
    try:
        with opener(name) as file:
            if not name.lower().endswith(".gz"):
                return _read_all(file, name, None, limits)
            return _read_all(cast(IO[bytes], gzip.GzipFile(fileobj=file)), name, _size(file), limits)
    except _BROKEN as error:
        if isinstance(error, Ex99Error):
            raise
        raise _corrupt(name, error) from error


def _read_all(stream: IO[bytes], label: str, packed: int | None, limits: Limits) -> bytes:
    """The whole stream, in pieces, so that a bomb is noticed before it is unpacked. ``packed``: its packed size, if any."""
    pieces: list[bytes] = []
    total = 0
    while piece := stream.read(_CHUNK):
        total += len(piece)
        _check(label, total, packed, limits)
        pieces.append(piece)
    return b"".join(pieces)


def _check(label: str, total: int, packed: int | None, limits: Limits) -> None:
    if total > limits.file_bytes:
        raise LimitError(
            f"{_shown(label)}: larger than {limits.file_bytes:,} bytes; not read (score its exhibits as files of their own)",
            code="file-too-large",
        )
    if packed is not None and total > _RATIO_FREE and total > limits.ratio * max(packed, 1):
        raise LimitError(
            f"{_shown(label)}: unpacks to more than {limits.ratio} times its size; not read",
            code="ratio-too-high",
        )


class _Budget:
    """A byte stream that refuses to give more than it was allowed since the last ``allow``."""

    def __init__(self, stream: IO[bytes], label: str, packed: int | None, limits: Limits) -> None:
        self._stream, self._label, self._packed, self._limits = stream, label, packed, limits
        self._total = 0
        self._left = _CHUNK

    def allow(self, size: int) -> None:
        self._left = size + 4 * _CHUNK  # a header between two members is far smaller

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size if size >= 0 else _CHUNK)
        self._total += len(data)
        self._left -= len(data)
        if self._left < 0:
            raise LimitError(
                f"{_shown(self._label)}: a member header larger than any real one; not read further",
                code="archive-too-large",
            )
        if self._total > self._limits.total_bytes:
            raise LimitError(
                f"{_shown(self._label)}: unpacks to more than {self._limits.total_bytes:,} bytes; read no further",
                code="archive-too-large",
            )
        if (
            self._packed is not None
            and self._total > _RATIO_FREE
            and self._total > self._limits.ratio * max(self._packed, 1)
        ):
            raise LimitError(
                f"{_shown(self._label)}: unpacks to more than {self._limits.ratio} times its size",
                code="ratio-too-high",
            )
        return data


class _TarEntry(tarfile.TarInfo):
    """An entry that is damaged or missing is an error; to ``tarfile`` it is the archive's end, and the rest lost in silence."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _TarEntry:
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if isinstance(error, tarfile.EOFHeaderError):  # type: ignore[attr-defined]  # the end mark
                raise
            raise tarfile.ReadError(f"{error} where an entry or the end mark should be") from error


def _tar_members(
    file: IO[bytes],
    label: str,
    packed: int,
    limits: Limits,
    skipped: Counter[str],
    part: tuple[int, int],
    *,
    zipped: bool,
) -> Iterator[Source]:
    plain = cast(IO[bytes], gzip.GzipFile(fileobj=file)) if zipped else file
    stream = _Budget(plain, label, packed if zipped else None, limits)
    stream.allow(0)
    with tarfile.open(fileobj=cast(IO[bytes], stream), mode="r|", tarinfo=_TarEntry) as archive:
        for count, member in enumerate(archive, 1):
            _check_members(label, count, limits)
            stream.allow(member.size)
            if member.offset < part[0]:
                continue
            if member.offset >= part[1]:
                return
            if not member.isfile():
                if not member.isdir():
                    skipped["link or device in an archive"] += 1
                continue
            name = f"{label}!/{member.name}"
            yield from _member(name, member.size, None, limits, skipped, partial(_extract, archive, member))
        end = cast(IO[bytes], archive.fileobj)
        while rest := end.read(_CHUNK):  # padding; reading it also lets gzip compare its checksum
            stream.allow(0)
            if rest.strip(b"\0"):
                raise tarfile.ReadError("more follows its end mark")


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    stream = archive.extractfile(member)
    if stream is None:  # only links and folders, which were passed over
        raise tarfile.TarError("no data")
    return stream


def _zip_members(
    file: IO[bytes], label: str, limits: Limits, skipped: Counter[str], part: tuple[int, int]
) -> Iterator[Source]:
    with zipfile.ZipFile(file) as archive:
        total = 0
        for count, info in enumerate(archive.infolist(), 1):
            _check_members(label, count, limits)
            if info.is_dir():
                continue
            begin, total = total, total + info.file_size
            if total > limits.total_bytes:
                raise LimitError(
                    f"{_shown(label)}: unpacks to more than {limits.total_bytes:,} bytes; read no further",
                    code="archive-too-large",
                )
            if begin < part[0]:
                continue
            if begin >= part[1]:
                return
            name = f"{label}!/{info.filename}"
            if info.flag_bits & 1:
                yield _failing(
                    name, InputError(f"{_shown(name)}: encrypted; unpack it first", code="encrypted-member")
                )
                continue
            yield from _member(
                name, info.file_size, info.compress_size, limits, skipped, partial(archive.open, info)
            )


def _member(
    name: str,
    size: int,
    packed: int | None,
    limits: Limits,
    skipped: Counter[str],
    opener: Callable[[], IO[bytes]],
) -> Iterator[Source]:
    lower = name.lower()
    if lower.endswith(ARCHIVES):
        yield _failing(
            name,
            InputError(
                f"{_shown(name)}: an archive inside an archive is not opened; unpack it first",
                code="nested-archive",
            ),
        )
    elif not holds_filings(lower.rsplit("/", 1)[-1]):
        skipped[os.path.splitext(lower)[1] or "no suffix"] += 1
    else:
        yield Source(name, lambda: _read_member(name, size, packed, limits, opener))


def _read_member(
    name: str, size: int, packed: int | None, limits: Limits, opener: Callable[[], IO[bytes]]
) -> bytes:
    try:
        _check(name, size, packed, limits)
        with opener() as stream:
            if name.lower().endswith(".gz"):
                return _read_all(cast(IO[bytes], gzip.GzipFile(fileobj=stream)), name, size, limits)
            data = _read_all(stream, name, packed, limits)
    except _BROKEN as error:
        if isinstance(error, Ex99Error):
            raise
        raise _corrupt(name, error) from error
    if len(data) != size:
        raise InputError(
            f"{_shown(name)}: {len(data):,} of {size:,} bytes; the archive is cut", code="corrupt-archive"
        )
    return data


def _check_members(label: str, count: int, limits: Limits) -> None:
    if count > limits.members:
        raise LimitError(
            f"{_shown(label)}: more than {limits.members:,} members; read no further", code="too-many-members"
        )


def _failing(label: str, error: Ex99Error) -> Source:
    def fail() -> NoReturn:
        raise error

    return Source(label, fail)


def _corrupt(label: str, error: BaseException) -> InputError:
    what = str(error) or type(error).__name__
    if isinstance(error, OSError) and error.errno:
        return InputError(
            f"{_shown(label)}: {error.strerror or what}; check that it may be read", code="unreadable-file"
        )
    return InputError(f"{_shown(label)}: cannot be unpacked ({what}); fetch it again", code="corrupt-archive")


def _shown(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")
