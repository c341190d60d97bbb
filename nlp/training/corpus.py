"""Read labelled releases: texts in one JSON Lines file, labels in another, joined by ``id``.

Texts are never part of the repository; labels are (``data/labels``). A text line is ``{"id", "title",
"text"}`` and may carry ``source, date, company, url``; a label line is ``{"id", "events"}`` and may carry
``is_release, sector, primary, subtypes``. An authored example (``data/authored``) has both in one line.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp.errors import InputError, LimitError
from nlp.release import Release, read_release

__all__ = ["Example", "corpus_digest", "read_authored", "read_corpus", "read_lines"]

_MAX_BYTES = 512_000_000
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_DATE = re.compile(r"\b([A-Z][a-z]{2,8})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,\s+((?:19|20)\d\d)\b")


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled release. ``text`` is what is scored: the title, a blank line, the body."""

    id: str
    title: str
    text: str
    events: tuple[str, ...]
    source: str = ""
    date: str | None = None
    company: str | None = None
    is_release: bool = True
    subtypes: tuple[str, ...] = ()

    @property
    def full(self) -> bool:
        """Whether the whole release is there rather than headline and lead (longer than 1,500 characters)."""
        return len(self.text) > 1500

    def release(self) -> Release:
        """The text, sectioned just as a served release is."""
        return read_release(self.text)


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Objects of a JSON Lines file with their line numbers. Raises ``InputError`` or ``LimitError``."""
    try:
        size = path.stat().st_size
        if size > _MAX_BYTES:
            raise LimitError(f"{path}: {size:,} bytes, more than {_MAX_BYTES:,}; split the file")
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except ValueError as error:
            raise InputError(f"{path}, line {number}: not JSON ({error})") from error
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            raise InputError(f'{path}, line {number}: needs an object with an "id" string')
        yield number, entry


def _file(folder_or_file: Path, name: str) -> Path:
    return folder_or_file / name if folder_or_file.is_dir() else folder_or_file


def read_corpus(texts: Path, labels: Path, event_types: Sequence[str]) -> tuple[Example, ...]:
    """Join texts and labels, sorted by id.

    ``texts``: a JSON Lines file, or a folder with ``releases.jsonl``; ``labels``: a file, or a folder with
    ``labels.jsonl``. Labels without a text are an error (a silent gap would change the model); texts without
    a label are left out, as they teach nothing.
    """
    label_file = _file(labels, "labels.jsonl")
    by_id: dict[str, tuple[int, dict[str, Any]]] = {}
    for number, entry in read_lines(label_file):
        if entry["id"] in by_id:
            raise InputError(f"{label_file}, line {number}: id {entry['id']!r} appears twice")
        by_id[entry["id"]] = (number, entry)
    examples: dict[str, Example] = {}
    for number, entry in read_lines(_file(texts, "releases.jsonl")):
        if entry["id"] in by_id:
            if entry["id"] in examples:
                raise InputError(f"{texts}, line {number}: id {entry['id']!r} appears twice")
            examples[entry["id"]] = _example(
                entry, by_id[entry["id"]][1], event_types, f"{label_file}, line {by_id[entry['id']][0]}"
            )
    missing = sorted(set(by_id) - set(examples))
    if missing:
        raise InputError(
            f"{texts}: no text for {len(missing)} labelled ids ({', '.join(missing[:5])}); data/README.md "
            f"tells where texts are had"
        )
    return tuple(examples[key] for key in sorted(examples))


def read_authored(folder: Path, event_types: Sequence[str]) -> tuple[Example, ...]:
    """Examples about invented companies that the project wrote: text and labels in one line; none if no
    folder."""
    found: dict[str, Example] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for number, entry in read_lines(path):
            if "events" not in entry or "text" not in entry:
                continue
            if entry["id"] in found:
                raise InputError(f"{path}, line {number}: id {entry['id']!r} appears twice")
            found[entry["id"]] = _example(
                {**entry, "source": "authored"}, entry, event_types, f"{path}, line {number}"
            )
    return tuple(found[key] for key in sorted(found))


def _example(
    text: Mapping[str, Any], label: Mapping[str, Any], event_types: Sequence[str], where: str
) -> Example:
    events = tuple(label.get("events") or ())
    if not events or not set(events) <= set(event_types):
        raise InputError(
            f"{where}: events {list(events)!r}; known are {', '.join(event_types)}, and each line needs one"
        )
    title, body = str(text.get("title") or "").strip(), str(text.get("text") or "").strip()
    whole = "\n\n".join(part for part in (title, body) if part)
    date = text.get("date") or _written_date(whole)
    return Example(
        id=str(text["id"]),
        title=title,
        text=whole,
        events=events,
        source=str(text.get("source") or ""),
        date=date,
        company=text.get("company") or None,
        is_release=bool(label.get("is_release", True)),
        subtypes=tuple(label.get("subtypes") or ()),
    )


def _written_date(text: str) -> str | None:
    """The first date written out in the opening, ISO."""
    for match in _DATE.finditer(text[:2500]):
        month = next((i for i, name in enumerate(_MONTHS, 1) if name.startswith(match[1].lower())), None)
        if month is not None and 1 <= int(match[2]) <= 31:
            return f"{match[3]}-{month:02d}-{int(match[2]):02d}"
    return None


def corpus_digest(examples: Sequence[Example]) -> str:
    """SHA-256 over ids, texts and events, in order: says whether two runs saw the same data."""
    total = hashlib.sha256()
    for example in examples:
        total.update(json.dumps([example.id, example.text, example.events], ensure_ascii=False).encode())
        total.update(b"\n")
    return total.hexdigest()
