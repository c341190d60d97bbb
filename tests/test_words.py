"""Words as finding names reads them stand where the tokens of the same text stand."""

from __future__ import annotations

import pytest

from nlp.entities import words
from nlp.entities.names import NameLexicon, tokens_of
from nlp.entities.words import Sentence, WordBook
from nlp.rulebook import default_rulebook

TEXTS = (
    "Halden Bio, Inc. and Kestrel’s unit (“Kestrel”) said so.",
    "a and an Anders and a: a, a.",  # a short word stands inside longer ones before it
    "from Marwick PharmaceuticalsSecond trial of Marwick Info.Earlier work",
    "Duvall\x1cBiologics\xa0AG – $5 million ... *ACM-101* 4D",
    "",
)


@pytest.fixture(scope="module")
def lexicon() -> NameLexicon:
    return NameLexicon(default_rulebook())


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("backwards", [False, True])
def test_places_are_those_of_the_tokens(text: str, backwards: bool, lexicon: NameLexicon) -> None:
    whole = f"Before it. {text} After it."
    start, end = 11, 11 + len(text)
    sentence = Sentence(whole, start, end, WordBook(lexicon))
    tokens = tokens_of(whole, start, end)
    assert [(w.text, w.norm, w.possessive, w.capital) for w in sentence.words] == [
        (t.text, t.norm, t.possessive, t.capital) for t in tokens
    ]
    order = range(len(tokens))[::-1] if backwards else range(len(tokens))
    assert [sentence.span(i, i + 1) for i in order] == [(tokens[i].start, tokens[i].end) for i in order]


def test_remembers_a_bounded_number_of_words(lexicon: NameLexicon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "_MOST", 3)
    book = WordBook(lexicon)
    for word in ("Halden", "Bio", "said", "Halden", "so", "x" * 50):
        assert book[word][0].text == word
    assert list(book) == ["so"]
