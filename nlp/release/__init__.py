"""Find headline, dateline, lead, body, about, safe-harbor statement, contact and tables of a release."""

from __future__ import annotations

import re
from operator import itemgetter

from nlp.errors import Notice
from nlp.exhibit import ExhibitText, read_exhibit
from nlp.release.closing import read_closing
from nlp.release.cues import Cues, find_cues, is_run_on
from nlp.release.dateline import complete_date
from nlp.release.opening import Opening, read_opening
from nlp.release.types import Dateline, Release, Section, SectionKind
from nlp.release.wording import FIRST_WORD
from nlp.text import sentences_from

__all__ = ["Dateline", "Release", "Section", "SectionKind", "read_release"]

_NO_NAMES = frozenset(
    ["The", "This", "These", "For", "After", "Our", "With", "Today", "New", "From", "Data", "Under", "During"]
)
_TICKER = re.compile(r"\((?:[A-Za-z ]{0,12}:? ?)?(?i:nasdaq|nyse|amex|otc|tsx|euronext)")
_NAME_BEFORE = re.compile(r"\b([A-Z][\w-]+)(?:,? [A-Z&][\w.&-]*){0,5} ?\Z")
_NAME_REACH = 100  # characters before a ticker in which its company's name stands
_START = itemgetter(0)
_WORDED = re.compile(r"\w")
_LEAD = 400  # characters; in a run-on text the lead ends with the sentence that passes this


def read_release(source: bytes | str | ExhibitText) -> Release:
    """Section an exhibit (bytes, its text, or one already read).

    The sections are ordered, disjoint and cover the whole text; what isn't recognised is ``body``. Notices:
    ``no-headline``, ``no-lead``, ``several-releases``. Raises what ``read_exhibit`` raises, nothing else.

    >>> release = read_release("Norvela Doses First Patient\\n\\nOSLO, May 2, 2024 -- Norvela AS today said it dosed one patient.")
    >>> [section.kind for section in release.sections], release.dateline.date
    (['headline', 'dateline', 'lead'], '2024-05-02')
    """
    exhibit = source if isinstance(source, ExhibitText) else read_exhibit(source)
    text, blocks = exhibit.text, exhibit.blocks
    cues = find_cues(text, blocks)
    cuts: list[tuple[int, SectionKind]] = []
    notices = list(exhibit.notices)
    dateline: Dateline | None = None
    headline = lead = False
    index: int | None = 0
    releases = 0
    issuers: tuple[str, ...] = ()
    while index is not None and index < len(blocks):
        opening = read_opening(text, blocks, index, cues)
        cuts += opening.cuts
        if releases == 0:
            dateline, headline, lead = opening.dateline, opening.found_headline, opening.found_lead
        releases += opening.found_lead
        if opening.found_lead:
            issuers = _issuers(text, opening)
        rest = _lead_rest(text, cues, opening.cuts[-1][0], opening.lead_end) if opening.found_lead else None
        following, index = read_closing(text, blocks, cues, opening.next_block, rest, issuers)
        cuts += following
    if dateline is not None and dateline.date is None:
        date = complete_date(text, dateline)
        dateline = Dateline(dateline.start, dateline.end, dateline.city, date, dateline.wire, dateline.region)
    if not headline:
        notices.append(
            Notice(
                "no-headline", "no headline was found above the text; the lead and body were kept as they are"
            )
        )
    if not lead:
        notices.append(
            Notice("no-lead", "no first paragraph was found; what isn't recognised is kept as body")
        )
    if releases > 1:
        notices.append(
            Notice(
                "several-releases",
                f"{releases} releases stand in one text; headline and dateline are those of the first",
            )
        )
    return Release(text, blocks, _cover(cuts, text), dateline, tuple(notices))


def _issuers(text: str, opening: Opening) -> tuple[str, ...]:
    """First words of names that may be the issuer's: what opens the lead, stands before a ticker there, or opens the headline
    and comes again in the lead."""
    start = opening.cuts[-1][0]
    end = min(opening.lead_end, start + _LEAD)
    names = []
    if (opened := FIRST_WORD.match(text, start)) is not None:
        names.append(opened[1])
    bracket = text.find("(", start, end)
    while bracket >= 0 and not _TICKER.match(text, bracket, end):
        bracket = text.find("(", bracket + 1, end)
    if (
        bracket >= 0
        and (before := _NAME_BEFORE.search(text, max(start, bracket - _NAME_REACH), bracket)) is not None
    ):
        names.append(before[1])
    head = next((at for at, kind in opening.cuts if kind == "headline"), None)
    titled = FIRST_WORD.match(text, head) if head is not None else None
    if titled is not None and titled[1] not in names and text.find(titled[1], start, end) >= 0:
        names.append(titled[1])
    return tuple(
        [
            name
            for name in dict.fromkeys(names)
            if len(name) > 2 and name[0].isupper() and name not in _NO_NAMES
        ]
    )


def _lead_rest(text: str, cues: Cues, start: int, end: int) -> tuple[int, int, bool]:
    """The stretch after the lead's own sentences: its whole paragraph, or what a run-on text goes on with."""
    if not is_run_on(text, start, end):
        return start, end, False
    below = next((cue.start for cue in cues.inline if start < cue.start < end), end)
    for sentence in sentences_from(text, start, min(end, start + 4 * _LEAD)):
        if below < sentence.end:
            return below, end, True
        if sentence.end - start >= _LEAD:
            return sentence.end, end, True
    return min(end, start + 4 * _LEAD), end, True


def _cover(cuts: list[tuple[int, SectionKind]], text: str) -> tuple[Section, ...]:
    """Sections from their starts, in order and without gaps; neighbours of one kind are one, but each About stays apart."""
    length = len(text)
    if length == 0:
        return ()
    ordered: list[tuple[int, SectionKind]] = []
    last, state = -1, ""
    for start, kind in sorted(cuts, key=_START):
        if start >= length:
            break
        if state == "body" and len(ordered) > 1 and not _WORDED.search(text, last, start):
            ordered.pop()  # marks alone are no section
            last, state = ordered[-1]
        if start == last:
            ordered[-1] = (start, kind)
        elif kind != state or kind == "about":
            ordered.append((start, kind))
        else:
            continue
        last, state = start, kind
    if not ordered:
        ordered = [(0, "body")]
    ordered[0] = (0, ordered[0][1])
    ends = [start for start, _ in ordered[1:]] + [length]
    return tuple(Section(kind, start, end) for (start, kind), end in zip(ordered, ends, strict=True))
