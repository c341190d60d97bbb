"""The damage matrix: every way a submission may be broken yields all its text, or a notice or error that names the loss.

One row a case, each made by program from the sample filings and, where ``../shared`` is there, from 20 real ones.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from nlp.errors import SubmissionError
from nlp.submission import Submission, read_submission, read_submissions

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "edgar" / "submissions"
SAMPLES = [
    p
    for p in sorted((ROOT / "data" / "samples").glob("*.txt"))
    if not read_submission(p.read_bytes()).notices
]
# Every fourth file: 1994 to 2025, ASCII and HTML, one part and twenty.
REAL = sorted(SHARED.glob("*.txt"))[::4][:20] if SHARED.is_dir() else []

Damage = Callable[[bytes], bytes]


def _drop(tag: bytes, which: int) -> Damage:
    def damage(raw: bytes) -> bytes:
        at = [m.start() for m in re.finditer(re.escape(tag), raw)]
        place = at[{0: 0, 1: len(at) // 2, -1: -1}[which]]
        return raw[:place] + raw[place + len(tag) :]

    return damage


def _recase(change: Callable[[bytes], bytes]) -> Damage:
    return lambda raw: re.sub(
        rb"</?(?:DOCUMENT|TEXT|TYPE|SEQUENCE|FILENAME|DESCRIPTION|SEC-\w+|IMS-\w+)>",
        lambda m: change(m[0]),
        raw,
    )


def _mixed(tag: bytes) -> bytes:
    return bytes(c | 32 if i % 2 else c for i, c in enumerate(tag))


def _into_last_body(words: bytes) -> Damage:
    def damage(raw: bytes) -> bytes:
        document = read_submission(raw).documents[-1]
        line = raw.find(b"\n", (document.start + document.end) // 2, document.end) + 1 or document.end
        return raw[:line] + words + raw[line:]

    return damage


def _cut(part: float) -> Damage:
    return lambda raw: raw[: int(len(raw) * part)]


def _cut_after(tag: bytes) -> Damage:
    return lambda raw: raw[: raw.index(tag) + len(tag)]


def _headless(raw: bytes) -> bytes:
    return raw[raw.index(b"<DOCUMENT>") :]


def _pem(raw: bytes) -> bytes:
    return (
        b"-----BEGIN PRIVACY-ENHANCED MESSAGE-----\nProc-Type: 2001,MIC-CLEAR\nOriginator-Name: keys@agent.example\n\n"
        + raw
        + b"\n-----END PRIVACY-ENHANCED MESSAGE-----\n"
    )


def _nuls(raw: bytes) -> bytes:
    return re.sub(rb"(?<=\n)(?=[A-Za-z ])", b"\0", raw)


def _nested(raw: bytes) -> bytes:
    return _into_last_body(
        b"<DOCUMENT>\n<TYPE>EX-99.9\n<SEQUENCE>99\n<TEXT>\nAn inner part.\n</TEXT>\n</DOCUMENT>\n"
    )(raw)


# label, damage, codes of which at least one must be told ("": none needed)
CASES: list[tuple[str, Damage, str]] = [
    ("text end missing in the first", _drop(b"</TEXT>", 0), "missing-text-end"),
    ("text end missing in the middle", _drop(b"</TEXT>", 1), "missing-text-end"),
    ("text end missing in the last", _drop(b"</TEXT>", -1), "missing-text-end"),
    ("document end missing in the first", _drop(b"</DOCUMENT>", 0), "missing-document-end"),
    ("document end missing in the middle", _drop(b"</DOCUMENT>", 1), "missing-document-end"),
    ("document end missing in the last", _drop(b"</DOCUMENT>", -1), "missing-document-end"),
    ("both ends missing in the first", lambda raw: _drop(b"</TEXT>", 0)(_drop(b"</DOCUMENT>", 0)(raw)), "unclosed-document"),
    ("both ends missing in the middle", lambda raw: _drop(b"</TEXT>", 1)(_drop(b"</DOCUMENT>", 1)(raw)), "unclosed-document"),
    ("both ends missing in the last", lambda raw: _drop(b"</TEXT>", -1)(_drop(b"</DOCUMENT>", -1)(raw)), "unclosed-document"),
    ("document start missing in the first", _drop(b"<DOCUMENT>", 0), "missing-document-start"),
    ("document start missing in the middle", _drop(b"<DOCUMENT>", 1), "missing-document-start"),
    ("document start missing in the last", _drop(b"<DOCUMENT>", -1), "missing-document-start"),
    ("text start missing in the first", _drop(b"<TEXT>", 0), "missing-text-start"),
    ("text start missing in the middle", _drop(b"<TEXT>", 1), "missing-text-start"),
    ("text start missing in the last", _drop(b"<TEXT>", -1), "missing-text-start"),
    ("tags in lower case", _recase(bytes.lower), ""),
    ("tags in mixed case", _recase(_mixed), ""),
    ("one part in lower case", lambda raw: raw.replace(b"</TEXT>\n</DOCUMENT>", b"</text>\n</document>", 1), ""),
    ("no header", _headless, "no-header"),
    ("lower case and CRLF", lambda raw: _recase(bytes.lower)(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")), ""),
    ("no header, no last end", lambda raw: _drop(b"</DOCUMENT>", -1)(_headless(raw)), "missing-document-end"),
    ("a UTF-8 mark before all", lambda raw: b"\xef\xbb\xbf" + raw, ""),
    ("a PEM header", _pem, ""),
    ("CRLF", lambda raw: raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), ""),
    ("bare CR", lambda raw: raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r"), ""),
    ("NULs", _nuls, "nul-bytes"),
    ("NULs at the end", lambda raw: raw + bytes(1000), "nul-bytes"),
    ("cp1252 bytes", _into_last_body(b"\x93Quoted\x94 \x96 caf\xe9\n"), ""),
    ("UTF-16 with mark", lambda raw: raw.decode("latin-1").encode("utf-16"), "utf16-file"),
    ("UTF-16 big-endian", lambda raw: raw.decode("latin-1").encode("utf-16-be"), "utf16-file"),
    ("UTF-16 without mark", lambda raw: raw.decode("latin-1").encode("utf-16-le"), "utf16-file"),
    ("a literal document tag in the text", _into_last_body(b"The <DOCUMENT> tag begins a part.\n"), ""),
    ("literal closing tags in the text", _into_last_body(b"It ends with </TEXT> and </DOCUMENT>, they say.\n"), ""),
    ("a literal pair in the text", _into_last_body(b"End: </TEXT>\n</DOCUMENT>\nThus.\n"), "literal-tags"),
    ("a document tag alone on a line", _into_last_body(b"<DOCUMENT>\nis a tag.\n"), ""),
    ("a nested document", _nested, "nested-document"),
    ("text between documents", lambda raw: raw.replace(b"</DOCUMENT>", b"</DOCUMENT>\nStray words here.", 1), "text-outside-documents"),
    ("cut after the first document", _cut_after(b"</DOCUMENT>\n"), "truncated"),
    ("cut in the header", lambda raw: raw[: raw.index(b"<DOCUMENT>") - 200], "truncated"),
    ("cut in the document tags", _cut_after(b"<SEQUENCE>"), "truncated"),
    ("cut in a closing tag", lambda raw: raw[: raw.index(b"</TEXT>") + 4], "truncated"),
    *((f"cut at {part:.0%}", _cut(part), "truncated") for part in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97)),
]  # fmt: skip


def _words(raw: bytes) -> Counter[bytes]:
    return Counter(re.sub(rb"<[^<>]*>|\0", b" ", raw).split())


def _all_words(submission: Submission) -> Counter[bytes]:
    total: Counter[bytes] = Counter()
    for document in submission.documents:
        total += _words(submission.body(document))
    return total


@pytest.fixture(scope="module")
def intact() -> dict[str, tuple[bytes, Counter[bytes]]]:
    found = {}
    for path in [*SAMPLES, *REAL]:
        raw = path.read_bytes()
        found[path.name] = raw, _all_words(read_submission(raw))
    return found


@pytest.mark.parametrize(("label", "damage", "code"), CASES, ids=[case[0] for case in CASES])
def test_damage_loses_nothing_in_silence(
    label: str, damage: Damage, code: str, intact: dict[str, tuple[bytes, Counter[bytes]]]
) -> None:
    for name, (raw, before) in intact.items():
        broken = damage(raw)
        try:
            submission = read_submission(broken)
        except SubmissionError as error:  # cut before anything that a filing can be known by
            assert label.startswith("cut at") and error.code == "not-a-submission"
            continue
        codes = {notice.code for notice in submission.notices} - {"items-from-body"}  # no damage
        lost = before - _all_words(submission)
        if "utf16" in code:  # the same characters in other bytes
            lost = Counter({w: n for w, n in lost.items() if w.isascii()})
        assert not lost or codes & {"truncated", "text-outside-documents", "stray-header-text"}, (
            name,
            lost.most_common(5),
        )
        assert not code or code in codes, (name, codes)
        assert code or not codes, (name, codes)
        ranges = [(d.start, d.end) for d in submission.documents]
        assert all(a <= b for a, b in ranges) and all(x[1] <= y[0] for x, y in itertools.pairwise(ranges))
        if code:
            with pytest.raises(SubmissionError):
                read_submission(broken, strict=True)


def test_a_header_alone_is_read(intact: dict[str, tuple[bytes, Counter[bytes]]]) -> None:
    for raw, _ in intact.values():
        submission = read_submission(raw[: raw.index(b"<DOCUMENT>")])  # as in a .hdr.sgml
        assert submission.header.filers == read_submission(raw).header.filers
        assert "no-documents" in _codes(submission)


def _codes(submission: Submission) -> list[str]:
    return [notice.code for notice in submission.notices if notice.code != "items-from-body"]


def test_two_submissions_in_one_file(intact: dict[str, tuple[bytes, Counter[bytes]]]) -> None:
    files = list(intact.values())
    for (one, first), (two, second) in itertools.pairwise(files):
        both = read_submissions(one + two)
        assert len(both) == 2
        assert [_all_words(s) for s in both] == [first, second]
        assert both[0].header == read_submission(one).header and both[1].header == read_submission(two).header
        assert not _codes(both[0]) and not _codes(both[1])
        only = read_submission(one + two)
        assert only.documents == both[0].documents
        assert _codes(only) == ["several-submissions"]


_CLOSING = re.compile(rb"</(?:SUBMISSION|(?:SEC|IMS)-DOCUMENT)>\s*|-----END PRIVACY-ENHANCED MESSAGE-----\s*")


@pytest.mark.parametrize("first_is_closed", [True, False])
def test_a_second_submission_without_a_header_has_no_filer(
    first_is_closed: bool, intact: dict[str, tuple[bytes, Counter[bytes]]]
) -> None:
    files = list(intact.values())
    for (one, first), (two, second) in itertools.pairwise(files):
        both = read_submissions((one if first_is_closed else _CLOSING.sub(b"", one)) + _headless(two))
        assert [_all_words(s) for s in both] == [first, second]
        assert both[0].header == read_submission(one).header
        assert not both[1].header.filers and both[1].header.accession_number is None
        assert "no-header" in _codes(both[1])
        if not first_is_closed and b"<SEC-DOCUMENT>" in one:
            assert "truncated" in _codes(both[0])


def test_numbers_that_begin_again_inside_a_body_open_no_submission() -> None:
    inner = b"<DOCUMENT>\n<TYPE>8-K\n<SEQUENCE>1\n<TEXT>\nAn inner part.\n</TEXT>\n</DOCUMENT>\n"
    raw = b"<DOCUMENT>\n<TYPE>8-K\n<SEQUENCE>1\n<TEXT>\nOne.\n" + inner + b"Two.\n</TEXT>\n</DOCUMENT>\n"
    assert len(read_submissions(raw)) == 1
    exhibit = raw.replace(b"8-K\n<SEQUENCE>1\n<TEXT>\nAn", b"EX-99.1\n<SEQUENCE>1\n<TEXT>\nAn")
    assert len(read_submissions(exhibit)) == 1


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty-input"),
        (b" \r\n\0\0\n", "empty-input"),
        (
            b"<html><head><title>SEC.gov | Request Rate Threshold Exceeded</title></head><body>...</body></html>",
            "error-page",
        ),
        (
            b"<!DOCTYPE html><html><body><h1>Your Request Originates from an Undeclared Automated Tool</h1></body></html>",
            "error-page",
        ),
        (b"<html><head><title>404 Not Found</title></head><body>nginx</body></html>", "error-page"),
        (b"<html><body><p>Quillon Bio announces news.</p></body></html>", "not-a-submission"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not-a-submission"),
    ],
)
def test_what_is_no_submission_says_what_it_is(raw: bytes, code: str) -> None:
    with pytest.raises(SubmissionError) as caught:
        read_submission(raw)
    assert caught.value.code == code
