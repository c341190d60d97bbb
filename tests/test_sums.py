"""Sums: what words close by, conditions and verbs make of an amount; amounts of something else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.entities.sums import Sums
from nlp.rulebook import default_rulebook

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
