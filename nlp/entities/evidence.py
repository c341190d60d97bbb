"""What the whole release says of an organisation, beyond the sentences that are read closely.

A party to what is announced is as a rule described at the end ("About Acme"), speaks ("said the chief executive of
Acme"), and is told what it will do; who is named in passing is not. Each such finding is a
feature (``nlp.entities.candidates``), learned like the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from nlp.entities.registry import Organisation

__all__ = ["Evidence"]

_ABOUT = re.compile(r"[ :]+(?:[Tt]he |THE )?(?=[A-Z]|[0-9]+[A-Za-z])")
_ABOUTS = ("About", "ABOUT")  # looked for as they are: much faster than as a pattern
_HEADING = 90  # characters of a heading that are read
_OFFICER = re.compile(
    r"(?i)\b(?:officer|president|chair(?:man|woman|person)?|director|ceo|cfo|cso|cmo|coo|head|founder|manager|vp|chief|dean"
    r"|partner|professor|investigator|secretary|leader|principal|lead|minister|governor)\b[^.;\n”\"]{0,80}(?:of|at|for|from|,)(?: the)? $"
)
# what each of them is written with, asked first
_OFFICES = (
    *("fficer", "resident", "hair", "irector", "CEO", "CFO", "CSO", "CMO", "COO", "ead", "ounder", "anager"),
    *("hief", "ean", "artner", "rofessor", "nvestigator", "ecretary", "rincipal", "inister", "overnor", "VP"),
)
_OFFICE = 130  # characters before a name in which an office may stand
_LINKS = (" of ", " at ", ", ", " for ", " the ", " from ")  # what it must end in, asked first
_SAID = re.compile(
    r"\b(?:said|says|stated|states|commented|comments|added|adds|noted|notes|remarked|explained|continued|concluded)\b"
)
_SPEECH = 320  # characters before an officer in which the words may stand that say so
_ACTS = (
    " will ",
    " has agreed ",
    " have agreed ",
    " agreed to ",
    " is responsible ",
    " shall ",
    " may ",
    " is eligible ",
)
_FEW, _HEADINGS = 20, 200  # places of a name and headings looked at
_MOST = 300_000  # characters read; longer releases are tables


class Evidence:
    """Reads one release for its candidates."""

    def __init__(self, text: str) -> None:
        self._text = text = text[:_MOST]
        self._headings = list(islice(_headings(text), _HEADINGS))

    def of(self, organisation: Organisation) -> set[str]:
        """Features of an organisation."""
        text = self._text
        forms = [form for form in organisation.forms if len(form) > 2]
        found: set[str] = set()
        for heading in self._headings:
            if any(heading.startswith(form) for form in forms):
                found.add("about:own")
            elif any(form in heading for form in forms):
                found.add("about:shared")
        places = sorted(set(self._places(forms)))
        for start, end in places[:_FEW]:
            if text.startswith(_ACTS, end):
                found.add("acts")
            if not text.endswith(_LINKS, 0, start):
                continue
            before = text[max(0, start - _OFFICE) : start]
            if any(map(before.__contains__, _OFFICES)) and _OFFICER.search(before):
                said = _SAID.search(text, max(0, start - _SPEECH), end + 40)
                found.add("speaks" if said else "office")
        return found

    def _places(self, forms: list[str]) -> Iterator[tuple[int, int]]:
        text = self._text
        for form in forms:
            start = text.find(form)
            while start >= 0:
                end = start + len(form)
                if not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()):
                    yield start, end
                start = text.find(form, end)


def _headings(text: str) -> Iterator[str]:
    """What stands behind each "About"."""
    for word in _ABOUTS:
        start = text.find(word)
        while start >= 0:
            end = start + len(word)
            if match := _ABOUT.match(text, end):
                yield text[match.end() : match.end() + _HEADING].split("\n", 1)[0]
            start = text.find(word, end)
