"""A review keeps every decision, goes on where it stopped, and its labels are what training reads."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from nlp.errors import InputError
from nlp.review import Desk, LabelFile, Tally, in_doubt, review
from nlp.rulebook import default_rulebook
from nlp.training.corpus import read_corpus
from nlp.training.train import load_examples

TYPES = [event.id for event in default_rulebook().event_types]


def record(number: int, *, status: str = "review", tagged: str = "trial", **fields: Any) -> dict[str, Any]:
    text = f"Company {number} starts a study of CMP-{number}\n\nThe first patient was dosed."
    return {
        "schema": 1,
        "release_id": f"filings/{number}.txt#0",
        "path": f"filings/{number}.txt",
        "sha256": f"{number:064d}",
        "status": status,
        "headline": text.split("\n")[0],
        "company": f"Company {number}",
        "filed_on": "2024-03-01",
        "items": [],
        "warnings": [],
        "events": [
            {"type": t, "probability": 0.6 if t == tagged else 0.1, "accepted": t == tagged, "evidence": []}
            for t in TYPES
        ],
        "counterparties": [],
        "terms": [{"family": "trial", "kind": "phase"}],
        "text": text,
        "sections": [],
        "model_version": "1.0",
        **fields,
    }


def results(folder: Path, *records: dict[str, Any]) -> Path:
    (folder / "releases.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return folder


def keys(script: str) -> Callable[[], str]:
    """Gives one key after another; when they run out, the terminal is gone."""
    rest = iter(script)

    def read_key() -> str:
        try:
            return next(rest)
        except StopIteration:
            raise EOFError from None

    return read_key


def run(folder: Path, script: str) -> Tally:
    console = Console(file=io.StringIO(), width=100)
    return review(folder, folder / "labels.jsonl", who="ada", read_key=keys(script), console=console)


def labels(folder: Path) -> list[dict[str, Any]]:
    path = folder / "labels.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_only_releases_in_doubt_come_and_say_why() -> None:
    warning = {"code": "item-expected", "message": "item 2.01 stands for an acquisition"}
    records = [
        record(1, status="ok"),
        record(2),
        record(3, status="ok", warnings=[warning]),
        record(4, status="failed", warnings=[warning]),
        record(5, status="ok", warnings=[{"code": "encoding-guessed", "message": "x"}]),
    ]
    assert [(item.id, item.reasons) for item in in_doubt(records)] == [
        ("filings/2.txt#0", ("the model is in doubt",)),
        ("filings/3.txt#0", ("item 2.01 stands for an acquisition",)),
    ]


@pytest.mark.parametrize(
    ("tagged", "found", "reasons"),
    [
        ("licensing", {}, ("tagged licensing, but the rules find no other party",)),
        ("licensing", {"counterparties": [{"name": "Beta GmbH", "role": "licensee"}]}, ()),
        ("trial", {}, ()),
        ("trial", {"terms": []}, ("tagged trial, but the rules find neither a party nor a term of it",)),
        ("trial", {"terms": [], "counterparties": [{"name": "Beta GmbH", "role": "partner"}]}, ()),
        ("conference", {"terms": []}, ()),
    ],
)
def test_what_the_model_tags_and_the_rules_do_not_bear_out_is_in_doubt(
    tagged: str, found: dict[str, Any], reasons: tuple[str, ...]
) -> None:
    items = in_doubt([record(1, status="ok", tagged=tagged, **found)])
    assert tuple(reason for item in items for reason in item.reasons) == reasons


def test_results_without_text_cannot_be_reviewed() -> None:
    with pytest.raises(InputError, match="--with-text"):
        in_doubt([record(1, text="")])


def test_accept_keeps_what_the_model_tagged_with_who_when_and_on_what(tmp_path: Path) -> None:
    tally = run(results(tmp_path, record(1)), "a")
    (label,) = labels(tmp_path)
    assert tally == Tally(waiting=1, decided=1, left=0)
    assert label["id"] == "filings/1.txt#0" and label["path"] == "filings/1.txt"
    assert (label["events"], label["primary"], label["who"]) == (["trial"], "trial", "ada")
    assert label["sha256"] == record(1)["sha256"]
    assert label["text_sha256"] == hashlib.sha256(record(1)["text"].encode()).hexdigest()
    assert label["when"].endswith("+00:00") and label["guide"].startswith("event_types-")


def test_relabel_takes_digits_in_order_and_the_first_is_primary(tmp_path: Path) -> None:
    third, first = TYPES[2], TYPES[0]
    run(results(tmp_path, record(1)), "r" + "2" + "3" + "2" + "1" + "\r")
    assert [(entry["events"], entry["primary"]) for entry in labels(tmp_path)] == [([third, first], third)]


@pytest.mark.parametrize("script", ["\r", "r\r", "r\x1bq", "1\x1bq", "0", "x", "u", "s", "q", "\x03"])
def test_keys_that_decide_nothing_write_nothing(tmp_path: Path, script: str) -> None:
    assert run(results(tmp_path, record(1)), script).decided == 0
    assert labels(tmp_path) == []


def test_nothing_tagged_cannot_be_accepted(tmp_path: Path) -> None:
    run(results(tmp_path, record(1, tagged="none")), "a")
    assert labels(tmp_path) == []


def test_undo_takes_the_last_decision_off_the_file_and_shows_it_again(tmp_path: Path) -> None:
    folder = results(tmp_path, record(1), record(2))
    tally = run(folder, "a" + "u" + "1\r" + "a")
    assert tally == Tally(waiting=2, decided=2, left=0)
    assert [(entry["id"][8], entry["events"]) for entry in labels(folder)] == [
        ("1", [TYPES[0]]),
        ("2", ["trial"]),
    ]


def test_undo_goes_back_over_a_skip(tmp_path: Path) -> None:
    folder = results(tmp_path, record(1), record(2), record(3))
    run(folder, "s" + "u" + "a" + "q")
    assert [entry["id"] for entry in labels(folder)] == ["filings/1.txt#0"]


def test_an_interrupted_review_loses_nothing_and_goes_on(tmp_path: Path) -> None:
    folder = results(tmp_path, *(record(n) for n in range(1, 5)))
    assert run(folder, "aa") == Tally(waiting=4, decided=2, left=2)  # then the terminal goes away
    assert run(folder, "aa") == Tally(waiting=2, decided=2, left=0)
    assert [entry["id"][8] for entry in labels(folder)] == ["1", "2", "3", "4"]
    assert run(folder, "") == Tally(waiting=0, decided=0, left=0)


def test_each_decision_is_in_the_file_before_the_next_key(tmp_path: Path) -> None:
    folder = results(tmp_path, record(1), record(2))
    seen: list[int] = []
    script = keys("aa")

    def read_key() -> str:
        seen.append(len(labels(folder)))
        return script()

    review(folder, folder / "labels.jsonl", who="ada", read_key=read_key, console=Console(file=io.StringIO()))
    assert seen == [0, 1, 2]


def test_a_line_cut_short_is_dropped_and_its_release_comes_again(tmp_path: Path) -> None:
    folder = results(tmp_path, record(1), record(2))
    run(folder, "aa")
    path = folder / "labels.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    assert LabelFile(path, who="ada").repaired
    assert run(folder, "a") == Tally(waiting=1, decided=1, left=0)
    assert len(labels(folder)) == 2


@pytest.mark.parametrize("content", ["no label\nx", '{"id": 3}\nx', '{"id": "x"}\n'])
def test_a_file_that_is_no_label_file_is_left_as_it_is(tmp_path: Path, content: str) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(content)
    with pytest.raises(InputError, match="line 1"):
        LabelFile(path, who="ada")
    assert path.read_text() == content


def test_labels_and_texts_are_what_training_reads(tmp_path: Path) -> None:
    folder = results(tmp_path, record(1), record(2), record(3))
    run(folder, "a" + "s" + "1\r" + "u" + "2\r")
    examples = read_corpus(folder / "labels.texts.jsonl", folder / "labels.jsonl", TYPES)
    assert [(e.id, e.text, e.events, e.company) for e in examples] == [
        ("filings/1.txt#0", record(1)["text"], ("trial",), "Company 1"),
        ("filings/3.txt#0", record(3)["text"], (TYPES[1],), "Company 3"),
    ]


def test_training_adds_reviewed_labels_to_its_corpus(tmp_path: Path) -> None:
    folder = results(tmp_path, record(1), record(2))
    run(folder, "a" + "2\r")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "releases.jsonl").write_text('{"id": "d1", "title": "Acme reports results", "text": "Loss."}\n')
    (corpus / "labels.jsonl").write_text('{"id": "d1", "events": ["earnings"]}\n')
    nothing = tmp_path / "authored"
    nothing.mkdir()
    labelled = folder / "labels.jsonl"
    examples, groups, _ = load_examples(corpus, corpus, nothing, [labelled])
    assert [example.id for example in examples] == ["d1", "filings/1.txt#0", "filings/2.txt#0"]
    assert len(groups) == 3
    with pytest.raises(InputError, match="two of the label files"):
        load_examples(corpus, corpus, nothing, [labelled, labelled])


def test_hostile_text_does_not_steer_the_terminal(tmp_path: Path) -> None:
    bad = "\x1b[2J\u202eevil"
    console = Console(file=io.StringIO(), width=100)
    folder = results(tmp_path, record(1, headline=bad, company=bad, path=bad))
    review(folder, folder / "l.jsonl", who="a", read_key=keys("q"), console=console)
    assert isinstance(console.file, io.StringIO)
    assert "evil" in console.file.getvalue()
    assert not set(console.file.getvalue()) & set("\x1b\u202e")


def test_the_desk_ends_when_all_is_seen() -> None:
    desk = Desk(in_doubt([record(1)]), TYPES)
    assert desk.press("a").outcome == "decided"
    assert desk.item is None
    assert desk.press("u").outcome == "undone"
    assert desk.item is not None


def test_a_tenth_and_an_eleventh_event_type_have_keys_of_their_own() -> None:
    desk = Desk(in_doubt([record(1)]), [*TYPES, "litigation", "recall"])
    assert (len(TYPES), desk.keys["0"], desk.keys["b"]) == (9, "litigation", "recall")
    desk.press("0")
    desk.press("b")
    assert desk.chosen == ["litigation", "recall"]
    decided = desk.press("\r").decision
    assert decided is not None and decided.events == ("litigation", "recall")
    few = Desk(in_doubt([record(1)]), TYPES)
    assert few.press("0").outcome == "refused" and few.chosen == []


def test_a_review_without_a_terminal_says_so(tmp_path: Path) -> None:
    def no_terminal() -> str:
        raise OSError(6, "No such device or address", "/dev/tty")

    folder = results(tmp_path, record(1))
    with pytest.raises(InputError, match="no terminal"):
        review(folder, folder / "l.jsonl", who="a", read_key=no_terminal, console=Console(file=io.StringIO()))
