"""Terms: table cases, values and their spans, gating, damage, rules as data, and floors on labelled sentences."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.entities.amounts import mask, money
from nlp.entities.terms import FAMILIES, KINDS, TermFinder
from nlp.errors import RuleError
from nlp.release import read_release
from nlp.rulebook import RESOURCES, Rulebook, compile_together, default_rulebook
from nlp.training.corpus import read_lines
from nlp.training.term_eval import compare, read_term_labels

HERE = Path(__file__).parent
SHARED = HERE.parents[1] / "shared" / "corpus" / "releases.jsonl"
LABELS = HERE.parent / "data" / "labels" / "terms.jsonl"
CASES = [
    json.loads(line)
    for line in (HERE / "cases" / "terms.jsonl").read_text(encoding="utf-8").splitlines()
    if line
]
# Precision and recall over all batches, a little below what was measured.
FLOORS = {"deal": (0.98, 0.93), "offering": (0.98, 0.97), "trial": (0.98, 0.98), "regulatory": (0.97, 0.97)}


@pytest.fixture(scope="module")
def finder() -> TermFinder:
    return TermFinder(default_rulebook())


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            id=case["label"],
            marks=[pytest.mark.xfail(reason=case["comment"], strict=True)] * (case["expect"] == "fail"),
        )
        for case in CASES
    ],
)
def test_cases(case: dict[str, Any], finder: TermFinder) -> None:
    found = finder.find(read_release(case["input"]["text"]), events=case["input"]["events"])
    pairs = {(t.kind, t.value) for t in found}
    assert {tuple(pair) for pair in case["expected"]["present"]} <= pairs
    assert not {kind for kind, _ in pairs} & set(case["expected"]["absent"])


@pytest.mark.parametrize("case", CASES, ids=[case["label"] for case in CASES])
def test_mentions_are_the_text(case: dict[str, Any], finder: TermFinder) -> None:
    release = read_release(case["input"]["text"])
    for term in finder.find(release):
        assert term.family in FAMILIES and term.kind in KINDS[term.family]
        assert term.mentions
        for mention in term.mentions:
            assert mention.text == release.text[mention.start : mention.end] != ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$50.0 million", (5e7, "USD")),
        ("US$1.2 billion", (1.2e9, "USD")),
        ("U.S.$3.5 million", (3.5e6, "USD")),
        ("€30 million", (3e7, "EUR")),
        ("RMB 100 million", (1e8, "CNY")),
        ("approximately $5 million", (5e6, "USD")),
        ("$0.50", (0.5, "USD")),
        ("C$7.25M", (7.25e6, "CAD")),
        ("HK$3", (3.0, "HKD")),
        ("£1,234,567.89", (1234567.89, "GBP")),
        ("30 million euros", (3e7, "EUR")),
        ("EUR 2,20", (2.2, "EUR")),
        ("NOK 1,5 million", (1.5e6, "NOK")),
        ("$1,250", (1250.0, "USD")),
        ("a 7 million dollar offering", (7e6, "USD")),
        ("428 MSEK", (4.28e8, "SEK")),
        ("over$1.6 billionin potential", (1.6e9, "USD")),
        ("~$930M", (9.3e8, "USD")),
        ("$.95", (0.95, "USD")),
        ("$0.56325", (0.56325, "USD")),
        ("50 cents", (0.5, "USD")),
        ("1.25 billion Japanese yen", (1.25e9, "JPY")),
        ("40 million Swedish kronor", (4e7, "SEK")),
        ("ORL-5 million", None),
        ("a 5K race over 100 m", None),
        ("5 million patients", None),
    ],
)
def test_money(text: str, expected: tuple[float, str] | None) -> None:
    assert money(text) == expected


def test_a_range_shares_its_scale() -> None:
    values = mask("between $80 and $100 million, $20-30 million").values
    assert [v.number for v in values] == [8e7, 1e8, 2e7, 3e7]


def test_millions_by_their_letter() -> None:
    """ "2.5M" counts millions where a decimal point tells it from a name ("3M")."""
    assert [v.number for v in mask("44.96M shares, 3M and a 5.5K race").values] == [44_960_000]


def test_values_beside_code_names_are_left_alone() -> None:
    assert mask("ORL-131 and COVID-19 in version 2.5.1 of AB12").values == ()


@given(st.text(alphabet="aP$€ #0159.,%-–/()\nMayphsemillionNCTI ", max_size=200))
@settings(max_examples=300, deadline=None)
def test_masking_keeps_every_place(text: str) -> None:
    masked = mask(text)
    for value, start, end in zip(masked.values, masked.starts, masked.ends, strict=True):
        assert masked.line[start:end].startswith(b"#")
        assert masked.origin(start) == value.start
        assert masked.origin(start + len(value.kind) + 1, behind=True) == value.end
    assert masked.origin(len(masked.line), behind=True) == len(text)


@given(st.text(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read(text: str) -> None:
    release = read_release(
        "Orlane Prices Offering\n\nBOSTON, March 3, 2024 -- Orlane sold $5 million. " + text
    )
    for term in TERMS.find(release):
        for mention in term.mentions:
            assert mention.text == release.text[mention.start : mention.end]


TERMS = TermFinder(default_rulebook())


def test_said_twice_is_one_term(finder: TermFinder) -> None:
    text = "Orlane to Receive $5 Million Upfront\n\nBOSTON, March 3, 2024 -- The upfront payment is $5.0 million."
    (term,) = (t for t in finder.find(read_release(text), events=["licensing"]) if t.kind == "upfront")
    assert [m.text for m in term.mentions] == ["$5 Million", "$5.0 million"]
    assert (term.number, term.unit) == (5e6, "USD")


def test_a_title_and_its_story_name_one_indication(finder: TermFinder) -> None:
    text = (
        "Acme Bio Doses First Patient in Phase 2 Trial for the Treatment of Chronic Cough\n\nOSLO, May 2, 2024 -- "
        "Acme Bio AS today dosed a patient in its Phase 2 trial of ACM-101 for the treatment of chronic cough."
    )
    found = [t for t in finder.find(read_release(text), events=["trial"]) if t.kind == "indication"]
    assert [(t.value, [m.text for m in t.mentions]) for t in found] == [
        ("Chronic Cough", ["Chronic Cough", "chronic cough"])
    ]


def _rulebook(folder: Path, *rules: dict[str, str]) -> Rulebook:
    (folder / "rules").mkdir()
    lines = "".join(json.dumps({"note": "", **rule}) + "\n" for rule in rules)
    (folder / "rules" / "terms.jsonl").write_text(lines, encoding="utf-8")
    return Rulebook(folder)


def test_a_rule_is_added_in_data(tmp_path: Path) -> None:
    rule = {
        "id": "new",
        "label": "deal.upfront",
        "pattern": "(?P<value>#MONEY) handsel",
        "example": "a #MONEY handsel",
    }
    release = read_release("Orlane Signs\n\nBOSTON, March 3, 2024 -- Orlane gets a $7 million handsel.")
    (term,) = TermFinder(_rulebook(tmp_path, rule)).find(release)
    assert (term.kind, term.number, term.rule) == ("upfront", 7e6, "new")


@pytest.mark.parametrize(
    ("label", "pattern", "message"),
    [("deal.bonus", "(?P<value>#MONEY)", "unknown label"), ("deal.upfront", "#MONEY", "group named value")],
)
def test_a_wrong_rule_says_so(tmp_path: Path, label: str, pattern: str, message: str) -> None:
    rule = {"id": "wrong", "label": label, "pattern": pattern, "example": "a #MONEY"}
    with pytest.raises(RuleError, match=message):
        TermFinder(_rulebook(tmp_path, rule))


def test_every_rule_has_its_example(finder: TermFinder) -> None:
    """Each kind has a rule, so no kind is promised that nothing finds."""
    labels = {rule.label.partition(":")[0] for rule in default_rulebook().rules("terms")}
    assert {f"{family}.{kind}" for family, kinds in KINDS.items() for kind in kinds} <= labels


def test_rules_name_words_that_the_filter_can_look_for() -> None:
    """A rule tried wherever a value stands costs as much as ten others: see the same test of the cues."""
    values = b"#MONEY #NUM #PCT #DATE #YEAR REGION_ NATION_"
    rules = default_rulebook().rules("terms")
    tried = {
        rule.id for rule in rules if compile_together([rule.pattern], one_byte=True)[0].Match(values, True)
    }
    assert tried == {"regulatory.designation.orphan"}


def test_a_rule_that_needs_a_mask_has_it_in_its_example() -> None:
    ready = TermFinder(default_rulebook())._rules
    assert all(any(mask.decode() in r.rule.example for mask in r.masks) for r in ready if r.masks)
    assert sum(not r.masks for r in ready) < len(ready) / 3


@pytest.mark.parametrize("family", FAMILIES)
def test_plain_sentences_are_passed_over(family: str, finder: TermFinder) -> None:
    """Every rule's example holds an opening of its family; were there one without, all sentences would be read."""
    assert not finder._opening(frozenset({family})).Match(b"It rained all day.")


def test_a_rule_without_an_opening_is_found(tmp_path: Path) -> None:
    rule = {
        "id": "new",
        "label": "regulatory.designation:Handsel",
        "pattern": "(?P<value>handsel)",
        "example": "a handsel",
    }
    release = read_release("Orlane Hears\n\nBOSTON, March 3, 2024 -- Orlane gets a handsel.")
    (term,) = TermFinder(_rulebook(tmp_path, rule)).find(release)
    assert (term.kind, term.value, term.rule) == ("designation", "Handsel", "new")


def test_labels_are_well_formed() -> None:
    labels = read_term_labels(LABELS)
    assert min(Counter(label.family for label in labels).values()) >= 150
    assert len({(x.release, x.sentence, x.family) for x in labels}) == len(labels)
    for label in labels:
        assert {kind for kind, _ in label.values} <= KINDS[label.family]


@pytest.mark.skipif(not SHARED.exists(), reason="the shared corpus isn't beside the checkout")
def test_floors(finder: TermFinder) -> None:
    labels = read_term_labels(LABELS)
    wanted = {label.release for label in labels}
    releases = {
        entry["id"]: read_release(f"{entry['title']}\n\n{entry['text']}".strip())
        for _, entry in read_lines(SHARED)
        if entry["id"] in wanted
    }
    for family, found in compare(labels, releases, finder).items():
        precision, recall, _ = found.scores()
        wrong = (family, precision, recall, dict(found.false), dict(found.missed))
        assert precision >= FLOORS[family][0] and recall >= FLOORS[family][1], wrong


def test_a_rule_that_needs_no_figure_is_asked_of_lines_without_one(tmp_path: Path) -> None:
    folder = tmp_path / "resources"
    shutil.copytree(RESOURCES, folder)
    rule = {"id": "deal.field.test", "label": "deal.field", "pattern": "(?i)only (?P<value>cheese)"}
    rule |= {"example": "royalties on only cheese", "note": ""}
    with (folder / "rules" / "terms.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(rule) + "\n")
    release = read_release("Acme Licenses Its Culture\n\nThe agreement is for only cheese and ends soon.")
    found = TermFinder(Rulebook(folder)).find(release, events=["licensing"])
    assert [(t.kind, t.value) for t in found] == [("field", "cheese")]
