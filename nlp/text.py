"""Character spans and what can be said of plain text: sentence bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Span", "cut_sentences", "sentence_spans", "sentences_from"]


class Span(NamedTuple):
    """Half-open range ``[start, end)`` of characters in the text of one release.

    >>> from nlp.text import Span
    >>> Span(0, 8).of("Acme Bio said so.")
    'Acme Bio'
    """

    start: int
    end: int

    def of(self, text: str) -> str:
        """The characters of ``text`` that the span covers."""
        return text[self.start : self.end]


# A full stop after one of these never ends a sentence.
# fmt: off
_TITLES = frozenset(
    [
        "dr", "mr", "mrs", "ms", "prof", "st", "gen", "sen", "rep", "gov", "hon", "rev", "vs", "v",
        "cf", "viz", "e.g", "i.e", "eg", "ie", "approx", "est", "dept", "figs", "fig", "tab", "eq",
        "ref", "refs", "pp", "no", "nos", "vol", "ser", "ext", "tel", "dipl", "ing", "mag", "avg", "ca",
        "incl", "excl", "resp",
    ]
)
# fmt: on
# A full stop after one of these ends a sentence only where an ordinary opening word follows.
# fmt: off
_ABBREVIATIONS = frozenset(
    [
        "inc", "incs", "ltd", "corp", "co", "cos", "llc", "plc", "lp", "bros", "jr", "sr", "al", "etc",
        "esq", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
        "mon", "tue", "wed", "thu", "fri", "sat", "sun", "ala", "ariz", "ark", "calif", "cal", "colo",
        "conn", "del", "fla", "ga", "ill", "ind", "kan", "kans", "ky", "la", "mass", "md", "mich",
        "minn", "miss", "mo", "mont", "neb", "nev", "okla", "ore", "pa", "penn", "tenn", "tex", "va",
        "vt", "wash", "wis", "wisc", "wyo", "ont", "que", "alta", "blvd", "ave", "rd", "bldg", "univ",
        "assn", "intl", "natl", "mfg", "pharm", "med", "ph.d", "pvt", "pty", "pte", "sdn", "bhd",
    ]
)
# fmt: on
# fmt: off
_OPENERS = frozenset(
    [
        "a", "about", "according", "additional", "additionally", "after", "all", "also", "although",
        "among", "an", "and", "any", "approximately", "as", "at", "based", "because", "before", "both",
        "but", "by", "clinical", "currently", "data", "despite", "due", "during", "each", "eligible",
        "finally", "following", "for", "forward", "from", "further", "furthermore", "general", "given",
        "he", "her", "his", "however", "if", "important", "in", "including", "interest", "investors",
        "is", "it", "its", "learn", "management", "many", "moreover", "most", "net", "no", "none",
        "not", "of", "on", "once", "one", "operating", "other", "our", "patients", "please", "prior",
        "research", "revenue", "revenues", "safety", "selling", "several", "she", "shares", "since",
        "some", "stockholders", "such", "that", "the", "their", "there", "these", "they", "this",
        "those", "through", "to", "today", "total", "under", "until", "upon", "we", "what", "when",
        "where", "whether", "which", "while", "who", "with", "within", "without", "you", "your",
        "forward-looking",
    ]
)
# fmt: on
_END = re.compile(
    # the mark comes first, so that the scan is one search for a character class; lookbehinds then tell the cases apart
    r"[.!?…\n](?:"
    # a full stop and what closes with it: quotes, brackets, the mark-up of bold text
    r"(?<=[.!?…])(?P<stop>[\"”’'»)\]*]{0,4})(?=\s)"
    # a footnote mark after the full stop ("was met.1 The study", "was met.[2] The study")
    r"|(?<=[a-z)]\.)(?:\[\d{1,3}\]|\d{1,2}(?:[,–-]\d{1,2}){0,3})(?=\s{1,3}[A-Z“\"])"
    # a lost blank ("of the company.The study")
    r"|(?<=[a-z]{3}\.)(?=[A-Z][a-z]{1,20}\s)"
    # a blank line; a line that begins with a bullet or is a table row
    r"|(?<=\n)(?=[ \t]{0,8}\n|[ \t]{0,8}[•●·▪*–-][ \t]|[^\n\t]{0,120}\t))"
)
_BEFORE = re.compile(r"[^\s(\[“\"'‘/–—]+\Z")
_AFTER = re.compile(r"\s{1,4}[“\"'‘(\[*•]{0,4}([^\s.,;:!?)”\"’]{0,24})")
_DOTTED = re.compile(r"(?:[A-Za-z]\.){1,4}[A-Za-z]\Z")
_INNER_CAPITAL = re.compile(r"[a-z]{1,3}[A-Z0-9-]")


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> tuple[Span, ...]:
    """Sentences of ``text[start:end]``, trimmed of white space, in order and disjoint.

    Every character that isn't white space lies in exactly one span. A blank line, a bullet's line and a table
    row always begin a new sentence; a full stop ends one unless it closes an abbreviation, an initial or a
    list number. Time is linear in the length.

    >>> [span.of("Acme Inc. said so. It did.") for span in sentence_spans("Acme Inc. said so. It did.")]
    ['Acme Inc. said so.', 'It did.']
    """
    return tuple(sentences_from(text, start, len(text) if end is None else end))


def sentences_from(text: str, start: int, end: int) -> Iterator[Span]:
    """The same, cut only as far as they are asked for."""
    return (span for span, _ in cut_sentences(text, start, end) if span)


def cut_sentences(text: str, start: int, end: int) -> Iterator[tuple[Span | None, int]]:
    """Sentences one by one, each with the place from which cutting may go on; at the end perhaps ``None``, and ``end``.

    >>> next(cut_sentences("It did. It did not.", 0, 19))
    (Span(start=0, end=7), 7)
    """
    begin = start
    for match in _END.finditer(text, start, end):
        position = match.end()
        if match["stop"] is not None and not _ends(text, begin, match.start(), position, end):
            continue
        if span := _trimmed(text, begin, position):
            yield span, position
        begin = position
    yield _trimmed(text, begin, end), end


def _ends(text: str, begin: int, mark: int, position: int, stop: int) -> bool:
    """Whether the mark at ``mark`` ends the sentence that began at ``begin``; ``position``: behind its closing quotes."""
    following = _AFTER.match(text, position, stop)
    word = following[1] if following else ""
    if following and "\n\n" in following[0]:
        return True
    if word[:1].islower() and not _INNER_CAPITAL.match(word):
        return False
    if text[mark] != "." or (position > mark + 1 and text[mark + 1] in '"”»'):
        return True
    found = _BEFORE.search(text, max(begin, mark - 24), mark)
    if found is None:
        return True
    before = found[0]
    known = before.lower()
    if known in _TITLES:
        # "No." is an abbreviation before a number and a word at the end of a sentence
        return known == "no" and not word[:1].isdigit()
    if (len(before) == 1 and before.isalpha()) or known in _ABBREVIATIONS or _DOTTED.match(before):
        return word.lower() in _OPENERS and not (len(before) == 1 and len(word) == 1)
    # "1." that opens a line is its number
    return not (before.isdigit() and len(before) <= 2 and not text[begin : found.start()].strip())


def _trimmed(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    bare = piece.lstrip()
    if not bare:
        return None
    first = start + len(piece) - len(bare)
    return Span(first, first + len(bare.rstrip()))
