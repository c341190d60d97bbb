"""The table that ``ex99 score`` prints: one line a release, readable at a glance."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nlp.batch import Summary

__all__ = ["plain", "print_summary", "print_table"]

# Notices that only say what was chosen; the record has them, the table would drown in them.
_QUIET = frozenset({"exhibit-refused"})
_STYLES = {"ok": "", "review": "yellow", "failed": "bold red", "no_release": "dim"}


def plain(value: str) -> str:
    """``value`` without control characters: a filing must not steer the terminal that shows it.

    >>> plain("Acme\\x1b[2J Bio")
    'Acme[2J Bio'
    """
    return "".join(c for c in value if c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})


def _shorten(value: str, width: int) -> str:
    value = " ".join(plain(value).split())
    return value if len(value) <= width else value[: width - 1].rstrip() + "…"


def _events(record: Mapping[str, Any]) -> str:
    return "\n".join(f"{e['type']} {e['probability']:.2f}" for e in record["events"] if e["accepted"])


def _names(record: Mapping[str, Any]) -> str:
    return "\n".join(
        f"{_shorten(c['canonical'], 34)} ({c['role'].replace('_', ' ')})"
        for c in record["counterparties"][:5]
    )


def _drugs(record: Mapping[str, Any]) -> str:
    names = [drug["name"] for drug in record["drugs"]]
    return _shorten(", ".join(names[:5]) + (f" +{len(names) - 5}" if len(names) > 5 else ""), 60)


def _remarks(record: Mapping[str, Any]) -> str:
    if record["error"]:
        return f"{record['error']['code']}: {_shorten(record['error']['message'], 60)}"
    if record["status"] == "no_release":
        return _shorten(record["exhibit_reason"] or "no press release", 60)
    codes = [w["code"] for w in record["warnings"] if w["code"] not in _QUIET]
    return "\n".join((["review"] if record["status"] == "review" else []) + list(dict.fromkeys(codes)))


def print_table(records: Iterable[Mapping[str, Any]], console: Console) -> None:
    """Print one row a record: company, date, headline, events with probability, counterparties, drugs, remarks."""
    table = Table(header_style="bold", show_lines=True, expand=False)
    for name, width in (
        ("company", 20),
        ("filed", 10),
        ("headline", 38),
        ("events", 16),
        ("counterparties", 26),
        ("drugs", 20),
        ("remarks", 20),
    ):
        table.add_column(name, max_width=width, overflow="fold", no_wrap=name == "filed")
    for record in records:
        company = record["company"] or PurePath(record["path"] or "").name
        cells = (
            _shorten(company, 40),
            record["filed_on"] or "",
            _shorten(record["headline"], 90),
            _events(record),
            _names(record),
            _drugs(record),
            _remarks(record),
        )
        table.add_row(*(Text(plain(cell)) for cell in cells), style=_STYLES[record["status"]])
    console.print(table)


def print_summary(summary: Summary, console: Console) -> None:
    """Print counts by status, event and warning, what failed, and where the results lie."""

    def counts(values: Mapping[str, int]) -> str:
        return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in values.items()) or "none"

    lines = [
        f"{sum(summary.statuses.values()):,} records from {summary.inputs:,} files ({counts(summary.statuses)}); "
        f"{summary.scored:,} scored now, {summary.unchanged:,} unchanged, in {summary.seconds:.1f} s",
        f"events: {counts(summary.events)}",
        f"warnings: {counts(summary.warnings)}",
        *(f"failed: {path}: {code}: {message}" for path, code, message in summary.failures),
        f"Full results: {summary.out}/releases.jsonl, .parquet and .csv; flat tables beside them; counts in {summary.out}/run.json",
    ]
    for line in lines:
        console.print(Text(plain(line)), soft_wrap=True)
