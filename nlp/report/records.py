"""The records that ``ex99 score`` wrote, read back, and the bytes of the filings that their evidence stands on."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nlp.containers import open_unit
from nlp.errors import Ex99Error, InputError
from nlp.exhibit import Locator, read_exhibit
from nlp.text import Span

__all__ = ["Record", "add_byte_ranges", "read_results"]

Record = dict[str, Any]
_MEMBER = "!/"  # archive!/member, see containers


def read_results(results: Path) -> Iterator[Record]:
    """Records of ``results``: a folder that ``ex99 score`` wrote, or its ``releases.jsonl``.

    Raises ``InputError`` where there are none, or where a line is not a record of schema 1.
    """
    source = results / "releases.jsonl" if results.is_dir() else results
    try:
        with source.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                yield _record(line, f"{source}, line {number}")
    except UnicodeDecodeError as error:
        raise InputError(f"{source}: not UTF-8 text; make it with ex99 score") from error
    except FileNotFoundError as error:
        raise InputError(f"{source}: no results here; run ex99 score FOLDER --out {results} first") from error
    except OSError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{source}: {error.strerror}; check the path") from error


def _record(line: str, where: str) -> Record:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise InputError(f"{where}: not JSON ({error}); run ex99 score again") from error
    if not isinstance(record, dict) or record.get("schema") != 1 or "status" not in record:
        raise InputError(f"{where}: not a record of schema 1; make it with ex99 score")
    return record


def add_byte_ranges(records: Iterable[Record]) -> int:
    """Give every piece of evidence ``byte_start`` and ``byte_end``: its bytes in the file (or archive member).

    The files are read again, each once; records need their text (``ex99 score --with-text``). Where bytes can't be
    told, the record (or the piece) gets ``byte_note``, which says why. Returns how many pieces were located.
    """
    wanted: dict[str, dict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        path = record.get("path")
        if not _evidence(record):
            continue
        if not path:
            record["byte_note"] = "not read from a file"
        elif not record.get("text"):
            record["byte_note"] = "the results hold no text; score with --with-text"
        else:
            record["byte_note"] = "the file is no longer there, as seen from this folder"
            unit = path if _MEMBER not in path or Path(path).is_file() else path.split(_MEMBER, 1)[0]
            wanted[unit][path].append(record)
    located = 0
    for unit, members in wanted.items():
        try:
            for source in open_unit(unit):
                if source.label in members:
                    located += _locate_all(source.read(), members[source.label])
        except Ex99Error as error:
            for record in (record for group in members.values() for record in group):
                if "byte_note" in record and not isinstance(error, FileNotFoundError) and Path(unit).exists():
                    record["byte_note"] = str(error)
    return located


def _evidence(record: Record) -> list[dict[str, Any]]:
    return [piece for event in record.get("events") or () for piece in event.get("evidence") or ()]


def _locate_all(raw: bytes, records: list[Record]) -> int:
    digest = hashlib.sha256(raw).hexdigest()
    located = 0
    for record in records:
        if record.get("sha256") != digest:
            record["byte_note"] = "the file has changed since it was scored (SHA-256 differs)"
            continue
        start = record.get("exhibit_start") or 0
        body = raw[start : record.get("exhibit_end")]
        try:
            exhibit = read_exhibit(body)
            if exhibit.text != record["text"]:
                record["byte_note"] = "this version reads the exhibit differently; score it again"
                continue
            locator = Locator(body, exhibit)
        except Ex99Error as error:
            record["byte_note"] = str(error)
            continue
        del record["byte_note"]
        for piece in _evidence(record):
            try:
                found = locator.bytes_of(Span(piece["start"], piece["end"]))
            except Ex99Error as error:
                piece["byte_note"] = str(error)
            else:
                piece["byte_start"], piece["byte_end"] = found.start + start, found.end + start
                located += 1
    return located
