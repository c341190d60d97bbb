"""The terms of a release: what the model counts, sentence by sentence. No scikit-learn here: serving shares this code.

A release is read in three fields. ``headline``: the headline. ``lead``: subheadlines and the first ``LEAD_WORDS`` words of the
story. ``body``: what follows, up to ``BODY_WORDS``. Boilerplate (about, safe harbor, contact, furniture, tables) counts for
nothing, so a lead-only copy and the whole release look alike where it matters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nlp.release import Release
from nlp.text import Span, sentence_spans

__all__ = ["BODY_WORDS", "FIELDS", "LEAD_WORDS", "Passage", "passages", "words"]

FIELDS = ("headline", "lead", "body")
LEAD_WORDS = 120  # the wire copies we learn from end near here
BODY_WORDS = 700

_TOKEN = re.compile(r"[$€£]|[A-Za-z]+(?:[-'’&][A-Za-z0-9]+)*(?:-?\d[\w-]*)?|\d[\d,.]*%?")
_STORY = frozenset({"lead", "body", "subheadline", "quotation"})


@dataclass(frozen=True, slots=True)
class Passage:
    """One sentence: its span, the field it counts for, and its terms (repeats count)."""

    span: Span
    field: str
    terms: tuple[str, ...]


def words(text: str) -> list[str]:
    """Words in lower case; figures, money, years and codes as classes.

    >>> words("Acme raises $5.2 million for ACM-101")
    ['acme', 'raises', '#money', 'million', 'for', '#code']
    """
    found: list[str] = []
    for match in _TOKEN.finditer(text):
        token = match.group()
        first = token[0]
        if first in "$€£":
            found.append("#money")
        elif first.isdigit():
            if found and found[-1] == "#money":
                continue
            found.append("#percent" if token[-1] == "%" else "#year" if len(token) == 4 and token[:2] in ("19", "20") else "#number")
        elif token[-1].isdigit() and len(token) > 3:
            found.append("#code")
        else:
            found.append(token.lower().replace("’", "'"))
    return found


def _grams(tokens: list[str], longest: int) -> list[str]:
    terms = list(tokens)
    for n in range(2, longest + 1):
        terms.extend(" ".join(tokens[i : i + n]) for i in range(len(tokens) - n + 1))
    return terms


def passages(release: Release) -> Iterator[Passage]:
    """Sentences that count, in order, with their terms."""
    text = release.text
    read = 0
    for section in release.sections:
        if section.kind == "headline":
            line = words(text[section.start : section.end])[:80]
            yield Passage(Span(section.start, section.end), "headline", tuple(_grams(line, 3)))
        elif section.kind in _STORY:
            for span in sentence_spans(text, section.start, section.end):
                if read >= LEAD_WORDS + BODY_WORDS:
                    return
                tokens = words(text[span.start : span.end])
                if read < LEAD_WORDS:
                    yield Passage(span, "lead", tuple(_grams(tokens, 2)))
                else:
                    yield Passage(span, "body", tuple(_grams(tokens, 1)))
                read += len(tokens)
