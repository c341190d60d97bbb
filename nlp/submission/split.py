"""Find the documents of a submission in one pass over the bytes.

The structure is ``<DOCUMENT>``, a few ``<TAG>value`` lines, ``<TEXT>``, the body, ``</TEXT>``, ``</DOCUMENT>``; any of
these may be missing, doubled, or be words of the body. What decides:

- a document opens where ``<DOCUMENT>`` is followed by one of its tag lines (``<TYPE>`` ...), or where such lines lead to a
  ``<TEXT>`` without it; any other ``<DOCUMENT>`` is text;
- it ends at ``</TEXT>`` directly followed by ``</DOCUMENT>``; else at the last thing that closes it before the next opening;
- a close too many belongs to a document still open around it (nesting); else it is text.

So a wrong guess moves text from one document to another, with a notice; it never drops any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import re2

from nlp.errors import Notice, SubmissionError
from nlp.submission.header import decode_header
from nlp.submission.kind import Kind, recognise

__all__ = ["Document", "Part", "Piece", "find_parts", "find_submissions", "is_blank", "split_documents"]

_MAX_TAGS = 2_000_000  # structural tags in one file; the largest real filings have a few thousand
_MAX_DOCUMENTS = 20_000
_MAX_TAG_LINES = 20_000  # bytes of tag lines a document may have
_MAX_STRAY = 2_000  # bytes of other text between them and <TEXT>

# RE2, as nearly all of a file is looked at by this alone.
_TAG = re2.compile(rb"(?i)<(/?)(DOCUMENT|TEXT|TYPE|SUBMISSION|(?:SEC|IMS)-(?:DOCUMENT|HEADER))[ \t]{0,8}>")
_BLANK = re.compile(rb"[\s\0]*+")
_OPENS = re.compile(rb"(?i)[\s\0]*+<(?:TYPE|SEQUENCE|FILENAME|DESCRIPTION|TEXT)>")
_HEADER_LINE = re.compile(
    rb"(?i)[\s\0]*+<(TYPE|SEQUENCE|FILENAME|DESCRIPTION|FLAWED|COUNT|PUBLIC-REFERENCE-ACC|NAME|DOCUMENT-[A-Z-]{1,20})>((?:[^\r\n<]|<(?![A-Za-z/]))*+)"
)
_STARTS = re.compile(
    rb"(?i)<(?:SEC|IMS)-(?:DOCUMENT|HEADER)>[^\r\n<]{0,200}?\d{10}-\d\d-|<SUBMISSION>\s{0,9}<|<(?:SEC|IMS)-HEADER>\s{0,9}<"
)
_TRAILER = re.compile(
    rb"(?i)(?:[\s\0\x1a]|</(?:SUBMISSION|(?:SEC|IMS)-(?:DOCUMENT|HEADER))>|-----END PRIVACY-ENHANCED MESSAGE-----)*+"
)
_TRAILER_END = re.compile(
    rb"(?i)(?:</(?:SUBMISSION|(?:SEC|IMS)-(?:DOCUMENT|HEADER))>|-----END PRIVACY-ENHANCED MESSAGE-----)[\s\0\x1a]{0,40}\Z"
)
_CUT_TAG = re.compile(rb"(?i)</?(?:T(?:E(?:XT?)?)?|D(?:O(?:C(?:U(?:M(?:E(?:NT?)?)?)?)?)?)?)?\Z")
_WRAPPER = re.compile(rb"(?i)[\s\0]*+<(PDF|XBRL|XML)>(?:\r\n|[\r\n])?")
_WRAPPER_END = re.compile(rb"(?i)</(?:PDF|XBRL|XML)>[\s\0]{0,40}\Z")
_SUBMISSION_TAGS = frozenset({"SUBMISSION", "SEC-DOCUMENT", "IMS-DOCUMENT"})
# EDGAR makes these itself and counts them without disseminating them all (seen: 15 of a declared 17).
_RENDERED = frozenset({"XML", "JSON", "ZIP", "EXCEL"})
_ENDS = _SUBMISSION_TAGS | {"SEC-HEADER", "IMS-HEADER"}
_NUMBER_ONE = re.compile(rb"<SEQUENCE>[ \t]*0*1[ \t]*[\r\n<]")
# The forms that bring press releases; exhibits and graphics are never first.
_FORM = re.compile(rb"<TYPE>[ \t]*(?:8-K|6-K|10-[KQ]|20-F|40-F|SC |S-\d|F-\d|424B|DEF|DEFA|425|11-K|D\b)")
_PEM = b"-----BEGIN PRIVACY-ENHANCED MESSAGE-----"


@dataclass(frozen=True, slots=True)
class Document:
    """One ``<DOCUMENT>``: its tags, where its body lies in the file (``raw[start:end]``), and what the body is.

    ``filename`` is what the document says of itself: never a path to open or write. A wrapper such as ``<PDF>`` or
    ``<XBRL>`` directly inside ``<TEXT>`` is not part of the body.

    >>> from nlp.submission import read_submission
    >>> raw = b"<DOCUMENT>\\n<TYPE>EX-99.1\\n<FILENAME>acme.htm\\n<TEXT>\\n<html>News</html>\\n</TEXT>\\n</DOCUMENT>"
    >>> document = read_submission(raw).documents[0]
    >>> document.type, document.filename, document.kind
    ('EX-99.1', 'acme.htm', 'html')
    """

    type: str
    sequence: str | None
    filename: str | None
    description: str | None
    start: int
    end: int
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Part:
    """A structural tag: its name in capitals, whether it closes, where it stands, and whether a document opens here."""

    name: str
    closes: bool
    start: int
    end: int
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Where one submission lies in the file: header ``start:header_end``, documents to ``end``, with its tags."""

    start: int
    header_end: int
    end: int
    parts: tuple[Part, ...]


def is_blank(raw: bytes) -> bool:
    """Whether there is nothing but white space and NULs."""
    return _BLANK.fullmatch(raw) is not None


def find_parts(raw: bytes) -> Iterator[Part]:
    """All structural tags, in order, as they are found. Raises ``SubmissionError`` when there are absurdly many."""
    count = 0
    last_open = -1
    for found in _TAG.finditer(raw):
        name = found[2].upper().decode()
        closes = found[1] == b"/"
        start, end = found.span()
        opens = False
        if name == "DOCUMENT" and not closes:
            opens = _OPENS.match(raw, end) is not None
        elif name == "TYPE" and not closes and start > last_open:
            lines_end, saw_text = _tag_lines(raw, start)
            opens = saw_text
            last_open = max(last_open, lines_end - 1)
        if opens and name == "DOCUMENT":
            last_open = max(last_open, _tag_lines(raw, end)[0] - 1)
        if name != "TYPE" or opens:
            yield Part(name, closes, start, end, opens)
            count += 1
        if count > _MAX_TAGS:
            raise SubmissionError(
                f"more than {_MAX_TAGS:,} structural tags; this is not a filing", code="over-limit"
            )


def _tag_lines(raw: bytes, position: int) -> tuple[int, bool]:
    """End of the ``<TAG>value`` lines that begin here, and whether ``<TEXT>`` follows them."""
    limit = position + _MAX_TAG_LINES
    while position < limit and (line := _HEADER_LINE.match(raw, position)):
        position = line.end()
    text = _BLANK.match(raw, position)
    after = text.end() if text else position
    return position, raw[after : after + 6].upper() == b"<TEXT>"


def find_submissions(raw: bytes, parts: Sequence[Part]) -> Iterator[Piece]:
    """Cut a file where a further submission begins, after at least one document of the one before.

    It begins at its opening tag; one that lost its header, behind the closing tag of the submission before, or where
    documents are numbered from 1 again, beginning with a form.
    """
    starts = [0]
    cuts: list[int] = [0]
    documents = 0
    for index, part in enumerate(parts):
        start = None
        if part.opens:
            if documents:
                start = _headless_start(raw, parts, index)
            documents += 1
        elif (
            documents
            and not part.closes
            and part.name not in ("DOCUMENT", "TEXT")
            and _STARTS.match(raw, part.start)
        ):
            before = parts[index - 1]
            # A real one follows the end of a document; in a body it would be a quotation.
            if before.closes and _TRAILER.fullmatch(
                raw, before.end, _without_pem(raw, before.end, part.start)
            ):
                start = _without_pem(raw, before.end, part.start)
        if start is not None:
            starts.append(start)
            cuts.append(index)
            documents = int(part.opens)
    ends = [*starts[1:], len(raw)]
    cut_ends = [*cuts[1:], len(parts)]
    for start, end, first, last in zip(starts, ends, cuts, cut_ends, strict=True):
        own = tuple(parts[first:last])
        yield Piece(start, next((p.start for p in own if p.opens), end), end, own)


def _headless_start(raw: bytes, parts: Sequence[Part], index: int) -> int | None:
    """Where the submission begins whose first document opens at ``parts[index]``, if one does."""
    before = parts[index - 1]
    if not before.closes:
        return None
    if before.name == "DOCUMENT":
        begins = _BLANK.fullmatch(raw, before.end, parts[index].start) and _is_first_form(raw, parts[index])
        return before.end if begins else None
    last = index - 1
    while last > 0 and parts[last].closes and parts[last].name in _ENDS:
        last -= 1
    # In a body, a closing tag of the submission would be a quotation.
    closed = parts[last].closes and _TRAILER.fullmatch(raw, parts[last].end, before.end)
    return before.end if closed and last < index - 1 else None


def _is_first_form(raw: bytes, part: Part) -> bool:
    """Whether the document that opens here is number 1 and a form, as the first of every submission is."""
    tags = raw[part.start : part.start + 400].upper().split(b"<TEXT>", 1)[0]
    return _NUMBER_ONE.search(tags) is not None and _FORM.search(tags) is not None


def _without_pem(raw: bytes, low: int, high: int) -> int:
    found = raw.find(_PEM, low, high)
    return high if found < 0 else found


@dataclass(slots=True)
class _Reading:
    """A document being read; ``label`` is what notices call it."""

    type: str
    sequence: str | None
    filename: str | None
    description: str | None
    start: int
    end: int
    label: str


def split_documents(
    raw: bytes, piece: Piece, declared: int | None
) -> tuple[tuple[Document, ...], tuple[Notice, ...]]:
    """The documents of one submission in file order, disjoint, and what was repaired.

    ``declared``: how many the header says there are. Raises ``SubmissionError`` over 20,000 documents.
    """
    openings = [i for i, part in enumerate(piece.parts) if part.opens]
    if len(openings) > _MAX_DOCUMENTS:
        raise SubmissionError(
            f"more than {_MAX_DOCUMENTS:,} documents in one submission; this is not a filing",
            code="over-limit",
        )
    notices: list[Notice] = []
    found: list[_Reading] = []
    unclosed: list[_Reading] = []
    if any(
        part.closes and part.name in ("DOCUMENT", "TEXT") and part.start < piece.header_end
        for part in piece.parts
    ):
        notices.append(_outside(raw, piece.start, piece.header_end, "before the first document"))
    for number, index in enumerate(openings, 1):
        following = openings[number] if number < len(openings) else len(piece.parts)
        end = piece.parts[following].start if following < len(piece.parts) else piece.end
        current = _open(raw, piece.parts, index, end, number, notices)
        found.append(current)
        inside = [
            part for part in piece.parts[index + 1 : following] if part.closes and part.start >= current.start
        ]
        closers = _closers(raw, inside)
        if not closers and not (closers := _loose_closer(raw, inside, current, end, notices)):
            current.end = _without_trailer(raw, current.start, end)
            unclosed.append(current)
            continue
        position = current.start
        for stop, after in closers:
            if current.start == current.end:  # not yet closed
                current.end = stop
            elif unclosed:
                outer = unclosed.pop()
                notices.append(
                    Notice(
                        "nested-document",
                        f"{outer.label} holds {current.label}; both are kept, the outer one in parts",
                    )
                )
                found.append(replace(outer, start=position, end=stop))
            else:
                if found[-1].end != stop and notices[-1:] != [literal := _literal(found[-1])]:
                    notices.append(literal)
                found[-1].end = stop
            position = after
        if not _TRAILER.fullmatch(raw, position, end):
            notices.append(_outside(raw, position, end, f"after {found[-1].label}"))
    for left in unclosed:
        notices.append(
            Notice(
                "unclosed-document",
                f"{left.label}: neither </TEXT> nor </DOCUMENT>; read to where the next document or the file ends",
            )
        )
    notices += _whole(raw, piece, found, unclosed, declared)
    nested = any(notice.code == "nested-document" for notice in notices)
    documents = [_finish(raw, reading, notices, nested) for reading in found]
    return tuple(sorted((d for d in documents if d), key=lambda d: (d.start, d.end))), tuple(notices)


def _literal(reading: _Reading) -> Notice:
    return Notice(
        "literal-tags",
        f"{reading.label}: the body holds closing tags of its own; it is read to the last of them",
    )


def _outside(raw: bytes, start: int, end: int, where: str) -> Notice:
    return Notice(
        "text-outside-documents",
        f"bytes {start} to {end} {where} belong to no document ({len(raw[start:end].strip()):,} bytes left out)",
    )


def _open(
    raw: bytes, parts: Sequence[Part], index: int, end: int, number: int, notices: list[Notice]
) -> _Reading:
    """Read the tag lines of the document that opens at ``parts[index]`` and find where its body begins."""
    part = parts[index]
    position = part.end if part.name == "DOCUMENT" else part.start
    limit = position + _MAX_TAG_LINES
    tags: dict[str, str] = {}
    while position < limit and (line := _HEADER_LINE.match(raw, position, end)):
        value = " ".join(decode_header(line[2]).split())
        if value:
            tags.setdefault(line[1].upper().decode(), value)
        position = line.end()
    type_, filename = tags.get("TYPE", ""), tags.get("FILENAME")
    label = f"document {number} ({', '.join(filter(None, (type_ or 'no type', filename)))})"
    if part.name == "TYPE":
        notices.append(
            Notice("missing-document-start", f"{label}: no <DOCUMENT> before its tags; taken as one")
        )
    if not type_:
        notices.append(Notice("missing-type", f"{label}: no <TYPE>; it cannot be recognised as an exhibit"))
    text = next((p for p in parts[index + 1 : index + 4] if p.name == "TEXT"), None)
    if text and not text.closes and text.end <= end and text.start - position < _MAX_STRAY:
        if not _BLANK.fullmatch(raw, position, text.start):
            notices.append(
                Notice(
                    "stray-header-text",
                    f"{label}: {text.start - position} bytes between its tags and <TEXT> are left out",
                )
            )
        position = text.end
    else:
        notices.append(
            Notice("missing-text-start", f"{label}: no <TEXT>; the body is read from the end of its tags")
        )
    position = min(position, end)
    return _Reading(type_, tags.get("SEQUENCE"), filename, tags.get("DESCRIPTION"), position, position, label)


def _closers(raw: bytes, inside: Sequence[Part]) -> list[tuple[int, int]]:
    """``</TEXT>`` directly followed by ``</DOCUMENT>``: where the body stops and where the pair ends."""
    return [
        (text.start, close.end)
        for text, close in pairwise(inside)
        if text.name == "TEXT" and close.name == "DOCUMENT" and _BLANK.fullmatch(raw, text.end, close.start)
    ]


def _loose_closer(
    raw: bytes, inside: Sequence[Part], current: _Reading, end: int, notices: list[Notice]
) -> list[tuple[int, int]]:
    """What closes a document that lost ``</TEXT>`` or ``</DOCUMENT>``; empty when it lost both."""
    for part in reversed(inside):
        if part.name == "DOCUMENT" and raw[part.start - 1 : part.start] in (b"\n", b"\r", b">"):
            notices.append(
                Notice(
                    "missing-text-end",
                    f"{current.label}: no </TEXT> before </DOCUMENT>; the body is read to </DOCUMENT>",
                )
            )
            return [(part.start, part.end)]
        if part.name == "TEXT" and part.end >= _without_trailer(raw, current.start, end):
            notices.append(
                Notice(
                    "missing-document-end",
                    f"{current.label}: no </DOCUMENT> after </TEXT>; the body is read to </TEXT>",
                )
            )
            return [(part.start, end)]
    return []


def _without_trailer(raw: bytes, start: int, end: int) -> int:
    """``end`` moved before the closing tags of the submission and, at the end of the file, before half a tag."""
    at_file_end = end == len(raw)
    while True:
        while end > start and raw[end - 1] in b"\0\x1a\t\n\r\f\v ":
            end -= 1
        low = max(start, end - 80)
        if trailer := _TRAILER_END.search(raw[low:end]):
            end = low + trailer.start()
        elif at_file_end and (cut := _CUT_TAG.search(raw[max(start, end - 12) : end])):
            end = max(start, end - 12) + cut.start()
        else:
            return end
        at_file_end = False


def _whole(
    raw: bytes, piece: Piece, found: list[_Reading], unclosed: list[_Reading], declared: int | None
) -> Iterator[Notice]:
    """Signs that something is missing at the end."""
    if not found:
        yield Notice("no-documents", "a header without documents (.hdr.sgml, or a file cut in its header)")
    wraps = [part for part in piece.parts if part.name in _SUBMISSION_TAGS]
    open_ended = bool(wraps) and not any(part.closes for part in wraps)
    if open_ended:
        where = (
            f"inside {found[-1].label}"
            if found and found[-1] in unclosed
            else "between documents"
            if found
            else "in the header"
        )
        yield Notice(
            "truncated", f"the file ends {where}, before the end of the submission; what followed is lost"
        )
    types = {reading.type.upper() for reading in found}
    if found and declared is not None and declared > len(found) and not types & _RENDERED:
        yield Notice(
            "missing-documents", f"the header counts {declared} documents, the file holds {len(found)}"
        )


def _finish(raw: bytes, reading: _Reading, notices: list[Notice], nested: bool) -> Document | None:
    """Take the wrapper off the body and recognise what it is; drop the empty halves of a document that holds another."""
    start, end = reading.start, reading.end
    wrapper = _WRAPPER.match(raw, start, end)
    if wrapper:
        start = wrapper.end()
        low = max(start, end - 80)
        if closing := _WRAPPER_END.search(raw[low:end]):
            end = low + closing.start()
    elif raw[start : start + 2] == b"\r\n":
        start += 2
    elif raw[start : start + 1] in (b"\r", b"\n"):
        start += 1
    end = max(start, end)
    if _BLANK.fullmatch(raw, start, end):
        if nested:
            return None
        notices.append(Notice("empty-document", f"{reading.label}: the body is empty"))
    pdf = wrapper is not None and wrapper[1].upper() == b"PDF"
    kind = recognise(raw, start, end, pdf=pdf)
    return Document(reading.type, reading.sequence, reading.filename, reading.description, start, end, kind)
