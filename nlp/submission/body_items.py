"""Items of an 8-K read from its own text, for headers that name none (many before 2002, and lost headers).

An item counts where its number stands at the start of a line or cell with a word of its title after it ("Item 5. Other
Events", "ITEM 7. EXHIBITS"): a mention inside a sentence has no title behind it. Items that say "not applicable" or "none" are left
out, as forms before 2004 often list all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from itertools import pairwise

from nlp.rulebook import default_rulebook
from nlp.submission.header import decode_header
from nlp.submission.items import OLD_ITEMS_UNTIL

__all__ = ["items_in_body"]

_PREFIX = 300_000  # bytes of the form looked at; its exhibits are documents of their own
# fmt: off
_STOP = frozenset(
    ["a", "an", "and", "as", "at", "by", "for", "from", "in", "into", "of", "on", "or", "that", "the", "to", "under", "with"]
)
# fmt: on
_SHORT = 400  # characters of an item with its title; a longer one tells something
_INLINE = re.compile(r"</?(?:b|i|u|em|strong|font|span|a|sup|small)\b[^<>]{0,2000}>", re.I)
_TAG = re.compile(r"<[/!?a-zA-Z][^<>]{0,4000}>")
_ITEM = re.compile(
    r"^[ \t*•|]{0,80}+(?i:items?)\s{0,40}(\d{1,2}(?:\.\d\d)?)(?![\d.]*\d)(?:\([a-z]\)){0,2}[\s.:)*–—-]{1,80}(?P<title>[“\"(]?[A-Z][^\n]{2,160})",
    re.M,
)
_LEADERS = re.compile(r"[\s.]{3,80}\d{0,3}\Z")
_NOTHING = re.compile(r"(?i)\b(?:not applicable|inapplicable|none|n/a)\b[\s.]{0,40}\Z")


def items_in_body(
    body: bytes, *, html: bool = False, filed_on: str | None = None
) -> tuple[tuple[str, str], ...]:
    """Numbers and titles of the items in the text of a Form 8-K, in order, each once.

    Both numberings are known (5 until 22 August 2004, 8.01 since); ``filed_on`` (ISO date) says which, without it
    the number itself. Time is linear in the length, of which the first 300 KB count.

    >>> items_in_body(b"<p><b>Item 8.01.</b> Other Events.</p><p>On May 2, under Item 7.01 of our report", html=True)
    (('8.01', 'Other Events'),)
    """
    text = decode_header(body[:_PREFIX])
    if html:
        text = _TAG.sub("\n", _INLINE.sub("", _without_comments(" ".join(text.split()))))
    text = unescape(text).replace("\xa0", " ").replace("\r", "\n")
    era = None if filed_on is None else "old" if filed_on <= OLD_ITEMS_UNTIL else "new"
    found: dict[str, str] = {}
    matches = [match for match in _ITEM.finditer(text) if _is_titled(match, era)]
    for match, end in _with_ends(matches, len(text)):
        said = text[match.start() : end].strip()
        if len(said) > _SHORT or not _NOTHING.search(said):
            found.setdefault(match[1], _LEADERS.sub("", " ".join(match["title"].split())).rstrip(" ."))
    return tuple(found.items())


def _without_comments(markup: str) -> str:
    first, *rest = markup.split("<!--")
    return first + "".join(part.rpartition("-->")[2] for part in rest)


def _with_ends(matches: list[re.Match[str]], last: int) -> Iterator[tuple[re.Match[str], int]]:
    for match, after in pairwise(matches):
        yield match, after.start()
    if matches:
        yield matches[-1], last


def _is_titled(match: re.Match[str], era: str | None) -> bool:
    number = match[1]
    if era is not None and era != ("new" if "." in number else "old"):
        return False
    first = next(iter(_stems(match["title"])), "")
    return first not in _STOP and first in _titles().get(number, ())


def _stems(title: str) -> list[str]:
    return [word.removesuffix("s") for word in re.findall(r"[a-z]+", title.lower())]


@cache
def _titles() -> dict[str, frozenset[str]]:
    """For each number, the words that its titles are made of."""
    titles: dict[str, set[str]] = {}
    for row in default_rulebook().lexicon("form8k_items"):
        titles.setdefault(row["number"], set()).update(_stems(row["name"]))
    return {number: frozenset(words) for number, words in titles.items()}
