"""The tables people load: schema, types, keys, spreadsheet safety, and the lines the README shows."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nlp.batch.places import open_place
from nlp.batch.schema import FLAT, RELEASES, releases_schema
from nlp.batch.tables import CSV_COLUMNS, flat_rows, read_records, write_tables
from nlp.classification import Classification, Source
from nlp.entities import Counterparty, Drug, Entities, Mention, Term
from nlp.errors import Notice
from nlp.model import EventScore
from nlp.text import Span

TEXT = "=Acme Bio and Umber Health license ACM-101 for $5 million"


def result(path: str = "a.txt", **changes: Any) -> Classification:
    """A result with every part filled in."""
    fields: dict[str, Any] = {
        "source": Source(
            path, "0" * 64, "0009990001-24-000001", "8-K", "2024-05-02", "0009990001", "Acme Bio", "2834"
        )
        if path == "a.txt"
        else Source(path),
        "status": "review",
        "headline": TEXT,
        "text": TEXT,
        "events": (
            EventScore("licensing", 0.9, True, ("licensing.out",), (Span(0, 9),)),
            EventScore("trial", 0.1, False, (), ()),
        ),
        "entities": Entities(
            drugs=(Drug("ACM-101", "code", ("acmeximab",), "drug.code", (Mention("ACM-101", 35, 42),)),),
            counterparties=(
                Counterparty(
                    "Umber Health",
                    "Umber Health",
                    "licensee",
                    "party.rule",
                    (Mention("Umber Health", 14, 26),),
                ),
            ),
            terms=(
                Term(
                    "deal", "upfront", "$5 million", 5e6, "USD", "term.rule", (Mention("$5 million", 47, 57),)
                ),
            ),
        ),
        "warnings": (Notice("encoding-guessed", "read as windows-1252"),),
        "model_version": "1.0",
        "rules_version": "rules-0",
    }
    return Classification(**{**fields, **changes})


@pytest.fixture
def out(tmp_path: Path) -> Path:
    out = tmp_path / "out"
    out.mkdir()
    failed = result("b.txt", status="failed", events=(), entities=Entities(), text="", headline="")
    write_tables([result().to_dict(), failed.to_dict()], open_place(out))
    return out


@pytest.mark.parametrize("with_text", [False, True])
def test_the_schema_is_that_of_the_record(with_text: bool) -> None:
    record = result().to_dict(with_text=with_text)
    schema = releases_schema(with_text=with_text)
    assert schema.names == list(record)
    assert pa.Table.from_pylist([record], schema=schema).to_pylist() == [record]
    for name in ("events", "counterparties", "drugs", "terms", "warnings"):
        fields = [field.name for field in schema.field(name).type.value_type]
        assert fields == list(record[name][0])


def test_flat_tables_have_a_row_an_entry_keyed_by_release() -> None:
    record = result().to_dict()
    for name, schema in FLAT.items():
        rows = list(flat_rows(name, record))
        assert rows and all(sorted(row) == sorted(schema.names) for row in rows)
        assert {row["release_id"] for row in rows} == {record["release_id"]}
    assert [row["evidence"] for row in flat_rows("events", record)] == ["=Acme Bio", None]
    assert [(row["mentions"], row["start"], row["end"]) for row in flat_rows("drugs", record)] == [
        (1, 35, 42)
    ]


def test_files_agree_with_one_another(out: Path) -> None:
    records = list(read_records(out))
    assert pq.read_table(out / "releases.parquet").to_pylist() == records
    assert pq.read_schema(out / "releases.parquet") == RELEASES
    assert {name: pq.read_table(out / f"{name}.parquet").num_rows for name in FLAT} == {
        "events": 2,
        "counterparties": 1,
        "drugs": 1,
        "terms": 1,
    }
    for name, schema in FLAT.items():
        assert pq.read_schema(out / f"{name}.parquet") == schema
    with (out / "releases.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["path"] for row in rows] == ["a.txt", "b.txt"]
    assert rows[0]["counterparties"] == "Umber Health (licensee)"
    assert len(list(read_records(out, 1))) == 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r\n@", " =", "＝"])
def test_spreadsheets_run_nothing(start: str, tmp_path: Path) -> None:
    hostile = f'{start}HYPERLINK("http://bad.example")\nnext, "line"'
    record = result().to_dict() | {
        "headline": hostile,
        "company": hostile,
        "path": hostile,
        "items": [hostile],
    }
    write_tables([record], open_place(tmp_path))
    with (tmp_path / "releases.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 2
    assert not [cell for row in rows for cell in row if cell.startswith(tuple("=+-@\t\r＝"))]
    assert next(read_records(tmp_path))["headline"] == hostile  # JSON keeps what was written


def test_no_records_are_tables_too(tmp_path: Path) -> None:
    assert write_tables([], open_place(tmp_path)) == dict.fromkeys(("releases", *FLAT), 0)
    assert (tmp_path / "releases.csv").read_text().strip() == ",".join(CSV_COLUMNS)
    assert pq.read_schema(tmp_path / "releases.parquet") == RELEASES


def test_tables_are_written_whole_or_not_at_all(out: Path) -> None:
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    def broken() -> Iterator[dict[str, Any]]:
        yield result("c.txt").to_dict()
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_tables(broken(), open_place(out))
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_many_records_come_in_row_groups(tmp_path: Path) -> None:
    line = json.dumps(result().to_dict())
    assert write_tables((json.loads(line) for _ in range(2_500)), open_place(tmp_path))["events"] == 5_000
    assert pq.ParquetFile(tmp_path / "releases.parquet").metadata.num_row_groups == 3


# The README shows these lines; keep them the same.
def test_pandas_loads_it(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pd = pytest.importorskip("pandas")
    monkeypatch.chdir(out.parent)
    events = pd.read_parquet("out/events.parquet").query("accepted")
    drugs = pd.read_parquet("out/drugs.parquet")
    table = events.merge(drugs, on="release_id", suffixes=("", "_drug"))[
        ["company", "type", "probability", "name"]
    ]
    assert table.values.tolist() == [["Acme Bio", "licensing", 0.9, "ACM-101"]]


def test_polars_loads_it(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pl = pytest.importorskip("polars")
    monkeypatch.chdir(out.parent)
    releases = pl.read_parquet("out/releases.parquet")
    drugs = releases.explode("drugs").unnest("drugs")
    table = drugs.filter(pl.col("primary_event") == "licensing").select("company", "headline", "name")
    assert table.rows() == [("Acme Bio", TEXT, "ACM-101")]


def test_duckdb_loads_it(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    duckdb = pytest.importorskip("duckdb")
    monkeypatch.chdir(out.parent)
    query = "SELECT e.company, e.type, c.canonical, c.role FROM 'out/events.parquet' e JOIN 'out/counterparties.parquet' c USING (release_id) WHERE e.accepted"
    table = duckdb.sql(query)
    assert table.fetchall() == [("Acme Bio", "licensing", "Umber Health", "licensee")]
