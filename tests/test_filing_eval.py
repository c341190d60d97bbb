"""The whole path measured on filings: labels, what is counted, the command, and floors on real filings."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nlp.cli import app
from nlp.errors import InputError
from nlp.submission import read_submission
from nlp.training.filing_eval import evaluate_filings, read_filing_labels

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "data" / "samples"
LABELS = ROOT / "data" / "labels" / "edgar.jsonl"
SHARED = ROOT.parent / "shared" / "edgar"
LICENCE = "0009990001-17-000101.txt"  # one release, and nothing else of EX-99
SLIDES = "0009990004-25-002204.txt"  # a release, and slides as EX-99.2


def label(file: str, document: int, **told: Any) -> dict[str, Any]:
    """A label of the ``document``-th EX-99 of a sample; ``told`` makes it a release."""
    submission = read_submission((SAMPLES / file).read_bytes())
    exhibits = [d for d in submission.documents if d.type.startswith("EX-99")]
    digest = hashlib.sha256(submission.body(exhibits[document])).hexdigest()
    entry: dict[str, Any] = {"id": f"{file}#{document}", "sha256": digest, "is_release": bool(told)}
    release = {"biopharma": True, "labelled_chars": 1500, "counterparties": [], "drugs": []}
    return entry | ({**release, **told} if told else {})


def measure(folder: Path, files: list[str], *labels: dict[str, Any]) -> dict[str, Any]:
    filings = folder / "filings"
    filings.mkdir()
    for file in files:
        shutil.copy(SAMPLES / file, filings)
    (folder / "edgar.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in labels))
    return evaluate_filings(filings, folder)


RIGHT: dict[str, Any] = {
    "events": ["licensing"],
    "counterparties": [{"name": "Northern Prairie Research Foundation", "role": "licensor"}],
    "drugs": ["QMB-214", "carboplatin", "QMB-330"],
}


def test_all_right(tmp_path: Path) -> None:
    found = measure(tmp_path, [LICENCE], label(LICENCE, 0, **RIGHT))
    assert found["errors"] == []
    assert found["exact_events"] == {"right": 1, "releases": 1, "share": 1.0}
    assert (
        found["counterparties"]["name_role"]["f1"] == found["drugs"]["f1"] == found["releases"]["f1"] == 1.0
    )


def test_every_sort_of_error_is_counted_and_told(tmp_path: Path) -> None:
    wrong = {
        "events": ["trial"],
        "counterparties": [{"name": "Northern Prairie Research Foundation", "role": "lender"}],
        "drugs": ["QMB-214", "QMB-999"],
    }
    found = measure(tmp_path, [LICENCE], label(LICENCE, 0, **wrong))
    assert [error[1] for error in found["errors"]] == ["events", "counterparties", "drugs"]
    assert found["exact_events"]["right"] == 0
    assert found["counterparties"]["name"]["f1"] == 1.0
    assert found["counterparties"]["name_role"]["f1"] == 0.0
    assert (found["drugs"]["precision"], found["drugs"]["recall"]) == (0.3333, 0.5)


def test_what_is_said_of_no_release_is_false(tmp_path: Path) -> None:
    found = measure(tmp_path, [LICENCE], label(LICENCE, 0))
    assert (found["releases"]["precision"], found["releases"]["found"]) == (0.0, 1)
    assert (found["events"]["found"], found["counterparties"]["name"]["found"], found["drugs"]["found"]) == (
        1,
        1,
        3,
    )


def test_a_release_not_found_misses_all_that_it_states(tmp_path: Path) -> None:
    slides = label(SLIDES, 1, events=["trial"], drugs=["BKF-1"])
    found = measure(tmp_path, [SLIDES], slides)
    assert found["unlabelled"] == 1  # the release beside the slides
    assert (found["releases"]["recall"], found["events"]["recall"], found["drugs"]["recall"]) == (
        0.0,
        0.0,
        0.0,
    )


def test_a_labelled_exhibit_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="in no file"):
        measure(tmp_path, [SLIDES], label(LICENCE, 0, **RIGHT))


def test_a_wrong_label_says_where(tmp_path: Path) -> None:
    file = tmp_path / "edgar.jsonl"
    file.write_text('{"id": "a", "sha256": "0", "is_release": true}\n')
    with pytest.raises(InputError, match="line 1"):
        read_filing_labels(file)


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "edgar.jsonl").write_text(json.dumps(label(LICENCE, 0, **RIGHT)) + "\n")
    arguments = ["evaluate", "--filings", str(SAMPLES / LICENCE), "--labels", str(tmp_path)]
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == 0
    assert "exact_events: right 1, releases 1" in shown.output


def test_the_command_asks_for_texts() -> None:
    shown = CliRunner().invoke(app, ["evaluate", "--labels", str(LABELS.parent)])
    assert shown.exit_code == 2


def test_labels_are_well_formed() -> None:
    labels = read_filing_labels(LABELS)
    assert len({entry.sha256 for entry in labels}) == len({entry.id for entry in labels}) == len(labels)
    for entry in labels:
        assert bool(entry.events) == entry.is_release


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real filings (../shared/edgar) are not here")
def test_floors_on_real_filings() -> None:
    """A little below the first look (``data/labels/EDGAR.md``)."""
    found = evaluate_filings(SHARED, LABELS)
    assert found["failed"] == 0
    assert found["releases"]["f1"] == 1.0
    assert found["exact_events"]["share"] >= 0.79
    assert found["counterparties"]["name"]["f1"] >= 0.6
