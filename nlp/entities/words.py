"""What is known of each word before its sentence is read: looked up once, then remembered.

Whether a word is English, a legal suffix, a word that organisations are called by … hangs on the word alone. The
same few thousand words make up most leads, so that finding names asks one table instead of six.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from typing import Literal

from nlp.entities.names import TRAILS, NameLexicon, Piece, pieces_of, words_of

__all__ = ["Sentence", "Word", "WordBook"]

_CODE = re.compile(
    r"[A-Z]{2,6}-\d+\w*|[A-Za-z]{1,6}-?\d{2,}\w*(?:[-/]\w+)*|\w+-\d{2,}\w*|\d[\d,.%]*[a-zA-Z]?|[IVX]{2,5}"
)
_PERSON_TITLES = frozenset({"dr", "mr", "ms", "mrs", "prof", "professor", "sir"})
# words of an office: a name ends before them, and what follows them in capitals is a person
_OFFICES = frozenset(
    [
        "CEO",
        "CFO",
        "COO",
        "CTO",
        "CMO",
        "CSO",
        "CBO",
        "President",
        "Chairman",
        "Chairwoman",
        "Chief",
        "Officer",
    ]
)
_LONG = 40  # characters; longer runs are no words and not worth remembering
_MOST = 20_000  # words remembered


class Word:
    """A word or mark with what the lexicons say of it. ``first`` and ``last``: where it stands in the run of word
    characters that it was cut from.
    """

    __slots__ = (
        "adjective",
        "breaker",
        "breaks",
        "capital",
        "code",
        "common",
        "distinct",
        "drug",
        "first",
        "given",
        "inner",
        "known",
        "last",
        "marker",
        "mixed",
        "most",
        "norm",
        "opens",
        "own",
        "person",
        "possessive",
        "short",
        "silent",
        "stop",
        "suffix",
        "tail",
        "text",
        "upper",
        "weighs",
    )

    def __init__(self, piece: Piece, lexicon: NameLexicon) -> None:
        self.first, self.last, text, norm, possessive, capital = piece
        self.text: str = text
        self.norm: str = norm
        self.possessive: bool = possessive  # "'s" was cut off
        self.capital: bool = capital
        self.upper: bool = text[0].isupper()
        self.inner: str = norm + "'s" if possessive else norm  # as it stands in a key, if it isn't the last
        self.silent: bool = text in ",.()"  # not part of a key
        self.stop: bool = text in ",.;:()—–-"
        # what a title is told by
        self.weighs: bool = len(text) > 3 and text[0].isalpha()
        self.marker: str | None = lexicon.markers.get(text)
        self.common: bool = lexicon.is_common(norm)
        self.adjective: bool = "-" in norm and norm.endswith(TRAILS)  # "Basel-based" is no part of a name
        self.breaker: bool = norm in lexicon.breakers
        self.suffix: bool = norm in lexicon.suffixes
        # a legal suffix, or a mark that one may follow
        self.tail: bool = self.suffix or text in ",&("
        self.code: bool = bool(_CODE.fullmatch(text))
        self.drug: bool = norm in lexicon.drugs
        self.given: bool = norm in lexicon.given
        self.person: bool = norm in _PERSON_TITLES or text in _OFFICES
        # the word alone can set an organisation apart: not English, not a marker such as "Pharma", not a suffix
        self.distinct: bool = (
            not self.common and self.marker is None and not self.suffix and any(c.isalpha() for c in norm)
        )
        self.own: bool = self.distinct and not self.code  # a code of a drug sets none apart
        # asked about before a name is looked for: a letter, or what ends a name written small
        self.short: bool = self.suffix or (len(text) < 3 and self.upper)
        self.known: bool = norm in lexicon.known
        # "NIAID/BARDA": two names, each known
        self.mixed: bool = "/" in norm and all(part in lexicon.known for part in norm.split("/"))
        # words of the longest lexicon name that begins with it
        self.most: int = lexicon.longest.get(norm, 0)
        if possessive:
            self.most = max(self.most, lexicon.longest.get(norm + "'s", 0))
        # a name may begin here; one in lower case only where a lexicon writes it so
        self.opens: bool = capital or (norm in lexicon.lower and norm not in lexicon.common)
        # in a title, whether it ends a name: what comes after it may have to tell
        self.breaks: Literal["no", "yes", "ask"]
        if self.marker is not None:
            self.breaks = "no"
        elif self.breaker:
            self.breaks = "yes"
        elif not self.common:
            self.breaks = "yes" if self.code else "no"
        else:
            self.breaks = "ask"


class WordBook(dict[str, tuple[Word, ...]]):
    """Runs of word characters to the words they are cut into, filled as they are met. ``lexicon``: what judges them."""

    def __init__(self, lexicon: NameLexicon) -> None:
        super().__init__()
        self.lexicon = lexicon

    def __missing__(self, run: str) -> tuple[Word, ...]:
        words = tuple([Word(piece, self.lexicon) for piece in pieces_of(run)])
        if len(run) < _LONG:
            if len(self) >= _MOST:
                self.clear()
            self[run] = words
        return words


class Sentence:
    """The words of ``text[start:end]``; where they stand is worked out when it is asked for."""

    __slots__ = ("_at", "_own", "_places", "_read", "_runs", "_start", "text", "words")

    def __init__(self, text: str, start: int, end: int, book: WordBook) -> None:
        self.text = text
        self._start = start
        self._own = text[start:end]
        self._runs = words_of(self._own)
        self._at = self._read = 0  # how far runs were located: offset, number
        self.words: Sequence[Word] = list(chain.from_iterable(map(book.__getitem__, self._runs)))
        self._places: list[int] = []  # of each word as far as they were asked for: where its run begins

    def span(self, i: int, j: int) -> tuple[int, int]:
        """Where the words ``i`` to ``j`` (exclusive) stand in the text."""
        places = self._places
        if len(places) < j:
            self._locate(j)
        words = self.words
        return places[i] + words[i].first, places[j - 1] + words[j - 1].last

    def _locate(self, count: int) -> None:
        places, runs, start, find = self._places, self._runs, self._start, self._own.find
        at, number = self._at, self._read
        for word in self.words[len(places) : count]:
            if word.first == 0:  # a run begins: the first place from here where its characters stand
                run = runs[number]
                number += 1
                begin = find(run, at)
                at = begin + len(run)
                begin += start
            else:
                begin = places[-1]
            places.append(begin)
        self._at, self._read = at, number
