"""Measure the rule layer against labels: precision, recall and F1 a kind, with the commonest misses and false hits.

Sets of keys are compared document by document, so the same functions serve drugs (a name), counterparties (a name) and
counterparties with roles (a name and a role).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nlp.entities import Drug

__all__ = ["Tally", "drug_names", "kind_of_name", "normal_name", "tally"]

_MARKS = re.compile(r"[®™]|\((?:R|TM)\)")
_GAPS = re.compile(r"[\s‐‑–-]+")


@dataclass
class Tally:
    """Counts over documents. ``missed`` and ``false`` count keys, for the reports of what goes wrong most often."""

    hits: Counter[str] = field(default_factory=Counter)
    false: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: Counter[tuple[str, str]] = field(default_factory=Counter)

    def scores(self, kind: str | None = None) -> tuple[float, float, float]:
        """Precision, recall and F1, of one kind or of all; 0.0 where nothing was found or wanted."""
        hits = sum(n for k, n in self.hits.items() if kind in (None, k))
        false = sum(n for (k, _), n in self.false.items() if kind in (None, k))
        missed = sum(n for (k, _), n in self.missed.items() if kind in (None, k))
        precision = hits / (hits + false) if hits + false else 0.0
        recall = hits / (hits + missed) if hits + missed else 0.0
        return precision, recall, 2 * precision * recall / (precision + recall) if hits else 0.0


def normal_name(name: str) -> str:
    """A drug's name for comparison: case, marks, hyphens and spaces ignored.

    >>> normal_name("CLR-131®") == normal_name("clr 131")
    True
    """
    return _GAPS.sub("", _MARKS.sub("", name)).casefold()


def kind_of_name(name: str) -> str:
    """Kind of a label, which states none: ``code`` with a digit, ``inn`` in lower case, ``brand`` otherwise."""
    return "code" if any(c.isdigit() for c in name) else "inn" if name[:1].islower() else "brand"


def drug_names(drugs: Iterable[Drug], limit: int | None = None) -> dict[str, str]:
    """Normal name to kind of all names mentioned before character ``limit``."""
    return {
        normal_name(m.text): kind_of_name(m.text)
        for d in drugs
        for m in d.mentions
        if limit is None or m.start < limit
    }


def tally(pairs: Iterable[tuple[Mapping[str, str], Mapping[str, str]]]) -> Tally:
    """Compare ``(wanted, found)`` of each document: both map a key to its kind.

    >>> tally([({"a": "inn", "b": "code"}, {"a": "inn", "c": "brand"})]).scores()
    (0.5, 0.5, 0.5)
    """
    result = Tally()
    for wanted, found in pairs:
        for key, kind in wanted.items():
            if key in found:
                result.hits[kind] += 1
            else:
                result.missed[kind, key] += 1
        for key, kind in found.items():
            if key not in wanted:
                result.false[kind, key] += 1
    return result
