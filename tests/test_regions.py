"""Regions: lists, adjectives, what belongs to a name, places in the text, damage."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.entities.amounts import mask
from nlp.entities.regions import Regions
from nlp.rulebook import default_rulebook

REGIONS = Regions(default_rulebook().lexicon("regions"))


@pytest.mark.parametrize(
    ("text", "line", "named"),
    [
        ("in Japan, South Korea and Taiwan.", "in REGION_.", ["Japan, South Korea and Taiwan"]),
        ("in the U.S. and Canada", "in REGION_", ["the U.S. and Canada"]),
        (
            "rights for mainland China, excluding Macau",
            "rights for REGION_",
            ["mainland China, excluding Macau"],
        ),
        (
            "in China (including Hong Kong) only",
            "in REGION_ (including REGION_) only",
            ["China", "Hong Kong"],
        ),
        (
            "in China (including Hong Kong), Korea and India",
            "in REGION_",
            ["China (including Hong Kong), Korea and India"],
        ),
        (
            "in Europe and certain other markets in Asia",
            "in REGION_",
            ["Europe and certain other markets in Asia"],
        ),
        ("in North and South America", "in REGION_", ["North and South America"]),
        ("in Japan, Zubrania and Taiwan", "in REGION_", ["Japan, Zubrania and Taiwan"]),
        ("in Japan, Taiwan and Zubrania.", "in REGION_.", ["Japan, Taiwan and Zubrania"]),
        ("in Japan and Halden keeps", "in REGION_ and Halden keeps", ["Japan"]),
        ("in Japan, Taiwan and Halden keeps", "in REGION_ and Halden keeps", ["Japan, Taiwan"]),
        ("in Chile and Parts of Africa", "in REGION_", ["Chile and Parts of Africa"]),
        ("in Poland, Slovak and Estonia", "in REGION_", ["Poland, Slovak and Estonia"]),
        ("the U.S. and Canadian rights", "the NATION_ rights", ["U.S. and Canadian"]),
        ("a licence to US patents", "a licence to US patents", []),
        ("sold to US biopharma Halden", "sold to US biopharma Halden", []),
        (
            "outside the rest of the world, except India",
            "outside REGION_",
            ["the rest of the world, except India"],
        ),
        (
            "in 15 European countries including Italy and Spain",
            "in #NUM European countries including REGION_",
            ["15", "Italy and Spain"],
        ),
        ("in Nordic countries", "in REGION_", ["Nordic countries"]),
        ("for Asian and African markets", "for REGION_ markets", ["Asian and African"]),
        ("Chinese rights, European partner", "NATION_ rights, NATION_ partner", ["Chinese", "European"]),
        (
            "outsideEurope and inthe United States",
            "outsideREGION_ and inREGION_",
            ["Europe", "the United States"],
        ),
    ],
)
def test_masks(text: str, line: str, named: list[str]) -> None:
    masked = REGIONS.mask(mask(text))
    assert masked.line.decode() == line
    assert [text[v.start : v.end] for v in masked.values] == named


@pytest.mark.parametrize(
    "text",
    [
        "the U.S. Food and Drug Administration",
        "its Korea-based partner",
        "Japan's largest maker of creams",
        "Bank of America",
        "China Pharma Holdings",
        "a non-EU site",
        "us and turkey",
        "Indiana",
    ],
)
def test_names_of_others_are_left_alone(text: str) -> None:
    masked = mask(text)
    assert REGIONS.mask(masked) is masked


def test_values_keep_their_places() -> None:
    text = "pays $5 million for 12 countries in Asia and up to $7 million in Japan (and 3% of sales)"
    masked = REGIONS.mask(mask(text))
    assert [text[v.start : v.end] for v in masked.values if v.kind == "MONEY"] == ["$5 million", "$7 million"]
    assert masked.line.endswith(b"in REGION_ (and #PCT of sales)")


@given(st.text(alphabet="JapnEuroe AsiCh ,()and/andU.S.$5 #-", max_size=160))
@settings(max_examples=300, deadline=None)
def test_masking_keeps_every_place(text: str) -> None:
    masked = REGIONS.mask(mask(text))
    for value, start, end in zip(masked.values, masked.starts, masked.ends, strict=True):
        assert masked.line[start:end].strip().startswith((b"#", b"REGION_", b"NATION_"))
        assert masked.origin(start) == value.start
    assert masked.origin(len(masked.line), behind=True) == len(text)


def test_many_names_are_read_in_linear_time() -> None:
    """A list of two thousand names, each joined to the next, is one region."""
    text = "in " + ", ".join(["Japan", "Taiwan"] * 1000)
    assert REGIONS.mask(mask(text)).line == b"in REGION_"
