"""Join the names of one drug: "BRAND (generic)", "XX-101, formerly YY-202", and what the lexicon knows of brands."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from nlp.entities import Drug, DrugKind, Mention
from nlp.entities.drug_names import fold

__all__ = ["Found", "join_names"]

_GAP = 60  # characters between two names that a joining phrase may take
_MARKS = re.compile(r"[®™]|\((?:R|TM)\)")
_GAPS = re.compile(r"[\s-]")
_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "01234567890123456789")
_BIOSIMILAR = re.compile(
    r"(?i)biosimilars?|interchangeable|generic (?:version|equivalent)|reference product|comparator"
)


class Found(NamedTuple):
    """One occurrence of a name, before names are joined. ``generic``: what the lexicon says the name stands for."""

    start: int
    end: int
    kind: DrugKind
    rule: str
    generic: str = ""


class _Similar:
    """Whether the text speaks of biosimilars; read when first asked."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._told: bool | None = None

    def __call__(self) -> bool:
        if self._told is None:
            self._told = _BIOSIMILAR.search(self._text) is not None
        return self._told


class _Groups:
    """Union of names; a group never takes in a second brand (or code) unless the text itself joins them."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._size: dict[str, int] = {}
        self._marked: dict[str, int] = {}

    def add(self, name: str, marked: bool) -> None:
        """A group of one. ``marked``: a brand or a code."""
        self._parent[name], self._size[name], self._marked[name] = name, 1, int(marked)

    def size(self, name: str) -> int:
        """Names in the group of ``name``."""
        return self._size[self.top(name)]

    def marked(self, name: str) -> int:
        """Brands and codes in the group of ``name``."""
        return self._marked[self.top(name)]

    def top(self, name: str) -> str:
        parent = self._parent[name]
        while parent != self._parent[parent]:
            parent = self._parent[parent]
        return parent

    def join(self, one: str, other: str) -> None:
        head, tail = self.top(one), self.top(other)
        if head != tail:
            self._parent[tail] = head
            self._size[head] += self._size[tail]
            self._marked[head] += self._marked[tail]


def join_names(text: str, found: Sequence[Found], joins: Any) -> tuple[Drug, ...]:
    """One ``Drug`` for all names that the text, or the lexicon, says are one; in order of first mention."""
    if not found:
        return ()
    ordered = sorted(found, key=lambda f: f.start)
    groups = _Groups()
    names: dict[str, list[Found]] = {}
    for item in ordered:
        names.setdefault(name_key(text[item.start : item.end]), []).append(item)
    keys = list(names)
    for key in keys:
        groups.add(key, names[key][0].kind != "inn")
    similar = _Similar(text)
    for left, right in itertools.pairwise(ordered):
        gap = text[left.end : right.start]
        if len(gap) <= _GAP and joins.search(gap) and _closes(text, right, gap, ordered):
            _join_if_one(groups, text, left, right, similar)
    _join_known(groups, names, similar)
    members: dict[str, list[str]] = {}
    for key in keys:
        members.setdefault(groups.top(key), []).append(key)
    return tuple(_drug(text, [names[key] for key in group]) for group in members.values())


@lru_cache(maxsize=8192)  # a release says its few names again and again
def name_key(name: str) -> str:
    """Names that differ in case, hyphens or spaces only are one name.

    >>> name_key("CLR 131") == name_key("clr-131")
    True
    """
    return _GAPS.sub("", fold(_MARKS.sub("", name)))


def plain_name(name: str) -> str:
    """A name without marks, on one line, its raised and lowered digits plain.

    >>> plain_name("ZORVEXA® 20"), plain_name("¹⁷⁷Lu-ZOR-101")
    ('ZORVEXA 20', '177Lu-ZOR-101')
    """
    if name.isascii() and "(" not in name and "\n" not in name:
        return name
    return " ".join(_MARKS.sub(" ", name).translate(_DIGITS).split())


def _closes(text: str, right: Found, gap: str, ordered: Sequence[Found]) -> bool:
    """True where ``right`` is the only name in the parenthesis that the gap opens (a list there is a combination)."""
    if "(" not in gap and "[" not in gap:
        return True
    close = min((i for i in (text.find(")", right.end), text.find("]", right.end)) if i >= 0), default=-1)
    if close < 0 or close - right.end > _GAP * 2:
        return False
    inside = text[right.end : close]
    return not re.search(r"(?i)^\s*(?:[/+]|and\b|plus\b|with\b)", inside)


def _join_if_one(
    groups: _Groups,
    text: str,
    left: Found,
    right: Found,
    similar: Callable[[], bool],
) -> None:
    one, other = name_key(text[left.start : left.end]), name_key(text[right.start : right.end])
    if groups.top(one) == groups.top(other):
        return
    # a biosimilar shares the generic name, not the drug
    if groups.marked(one) + groups.marked(other) > 1 and similar():
        return
    groups.join(one, other)


def _join_known(groups: _Groups, names: Mapping[str, list[Found]], similar: Callable[[], bool]) -> None:
    taken: set[str] = set()
    for key, items in names.items():
        generic = name_key(items[0].generic) if items[0].generic else ""
        if not generic or generic not in names or groups.top(generic) == groups.top(key):
            continue
        if generic in taken or (groups.size(generic) > 1 and similar()):
            continue
        taken.add(generic)
        groups.join(key, generic)


def _drug(text: str, group: Sequence[Sequence[Found]]) -> Drug:
    """The name that is written most often leads (the first of them on a tie); other spellings of a name are aliases."""
    best = max(group, key=len)
    surfaces: dict[str, None] = {}
    for items in [best, *(g for g in group if g is not best)]:
        for item in items:
            surfaces.setdefault(plain_name(text[item.start : item.end]), None)
    seen: set[str] = set()
    distinct = [s for s in surfaces if not (name_key(s) in seen or seen.add(name_key(s)))]  # type: ignore[func-returns-value]
    mentions = sorted((item for items in group for item in items), key=lambda f: f.start)
    return Drug(
        name=distinct[0],
        kind=best[0].kind,
        aliases=tuple(distinct[1:]),
        rule=best[0].rule,
        mentions=tuple(Mention(text[m.start : m.end], m.start, m.end) for m in mentions),
    )
