"""Place a paragraph that no heading cue places: by its length, its formulas of caution, its quotation, its state."""

from __future__ import annotations

from collections.abc import Sequence

from nlp.release.cues import Cue, is_row, opening_cue
from nlp.release.profiles import about_like, issuer_profile, name_above, profile_inside, same_profile
from nlp.release.types import SectionKind
from nlp.release.walk import Walk
from nlp.release.wording import CALL_WORDS, CONTACT_TOKEN, NUMERIC, QUOTE_OPEN, is_attributed
from nlp.text import sentences_from

__all__ = ["part_inline", "passing_caution", "read_paragraph"]

_END_OF_NEWS = frozenset(("about", "safe_harbor", "contact", "notes", "table", "end_mark"))


def read_paragraph(
    walk: Walk, start: int, end: int, *, index: int | None = None, in_lead: bool = False, last: bool = False
) -> None:
    """Make the cuts of a paragraph, which may hold headings inside. ``in_lead``: it is the rest of the lead's own; ``last``: the
    safe-harbor statement follows in the same paragraph."""
    text = walk.text
    if end <= start:
        return
    if walk.cues.inline and (inner := walk.cues.inside(start if walk.run_on else start + 1, end)):
        read_paragraph(walk, start, inner[0].start, index=index, in_lead=in_lead)
        part_inline(walk, inner[0].start, end)
        return
    if walk.run_on and not walk.over and (profile := profile_inside(walk, start, end)) is not None:
        read_paragraph(walk, start, profile, index=index, in_lead=in_lead)
        walk.cuts.append((profile, "about"))
        walk.enter("about", False)
        return
    words = text.count(" ", start, end) + 1
    if words <= 30 and not in_lead and index is not None and _short(walk, start, end, words, index):
        return
    found = walk.cues.within(start, end)
    if found:
        harbor = [cue for cue in found if cue.kind == "safe_harbor"]
        passing = index is not None and bool(harbor) and passing_caution(walk, start, end, index)
        if harbor and not passing and _safe_harbor(walk, start, end, harbor, in_lead):
            return
    kind = _ordinary(walk, start, end, words, found, index, last)
    if in_lead and kind in ("body", "quotation"):
        if walk.run_on:
            walk.put(start, "body")
        return
    if not walk.cuts or walk.cuts[-1][0] < start:
        walk.put(start, kind)


def _short(walk: Walk, start: int, end: int, words: int, index: int) -> bool:
    """Place a short block: contact lines, numbers of a flattened table, headings. False when it is prose."""
    text, content, block = walk.text, walk.text[start:end], walk.blocks[index]
    if block.kind == "item" and walk.state != "contact":
        return False
    if "\n" in content and _names_table(walk, start, end):
        walk.put(start, "table")
        walk.enter("table", True)
        return True
    if walk.state == "contact":
        if (
            words > 8
            and content[-1] == "."
            and not CONTACT_TOKEN.search(content)
            and (about_like(walk, start, end, index) or issuer_profile(walk, start, end, words, index))
        ):
            return False
        if words <= 25 or CONTACT_TOKEN.search(content):
            if content[-1] in ":?" and not CONTACT_TOKEN.search(content) and _resumes(walk, index):
                walk.enter("body", True)
                walk.put(start, "body")
                return True
            walk.put(start, "contact")
            return True
        return False
    if NUMERIC.match(content) and len(content) < 40:
        walk.put(start, "table")
        walk.enter("table", False)
        return True
    if words <= 20 and content[:1].isdigit() and opening_cue(content) == "address-line":
        walk.put(start, "furniture")
        return True
    if walk.state == "about" and not walk.headed and content.startswith(("www.", "http")):
        return True  # the line that a profile was broken at
    if (
        words <= 25
        and walk.state != "notes"
        and (walk.over or index > 0.6 * len(walk.blocks))
        and CONTACT_TOKEN.search(content)
        and not CALL_WORDS.search(content)
    ):
        _pull_names(walk, start)
        walk.put(start, "contact")
        walk.enter("contact", False)
        return True
    prose = text[end - 1] in '.!?”"' and words > 6
    if walk.state == "table" and not prose and not block.bold:
        walk.put(start, "table")
        return True
    if walk.state == "end_mark" and not prose:
        walk.put(start, "furniture")
        return True
    if words <= 16 and not prose and (label := opening_cue(content)):
        # an address on the web within a profile belongs to it
        within = walk.headed and walk.state in ("about", "notes") and label == "web-address"
        walk.put(start, walk.state if within else "furniture")
        return True
    if walk.cues.within(start, end):
        return False
    heading = (
        not prose
        and words <= 14
        and text[end - 1] not in ",;"
        and (block.kind == "heading" or block.bold or words <= 12)
    )
    if heading and walk.state in _END_OF_NEWS and _resumes(walk, index):
        walk.enter("body", True)
        walk.put(start, "body")
        return True
    return False


def _names_table(walk: Walk, start: int, end: int) -> bool:
    """Whether a later line of a short block is a table's title (company above, "Statements of …" below)."""
    position = walk.text.find("\n", start, end)
    while position >= 0:
        head = walk.cues.heads.get(position + 1)
        if head is not None and head.kind == "table":
            return True
        position = walk.text.find("\n", position + 1, end)
    return False


def _resumes(walk: Walk, index: int) -> bool:
    """Whether the paragraph below an unknown heading takes the story up again."""
    if index + 1 >= len(walk.blocks):
        return False
    below = walk.blocks[index + 1]
    if is_row(walk.text, below):
        return False
    content = walk.text[below.start : below.end]
    if len(content.split()) < 15 or walk.cues.within(below.start, below.end):
        return False
    if walk.state == "safe_harbor":
        return _headed_by_style(walk, index)
    return walk.state != "end_mark"


def _headed_by_style(walk: Walk, index: int) -> bool:
    block = walk.blocks[index]
    return block.kind == "heading" or block.bold or walk.text[block.start : block.end].istitle()


def _pull_names(walk: Walk, start: int) -> None:
    """Name and title lines just above an unheaded contact line belong to it."""
    while len(walk.cuts) > 1:
        above, kind = walk.cuts[-1]
        if kind != "body" or start - above > 90 or walk.text[above:start].rstrip().endswith((".", ":")):
            return
        walk.cuts.pop()
        walk.cuts.append((above, "contact"))
        return


def _safe_harbor(walk: Walk, start: int, end: int, harbor: Sequence[Cue], in_lead: bool) -> bool:
    strong = sum(cue.strong for cue in harbor)
    if walk.state == "safe_harbor":
        walk.put(start, "safe_harbor")
        return True
    distinct = len({cue.id for cue in harbor})
    if (strong == 0 and distinct < 2) or (strong and distinct < 2 and len(harbor) < 2 and end - start > 900):
        return False
    first = harbor[0]
    if not first.strong and distinct < 3 and strong == 0 and not walk.over:
        return False
    position = walk.sentence_start(start, first.start)
    if in_lead and position == start:
        return False
    if position > start:
        read_paragraph(walk, start, position, in_lead=in_lead, last=not in_lead)
    walk.put(position, "safe_harbor")
    walk.enter("safe_harbor", False)
    return True


def passing_caution(walk: Walk, start: int, end: int, index: int) -> bool:
    """A short caution above an outlook: not the safe-harbor statement, which stands further down."""
    if walk.over or end - start > 350 or index + 1 >= len(walk.blocks):
        return False
    below = walk.blocks[index + 1]
    if any(cue.kind == "safe_harbor" for cue in walk.cues.within(below.start, below.end)):
        return False
    if (head := walk.cues.heads.get(below.start)) is not None and head.kind != "furniture":
        return False
    return walk.cues.cautious_until > below.end


def _ordinary(
    walk: Walk, start: int, end: int, words: int, found: Sequence[Cue], index: int | None, last: bool
) -> SectionKind:
    """The section of a paragraph that neither a heading nor a formula places."""
    text = walk.text
    opens_quote = text.startswith(QUOTE_OPEN, start)
    if walk.state == "about":
        if opens_quote and is_attributed(text, start, end):
            walk.enter("body", False)
            return "quotation"
        if walk.headed:
            return "about"
        if same_profile(walk, start, end, index):
            return "about"
        if about_like(walk, start, end, index):
            walk.cuts.append((start, "about"))
            return "about"
        walk.enter("body", False)
    late = index is not None and index > walk.first
    if (late or last or walk.over) and about_like(walk, start, end, index, last):
        walk.enter("about", False)
        walk.cuts.append((name_above(walk, index, start), "about"))
        return "about"
    if issuer_profile(walk, start, end, words, index):
        walk.enter("about", False)
        walk.cuts.append((start, "about"))
        return "about"
    if walk.state == "safe_harbor":
        if walk.headed or words < 12:
            return "safe_harbor"
        walk.enter("body", False)
    quoted = walk.quotes(start, end) and (
        is_attributed(text, start, end)
        or (opens_quote and (text[end - 1] in '”"»' or text.find("”", start, end) < 0))
    )
    if (late or walk.over) and not quoted and any(cue.kind == "notes" for cue in found):
        return "notes"
    if walk.state == "notes" and walk.headed and not quoted:
        return "notes"
    if walk.state in ("contact", "end_mark"):
        walk.over = True
        return "notes"
    if walk.state == "table":
        if words > 25 and index is not None and walk.blocks[index].kind == "paragraph" and not walk.over:
            walk.enter("body", False)
        else:
            return "notes" if words > 12 else "table"
    if quoted and words > 5:
        if not text.startswith(QUOTE_OPEN, start) and not (index is None and not walk.run_on):
            mark = min((p for p in (text.find(q, start, end) for q in QUOTE_OPEN) if p >= 0), default=start)
            position = walk.sentence_start(start, mark)
            if position > start:
                walk.put(start, "body")
            walk.put(position, "quotation")
        if walk.run_on:
            mark = max(text.rfind(quote, start, end) for quote in ("”", '"', "»"))
            stop = next((s.end for s in sentences_from(text, mark, end) if s.end > mark + 1), end)
            walk.put(start, "quotation")
            walk.put(stop, "body")
            return "body"
        return "quotation"
    return "body"


def part_inline(walk: Walk, start: int, end: int) -> None:
    """Part a run-on stretch at the headings found inside it."""
    inner = walk.cues.inside(start, end)
    for number, cue in enumerate(inner):
        stop = inner[number + 1].start if number + 1 < len(inner) else end
        if cue.kind in ("safe_harbor",) and not walk.cues.within(cue.start, cue.start + 1500):
            continue
        kind: SectionKind = "furniture" if cue.kind in ("tail", "furniture") else cue.kind  # type: ignore[assignment]
        if kind == "about" or kind != walk.state:
            walk.cuts.append((cue.start, kind))
        walk.enter(kind, True)
        harbor = [c for c in walk.cues.within(cue.end, stop) if c.kind == "safe_harbor"]
        if kind != "safe_harbor" and any(c.strong for c in harbor) and len({c.id for c in harbor}) > 1:
            position = walk.sentence_start(cue.end, harbor[0].start)
            walk.put(position, "safe_harbor")
            walk.enter("safe_harbor", True)
