"""Where the name of a disease ends.

A rule tells where it begins ("for the treatment of …", "patients with …"); from there words are read until one that no name goes on with. What
kinds of words there are is data (``lexicons/disease_words.tsv``):

- ``end``: no name goes on with it; ``after``: a name that holds a ``head`` does not go on with it ("NSCLC expressing …")
- ``head``: a noun that diseases are called by; so are abbreviations and words with the endings of ``_HEAD``
- ``adjective``: may follow a comma ("advanced, recurrent cancer")
- ``verb``: behind "and" or "or" it begins something else ("lavorosis and has …")
- ``with``: may follow "with" ("… syndrome with constipation"); ``organ``: may follow "of the"; ``cause``: may follow "following"
- ``adverb``: before a word of ``end`` that a name may hold ("previously treated cancer")
- ``degree``: "to" may stand between two of them; ``numbered``: a number may follow
- ``vague``: what holds no other words is none ("serious diseases")
- ``never``: what no name begins with, a word or two
- ``measure``: what ends with it and holds no head is none ("partial response")
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice

__all__ = ["DiseaseNames"]

_TOKEN = re.compile(r"#?\w(?:[\w'/+#%-]|\.(?=\w))*|[^\w\s]")
_HEAD = re.compile(
    r"[a-z-]{2,}(?:omas?|osis|oses|itis|iasis|asis|(?:insulin|thyroid|bol|gonad|alcohol)ism|[aeu]mias?|path(?:y|ies)|trophy|trophies|plegia|algias?|phobia|phrenia|uria|lasia|penia|pnea|monias?|xias?|philias?)"
)
_ABBREVIATION = re.compile(r"[A-Za-z]{0,2}[A-Z]{2,}[\w+/-]*")
_CODE = re.compile(r"[A-Z]{2,5}-?\d{3,}\w*")  # a drug's, not a disease
_CAUSES = {
    ("due", "to"),
    ("caused", "by"),
    ("secondary", "to"),
    ("associated", "with"),
    ("related", "to"),
    ("resulting", "from"),
}
_PAIRS = {("head", "neck")}  # of one organ, so that "and" joins no diseases
_CONJUNCTIONS = {"and", "or", "and/or"}
_ADVERB = re.compile(r"[a-z]{4,}ly")
_NO_CHUNK = {"with", "the", "a", "an"}
_NONE: frozenset[str] = frozenset()
_MARKS = {"", ".", ",", ";", "("}
_TRAILING = _CONJUNCTIONS | {"of", "due", "with", "the", "a", "an", "newly", "previously", "associated"}
_AHEAD = 9  # tokens searched for the noun of a name
_MOST = 16  # words; longer names are clauses
_REACH = 240  # characters read from the beginning of a name


class DiseaseNames:
    """Ends of names by the classes of words; ``rows`` as the lexicon gives them (``word``, ``class``).

    >>> from nlp.rulebook import default_rulebook
    >>> names = DiseaseNames(default_rulebook().lexicon("disease_words"))
    >>> line = "patients with advanced, recurrent or metastatic lavoroma (ARML) who were treated"
    >>> line[14 : names.end(line, 14)]
    'advanced, recurrent or metastatic lavoroma'
    """

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        kinds: dict[str, set[str]] = {}
        for row in rows:
            kinds.setdefault(row["word"], set()).add(row["class"])
        self._kinds = {word: frozenset(found) for word, found in kinds.items()}

    def _is(self, kind: str, word: str) -> bool:
        return kind in self._kinds.get(word, _NONE)

    def end(self, line: str, start: int) -> int:
        """Where the name that begins at ``start`` ends; ``start`` itself where none begins. ``line``: a masked sentence."""
        found = _TOKEN.finditer(line, start, min(len(line), start + _REACH))
        tokens = [(m.group(), m.start(), m.end()) for m in islice(found, _MOST + _AHEAD)]
        first = " ".join(token.lower() for token, _, _ in tokens[:2])
        if not tokens or self._is("never", first.partition(" ")[0]) or self._is("never", first):
            return start
        last = self._read(tokens)
        while last and tokens[last - 1][0].lower() in _TRAILING:
            last -= 1
        words = [token.lower() for token, _, _ in tokens[:last] if token[0] != "#"]
        if all(self._is("vague", word) for word in words) or _CODE.fullmatch(
            line, start, tokens[last - 1][2]
        ):
            return start
        if self._is("measure", words[-1]) and not any(map(self._noun, words)):
            return start
        return tokens[last - 1][2]

    def _read(self, tokens: list[tuple[str, int, int]]) -> int:
        """How many tokens the name has."""
        # "ALL" and "WHO" are abbreviations where not all is in capitals
        loud = all(token.isupper() for token, _, _ in tokens[:6] if token.isalpha())
        words = [t if not loud and len(t) > 1 and t.isupper() else t.lower() for t, _, _ in tokens] + [""] * 4
        headed, noun, i = False, False, 0
        while i < min(len(tokens), _MOST):
            token, word = tokens[i][0], words[i]
            kinds = self._kinds.get(word, _NONE)
            if token == "(":
                close = next((k for k in range(i + 1, min(i + 12, len(tokens))) if tokens[k][0] == ")"), None)
                if close is None or not i or not self._goes_on(tokens, words, close + 1):
                    return i
                i = close + 1
                continue
            if token == ",":
                if not i or not self._list_goes_on(tokens, words, i + 1, headed):
                    return i
            elif word in _CONJUNCTIONS:
                following = words[i + 1]
                if not following or (self._is("verb", following) and (headed or following != "other")):
                    return i
                if self._is("end", following):
                    return i
                plain = self._adjective(following) or self._ends_soon(words, i + 1)
                if self._chunk(tokens, words, i + 1) is None and not plain:
                    return i
                # "lavorin disease, or LD": the abbreviation is another name
                if (
                    word == "or"
                    and headed
                    and _ABBREVIATION.fullmatch(tokens[i + 1][0])
                    and _initials(tokens[:i], tokens[i + 1][0])
                ):
                    return i
            elif word == "with":
                if not self._is("with", words[i + 1]):
                    return i
                i, noun = i + 1, False
            elif (word, words[i + 1]) in _CAUSES:
                if not i or (
                    self._chunk(tokens, words, i + 2) is None
                    and not any(self._is("cause", w) for w in words[i + 2 : i + 5])
                ):
                    return i
                i, noun = i + 1, False
            elif word == "to" and i and self._is("degree", words[i - 1]) and self._is("degree", words[i + 1]):
                pass
            elif word == "of" and words[i + 1] == "the":
                if not any(self._is("organ", w) for w in words[i + 2 : i + 5]):
                    return i
                i, noun = i + 1, False
            elif word == "following":
                if not any(self._is("cause", w) for w in words[i + 1 : i + 4]):
                    return i
                noun = False
            elif word == "in" and words[i + 1] == "situ":
                pass
            elif token[0] == "#":
                if not token.startswith("#NUM") or not i or not self._numbered(words[i - 1]):
                    return i
            elif (
                not token[0].isalnum()
                or (headed and (token == "a" or "after" in kinds))
                or ("end" in kinds and not (i and self._is("adverb", words[i - 1])))
                or (headed and _ADVERB.fullmatch(word))
            ):
                return i
            elif self._head(token, word):
                headed, noun = True, noun or self._noun(word)
            elif noun and word != "of" and not self._numbered(word) and self._chunk(tokens, words, i) is None:
                return i  # behind its noun a name goes on with words of another
            i += 1
        return min(i, len(tokens))

    def _head(self, token: str, word: str) -> bool:
        return self._noun(word) or _ABBREVIATION.fullmatch(token) is not None

    def _noun(self, word: str) -> bool:
        return self._is("head", word) or _HEAD.fullmatch(word) is not None

    def _chunk(self, tokens: list[tuple[str, int, int]], words: list[str], i: int) -> int | None:
        """Behind the head of the plain words at ``i``, ``None`` where they have none."""
        found, most = None, min(i + _AHEAD, len(tokens))
        while i < most:
            token, word = tokens[i][0], words[i]
            if token == "(" and words[i + 2] == ")":
                i += 3
                continue
            paired = i > 0 and (words[i - 1], words[i + 1]) in _PAIRS
            paired = paired or (found is None and self._adjective(words[i + 1]))
            if token == "#NUM" and i and self._numbered(words[i - 1]):
                i += 1
                continue
            if (
                not token[0].isalnum()
                or self._is("end", word)
                or token in _NO_CHUNK
                or (word in _CONJUNCTIONS and not paired)
            ):
                break
            if self._head(token, word):
                found = i + 1
            i += 1
        return found

    def _numbered(self, word: str) -> bool:
        return self._is("numbered", word.rstrip("-0123456789"))

    def _adjective(self, word: str) -> bool:
        return all(self._is("adjective", part) or self._is("degree", part) for part in word.split("/"))

    def _ends_soon(self, words: list[str], i: int) -> bool:
        """Whether two plain words at most stand before the next mark."""
        return any(words[k] in _MARKS for k in (i + 1, i + 2)) and words[i] not in _MARKS

    def _goes_on(self, tokens: list[tuple[str, int, int]], words: list[str], i: int) -> bool:
        """Whether a name goes on behind its brackets: "lavorin (LAV) amyloidosis", "disease (LD) and tessolin syndrome"."""
        if words[i] in _CONJUNCTIONS:
            return not self._is("verb", words[i + 1]) and (
                self._chunk(tokens, words, i + 1) is not None or self._ends_soon(words, i + 1)
            )
        return (
            not words[i].endswith("ing")
            and not self._is("after", words[i])
            and self._chunk(tokens, words, i) is not None
        )

    def _list_goes_on(
        self, tokens: list[tuple[str, int, int]], words: list[str], i: int, headed: bool
    ) -> bool:
        """Whether what follows a comma belongs to the name: an adjective of it, or diseases in a row up to "and" or "or"."""
        if words[i] in _CONJUNCTIONS:
            if not headed or self._is("verb", words[i + 1]) or self._chunk(tokens, words, i + 1) is None:
                return False
            return words[i] == "and" or not _ABBREVIATION.fullmatch(tokens[i + 1][0])
        if not headed:
            if self._adjective(words[i]):
                return True
            behind = self._chunk(tokens, words, i)
            plain = all(self._adjective(word) for word in words[: i - 1])
            return behind is not None and (plain or self._noun(words[behind - 1]))
        for _ in range(6):
            behind = self._chunk(tokens, words, i)
            if behind is None:
                return False
            if words[behind] in _CONJUNCTIONS:
                return (
                    not self._is("verb", words[behind + 1])
                    and self._chunk(tokens, words, behind + 1) is not None
                )
            if words[behind] != ",":
                return False
            i = behind + 1
            if words[i] in _CONJUNCTIONS:
                return self._chunk(tokens, words, i + 1) is not None
        return False


def _initials(tokens: list[tuple[str, int, int]], abbreviation: str) -> bool:
    """Whether the first and the last letter of ``abbreviation`` begin words before it."""
    letters = "".join(token[0] for token, _, _ in tokens if token[0].isalpha()).lower()
    return abbreviation[-1:].lower() in letters and abbreviation[:1].lower() in letters
