"""Read datelines: place, date and wire in any order, with the many separators that wires have used.

A dateline is read token by token (place, date, wire, clock time, separator) rather than by one pattern, since
every pair of wires orders them otherwise. All matching is on a short slice, so the cost doesn't grow with the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date as calendar_date
from functools import cache

from nlp.release.types import Dateline
from nlp.rulebook import default_rulebook

__all__ = ["complete_date", "find_inner_dateline", "read_date", "read_dateline"]

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero gennaio januari",
            "feb february februar février fevrier febrero febbraio februari",
            "mar march märz maerz mars marzo maart",
            "apr april avril abril aprile",
            "may mai mayo maggio maj mei",
            "jun june juni juin junio giugno",
            "jul july juli juillet julio luglio",
            "aug august août aout agosto augusti augustus",
            "sep sept september septembre septiembre settembre",
            "oct october oktober octobre octubre ottobre okt",
            "nov november novembre noviembre",
            "dec december dezember décembre decembre diciembre dicembre dez",
        ),
        1,
    )
    for name in names.split()
}


def _trie(names: Iterable[str]) -> str:
    """A pattern for any of the names, branching letter by letter: an alternation of 70 names would be tried name by name."""
    by_letter: dict[str, list[str]] = {}
    for name in sorted(filter(None, names)):
        by_letter.setdefault(name[0], []).append(name[1:])
    inner = "|".join(re.escape(letter) + _trie(rest) for letter, rest in by_letter.items())
    return f"(?:{inner})" + ("?" if "" in names else "") if inner else ""


_MONTH = _trie(list(_MONTHS)) + r"\b\.?"
_DATE_TEXT = (
    rf"(?:(?=[mtwfs])(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?(?:"
    rf"(?P<m1>{_MONTH}),?\s{{0,3}}(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s?[-–/]\s?\d{{1,2}},)(?:\s?,?\s{{0,3}}(?P<y1>(?:19|20)\d\d)\b)?"
    rf"|(?:le\s+)?(?P<d2>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s{{0,3}}(?:de\s+)?(?P<m2>{_MONTH})(?:\s?,?\s{{0,3}}(?:de\s+)?(?P<y2>(?:19|20)\d\d)\b)?"
    r"|(?P<y3>(?:19|20)\d\d)-(?P<m3>\d\d)-(?P<d3>\d\d)\b"
    r"|(?P<m4>\d{1,2})/(?P<d4>\d{1,2})/(?P<y4>(?:19|20)?\d\d)\b)"
)
_DATE = re.compile(_DATE_TEXT, re.I)
_DATE_STARTS = frozenset("0123456789mtwfsl") | {name[0] for name in _MONTHS}
_DATE_REACH = 40  # characters of a date before or after its day
_TIME = re.compile(
    r"(?:@|at\s)?\s{0,2}\d{1,2}(?:[:.h]\d\d)?\s{0,2}(?:(?:a\.?m\.?|p\.?m\.?|uhr|h)(?:\s{0,2},?\s{0,2}\(?(?:(?:eastern|central|mountain|pacific)(?: (?:standard |daylight )?time)?|[A-Z][a-z]+ time|"
    r"(?:US|America|Europe|Asia)/\w+|[A-Z]{2,4})\b\)?)?|\s{0,2}(?:[CEMPG][A-Z]{0,2}T)\b)",
    re.I,
)
# A separator run; a dash, ellipsis or slash in it may end the dateline.
_SEPARATOR = re.compile(r"(?:[\s,;.()\[\]/|*_–—\-:…·•@]|&#821[12];|&[mn]dash;){1,24}")
_STRONG = re.compile(r"--|[–—…/]|\s-\s|-\s|^-|\.\.\.|&#821[12];|&[mn]dash;|:\s|\|")
_PLACE_END = re.compile(
    rf"\s*(?:--|[–—…|]|\s-\s|-\s|-(?=\()|\.\.\.|&#821[12];|\s/|/(?=[A-Z]{3}|PR|\s)|[,.;\s]\s*\(?(?={_DATE_TEXT}|\d\d?:\d\d )|\()",
    re.I,
)
_PLACE_END_SIGN = re.compile(r"[-–—…|/(&\d]|\.\.\.")  # each alternative above holds one: a date its digits
_LOWER_WORD = re.compile(r"[,\s]([a-zß-ÿ][^,\s]*)")
_PLACE_START = re.compile(r"[^\W\d_a-zß-ÿ]")
_PLACE_WORD = re.compile(r"[^\W\d_a-zß-ÿ][\w.'’`-]*(?:/[A-Z][\w.'’-]*)?$")
_CONNECTORS = frozenset(
    [
        "and",
        "de",
        "del",
        "der",
        "den",
        "di",
        "da",
        "do",
        "dos",
        "la",
        "le",
        "les",
        "las",
        "los",
        "of",
        "the",
        "am",
        "an",
        "im",
        "an",
        "in",
        "sur",
        "sous",
        "upon",
        "on",
        "en",
        "&",
        "&&",
        "et",
        "und",
        "y",
        "e",
        "bei",
        "près",
    ]
)
_NEVER_FIRST = frozenset(["on", "in", "an", "am", "as", "at", "of", "and", "upon"])
_NO_PLACES = [
    "inc",
    "corp",
    "corporation",
    "ltd",
    "llc",
    "plc",
    "company",
    "announce",
    "announces",
    "announced",
    "report",
    "reports",
    "release",
    "releases",
    "result",
    "results",
    "contact",
    "contacts",
    "exhibit",
    "news",
    "press",
    "today",
    "about",
    "therapeutics",
    "bioscience",
    "biosciences",
    "note",
    "update",
    "phase",
    "trial",
    "fda",
    "source",
    "date",
    "phone",
    "first",
    "second",
    "third",
    "fourth",
    "quarter",
    "ceo",
    "president",
    "media",
    "investor",
    "investors",
    "financial",
    "highlight",
    "highlights",
    "study",
    "data",
    "dated",
    "prospectus",
    "agreement",
    "notes",
    "gentlemen",
    "conference",
    "call",
]
_NOT_PLACE = re.compile(rf"(?i)\b(?:{_trie(_NO_PLACES)}|pharma\w*|biotech\w*|tel(?! aviv)|the company)\b")

# "Lyon (France)", "Lyon (France) and Basel (Switzerland)": the region in brackets, before a date or a dash
_BRACKETED_REGION = re.compile(
    r"\s?\((?P<region>[A-Z][\w .'’-]{1,28})\)(?:\s(?:and|&|et|und)\s[A-Z][\w .'’-]{2,30}(?:\s?\([A-Z][\w .'’-]{1,28}\))?)?"
    rf"(?=[,;:\s]{{0,3}}(?i:[-–—]|{re.sub(r'[?]P<[a-z][0-9]>', '?:', _DATE_TEXT)}))",
)
_INFORMATION = re.compile(r"(?i)(?:regulated|inside|privileged) information(?=[\s–—:;.-])")
_ABBREVIATED = re.compile(r"[,.]\s?[A-Z][a-z]{0,4}\.$")


@cache
def _wires() -> dict[str, re.Pattern[str]]:
    """By its first letter, any wire of the lexicon, with the suffixes wires append (``-FirstCall``, ``via COMTEX``)."""
    forms = {form for row in default_rulebook().lexicon("wires") for form in row["forms"].split("|")}
    patterns = {
        form: re.escape(form).replace(r"\ ", r"\s{0,2}") for form in sorted(forms, key=len, reverse=True)
    }
    names = "|".join(patterns.values())
    suffix = (
        rf"(?:-[A-Z]\w{{2,14}})?)(?![\w])(?:\s?(?:via|/)\s?(?:{names})\b)?(?:\s(?:Network|Inc\.))?"
        r"(?:\s\(Press Release[^()\n]{0,60}\))?"
    )
    found = {}
    for letter in {form[0].lower() for form in forms}:
        own = "|".join(pattern for form, pattern in patterns.items() if form[0].lower() == letter)
        found[letter] = re.compile(rf"(?P<wire>(?:{own}){suffix}", re.I)
    found["v"] = re.compile(rf"(?:via\s)?(?P<wire>(?:{names}){suffix}", re.I)
    return found


def _wire(text: str, position: int, stop: int) -> re.Match[str] | None:
    """The wire that stands exactly at ``position``."""
    pattern = _wires().get(text[position : position + 1].lower())
    return pattern.match(text, position, stop) if pattern else None


@dataclass(slots=True)
class _Parts:
    place: str | None = None
    date: str | None = None
    day: bool = False
    wire: str | None = None
    ended: bool = False


def read_date(text: str, start: int = 0, end: int | None = None) -> tuple[str | None, int] | None:
    """The date that starts exactly at ``start``: ISO (``None`` when the year is missing) and where it ends
    (with the clock time behind it, if any).

    >>> read_date("March 8, 2017 -- Acme")
    ('2017-03-08', 13)
    """
    stop = len(text) if end is None else end
    match = _DATE.match(text, start, stop)
    if match is None:
        return None
    clock = _TIME.match(text, match.end() + (text[match.end() : match.end() + 1] in (" ", ",")), stop)
    return _iso(match), (clock or match).end()


def _iso(match: re.Match[str]) -> str | None:
    year = match["y1"] or match["y2"] or match["y3"] or match["y4"]
    day = match["d1"] or match["d2"] or match["d3"] or match["d4"]
    month = match["m1"] or match["m2"] or match["m3"] or match["m4"]
    if year is None:
        return None
    if len(year) == 2:
        year = ("19" if int(year) > 60 else "20") + year
    number = int(month) if month.isdigit() else _MONTHS[month.rstrip(".").lower()]
    try:
        return calendar_date(int(year), number, int(day)).isoformat()
    except ValueError:
        return None


def complete_date(text: str, dateline: Dateline) -> str | None:
    """The ISO date of a dateline that names no year, when the text's head or tail has that day with a year."""
    match = _DATE.search(text, dateline.start, dateline.end)
    if match is None or dateline.date:
        return dateline.date
    day, month = match["d1"] or match["d2"], match["m1"] or match["m2"]
    if not day or not month:
        return None
    wanted = f"-{_MONTHS[month.rstrip('.').lower()]:02d}-{int(day):02d}"
    # Only around that day's number: a search for any date would cost more than all other sectioning.
    number = re.compile(rf"(?<!\d)0?{int(day)}(?!\d)")
    for start, end in ((0, min(len(text), 3000)), (max(0, len(text) - 3000), len(text))):
        for near in number.finditer(text, start, end):
            around = max(start, near.start() - _DATE_REACH), min(end, near.end() + _DATE_REACH)
            for other in _DATE.finditer(text, *around):
                iso = _iso(other)
                if iso and iso.endswith(wanted):
                    return iso
    return None


def read_dateline(text: str, start: int, end: int) -> Dateline | None:
    """The dateline at the very start of ``text[start:end]``, or ``None``. ``end`` of it is where the story begins.

    >>> line = "MALMÖ, Sweden, March 8, 2024 (GLOBE NEWSWIRE) -- Norvela AB"
    >>> found = read_dateline(line, 0, len(line))
    >>> found.city, found.region, found.date, found.wire, line[found.end :]
    ('MALMÖ', 'Sweden', '2024-03-08', 'GLOBE NEWSWIRE', 'Norvela AB')
    """
    stop = min(end, start + 260)
    parts = _Parts()
    separator = _SEPARATOR.match(text, start, stop)
    position = separator.end() if separator else start
    begin, last = position, position
    for _ in range(8):
        moved = _token(text, position, stop, parts, position == begin)
        if moved is None:
            break
        position = last = moved
        separator = _SEPARATOR.match(text, position, stop)
        if separator:
            run = separator.group()
            parts.ended = bool(_STRONG.search(run)) or (")" in run and bool(parts.day or parts.wire))
            position = separator.end()
        else:
            parts.ended = False
    if last == begin or not _plausible(text, position, stop, parts):
        return None
    # an opening quote or bracket that belongs to the story is not part of the dateline
    while position > last and text[position - 1] in "([*":
        position -= 1
    city, region = _city(parts.place)
    wire = " ".join(parts.wire.split()) if parts.wire else None
    return Dateline(start if begin - start > 3 else begin, position, city, parts.date, wire, region)


def _token(text: str, position: int, stop: int, parts: _Parts, first: bool) -> int | None:
    if (
        not parts.day
        and text[position : position + 1].lower() in _DATE_STARTS
        and (match := _DATE.match(text, position, stop))
    ):
        parts.date, parts.day = _iso(match), True
        return match.end()
    if (
        parts.wire is not None
        and text.startswith("via ", position)
        and (match := _wire(text, position, stop))
    ):
        return match.end()
    if (parts.day or parts.wire) and (match := _INFORMATION.match(text, position, stop)):
        return match.end()
    if (first or parts.day or parts.place) and (match := _TIME.match(text, position, stop)):
        return match.end()
    if parts.wire is None and (match := _wire(text, position, stop)):
        parts.wire = match["wire"]
        return match.end()
    if parts.place is None and (
        place := _place(text, position, stop, parts.ended and (parts.day or parts.wire is not None))
    ):
        parts.place, end = place
        beside = None if "," in parts.place else _BRACKETED_REGION.match(text, end, stop)
        if beside is None or _wire(beside["region"], 0, len(beside["region"])):
            return end
        parts.place = f"{parts.place}, {beside['region']}"
        return beside.end()
    return None


def _place(text: str, position: int, stop: int, late: bool) -> tuple[str, int] | None:
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
        late and not ("," in written and match and _STRONG.search(match.group()))
    ):
        return None
    return " ".join(written.split()), position + len(candidate.rstrip())


def _no_place(text: str, position: int, clear: int, limit: int) -> bool:
    """Whether a word that no place has stands before the first sign that may end one: what most paragraphs show at once."""
    if _NOT_PLACE.search(text, position, clear):
        return True
    for word in _LOWER_WORD.finditer(text, position, clear):
        if word[1].lower() not in _CONNECTORS:
            return not _DATE.match(text, word.start(1), limit)
    return False


def _plausible(text: str, position: int, stop: int, parts: _Parts) -> bool:
    follows = text[position : position + 1]
    if parts.wire and (parts.ended or parts.day or parts.place):
        return True
    if parts.place and parts.day:
        return True
    if parts.day:
        return parts.ended or position >= stop or not follows.strip()
    if parts.place and parts.ended and (follows or "," in parts.place):
        # a place and a dash alone: only in capitals, or with its state or country
        city = parts.place.split(",")[0]
        return (city.isupper() and len(city) > 3) or ("," in parts.place and len(parts.place.split()) <= 6)
    return False


def _city(place: str | None) -> tuple[str | None, str | None]:
    if not place:
        return None, None
    # the second form: blanks lost at a link's edge
    first = re.split(r"\s(?i:and|&{1,2}|et|und)\s|(?<=[A-Z]{3})and(?=[A-Z]{2})", place, maxsplit=1)[0]
    city, _, region = first.partition(",")
    # "ZURICH/SCHLIEREN, Switzerland" shares its region, "Fukuoka, Japan/New York" does not
    return city.split("/")[0].strip() or None, re.split(r"/(?=[A-Z])", region)[0].strip(" ,") or None


# In a run-on text: capitals, perhaps a state, perhaps a date, then the wire's dash.
_INNER = re.compile(
    r"(?:(?<=\s)|(?<=\*)|^)[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ.'’-]{2,30}(?:and[A-Z]{2,20})?(?:,? ?(?:and|&{1,2}|&amp;) ?[A-Z]{3,}|(?:, ?| )[A-Z][\w.'’]{1,14}){0,5},? ?"
    rf"(?i:{re.sub(r'[?]P<[a-z][0-9]>', '?:', _DATE_TEXT)})?\s?(?:/[\w -]{{0,24}}/|\([A-Z ]{{4,24}}\))?\s?(?:--|[–—]|&#821[12];)",
)


def find_inner_dateline(text: str, start: int, end: int) -> Dateline | None:
    """The first dateline inside a run-on text that ends in a wire's dash; looks at 2,000 characters at most."""
    stop = min(end, start + 2000)
    if all(text.find(mark, start, stop) < 0 for mark in ("--", "–", "—", "&#821")):
        return None
    for match in _INNER.finditer(text, start, stop):
        found = read_dateline(text, match.start(), end)
        if found and (found.date or found.wire or (found.city and found.city.isupper())):
            return found
    return None
