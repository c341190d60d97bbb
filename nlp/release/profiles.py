"""Profiles of a company that no heading announces: known by whom they speak of, how they open and where they stand."""

from __future__ import annotations

from nlp.exhibit import Block
from nlp.release.cues import closes_as_profile, is_row, opens_as_profile
from nlp.release.walk import Walk
from nlp.release.wording import (
    CAUTIOUS,
    COMPANY,
    FIRST_WORD,
    GOES_ON,
    LEGAL_END,
    NAMED,
    NEWS,
    NEWS_PREDICATE,
    NO_PROFILE,
    POSSESSIVE,
    PREAMBLE,
    PROFILE_HEAD,
    QUOTE_OPEN,
    QUOTES,
)
from nlp.text import sentence_spans

__all__ = ["about_like", "issuer_profile", "name_above", "profile_inside", "same_profile"]

_FOOT = 600  # characters at its end in which it says where to read more
_HEAD = 220  # characters in which a profile says whose it is
_SUBJECT = 140  # characters within which the issuer is named behind "Founded in 1987 and based in Oslo, …"
_AFTER_NEWS = frozenset(("safe_harbor", "contact", "end_mark"))
_LATE = 0.4  # of a run-on text that quotes nobody: its profile begins in the rest
_TAIL = 3000  # characters of a run-on text in which its profile begins
_CLOSING = frozenset(("safe_harbor", "contact", "end_mark"))


def about_like(walk: Walk, start: int, end: int, index: int | None, last: bool = False) -> bool:
    """Whether a paragraph without a heading is a profile, by how it opens and ends or by where it stands. ``last``: it is known
    to stand right above the closing matter."""
    if start < walk.last_about and not walk.over:
        return False  # where profiles have headings, what has none is news
    text = walk.text
    if text.startswith(QUOTE_OPEN, start):
        return False
    stands = last or (index is not None and _stands_last(walk, index))
    closes = closes_as_profile(text[max(start, end - _FOOT) : end])
    if not (stands or closes) or text.count(" ", start, end) < 7:
        return False
    head = text[start : min(end, start + _HEAD)]
    subject = 4 if head.startswith("The Company ") else _issuer_at(walk, head)
    if not opens_as_profile(head) and (subject <= 0 or subject == 4):
        return False
    if NO_PROFILE.search(head) or not _speaks_of_a_company(walk, head, subject):
        return False
    return closes or (
        not NEWS.search(head[max(0, subject) :])
        and (walk.state != "safe_harbor" or not CAUTIOUS.search(head))
    )


def issuer_profile(walk: Walk, start: int, end: int, words: int, index: int | None) -> bool:
    """A profile known by the issuer's name at its start and its place in the closing matter, when no About follows."""
    if index is None or not walk.issuers or start < walk.last_about or not 8 < words < 250:
        return False
    after = walk.over and walk.state in _AFTER_NEWS
    if not after and (not _stands_last(walk, index, _CLOSING) or (walk.state == "notes" and walk.headed)):
        return False
    head = walk.text[start : min(end, start + _HEAD)]
    subject = _issuer_at(walk, head)
    if subject < 0 or NEWS.search(head[subject:]) or (words < 25 and walk.text[end - 1] not in '.!)”"’'):
        return False
    if not any(map(str.islower, head.split(None, 12)[:12])):
        return False
    if after:
        cautious = CAUTIOUS.search(head) is not None
        if not cautious or walk.state == "safe_harbor":
            return not cautious
    if NEWS_PREDICATE.match(head, subject) or POSSESSIVE.match(head, subject):
        return False
    return not after or _stands_last(walk, index, _CLOSING)


def profile_inside(walk: Walk, start: int, end: int) -> int | None:
    """Where the last sentences of a run-on text, behind all that is quoted, are the issuer's profile; ``None`` where they aren't."""
    text = walk.text
    quoted = max(text.rfind(mark, start, end) for mark in QUOTES)
    first = max(quoted + 1 if quoted >= 0 else start + int(_LATE * (end - start)), end - _TAIL)
    if not any(text.find(name, first, end) >= 0 for name in walk.issuers):
        return None
    for sentence in sentence_spans(text, first, end):
        if sentence.start == first > quoted + 1:
            continue
        head = text[sentence.start : min(end, sentence.start + _HEAD)]
        subject = _issuer_at(walk, head)
        if (
            subject >= 0
            and end - sentence.start > 150
            and (subject > 4 or opens_as_profile(head[:_SUBJECT]))
            and COMPANY.search(head) is not None
            and not NEWS.search(head, subject)
            and not NO_PROFILE.search(head)
            and not NEWS_PREDICATE.match(head, subject)
        ):
            return sentence.start
    return None


def _issuer_at(walk: Walk, head: str) -> int:
    """Where the issuer's name stands that a paragraph opens with, perhaps behind what a profile says first; or -1."""
    folded = head[:_SUBJECT].casefold()
    for name in walk.issuers:
        if name.casefold() in folded and (found := _name_at(name, head, folded)) >= 0:
            return found
    return -1


def _name_at(name: str, head: str, folded: str) -> int:
    if head.startswith(name):  # a name with a colon is who speaks
        behind = head[len(name) : len(name) + 1]
        return 0 if behind != ":" and not behind.isalnum() else -1
    found = folded.find(name.casefold())
    if found < 0 or head[found + len(name) : found + len(name) + 1].isalnum():
        return -1
    opened = FIRST_WORD.match(head)
    if opened is not None and opened.start(1) == found:
        return found
    if head.startswith("At "):
        return found if ", we " in head[found : found + 60] else -1
    return found if PREAMBLE.fullmatch(head, 0, found) else -1


def _speaks_of_a_company(walk: Walk, head: str, subject: int) -> bool:
    """Whether the subject is a company, and what is said of it lasts: a drug, a person or what happened is no profile."""
    if NEWS_PREDICATE.match(head, max(0, subject)):
        return False
    if subject >= 0 or COMPANY.search(head) is not None or NAMED.match(head) is not None:
        return True
    return any(name in head for name in walk.issuers)


def _stands_last(walk: Walk, index: int, kinds: frozenset[str] | None = None, ahead: int = 3) -> bool:
    """Whether a paragraph stands right above the closing matter (``kinds`` of headings, any when ``None``), or above what
    goes on with the same subject there."""
    closing = walk.closing(index + 1)
    if closing:
        return closing == "end" or (closing in kinds if kinds is not None else closing != "furniture")
    return (
        ahead > 1
        and _stands_last(walk, index + 1, kinds, ahead - 1)
        and _goes_on(walk, walk.blocks[index + 1])
    )


def same_profile(walk: Walk, start: int, end: int, index: int | None) -> bool:
    """Whether a paragraph below a profile without a heading belongs to it."""
    if index is None or walk.text.startswith(QUOTE_OPEN, start):
        return False
    begun = walk.cuts[-1][0]
    head = walk.text[start : min(end, start + _HEAD)]
    first = FIRST_WORD.match(head)
    again = first is not None and first[1] in walk.text[begun : begun + 60]
    if not again and GOES_ON.match(head) is None:
        return False
    return NEWS_PREDICATE.match(head) is None and (
        closes_as_profile(walk.text[start:end]) or _stands_last(walk, index)
    )


def _goes_on(walk: Walk, below: Block) -> bool:
    """Whether a paragraph can be a profile's second one."""
    if is_row(walk.text, below) or walk.text.startswith(QUOTE_OPEN, below.start):
        return False
    head = walk.text[below.start : min(below.end, below.start + _HEAD)]
    again = GOES_ON.match(head) is not None or _issuer_at(walk, head) == 0
    return (again or opens_as_profile(head)) and NEWS_PREDICATE.match(head) is None


def name_above(walk: Walk, index: int | None, start: int) -> int:
    """Where the company's name, or a heading of its own wording, stands alone above its profile: there, else ``start``."""
    if index is None or index <= walk.first:
        return start
    above = walk.blocks[index - 1]
    name = walk.text[above.start : above.end]
    if len(name) < 80 and PROFILE_HEAD.fullmatch(name) and not is_row(walk.text, above):
        return above.start
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
