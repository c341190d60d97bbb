"""Profiles of a company or product that no heading announces: known by how they open and where they stand."""

from __future__ import annotations

from nlp.exhibit import Block
from nlp.release.cues import is_profile, is_row, opens_as_profile
from nlp.release.walk import Walk
from nlp.release.wording import CAUTIOUS, FIRST_WORD, LEGAL_END, NEWS, NO_PROFILE, QUOTE_OPEN

__all__ = ["about_like", "issuer_profile", "name_above"]


def about_like(walk: Walk, start: int, end: int, index: int | None) -> bool:
    """Whether a paragraph without a heading is a profile, by how it opens and ends or by where it stands."""
    opening = walk.text[start : min(end, start + 220)]
    if start < walk.last_about and not walk.over:
        return False  # where profiles have headings, what has none is news
    if walk.text.count(" ", start, end) < 7 or not opens_as_profile(opening) or NO_PROFILE.search(opening):
        return False
    return _profile(walk, start, end) or _last_profile(walk, start, end, index)


def _profile(walk: Walk, start: int, end: int) -> bool:
    """A company profile without its heading: it introduces the company and ends in where to read more."""
    paragraph = walk.text[start:end]
    return not paragraph.startswith(QUOTE_OPEN) and is_profile(paragraph)


def _last_profile(walk: Walk, start: int, end: int, index: int | None, ahead: int = 3) -> bool:
    """A profile that doesn't say where to read more: known by standing right above the closing matter."""
    if (
        index is None
        or ahead == 0
        or walk.state == "safe_harbor"
        or walk.text.startswith(QUOTE_OPEN, start)
        or not opens_as_profile(walk.text[start:end])
    ):
        return False
    if NEWS.search(walk.text[start : min(end, start + 220)]):
        return False
    if index + 1 >= len(walk.blocks):
        return True
    below = walk.blocks[index + 1]
    head = walk.cues.heads.get(below.start)
    if head is not None and head.kind == "furniture":  # a page's edge, or what a web page put at the end
        later = walk.blocks[index + 2 :]
        beyond = walk.cues.heads.get(later[0].start) if later else None
        return beyond is not None and beyond.kind == "tail"
    if head is not None:
        return True
    if any(cue.kind == "safe_harbor" and cue.strong for cue in walk.cues.within(below.start, below.end)):
        return True
    return (
        not is_row(walk.text, below)
        and opens_as_profile(walk.text[below.start : below.end])
        and _last_profile(walk, below.start, below.end, index + 1, ahead - 1)
    )


def issuer_profile(walk: Walk, start: int, end: int, words: int, index: int | None) -> bool:
    """A profile known by the issuer's name at its start and its place in the closing matter, when no About follows."""
    if index is None or not walk.issuer or start < walk.last_about or not 15 < words < 250:
        return False
    paragraph = walk.text[start : min(end, start + 220)]
    if (name := FIRST_WORD.match(paragraph)) is None or name[1] != walk.issuer or NEWS.search(paragraph):
        return False
    if walk.state in ("safe_harbor", "contact") and not CAUTIOUS.search(paragraph):
        return True
    return index + 1 >= len(walk.blocks) or _closing_head(walk, walk.blocks[index + 1])


def _closing_head(walk: Walk, block: Block) -> bool:
    head = walk.cues.heads.get(block.start)
    if head is not None:
        return head.kind in ("safe_harbor", "contact", "end_mark")
    strong = (c for c in walk.cues.within(block.start, block.end) if c.kind == "safe_harbor" and c.strong)
    return any(strong)


def name_above(walk: Walk, index: int | None, start: int) -> int:
    """Where the company's name stands alone above its profile: there, else ``start``."""
    if index is None or index <= walk.first:
        return start
    above = walk.blocks[index - 1]
    name = walk.text[above.start : above.end]
    if walk.cuts and walk.cuts[-1][1] not in ("body", "quotation", "notes"):
        # below a contact only the name in full, and not the first line of what it closes
        repeated = len(name) < 80 and name in walk.text[start : start + len(name) + 20]
        return above.start if repeated and walk.cuts[-1][0] < above.start else start
    first = name.split()[0]
    return (
        above.start
        if (len(name) < 80 and walk.text.startswith((first, f"The {first}"), start)) or LEGAL_END.search(name)
        else start
    )
