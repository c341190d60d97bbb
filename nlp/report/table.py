"""The table that ``ex99 score`` prints: one line a release, readable at a glance."""

from __future__ import annotations

import itertools
import os
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:  # the batch brings pyarrow and joblib, which one release does not need
    from nlp.batch import Summary

__all__ = ["make_console", "plain", "print_summary", "print_table", "rows_to_show"]

_PIPED = 150  # columns where standard output is a file or a pipe and COLUMNS says nothing
_WIDE = 138  # from here on every column has its own place

# Notices that only say what was chosen; the record has them, the table would drown in them.
_QUIET = frozenset({"exhibit-refused"})
# Column, least and greatest width.
_WIDE_COLUMNS = (
    ("company", 16, 20),
    ("filed", 10, 10),
    ("headline", 28, 38),
    ("events", 16, 16),
    ("counterparties", 20, 26),
    ("drugs", 12, 20),
    ("remarks", 14, 20),
)
_NARROW_COLUMNS = (("company, filed", 14, 20), ("headline", 18, 38), ("events", 16, 20), ("names", 18, 30))
_MOST = 5  # counterparties and drugs of a release; how many more there are is told
_LOOKED_AT = 5000  # records
_SLOW = 1.0  # seconds; quicker documents are not worth a line
_STYLES = {"ok": "", "review": "yellow", "failed": "bold red", "no_release": "dim"}


def make_console() -> Console:
    """A console for standard output: as wide as the terminal, 150 columns when piped (``COLUMNS`` overrules); honours NO_COLOR."""
    return Console(width=None if sys.stdout.isatty() or os.environ.get("COLUMNS") else _PIPED)


def plain(value: str) -> str:
    """``value`` without control characters: a filing must not steer the terminal that shows it.

    >>> plain("Acme\\x1b[2J Bio")
    'Acme[2J Bio'
    """
    value = value.replace("\t", " ")
    return "".join(c for c in value if c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})


def _shorten(value: str, width: int) -> str:
    value = " ".join(plain(value).split())
    return value if len(value) <= width else value[: width - 1].rstrip() + "…"


def _events(record: Mapping[str, Any]) -> str:
    return "\n".join(f"{e['type']} {e['probability']:.2f}" for e in record["events"] if e["accepted"])


def _names(record: Mapping[str, Any]) -> str:
    parties = record["counterparties"]
    lines = [f"{_shorten(c['canonical'], 34)} ({c['role'].replace('_', ' ')})" for c in parties[:_MOST]]
    return "\n".join(lines + ([f"+{len(parties) - _MOST}"] if len(parties) > _MOST else []))


def _drugs(record: Mapping[str, Any]) -> str:
    names = [drug["name"] for drug in record["drugs"]]
    more = f" +{len(names) - _MOST}" if len(names) > _MOST else ""
    return _shorten(", ".join(names[:_MOST]), 60) + more


def _remarks(record: Mapping[str, Any]) -> str:
    if record["error"]:
        return f"{record['error']['code']}: {_shorten(record['error']['message'], 60)}"
    if record["status"] == "no_release":
        return _shorten(record["exhibit_reason"] or "no press release", 60)
    codes = [w["code"] for w in record["warnings"] if w["code"] not in _QUIET]
    return "\n".join((["review"] if record["status"] == "review" else []) + list(dict.fromkeys(codes)))


def print_table(records: Iterable[Mapping[str, Any]], console: Console) -> None:
    """Print one row a record: company, date, headline, events with probability, counterparties, drugs, remarks.

    Below 138 columns, date and remarks share the cells of company and events, and names come in one column.
    """
    wide = console.width >= _WIDE
    table = Table(header_style="bold", show_lines=True, expand=False)
    columns = _WIDE_COLUMNS if wide else _NARROW_COLUMNS
    spare = max(0, console.width - 1 - sum(least + 3 for _, least, _ in columns))  # 3: padding and a border
    wish = sum(most - least for _, least, most in columns)
    for name, least, most in columns:
        width = least + min(most - least, spare * (most - least) // wish)
        table.add_column(name, width=width, overflow="fold")
    for record in records:
        company = _shorten(record["company"] or PurePath(record["path"] or "").name, 40)
        filed, headline = record["filed_on"] or "", _shorten(record["headline"], 90)
        events, names, drugs, remarks = _events(record), _names(record), _drugs(record), _remarks(record)
        cells = (
            (company, filed, headline, events, names, drugs, remarks)
            if wide
            else (_lines(company, filed), headline, _lines(events, remarks), _lines(names, drugs))
        )
        table.add_row(*(Text(plain(cell)) for cell in cells), style=_STYLES[record["status"]])
    console.print(table)


def rows_to_show(records: Iterable[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    """``most`` records for a table, in their order: releases and failures before filings that hold no release.

    Looks no further than the first 5,000 records: a table on a screen is a first look.
    """
    telling: list[tuple[int, Mapping[str, Any]]] = []
    rest: list[tuple[int, Mapping[str, Any]]] = []
    for number, record in enumerate(itertools.islice(records, _LOOKED_AT)):
        kind = rest if record["status"] == "no_release" else telling
        if len(kind) < most:
            kind.append((number, record))
        if len(telling) == most:
            break
    chosen = telling + rest[: most - len(telling)]
    return [record for _, record in sorted(chosen, key=lambda pair: pair[0])]


def _lines(*cells: str) -> str:
    return "\n".join(cell for cell in cells if cell)


def print_summary(summary: Summary, console: Console) -> None:
    """Print counts by status, event and warning, what failed, and where the results lie."""

    def counts(values: Mapping[str, int]) -> str:
        return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in values.items()) or "none"

    unnamed = summary.failed - len(summary.failures)
    slow = [(seconds, path) for seconds, path in summary.slowest[:3] if seconds >= _SLOW]
    lines = [
        *(
            [f"DAMAGED: the stored results of {summary.damaged:,} files could not be used; check the disk"]
            if summary.damaged
            else []
        ),
        *(
            [
                f"OUTDATED: {summary.outdated:,} files have no results, or those of another model, rule set or option; "
                "run without --only-failed"
            ]
            if summary.outdated
            else []
        ),
        *([] if summary.inputs else ["NOTHING FOUND: no file there looks like a filing"]),
        f"{sum(summary.statuses.values()):,} records from {summary.inputs:,} files ({counts(summary.statuses)}); "
        f"{summary.scored:,} scored now, {summary.unchanged:,} unchanged, in {summary.seconds:.1f} s",
        f"events: {counts(summary.events)}",
        f"warnings: {counts(summary.warnings)}",
        *(
            [
                f"left out by --since or --form: {summary.filtered:,} files (a bare exhibit states neither date nor form)"
            ]
            if summary.filtered
            else []
        ),
        *(
            [
                f"kept, but not in these tables: {summary.absent:,} files scored earlier that are not among this run's inputs"
            ]
            if summary.absent
            else []
        ),
        *([f"passed over, not filings by their name: {counts(summary.skipped)}"] if summary.skipped else []),
        *(f"failed: {path}: {code}: {message}" for path, code, message in summary.failures),
        *([f"failed: {unnamed:,} more; status and error in the tables"] if unnamed > 0 else []),
        *([f"slowest: {', '.join(f'{s:.1f} s {path}' for s, path in slow)}"] if slow else []),
        f"Full results: {summary.out}/releases.jsonl, .parquet and .csv; flat tables beside them; counts in {summary.out}/run.json",
    ]
    for line in lines:
        console.print(Text(plain(line)), soft_wrap=True)
