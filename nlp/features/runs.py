"""Look runs of words up without building them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from nlp.features.terms import RUNS, Passage, word_of

__all__ = ["RunLookup"]

_MOST = 20_000  # tokens remembered
_LONG = 40  # characters; longer tokens are hardly met twice
_BREAK = ""  # stands between passages; no token, so in no run
_LAST = np.iinfo(np.int64).max  # stands behind the largest key

Ints = npt.NDArray[np.int64]


class RunLookup:
    """Columns of the runs of words that are terms. ``terms``: column by term, for each field of ``RUNS``.

    Words have numbers, and the key of a run is made of the numbers of its words: joining words into strings, of
    which few are terms, and hashing these was most of scoring. All runs of a release are looked up at once in
    one sorted array. Raises ``ValueError`` where there are too many words for keys of 64 bits.

    >>> from nlp.features import Passage
    >>> from nlp.text import Span
    >>> lookup = RunLookup({"headline": {"phase": 0, "phase trial": 1}, "opening": {"trial": 2}})
    >>> columns, owner = lookup.columns([Passage(Span(0, 13), ["A", "Phase", "trial"], ("headline", "opening"), {})])
    >>> columns.tolist(), owner.tolist()
    ([0, 2, 1], [0, 0, 0])
    """

    def __init__(self, terms: Mapping[str, Mapping[str, int]]) -> None:
        runs = {field: [(term.split(" "), column) for term, column in terms[field].items()] for field in RUNS}
        words = {
            word: i
            for i, word in enumerate({w: 0 for known in runs.values() for run, _ in known for w in run}, 1)
        }
        self._base = len(words) + 1  # 0: a word that is in no term
        shapes = [(field, n) for field, longest in RUNS.items() for n in range(2, longest + 1)]
        self._shapes = {
            field: [(n, shapes.index((field, n))) for n in range(2, RUNS[field] + 1)] for field in RUNS
        }
        self._scale = len(shapes)
        if self._scale * self._base ** max(RUNS.values()) >= _LAST:
            raise ValueError(f"{len(words):,} words are too many for runs of {max(RUNS.values())}")
        self._numbers = _Numbers(words)
        self._single = {field: np.full(self._base, -1, dtype=np.int64) for field in RUNS}
        found: dict[int, int] = {_LAST: -1}
        base, scale = self._base, self._scale
        for field in RUNS:
            single = self._single[field]
            shape_of = dict(self._shapes[field])
            for run, column in runs[field]:
                key = words[run[0]]
                if len(run) == 1:
                    single[key] = column
                elif len(run) in shape_of:
                    for word in run[1:]:
                        key = key * base + words[word]
                    found[key * scale + shape_of[len(run)]] = column
        self._keys = np.array(sorted(found), dtype=np.int64)
        self._columns = np.array([found[key] for key in sorted(found)], dtype=np.int64)

    def columns(self, said: Sequence[Passage]) -> tuple[Ints, Ints]:
        """Columns of the runs in the passages, repeats included, and the passage that each is of.

        The passages that count for a field stand side by side: the headline alone, or all of the opening.
        """
        tokens: list[str] = []
        owners: list[int] = []
        ends: list[int] = []
        for i, passage in enumerate(said):
            tokens += passage.tokens
            tokens.append(_BREAK)
            ends.append(len(tokens))
            owners += [i] * (len(tokens) - len(owners))
        numbers = np.array(list(map(self._numbers.__getitem__, tokens)), dtype=np.int64)
        owner = np.array(owners, dtype=np.int64)
        pairs = numbers[:-1] * self._base + numbers[1:]
        singles, queries, single_owner, query_owner = [], [], [], []
        for field, shapes in self._shapes.items():
            of = [i for i, passage in enumerate(said) if field in passage.fields]
            if not of:
                continue
            start, stop = ends[of[0] - 1] if of[0] else 0, ends[of[-1]]
            singles.append(self._single[field].take(numbers[start:stop]))
            single_owner.append(owner[start:stop])
            keys = pairs[start : stop - 1]
            for n, shape in shapes:
                if n > 2:
                    keys = keys[:-1] * self._base + numbers[start + n - 1 : stop]
                queries.append(keys * self._scale + shape)
                query_owner.append(owner[start : stop - n + 1])
        if not singles:
            nothing = np.zeros(0, dtype=np.int64)
            return nothing, nothing
        wanted = np.concatenate(queries)
        at = self._keys.searchsorted(wanted)
        at[self._keys.take(at) != wanted] = -1  # the column of the last key, which is none
        columns = np.concatenate([*singles, self._columns.take(at, mode="wrap")])
        known = (columns >= 0).nonzero()[0]
        return columns.take(known), np.concatenate([*single_owner, *query_owner]).take(known)


class _Numbers(dict[str, int]):
    """The number of a token's word, remembered by the token as it is written; 0 where its word is in no term."""

    def __init__(self, known: Mapping[str, int]) -> None:
        super().__init__()
        self._known = known

    def __missing__(self, token: str) -> int:
        number = self._known.get(word_of(token), 0) if token != _BREAK else 0
        if len(token) < _LONG:
            if len(self) >= _MOST:
                self.clear()
            self[token] = number
        return number
