"""Open a text that has lost its breaks: headline again, date and subheadlines stand in one paragraph with the story."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlp.release.dateline import read_date, read_dateline
from nlp.release.lead import Lead
from nlp.release.lines import Unit
from nlp.release.types import Dateline, SectionKind

__all__ = ["open_run_on"]

# marks, and what web pages put between headline and story
_JUNK = re.compile(
    r"(?:[\s*#\]\[|!>•]|&gt;|Share (?:this article|to ?X)\b|News provided by\b|(?:News|Press) Release(?= ?[!#*|])"
    r"|Source: ?[A-Z][\w.&]*(?: [A-Z][\w.&]*){0,4} (?=[-*•]))+"
)
_DATED = re.compile(r"\b(?:[A-Z][a-z]{2,8}\.? \d{1,2},|\d{1,2} [A-Z][a-z]{2,8},?) (?:19|20)\d\d\b")
_BOLD_END = re.compile(r"(?<!\*)\*\*(?!\*)")
_PLACE_BEFORE = re.compile(
    r"(?:\*\*|[.!?)#>]) ?([A-Z][\w.'’-]{2,20}(?: [A-Z][\w.'’-]{1,20}){0,3}, ?[A-Z][\w. ]{1,24}, ?)\Z"
)
_WORD = re.compile(r"[^\W\d_][\w’'-]*")


def open_run_on(
    text: str,
    lead: Lead,
    end: int,
    units: Sequence[Unit],
    kinds: list[SectionKind],
    dateline: Dateline | None,
) -> tuple[int, Dateline | None, list[tuple[int, SectionKind]]]:
    """Part what a run-on paragraph holds before its story: the headline again, a date, subheadlines."""
    cuts: list[tuple[int, SectionKind]] = []
    start = lead.start
    head = " ".join(u.text for u, k in zip(units, kinds, strict=True) if k == "headline")
    stop = dateline.start if dateline else min(end, start + 900)
    junk = _JUNK.match(text, start, stop)
    position = junk.end() if junk else start
    repeat = _repeated_headline(text, position, stop, head)
    date_end = None
    for match in _DATED.finditer(text[start : min(stop, start + 700)]):
        date = read_date(text, start + match.start())
        if date is None or date[0] is None:
            continue
        place = _PLACE_BEFORE.search(text, max(start, start + match.start() - 70), start + match.start())
        placed = read_dateline(text, place.start(1), end) if place and dateline is None else None
        if placed is not None and placed.date:
            dateline, stop = placed, placed.start
            break
        found = read_dateline(text, start + match.start(), min(end, start + match.start() + 60))
        date_end = found.end if found and found.wire and found.end <= stop else date[1]
        if dateline is None:
            dateline = Dateline(start + match.start(), date_end, None, date[0])
            stop = dateline.start
        elif dateline.date is None:
            dateline = Dateline(
                dateline.start, dateline.end, dateline.city, date[0], dateline.wire, dateline.region
            )
        break
    position = max(repeat, date_end if date_end is not None and date_end <= stop else 0, position)
    junk = _JUNK.match(text, position, max(stop, position))
    position = junk.end() if junk else position
    if position > start:
        cuts.append((start, "furniture"))
    if dateline is not None and stop - position > 15:
        cuts.append((position, "subheadline"))
    if dateline is not None:
        junk = _JUNK.match(text, dateline.end, end)
        position = junk.end() if junk else dateline.end
        if dateline.city is None and text.endswith("**", 0, position):
            closing = _BOLD_END.search(text, position, min(end, position + 400))
            if closing is not None:  # the bold line between a date and the story
                cuts.append((position, "subheadline"))
                junk = _JUNK.match(text, closing.start(), end)
                position = junk.end() if junk else closing.end()
        return position, dateline, cuts
    return position, None, cuts


def _repeated_headline(text: str, position: int, stop: int, head: str) -> int:
    """Where the headline's repetition (perhaps without what stood in parentheses) ends, or ``position``."""
    words = _WORD.findall(head)
    if len(words) < 4:
        return position
    wanted = iter(words)
    current = next(wanted)
    matched, last = 0, position
    for match in _WORD.finditer(text, position, min(stop, position + 2 * len(head) + 200)):
        while current is not None and match.group().lower() != current.lower():
            skipped = next(wanted, None)
            if skipped is None:
                break
            current = skipped
        else:
            matched, last = matched + 1, match.end()
            following = next(wanted, None)
            if following is None:
                break
            current = following
            continue
        break
    return last if matched >= max(4, len(words) // 2) else position
