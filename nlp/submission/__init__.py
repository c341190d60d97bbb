"""Split an EDGAR full-text submission into its header and documents; repair damage and say so.

Bytes in, byte ranges out: nothing is copied or decoded but the header and each document's own tags. Lenient by default:
whatever can be read is, and every repair or loss is a ``Notice`` (codes: ``nlp/resources/CODES.md``). With
``strict=True`` the first notice is raised instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from nlp.errors import Notice, SubmissionError
from nlp.submission.body_items import items_in_body
from nlp.submission.encoding import as_utf8, file_range, narrow
from nlp.submission.header import Filer, Header, read_header
from nlp.submission.kind import Kind, is_error_page, is_html, recognise
from nlp.submission.split import Document, find_parts, find_submissions, is_blank, split_documents

__all__ = [
    "Document", "Filer", "Header", "Kind", "Submission", "as_utf8", "file_range", "is_error_page", "is_html",
    "looks_like_submission", "read_submission", "read_submissions", "recognise",
]  # fmt: skip


_NO_DAMAGE = "items-from-body"  # told, but nothing was broken: many headers before 2002 name no items


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission: header, documents in file order, what was repaired, and the bytes they point into.

    ``raw`` is the whole file as given (in UTF-8 where it was UTF-16, with a notice), also when the file holds several
    submissions, so that ``Document.start`` and ``end`` are always byte positions in the file (``file_range`` gives
    those of a UTF-16 file).

    >>> from nlp.submission import read_submission
    >>> submission = read_submission(b"<DOCUMENT>\\n<TYPE>EX-99.1\\n<TEXT>\\nAcme Bio News\\n</TEXT>\\n</DOCUMENT>")
    >>> [(document.type, submission.body(document)) for document in submission.documents]
    [('EX-99.1', b'Acme Bio News\\n')]
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
    raw, _ = narrow(raw)
    return any(part.opens for part in find_parts(raw)) or not read_header(raw[:65_536])[0].empty


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
    """Read every submission of a file, in order; at least one. Leniency and errors as in ``read_submission``.

    >>> from nlp.submission import read_submissions
    >>> one = b"<SUBMISSION>\\n<TYPE>8-K\\n<DOCUMENT>\\n<TYPE>EX-99\\n<TEXT>\\nNews\\n</TEXT>\\n</DOCUMENT>\\n</SUBMISSION>\\n"
    >>> [submission.header.form_type for submission in read_submissions(one + one)]
    ['8-K', '8-K']
    """
    return tuple(_checked(submission, strict) for submission in _read(raw))


def _checked(submission: Submission, strict: bool) -> Submission:
    damage = [notice for notice in submission.notices if notice.code != _NO_DAMAGE]
    if strict and damage:
        notice = damage[0]
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
    raw, notices = narrow(raw)
    submissions: list[Submission] = []
    for piece in find_submissions(raw, tuple(find_parts(raw))):
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
        header, item_notices = _with_items(raw, header, documents)
        submissions.append(
            Submission(raw, header, documents, (*notices, *header_notices, *split_notices, *item_notices))
        )
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


def _with_items(
    raw: bytes, header: Header, documents: tuple[Document, ...]
) -> tuple[Header, tuple[Notice, ...]]:
    """The header with the items of the 8-K's own text where it names none, and a notice that says so."""
    if header.items or header.item_names or not (header.form_type or "8-K").upper().startswith("8-K"):
        return header, ()
    form = next(
        (d for d in documents if d.type.upper().startswith("8-K") and d.kind in ("text", "html")), None
    )
    if form is None:
        return header, ()
    found = items_in_body(raw[form.start : form.end], html=form.kind == "html", filed_on=header.filed_on)
    if not found:
        return header, ()
    numbers, names = zip(*found, strict=True)
    notice = Notice(
        _NO_DAMAGE,
        f"the header names no items; {', '.join(numbers)} were read from the text of the {form.type}",
    )
    return replace(header, items=numbers, item_names=names), (notice,)
