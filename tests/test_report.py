"""What people read in the terminal, and the page's data: nothing cut, nothing steered, every byte range true."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from nlp import Classifier
from nlp.errors import InputError
from nlp.report.page import render_page, write_page
from nlp.report.records import add_byte_ranges, read_results
from nlp.report.show import print_release
from nlp.report.table import make_console, print_table, rows_to_show

HTML = (
    b"<html><body><p>Exhibit 99.1</p><p><b>Acme Bio Prices $50 Million Public Offering</b></p>"
    b"<p>BOSTON, May 2, 2024 -- Acme Bio, Inc. (Nasdaq: ACMB) today announced the pricing of an underwritten public "
    b"offering of common stock at $10.00 per share. Proceeds support ACM&#45;101.</p></body></html>"
)
SAMPLES = Path(__file__).parents[1] / "data" / "samples"
STEER = "\x1b]0;owned\x07\x1b[2J\u202egnp.exe\u2066"


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier()


def records_of(classifier: Classifier, raw: bytes, path: str | None) -> list[dict[str, Any]]:
    return [result.to_dict(with_text=True) for result in classifier.score_bytes(raw, path=path)]


def write_results(folder: Path, records: list[dict[str, Any]]) -> Path:
    folder.mkdir(exist_ok=True)
    lines = "".join(json.dumps(record) + "\n" for record in records)
    (folder / "releases.jsonl").write_text(lines, encoding="utf-8")
    return folder


def evidence_of(record: dict[str, Any]) -> list[dict[str, Any]]:
    return [piece for event in record["events"] for piece in event["evidence"]]


def printed(records: list[dict[str, Any]], width: int) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    print_table(records, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [80, 100, 137, 138, 150, 300])
def test_the_table_fits_and_keeps_words_whole(classifier: Classifier, width: int) -> None:
    table = printed(records_of(classifier, HTML, "filings/acme.htm"), width)
    assert max(cell_len(line) for line in table.splitlines()) <= width
    for word in ("financing", "Million", "Offering", "ACM-101", "acme.htm"):
        assert word in table


def test_filings_do_not_steer_the_terminal(classifier: Classifier) -> None:
    (record,) = records_of(classifier, HTML, "filings/acme.htm")
    record |= {"company": STEER, "headline": STEER + "headline"}
    table = printed([record], 150)
    assert "headline" in table
    assert not set(table) & set("\x1b\x07\u202e\u2066")


def test_the_table_tells_how_many_names_it_leaves_out(classifier: Classifier) -> None:
    (record,) = records_of(classifier, HTML, "filings/acme.htm")
    record["counterparties"] = [{"canonical": f"Bank {n}", "role": "underwriter"} for n in range(1, 9)]
    record["drugs"] = [{"name": f"ACM-{n}"} for n in range(101, 108)]
    table = printed([record], 200)
    assert "Bank 5 (underwriter)" in table
    assert "Bank 6" not in table
    assert "+3" in table
    assert "ACM-106" not in table
    assert "+2" in table


def test_the_table_shows_releases_before_filings_without_one() -> None:
    kinds = ["no_release", "ok", "no_release", "failed", "review", "no_release"]
    records = [{"status": kind, "number": number} for number, kind in enumerate(kinds)]
    assert [r["number"] for r in rows_to_show(records, 4)] == [0, 1, 3, 4]
    assert [r["number"] for r in rows_to_show(records, 2)] == [1, 3]
    assert rows_to_show(records, 10) == records


def test_piped_output_is_wide_and_columns_overrules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert make_console().width == 150
    monkeypatch.setenv("COLUMNS", "90")
    assert make_console().width == 90


def shown(classifier: Classifier, raw: bytes, **options: Any) -> str:
    stream = io.StringIO()
    for result in classifier.score_bytes(raw):
        print_release(result, Console(file=stream, **options))
    return stream.getvalue()


@pytest.mark.parametrize("width", [40, 80, 160])
def test_show_fits_and_loses_no_word_of_the_text(classifier: Classifier, width: int) -> None:
    page = shown(classifier, HTML, width=width)
    assert max(cell_len(line) for line in page.splitlines()) <= width
    words = {"underwritten", "public", "offering", "of", "common", "stock", "Proceeds", "support", "ACM-101."}
    assert words <= set(page.split())
    assert "financing" in page and "█" in page


def test_show_colours_a_terminal_unless_no_color(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1;32m" in shown(classifier, HTML, width=80, force_terminal=True)
    monkeypatch.setenv("NO_COLOR", "1")
    plain_page = shown(classifier, HTML, width=80, force_terminal=True)
    assert "32m" not in plain_page and "35m" not in plain_page
    assert "\x1b" not in shown(classifier, HTML, width=80, force_terminal=False)


def test_show_prints_control_characters_of_a_release_as_replacements(classifier: Classifier) -> None:
    raw = HTML.replace(b"Proceeds support", f"Proceeds {STEER} support".encode())
    page = shown(classifier, raw, width=100)
    assert "gnp.exe" in page
    assert not set(page) & set("\x1b\x07\u202e\u2066")


def test_evidence_leads_to_its_bytes(classifier: Classifier, tmp_path: Path) -> None:
    path = tmp_path / "acme.htm"
    path.write_bytes(HTML)
    records = records_of(classifier, HTML, str(path))
    pieces = [piece for record in records for piece in evidence_of(record)]
    assert add_byte_ranges(records) == len(pieces) > 0
    for piece in pieces:
        found = HTML[piece["byte_start"] : piece["byte_end"]]
        assert found.replace(b"&#45;", b"-").decode() == piece["text"].strip()


def test_evidence_of_a_submission_leads_to_bytes_of_the_whole_file(classifier: Classifier) -> None:
    path = SAMPLES / "0009990001-17-000101.txt"
    raw = path.read_bytes()
    records = records_of(classifier, raw, str(path))
    assert records[0]["exhibit_start"] > 0
    assert add_byte_ranges(records) > 0
    for piece in evidence_of(records[0]):
        found = " ".join(raw[piece["byte_start"] : piece["byte_end"]].decode().split())
        assert found[:20] == piece["text"][:20]


def test_evidence_leads_to_its_bytes_in_an_archive(classifier: Classifier, tmp_path: Path) -> None:
    archive = tmp_path / "feed.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name in ("a.htm", "b.htm"):
            info = tarfile.TarInfo(name)
            info.size = len(HTML)
            tar.addfile(info, io.BytesIO(HTML))
    records = [r for n in ("a.htm", "b.htm") for r in records_of(classifier, HTML, f"{archive}!/{n}")]
    assert add_byte_ranges(records) == sum(len(evidence_of(r)) for r in records) > 0


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"path": None}, "not read from a file"),
        ({"path": "nowhere/acme.htm"}, "no longer there"),
        ({"text": ""}, "--with-text"),
        ({"sha256": "0" * 64}, "has changed"),
    ],
)
def test_missing_byte_ranges_say_why(
    classifier: Classifier, tmp_path: Path, change: dict[str, Any], note: str
) -> None:
    path = tmp_path / "acme.htm"
    path.write_bytes(HTML)
    (record,) = records_of(classifier, HTML, str(path))
    record |= change
    assert add_byte_ranges([record]) == 0
    assert note in record["byte_note"]
    assert "byte_start" not in evidence_of(record)[0]


def test_the_page_holds_every_record_once_as_data(classifier: Classifier, tmp_path: Path) -> None:
    records = records_of(classifier, HTML, None)
    records += [{**records[0], "headline": "</script><script>\u2028"}]
    assert write_page(write_results(tmp_path / "out", records), tmp_path / "page.html") == 2
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("<script") == 2
    data = page.split('id="data">')[1].split("</script>")[0]
    assert [record["headline"] for record in json.loads(data)] == [r["headline"] for r in records]
    assert "http://" not in page and "https://" not in page


def test_the_policy_names_the_script_that_is_there() -> None:
    page = render_page([], title="empty")
    for tag in ("script", "style"):
        inside = page.split(f"<{tag}>")[1].split(f"</{tag}>")[0]
        digest = hashlib.sha256(inside.encode()).digest()
        assert f"{tag}-src 'sha256-{base64.b64encode(digest).decode()}'" in page


def test_a_page_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="not written"):
        write_page(write_results(tmp_path / "out", []), tmp_path / "file" / "page.html")
    assert write_page(tmp_path / "out", tmp_path / "new" / "page.html") == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no results here"),
        ("not json\n", "line 1: not JSON"),
        ('{"schema": 99}\n', "schema 1"),
        ("[]\n", "schema 1"),
    ],
)
def test_results_that_are_none_are_refused(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "releases.jsonl").write_text(content)
    with pytest.raises(InputError, match=message):
        list(read_results(tmp_path))
