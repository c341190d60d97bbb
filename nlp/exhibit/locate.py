"""From characters of an exhibit's text back to the bytes they were written with. Computed only when asked.

The source is read again by the reader that keeps positions, through the same block builder. Inside a block,
the text's visible characters are the source's visible characters in order, so each leads to the entity, the
bytes or the letter it came from. Where the two readings differ, only blocks that agree are located; anything
else is an error, never a guess.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from html import unescape
from html.entities import html5

from nlp.errors import ExhibitError
from nlp.exhibit.blocks import build
from nlp.exhibit.decode import decode
from nlp.exhibit.layout import INLINE_TAG, SGML_TAG, read_layout
from nlp.exhibit.normal import CHARACTERS, ENTITY, SUPERSCRIPTS
from nlp.exhibit.pages import assemble, finish
from nlp.exhibit.read import is_html, unwrapped
from nlp.exhibit.source import source_events
from nlp.exhibit.types import ExhibitText
from nlp.text import Span

__all__ = ["Locator", "locate"]

_REFERENCE = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)")
_LINE_END = re.compile(r"\r\n")
_PLAIN_DIGITS = {raised: plain for plain, raised in reversed(SUPERSCRIPTS.items())}
_STEP = 4096

Char = tuple[str, int, int]  # a character and the range of the source it was written with
Range = tuple[int, int]
Ranges = tuple[Range, ...]


def locate(source: bytes, exhibit: ExhibitText, span: Span) -> Span:
    """Bytes of ``source`` that the characters ``span`` of the exhibit's text were written with.

    ``source`` must be the bytes the exhibit was read from. The range goes from the first byte of the first
    visible character to the last byte of the last, with the tags and entities between them. Raises
    ``ExhibitError`` (``not-located``) when the span has no visible character or the two readings can't be
    brought together. Use ``Locator`` to locate many spans of one exhibit.

    >>> from nlp.exhibit import locate, read_exhibit
    >>> from nlp.text import Span
    >>> source = b"<p>Sales of <b>R&amp;D</b> kits</p>"
    >>> found = locate(source, read_exhibit(source), Span(9, 17))
    >>> source[found.start : found.end]
    b'R&amp;D</b> kits'
    """
    return Locator(source, exhibit).bytes_of(span)


class Locator:
    """Locates spans of one exhibit; reads the source once.

    >>> from nlp.exhibit import Locator, read_exhibit
    >>> from nlp.text import Span
    >>> source = b"<p>Acme Bio raised <b>&#36;5</b> million</p>"
    >>> exhibit = read_exhibit(source)
    >>> found = Locator(source, exhibit).bytes_of(Span(16, 18))
    >>> exhibit.text[16:18], source[found.start : found.end]
    ('$5', b'&#36;5')
    """

    def __init__(self, source: bytes, exhibit: ExhibitText) -> None:
        self._exhibit = exhibit
        self._decoded = decode(source)
        self._marks = self._byte_marks()
        self._offset, end = unwrapped(self._decoded.text)
        markup = self._decoded.text[self._offset : end]
        self._skip: frozenset[int] = frozenset()
        if is_html(markup):
            events = list(source_events(markup))
            built = build((event for event, _, _ in events), traced=True)
            self._pieces = [(start, stop) for _, start, stop in events]
            self._skip = frozenset(built.hidden_events)
            self._html, self._text = True, markup
            raws = built.blocks
        else:
            self._ends = [match.start() - number for number, match in enumerate(_LINE_END.finditer(markup))]
            self._html, self._text = False, _LINE_END.sub("\n", markup).replace("\r", "\n")
            raws = read_layout(self._text)
        text, blocks, origins = assemble(finish(raws)[0])
        self._same = text == exhibit.text
        if self._same:
            self._origins = origins
        else:
            self._origins = self._matched([text[block.start : block.end] for block in blocks], origins)
        self._chars: dict[int, list[Range] | None] = {}

    def bytes_of(self, span: Span) -> Span:
        """Bytes of the source for a span of the text; see ``locate``."""
        text = self._exhibit.text
        start, end = span
        if not 0 <= start < end <= len(text):
            raise ExhibitError(
                f"span {start}:{end} is empty or outside the text of {len(text)} characters",
                code="not-located",
            )
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start == end:
            raise ExhibitError(f"span {span[0]}:{span[1]} holds white space only", code="not-located")
        first = self._char(start)
        last = self._char(end - 1)
        low, high = min(first[0], last[0]), max(first[1], last[1])
        return Span(self._byte(self._in_source(low)), self._byte(self._in_source(high, end=True)))

    def _char(self, index: int) -> Range:
        blocks = self._exhibit.blocks
        number = bisect_right(blocks, index, key=lambda block: block.start) - 1
        if number not in self._chars:
            self._align(number)
        chars = self._chars[number]
        if chars is None:
            block = blocks[number]
            seen = self._exhibit.text[block.start : block.end][:40]
            raise ExhibitError(
                f"the block that starts {seen!r} was not found; is this its source?",
                code="not-located",
            )
        block = blocks[number]
        before = self._exhibit.text[block.start : index]
        return chars[len(before) - sum(map(str.isspace, before))]

    def _align(self, number: int) -> None:
        """Find the source range of each visible character of a block and its neighbours of one origin."""
        origin = self._origins[number]
        first = last = number
        while first > 0 and self._origins[first - 1] == origin:
            first -= 1
        while last + 1 < len(self._origins) and self._origins[last + 1] == origin:
            last += 1
        blocks = self._exhibit.blocks[first : last + 1]
        texts = ["".join(self._exhibit.text[block.start : block.end].split()) for block in blocks]
        wanted = "".join(texts).translate(_PLAIN_DIGITS)
        seen = self._visible(origin)
        ranges: list[Range] | None = []
        if "".join(char for char, _, _ in seen).translate(_PLAIN_DIGITS) == wanted:
            ranges = [(start, end) for _, start, end in seen]
        else:
            ranges = _subsequence(wanted, seen)
            if not self._same and ranges is not None:
                # Nothing else says where the block stands: it counts only if there is just one way.
                behind = _subsequence(wanted[::-1], seen[::-1])
                ranges = ranges if behind is not None and behind[::-1] == ranges else None
        at = 0
        for index, text in enumerate(texts, first):
            self._chars[index] = None if ranges is None else ranges[at : at + len(text)]
            at += len(text)

    def _visible(self, origin: Ranges) -> list[Char]:
        """Visible characters of the ranges, in normal form, with their place in the source."""
        chars: list[Char] = []
        for low, high in origin:
            if self._html:
                for event in range(low, min(high, len(self._pieces))):
                    if event not in self._skip:
                        chars.extend(_references(self._text, *self._pieces[event]))
            else:
                chars.extend(_untagged(self._text, low, high))
        for _ in range(4):  # as often as ``normal.resolve``
            text = "".join(char for char, _, _ in chars)
            if ENTITY.search(text) is None:
                break
            chars = _resolved(text, chars)
        return [
            (piece, start, end)
            for char, start, end in chars
            for piece in CHARACTERS.get(char, char)
            if not piece.isspace()
        ]

    def _matched(self, texts: list[str], origins: list[Ranges]) -> list[Ranges]:
        """Origins from a reading that differs: of equal blocks, in order, else of what lies between."""
        places: dict[str, list[int]] = {}
        for number, text in enumerate(texts):
            places.setdefault(text, []).append(number)
        found: list[int | None] = []
        last = -1
        for block in self._exhibit.blocks:
            numbers = places.get(self._exhibit.text[block.start : block.end], [])
            at = bisect_right(numbers, last)
            if at < len(numbers):
                last = numbers[at]
                found.append(last)
            else:
                found.append(None)
        matched: list[Ranges] = []
        for index, place in enumerate(found):
            if place is not None:
                matched.append(origins[place])
                continue
            before = next((n for n in reversed(found[:index]) if n is not None), -1)
            after = next((n for n in found[index + 1 :] if n is not None), len(texts))
            # Blocks of one laid-out text share their origin; it counts once.
            between = dict.fromkeys(origin for n in range(before + 1, after) for origin in origins[n])
            matched.append(tuple(between))
        return matched

    def _in_source(self, index: int, *, end: bool = False) -> int:
        """Character of the source for one of the text read, where line ends of two were made one."""
        if not self._html and self._ends:
            index += bisect_right(self._ends, index - 1 if end else index)
        return index + self._offset

    def _byte_marks(self) -> list[int]:
        decoded = self._decoded
        if decoded.text.isascii() and not decoded.encoding.startswith("utf-16"):
            return []
        return decoded.marks(_STEP)

    def _byte(self, index: int) -> int:
        if not self._marks:
            return self._decoded.mark + index
        step = index // _STEP
        return self._marks[step] + self._decoded.width(step * _STEP, index)


def _references(text: str, start: int, end: int) -> list[Char]:
    """Characters of a piece of HTML text, references resolved as HTML resolves them."""
    piece = text[start:end]
    if "&" not in piece:
        return [(char, at, at + 1) for at, char in enumerate(piece, start)]
    chars: list[Char] = []
    at = 0
    for match in _REFERENCE.finditer(piece):
        chars.extend((char, start + i, start + i + 1) for i, char in enumerate(piece[at : match.start()], at))
        low, high = match.span()
        written = match.group()
        if written[1] != "#" and written[1:] not in html5:
            size = next((size for size in range(len(written) - 1, 1, -1) if written[1:size] in html5), 0)
            high = low + size
            written = written[:size]
        if written:
            chars.extend((char, start + low, start + high) for char in unescape(written))
            at = high
        else:
            at = low
            chars.append((piece[at], start + at, start + at + 1))
            at += 1
    chars.extend((char, start + i, start + i + 1) for i, char in enumerate(piece[at:], at))
    return chars


def _resolved(text: str, chars: list[Char]) -> list[Char]:
    """Entities that show in the text itself, resolved once more."""
    out: list[Char] = []
    at = 0
    for match in ENTITY.finditer(text):
        out.extend(chars[at : match.start()])
        start, end = chars[match.start()][1], chars[match.end() - 1][2]
        out.extend((char, start, end) for char in unescape(match.group()))
        at = match.end()
    return out + chars[at:]


def _untagged(text: str, low: int, high: int) -> list[Char]:
    piece = text[low:high]
    hidden = (
        [match.span() for pattern in (SGML_TAG, INLINE_TAG) for match in pattern.finditer(piece)]
        if "<" in piece
        else []
    )
    return [
        (char, low + at, low + at + 1)
        for at, char in enumerate(piece)
        if not any(first <= at < last for first, last in hidden)
    ]


def _subsequence(wanted: str, seen: list[Char]) -> list[Range] | None:
    """Ranges of the wanted characters if they come in this order among those seen, else ``None``."""
    ranges: list[Range] = []
    at = 0
    for char in wanted:
        while at < len(seen) and seen[at][0].translate(_PLAIN_DIGITS) != char:
            at += 1
        if at == len(seen):
            return None
        ranges.append(seen[at][1:])
        at += 1
    return ranges
