"""Look runs of words up without building them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat

from nlp.features.terms import RUNS

__all__ = ["RunLookup"]


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
        self._number = {word: i for i, word in enumerate(words, 1)}  # 0: in no term, so in no key
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
            key = key * self._base + self._number[word]
        return key

    def columns(self, words: Sequence[str], fields: Sequence[str]) -> list[int]:
        """Columns of the runs in ``words``, by field and length, repeats included."""
        base = self._base
        numbers = list(map(self._number.get, words, repeat(0)))
        found: list[int] = []
        for field in fields:
            keys = numbers
            for n, table in enumerate(self._columns[field]):
                if n:
                    keys = [a * base + b for a, b in zip(keys, numbers[n:], strict=False)]
                found += [table[key] for key in keys if key in table]
        return found
