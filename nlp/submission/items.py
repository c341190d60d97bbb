"""Numbers of Form 8-K items, from the names and numbers that headers use.

The list is ``nlp/resources/lexicons/form8k_items.tsv``. Release 33-8400 renumbered the items on 23 August 2004; some
names ("Regulation FD Disclosure", "Other events") exist on both sides, so the date decides, and without one the
spelling: EDGAR wrote the old names in sentence case and the new ones in title case.
"""

from __future__ import annotations

import re
from functools import cache

from nlp.rulebook import default_rulebook

__all__ = ["OLD_ITEMS_UNTIL", "item_number"]

OLD_ITEMS_UNTIL = "2004-08-22"
_NEW = re.compile(r"([1-9])\.(\d{2})\b")
_OLD = re.compile(r"(1[0-3]|[1-9])\b(?!\.\d)")


def item_number(name: str, *, old: bool | None = None) -> str | None:
    """The number of an item given by name or number, or ``None``.

    ``old``: whether the filing was made before 23 August 2004 (``None``: not known).

    >>> item_number("Regulation FD Disclosure", old=False), item_number("Other events", old=True), item_number("Item 5.")
    ('7.01', '5', '5')
    """
    text = re.sub(r"(?i)^\s*item\s+", "", name).strip()
    if found := _NEW.match(text):
        return found.group()
    if found := _OLD.match(text):
        return found.group(1)
    exact, folded = _names()
    if old is None and text in exact:
        return exact[text]
    key = _fold(text)
    for era in {True: ("old", "new"), False: ("new", "old"), None: ("new", "old")}[old]:
        if (era, key) in folded:
            return folded[era, key]
        # Long titles are listed by their first nine words.
        if number := folded.get((era, _fold(" ".join(text.split()[:9])))):
            return number
    return None


def _fold(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()


@cache
def _names() -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    exact: dict[str, str] = {}
    folded: dict[tuple[str, str], str] = {}
    for row in default_rulebook().lexicon("form8k_items"):
        exact.setdefault(row["name"], row["number"])
        folded.setdefault((row["era"], _fold(row["name"])), row["number"])
    return exact, folded
