"""Which exhibits of a submission are press releases, and why; the reason is given for the refused ones too.

In this order: only EX-99, in whatever spelling; text there must be; a transcript never; then the cues in
``nlp/resources/rules/selection.jsonl``: a release's opening (release line, newswire, dateline) outweighs a title, a
description outweighs a mere tone. Tables without prose are refused. Only a bounded prefix of each exhibit is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from nlp.errors import Ex99Error, LimitError
from nlp.exhibit import ExhibitText, read_exhibit
from nlp.rulebook import compile_pattern, default_rulebook
from nlp.submission import Document, Submission, looks_like_submission

__all__ = ["Choice", "is_ex99", "looks_like_submission", "press_releases"]

_SHORT = 60_000  # bytes; up to here an exhibit is read whole, as it is read then anyway if it is taken
_PREFIX = 24_000  # bytes read of a longer one; a release shows itself in the first page
_OPENING = 4_000  # characters in which a release's own cues may stand
_EARLY = 1_500  # characters in which such a cue outweighs what the description says
_TITLE = 600  # characters in which a document's title stands
_LITTLE_TEXT = 150  # characters; below this an exhibit is pictures
_PROSE = 200  # characters a paragraph needs to count as prose
_LABELS = frozenset(
    {
        "description-release",
        "description-refused",
        "opening-release",
        "opening-dateline",
        "opening-hint",
        "opening-transcript",
        "title-refused",
    }
)
_EX99 = re.compile(r"(?i)\s*EX(?:HIBIT)?[-. ]?99(?!\d)(?P<rest>.*)", re.S)


@dataclass(frozen=True, slots=True)
class Choice:
    """An EX-99 document, whether it is taken as a press release, and the reason in words.

    ``exhibit``: an accepted one as read, if all of it was read to choose, so that nobody reads it twice.

    >>> from nlp.selection import Choice
    >>> from nlp.submission import Document
    >>> choice = Choice(Document("EX-99.2", "3", "slides.htm", None, 0, 0), accepted=False, reason="slides")
    >>> choice.document.type, choice.accepted, choice.reason
    ('EX-99.2', False, 'slides')
    """

    document: Document
    accepted: bool
    reason: str
    exhibit: ExhibitText | None = field(default=None, repr=False, compare=False)


def is_ex99(type_: str) -> bool:
    """Whether a document type is some spelling of Exhibit 99.

    >>> [is_ex99(t) for t in ("EX-99", "EX-99.01", "ex-99-1", "EX-99.(A)", "EX-99.1 CHARTER", "EX-9.9", "EX-2", "EX-995")]
    [True, True, True, True, True, False, False, False]
    """
    return _EX99.match(type_) is not None


def press_releases(submission: Submission) -> tuple[Choice, ...]:
    """A choice for every EX-99 document of the submission, in file order (empty where it has none).

    >>> from nlp.selection import press_releases
    >>> from nlp.submission import read_submission
    >>> raw = b"<DOCUMENT>\\n<TYPE>EX-99.1\\n<TEXT>\\nFOR IMMEDIATE RELEASE\\n\\n" + b"Acme Bio dosed one patient. " * 9
    >>> [(choice.document.type, choice.accepted) for choice in press_releases(read_submission(raw))]
    [('EX-99.1', True)]
    """
    choices: list[Choice] = []
    for document in submission.documents:
        if is_ex99(document.type):
            first = not any(choice.accepted for choice in choices)
            choices.append(_judge(submission, document, first))
    return tuple(choices)


def _judge(submission: Submission, document: Document, first: bool) -> Choice:
    if document.kind not in ("text", "html"):
        return Choice(document, False, f"no text to read: the document is {document.kind}")
    try:
        exhibit, is_whole = _opening(submission.body(document))
    except LimitError:
        raise  # a limit is a failure of the file, not a reason to call the exhibit no release
    except Ex99Error as error:
        return Choice(document, False, f"no text to read: {error}")
    accepted, reason = _decide(document, exhibit, first)
    return Choice(document, accepted, reason, exhibit if accepted and is_whole else None)


def _decide(document: Document, exhibit: ExhibitText, first: bool) -> tuple[bool, str]:
    description = " ".join(filter(None, (document.description, _rest(document.type))))
    described = _cue("description-release", description)
    refused = None if described else _cue("description-refused", description)
    if len(exhibit.text) < _LITTLE_TEXT:
        return False, f"hardly any text ({len(exhibit.text)} characters); probably pictures"
    opening, title = exhibit.text[:_OPENING], exhibit.text[:_TITLE]
    if transcript := _cue("opening-transcript", opening):
        return False, transcript
    shown = _cue("opening-release", opening)
    if refused:
        # A release may be described as "financial information"; slides stay slides whatever they quote.
        early = None if "slides" in refused else _cue("opening-release", exhibit.text[:_EARLY])
        return (True, early) if early else (False, refused)
    if shown or described:
        return True, shown or described or ""
    dateline, hint = _cue("opening-dateline", opening), _cue("opening-hint", opening)
    titled = _cue("title-refused", title)
    if titled and not (
        dateline and hint
    ):  # a dateline alone may be an agreement's "made in Boston, May 2, 2019 - "
        return False, titled
    if dateline:
        return True, dateline
    prose = [b for b in exhibit.blocks if b.kind != "row" and b.end - b.start >= _PROSE]
    if not prose:
        return False, "tables or lists without a paragraph of prose"
    if hint:
        return True, hint
    if first and _first_number(document.type):
        return True, "nothing speaks for or against it; taken as the first EX-99 with prose"
    return False, "nothing says that it is a press release"


def _rest(type_: str) -> str:
    """Words that stand in the type itself, such as CHARTER in ``EX-99.1 CHARTER``."""
    found = _EX99.match(type_)
    return " ".join(re.findall(r"[A-Za-z]{3,}", found["rest"])) if found else ""


def _first_number(type_: str) -> bool:
    found = _EX99.match(type_)
    digits = re.findall(r"\d+", found["rest"]) if found else []
    letters = re.findall(r"[A-Za-z]", found["rest"]) if found else []
    return (not digits or digits[0].lstrip("0") == "1") and (not letters or letters[0].upper() == "A")


def _opening(body: bytes) -> tuple[ExhibitText, bool]:
    """The first page of an exhibit, and whether that is all of it."""
    if len(body) > _SHORT:
        for size, enough in (
            (_PREFIX, _OPENING),
            (_SHORT, _LITTLE_TEXT),
        ):  # the first bytes may be style sheets
            # Not cut inside a tag: that would look like damage, and cost a second reading.
            end = body.rfind(b">", size - 2000, size) + 1 or size
            exhibit = read_exhibit(body[:end])
            if len(exhibit.text) >= enough:
                return exhibit, False
    return read_exhibit(body), True


@cache
def _rules() -> dict[str, tuple[tuple[Any, str], ...]]:
    rules = default_rulebook().rules("selection")
    return {
        label: tuple((compile_pattern(r.pattern), r.note) for r in rules if r.label == label)
        for label in _LABELS
    }


def _cue(label: str, text: str) -> str | None:
    """The note of the first rule of this label that matches, with the words it matched."""
    for pattern, note in _rules()[label]:
        if found := pattern.search(text):
            words = " ".join(found.group().split())
            return f"{note} ({words[:60]!r})"
    return None
