"""Tell headline, subheadlines, contacts and furniture apart among the lines above the lead."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nlp.release.cues import Cues, opening_cue
from nlp.release.dateline import read_dateline
from nlp.release.dates import trie
from nlp.release.lines import Unit
from nlp.release.types import Dateline, SectionKind
from nlp.release.wording import CONTACT_ABOVE

__all__ = ["classify"]

# stems of verbs that headlines are made with
_VERBS = """
    accelerat accept achiev acquir adopt advanc agree amend announc applaud appoint approv award begin
    bolster boost broaden buy celebrat certif clear close collaborat commence comment complet conclude
    confirm continu declare decrease deepen deliver demonstrat discontinu dos earn elect elevat enabl
    enrol enter establish evaluat execut expand extend file fund get grant hail highlight hire honor
    host identif increase initiat ink introduc invest issue join land launch list make mark meet merge
    name near offer open outlin partner plan present price promot provid publish purchase rais rank
    reach receiv recogni regain release report resign respond retire schedul secur see select sell set
    show sign start strengthen submit support take terminat trade transform unveil update validat welcom
    win
"""
_HEADLINE_VERB = re.compile(
    rf"(?i)\b(?:{trie(_VERBS.split())}(?:e?s|e?d|ing|ion|ment)?\b|to [a-z]{{3,}}\b|results?\b|agreement\b|earnings\b|for (?:the )?\w+\b)"
)
_PERSON = re.compile(
    r"\b(?:CFO|CEO|COO|CFA|MBA|Ph\.?D|M\.?D\.|President|Officer|Director|Manager|Investor Relations|Communications|Public Relations|Partners|Associates|LLC|Inc\.)"
)
_LEGAL = re.compile(
    r"(?i)\b(?:inc|corp|corporation|ltd|limited|llc|plc|company|co|s\.?a|n\.?v|ag|se|ab|asa|a/s|gmbh|holdings?|group|l\.?p)\.?,?(?:\s*\(.{2,40}\))?$"
)
_OPEN_END = re.compile(
    r"(?i)(?:[,&–—-]|\b(?:a|an|and|as|at|by|for|from|in|into|its|of|on|or|the|their|to|with|plus|versus|vs|via|per|than|that|which|including|new|over|under|"
    r"phase (?:[1-4]|i{1,3}|iv)[ab]?|after|between|through|during|announces?|reports?|receives?|completes?|appoints?))$"
)


def classify(
    units: Sequence[Unit], cues: Cues, has_lead: bool, seen: Mapping[int, Dateline | None]
) -> list[SectionKind]:
    """The kind of each line. ``seen``: the datelines read where lines start, ``None`` where there is none."""
    kinds: list[SectionKind] = []
    contact = False
    titled: set[int] | None = None
    for unit in units:
        if contact and titled is None:
            titled = _titled_blocks(units, cues)
        kind = _first_kind(unit, cues, contact and unit.block not in (titled or ()), seen)
        contact = kind == "contact"
        kinds.append(kind)
    candidates = [i for i, kind in enumerate(kinds) if kind == "subheadline"]
    chosen = _choose(units, candidates)
    if chosen is None and has_lead and "contact" in kinds:
        # a short headline taken for a contact line: the last one above the story that is no name, phone or title
        below = max((u.block for u in units), default=0)
        candidates = [
            i
            for i, u in enumerate(units)
            if u.block == below and kinds[i] == "contact" and not CONTACT_ABOVE.search(u.text)
        ]
        candidates = [i for i in candidates if units[i].start not in cues.heads]
        chosen = (
            candidates[0] if candidates and sum(len(units[i].text.split()) for i in candidates) >= 4 else None
        )
        if chosen is not None:
            kinds = ["subheadline" if i in candidates else kind for i, kind in enumerate(kinds)]
    if chosen is None:
        return kinds
    for i in candidates:
        if i < chosen:
            kinds[i] = "contact" if i and kinds[i - 1] == "contact" else "furniture"
    kinds[chosen] = "headline"
    for i in range(chosen + 1, len(units)):
        if (
            kinds[i] != "subheadline"
            or units[i].text == units[chosen].text
            or not _continues(units[i - 1], units[i])
        ):
            break
        kinds[i] = "headline"
    head = " ".join(units[i].text for i in range(len(units)) if kinds[i] == "headline")
    kinds = [
        "furniture" if kind == "subheadline" and unit.text == head else kind
        for unit, kind in zip(units, kinds, strict=True)
    ]
    if not has_lead:
        # nothing tells a subheadline from a first line of something else: leave it to the body
        kinds = [kind if kind != "subheadline" else "body" for kind in kinds]
    return kinds


def _titled_blocks(units: Sequence[Unit], cues: Cues) -> set[int]:
    """Blocks below a contact that read as a headline over several short lines: in capitals or bold, and no contact's."""
    words: dict[int, int] = {}
    for unit in units:
        plain = (
            not CONTACT_ABOVE.search(unit.text)
            and unit.start not in cues.heads
            and (unit.bold or unit.text.isupper())
        )
        words[unit.block] = words.get(unit.block, 0) + (len(unit.text.split()) if plain else -100)
    return {block for block, count in words.items() if count >= 7}


def _first_kind(unit: Unit, cues: Cues, contact: bool, seen: Mapping[int, Dateline | None]) -> SectionKind:
    line = unit.text
    cue = cues.heads.get(unit.start)
    words = line.split()
    if cue is not None and cue.kind == "contact" and len(words) < 30:
        return "contact"
    if opening_cue(line):
        return "furniture"
    if _is_dated(unit, seen):
        return "furniture"
    if cue is not None and cue.kind in ("end_mark", "furniture", "tail") and len(words) < 14:
        return "furniture"
    if CONTACT_ABOVE.search(line) and len(words) < 25:
        return "contact"
    if contact and not _headline_like(unit):
        return "contact"
    if not any(w[0].isalpha() and len(w) > 1 for w in words):
        return "furniture"
    return "subheadline"


def _is_dated(unit: Unit, seen: Mapping[int, Dateline | None]) -> bool:
    """Whether the line is a date, or a place and a date, alone."""
    if unit.end - unit.start > 280:  # a dateline is no longer
        return False
    if unit.start in seen:
        known = seen[unit.start]
        return known is not None and unit.end - known.end < 12
    date = read_dateline(unit.text, 0, len(unit.text))
    return date is not None and len(unit.text) - date.end < 12


def _headline_like(unit: Unit) -> bool:
    words = len(unit.text.split())
    verb = bool(_HEADLINE_VERB.search(unit.text))
    return (words >= 7 and (verb or not _PERSON.search(unit.text))) or (
        words >= 4 and verb and not unit.text.endswith(",")
    )


def _choose(units: Sequence[Unit], candidates: Sequence[int]) -> int | None:
    """The headline's first line: the first candidate that says something; else the longest that isn't a name alone."""
    for i in candidates:
        unit = units[i]
        words = len(unit.text.split())
        if unit.text[0] in "([" or (unit.item and any(not units[j].item for j in candidates)):
            continue
        if (
            _PERSON.search(unit.text)
            and not _HEADLINE_VERB.search(unit.text)
            and "," in unit.text
            and i
            and len(candidates) > 1
        ):
            continue
        name_only = words <= 7 and _LEGAL.search(unit.text) and not _HEADLINE_VERB.search(unit.text)
        joined = (
            i + 1 < len(units)
            and units[i + 1].block == unit.block
            and units[i + 1].text[:4].lower() in ("and ", "& ", "to e", "to a")
        )
        if (not name_only or joined) and (words >= 5 or (words >= 3 and _HEADLINE_VERB.search(unit.text))):
            return i
    rest = [i for i in candidates if len(units[i].text.split()) >= 2 and not _LEGAL.search(units[i].text)]
    return max(rest, key=lambda i: len(units[i].text)) if rest else None


# what no line of its own begins with, however its words are written
_RUNS_ON = re.compile(r"(?i)(?:and|&|of|from|for|by|with|at|versus|vs\.?|between|into|than|per|under)\s")


def _continues(above: Unit, below: Unit) -> bool:
    """Whether the line below still belongs to the headline line above."""
    if below.item or (below.text[0] in '-–—•*●·“"' and not above.text.endswith(("-", "–", "—"))):
        return False
    if below.block != above.block and below.text.startswith("by "):
        return False
    if (
        _OPEN_END.search(above.text)
        or below.text[0].islower()
        or above.text.count("(") > above.text.count(")")
    ):
        return True
    alike = (above.bold, above.centred, above.text.isupper()) == (
        below.bold,
        below.centred,
        below.text.isupper(),
    )
    if alike and above.text[-1] == ";":
        return True
    if above.block != below.block:
        styled = above.bold or above.text.isupper()
        return styled and alike and above.text[-1] not in ".!?:" and _RUNS_ON.match(below.text) is not None
    if above.text.isupper() != below.text.isupper() and len(below.text) > 12:
        return False
    return above.text[-1] not in ".!?:;" and (
        len(above.text) >= 20 or (above.text.isupper() and below.text.isupper())
    )
