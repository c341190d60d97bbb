"""Whether a region is told of in an aside or of another time, so that no rights of the deal hang on it.

Rules (``rules/terms.jsonl``) find regions behind words of rights and selling, however far those stand. Behind a comma that opens an aside ("…, one of
the largest hospitals in Japan"; "…, which has run trials in Japan") the evidence must be nearer: a word of rights or selling has to stand again
between that comma and the region. A region set off by a comma of its own ("…, an ointment, in Japan") belongs to the whole clause.
A sentence of what was before, is planned or stands already ("the existing agreement for Japan") needs words that announce something.
Words are data (``lexicons/territory_words.tsv``; its classes are explained in ``rules/labels.toml``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from nlp.errors import RuleError
from nlp.rulebook import one_of

__all__ = ["Territories"]

_TABLE = "territory_words"
_WORD = re.compile(r"(?:#year|[a-z][a-z'-]*(?: [a-z][a-z'-]*)*\*?)")
_BACK = 240  # bytes read back; asides are shorter
# how the region is joined on; nothing else ("ex-Japan rights") hangs on what stands before
_JOINED = re.compile(
    rb"(?P<own>,)? (?:in|for|to|of|across|throughout|within|outside(?: of)?|(?:in )?(?:[\w#]+ ){0,2}(?:countries|markets|territories|regions|parts|rest) (?:of|in|across))(?: the)? ?\Z"
)


class Territories:
    """Tells regions in asides; ``rows`` as the lexicon gives them (``word``, ``class``). Raises ``RuleError`` for a wrong one, with its line.

    >>> from nlp.rulebook import default_rulebook
    >>> territories = Territories(default_rulebook().lexicon("territory_words"))
    >>> line = b"a licence with Halden, a company with offices in REGION_, to sell the cream in REGION_"
    >>> [territories.aside(line, place) for place in (49, 79)]
    [True, False]
    """

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        words: dict[str, set[str]] = {"right": set(), "aside": set(), "doubt": set(), "news": set()}
        for number, row in enumerate(rows, 2):
            word, kind = row["word"], row["class"]
            if not _WORD.fullmatch(word):
                raise RuleError(
                    f"{_TABLE}.tsv, line {number}: {word!r}; write words in lower case, a * only at their end"
                )
            words.setdefault(kind, set()).add(word)
        self._right = _pattern(r"\b", words["right"])
        self._opens = _pattern(r", \(?", words["aside"])
        self._doubt = _pattern(r"(?<!\w)", words["doubt"])
        self._news = _pattern(r"\b", words["news"])

    def doubtful(self, line: bytes) -> bool:
        """Whether the masked ``line`` seems to tell of another time ("the existing agreement for REGION_") and of nothing that is announced."""
        if self._doubt is None or self._news is None:
            return False
        return self._doubt.search(line) is not None and self._news.search(line) is None

    def aside(self, line: bytes, place: int) -> bool:
        """Whether the region at ``place`` of the masked ``line`` stands in an aside that tells of no rights."""
        if self._opens is None or self._right is None:
            return False
        first = max(0, place - _BACK)
        joined = _JOINED.search(line, first, place)
        if joined is None or joined["own"]:
            return False
        opened = -1
        for match in self._opens.finditer(line, first, joined.start()):
            opened = match.end()
        return opened >= 0 and self._right.search(line, opened, place) is None


def _pattern(before: str, words: set[str]) -> re.Pattern[bytes] | None:
    return re.compile(rf"(?i){before}{one_of(words)}".encode()) if words else None
