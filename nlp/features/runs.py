"""Look runs of words up without building them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nlp.features.terms import RUNS, word_of

__all__ = ["RunLookup"]

_MOST = 20_000  # tokens remembered
_LONG = 40  # characters; longer tokens are hardly met twice


class RunLookup:
    """Columns of the runs of words that are terms. ``terms``: column by term, for each field of ``RUNS``.

    Words have numbers, and the key of a run is made of the numbers of its words: joining pairs of words into
    strings, of which few are terms, and hashing these was most of scoring.

    >>> lookup = RunLookup({"headline": {"phase": 0, "phase trial": 1}, "opening": {"trial": 2}})
    >>> lookup.columns(["a", "phase", "trial"], ["headline", "opening"])
    [0, 1, 2]
    """

    def __init__(self, terms: Mapping[str, Mapping[str, int]]) -> None:
        runs = {field: [(term.split(" "), column) for term, column in terms[field].items()] for field in RUNS}
        words = {word: None for known in runs.values() for run, _ in known for word in run}
        self._number = _Numbers({word: i for i, word in enumerate(words, 1)})
        self._base = len(words) + 1
        self._columns: dict[str, list[dict[int, int]]] = {}  # for a field, by length: column by key
        for field, longest in RUNS.items():
            tables: list[dict[int, int]] = [{} for _ in range(longest)]
            for run, column in runs[field]:
                if len(run) <= longest:
                    tables[len(run) - 1][self._key(run)] = column
            self._columns[field] = tables

    def _key(self, run: Sequence[str]) -> int:
        key = 0
        for word in run:
            key = key * self._base + self._number.known[word]
        return key

    def columns(self, tokens: Sequence[str], fields: Sequence[str]) -> list[int]:
        """Columns of the runs in the words of ``tokens``, by field and length, repeats included."""
        base = self._base
        numbers = list(map(self._number.__getitem__, tokens))
        found: list[int] = []
        for field in fields:
            keys = numbers
            for n, table in enumerate(self._columns[field]):
                if n:
                    keys = [a * base + b for a, b in zip(keys, numbers[n:], strict=False)]
                found += [table[key] for key in keys if key in table]
        return found


class _Numbers(dict[str, int]):
    """The number of a token's word, remembered by the token as it is written. 0: its word is in no term, so in no key."""

    def __init__(self, known: Mapping[str, int]) -> None:
        super().__init__()
        self.known = known

    def __missing__(self, token: str) -> int:
        number = self.known.get(word_of(token), 0)
        if len(token) < _LONG:
            if len(self) >= _MOST:
                self.clear()
            self[token] = number
        return number
