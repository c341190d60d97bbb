"""Split an EDGAR full-text submission into its header and documents; repair damage and say so."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nlp.errors import Notice, SubmissionError

__all__ = ["Document", "Filer", "Header", "Submission", "read_submission"]


@dataclass(frozen=True, slots=True)
class Filer:
    """A company named in the header. ``cik`` is ten digits with leading zeros; unknown fields are ``None``."""

    cik: str | None = None
    name: str | None = None
    sic: str | None = None
    state: str | None = None
    former_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """What the submission says of itself. Dates are ISO (``2017-03-08``), items are numbers (``7.01``)."""

    accession_number: str | None = None
    form_type: str | None = None
    period: str | None = None
    filed_on: str | None = None
    accepted_at: str | None = None
    items: tuple[str, ...] = ()
    filers: tuple[Filer, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One ``<DOCUMENT>``: its tags, and where its body lies in the submission's bytes (``raw[start:end]``)."""

    type: str
    sequence: str | None
    filename: str | None
    description: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission: header, documents in file order, what was repaired, and the bytes they point into."""

    raw: bytes
    header: Header
    documents: tuple[Document, ...]
    notices: tuple[Notice, ...] = ()

    def body(self, document: Document) -> bytes:
        """The bytes of the document's body."""
        return self.raw[document.start : document.end]


_DOCUMENT = re.compile(rb"<DOCUMENT>(.*?)</DOCUMENT>", re.S | re.I)
_TAG = re.compile(rb"<(TYPE|SEQUENCE|FILENAME|DESCRIPTION)>([^\r\n<]*)", re.I)


def read_submission(raw: bytes, *, strict: bool = False) -> Submission:
    """Read a submission from bytes. First version; the thin path only."""
    documents = []
    for match in _DOCUMENT.finditer(raw):
        text = raw.find(b"<TEXT>", match.start(), match.end())
        if text < 0:
            continue
        end = raw.rfind(b"</TEXT>", text, match.end())
        tags = {k.upper(): v.decode("cp1252", "replace").strip() for k, v in _TAG.findall(raw[match.start() : text])}
        documents.append(
            Document(tags.get(b"TYPE", ""), tags.get(b"SEQUENCE"), tags.get(b"FILENAME"), tags.get(b"DESCRIPTION"), text + 6, end)
        )
    if not documents:
        raise SubmissionError("no <DOCUMENT> found")
    name = re.search(rb"COMPANY CONFORMED NAME:\s*([^\r\n]+)", raw)
    filer = Filer(name=name.group(1).decode("cp1252").strip() if name else None)
    return Submission(raw, Header(filers=(filer,)), tuple(documents))
