"""Drug names: own examples, look-alikes that must stay silent, the user's lists, and spans."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nlp.entities import Drug
from nlp.entities.document import make_doc
from nlp.entities.drugs import DrugFinder
from nlp.release import Release, Section, SectionKind
from nlp.rulebook import default_rulebook

CASES = Path(__file__).parent / "cases"
FINDER = DrugFinder(default_rulebook())


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


def test_doc_keeps_the_text() -> None:
    text = "Acme  dosed\n\nCLR-131 (n=5)."
    assert make_doc(_release(text)).text == text
