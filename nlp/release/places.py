"""Read the place a dateline names: its words, where it ends, its region."""

from __future__ import annotations

import re

from nlp.release.dates import DATE, DATE_TEXT, UNNAMED_DATE, trie

__all__ = ["BRACKETED_REGION", "STRONG", "city_and_region", "read_place"]

# of a separator: what may end a dateline
STRONG = re.compile(r"--|[–—…/]|\s-\s|-\s|^-|\.\.\.|&#821[12];|&[mn]dash;|:\s|\|")
_PLACE_END = re.compile(
    rf"\s*(?:--|[–—…|]|\s-\s|-\s|-(?=\()|\.\.\.|&#821[12];|\s/|/(?=[A-Z]{3}|PR|\s)|[,.;\s]\s*\(?(?={DATE_TEXT}|\d\d?:\d\d )|\()",
    re.I,
)
_PLACE_END_SIGN = re.compile(r"[-–—…|/(&\d]|\.\.\.")  # each alternative above holds one: a date its digits
_LOWER_WORD = re.compile(r"[,\s]([a-zß-ÿ][^,\s]*)")
_PLACE_START = re.compile(r"[^\W\d_a-zß-ÿ]")
_PLACE_WORD = re.compile(r"[^\W\d_a-zß-ÿ][\w.'’`-]*(?:/[A-Z][\w.'’-]*)?$")
# fmt: off
_CONNECTORS = frozenset(
    [
        "and", "de", "del", "der", "den", "di", "da", "do", "dos", "la", "le", "les", "las", "los",
        "of", "the", "am", "an", "im", "in", "sur", "sous", "upon", "on", "en", "&", "&&", "et",
        "und", "y", "e", "bei", "près",
    ]
)
# fmt: on
_NEVER_FIRST = frozenset(["on", "in", "an", "am", "as", "at", "of", "and", "upon"])
# fmt: off
_NO_PLACES = (
    "inc", "corp", "corporation", "ltd", "llc", "plc", "company", "announce", "announces",
        "announced", "report", "reports", "release", "releases", "result", "results", "contact",
        "contacts", "exhibit", "news", "press", "today", "about", "therapeutics", "bioscience",
        "biosciences", "note", "update", "phase", "trial", "fda", "source", "date", "phone",
        "first", "second", "third", "fourth", "quarter", "ceo", "president", "media", "investor",
        "investors", "financial", "highlight", "highlights", "study", "data", "dated", "prospectus",
        "agreement", "notes", "gentlemen", "conference", "call",
    )
# fmt: on
_NOT_PLACE = re.compile(rf"(?i)\b(?:{trie(_NO_PLACES)}|pharma\w*|biotech\w*|tel(?! aviv)|the company)\b")
# "Lyon (France)", "Lyon (France) and Basel (Switzerland)": the region in brackets, before a date or a dash
BRACKETED_REGION = re.compile(
    r"\s?\((?P<region>[A-Z][\w .'’-]{1,28})\)(?:\s(?:and|&|et|und)\s[A-Z][\w .'’-]{2,30}(?:\s?\([A-Z][\w .'’-]{1,28}\))?)?"
    rf"(?=[,;:\s]{{0,3}}(?i:[-–—]|{UNNAMED_DATE}))",
)
_ABBREVIATED = re.compile(r"[,.]\s?[A-Z][a-z]{0,4}\.$")


def read_place(text: str, position: int, stop: int, late: bool) -> tuple[str, int] | None:
    """The place at ``position`` and where it ends. ``late``: behind a date or wire and its dash, where only a place with its
    region counts."""
    if not _PLACE_START.match(text, position, stop):
        return None
    limit = min(stop, position + 130)
    sign = _PLACE_END_SIGN.search(text, position + 2, limit)
    clear = sign.start() if sign else limit
    if _no_place(text, position, clear, limit):
        return None
    match = _PLACE_END.search(text, position + 2, limit) if sign else None
    stop = match.start() if match else limit
    candidate = text[position:stop]
    if not match:
        if len(text) > stop and stop - position >= 130:
            return None
        candidate = candidate.split("\n", 1)[0]
    written = candidate.rstrip(" ,.;\n-") + (
        "."
        if _ABBREVIATED.search(candidate.rstrip(" ,\n") + ("." if text.startswith(".", stop) else ""))
        else ""
    )
    words = re.split(r"[,\s]+", written)
    if not words or len(words) > 12 or "\n\n" in candidate or (stop > clear and _NOT_PLACE.search(written)):
        return None
    if any(not _PLACE_WORD.match(w) and w.lower() not in _CONNECTORS for w in words) or not _PLACE_WORD.match(
        words[0]
    ):
        return None
    if words[0].lower() in _NEVER_FIRST or (
        late and not ("," in written and match and STRONG.search(match.group()))
    ):
        return None
    return " ".join(written.split()), position + len(candidate.rstrip())


def _no_place(text: str, position: int, clear: int, limit: int) -> bool:
    """Whether a word that no place has stands before the first sign that may end one: what most paragraphs show at once."""
    for word in _LOWER_WORD.finditer(text, position, clear):
        if word[1].lower() not in _CONNECTORS:
            if not DATE.match(text, word.start(1), limit):
                return True
            break
    return _NOT_PLACE.search(text, position, clear) is not None


def city_and_region(place: str | None) -> tuple[str | None, str | None]:
    """City and region of the first place named."""
    if not place:
        return None, None
    # the second form: blanks lost at a link's edge
    first = re.split(r"\s(?i:and|&{1,2}|et|und)\s|(?<=[A-Z]{3})and(?=[A-Z]{2})", place, maxsplit=1)[0]
    city, _, region = first.partition(",")
    # "ZURICH/SCHLIEREN, Switzerland" shares its region, "Fukuoka, Japan/New York" does not
    return city.split("/")[0].strip() or None, re.split(r"/(?=[A-Z])", region)[0].strip(" ,") or None
