"""The terms of a release: what the model counts, sentence by sentence. No scikit-learn here: serving shares
this code.

Only the headline and the opening of the story are read, so a wire copy of two sentences and the whole release
look alike; what an issuer says of itself (about, safe harbor, contact, furniture, tables) counts for nothing.

========= ==========================================================================
field     terms
========= ==========================================================================
headline  word 1- to 3-grams of the headline
opening   word 1- to 2-grams of the headline and the first ``OPENING_WORDS`` words after it
hcue      cues in the headline
cue       cues in sentences that begin within the first ``CUE_WORDS`` words after it
pair      two cues in one headline
link      a cue in the headline and one after it
========= ==========================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nlp.features.cues import Cues
from nlp.release import Release
from nlp.text import Span, sentence_spans

__all__ = ["CUE_WORDS", "FIELDS", "OPENING_WORDS", "Passage", "passages", "words"]

FIELDS = ("headline", "opening", "hcue", "cue", "pair", "link")
OPENING_WORDS = 120  # wire copies end near here
CUE_WORDS = 60  # later sentences tell background as often as news (cross-validated: 40, 60, 120)
_HEADLINE_WORDS = 80
_SENTENCE_WORDS = 120  # a "sentence" that goes on is a list or a table
_CUE_CHARS = 600

_TOKEN = re.compile(r"[$€£]|[A-Za-z]+(?:[-'’&][A-Za-z0-9]+)*(?:-?\d[\w-]*)?|\d[\d,.]*%?")
_STORY = frozenset({"subheadline", "lead", "body", "quotation"})


@dataclass(frozen=True, slots=True)
class Passage:
    """One sentence: its span, and its terms by field (repeats count)."""

    span: Span
    terms: Mapping[str, tuple[str, ...]]


def words(text: str) -> list[str]:
    """Words in lower case; sums of money, percentages, years, other figures and codes as classes.

    >>> words("Acme raises $5.2 million for ACM-101")
    ['acme', 'raises', '#money', 'million', 'for', '#code']
    """
    found: list[str] = []
    for token in _TOKEN.findall(text):
        first = token[0]
        if token.isalpha():
            found.append(token.lower())
        elif first in "$€£":
            found.append("#money")
        elif first.isdigit():
            if found and found[-1] == "#money":
                continue
            is_year = len(token) == 4 and token[:2] in ("19", "20")
            found.append("#percent" if token[-1] == "%" else "#year" if is_year else "#number")
        elif token[-1].isdigit() and len(token) > 3:
            found.append("#code")
        else:
            found.append(token.lower().replace("’", "'"))
    return found


def _grams(tokens: list[str], longest: int) -> tuple[str, ...]:
    terms = list(tokens)
    for n in range(2, longest + 1):
        terms.extend([" ".join(tokens[i : i + n]) for i in range(len(tokens) - n + 1)])
    return tuple(terms)


def passages(release: Release, cues: Cues) -> tuple[Passage, ...]:
    """Sentences that count, in order, with their terms."""
    text = release.text
    found: list[Passage] = []
    head_cues: tuple[str, ...] = ()
    headline = release.spans("headline")
    if headline:
        line = release.headline
        tokens = words(line)[:_HEADLINE_WORDS]
        head_cues = cues.match(line[:_CUE_CHARS])
        pairs = tuple(f"{a}&{b}" for i, a in enumerate(head_cues) for b in head_cues[i + 1 :])
        terms = {
            "headline": _grams(tokens, 3),
            "opening": _grams(tokens, 2),
            "hcue": head_cues,
            "pair": pairs,
        }
        found.append(Passage(_trimmed(text, headline[0].start, headline[-1].end), terms))
    read = 0
    linked: set[str] = set()
    for span in _sentences(release):
        if read >= OPENING_WORDS:
            break
        sentence = text[span.start : span.end]
        tokens = words(sentence)[:_SENTENCE_WORDS]
        terms = {"opening": _grams(tokens, 2)}
        if read < CUE_WORDS:
            terms["cue"] = said = cues.match(sentence[:_CUE_CHARS])
            terms["link"] = tuple(f"{a}>{b}" for b in said if b not in linked for a in head_cues)
            linked.update(said)
        found.append(Passage(span, terms))
        read += len(tokens)
    return tuple(found)


def _sentences(release: Release) -> Iterable[Span]:
    for section in release.sections:
        if section.kind in _STORY:
            yield from sentence_spans(release.text, section.start, section.end)


def _trimmed(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    return Span(start + len(part) - len(part.lstrip()), end - (len(part) - len(part.rstrip())))
