"""Drug names: own examples, look-alikes that must stay silent, the user's lists, and spans."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.entities import Drug
from nlp.entities.document import make_doc
from nlp.entities.drug_names import WORD
from nlp.entities.drug_words import cut_words
from nlp.entities.drugs import DrugFinder
from nlp.release import Release, Section, SectionKind
from nlp.rulebook import default_rulebook
from nlp.text import Span

CASES = Path(__file__).parent / "cases"
FINDER = DrugFinder(default_rulebook())


# fmt: off
_WORDS = [
    "boards", "chips", "cables", "racks", "lamps", "fans", "clocks", "modems", "routers",
    "keyboards", "printers", "screens", "panels", "towers", "bridges", "engines", "tractors",
    "trucks", "wagons", "ships", "anchors", "ropes", "sails", "masts", "hulls", "decks", "cabins",
    "stoves", "ovens", "kettles", "mugs", "plates", "forks", "spoons", "knives", "chairs", "tables",
    "desks", "shelves", "doors", "windows", "roofs", "walls", "floors", "bricks", "tiles", "pipes",
    "valves", "taps", "sinks", "tubs", "mirrors", "curtains", "carpets", "rugs", "pillows",
    "blankets", "sheets", "towels", "soaps", "brushes", "combs", "razors", "scissors", "needles",
    "threads", "buttons", "zippers", "pockets", "belts", "shoes", "boots", "socks", "gloves",
    "hats", "scarves", "coats", "jackets", "shirts", "trousers", "skirts", "dresses", "rings",
    "watches", "bags", "wallets", "purses", "umbrellas", "bicycles", "skates", "balls", "bats",
]
# fmt: on


def _read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CASES / name).read_text(encoding="utf-8").splitlines()]


def _release(text: str, kind: SectionKind = "body") -> Release:
    return Release(text, (), (Section(kind, 0, len(text)),))


def _names(drugs: tuple[Drug, ...]) -> list[str]:
    return sorted(mention.text for drug in drugs for mention in drug.mentions)


@pytest.mark.parametrize("case", _read("drugs.jsonl"), ids=lambda case: str(case["label"]))
def test_cases(case: dict[str, Any]) -> None:
    assert _names(FINDER.find(_release(case["input"]))) == sorted(case["expected"])


def test_no_hit_on_three_hundred_lookalikes() -> None:
    cases = _read("drug_lookalikes.jsonl")
    assert len(cases) >= 300
    assert [
        (case["input"], found) for case in cases if (found := _names(FINDER.find(_release(case["input"]))))
    ] == []


def test_spans_are_exact() -> None:
    text = "Acme dosed ACM-101 (zorlimab). Later, ACM-101 was stopped."
    (drug,) = FINDER.find(_release(text))
    assert drug.aliases == ("zorlimab",)
    assert all(text[m.start : m.end] == m.text for m in drug.mentions) and len(drug.mentions) == 3


@pytest.mark.parametrize("kind", ["safe_harbor", "contact", "furniture"])
def test_closed_sections_are_not_read(kind: SectionKind) -> None:
    assert FINDER.find(_release("Acme sells KEYTRUDA.", kind)) == ()


def test_user_adds_and_removes_names() -> None:
    finder = DrugFinder(default_rulebook(), add=("Flimsy",), remove=("KEYTRUDA",))
    assert _names(finder.find(_release("Acme sells KEYTRUDA and Flimsy."))) == ["Flimsy"]


def test_name_is_written_plain() -> None:
    (drug,) = FINDER.find(_release("Patients were dosed with ¹⁷⁷Lu-ZOR-101 once."))
    assert drug.name == "177Lu-ZOR-101"
    (drug,) = FINDER.find(_release("Adults were given GARDASIL® 9, a vaccine."))
    assert drug.name == "GARDASIL 9"


def test_part_numbers_of_other_industries_stay_silent() -> None:
    filler = " ".join(f"The company made {w} for servers, lines and storage." for w in _WORDS)
    text = f"{filler} New are the PIX-4763, PIX-4764 and SDX383 switches and the GreenZorb™ family."
    assert FINDER.find(_release(text)) == ()
    assert _names(FINDER.find(_release(f"{text} KEYTRUDA is sold by another firm."))) != []


def test_results_do_not_depend_on_what_was_read_before() -> None:
    text = "Acme's product candidate ABC-101 (zorlimab) is a novel antibody for patients."
    fresh = DrugFinder(default_rulebook())
    first = fresh.find(_release(text))
    for case in _read("drugs.jsonl"):
        fresh.find(_release(case["input"]))
    assert fresh.find(_release(text)) == first != ()


LEXICONS = (
    "biomedical_words",
    "drug_names",
    "drug_stems",
    "drug_code_prefixes",
    "drug_lookalikes",
    "gene_symbols",
    "trial_acronyms",
)


@pytest.mark.parametrize("name", LEXICONS)
def test_lexicon_is_sorted_distinct_and_names_its_sources(name: str) -> None:
    rows = default_rulebook().lexicon(name)
    terms = [next(iter(row.values())) for row in rows]
    assert terms == sorted(terms, key=str.lower)
    assert len(set(terms)) == len(terms)
    assert all(term == term.strip() for term in terms)
    assert all(row["source"].strip() for row in rows)


def test_lexicons_agree() -> None:
    book = default_rulebook()
    names = {row["name"].lower() for row in book.lexicon("drug_names")}
    assert {row["kind"] for row in book.lexicon("drug_names")} == {"brand", "code", "inn"}
    assert all(len(name) >= 4 for name in names)
    alike = {r["term"].lower() for r in book.lexicon("drug_lookalikes") if r["kind"] != "wants support"}
    assert names & alike == set()
    assert names & {row["word"] for row in book.lexicon("common_words")} == set()
    stems = [row["stem"] for row in book.lexicon("drug_stems")]
    assert all(len(stem) >= 3 and stem.isalpha() and stem.islower() for stem in stems)


def test_doc_keeps_the_text() -> None:
    text = "Acme  dosed\n\nCLR-131 (n=5)."
    assert make_doc(_release(text)).text == text


_CHARACTERS = st.one_of(st.sampled_from("aZ9 -‐‑–_.(\n\u00a0¹²⁴₀®é٣Ⅳ漢９😀\ud800"), st.characters())


@given(st.text(_CHARACTERS, max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_words_are_cut_as_the_pattern_cuts_them(text: str, one: int, other: int) -> None:
    first, second = sorted((min(one, len(text)), min(other, len(text))))
    spans = [Span(0, first), Span(second, len(text))] if first < second else [Span(0, len(text))]
    expected = [(m[0], s.start + m.start()) for s in spans for m in WORD.finditer(text[s.start : s.end])]
    cut = cut_words(text, spans)
    assert list(zip(cut.words, cut.starts.tolist(), strict=True)) == expected
    assert cut.numbers() == [
        at
        for word, at in expected
        if word[0].isdigit() and len(word) > 1 and text[at - 1 : at] in tuple(" \u00a0.(")
    ]
