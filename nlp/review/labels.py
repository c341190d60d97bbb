"""Label files that only grow: one line a decision, on the disk before the next release is shown."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from nlp.errors import InputError
from nlp.review.desk import Decision

__all__ = ["LabelFile", "guide_version"]


def guide_version() -> str:
    """Names the definitions the labels were given under: the taxonomy, by its digest.

    >>> guide_version().startswith("event_types-")
    True
    """
    taxonomy = (files("nlp.resources") / "event_types.toml").read_bytes()
    return f"event_types-{hashlib.sha256(taxonomy).hexdigest()[:12]}"


class LabelFile:
    """Labels in ``path`` and the texts they judge in ``<stem>.texts.jsonl`` beside it, both as ``ex99 train`` reads them.

    ``done`` maps ids to the text digests they were decided on. A line cut short by a crash is dropped on opening
    (``repaired``): its decision was never confirmed. Raises ``InputError`` for a file that isn't a label file.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from nlp.review import Decision, Item, LabelFile
    >>> item = Item({"release_id": "acme-1", "text": "Acme Bio News", "events": []}, ("the model is in doubt",))
    >>> with TemporaryDirectory() as folder:
    ...     LabelFile(Path(folder, "labels.jsonl"), who="ana").append(Decision(item, ("trial",)))
    ...     list(LabelFile(Path(folder, "labels.jsonl"), who="ana").done)
    ['acme-1']
    """

    def __init__(self, path: Path, *, who: str) -> None:
        self.path = path
        self.texts = path.with_name(f"{path.stem}.texts.jsonl")
        self.who = who
        self.repaired = False
        self.done: dict[str, str | None] = {
            entry["id"]: entry.get("text_sha256") for entry in self._read(path, "events")
        }
        self._with_text = {entry["id"] for entry in self._read(self.texts, "text")}

    def _read(self, path: Path, needs: str) -> list[dict[str, Any]]:
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}; check the path") from error
        whole = raw.rfind(b"\n") + 1
        entries = []
        for number, line in enumerate(raw[:whole].splitlines(), 1):
            try:
                entry = json.loads(line)
            except ValueError as error:
                raise InputError(f"{path}, line {number}: not JSON ({error}); repair it by hand") from error
            if not isinstance(entry, dict) or not isinstance(entry.get("id"), str) or needs not in entry:
                raise InputError(f'{path}, line {number}: needs an object with "id" and "{needs}"')
            entries.append(entry)
        if whole < len(raw):  # only once we know that the file is ours
            os.truncate(path, whole)
            self.repaired = True
        return entries

    def append(self, decision: Decision) -> None:
        """Write one decision, text first, and wait until both are on the disk."""
        item = decision.item
        record = item.record
        if item.id not in self._with_text:
            text = {"id": item.id, "title": "", "text": record["text"], "source": "review"}
            _append(self.texts, {**text, "date": record.get("filed_on"), "company": record.get("company")})
            self._with_text.add(item.id)
        _append(
            self.path,
            {
                "id": item.id,
                "sha256": record.get("sha256"),
                "events": list(decision.events),
                "primary": decision.primary,
                "who": self.who,
                "when": datetime.now(UTC).isoformat(timespec="seconds"),
                "guide": guide_version(),
                "text_sha256": item.text_sha256,
                "path": record.get("path"),
                "model_events": list(item.tagged),
                "model_version": record.get("model_version"),
            },
        )
        self.done[item.id] = item.text_sha256

    def take_back(self, decision: Decision) -> None:
        """Remove the last line, which must be this decision's."""
        raw = self.path.read_bytes()
        start = raw.rfind(b"\n", 0, len(raw) - 1) + 1
        if json.loads(raw[start:])["id"] != decision.item.id:
            raise InputError(f"{self.path}: changed by something else; nothing was undone")
        with self.path.open("r+b") as file:
            file.truncate(start)
            os.fsync(file.fileno())
        del self.done[decision.item.id]


def _append(path: Path, entry: Mapping[str, Any]) -> None:
    line = json.dumps(entry, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; the decision was not kept") from error
