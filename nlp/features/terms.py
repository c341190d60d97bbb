"""The terms of a release: what the model counts, sentence by sentence. No scikit-learn here: serving shares
this code.

Only the headline and the opening of the story are read, so a wire copy of two sentences and the whole release
look alike; what an issuer says of itself (about, safe harbor, contact, furniture, tables) counts for nothing.
Of what follows the opening only signs count (that results are given, that a talk is to come), each once.

========= ==========================================================================
field     terms
========= ==========================================================================
headline  word 1- to 3-grams of the headline
opening   word 1- to 2-grams of the headline and the first ``OPENING_WORDS`` words after it
hcue      cues in the headline
cue       cues in sentences that begin within the first ``CUE_WORDS`` words after it
pair      two cues in one headline
link      a cue in the headline and one after it
sign      signs in sentences that begin within the first ``SIGN_CHARS`` characters after it
hsign     a cue in the headline and a sign
========= ==========================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nlp.features.cues import Cues
from nlp.release import Release
from nlp.text import Span

__all__ = [
    "CUE_WORDS",
    "FIELDS",
    "OPENING_WORDS",
    "RUNS",
    "SIGN_CHARS",
    "Passage",
    "passages",
    "word_of",
    "words",
]

FIELDS = ("headline", "opening", "hcue", "cue", "pair", "link", "sign", "hsign")
RUNS = {"headline": 3, "opening": 2}  # fields that count runs of words, and the longest run
OPENING_WORDS = 120  # wire copies end near here
CUE_WORDS = 60  # later sentences tell background as often as news (cross-validated: 40, 60, 120)
SIGN_CHARS = 1500  # what decides between results and their announcement stands here (3,000: no better)
_HEADLINE_WORDS = 80
_SENTENCE_WORDS = 120  # a "sentence" that goes on is a list or a table
_CUE_CHARS = 600

_TOKEN = re.compile(r"[A-Za-z]++(?:[-'’&][A-Za-z0-9]++)*+(?:-?\d[\w-]*+)?|\d[\d,.]*+%?|[$€£]")
_MONEY = "$€£"
_STORY = frozenset({"subheadline", "lead", "body", "quotation"})


@dataclass(frozen=True, slots=True)
class Passage:
    """One sentence: its span, its ``tokens``, the ``fields`` that count runs of their words, and its cues and signs by
    field.

    >>> from nlp.features import Passage
    >>> from nlp.text import Span
    >>> Passage(Span(0, 9), ("Acme", "Bio"), ("opening",), {"cue": ()}).terms["opening"]
    ('acme', 'bio', 'acme bio')
    """

    span: Span
    tokens: Sequence[str]
    fields: tuple[str, ...]
    cues: Mapping[str, tuple[str, ...]]

    @property
    def terms(self) -> Mapping[str, tuple[str, ...]]:
        """All terms by field (repeats count), runs of words joined by spaces."""
        said = [word_of(token) for token in self.tokens]
        return {field: _grams(said, RUNS[field]) for field in self.fields} | dict(self.cues)


def words(text: str) -> list[str]:
    """Words in lower case; sums of money, percentages, years, other figures and codes as classes.

    >>> words("Acme raises $5.2 million for ACM-101")
    ['acme', 'raises', '#money', 'million', 'for', '#code']
    """
    return [word_of(token) for token in _tokens(text)]


def word_of(token: str) -> str:
    """What a token counts as: its class, or itself in lower case.

    >>> word_of("Phase"), word_of("2024"), word_of("ACM-101")
    ('phase', '#year', '#code')
    """
    first = token[0]
    if first in _MONEY:
        return "#money"
    if first.isdigit():
        is_year = len(token) == 4 and token[:2] in ("19", "20")
        return "#percent" if token[-1] == "%" else "#year" if is_year else "#number"
    if token[-1].isdigit() and len(token) > 3:
        return "#code"
    return token.lower().replace("’", "'")


def _tokens(text: str) -> list[str]:
    """Words and figures as they are written; a sum of money is its sign alone."""
    found: list[str] = _TOKEN.findall(text)
    if "$" not in text and "€" not in text and "£" not in text:
        return found
    kept: list[str] = []
    money = False
    for token in found:
        if money and token[0].isdigit():
            continue
        money = token in _MONEY
        kept.append(token)
    return kept


def _grams(tokens: Sequence[str], longest: int) -> tuple[str, ...]:
    terms = list(tokens)
    for n in range(2, longest + 1):
        terms.extend([" ".join(tokens[i : i + n]) for i in range(len(tokens) - n + 1)])
    return tuple(terms)


def passages(release: Release, cues: Cues) -> tuple[Passage, ...]:
    """Sentences that count, in order, with their terms.

    >>> from nlp.features import default_cues, passages
    >>> from nlp.release import read_release
    >>> passages(read_release("Acme Bio Doses First Patient"), default_cues())[0].cues["hcue"]
    ('trial.dosing',)
    """
    text = release.text
    found: list[Passage] = []
    head_cues: tuple[str, ...] = ()
    heads: list[str] = []
    headline = release.spans("headline")
    if headline:
        line = release.headline
        head_cues = cues.match(line[:_CUE_CHARS])
        heads = [f"{cue}>" for cue in head_cues]
        pairs = tuple([f"{a}&{b}" for i, a in enumerate(head_cues) for b in head_cues[i + 1 :]])
        span = _trimmed(text, headline[0].start, headline[-1].end)
        tokens = _tokens(line)[:_HEADLINE_WORDS]
        found.append(Passage(span, tokens, ("headline", "opening"), {"hcue": head_cues, "pair": pairs}))
    read = passed = 0
    linked: set[str] = set()
    signed: set[str] = set()
    for span in _sentences(release):
        if read >= OPENING_WORDS and passed >= SIGN_CHARS:
            break
        sentence = text[span.start : span.end]
        said: dict[str, tuple[str, ...]] = {}
        if passed < SIGN_CHARS:
            if new := [sign for sign in cues.signs(sentence[:_CUE_CHARS]) if sign not in signed]:
                signed.update(new)
                said = {"sign": tuple(new), "hsign": tuple([head + sign for sign in new for head in heads])}
            passed += len(sentence)
        if read >= OPENING_WORDS:
            if said:
                found.append(Passage(span, (), (), said))
            continue
        tokens = _tokens(sentence)[:_SENTENCE_WORDS]
        if read < CUE_WORDS:
            said["cue"] = here = cues.match(sentence[:_CUE_CHARS])
            said["link"] = tuple([head + cue for cue in here if cue not in linked for head in heads])
            linked.update(here)
        found.append(Passage(span, tokens, ("opening",), said))
        read += len(tokens)
    return tuple(found)


def _sentences(release: Release) -> Iterable[Span]:
    for section in release.sections:
        if section.kind in _STORY:
            yield from release.each_sentence(section)


def _trimmed(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    return Span(start + len(part) - len(part.lstrip()), end - (len(part) - len(part.rstrip())))
