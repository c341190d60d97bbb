"""Character spans and what can be said of plain text: normalisation and sentence bounds."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Span", "sentence_spans"]


class Span(NamedTuple):
    """Half-open range ``[start, end)`` of characters in the text of one release."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The characters of ``text`` that the span covers."""
        return text[self.start : self.end]


# A full stop after one of these is not the end of a sentence.
_ABBREVIATIONS = frozenset(
    "inc ltd corp co llc plc dr mr mrs ms prof st jr sr vs no nos fig al e.g i.e u.s u.k ph.d m.d b.s m.s d.c approx est dept jan feb "
    "mar apr jun jul aug sep sept oct nov dec s.a n.v a.g s.p.a l.p".split()
)
_END = re.compile(r"[.!?][\"”’')\]]*(?=\s)|\n\n+")


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> tuple[Span, ...]:
    """Sentences of ``text[start:end]``, trimmed of white space, in order and disjoint.

    A blank line always ends a sentence; a full stop does so unless it follows a known abbreviation or an
    initial. Time is linear in the length.

    >>> [span.of("Acme Inc. said so. It did.") for span in sentence_spans("Acme Inc. said so. It did.")]
    ['Acme Inc. said so.', 'It did.']
    """
    stop = len(text) if end is None else end
    spans: list[Span] = []
    begin = start
    for match in _END.finditer(text, start, stop):
        if match.group()[0] == ".":
            word_start = max(text.rfind(" ", begin, match.start()), text.rfind("\n", begin, match.start())) + 1
            word = text[max(word_start, begin) : match.start()].lstrip("(“\"'").lower()
            follows = text[match.end() : match.end() + 2].strip()
            if word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha()) or follows[:1].islower():
                continue
        _append_trimmed(spans, text, begin, match.end())
        begin = match.end()
    _append_trimmed(spans, text, begin, stop)
    return tuple(spans)


def _append_trimmed(spans: list[Span], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append(Span(start, end))
