"""Counterparties: table cases, the sample filings, and quality floors on the shared corpus where it
lies beside the checkout.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from nlp.entities import settle as settling
from nlp.entities.candidates import Scorer
from nlp.entities.counterparties import _HEADLINE_ONLY, CounterpartyFinder
from nlp.entities.names import NameLexicon, canonical_name
from nlp.errors import InputError, RuleError
from nlp.exhibit import read_exhibit
from nlp.release import read_release
from nlp.rulebook import RESOURCES, Rulebook, default_rulebook
from nlp.selection import looks_like_submission
from nlp.submission import read_submission
from nlp.training.counterparty_fit import muted_rules, read_authored_labels, read_rows
from nlp.training.entity_eval import entity_part, evaluate_entities

HERE = Path(__file__).parent
SHARED = HERE.parents[1] / "shared"
SAMPLES = HERE.parent / "data" / "samples"
CASES = [
    json.loads(line)
    for line in (HERE / "cases" / "counterparties.jsonl").read_text(encoding="utf-8").splitlines()
    if line
]


@pytest.fixture(scope="module")
def finder() -> CounterpartyFinder:
    return CounterpartyFinder(default_rulebook())


@pytest.mark.parametrize("case", CASES, ids=[case["label"] for case in CASES])
def test_cases(case: dict[str, Any], finder: CounterpartyFinder) -> None:
    given = case["input"]
    found = finder.find(read_release(given["text"]), events=given["events"], filer=given["filer"])
    roles = {c.name: c.role for c in found}
    assert set(roles) == {name for name, _ in case["expected"]}
    for name, role in case["expected"]:
        assert role is None or roles[name] == role


@pytest.mark.parametrize("case", CASES, ids=[case["label"] for case in CASES])
def test_mentions_are_spans_of_what_is_read(case: dict[str, Any], finder: CounterpartyFinder) -> None:
    release = read_release(case["input"]["text"])
    closed = release.spans("about", "safe_harbor", "contact")
    found = finder.find(release, events=case["input"]["events"], filer=case["input"]["filer"])
    assert [c.mentions[0].start for c in found] == sorted(c.mentions[0].start for c in found)
    for counterparty in found:
        assert counterparty.mentions
        for mention in counterparty.mentions:
            assert release.text[mention.start : mention.end] == mention.text
            assert not any(s.start <= mention.start < s.end for s in closed)


def _sample_lines() -> list[dict[str, Any]]:
    path = SAMPLES / "expected.jsonl"
    if not path.exists():
        return []
    return [e for e in map(json.loads, path.read_text(encoding="utf-8").splitlines()) if e["release"]]


@pytest.mark.parametrize("expected", _sample_lines(), ids=lambda e: f"{e['file']}:{e['exhibit']}")
def test_samples_exactly(expected: dict[str, Any], finder: CounterpartyFinder) -> None:
    found = finder.find(
        read_release(read_exhibit(_body(SAMPLES / expected["file"], expected["exhibit"]))),
        events=expected["events"],
    )
    assert {(c.name, c.role) for c in found} == {(c["name"], c["role"]) for c in expected["counterparties"]}


def _body(path: Path, exhibit: str) -> bytes:
    raw = path.read_bytes()
    if not looks_like_submission(raw):
        return raw
    submission = read_submission(raw)
    return submission.body(next(d for d in submission.documents if d.type == exhibit))


@pytest.mark.parametrize("events", [("licensing",), ()])
def test_cellectar(events: tuple[str, ...], finder: CounterpartyFinder) -> None:
    path = SHARED / "edgar" / "submissions" / "0001144204-17-013452.txt"
    if not path.exists():
        pytest.skip("needs ../shared beside the checkout")
    found = finder.find(read_release(read_exhibit(_body(path, "EX-99.1"))), events=events)
    assert [(c.name, c.role) for c in found] == [("Wisconsin Alumni Research Foundation", "licensor")]


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("Kitano Seiyaku Co., Ltd.", "Kitano Seiyaku"),
        ("Halden Bio, Inc.", "Halden Bio"),
        ("Duvall Biologics (Suzhou) Co., Ltd.", "Duvall Biologics"),
        ("the Marwick University", "Marwick University"),
        ("Marwick Foundation", "Marwick Foundation"),
        ("Tarn Orlane and Company", "Tarn Orlane"),
        ("Tarn and Orlane plc", "Tarn and Orlane"),
    ],
)
def test_canonical_name(name: str, canonical: str) -> None:
    assert canonical_name(name, NameLexicon(default_rulebook())) == canonical


def test_weigh_tells_what_find_takes(finder: CounterpartyFinder) -> None:
    release = read_release(CASES[0]["input"]["text"])
    weighed = finder.weigh(release, events=("licensing",))
    taken = {c.name for c in finder.find(release, events=("licensing",))}
    assert taken
    assert taken <= {c.name for c, _, _ in weighed}
    for counterparty, features, probability in weighed:
        assert 0 <= probability <= 1
        assert "e:licensing" in features
        assert (counterparty.name in taken) == (probability >= 0.4)


def test_a_rule_newer_than_the_weights_decides_by_itself(tmp_path: Path, finder: CounterpartyFinder) -> None:
    folder = tmp_path / "resources"
    shutil.copytree(RESOURCES, folder)
    rule = {
        "id": "licensing.alongside", "label": "partner", "note": "",
        "pattern": r"\bISSUER will co-develop [^.;]{1,80} alongside (?P<org>(?:ORG|CAP)S?)\b",
        "example": "ISSUER will co-develop an antibody alongside ORG",
    }  # fmt: skip
    with (folder / "rules" / "counterparties.jsonl").open("a") as file:
        file.write(json.dumps(rule) + "\n")
    release = read_release(
        "Halden Bio Expands Pipeline\n\nBOSTON, May 2, 2024 -- Halden Bio, Inc. today said it has signed a collaboration "
        "agreement. Halden Bio will co-develop the antibody HLD-101 alongside Orlane Pharma, Inc."
    )
    assert finder.find(release, events=["licensing"]) == ()
    (found,) = CounterpartyFinder(Rulebook(folder)).find(release, events=["licensing"])
    assert (found.name, found.role, found.rule) == ("Orlane Pharma, Inc.", "partner", "licensing.alongside")


def test_a_wrong_weight_says_which(tmp_path: Path) -> None:
    (tmp_path / "lexicons").mkdir()
    table = tmp_path / "lexicons" / "counterparty_weights.tsv"
    table.write_text("feature\tweight\n(bias)\t-1\nk:bank\tmuch\n", encoding="utf-8")
    with pytest.raises(RuleError, match=r"k:bank.*much"):
        Scorer(Rulebook(tmp_path))


def test_authored_examples_are_read_and_a_broken_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "authored.jsonl"
    entry = {
        "id": "x1",
        "title": "Halden Bio Licenses Drug from Kestrel Pharma",
        "text": "Halden Bio, Inc. announced a license from Kestrel Pharma AG.",
        "announced": ["licensing"],
        "counterparties": [{"name": "Kestrel Pharma AG", "role": "licensor"}],
    }
    path.write_text(json.dumps(entry), encoding="utf-8")
    (label,) = read_authored_labels(path)
    assert label.events == ("licensing",)
    assert label.counterparties == (("Kestrel Pharma AG", "licensor"),)
    assert {(row.wanted, row.labelled_role) for row in read_rows([label])} >= {(True, "licensor")}
    del entry["announced"]
    path.write_text(json.dumps(entry), encoding="utf-8")
    with pytest.raises(InputError, match=r"line 1.*x1.*announced"):
        read_authored_labels(path)


def test_weights_of_nothing_leave_the_bias(tmp_path: Path) -> None:
    (tmp_path / "lexicons").mkdir()
    table = tmp_path / "lexicons" / "counterparty_weights.tsv"
    table.write_text("feature\tweight\n(bias)\t0\n(threshold)\t0.7\nk:bank\t2\n", encoding="utf-8")
    scorer = Scorer(Rulebook(tmp_path))
    assert scorer.threshold == 0.7
    assert scorer.probability(()) == 0.5
    assert scorer.probability({"k:bank"}) > 0.8


def _evaluation(tmp_path: Path, **chosen: Any) -> dict[str, Any]:
    case = CASES[0]
    title, text = case["input"]["text"].split("\n\n", 1)
    entry = {"id": "a1", "title": title, "text": text, "labelled_chars": len(text), "company": "Halden Bio"}
    label = {
        "id": "a1",
        "events": ["licensing"],
        "counterparties": [
            {"name": "Marwick University", "role": "licensor"},
            {"name": "Nowhere Pharma, Inc.", "role": "partner"},
        ],
        "drugs": [],
    }
    (tmp_path / "releases.jsonl").write_text(json.dumps(entry), encoding="utf-8")
    (tmp_path / "labels.jsonl").write_text(json.dumps(label), encoding="utf-8")
    return evaluate_entities(tmp_path, tmp_path, part="all", **chosen)


@pytest.mark.parametrize("chosen", [{"events": "gold"}, {"events": "none"}, {"with_filer": True}])
def test_evaluation_counts_hits_and_misses(tmp_path: Path, chosen: dict[str, Any]) -> None:
    result = _evaluation(tmp_path, **chosen)["counterparties"]
    assert (result["name"]["right"], result["name"]["wanted"], result["name"]["found"]) == (1, 2, 1)
    assert result["name_role"]["kinds"]["licensor"]["f1"] == 1.0
    assert result["name"]["missed"] == [["partner", "nowhere pharma", 1]]


def test_evaluation_says_what_is_missing(tmp_path: Path) -> None:
    _evaluation(tmp_path)
    (tmp_path / "labels.jsonl").write_text('{"id": "b2", "counterparties": []}', encoding="utf-8")
    with pytest.raises(InputError, match="no labelled entities"):
        evaluate_entities(tmp_path, tmp_path, part="all")


def test_parts_keep_companies_whole() -> None:
    assert entity_part("Halden Bio, Inc.", "x") == entity_part(None, "Halden Bio Licenses a Program")
    parts = {entity_part(f"Company{n}", "") for n in range(40)}
    assert parts == {"dev", "test"}


def test_empty_and_hostile_text(finder: CounterpartyFinder) -> None:
    for text in ("A", "Acme " + "(" * 5000, "Acme Bio, " * 3000, "ORG ISSUER CAP ORGS agreement with ORG"):
        finder.find(read_release(text))


def test_floors_on_the_shared_corpus(finder: CounterpartyFinder) -> None:
    """Recall and precision over all labelled documents; the split by company is measured outside the
    suite.
    """
    folder = SHARED / "corpus"
    if not folder.exists():
        pytest.skip("needs ../shared beside the checkout")
    labels = {
        e["id"]: e
        for e in map(json.loads, (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines())
    }
    right = found = wanted = roles = 0
    lexicon = NameLexicon(default_rulebook())
    for line in (folder / "releases.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        label = labels[record["id"]]
        if not label["counterparties"]:
            continue
        release = read_release(record["title"] + "\n\n" + record["text"][:2500])
        names = {
            canonical_name(c.name, lexicon).casefold(): c.role
            for c in finder.find(release, events=label["events"])
        }
        gold = {canonical_name(c["name"], lexicon).casefold(): c["role"] for c in label["counterparties"]}
        right, found, wanted = right + len(names.keys() & gold), found + len(names), wanted + len(gold)
        roles += sum(gold.get(name) == role for name, role in names.items())
    assert right / wanted >= 0.84
    assert right / found >= 0.91
    assert roles / wanted >= 0.67


def test_rules_that_the_code_names_are_there() -> None:
    book = default_rulebook()
    files = ("counterparties", "counterparties_tone", "counterparties_aside", "counterparties_body")
    known = {rule.id for name in files for rule in book.rules(name)}
    named = set().union(_HEADLINE_ONLY, settling._MAKING, settling._PAYING, settling._BREATH)
    named |= settling._UNNAMED_CAPITAL | {settling._DEBT, settling._PLACEMENT, settling._OFFERING}
    assert named - known == set()


def test_a_muted_rule_says_nothing() -> None:
    release = read_release(
        "Acmera Bio Closes Round\n\nThe round was led by Joan Merrow, general partner at Tarn Capital."
    )
    rulebook = default_rulebook()

    def rules(finder: CounterpartyFinder) -> set[str]:
        return {found.rule for found, _, _ in finder.weigh(release, events=["financing"])}

    assert "financing.led-by-person" in rules(CounterpartyFinder(rulebook))
    assert rules(CounterpartyFinder(rulebook, muted={"financing.led-by-person"})) == {"default.capital"}


def test_each_reading_leaves_out_other_rules() -> None:
    every = {rule.id for rule in default_rulebook().rules("counterparties")}
    first, second = muted_rules("a"), muted_rules("b")
    assert first != second
    for muted in (first, second):
        assert muted < every
        assert 0.2 < len(muted) / len(every) < 0.5
