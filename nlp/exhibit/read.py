"""Read one exhibit: unwrap, decode, choose the reader, check that nothing is lost."""

from __future__ import annotations

import re

from nlp.errors import ExhibitError, LimitError, Notice
from nlp.exhibit.blocks import Built, build
from nlp.exhibit.decode import Decoded, decode
from nlp.exhibit.layout import is_laid_out, read_layout
from nlp.exhibit.lexbor import lexbor_events
from nlp.exhibit.normal import ENTITY
from nlp.exhibit.pages import assemble, finish
from nlp.exhibit.raw import Raw
from nlp.exhibit.soup import soup_events
from nlp.exhibit.source import source_events, source_pieces
from nlp.exhibit.types import ExhibitText

__all__ = ["MAX_BYTES", "is_html", "read_exhibit", "unwrapped"]

MAX_BYTES = 64 * 1024 * 1024
"""Exhibits over this size are refused (LimitError); EDGAR's largest text exhibits stay under 30 MB."""

_MAX_SOUP = 4 * 1024 * 1024  # BeautifulSoup takes some 10 s and 1 GB for this much
_MAX_OPEN = 400  # formatting tags left open; lexbor reopens each in every block after it
_LOST = 0.985  # share of the visible letters and digits that must be in the text

_HTML = re.compile(
    r"<(?:html|body|p|div|tr|td|font|span|center|h[1-6]|ul|ol|li|pre|ix:\w+)\b[^<]{0,2000}>", re.I
)
_WEAK_HTML = re.compile(r"<(?:br|b|i|u|a|em|strong|sup|sub)\b[^<>]{0,500}>", re.I)
_WRAPPER = re.compile(
    r"\s*(?:-----BEGIN[^\n]*\n)?\s*<DOCUMENT>\s*(?:<TYPE>|<SEQUENCE>|<FILENAME>|<TEXT>)", re.I
)
_TEXT_START = re.compile(r"<TEXT>[ \t]*\r?\n?", re.I)
_TEXT_END = re.compile(r"</TEXT>\s*(?:</DOCUMENT>\s*)?\Z", re.I)
_FORMATTING_START = re.compile(rb"<(/?)(?:font|b|i|u|a|big|code|em|nobr|s|small|strike|strong|tt)\b", re.I)
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
    markup = decoded.text[start:end]
    notices = list(decoded.notices)
    if is_html(markup):
        raws, parser = _read_html(
            markup,
            source if isinstance(source, bytes) and end - start == len(source) and markup.isascii() else None,
            notices,
        )
    else:
        body = markup.replace("\r\n", "\n").replace("\r", "\n")
        raws, parser = read_layout(body), "ascii" if is_laid_out(body) else "plain"
    blocks, furniture = finish(raws)
    text, found, _ = assemble(blocks)
    if not _WORDS.search(text):
        raise ExhibitError(f"no readable text in the exhibit: {_seen(markup)}")
    return ExhibitText(text, found, tuple(notices), furniture, parser)


def unwrapped(text: str) -> tuple[int, int]:
    """Range of the exhibit inside an SGML ``<DOCUMENT>…<TEXT>`` wrapper that it still wears, else the whole."""
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
    """Whether the text is HTML: block tags or fonts; line breaks and inline tags count where no blank line is."""
    return _HTML.search(text) is not None or (
        _WEAK_HTML.search(text) is not None and not re.search(r"\n[ \t\r]*\n", text)
    )


def _read_html(markup: str, raw: bytes | None, notices: list[Notice]) -> tuple[list[Raw], str]:
    data = raw if raw is not None else markup.encode("utf-8", "replace")
    if _left_open(data) > _MAX_OPEN:
        notices.append(
            Notice(
                "markup-unclosed",
                "hundreds of formatting tags are never closed; the source was read tag by tag",
            )
        )
        return build(event for event, _, _ in source_events(markup)).blocks, "source"
    built, parser = build(lexbor_events(data)), "lexbor"
    visible = 0
    if _suspicious(built, data):
        visible = _visible(markup)
        if _kept(built) < visible * _LOST - 10:
            first = _kept(built)
            others: list[tuple[int, str, Built]] = []
            if len(data) <= _MAX_SOUP:
                soup = build(soup_events(markup))
                others.append((_kept(soup), "soup", soup))
            if not others or others[0][0] < visible * _LOST - 10:
                own = build(event for event, _, _ in source_events(markup))
                others.append((_kept(own), "source", own))
            best = max(others, key=lambda other: other[0])
            if best[0] > first + 10:
                built, parser = best[2], best[1]
                notices.append(
                    Notice(
                        "parser-fallback",
                        f"lexbor kept {first} of {visible} visible letters and digits; the {parser} reader, which kept {best[0]}, was used",
                    )
                )
            kept = max(best[0], first)
            if kept < visible * _LOST - 10:
                notices.append(
                    Notice(
                        "text-lost", f"only {kept} of {visible} visible letters and digits are in the text"
                    )
                )
    return built.blocks, parser


def _left_open(data: bytes) -> int:
    starts = ends = 0
    lower = data.count(b"<font") + data.count(b"<FONT") + data.count(b"<b>") + data.count(b"<B>")
    if lower < _MAX_OPEN and len(data) < 200_000:
        return 0
    for slash in _FORMATTING_START.findall(data):
        if slash:
            ends += 1
        else:
            starts += 1
    return starts - ends


def _kept(built: Built) -> int:
    return sum(len(_WORDS.findall(raw.text)) for raw in built.blocks) + built.hidden


def _suspicious(built: Built, data: bytes) -> bool:
    return True


def _visible(markup: str) -> int:
    """Letters and digits between tags, counted in the source."""
    return sum(len(_WORDS.findall(ENTITY.sub(" ", text))) for text, *_ in source_pieces(markup))


def _seen(markup: str) -> str:
    images = len(re.findall(r"<img\b", markup, re.I))
    if not markup.strip():
        return "it is empty"
    return f"{len(markup)} characters of source, {images} image(s), no letters or digits between the tags"
