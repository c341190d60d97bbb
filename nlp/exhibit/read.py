"""Read one exhibit: unwrap, decode, choose the reader, check that nothing is lost."""

from __future__ import annotations

import re

from nlp.errors import ExhibitError, LimitError, Notice
from nlp.exhibit.blocks import Built, build
from nlp.exhibit.check import survey
from nlp.exhibit.decode import Decoded, decode
from nlp.exhibit.layout import is_laid_out, read_layout
from nlp.exhibit.lexbor import lexbor_events
from nlp.exhibit.normal import ENTITY
from nlp.exhibit.pages import assemble, finish
from nlp.exhibit.raw import Raw
from nlp.exhibit.soup import soup_events
from nlp.exhibit.source import source_events, source_pieces
from nlp.exhibit.straight import straight_events
from nlp.exhibit.types import ExhibitText

__all__ = ["MAX_BYTES", "MAX_DEPTH", "is_html", "read_exhibit", "unwrapped"]

MAX_BYTES = 64 * 1024 * 1024
"""Exhibits over this size are refused (LimitError); EDGAR's largest text exhibits stay under 30 MB."""

MAX_DEPTH = 256
"""Elements open at once; above it the source is read tag by tag. Tree builders reopen every unclosed
``<font>`` in each block after it: at 1,000 of them lexbor writes 12 MB for 20 KB. It takes 2.7 s for 40,000
nested ``<div>``."""

_MAX_SOUP = 256 * 1024  # bytes; html.parser is quadratic on unclosed comments and cut tags: 1 s at this size
_MAX_UNSEEN = 1000  # characters in titles and the like; more looks like an element without an end
_PROLOGUE = 64  # characters; white space before <html> that a tree doesn't keep
_KEPT = 0.995  # share of the visible letters and digits that must be in the text

_HTML = re.compile(
    r"<(?:html|body|p|div|tr|td|font|span|center|h[1-6]|ul|ol|li|pre|ix:\w+)\b[^<]{0,2000}>", re.I
)
_WEAK_HTML = re.compile(r"<(?:br|b|i|u|a|em|strong|sup|sub)\b[^<>]{0,500}>", re.I)
_WRAPPER = re.compile(r"\s*+<DOCUMENT>\s*+<(?:TYPE|SEQUENCE|FILENAME|TEXT)>", re.I)
_TEXT_START = re.compile(r"<TEXT>[ \t]*\r?\n?", re.I)
_TEXT_END = re.compile(r"</TEXT>\s*(?:</DOCUMENT>\s*)?\Z", re.I)
_WORDS = re.compile(r"[^\W_]")


def read_exhibit(source: bytes | str) -> ExhibitText:
    """Read one exhibit: HTML or text, as bytes or characters, to one text made of blocks.

    Raises ``ExhibitError`` (``no-text``) when nothing can be read, and ``LimitError`` over ``MAX_BYTES``.

    >>> exhibit = read_exhibit("<p>C<small>ELLECTAR</small> said&nbsp;so.</p><ul><li>First<li>Second</ul>")
    >>> exhibit.text
    'CELLECTAR said so.\\n\\nFirst\\n\\nSecond'
    >>> [block.kind for block in exhibit.blocks]
    ['paragraph', 'item', 'item']
    """
    if len(source) > MAX_BYTES:
        raise LimitError(
            f"the exhibit has {len(source):,} bytes, the limit is {MAX_BYTES:,}; split it or raise the limit"
        )
    decoded = decode(source) if isinstance(source, bytes) else Decoded(source)
    start, end = unwrapped(decoded.text)
    markup = decoded.text[start:end]  # the same object when nothing is taken off
    notices = list(decoded.notices)
    if is_html(markup):
        if isinstance(source, bytes) and markup is decoded.text and not decoded.notices and not decoded.mark:
            data = source
        else:
            data = markup.encode("utf-8", "replace")
        raws, parser = _read_html(markup, data, notices)
    else:
        body = markup.replace("\r\n", "\n").replace("\r", "\n")
        raws, parser = read_layout(body), "ascii" if is_laid_out(body) else "plain"
    blocks, furniture = finish(raws)
    text, found, _ = assemble(blocks)
    if not _WORDS.search(text):
        raise ExhibitError(f"no readable text in the exhibit: {_seen(markup)}")
    return ExhibitText(text, found, tuple(notices), furniture, parser)


def unwrapped(text: str) -> tuple[int, int]:
    """Range of the exhibit inside the SGML ``<DOCUMENT>…<TEXT>`` wrapper it still wears, else all of it."""
    start, end = 0, len(text)
    if _WRAPPER.match(text):
        opening = _TEXT_START.search(text, 0, 20_000)
        if opening:
            start = opening.end()
            close = text.rfind("</", max(start, end - 200))
            while close >= start:
                closing = _TEXT_END.match(text, close)
                if closing:
                    end = close
                close = text.rfind("</", start, close) if closing is None and close > end - 200 else -1
    return start, end


def is_html(text: str) -> bool:
    """Whether the text is HTML: by block tags or fonts, or inline tags where it has no blank lines."""
    return _HTML.search(text) is not None or (
        _WEAK_HTML.search(text) is not None and not re.search(r"\n[ \t\r]*\n", text)
    )


def _read_html(markup: str, data: bytes, notices: list[Notice]) -> tuple[list[Raw], str]:
    straight = straight_events(markup)
    if straight is not None:
        return build(straight).blocks, "straight"
    seen = survey(data, len(markup), MAX_DEPTH)
    if seen.depth > MAX_DEPTH:
        told = f"some {seen.depth:,} elements are open at once (limit {MAX_DEPTH}); read tag by tag"
        notices.append(Notice("markup-too-deep", told))
        return build(event for event, _, _ in source_events(markup)).blocks, "source"
    built = build(lexbor_events(data))
    if seen.characters is not None and built.unseen <= _MAX_UNSEEN:
        missing = seen.characters - (built.characters - seen.entities) - _PROLOGUE
        if missing <= 0 or missing <= markup.count("\r"):
            return built.blocks, "lexbor"
    visible = _visible(markup)
    least = max(visible * _KEPT - 10, min(visible, 1))
    first = _kept(built)
    if first >= least:
        return built.blocks, "lexbor"
    others = [(build(event for event, _, _ in source_events(markup)), "source")]
    if len(data) <= _MAX_SOUP:
        others.insert(0, (build(soup_events(markup)), "soup"))
    # The nearest to the count, not the longest: a reader may also take markup for text.
    parser, kept = "lexbor", first
    for other, name in others:
        count = _kept(other)
        if abs(count - visible) < abs(kept - visible):
            built, parser, kept = other, name, count
    if parser != "lexbor":
        told = (
            f"of {visible:,} visible letters and digits lexbor kept {first:,}, the {parser} reader {kept:,}"
        )
        notices.append(Notice("parser-fallback", told))
    if kept < least:
        told = f"only {kept:,} of {visible:,} visible letters and digits are in the text"
        notices.append(Notice("text-lost", told))
    return built.blocks, parser


def _kept(built: Built) -> int:
    return sum(len(_WORDS.findall(raw.text)) for raw in built.blocks) + built.hidden


def _visible(markup: str) -> int:
    """Letters and digits between tags, counted in the source."""
    return sum(
        len(_WORDS.findall(ENTITY.sub(" ", markup[start:end]))) for _, start, end in source_pieces(markup)
    )


def _seen(markup: str) -> str:
    images = len(re.findall(r"<img\b", markup, re.I))
    if not markup.strip():
        return "it is empty"
    return f"{len(markup)} characters of source, {images} image(s), no letters or digits between the tags"
