"""Split an EDGAR full-text submission into its header and documents; repair damage and say so.

Bytes in, byte ranges out: nothing is copied or decoded but the header and each document's own tags. Lenient by default:
whatever can be read is, and every repair or loss is a ``Notice`` (codes: ``nlp/resources/CODES.md``). With
``strict=True`` the first notice is raised instead.
"""

from __future__ import annotations

from dataclasses import dataclass

from nlp.errors import Notice, SubmissionError
from nlp.submission.header import Filer, Header, read_header
from nlp.submission.kind import Kind, is_error_page, is_html, recognise
from nlp.submission.split import Document, find_parts, find_submissions, is_blank, split_documents

__all__ = [
    "Document", "Filer", "Header", "Kind", "Submission", "is_error_page", "is_html", "looks_like_submission",
    "read_submission", "read_submissions", "recognise",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission: header, documents in file order, what was repaired, and the bytes they point into.

    ``raw`` is the whole file as given (in UTF-8 where it was UTF-16, with a notice), also when the file holds several
    submissions, so that ``Document.start`` and ``end`` are always byte positions in the file.
    """

    raw: bytes
    header: Header
    documents: tuple[Document, ...]
    notices: tuple[Notice, ...] = ()

    def body(self, document: Document) -> bytes:
        """The bytes of the document's body."""
        return self.raw[document.start : document.end]


def looks_like_submission(raw: bytes) -> bool:
    """Whether these bytes are an EDGAR submission or a document still in its ``<DOCUMENT>`` wrapper (not a bare exhibit).

    >>> looks_like_submission(b"<DOCUMENT>\\n<TYPE>EX-99.1\\n<TEXT>\\nNews"), looks_like_submission(b"<html>News</html>")
    (True, False)
    """
    raw, _ = _narrow(raw)
    parts = find_parts(raw)
    return any(part.opens for part in parts) or not read_header(raw[:65_536])[0].empty


def read_submission(raw: bytes, *, strict: bool = False) -> Submission:
    """Read the submission in a file's bytes.

    Lenient: recovers what it can, with a notice for each repair. ``strict``: raises ``SubmissionError`` instead, its
    ``code`` the notice's. Both raise it for bytes that are no submission at all (``empty-input``, ``error-page``,
    ``not-a-submission``). Of a file with several submissions it reads the first and says so (``several-submissions``);
    ``read_submissions`` reads all.

    >>> s = read_submission(b"<DOCUMENT>\\n<TYPE>EX-99.1\\n<SEQUENCE>2\\n<TEXT>\\nNews\\n</TEXT>\\n</DOCUMENT>")
    >>> s.documents[0].type, s.body(s.documents[0]), [notice.code for notice in s.notices]
    ('EX-99.1', b'News\\n', ['no-header'])
    """
    found = _read(raw)
    first = found[0]
    if len(found) > 1:
        others = ", ".join(s.header.accession_number or "without number" for s in found[1:6])
        notice = Notice(
            "several-submissions",
            f"the file holds {len(found)} submissions; only the first is read here, read_submissions() reads the others ({others})",
        )
        first = Submission(first.raw, first.header, first.documents, (*first.notices, notice))
    return _checked(first, strict)


def read_submissions(raw: bytes, *, strict: bool = False) -> tuple[Submission, ...]:
    """Read every submission of a file, in order; at least one. Leniency and errors as in ``read_submission``."""
    return tuple(_checked(submission, strict) for submission in _read(raw))


def _checked(submission: Submission, strict: bool) -> Submission:
    if strict and submission.notices:
        notice = submission.notices[0]
        name = submission.header.accession_number or "submission without accession number"
        raise SubmissionError(
            f"{name}: {notice.message} (read it without strict to recover what can be)", code=notice.code
        )
    return submission


def _read(raw: bytes) -> tuple[Submission, ...]:
    if is_blank(raw):
        raise SubmissionError(
            f"the file is empty ({len(raw)} bytes, nothing but white space or NULs); fetch it again",
            code="empty-input",
        )
    raw, notices = _narrow(raw)
    parts = find_parts(raw)
    submissions: list[Submission] = []
    for piece in find_submissions(raw, parts):
        header, header_notices = read_header(raw[piece.start : piece.header_end])
        documents, split_notices = split_documents(raw, piece, header.document_count)
        if header.empty and not documents:
            continue
        if header.empty:
            notices = (
                *notices,
                Notice(
                    "no-header",
                    "no submission header before the first document; filer, form and items are unknown",
                ),
            )
        submissions.append(Submission(raw, header, documents, (*notices, *header_notices, *split_notices)))
        notices = ()
    if submissions:
        return tuple(submissions)
    if is_error_page(raw):
        raise SubmissionError(
            "a web server's error page, saved in place of a filing; fetch the filing again", code="error-page"
        )
    shown = raw[:60].decode("ascii", "replace").split("\n")[0].strip()
    raise SubmissionError(
        f"no <DOCUMENT> and no EDGAR header in {len(raw):,} bytes that begin {shown!r}; is it a filing?"
    )


def _narrow(raw: bytes) -> tuple[bytes, tuple[Notice, ...]]:
    """UTF-16 files as UTF-8; a sign (NULs) that something else was damaged is told."""
    if b"\0" not in raw:
        return raw, ()
    nuls = raw.count(b"\0")
    encoding = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}.get(raw[:2])
    head = raw[:2000]
    if encoding is None and len(head) > 3:
        even, odd = head[0::2].count(b"\0"), head[1::2].count(b"\0")
        most = len(head) // 2 * 0.9
        encoding = (
            "utf-16-be" if even > most and not odd else "utf-16-le" if odd > most and not even else None
        )
    if encoding is not None:
        text = raw.decode(encoding, "replace")
        lost = text.count("�")
        message = "the file is UTF-16; byte positions refer to its UTF-8 form" + (
            f"; {lost} characters did not decode" if lost else ""
        )
        return text.encode(), (Notice("utf16-file", message),)
    return raw, (
        Notice("nul-bytes", f"{nuls:,} NUL bytes in the file, a sign of damage; text around them is kept"),
    )
