"""Subtypes, trial outcomes, item disagreements; the authored examples; floors on the real corpus."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from nlp.errors import RuleError
from nlp.release import read_release
from nlp.rulebook import Rulebook, default_rulebook
from nlp.subtypes import find_subtypes, item_disagreement, trial_outcome

ROOT = Path(__file__).parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"
NEEDS_CORPUS = pytest.mark.skipif(not CORPUS.exists(), reason="no labelled corpus in ../shared")
ROLES = {"licensor", "licensee", "partner", "acquirer", "target", "seller", "buyer", "underwriter"}
ROLES |= {"collaborator"}
ROLES |= {"placement_agent", "investor", "lender", "grantor", "cro", "supplier", "distributor"}
KEYS = {"id", "title", "text", "events", "primary", "subtypes", "counterparties", "drugs", "is_release"}
KEYS |= {"announced", "issuer"}  # of the examples that teach counterparties alone
# Measured with this file on the companies that no rule was written from but for the last eight, which had errors
# on all training companies in view; pinned a little below.
REPORTED_MICRO_F1 = 0.9
WHOLE_MICRO_F1 = 0.93
OUTCOME_ACCURACY = 0.95


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def parameter(case: dict[str, Any]) -> Any:
    marks = [pytest.mark.xfail] if case["expect"] == "xfail" else []
    return pytest.param(case, id=f"{case['label']}: {case['comment']}", marks=marks)


CASES = [parameter(case) for case in read_jsonl(Path(__file__).parent / "cases" / "subtypes.jsonl")]


@pytest.mark.parametrize("case", CASES)
def test_case(case: dict[str, Any]) -> None:
    given, expected = case["input"], case["expected"]
    if case["label"] == "items":
        notice = item_disagreement(given["items"], given["events"])
        assert (notice.code if notice else None) == expected
    elif case["label"] == "outcome":
        assert trial_outcome(read_release(given["text"])) == expected
    else:
        found = find_subtypes(read_release(given["text"]), given["events"])
        assert list(found) == given["events"]
        assert [s for event in given["events"] for s in found[event]] == expected


def test_notice_says_what_was_filed_read_and_expected() -> None:
    notice = item_disagreement(["8.01", "9.01"], ["licensing"])
    assert notice is not None
    assert "8.01" in notice.message and "licensing" in notice.message and "1.01" in notice.message


def test_every_subtype_has_a_rule_and_every_rule_a_subtype() -> None:
    book = default_rulebook()
    named = {rule.label.partition(":")[2] for rule in book.rules("subtypes")}
    assert named == {subtype for event in book.event_types for subtype in event.subtypes}


@pytest.mark.parametrize("label", ["nowhere:trial.hold", "lead:trial.party"])
def test_a_label_nobody_knows_is_an_error(tmp_path: Path, label: str) -> None:
    (tmp_path / "rules").mkdir()
    book = default_rulebook()
    (tmp_path / "event_types.toml").write_bytes((book.folder / "event_types.toml").read_bytes())
    rule = {"id": "x", "label": label, "pattern": "x", "example": "x", "note": ""}
    (tmp_path / "rules" / "subtypes.jsonl").write_text(json.dumps(rule), encoding="utf-8")
    with pytest.raises(RuleError, match="label"):
        find_subtypes(read_release("Quellen Reports\n\nBOSTON -- x"), ["trial"], rulebook=Rulebook(tmp_path))


def test_unknown_events_have_no_subtypes() -> None:
    assert find_subtypes(read_release("Quellen Reports\n\nBOSTON -- x"), ["picnic"]) == {"picnic": ()}


AUTHORED_FILES = sorted((ROOT / "data" / "authored").glob("*.jsonl"))
AUTHORED = [  # frames of deals are sentences with slots, no examples
    example for path in AUTHORED_FILES if "frames" not in path.name for example in read_jsonl(path)
]


def test_authored_ids_are_unique() -> None:
    assert AUTHORED
    assert [i for i, n in Counter(example["id"] for example in AUTHORED).items() if n > 1] == []
    wholes = Counter(f"{example['title']}\n{example['text']}" for example in AUTHORED)
    assert [whole for whole, n in wholes.items() if n > 1] == []


def test_authored_examples_are_well_formed() -> None:
    subtypes = {event.id: set(event.subtypes) for event in default_rulebook().event_types}
    wrong = []
    for example in AUTHORED:
        whole = f"{example['title']}\n{example['text']}"
        events = example.get("events", [])  # none in those that teach counterparties alone
        parties = example.get("counterparties", [])
        names = [party["name"] for party in parties] + example.get("drugs", [])
        good = (
            set(example) <= KEYS
            and set(events) <= set(subtypes)
            and events[:1] == ([example["primary"]] if "primary" in example else [])
            and {s.partition(".")[0] for s in example.get("subtypes", [])} <= set(events)
            and set(example.get("subtypes", [])) <= set().union(*subtypes.values())
            and all(party["role"] in ROLES for party in parties)
            and all(name and name in whole for name in names)
            and len(set(names)) == len(names)
            and example["title"].strip()
        )
        if not good:
            wrong.append(example["id"])
    assert wrong == []


def company(text: dict[str, Any]) -> str:
    """The company of the record, else the first word of its headline."""
    words = "".join(c if c.isalnum() else " " for c in text["title"]).split()
    return str(text.get("company") or (words[0].lower() if words else text["id"]))


def reported(name: str) -> bool:
    """A quarter of the companies, by hash: the part that no rule was written from."""
    digests = (hashlib.sha256(f"{salt}:{name}".encode()).hexdigest() for salt in ("subtypes", "subtypes-b"))
    return all(int(digest, 16) % 2 for digest in digests)


@NEEDS_CORPUS
def test_floors_on_real_releases() -> None:
    texts = {text["id"]: text for text in read_jsonl(CORPUS / "releases.jsonl")}
    whole, part = Counter[str](), Counter[str]()
    for label in read_jsonl(CORPUS / "labels.jsonl"):
        text = texts[label["id"]]
        gold = set(label["subtypes"])
        events = [event for event in label["events"] if any(s.startswith(f"{event}.") for s in gold)]
        if not events:
            continue
        found = find_subtypes(read_release(f"{text['title']}\n\n{text['text']}"), events)
        got = {s for subtypes in found.values() for s in subtypes}
        counts = {"right": len(got & gold), "wrong": len(got - gold), "lost": len(gold - got)}
        whole.update(counts)
        if reported(company(text)):
            part.update(counts)
    assert part["right"] > 200
    assert f1(whole) >= WHOLE_MICRO_F1
    assert f1(part) >= REPORTED_MICRO_F1


def f1(counts: Counter[str]) -> float:
    return 2 * counts["right"] / (2 * counts["right"] + counts["wrong"] + counts["lost"])


@NEEDS_CORPUS
def test_floor_of_trial_outcomes() -> None:
    outcomes = {row["id"]: row["outcome"] for row in read_jsonl(ROOT / "data" / "labels" / "outcomes.jsonl")}
    right = 0
    for text in read_jsonl(CORPUS / "releases.jsonl"):
        if text["id"] in outcomes:
            right += trial_outcome(read_release(f"{text['title']}\n\n{text['text']}")) == outcomes[text["id"]]
    assert right / len(outcomes) >= OUTCOME_ACCURACY
