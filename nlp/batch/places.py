"""Folders to write to and files to read: on this machine, or wherever fsspec reaches by URL (``s3://``, ``gs://`` ...).

What is written is a draft on this machine first and takes its name when it is complete: by renaming here, by one upload
there. Object stores show an upload whole or not at all; where a store does not, the checksums of shards tell.
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Protocol, cast

from nlp.errors import InputError

__all__ = ["LocalFolder", "Place", "RemoteFolder", "absolute", "is_url", "open_name", "open_place", "remote"]

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_FILE = "file://"


def is_url(name: str) -> bool:
    """Whether ``name`` lies elsewhere. ``file://`` is this machine: the rest is a path, taken as it stands.

    >>> is_url("s3://bucket/filings"), is_url("file:///filings"), is_url("C:/filings")
    (True, False, False)
    """
    return _URL.match(name) is not None and not name.startswith(_FILE)


def absolute(name: str | os.PathLike[str]) -> str:
    """``name`` as any process may be told it: a URL as it is, a path made absolute."""
    text = os.fspath(name)
    return text if is_url(text) else os.path.abspath(text.removeprefix(_FILE))


class Place(Protocol):
    """A folder of files that are complete or absent."""

    def __str__(self) -> str:
        """Its name: a path or a URL."""

    def below(self, name: str) -> Place:
        """A folder in it."""

    def names(self) -> list[str]:
        """The files in it, in no order; none where it does not exist."""

    def open(self, name: str) -> IO[bytes]:
        """One of them, to read anywhere in it."""

    def has(self, name: str) -> bool:
        """Whether it is there."""

    def draft(self, name: str) -> Path:
        """A fresh path on this machine to write what will be ``name``."""

    def publish(self, draft: Path, name: str) -> None:
        """Let a written draft take its name, whatever was there before."""

    def remove(self, name: str) -> None:
        """Remove a file; one that is gone is fine."""


class LocalFolder:
    """A folder of this machine."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def below(self, name: str) -> LocalFolder:
        """A folder in it."""
        return LocalFolder(self.path / name)

    def names(self) -> list[str]:
        """The files in it."""
        try:
            return os.listdir(self.path)
        except FileNotFoundError:
            return []

    def open(self, name: str) -> IO[bytes]:
        """One of them."""
        return (self.path / name).open("rb")

    def has(self, name: str) -> bool:
        """Whether it is there."""
        return (self.path / name).exists()

    def draft(self, name: str) -> Path:
        """A path beside the final one, so that renaming is one step."""
        return self.path / f".{name}.{secrets.token_hex(4)}.partial"

    def publish(self, draft: Path, name: str) -> None:
        """Bring ``draft`` to the disk itself, then rename it."""
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(draft, self.path / name)

    def remove(self, name: str) -> None:
        """Remove a file."""
        (self.path / name).unlink(missing_ok=True)


class RemoteFolder:
    """A folder by URL. Errors of whatever library is behind it are ``OSError``."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._files, self._root = remote(self.url)

    def __str__(self) -> str:
        return self.url

    def below(self, name: str) -> RemoteFolder:
        """A folder in it; it exists once a file does."""
        return RemoteFolder(f"{self.url}/{name}")

    def names(self) -> list[str]:
        """The files in it, asked anew."""
        with _told(self.url):
            self._files.invalidate_cache()
            try:
                found = self._files.ls(self._root, detail=False)
            except FileNotFoundError:
                return []
            return [name.rstrip("/").rsplit("/", 1)[-1] for name in found]

    def open(self, name: str) -> IO[bytes]:
        """One of them."""
        with _told(self.url):
            return cast(IO[bytes], self._files.open(f"{self._root}/{name}", "rb"))

    def has(self, name: str) -> bool:
        """Whether it is there."""
        with _told(self.url):
            return bool(self._files.exists(f"{self._root}/{name}"))

    def draft(self, name: str) -> Path:
        """A path in this machine's folder for temporary files."""
        return Path(tempfile.gettempdir()) / f"ex99-{secrets.token_hex(8)}-{name}.partial"

    def publish(self, draft: Path, name: str) -> None:
        """Upload ``draft`` and remove it here."""
        with _told(self.url):
            self._files.makedirs(self._root, exist_ok=True)  # nothing, where folders are only names
            self._files.put_file(str(draft), f"{self._root}/{name}")
        draft.unlink()

    def remove(self, name: str) -> None:
        """Remove a file."""
        with _told(self.url), suppress(FileNotFoundError):
            self._files.rm_file(f"{self._root}/{name}")


def open_place(name: str | os.PathLike[str]) -> Place:
    """The folder of that path or URL."""
    text = os.fspath(name)
    return RemoteFolder(text) if is_url(text) else LocalFolder(Path(text.removeprefix(_FILE)))


def open_name(name: str) -> IO[bytes]:
    """A file to read, by path or URL."""
    if not is_url(name):
        return open(name.removeprefix(_FILE), "rb")
    files, path = remote(name)
    with _told(name):
        return cast(IO[bytes], files.open(path, "rb"))


def remote(url: str) -> tuple[Any, str]:
    """The fsspec file system of a URL, and the path in it.

    Raises ``InputError``: ``missing-extra`` where fsspec or the protocol's package is not installed.
    """
    protocol = url.split("://", 1)[0]
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise InputError(
            f"{url}: a URL needs the package fsspec; install it with: pip install 'ex99[remote]'",
            code="missing-extra",
        ) from error
    try:
        files, path = url_to_fs(url)
    except ImportError as error:
        raise InputError(
            f"{url}: {protocol}:// needs a package that is not installed ({error}); "
            "install it beside ex99[remote], for instance: pip install s3fs (s3://) or gcsfs (gs://)",
            code="missing-extra",
        ) from error
    except ValueError as error:
        raise InputError(f"{url}: {error}; check the part before ://", code="no-such-path") from error
    except Exception as error:  # no credentials, say
        raise InputError(f"{url}: {_message(error)}") from error
    return files, path.rstrip("/")


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Make an ``OSError`` of what a library raises: each has its own."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{url}: {_message(error)}") from error


def _message(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
