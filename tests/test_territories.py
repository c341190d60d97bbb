"""Territories: regions in asides, regions set off by a comma, sentences of another time, words as data, damage."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.entities.territories import Territories
from nlp.errors import RuleError
from nlp.rulebook import RESOURCES, Rulebook, default_rulebook

TERRITORIES = Territories(default_rulebook().lexicon("territory_words"))


def _aside(line: str, territories: Territories = TERRITORIES) -> bool:
    return territories.aside(line.encode(), line.rindex("REGION_"))


@pytest.mark.parametrize(
    "line",
    [
        "a licence with Halden, one of the largest makers of creams in REGION_",
        "exclusive rights to the tablet, which is in trials in REGION_",
        "a licence from Halden, a company based in REGION_",
        "a licence with Halden, headquartered in the REGION_",
    ],
)
def test_regions_in_asides(line: str) -> None:
    assert _aside(line)


@pytest.mark.parametrize(
    "line",
    [
        "exclusive rights to Orlacin, an ointment, in REGION_",
        "exclusive rights to Orlacin, an ointment, outside of REGION_",
        "a licence with Halden, a company that will distribute the cream in REGION_",
        "a licence with Halden, which gets the right to sell it across REGION_",
        "the rights to the cream in REGION_",
        "Halden, a company of Oslo, sells its ex-REGION_ rights",
    ],
)
def test_regions_that_rights_hang_on(line: str) -> None:
    assert not _aside(line)


@pytest.mark.parametrize(
    ("line", "doubtful"),
    [
        ("the existing agreement to sell the gel in REGION_", True),
        ("Halden plans to license the gel in REGION_", True),
        ("the licence for REGION_ of #year", True),
        ("Halden today announced that its existing agreement to sell the gel in REGION_ grows", False),
        ("Halden has signed a licence for REGION_, where it plans trials", False),
        ("the licence covers REGION_", False),
        ("the nonexisting licence for REGION_", False),
    ],
)
def test_sentences_of_another_time(line: str, doubtful: bool) -> None:
    assert TERRITORIES.doubtful(line.encode()) == doubtful


def _with(tmp_path: Path, *lines: str) -> Territories:
    folder = tmp_path / "resources"
    shutil.copytree(RESOURCES, folder)
    with (folder / "lexicons" / "territory_words.tsv").open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    return Territories(Rulebook(folder).lexicon("territory_words"))


def test_a_word_is_one_line_of_data(tmp_path: Path) -> None:
    line = "a licence with Halden, a company that will peddle the cream in REGION_"
    assert _aside(line)
    assert not _aside(line, _with(tmp_path, "peddl*\tright"))


def test_doubt_and_news_are_data(tmp_path: Path) -> None:
    line = b"the erstwhile licence for REGION_ is confided to Halden"
    assert not TERRITORIES.doubtful(line)
    assert _with(tmp_path / "one", "erstwhile\tdoubt").doubtful(line)
    assert not _with(tmp_path / "two", "erstwhile\tdoubt", "is confided\tnews").doubtful(line)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            "peddle\trights",
            "territory_words.tsv, line {}: unknown class 'rights'; known are aside, doubt, news, right",
        ),
        ("Peddle\tright", "territory_words.tsv, line {}: 'Peddle'; write words in lower case"),
        ("peddle", "territory_words.tsv, line {}: 1 cells"),
    ],
)
def test_a_wrong_line_is_told(tmp_path: Path, line: str, reason: str) -> None:
    path = RESOURCES / "lexicons" / "territory_words.tsv"
    number = len(path.read_text(encoding="utf-8").splitlines()) + 1
    with pytest.raises(RuleError, match=reason.format(number)):
        _with(tmp_path, line)


def test_without_words_nothing_is_an_aside() -> None:
    assert not _aside("a licence with Halden, a company based in REGION_", Territories(()))
    assert not Territories(()).doubtful(b"the existing licence for REGION_")


@given(st.lists(st.sampled_from(["REGION_", ",", "a", "which", "in", "rights", "of", "#NUM", "(", "é"])))
def test_any_line_is_read(words: list[str]) -> None:
    line = " ".join(words).encode()
    for place in (0, len(line) // 2, len(line)):
        assert TERRITORIES.aside(line, place) in (True, False)
    assert TERRITORIES.doubtful(line) in (True, False)
