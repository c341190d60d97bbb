"""Sums: what words close by, conditions and verbs make of an amount; amounts of something else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.entities.sums import Sums
from nlp.errors import RuleError
from nlp.rulebook import RESOURCES, Rulebook, default_rulebook

SUMS = Sums(default_rulebook().lexicon("sum_words"))
KINDS = {"upfront", "milestones", "total_value", "equity_investment"}


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        ("gets #MONEY upfront", ["upfront"]),
        ("an initial #MONEY in cash", ["upfront"]),
        ("pays #MONEY on signing and up to #MONEY upon approval", ["upfront", "milestones"]),
        ("At closing, Halden will pay #MONEY for the cream", ["upfront"]),
        ("#MONEY (about #MONEY) in development and sales milestones", ["milestones"]),
        ("with an earn-out of up to #MONEY", ["milestones"]),
        ("further payments totaling #MONEY", ["milestones"]),
        ("#MONEY each time the cream is approved", ["milestones"]),
        ("milestone fees of #MONEY and #MONEY respectively", ["milestones", "milestones"]),
        ("regulatory milestones - #MONEY; sales milestones - #MONEY", ["milestones", "milestones"]),
        ("will pay #MONEY, which includes #MONEY upfront", ["total_value", "upfront"]),
        ("buys Sorvane for #MONEY", ["total_value"]),
        ("a deal, the value of which could approach #MONEY", ["total_value"]),
        ("#MONEY in upfront and milestone payments", ["total_value"]),
        ("a #MONEY equity investment", ["equity_investment"]),
    ],
)
def test_kinds(line: str, kinds: list[str]) -> None:
    assert [kind for _, kind in SUMS.kinds(line)] == kinds


@pytest.mark.parametrize(
    "line",
    [
        "sales of #MONEY",
        "a bridge loan of #MONEY",
        "has previously paid #MONEY upfront",
        "#MONEY in research funding",
        "a holdback amount of #MONEY",
        "milestone payments of #MONEY were recognized in the quarter",
        "its initial #MONEY bid",
        "#MONEY at the first anniversary of closing",
        "met - #MONEY committed",
    ],
)
def test_sums_of_something_else(line: str) -> None:
    assert SUMS.kinds(line) == []


@given(
    st.lists(
        st.sampled_from(
            ["#MONEY", "upfront", "milestones", "of", "up", "to", "(", ")", ",", "and", "if", "pays", "-"]
        ),
        max_size=40,
    )
)
@settings(max_examples=300, deadline=None)
def test_any_line_is_read(words: list[str]) -> None:
    line = " ".join(words)
    found = SUMS.kinds(line)
    assert all(line.startswith("#MONEY", place) and kind in KINDS for place, kind in found)
    assert len({place for place, _ in found}) == len(found)


def _with(tmp_path: Path, *lines: str) -> Sums:
    folder = tmp_path / "resources"
    shutil.copytree(RESOURCES, folder)
    with (folder / "lexicons" / "sum_words.tsv").open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    return Sums(Rulebook(folder).lexicon("sum_words"))


@pytest.mark.parametrize(
    ("line", "sentence", "kind"),
    [
        ("handsel\tupfront", "Halden gets #MONEY as a handsel", "upfront"),
        ("unblinding\treached", "#MONEY upon unblinding of the trial", "milestones"),
        ("whenever\twhen", "#MONEY whenever the next approval comes", "milestones"),
        ("snaffles\tbuy", "Halden snaffles Sorvane for #MONEY", "total_value"),
        ("parcelled into\tsplit", "#MONEY, parcelled into #MONEY upfront", "total_value"),
    ],
)
def test_a_word_is_one_line_of_data(tmp_path: Path, line: str, sentence: str, kind: str) -> None:
    assert kind not in [found for _, found in SUMS.kinds(sentence)]
    assert kind in [found for _, found in _with(tmp_path, line).kinds(sentence)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("handsel\tupfornt", "sum_words.tsv, line {}: unknown class 'upfornt'; known are at, "),
        ("Handsel\tupfront", "sum_words.tsv, line {}: 'Handsel'; write words in lower case"),
        ("hand*\tupfront", "sum_words.tsv, line {}: 'hand\\*'; only words of class part and split have"),
        ("upfront\tupfront", "sum_words.tsv, line {}: 'upfront' has the class 'upfront' already"),
        ("handsel", "sum_words.tsv, line {}: 1 cells"),
    ],
)
def test_a_wrong_line_is_told(tmp_path: Path, line: str, reason: str) -> None:
    number = len((RESOURCES / "lexicons" / "sum_words.tsv").read_text(encoding="utf-8").splitlines()) + 1
    with pytest.raises(RuleError, match=reason.format(number)):
        _with(tmp_path, line)


def test_a_class_without_words_is_told() -> None:
    rows = [row for row in default_rulebook().lexicon("sum_words") if row["class"] != "books"]
    with pytest.raises(RuleError, match="no word of class books"):
        Sums(rows)
