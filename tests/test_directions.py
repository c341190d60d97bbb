"""Who gives rights and who takes them: single sentences, and what several add up to."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from nlp.entities.directions import DirectionReader, Directions
from nlp.entities.registry import Organisation
from nlp.entities.roles import Masked
from nlp.errors import RuleError
from nlp.rulebook import RESOURCES, Rulebook, default_rulebook

_READER = DirectionReader(default_rulebook())
_TOKEN = re.compile(r"\b(?:ISSUER|ORG2|ORG)\b")


def _read(
    *sentences: str, reader: DirectionReader | None = None
) -> tuple[Directions, Organisation, Organisation]:
    """What the sentences say; ``ORG2`` is a second organisation, masked like the first."""
    issuer, one, two = (Organisation("company", True) for _ in range(3))
    issuer.issuer = True
    known = {"ISSUER": issuer, "ORG": one, "ORG2": two}
    masked = []
    for sentence in sentences:
        text, slots, done = "", [], 0
        for found in _TOKEN.finditer(sentence):
            text += sentence[done : found.start()]
            token = "ORG" if found[0] == "ORG2" else found[0]
            slots.append((len(text), len(text) + len(token), known[found[0]]))
            text, done = text + token, found.end()
        masked.append(Masked(text + sentence[done:], tuple(slots)))
    return (reader or _READER).read(masked), one, two


TAKES = [
    "ISSUER granted ORG an exclusive license to its patents",
    "Rights to the tablet were assigned to ORG",
    "ORG has been granted an option on the program",
    "ORG will obtain worldwide rights to the antibody",
    "ORG licensed the vector from ISSUER",
    "ORG will pay an upfront fee and royalties",
    "ISSUER is eligible to receive milestone payments",
    "ISSUER received $5 million from ORG",
    "ORG has an option to license the antibody",
    "ISSUER retains all rights in Japan",
    "ORG will be responsible for commercialization in Europe",
    "The license granted by ISSUER covers three countries",
]
GIVES = [
    "ORG granted ISSUER an exclusive license to its patents",
    "The deal gives ISSUER rights to the vaccine",
    "ISSUER licensed the vector from ORG",
    "ISSUER acquired an exclusive license from ORG",
    "ISSUER licenses ORG's antibody",
    "ISSUER will make an upfront payment",
    "ORG is entitled to royalties, which it will receive yearly: ORG will receive royalties",
    "ISSUER has agreed to pay ORG a fee of $2 million",
]
NOTHING = [
    "ISSUER and ORG have signed a license agreement",
    "ISSUER and ORG will not receive royalties",
    "ISSUER and ORG announced a collaboration on kidney disease",
    "ISSUER regains all rights from ORG",
    "ISSUER will provide ORG with proteins",
]


@pytest.mark.parametrize("sentence", TAKES)
def test_who_takes_rights(sentence: str) -> None:
    directions, one, _ = _read(sentence)
    assert directions.of(one, alone=True)[0] > 0


@pytest.mark.parametrize("sentence", GIVES)
def test_who_gives_rights(sentence: str) -> None:
    directions, one, _ = _read(sentence)
    assert directions.of(one, alone=True)[0] < 0


@pytest.mark.parametrize("sentence", NOTHING)
def test_what_tells_neither(sentence: str) -> None:
    directions, one, _ = _read(sentence)
    assert directions.of(one, alone=True) == (0.0, 0.0)
    assert not directions.told


def test_sentences_add_up() -> None:
    one_sentence, one, _ = _read("ORG will pay an upfront fee")
    both, other, _ = _read("ORG will pay an upfront fee", "ORG will obtain the rights to the tablet")
    assert both.of(other, alone=True)[0] > one_sentence.of(one, alone=True)[0] > 0
    assert one_sentence.of(one, alone=True)[1] == 0.0  # money is no right


def test_what_the_issuer_takes_is_not_laid_to_each_of_several() -> None:
    directions, one, two = _read("ORG2 will pay an upfront fee", "ISSUER will receive royalties from ORG2")
    assert directions.of(two, alone=False)[0] > 0
    assert directions.of(one, alone=False) == (0.0, 0.0)


def test_rights_that_go_back_at_the_top_leave_all_unread() -> None:
    directions, one, _ = _read("ISSUER regains rights from ORG", "ISSUER will pay ORG royalties")
    assert directions.of(one, alone=True) == (0.0, 0.0)


def _with(tmp_path: Path, *lines: str) -> Rulebook:
    folder = tmp_path / "resources"
    shutil.copytree(RESOURCES, folder)
    with (folder / "lexicons" / "direction_words.tsv").open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    return Rulebook(folder)


def test_a_verb_is_one_line_of_data(tmp_path: Path) -> None:
    sentence = "ORG bestows on ISSUER an exclusive license to its patents"
    before, one, _ = _read(sentence)
    assert before.of(one, alone=True)[0] == 0
    reader = DirectionReader(_with(tmp_path, "bestows\tgive"))
    after, one, _ = _read(sentence, reader=reader)
    assert after.of(one, alone=True)[0] < 0


@pytest.mark.parametrize(
    "line, reason",
    [
        ("bestows\tgives", "direction_words.tsv, line {}: unknown class 'gives'; known are back, "),
        ("Bestows\tgive", "direction_words.tsv, line {}: 'Bestows'; write words in lower case"),
        ("bestow*\tgive", "direction_words.tsv, line {}: 'bestow\\*'; a verb is written out"),
        (
            "grants\ttake",
            "direction_words.tsv, line {}: 'grants'; a verb is written out, form by form, and has one",
        ),
        ("bestows", "direction_words.tsv, line {}: 1 cells"),
    ],
)
def test_a_wrong_line_is_told(tmp_path: Path, line: str, reason: str) -> None:
    number = (
        len((RESOURCES / "lexicons" / "direction_words.tsv").read_text(encoding="utf-8").splitlines()) + 1
    )
    with pytest.raises(RuleError, match=reason.format(number)):
        DirectionReader(_with(tmp_path, line))


def test_a_class_without_words_is_told(tmp_path: Path) -> None:
    book = _with(tmp_path)
    path = book.folder / "lexicons" / "direction_words.tsv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.endswith("\tback\n")), encoding="utf-8")
    with pytest.raises(RuleError, match="no word of class back"):
        DirectionReader(book)


def test_letters_that_only_fold_to_others_are_no_verb() -> None:
    directions, one, _ = _read("ORG tran\u017ffers ISSUER an exclusive license")  # a long s
    assert directions.of(one, alone=True)[0] == 0
