"""Which EX-99 is a press release; refusals are first-class. Cases: invented companies."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from nlp.errors import LimitError
from nlp.exhibit import read_exhibit
from nlp.selection import is_ex99, press_releases
from nlp.submission import read_submission

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "edgar" / "submissions"
PROSE = (
    "Quillon Bio, a company that works on medicines for the liver, has met with the agency and will begin the second part of "
    "its study in the coming quarter, at forty hospitals in nine countries, with first findings a year after the last patient."
)
CASES = [
    ("release line", "EX-99.1", "EX-99.1", f"FOR IMMEDIATE RELEASE\n\nQuillon Bio Begins Study\n\n{PROSE}", True),
    ("dateline only", "EX-99", "", f"Quillon Bio Begins Study\n\nBASEL, Switzerland, March 3, 2021 – {PROSE}", True),
    ("wire only", "EX-99.01", "", f"Quillon Bio Begins Study\n\nBASEL, (GLOBE NEWSWIRE) -- {PROSE}", True),
    ("described, no dateline", "EX-99.3", "Press release dated March 3", f"Quillon Bio Begins Study\n\n{PROSE}", True),
    ("today announced", "ex-99-2", "", f"Study begins\n\nQuillon Bio today announced that it begins. {PROSE}", True),
    ("a headline about an agreement", "EX-99.1", "", "QUILLON BIO SIGNS\nLICENSE AGREEMENT\n\nBASEL, Switzerland, March 3, 2021 – Quillon "
     f"Bio today announced a licence. {PROSE}", True),
    ("described as financial information", "EX-99.1", "FINANCIAL INFORMATION", f"FOR IMMEDIATE RELEASE\n\n{PROSE}", True),
    ("nothing either way, first", "EX-99.1", "", f"Study begins\n\n{PROSE}", True),
    ("nothing either way, later", "EX-99.2", "", f"Study begins\n\n{PROSE}", False),
    ("slides by description", "EX-99.2", "INVESTOR PRESENTATION", f"Quillon\n\n{PROSE}", False),
    ("slides by title", "EX-99.1", "", f"Corporate Presentation\n\nMay 2021\n\n{PROSE}", False),
    ("transcript", "EX-99.2", "", f"Quillon Bio\n\nOperator: Good morning.\n\n{PROSE} FOR IMMEDIATE RELEASE", False),
    ("agreement", "EX-99.1", "", f"LICENSE AGREEMENT\n\nThis Agreement, made on May 2, 2019 - {PROSE}", False),
    ("merger agreement", "EX-99", "AGREEMENT AND PLAN OF MERGER", f"Agreement and Plan of Merger\n\n{PROSE}", False),
    ("certification", "EX-99.1", "", f"CERTIFICATION PURSUANT TO SECTION 906\n\n{PROSE}", False),
    ("a transcript that names its speakers", "EX-99.2", "", f"Quillon Bio\n\nCORPORATE PARTICIPANTS\n\nAda Quill, Chief Executive\n\n{PROSE}", False),
    ("a transcript with the operator on a line", "EX-99.1", "", f"Quillon Bio Call\n\nOperator\n\nGood day. {PROSE}", False),
    ("a release that gives the operator's number", "EX-99.1", "", f"BASEL, (GLOBE NEWSWIRE) -- {PROSE} Ask the operator for call 77.", True),
    ("a letter to shareholders", "EX-99.1", "", f"May 3, 2021\n\nDear Fellow Shareholders,\n\n{PROSE}", False),
    ("a release about a letter", "EX-99.1", "", f"Quillon Bio Issues Letter\n\nBASEL, Switzerland, March 3, 2021 – Quillon today announced a letter.\n\nDear Shareholders,\n\n{PROSE}", True),
    ("slides of an investor day", "EX-99.1", "", f"Quillon Bio R&D Day 2021\n\n{PROSE}", False),
    ("a release about an investor day", "EX-99.1", "", f"Quillon Bio to Host R&D Day\n\nBASEL, Switzerland, March 3, 2021 – {PROSE}", True),
    ("risk factors before an offering", "EX-99.1", "", f"Updated Risk Factors\n\n{PROSE}", False),
    ("recent developments", "EX-99.1", "", f"RECENT DEVELOPMENTS\n\n{PROSE}", False),
    ("trust report", "EX-99.1", "MONTHLY SERVICING REPORT", f"Quillon Auto Trust 2004-1\n\n{PROSE}", False),
    ("charter in the type", "EX-99.1 CHARTER", "", f"Audit committee\n\n{PROSE}", False),
    ("audited statements", "EX-99.1", "", f"REPORT OF INDEPENDENT AUDITORS\n\n{PROSE}", False),
    ("pictures", "EX-99.1", "", "<html><body><img src=a.jpg></body></html>", False),
    ("a PDF", "EX-99.1", "PRESS RELEASE", "<PDF>\nbegin 644 a.pdf\nM)5!$\nend\n</PDF>", False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("label", "type_", "description", "body", "accepted"), CASES, ids=[case[0] for case in CASES]
)
def test_choice(label: str, type_: str, description: str, body: str, accepted: bool) -> None:
    tag = f"<DESCRIPTION>{description}\n" if description else ""
    raw = f"<DOCUMENT>\n<TYPE>{type_}\n{tag}<TEXT>\n{body}\n</TEXT>\n</DOCUMENT>\n".encode()
    (choice,) = press_releases(read_submission(raw))
    assert choice.accepted is accepted, choice.reason
    assert choice.reason


def test_a_short_release_is_read_once() -> None:
    body = f"FOR IMMEDIATE RELEASE\n\nQuillon Bio Begins Study\n\n{PROSE}\n"
    wrap = "<DOCUMENT>\n<TYPE>EX-99.1\n<TEXT>\n{}</TEXT>\n</DOCUMENT>\n"
    (choice,) = press_releases(submission := read_submission(wrap.format(body).encode()))
    assert choice.exhibit == read_exhibit(submission.body(choice.document))
    (choice,) = press_releases(read_submission(wrap.format(body + f"\n{PROSE}\n" * 300).encode()))
    assert choice.accepted and choice.exhibit is None  # only its first page was read
    (choice,) = press_releases(read_submission(wrap.format("Operator: Good day.\n" + PROSE).encode()))
    assert not choice.accepted and choice.exhibit is None


@pytest.mark.parametrize(
    "type_", ["EX-2.1", "EX-10.99", "8-K", "EX-9.9", "EX-101.SCH", "GRAPHIC", "EX-995", ""]
)
def test_never_another_exhibit(type_: str) -> None:
    assert not is_ex99(type_)


def test_samples() -> None:
    expected: Counter[tuple[str, str]] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    for line in (ROOT / "data/samples/expected.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["release"] and "/" not in row["file"]:
            expected[row["file"], row["exhibit"]] += 1
    for path in sorted((ROOT / "data/samples").glob("*.txt")):
        for choice in press_releases(read_submission(path.read_bytes())):
            if choice.accepted:
                found[path.name, choice.document.type] += 1
    assert found == expected


# Refused by reading each of them: agreements, letters, a court order, transcripts, tables, statements, a prospectus.
REFUSED = Counter(
    {"0000018230-22-000107": 1, "0000092122-05-000042": 5, "0000092122-07-000008": 5, "0000899243-95-000310": 1,
     "0000899243-96-000861": 2, "0000914260-00-000057": 1, "0000914760-99-000230": 5, "0000950144-94-000103": 2,
     "0001036050-97-000815": 1, "0001125282-05-000624": 1, "0001125282-05-001175": 1, "0001125282-05-002435": 1,
     "0001125282-05-004198": 1, "0001125282-05-006555": 1, "0001193125-11-009392": 1}
)  # fmt: skip


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the real filings in ../shared")
def test_real_filings() -> None:
    refused: Counter[str] = Counter()
    total = 0
    for path in sorted(SHARED.glob("*.txt")):
        choices = press_releases(read_submission(path.read_bytes()))
        total += len(choices)
        refused.update(path.stem for choice in choices if not choice.accepted)
    assert refused == REFUSED
    assert total == 78


def test_a_limit_in_an_exhibit_fails_the_file_instead_of_refusing_the_exhibit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def expire(raw: bytes) -> None:
        raise LimitError("took longer than 1 s", code="over-time")

    monkeypatch.setattr("nlp.selection._opening", expire)
    raw = b"<DOCUMENT>\n<TYPE>EX-99.1\n<SEQUENCE>2\n<TEXT>\nAcme Bio Announces News\n</TEXT>\n</DOCUMENT>\n"
    with pytest.raises(LimitError):
        press_releases(read_submission(raw))
