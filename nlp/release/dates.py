"""Read dates and clock times as datelines write them, in several languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date as calendar_date

from nlp.release.types import Dateline

__all__ = [
    "DATE",
    "DATE_STARTS",
    "DATE_TEXT",
    "TIME",
    "UNNAMED_DATE",
    "complete_date",
    "iso_date",
    "read_date",
    "trie",
]

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


def trie(names: Iterable[str]) -> str:
    """A pattern for any of the names, branching letter by letter: an alternation of 70 names would be tried name by name."""
    by_letter: dict[str, list[str]] = {}
    for name in sorted(filter(None, names)):
        by_letter.setdefault(name[0], []).append(name[1:])
    inner = "|".join(re.escape(letter) + trie(rest) for letter, rest in by_letter.items())
    return f"(?:{inner})" + ("?" if "" in names else "") if inner else ""


_MONTH = trie(list(_MONTHS)) + r"\b\.?"
DATE_TEXT = (
    rf"(?:(?=[mtwfs])(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?(?:"
    rf"(?P<m1>{_MONTH}),?\s{{0,3}}(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s?[-–/]\s?\d{{1,2}},)(?:\s?,?\s{{0,3}}(?P<y1>(?:19|20)\d\d)\b)?"
    rf"|(?:le\s+)?(?P<d2>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s{{0,3}}(?:de\s+)?(?P<m2>{_MONTH})(?:\s?,?\s{{0,3}}(?:de\s+)?(?P<y2>(?:19|20)\d\d)\b)?"
    r"|(?P<y3>(?:19|20)\d\d)-(?P<m3>\d\d)-(?P<d3>\d\d)\b"
    r"|(?P<m4>\d{1,2})/(?P<d4>\d{1,2})/(?P<y4>(?:19|20)?\d\d)\b)"
)
UNNAMED_DATE = re.sub(r"[?]P<[a-z][0-9]>", "?:", DATE_TEXT)  # to stand in a larger pattern
DATE = re.compile(DATE_TEXT, re.I)
# the two letters a date that is no figure may begin with, in lower case: of months, weekdays and the French article
DATE_STARTS = frozenset(
    name[:2] for name in (*_MONTHS, "mon", "tue", "wed", "thu", "fri", "sat", "sun", "le")
)
_DATE_REACH = 40  # characters of a date before or after its day
TIME = re.compile(
    r"(?:@|at\s)?\s{0,2}\d{1,2}(?:[:.h]\d\d)?\s{0,2}(?:(?:a\.?m\.?|p\.?m\.?|uhr|h)(?:\s{0,2},?\s{0,2}\(?(?:(?:eastern|central|mountain|pacific)(?: (?:standard |daylight )?time)?|[A-Z][a-z]+ time|"
    r"(?:US|America|Europe|Asia)/\w+|[A-Z]{2,4})\b\)?)?|\s{0,2}(?:[CEMPG][A-Z]{0,2}T)\b)",
    re.I,
)


def read_date(text: str, start: int = 0, end: int | None = None) -> tuple[str | None, int] | None:
    """The date that starts exactly at ``start``: ISO (``None`` when the year is missing) and where it ends
    (with the clock time behind it, if any).

    >>> read_date("March 8, 2017 -- Acme")
    ('2017-03-08', 13)
    """
    stop = len(text) if end is None else end
    match = DATE.match(text, start, stop)
    if match is None:
        return None
    clock = TIME.match(text, match.end() + (text[match.end() : match.end() + 1] in (" ", ",")), stop)
    return iso_date(match), (clock or match).end()


def iso_date(match: re.Match[str]) -> str | None:
    """The date of a match of ``DATE``; ``None`` when it has no year or is no day of the calendar."""
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
    match = DATE.search(text, dateline.start, dateline.end)
    if match is None or dateline.date:
        return dateline.date
    day, month = match["d1"] or match["d2"], match["m1"] or match["m2"]
    if not day or not month:
        return None
    wanted = f"-{_MONTHS[month.rstrip('.').lower()]:02d}-{int(day):02d}"
    # Only around that day's number: a search for any date would cost more than all other sectioning.
    for start, end in ((0, min(len(text), 3000)), (max(0, len(text) - 3000), len(text))):
        for near in _numbers(text, str(int(day)), start, end):
            around = max(start, near - _DATE_REACH), min(end, near + _DATE_REACH)
            for other in DATE.finditer(text, *around):
                iso = iso_date(other)
                if iso and iso.endswith(wanted):
                    return iso
    return None


def _numbers(text: str, number: str, start: int, end: int) -> Iterator[int]:
    """Where a number stands by itself, perhaps with a nought before it."""
    position = text.find(number, start, end)
    while position >= 0:
        begin, stop = position, position + len(number)
        if text[begin - 1 : begin] == "0":
            begin -= 1
        if not text[begin - 1 : begin].isdigit() and not text[stop : stop + 1].isdigit():
            yield begin
        position = text.find(number, stop, end)
