"""The command, as a user types it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import nlp
from nlp.cli import app

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
EXHIBIT = SAMPLES / "exhibits" / "aldridge-cove-ex99-1.txt"
run = CliRunner()


def test_version() -> None:
    assert run.invoke(app, ["--version"]).output == f"ex99 {nlp.__version__}\n"


def test_help_teaches_by_example() -> None:
    shown = run.invoke(app, ["--help"]).output
    assert "ex99 score filings/" in shown
    for command in (
        "score",
        "classify",
        "show",
        "explain",
        "train",
        "evaluate",
        "verify",
        "report",
        "review",
    ):
        assert command in shown


def test_classify_prints_a_record_from_a_file_and_from_standard_input() -> None:
    one = run.invoke(app, ["classify", "--json", str(EXHIBIT)])
    two = run.invoke(app, ["classify", "--json", "-"], input=EXHIBIT.read_bytes())
    assert one.exit_code == two.exit_code == 0
    first, second = json.loads(one.output), json.loads(two.output)
    assert first["schema"] == 1 and first["primary_event"] == "financing"
    assert first["sha256"] == second["sha256"]
    assert second["path"] is None


def test_classify_takes_several_files_packed_ones_too_and_a_bad_one_is_a_record(tmp_path: Path) -> None:
    packed = tmp_path / "release.txt.gz"
    packed.write_bytes(gzip.compress(EXHIBIT.read_bytes()))
    picture = tmp_path / "logo.txt"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    result = run.invoke(app, ["classify", "--json", str(picture), str(packed), str(EXHIBIT)])
    assert result.exit_code == 1, result.output
    first, second, third = (json.loads(line) for line in result.output.splitlines())
    assert (first["status"], first["error"]["code"], first["path"]) == ("failed", "not-text", str(picture))
    assert second["sha256"] == third["sha256"] and second["primary_event"] == "financing"


def test_explain_says_why_a_filing_holds_no_release() -> None:
    result = run.invoke(app, ["explain", str(SAMPLES / "0009990007-15-000088.txt")])
    assert result.exit_code == 0 and "no press release" in result.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--event", "trials"], "licensing, trial, financing"),
        (["--scheduler", "tcp://127.0.0.1:1"], "--backend dask"),
        (["--since", "January"], "2026-01-31"),
    ],
)
def test_options_that_would_do_nothing_are_wrong_use(tmp_path: Path, options: list[str], said: str) -> None:
    result = run.invoke(app, ["score", str(SAMPLES), "--out", str(tmp_path / "out"), *options])
    assert result.exit_code == 2 and said in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["classify", "show", "explain"])
def test_commands_for_one_file_show_the_headline(command: str) -> None:
    result = run.invoke(app, [command, str(EXHIBIT)])
    assert result.exit_code == 0
    assert "TERM LOAN" in " ".join(result.output.split())


def test_wrong_use_is_two_and_one_line() -> None:
    missing = run.invoke(app, ["classify", "no-such-file.htm"])
    assert missing.exit_code == 2
    assert "no-such-file.htm" in missing.output
    bad_date = run.invoke(app, ["score", str(SAMPLES), "--since", "January"])
    assert bad_date.exit_code == 2


def test_score_writes_a_record_for_every_input_and_exits_one_when_some_fail(tmp_path: Path) -> None:
    folder = tmp_path / "filings"
    folder.mkdir()
    (folder / "good.txt").write_bytes(EXHIBIT.read_bytes())
    (folder / "empty.txt").write_bytes(b"")
    result = run.invoke(app, ["score", str(folder), "-o", str(tmp_path / "out"), "--workers", "1"])
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    records = [json.loads(line) for line in (tmp_path / "out" / "releases.jsonl").read_text().splitlines()]
    assert {Path(r["path"]).name: r["status"] for r in records} == {"empty.txt": "failed", "good.txt": "ok"}
    failed = next(r for r in records if r["status"] == "failed")
    assert failed["error"]["code"] and failed["error"]["message"]


def test_verify_replays_the_probes_of_the_model_in_use() -> None:
    result = run.invoke(app, ["verify"])
    assert result.exit_code == 0, result.output
