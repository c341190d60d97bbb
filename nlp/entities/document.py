"""Tokens of a release at a tenth of spaCy's price, and the spaCy ``Doc`` made of them.

spaCy's tokenizer takes about 1.6 ms per 1,000 words; one pass of one regular expression and ``Doc(vocab, words, spaces)``
take a tenth of that. Tokens are words (inner hyphens, apostrophes, ampersands and full stops kept: ``CLR-131``, ``U.S``),
single signs, and runs of white space other than one space, so that ``doc.text == release.text`` holds to the character.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

from nlp.entities import Entities, Mention
from nlp.release import Release

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Token

__all__ = ["SPANS_KEY", "annotate", "blank_language", "make_doc", "mark", "tokenize"]

SPANS_KEY = "ex99"  # the span group that holds every mention, overlapping ones too

# Possessive throughout: a token is never given back, so time is linear in the text.
_TOKEN = re.compile(
    r"""(\w++(?:[-‐‑'’.&]\w++)*+   # a word with inner joints
        |[^\w\s]                    # one sign
        |\s++)                      # white space that no token before it has taken
        ([ ]?)                      # the one space that spaCy keeps with the token""",
    re.VERBOSE,
)


def tokenize(text: str) -> tuple[list[str], list[bool]]:
    """Words, and whether one space follows each; joined they give ``text`` again.

    >>> tokenize("Dosed CLR-131 (n=5).\\n\\nNext")[0]
    ['Dosed', 'CLR-131', '(', 'n', '=', '5', ')', '.', '\\n\\n', 'Next']
    """
    pairs = _TOKEN.findall(text)
    return [word for word, _ in pairs], [space == " " for _, space in pairs]


@cache
def blank_language() -> Language:
    """The blank English pipeline whose vocabulary all documents share (spaCy is imported here, at first use)."""
    import spacy

    return spacy.blank("en")


def make_doc(release: Release) -> Doc:
    """The release's whole text as a spaCy ``Doc``: token ``idx`` are offsets into ``release.text``."""
    return _blank_doc(release.text)


def annotate(text: str, entities: Entities, cats: Mapping[str, float]) -> Doc:
    """A ``Doc`` of ``text`` with what was found in it; ``doc.text == text``.

    ``doc.cats``: ``cats`` (probability of each event type). ``doc.spans["ex99"]``: every mention, labelled DRUG,
    COUNTERPARTY or TERM, with its kind or role as ``span.id_`` (``inn``, ``licensor``, ``gross_proceeds``).
    ``doc.ents``: the same without overlaps, the longest of those that overlap.

    >>> from nlp.entities import Drug
    >>> drug = Drug("ACM-101", "code", (), "drug-code-strong", (Mention("ACM-101", 11, 18),))
    >>> doc = annotate("Acme dosed ACM-101-treated mice", Entities(drugs=(drug,)), {"trial": 0.9})
    >>> [(ent.text, ent.label_, ent.id_) for ent in doc.ents]
    [('ACM-101', 'DRUG', 'code')]
    """
    doc = _blank_doc(text)
    mark(doc, entities, cats)
    return doc


def mark(doc: Doc, entities: Entities, cats: Mapping[str, float]) -> None:
    """Write entities and event probabilities into a ``Doc`` of the text they were found in.

    Tokens that a mention only partly covers are split first, so that spans are exact to the character.
    """
    from spacy.tokens import Span
    from spacy.util import filter_spans

    mentions = list(_labelled(entities))
    _split(doc, {cut for mention, _, _ in mentions for cut in (mention.start, mention.end)})
    first = {token.idx: token.i for token in doc}
    last = {token.idx + len(token): token.i + 1 for token in doc}
    spans = [
        Span(doc, first[mention.start], last[mention.end], label=label, span_id=kind)
        for mention, label, kind in mentions
    ]
    doc.spans[SPANS_KEY] = spans
    doc.set_ents(filter_spans(spans))
    doc.cats = dict(cats)


def _blank_doc(text: str) -> Doc:
    from spacy.tokens import Doc

    words, spaces = tokenize(text)
    return Doc(blank_language().vocab, words=words, spaces=spaces)


def _labelled(entities: Entities) -> Iterator[tuple[Mention, str, str]]:
    """Each mention with its label and its kind or role."""
    for drug in entities.drugs:
        yield from ((mention, "DRUG", drug.kind) for mention in drug.mentions)
    for party in entities.counterparties:
        yield from ((mention, "COUNTERPARTY", party.role) for mention in party.mentions)
    for term in entities.terms:
        yield from ((mention, "TERM", term.kind) for mention in term.mentions)


def _split(doc: Doc, cuts: set[int]) -> None:
    """Split tokens that a cut (a character offset) runs through."""
    inner = cuts - {token.idx for token in doc} - {token.idx + len(token) for token in doc}
    if not inner:
        return
    straddling: dict[int, tuple[Token, list[int]]] = {}
    tokens = iter(doc)
    token = next(tokens)
    for cut in sorted(inner):
        while token.idx + len(token) < cut:
            token = next(tokens)
        straddling.setdefault(token.i, (token, []))[1].append(cut - token.idx)
    with doc.retokenize() as retokenizer:
        for token, places in straddling.values():
            bounds = [0, *places, len(token)]
            parts = [token.text[a:b] for a, b in itertools.pairwise(bounds)]
            retokenizer.split(token, parts, heads=[(token, i) for i in range(len(parts))])
