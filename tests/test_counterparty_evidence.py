"""What the whole release says of an organisation: who is described at the end, who speaks, who will act."""

from __future__ import annotations

import pytest

from nlp.entities.candidates import Scorer
from nlp.entities.evidence import Evidence
from nlp.entities.registry import Organisation
from nlp.rulebook import default_rulebook


def _told(text: str, *forms: str) -> set[str]:
    return Evidence(text).of(Organisation("company", True, dict.fromkeys(forms)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nothing of them.\n\nAbout Velquil Pharma\nIt makes tablets.", {"about:own"}),
        ("ABOUT VELQUIL PHARMA\nIt makes tablets.", set()),
        ("About the Halden and Velquil alliance\nIt began in 2015.", {"about:shared"}),
        ("About 40 patients were treated; Velquil Pharma made the drug.", set()),
        ("“We are glad,” said Anna Breck, chief executive officer of Velquil.", {"speaks"}),
        ("Tom Ferris, President, Velquil, commented: “It is ready.”", {"speaks"}),
        ("He was a director at Velquil until 2003.", {"office"}),
        ("He was a patient of Velquil until 2003.", set()),
        ("Under the agreement, Velquil will market the device in Italy.", {"acts"}),
        ("Velquilar will market the device in Italy.", set()),
        ("", set()),
    ],
)
def test_what_a_release_tells(text: str, expected: set[str]) -> None:
    assert _told(text, "Velquil Pharma", "Velquil") == expected


def test_names_of_one_or_two_letters_tell_nothing() -> None:
    assert _told("About BD\nBD will market it.", "BD") == set()


def test_the_weights_know_them() -> None:
    scorer = Scorer(default_rulebook())
    base = {"k:company", "e:licensing", "v:partner"}
    with_words = scorer.probability({*base, "speaks", "speaks|ruled", "about:own", "about:own|ruled"})
    assert with_words > scorer.probability(base)
