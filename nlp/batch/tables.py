"""The files people load: JSON Lines, nested and flat Parquet, CSV; each written whole, then renamed."""

from __future__ import annotations

import csv
import itertools
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from nlp.batch.outputs import replacing
from nlp.batch.places import Place, open_place
from nlp.batch.schema import FLAT, releases_schema

__all__ = ["flat_rows", "read_records", "write_tables"]

_ROW_GROUP = 1_000  # records held in memory at once
# A spreadsheet runs a cell that begins with one of these as a formula.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
CSV_COLUMNS = (
    "release_id",
    "path",
    "accession_number",
    "form_type",
    "filed_on",
    "cik",
    "company",
    "exhibit",
    "exhibit_reason",
    "headline",
    "status",
    "items",
    "primary_event",
    "events",
    "probabilities",
    "subtypes",
    "evidence",
    "counterparties",
    "drugs",
    "terms",
    "warnings",
    "error",
)
_PLAIN = CSV_COLUMNS.index("items")  # the columns before it are those of the record


def flat_rows(table: str, record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Rows of one flat table for one record, keyed by ``release_id``.

    >>> record = {"release_id": "x#0", "accession_number": None, "exhibit": None, "path": "x", "filed_on": None, "company": None,
    ...           "drugs": [{"name": "ACM-101", "kind": "code", "aliases": ["zorvexib"], "rule": "r", "mentions": []}]}
    >>> [(row["name"], row["mentions"]) for row in flat_rows("drugs", record)]
    [('ACM-101', 0)]
    """
    base = {
        key: record[key]
        for key in ("release_id", "path", "accession_number", "exhibit", "filed_on", "company")
    }
    for entry in record[table]:
        row = {**base, **{key: value for key, value in entry.items() if key not in ("mentions", "evidence")}}
        if "mentions" in entry:
            row["mentions"] = len(entry["mentions"])
            row["start"] = entry["mentions"][0]["start"] if entry["mentions"] else None
            row["end"] = entry["mentions"][0]["end"] if entry["mentions"] else None
        if "evidence" in entry:
            row["evidence"] = entry["evidence"][0]["text"] if entry["evidence"] else None
        yield row


def _csv_cell(value: str) -> str:
    value = " ".join(value.split())
    return "'" + value if value.startswith(_FORMULA) else value


def _csv_row(record: Mapping[str, Any]) -> list[str]:
    """The cells of ``CSV_COLUMNS``."""
    accepted = [event for event in record["events"] if event["accepted"]]
    lists = (
        [event["type"] for event in accepted],
        [f"{event['probability']:.3f}" for event in accepted],
        [subtype for event in accepted for subtype in event["subtypes"]],
        [next((span["text"] for event in accepted for span in event["evidence"]), "")],
        [f"{party['canonical']} ({party['role']})" for party in record["counterparties"]],
        [drug["name"] for drug in record["drugs"]],
        [f"{term['kind']}: {term['value']}" for term in record["terms"]],
        [warning["code"] for warning in record["warnings"]],
    )
    cells = [
        *(record[column] or "" for column in CSV_COLUMNS[:_PLAIN]),
        "; ".join(record["items"]),
        record["primary_event"] or "",
        *map("; ".join, lists),
        record["error"]["code"] if record["error"] else "",
    ]
    return [_csv_cell(cell) for cell in cells]


def write_tables(
    records: Iterable[Mapping[str, Any]], out: Place, *, with_text: bool = False
) -> dict[str, int]:
    """Write all tables of ``records`` into ``out``; returns rows by table. Memory does not grow with the records."""
    schemas = {"releases": releases_schema(with_text=with_text), **FLAT}
    rows: dict[str, list[Mapping[str, Any]]] = {name: [] for name in schemas}
    counts = dict.fromkeys(schemas, 0)
    names = ("releases.jsonl", "releases.csv", *(f"{name}.parquet" for name in schemas))
    with replacing(out, names) as partial, ExitStack() as stack:
        jsonl = stack.enter_context(partial["releases.jsonl"].open("x", encoding="utf-8"))
        sheet = stack.enter_context(partial["releases.csv"].open("x", encoding="utf-8", newline=""))
        parquet = {
            name: stack.enter_context(
                pq.ParquetWriter(partial[f"{name}.parquet"], schema, compression="zstd")
            )
            for name, schema in schemas.items()
        }
        writer = csv.writer(sheet)
        writer.writerow(CSV_COLUMNS)

        def flush() -> None:
            for name, pending in rows.items():
                if pending:
                    parquet[name].write_table(pa.Table.from_pylist(pending, schema=schemas[name]))
                    counts[name] += len(pending)
                    pending.clear()

        for record in records:
            jsonl.write(json.dumps(record, ensure_ascii=False) + "\n")
            writer.writerow(_csv_row(record))
            rows["releases"].append(record)
            for name in FLAT:
                rows[name] += flat_rows(name, record)
            if len(rows["releases"]) >= _ROW_GROUP:
                flush()
        flush()
        stack.close()
    return counts


def read_records(out: str | os.PathLike[str], limit: int | None = None) -> Iterator[dict[str, Any]]:
    """The first ``limit`` records (all when ``None``) of ``releases.jsonl`` in ``out``, a path or URL."""
    with open_place(out).open("releases.jsonl") as file:
        for line in itertools.islice(file, limit):
            yield json.loads(line)
