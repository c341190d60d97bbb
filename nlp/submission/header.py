"""What a submission says of itself, in either dialect of the header.

The indented one (``COMPANY CONFORMED NAME:  ACME INC``) stands at the top of the full-text ``.txt``; the tag dialect
(``<CONFORMED-NAME>ACME INC``) in the feed's ``.nc`` files and in ``.hdr.sgml``. Both are read line by line, so that
mismatched or missing section ends (there are such headers) cost nothing. Field names: EDGAR's public dissemination
specification, appendix on header tags.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from nlp.errors import Notice
from nlp.submission.items import OLD_ITEMS_UNTIL, item_number

__all__ = ["Filer", "Header", "read_header"]


@dataclass(frozen=True, slots=True)
class Filer:
    """A company or person named in the header; unknown fields are ``None``.

    ``cik`` is ten digits with leading zeros, ``sic`` four digits, ``state`` the state of incorporation as EDGAR writes
    it, ``role`` ``filer``, ``subject-company``, ``filed-by``, ``filed-for``, ``issuer``, ``reporting-owner`` or ``depositor``.

    >>> from nlp.submission import read_submission
    >>> raw = b"FILER:\\n  COMPANY CONFORMED NAME: ACME BIO INC\\n  CENTRAL INDEX KEY: 1234567\\n"
    >>> filer = read_submission(raw).header.filers[0]
    >>> filer.name, filer.cik
    ('ACME BIO INC', '0001234567')
    """

    cik: str | None = None
    name: str | None = None
    sic: str | None = None
    state: str | None = None
    former_names: tuple[str, ...] = ()
    role: str = "filer"


@dataclass(frozen=True, slots=True)
class Header:
    """What the submission says of itself; unknown fields are ``None``.

    Dates are ISO (``2017-03-08``); ``accepted_at`` has the time too, as EDGAR stamped it (Eastern time). ``items`` are
    numbers (``7.01``; ``5`` in the numbering that ended on 22 August 2004), ``item_names`` what the header wrote for
    them, in the same order; where the header names none, those of the 8-K's text (notice ``items-from-body``). ``document_count`` is how many documents the header says there are.

    >>> from nlp.submission import read_submission
    >>> header = read_submission(b"CONFORMED SUBMISSION TYPE: 8-K\\nFILED AS OF DATE: 20240502\\n").header
    >>> header.form_type, header.filed_on
    ('8-K', '2024-05-02')
    """

    accession_number: str | None = None
    form_type: str | None = None
    period: str | None = None
    filed_on: str | None = None
    accepted_at: str | None = None
    items: tuple[str, ...] = ()
    filers: tuple[Filer, ...] = ()
    item_names: tuple[str, ...] = ()
    document_count: int | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing that identifies a submission was found."""
        return not (self.accession_number or self.form_type or self.filers)


# One line of either dialect. Possessive, so a long line without a colon is looked at once.
_LINE = re.compile(
    r"^[ \t]*+(?:<(?P<tag>/?[A-Za-z][A-Za-z0-9-]{0,60}+)>|(?P<key>[A-Za-z][A-Za-z0-9 /-]{0,60}+):)[ \t]*+(?P<value>[^\n]*+)",
    re.M,
)
_ACCESSION = re.compile(r"\d{10}-\d{2}-\d{6}")
_ROLES = ("filer", "subject-company", "filed-by", "filed-for", "issuer", "reporting-owner", "depositor")
_FIELDS = {
    "accession-number": "accession",
    "conformed-submission-type": "form",
    "type": "form",
    "public-document-count": "count",
    "conformed-period-of-report": "period",
    "period": "period",
    "item-information": "item",
    "items": "item",
    "filed-as-of-date": "filed",
    "filing-date": "filed",
    "acceptance-datetime": "accepted",
    "company-conformed-name": "name",
    "conformed-name": "name",
    "central-index-key": "cik",
    "cik": "cik",
    "standard-industrial-classification": "sic",
    "assigned-sic": "sic",
    "state-of-incorporation": "state",
    "former-conformed-name": "former",
    "former-name": "former",
    "sec-document": "opening",
    "ims-document": "opening",
    "sec-header": "opening",
    "ims-header": "opening",
}


@dataclass(slots=True)
class _Party:
    role: str
    values: dict[str, str] = field(default_factory=dict)
    former: list[str] = field(default_factory=list)

    def filer(self) -> Filer:
        cik = re.sub(r"\D", "", self.values.get("cik", ""))[-10:]
        sic = re.findall(r"\d{2,4}", self.values.get("sic", ""))
        code = sic[-1].zfill(4) if sic else "0000"
        return Filer(
            cik=cik.zfill(10) if cik else None,
            name=self.values.get("name"),
            sic=code if code != "0000" else None,  # EDGAR's way to say that none was assigned
            state=self.values.get("state"),
            former_names=tuple(dict.fromkeys(self.former)),
            role=self.role,
        )


def read_header(raw: bytes) -> tuple[Header, tuple[Notice, ...]]:
    """Read the header from the bytes before the first document. Never raises; time is linear in the length.

    >>> header, _ = read_header(b"ACCESSION NUMBER: 0000999999-24-000001\\nITEM INFORMATION: Regulation FD Disclosure")
    >>> header.accession_number, header.items
    ('0000999999-24-000001', ('7.01',))
    """
    values: dict[str, str] = {}
    names: list[str] = []
    parties: list[_Party] = []
    for tag, key, said in _LINE.findall(decode_header(raw).replace("\r", "\n")):
        name, what = _meaning(tag or key)
        if what is None:
            if name in _ROLES and not said.strip():
                parties.append(_Party(name))
            continue
        value = " ".join(said.split())
        if not value:
            continue
        if what == "item":
            names.append(value)
        elif what in ("name", "cik", "sic", "state", "former"):
            # A header that lost its FILER line still names a company.
            if not parties:
                parties.append(_Party("filer"))
            if what == "former":
                parties[-1].former.append(value)
            else:
                parties[-1].values.setdefault(what, value)
        else:
            values.setdefault(what, value)
    filed = _iso_date(values.get("filed"))
    when = filed or _iso_date(values.get("period"))
    old = None if when is None else when <= OLD_ITEMS_UNTIL
    items, notices = _items(names, old)
    accession = _ACCESSION.search(values.get("accession", "")) or _ACCESSION.search(values.get("opening", ""))
    count = values.get("count", "")
    header = Header(
        accession_number=accession.group() if accession else None,
        form_type=values.get("form"),
        period=_iso_date(values.get("period")),
        filed_on=filed,
        accepted_at=_iso_time(values.get("accepted")),
        items=items,
        filers=tuple(f for f in (party.filer() for party in parties) if f.cik or f.name),
        item_names=tuple(names),
        document_count=int(count) if count.isdecimal() and len(count) < 7 else None,
    )
    return header, notices


@lru_cache(maxsize=512)
def _meaning(name: str) -> tuple[str, str | None]:
    """The name of a line in one form, and which field it fills."""
    name = name.rstrip().lower().replace(" ", "-")
    return name, _FIELDS.get(name)


def decode_header(raw: bytes) -> str:
    """Header bytes as text: UTF-8 where they are, else windows-1252; NULs are dropped."""
    raw = raw.replace(b"\0", b"")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _items(names: list[str], old: bool | None) -> tuple[tuple[str, ...], tuple[Notice, ...]]:
    numbers: list[str] = []
    notices: list[Notice] = []
    for name in names:
        number = item_number(name, old=old)
        if number is None:
            notices.append(
                Notice(
                    "unknown-item",
                    f"the header names an item that is not on the list of Form 8-K items: {name[:120]!r}",
                )
            )
        elif number not in numbers:
            numbers.append(number)
    return tuple(numbers), tuple(notices)


def _iso_date(value: str | None) -> str | None:
    digits = re.sub(r"[^0-9]", "", value or "")[:8]
    try:
        return (
            date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat() if len(digits) == 8 else None
        )
    except ValueError:
        return None


def _iso_time(value: str | None) -> str | None:
    digits = re.sub(r"[^0-9]", "", value or "")[:14]
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").isoformat() if len(digits) == 14 else None
    except ValueError:
        return None
