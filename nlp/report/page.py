"""One self-contained HTML page of a scored batch: no network, nothing unescaped.

The data travels as JSON in which ``<``, ``>`` and ``&`` are escaped; the page's script sets text only, never
markup; and the page's policy names its one script and one style by digest, so that a browser runs nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape
from jinja2.environment import TemplateStream
from markupsafe import Markup

from nlp.errors import InputError
from nlp.report.records import add_byte_ranges, read_results

__all__ = ["render_page", "write_page"]

# What the page shows of a record; the rest (rule ids of every mention, versions …) stays in the results.
_KEPT = (
    "release_id",
    "path",
    "sha256",
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
    "byte_note",
    "model_version",
)
_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def _for_page(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: record[key] for key in _KEPT if record.get(key) not in (None, [], "")}


def _pieces(records: Iterable[Mapping[str, Any]]) -> Iterator[Markup]:
    for number, record in enumerate(records):
        data = json.dumps(_for_page(record), ensure_ascii=False, separators=(",", ":"))
        yield Markup((",\n" if number else "") + data.translate(_ESCAPES))


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _stream(records: Iterable[Mapping[str, Any]], title: str) -> TemplateStream:
    folder = files("nlp.report")
    script = (folder / "page.js").read_text(encoding="utf-8")
    style = (folder / "page.css").read_text(encoding="utf-8")
    environment = Environment(loader=PackageLoader("nlp.report", "."), autoescape=select_autoescape())
    return environment.get_template("page.html").stream(
        title=title,
        data=_pieces(records),
        script=Markup(script),
        style=Markup(style),
        script_digest=_digest(script),
        style_digest=_digest(style),
    )


def render_page(records: Iterable[Mapping[str, Any]], *, title: str) -> str:
    """The page of ``records`` (as ``Classification.to_dict`` gives them) as one string."""
    return "".join(_stream(records, title))


def write_page(results: Path, page: Path) -> int:
    """Write the page of ``results`` (a folder that ``ex99 score`` wrote, or its ``releases.jsonl``) to ``page``.

    Returns how many records it shows. With texts (``ex99 score --with-text``) every release can be read, and where
    the filings are still where they were scored, evidence names its bytes in them; else the page says why not.
    Raises ``InputError`` where there are no results, a line of them is not a record, or the page can't be written.
    """
    records = list(read_results(results))
    add_byte_ranges(records)
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        with page.open("w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(_stream(records, f"ex99: {results.resolve().name}"))
    except OSError as error:
        raise InputError(f"{page}: {error.strerror}; the page was not written") from error
    return len(records)
