"""What stands above the story: furniture, contacts, headline, subheadlines and dateline, down to where the lead begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.exhibit import Block
from nlp.release.cues import Cues, is_row, is_run_on, opening_cue
from nlp.release.dateline import find_inner_dateline, read_date, read_dateline
from nlp.release.types import Dateline, SectionKind

__all__ = ["Opening", "read_opening"]

_MAX_BLOCKS = 40  # a lead further down than this was never seen; what lies above is treated as body then
_MAX_UNITS = 80
_CONTACT_TOKEN = re.compile(
    r"[@+\dPpTtFfEeMm](?:(?<=\w@)[\w-]{1,60}\.|(?<=\+)\d{1,3}[ (]"
    r"|(?<!\w.)(?:(?<=\d)\d{2}\)?[-. ]{1,2}\d{3}[-. ]{1,2}\d{4}\b"
    r"|(?i:(?<=p)hone|(?<=t)el|(?<=f)ax|(?<=e)-?mail|(?<=m)obile|(?<=e)xt)\b))",
    re.S,
)
_CONTACT_BESIDE = re.compile(r"\t(?=(?:CONTACT|Contact)s?\b)")
_HEADLINE_VERB = re.compile(
    r"(?i)\b(?:announc|report|receiv|appoint|complet|enter|sign|launch|present|expand|acquir|initiat|provid|name|join|file|submit|close|price|"
    r"agree|select|achiev|grant|award|publish|host|elect|declare|begin|start|dos|enrol|show|demonstrat|meet|secur|rais|advanc|highlight|update|"
    r"amend|extend|adopt|merge|sell|buy|purchase|commence|approv|clear|accept|discontinu|terminat|regain|reach|outlin|partner|collaborat|introduc|"
    r"unveil|release|issue|deliver|increase|decrease|resign|retire|win|set|make|get|take|offer|confirm|respond|comment|schedul|establish|execut|"
    r"strengthen|continu|mark|celebrat|welcom|promot|hire|conclude|list|trade|open|support|validat|identif|evaluat|"
    r"collaborat|invest|fund|certif|recogni|rank|honor)(?:e?s|e?d|ing|ion|ment)?\b|\bto [a-z]{3,}\b|\bresults?\b|\bagreement\b|\bearnings\b|\bfor (?:the )?\w+\b"
)
_PERSON = re.compile(
    r"\b(?:CFO|CEO|COO|CFA|MBA|Ph\.?D|M\.?D\.|President|Officer|Director|Manager|Investor Relations|Communications|Public Relations|Partners|Associates|LLC|Inc\.)"
)
_LEGAL = re.compile(
    r"(?i)\b(?:inc|corp|corporation|ltd|limited|llc|plc|company|co|s\.?a|n\.?v|ag|se|ab|asa|a/s|gmbh|holdings?|group|l\.?p)\.?,?(?:\s*\(.{2,40}\))?$"
)
_OPEN_END = re.compile(
    r"(?i)(?:[,&–—-]|\b(?:a|an|and|as|at|by|for|from|in|into|its|of|on|or|the|their|to|with|plus|versus|vs|via|per|than|that|which|including|new|over|under|"
    r"after|between|through|during|announces?|reports?|receives?|completes?|appoints?))$"
)
_JUNK = re.compile(r"(?:[\s*#\]\[|!>•]|&gt;)+")
_PLACE_BEFORE = re.compile(
    r"(?:\*\*|[.!?)#>]) ?([A-Z][\w.'’-]{2,20}(?: [A-Z][\w.'’-]{1,20}){0,3}, ?[A-Z][\w. ]{1,24}, ?)\Z"
)
_WORD = re.compile(r"[^\W\d_][\w’'-]*")


@dataclass(frozen=True, slots=True)
class Opening:
    """Sections above and up to the lead (start and kind, in order), where the lead ends, and the block to go on with."""

    cuts: tuple[tuple[int, SectionKind], ...]
    dateline: Dateline | None
    lead_end: int
    next_block: int
    found_headline: bool
    found_lead: bool


@dataclass(frozen=True, slots=True)
class _Unit:
    """A line of a block above the lead."""

    start: int
    end: int
    block: int
    bold: bool
    centred: bool
    item: bool
    text: str


def read_opening(text: str, blocks: Sequence[Block], first: int, cues: Cues) -> Opening:
    """Read from block ``first`` to the lead. ``cues`` are those of the whole text."""
    lead, dateline = _find_lead(text, blocks, first, cues)
    if lead is None:
        units, lead_start, next_block = (
            _units(text, blocks, first, _story_limit(text, blocks, first, cues)),
            None,
            None,
        )
    else:
        units = _units(text, blocks, first, lead.block, lead.line)
        lead_start, next_block = lead.start, lead.block + 1
    kinds = _classify(units, cues, lead is not None)
    cuts: list[tuple[int, SectionKind]] = [
        (unit.start, kind) for unit, kind in zip(units, kinds, strict=True)
    ]
    for unit, kind in zip(units, kinds, strict=True):
        # "FOR IMMEDIATE RELEASE" and "Contact:" in one table row
        if kind == "furniture" and (beside := _CONTACT_BESIDE.search(text, unit.start, unit.end)):
            cuts.append((beside.end(), "contact"))
    cuts.sort(key=lambda cut: cut[0])
    found_headline = "headline" in kinds
    if lead is None or lead_start is None or next_block is None:
        end_block = units[-1].block + 1 if units else first
        return Opening(
            tuple(cuts),
            _bare_date(units, kinds, cuts),
            units[-1].end if units else 0,
            end_block,
            found_headline,
            False,
        )
    if lead.run_on:
        lead_start, dateline, inner = _open_run_on(text, lead, blocks[lead.block].end, units, kinds, dateline)
        cuts += inner
    if dateline is None or dateline.date is None:
        bare = _bare_date(units, kinds, cuts)
        if bare is not None and dateline is None:
            dateline = bare
        elif bare is not None and dateline is not None and bare.date:
            dateline = Dateline(
                dateline.start, dateline.end, dateline.city, bare.date, dateline.wire, dateline.region
            )
    if dateline is not None and dateline.end > lead.start and dateline.start < blocks[lead.block].end:
        cuts.append((dateline.start, "dateline"))
        lead_start = max(dateline.end, lead_start)
    cuts.append((lead_start, "lead"))
    return Opening(tuple(cuts), dateline, blocks[lead.block].end, next_block, found_headline, True)


@dataclass(frozen=True, slots=True)
class _Lead:
    block: int
    start: int
    line: int  # where in the block the lead's line begins; lines above it belong to the opening
    run_on: bool


def _find_lead(
    text: str, blocks: Sequence[Block], first: int, cues: Cues
) -> tuple[_Lead | None, Dateline | None]:
    """The block in which the story begins: one with a dateline if there is one near the top, else the first paragraph."""
    prose: _Lead | None = None
    pending: Dateline | None = None
    characters = 0
    for index in range(first, min(len(blocks), first + _MAX_BLOCKS)):
        block = blocks[index]
        if is_row(text, block):
            continue
        length = block.end - block.start
        cue = cues.heads.get(block.start)
        if (
            cue is not None
            and cue.kind in ("about", "safe_harbor", "notes", "end_mark")
            and index > first
            and prose is not None
        ):
            break
        for line_start, line_end in _lines(text, block):
            found = read_dateline(text, line_start, block.end)
            if found is None:
                continue
            rest = text[found.end : block.end]
            if len(rest.split(None, 5)) > 5:
                if found.city or found.wire or prose is None or prose.block == index:
                    return _Lead(index, found.start, line_start, False), _merge(pending, found)
            elif (
                (found.city or found.wire)
                and line_end == block.end
                and len(rest) < 4
                and not _is_date_only(found)
            ):
                pending = found
        if pending is not None and pending.end <= block.start and _is_prose(text, block, first, index, True):
            return _Lead(index, block.start, block.start, False), pending
        if prose is None and cue is None and _is_prose(text, block, first, index, False):
            prose = _Lead(
                index,
                block.start,
                block.start,
                is_run_on(text, block.start, block.end) and "\n" not in text[block.start : block.end],
            )
            characters = 0
            if prose.run_on:
                return prose, find_inner_dateline(text, block.start, block.end)
        characters += length
        if prose is not None and characters > 2500:
            break
    return prose, None


def _merge(pending: Dateline | None, found: Dateline) -> Dateline:
    if pending is None:
        return found
    return Dateline(
        pending.start if pending.end >= found.start - 4 else found.start,
        found.end,
        found.city or pending.city,
        found.date or pending.date,
        found.wire or pending.wire,
        found.region or pending.region,
    )


def _is_date_only(found: Dateline) -> bool:
    return not found.city and not found.wire


def _lines(text: str, block: Block) -> list[tuple[int, int]]:
    lines, start = [], block.start
    for _ in range(12):
        end = text.find("\n", start, block.end)
        if end < 0:
            break
        lines.append((start, end))
        start = end + 1
    lines.append((start, block.end))
    return lines


def _is_prose(text: str, block: Block, first: int, index: int, after_dateline: bool) -> bool:
    """Whether a block reads as a paragraph of the story rather than as a headline."""
    if (
        is_row(text, block)
        or block.kind == "heading"
        or (block.kind == "item" and not after_dateline and not is_run_on(text, block.start, block.end))
    ):
        return False
    body = text[block.start : min(block.end, block.start + 1200)]
    words = body.split()
    if len(words) < (8 if after_dateline else 18):
        return False
    if block.bold and block.centred and len(words) < 60:
        return False
    if _CONTACT_TOKEN.search(body) and len(words) < 40:
        return False
    long_words = [w for w in words if len(w) > 4 and w[0].isalpha()]
    titled = sum(w[0].isupper() for w in long_words) > 0.6 * len(long_words)
    ends = text[block.end - 1] in ".!?:;”\"’'" or text[block.end - 2 : block.end] in (".)", ".*", ".]")
    if titled and not (len(words) > 60 or (ends and ". " in body)):
        return False
    return ends or len(words) > 45 or (index > first and len(words) > 30)


def _story_limit(text: str, blocks: Sequence[Block], first: int, cues: Cues) -> int:
    """Without a lead: how many blocks may hold a headline (up to the first table or known heading)."""
    for index in range(first, min(len(blocks), first + 12)):
        cue = cues.heads.get(blocks[index].start)
        if is_row(text, blocks[index]) or (
            index > first and cue is not None and cue.kind in ("about", "safe_harbor", "table", "notes")
        ):
            return index
    return min(len(blocks), first + 12)


def _units(
    text: str, blocks: Sequence[Block], first: int, last: int, until: int | None = None
) -> list[_Unit]:
    """Lines of the blocks ``first`` to ``last``, and of block ``last`` those above ``until``."""
    units: list[_Unit] = []
    for index in range(first, min(last + (until is not None), len(blocks))):
        block = blocks[index]
        for start, end in _lines(text, block):
            if until is not None and index == last and start >= until:
                break
            line = text[start:end].strip()
            if line:
                units.append(
                    _Unit(start, end, index, block.bold, block.centred, block.kind in ("item", "row"), line)
                )
    return units


def _classify(units: Sequence[_Unit], cues: Cues, has_lead: bool) -> list[SectionKind]:
    kinds: list[SectionKind] = []
    contact = False
    titled = _titled_blocks(units, cues)
    for unit in units:
        kind = _first_kind(unit, cues, contact and unit.block not in titled)
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
            if u.block == below and kinds[i] == "contact" and not _CONTACT_TOKEN.search(u.text)
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


def _titled_blocks(units: Sequence[_Unit], cues: Cues) -> set[int]:
    """Blocks below a contact that read as a headline over several short lines: in capitals or bold, and no contact's."""
    words: dict[int, int] = {}
    for unit in units:
        plain = (
            not _CONTACT_TOKEN.search(unit.text)
            and unit.start not in cues.heads
            and (unit.bold or unit.text.isupper())
        )
        words[unit.block] = words.get(unit.block, 0) + (len(unit.text.split()) if plain else -100)
    return {block for block, count in words.items() if count >= 7}


def _first_kind(unit: _Unit, cues: Cues, contact: bool) -> SectionKind:
    line = unit.text
    cue = cues.heads.get(unit.start)
    words = line.split()
    if cue is not None and cue.kind == "contact" and len(words) < 30:
        return "contact"
    if opening_cue(line):
        return "furniture"
    date = read_dateline(unit.text, 0, len(unit.text))
    if date is not None and len(unit.text) - date.end < 12:
        return "furniture"
    if cue is not None and cue.kind in ("end_mark", "furniture", "tail") and len(words) < 14:
        return "furniture"
    if _CONTACT_TOKEN.search(line) and len(words) < 25:
        return "contact"
    if contact and not _headline_like(unit):
        return "contact"
    if not any(w[0].isalpha() and len(w) > 1 for w in words):
        return "furniture"
    return "subheadline"


def _headline_like(unit: _Unit) -> bool:
    words = len(unit.text.split())
    verb = bool(_HEADLINE_VERB.search(unit.text))
    return (words >= 7 and (verb or not _PERSON.search(unit.text))) or (
        words >= 4 and verb and not unit.text.endswith(",")
    )


def _choose(units: Sequence[_Unit], candidates: Sequence[int]) -> int | None:
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


def _continues(above: _Unit, below: _Unit) -> bool:
    """Whether the line below still belongs to the headline line above."""
    if below.item or (below.text[0] in '-–—•*●·“"' and not above.text.endswith(("-", "–", "—"))):
        return False
    if (
        _OPEN_END.search(above.text)
        or below.text[0].islower()
        or above.text.count("(") > above.text.count(")")
    ):
        return True
    if above.block != below.block:
        return False
    if above.text.isupper() != below.text.isupper() and len(below.text) > 12:
        return False
    return above.text[-1] not in ".!?:;" and (
        len(above.text) >= 20 or (above.text.isupper() and below.text.isupper())
    )


def _bare_date(
    units: Sequence[_Unit], kinds: Sequence[SectionKind], cuts: list[tuple[int, SectionKind]]
) -> Dateline | None:
    """A date (or place and date) on a line of its own above the lead; its line becomes the dateline section."""
    for i in range(len(units) - 1, -1, -1):
        unit = units[i]
        if kinds[i] != "furniture":
            continue
        found = read_dateline(unit.text, 0, len(unit.text))
        if found and found.date and len(unit.text) - found.end < 12:
            cuts[i] = (unit.start, "dateline")
            return Dateline(unit.start, unit.end, found.city, found.date, found.wire, found.region)
    return None


def _open_run_on(
    text: str,
    lead: _Lead,
    end: int,
    units: Sequence[_Unit],
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
    for match in re.finditer(
        r"\b[A-Z][a-z]{2,8}\.? \d{1,2}, (?:19|20)\d\d\b", text[start : min(stop, start + 700)]
    ):
        date = read_date(text, start + match.start())
        if date is None or date[0] is None:
            continue
        place = _PLACE_BEFORE.search(text, max(start, start + match.start() - 70), start + match.start())
        placed = read_dateline(text, place.start(1), end) if place and dateline is None else None
        if placed is not None and placed.date:
            dateline, stop = placed, placed.start
            break
        found = read_dateline(text, start + match.start(), min(end, start + match.start() + 60))
        date_end = found.end if found and found.end <= stop else date[1]
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
        return (junk.end() if junk else dateline.end), dateline, cuts
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
