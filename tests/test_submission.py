"""Headers, documents and kinds; what is broken is in test_damage.py."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.errors import SubmissionError
from nlp.submission import (
    as_utf8,
    file_range,
    looks_like_submission,
    read_submission,
    read_submissions,
    recognise,
)
from nlp.submission.items import item_number

ROOT = Path(__file__).parents[1]
EDGAR = ROOT.parent / "shared" / "edgar"

TAG_DIALECT = b"""<SUBMISSION>
<ACCESSION-NUMBER>0009990001-24-000007
<TYPE>8-K
<PUBLIC-DOCUMENT-COUNT>1
<PERIOD>20240503
<ITEMS>1.01
<ITEMS>9.01
<FILING-DATE>20240506
<ACCEPTANCE-DATETIME>20240506071500
<FILER>
<COMPANY-DATA>
<CONFORMED-NAME>QUILLON BIO INC
<CIK>0009990001
<ASSIGNED-SIC>2834
<STATE-OF-INCORPORATION>DE
</COMPANY-DATA>
<FILING-VALUES>
<FORM-TYPE>8-K
</FILING-VALUES>
<BUSINESS-ADDRESS>
<STATE>MA
</BUSINESS-ADDRESS>
<FORMER-COMPANY>
<FORMER-CONFORMED-NAME>OLD QUILLON CORP
<DATE-CHANGED>20200101
</FORMER-COMPANY>
</FILER>
<FILER>
<COMPANY-DATA>
<CONFORMED-NAME>QUILLON HOLDINGS
<CIK>9990002
<ASSIGNED-SIC>0000
</COMPANY-DATA>
</FILER>
"""
DOCUMENT = b"<DOCUMENT>\n<TYPE>EX-99.1\n<SEQUENCE>2\n<FILENAME>../../up.htm\n<DESCRIPTION>NEWS\n<TEXT>\nWords.\n</TEXT>\n</DOCUMENT>\n"


def test_tag_dialect() -> None:
    submission = read_submission(TAG_DIALECT + DOCUMENT + b"</SUBMISSION>\n", strict=True)
    header = submission.header
    assert header.accession_number == "0009990001-24-000007"
    assert (header.form_type, header.period, header.filed_on) == ("8-K", "2024-05-03", "2024-05-06")
    assert header.accepted_at == "2024-05-06T07:15:00"
    assert header.items == ("1.01", "9.01")
    first, second = header.filers
    assert (first.cik, first.name, first.sic, first.state) == ("0009990001", "QUILLON BIO INC", "2834", "DE")
    assert first.former_names == ("OLD QUILLON CORP",)
    assert (second.cik, second.name, second.sic, second.role) == (
        "0009990002",
        "QUILLON HOLDINGS",
        None,
        "filer",
    )
    document = submission.documents[0]
    assert (document.type, document.sequence, document.filename) == ("EX-99.1", "2", "../../up.htm")
    assert submission.body(document) == b"Words.\n"


def test_indented_dialect_with_two_parties() -> None:
    raw = (
        b"<SEC-DOCUMENT>0009990003-05-000001.txt : 20050110\n<SEC-HEADER>0009990003-05-000001.hdr.sgml : 20050110\n"
        b"<ACCEPTANCE-DATETIME>20050110150635\nACCESSION NUMBER:\t\t0009990003-05-000001\nCONFORMED SUBMISSION TYPE:\t425\n"
        b"ITEM INFORMATION:\t\tOther Events\nFILED AS OF DATE:\t\t20050110\n\nSUBJECT COMPANY:\n\n\tCOMPANY DATA:\t\n"
        b"\t\tCOMPANY CONFORMED NAME:\t\t\tCaf\xe9 Pharma SA\n\t\tCENTRAL INDEX KEY:\t\t\t0009990003\n"
        b"\t\tSTANDARD INDUSTRIAL CLASSIFICATION:\tPHARMACEUTICAL PREPARATIONS [2834]\n\nFILED BY:\n\n\tCOMPANY DATA:\t\n"
        b"\t\tCOMPANY CONFORMED NAME:\t\t\tTorvik Oyj\n\t\tCENTRAL INDEX KEY:\t\t\t0009990004\n</SEC-HEADER>\n"
    )
    header = read_submission(raw + DOCUMENT + b"</SEC-DOCUMENT>\n", strict=True).header
    assert [(f.role, f.name, f.sic) for f in header.filers] == [
        ("subject-company", "Café Pharma SA", "2834"),
        ("filed-by", "Torvik Oyj", None),
    ]
    assert header.items == ("8.01",) and header.item_names == ("Other Events",)


def test_header_alone() -> None:
    submission = read_submission(
        b"<SEC-HEADER>0009990001-24-000007.hdr.sgml : 20240506\n" + TAG_DIALECT[13:] + b"</SEC-HEADER>\n"
    )
    assert submission.header.accession_number == "0009990001-24-000007"
    assert submission.documents == ()
    assert [notice.code for notice in submission.notices] == ["no-documents"]


@pytest.mark.parametrize(
    ("name", "old", "number"),
    [
        ("Regulation FD Disclosure", False, "7.01"),
        ("Regulation FD Disclosure", True, "9"),
        ("Other events", None, "5"),
        ("Other Events", None, "8.01"),
        ("Financial statements and exhibits", True, "7"),
        ("Acquisition or disposition of assets", True, "2"),
        ("Completion of Acquisition or Disposition of Assets", False, "2.01"),
        ("7", True, "7"),
        ("12", True, "12"),
        ("Item 5.02", False, "5.02"),
        ("14", None, None),
        ("Departure of Directors or Certain Officers; Election of Directors; Appointment of Certain Officers: "
         "Compensatory Arrangements of Certain Officers", False, "5.02"),
        ("Weather", False, None),
    ],
)  # fmt: skip
def test_item_numbers(name: str, old: bool | None, number: str | None) -> None:
    assert item_number(name, old=old) == number


def test_unknown_item_is_told() -> None:
    raw = TAG_DIALECT.replace(b"<ITEMS>9.01", b"<ITEMS>Weather") + DOCUMENT + b"</SUBMISSION>"
    assert [notice.code for notice in read_submission(raw).notices] == ["unknown-item"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html><body><p>News</p></body></html>", "html"),
        (
            b"<XBRL>\n<?xml version='1.0' encoding='ASCII'?>\n<html xmlns=''><p>News</p></html>\n</XBRL>",
            "html",
        ),
        (b"<XML>\n<?xml version='1.0'?>\n<xbrl></xbrl>\n</XML>", "xml"),
        (b"<PDF>\nbegin 644 release.pdf\nM)5!$1BTQ+C0\nend\n</PDF>", "pdf"),
        (b"%PDF-1.4 ...", "pdf"),
        (b"begin 644 logo.jpg\nM_]C_X\nend", "uuencoded"),
        (b"\x89PNG\r\n\x1a\n", "binary"),
        (b"<PAGE>\n<TABLE>\n<CAPTION>\n<S> <C>\nSales 5\n</TABLE>", "text"),
        (b"NEWS RELEASE\nP < 0.05 in both arms", "text"),
        (b"<P>News", "html"),
        ("<html><p>News".encode("utf-16"), "html"),
    ],
)
def test_kinds_and_wrappers(body: bytes, kind: str) -> None:
    submission = read_submission(b"<DOCUMENT>\n<TYPE>EX-99\n<TEXT>\n" + body + b"\n</TEXT>\n</DOCUMENT>\n")
    assert submission.documents[0].kind == kind
    assert not re.match(rb"(?i)</?(PDF|XBRL|XML)>", submission.body(submission.documents[0]))


def test_svg_text_does_not_end_a_body() -> None:
    body = b"<html><p>One</p><svg><text>label</text></svg>\n<p>Two</p></html>\n"
    submission = read_submission(
        TAG_DIALECT + b"<DOCUMENT>\n<TYPE>EX-99.1\n<TEXT>\n" + body + b"</TEXT>\n</DOCUMENT>\n</SUBMISSION>"
    )
    assert submission.body(submission.documents[0]) == body
    assert not submission.notices


@pytest.mark.skipif(not EDGAR.is_dir(), reason="needs the real filings in ../shared")
def test_real_filings_hold_what_their_manifest_says() -> None:
    rows = [json.loads(line) for line in (EDGAR / "manifest.jsonl").read_text().splitlines()]
    assert len(rows) == 88
    for row in rows:
        submission = read_submission((EDGAR / row["file"]).read_bytes(), strict=True)
        assert [d.type for d in submission.documents] == row["types"], row["file"]
        assert (submission.header.accession_number, submission.header.form_type) == (
            row["accession"],
            row["form"],
        )


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
@given(text=st.text(min_size=1, max_size=60), data=st.data())
def test_ranges_of_a_utf16_file_are_the_files_own(encoding: str, text: str, data: st.DataObject) -> None:
    text = "<DOCUMENT>\n<TYPE>EX-99.1\n" * 40 + text.encode("utf-8", "replace").decode().replace("\0", "")
    raw = text.encode(encoding)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    low, high = len(text[:start].encode()), len(text[:end].encode())
    assert as_utf8(raw)[low:high].decode() == text[start:end]
    first, last = file_range(raw, low, high)
    assert raw[first:last].decode("utf-16-le" if encoding == "utf-16" else encoding) == text[start:end]


def test_ranges_of_other_files_are_their_own() -> None:
    raw = "<TYPE>EX-99.1\ncafé".encode() + b"\0\x96"
    assert as_utf8(raw) is raw
    assert file_range(raw, 3, 9) == (3, 9)


FRAGMENTS = st.sampled_from(
    [b"<DOCUMENT>", b"</DOCUMENT>", b"<TEXT>", b"</TEXT>", b"<TYPE>EX-99\n", b"<SEQUENCE>1\n", b"<SEC-DOCUMENT>0009990001-24-000007",
     b"</SEC-DOCUMENT>", b"<SUBMISSION>", b"<ITEMS>", b"FILER:\n", b"words", b"\n", b"\r", b"\0", b"<", b"begin 644 x\n", b"\xff\xfe"]
)  # fmt: skip


@given(st.one_of(st.binary(max_size=400), st.lists(FRAGMENTS, max_size=40).map(b"".join)))
def test_any_bytes_give_submissions_or_an_error(raw: bytes) -> None:
    looks_like_submission(raw)
    recognise(raw)
    try:
        submissions = read_submissions(raw)
    except SubmissionError as error:
        assert error.code in {"empty-input", "error-page", "not-a-submission"}
        return
    last = 0
    for submission in submissions:
        for document in submission.documents:
            assert last <= document.start <= document.end <= len(submission.raw)
            last = document.end
    assert read_submission(raw).documents == submissions[0].documents
