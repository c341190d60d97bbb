"""One self-contained HTML page of a scored batch: no network, nothing unescaped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

from nlp.errors import InputError

__all__ = ["render_page", "write_page"]

# What the page shows of a record; the rest (hashes, rule ids of every mention …) stays in the results.
_KEPT = (
    "release_id",
    "path",
    "accession_number",
    "form_type",
    "filed_on",
    "company",
    "items",
    "exhibit",
    "exhibit_reason",
    "exhibit_start",
    "exhibit_end",
    "headline",
    "status",
    "warnings",
    "error",
    "primary_event",
    "events",
    "counterparties",
    "drugs",
    "terms",
    "trial_outcome",
    "text",
    "sections",
)


def _for_page(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: record[key] for key in _KEPT if record.get(key) not in (None, [], "")}


def render_page(records: Iterable[Mapping[str, Any]], *, title: str) -> str:
    """The page as one string. The data travels as JSON in which ``<``, ``>`` and ``&`` are escaped, and the page's script
    sets text only (never markup), so nothing a filing says can become part of the page."""
    data = json.dumps([_for_page(record) for record in records], ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        data = data.replace(character, f"\\u{ord(character):04x}")
    environment = Environment(loader=PackageLoader("nlp.report", "."), autoescape=select_autoescape())
    return environment.get_template("page.html").render(title=title, data=data)


def write_page(results: Path, page: Path) -> int:
    """Write the page of ``results`` (a folder that ``ex99 score`` wrote, or its ``releases.jsonl``); returns how many records.

    Raises ``InputError`` where there are no results, or a line of them is not a record.
    """
    source = results / "releases.jsonl" if results.is_dir() else results
    records = []
    try:
        with source.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                record = json.loads(line)
                if not isinstance(record, dict) or record.get("schema") != 1:
                    raise InputError(
                        f"{source}, line {number}: not a record of schema 1; make it with ex99 score"
                    )
                records.append(record)
    except FileNotFoundError as error:
        raise InputError(f"{source}: no results here; run ex99 score FOLDER --out {results} first") from error
    except ValueError as error:
        raise InputError(
            f"{source}, line {len(records) + 1}: not JSON ({error}); run ex99 score again"
        ) from error
    page.write_text(
        render_page(records, title=f"ex99: {results.name}"), encoding="utf-8", errors="backslashreplace"
    )
    return len(records)
