"""Read datelines: place, date and wire in any order, with the many separators that wires have used.

A dateline is read token by token (place, date, wire, clock time, separator) rather than by one pattern, since
every pair of wires orders them otherwise. All matching is on a short slice, so the cost doesn't grow with the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from nlp.release.dates import DATE, DATE_STARTS, TIME, UNNAMED_DATE, complete_date, iso_date, read_date
from nlp.release.places import BRACKETED_REGION, STRONG, city_and_region, read_place
from nlp.release.types import Dateline
from nlp.rulebook import default_rulebook

__all__ = ["complete_date", "find_inner_dateline", "read_date", "read_dateline"]

# A separator run; a dash, ellipsis or slash in it may end the dateline.
_SEPARATOR = re.compile(r"(?:[\s,;.()\[\]/|*_–—\-:…·•@]|&#821[12];|&[mn]dash;){1,24}")
_CLOCK_STARTS = frozenset("@a \t\n\xa0")  # what a clock time may begin with that is no figure
_INFORMATION = re.compile(r"(?i)(?:regulated|inside|privileged) information(?=[\s–—:;.-])")


@cache
def _wire_forms() -> dict[str, str]:
    """Patterns of the names of wires, long ones first; blanks in them may be missing."""
    forms = {form for row in default_rulebook().lexicon("wires") for form in row["forms"].split("|")}
    return {form: re.escape(form).replace(r"\ ", r"\s{0,2}") for form in sorted(forms, key=len, reverse=True)}


@cache
def _wire_starts() -> frozenset[str]:
    """The first two letters of all wires, in lower case."""
    return frozenset(form[:2].lower() for form in _wire_forms()) | {"vi"}


@cache  # a letter at a time: all of them take a tenth of a second to compile, and a text asks for a few
def _wire_pattern(letter: str) -> re.Pattern[str]:
    """Any wire of the lexicon that begins with ``letter``, with the suffixes wires append (``-FirstCall``, ``via COMTEX``)."""
    names = "|".join(_wire_forms().values())
    suffix = (
        rf"(?:-[A-Z]\w{{2,14}})?)(?![\w])(?:\s?(?:via|/)\s?(?:{names})\b)?(?:\s(?:Network|Inc\.))?"
        r"(?:\s\(Press Release[^()\n]{0,60}\))?"
    )
    if letter == "v":
        return re.compile(rf"(?:via\s)?(?P<wire>(?:{names}){suffix}", re.I)
    own = "|".join(pattern for form, pattern in _wire_forms().items() if form[0].lower() == letter)
    return re.compile(rf"(?P<wire>(?:{own}){suffix}", re.I)


def _wire(text: str, position: int, stop: int) -> re.Match[str] | None:
    """The wire that stands exactly at ``position``."""
    two = text[position : position + 2].lower()
    return _wire_pattern(two[0]).match(text, position, stop) if two in _wire_starts() else None


@dataclass(slots=True)
class _Parts:
    place: str | None = None
    date: str | None = None
    day: bool = False
    wire: str | None = None
    ended: bool = False


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
            parts.ended = bool(STRONG.search(run)) or (")" in run and bool(parts.day or parts.wire))
            position = separator.end()
        else:
            parts.ended = False
    if last == begin or not _plausible(text, position, stop, parts):
        return None
    # an opening quote or bracket that belongs to the story is not part of the dateline
    while position > last and text[position - 1] in "([*":
        position -= 1
    city, region = city_and_region(parts.place)
    wire = " ".join(parts.wire.split()) if parts.wire else None
    return Dateline(start if begin - start > 3 else begin, position, city, parts.date, wire, region)


def _token(text: str, position: int, stop: int, parts: _Parts, first: bool) -> int | None:
    two = text[position : position + 2].lower()
    figure = two[:1].isdigit()
    if not parts.day and (figure or two in DATE_STARTS) and (match := DATE.match(text, position, stop)):
        parts.date, parts.day = iso_date(match), True
        return match.end()
    if (
        parts.wire is not None
        and text.startswith("via ", position)
        and (match := _wire(text, position, stop))
    ):
        return match.end()
    if (parts.day or parts.wire) and (match := _INFORMATION.match(text, position, stop)):
        return match.end()
    if (
        (figure or two[:1] in _CLOCK_STARTS)
        and (first or parts.day or parts.place)
        and (match := TIME.match(text, position, stop))
    ):
        return match.end()
    if parts.wire is None and (match := _wire(text, position, stop)):
        parts.wire = match["wire"]
        return match.end()
    if parts.place is None and (
        place := read_place(text, position, stop, parts.ended and (parts.day or parts.wire is not None))
    ):
        parts.place, end = place
        beside = None if "," in parts.place else BRACKETED_REGION.match(text, end, stop)
        if beside is None or _wire(beside["region"], 0, len(beside["region"])):
            return end
        parts.place = f"{parts.place}, {beside['region']}"
        return beside.end()
    return None


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


# In a run-on text: capitals, perhaps a state, perhaps a date, then the wire's dash.
_INNER = re.compile(
    r"[A-ZÀ-ÖØ-Þ](?:(?<=[\s*].)|(?<=^.))[A-ZÀ-ÖØ-Þ.'’-]{2,30}(?:and[A-Z]{2,20})?(?:,? ?(?:and|&{1,2}|&amp;) ?[A-Z]{3,}|(?:, ?| )[A-Z][\w.'’]{1,14}){0,5},? ?"
    rf"(?i:{UNNAMED_DATE})?\s?(?:/[\w -]{{0,24}}/|\([A-Z ]{{4,24}}\))?\s?(?:--|[–—]|&#821[12];)",
)


_WIRE_DASHES = ("--", "–", "—", "&#821")
_INNER_REACH = 400  # characters; no match of the pattern is longer


def find_inner_dateline(text: str, start: int, end: int) -> Dateline | None:
    """The first dateline inside a run-on text that ends in a wire's dash; looks at 2,000 characters at most."""
    stop = min(end, start + 2000)
    first = min((p for p in (text.find(mark, start, stop) for mark in _WIRE_DASHES) if p >= 0), default=-1)
    if first < 0:
        return None
    for match in _INNER.finditer(text, max(start, first - _INNER_REACH), stop):
        found = read_dateline(text, match.start(), end)
        if found and (found.date or found.wire or (found.city and found.city.isupper())):
            return found
    return None
