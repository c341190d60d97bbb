"""The sample filings are what they claim to be, and what we expect of them is consistent."""

from __future__ import annotations

import binascii
import html
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nlp.release import read_release
from nlp.rulebook import default_rulebook
from nlp.submission import read_submission

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "data" / "samples"
SUBMISSIONS = sorted(SAMPLES.glob("*.txt"))
EXHIBITS = sorted((SAMPLES / "exhibits").iterdir())
EXPECTED: list[dict[str, Any]] = [
    json.loads(line) for line in (SAMPLES / "expected.jsonl").read_text(encoding="utf-8").splitlines()
]
DAMAGED = {row["file"] for row in EXPECTED if row["damaged"]}
ROLES = frozenset(default_rulebook().roles)
FIELDS = frozenset(
    [
        "file",
        "exhibit",
        "release",
        "headline",
        "events",
        "primary",
        "subtypes",
        "counterparties",
        "drugs",
        "trial_outcome",
        "sector",
        "damaged",
        "note",
    ]
)


def _row_id(row: dict[str, Any]) -> str:
    return f"{row['file']}#{row['exhibit']}"


def _source(row: dict[str, Any]) -> bytes:
    """The bytes of the exhibit that a row speaks of, cut out without the project's own reader."""
    raw: bytes = (SAMPLES / row["file"]).read_bytes()
    if row["file"].startswith("exhibits/"):
        return raw
    part = raw.split(f"<TYPE>{row['exhibit']}\n".encode(), 1)[1]
    return part.split(b"<TEXT>\n", 1)[1].split(b"\n</TEXT>", 1)[0]


def _plain(source: bytes) -> str:
    """Roughly what a reader sees: tags and entities resolved, white space and apostrophes evened out."""
    try:
        markup = source.decode("utf-8")
    except UnicodeDecodeError:
        markup = source.decode("cp1252")
    if re.search(r"<(html|p|div)\b", markup, re.I):
        markup = re.sub(r"</?(?:p|div|br|tr|td|li|table|h1)\b[^>]*>", " ", markup, flags=re.I)
        markup = html.unescape(re.sub(r"<[^>]*>", "", markup))
    return " ".join(markup.replace("’", "'").split())


def _known_labels() -> tuple[set[str], set[str]]:
    table = tomllib.loads((ROOT / "nlp" / "resources" / "event_types.toml").read_text(encoding="utf-8"))
    events = {event["id"] for event in table["event"]}
    return events, {subtype for event in table["event"] for subtype in event["subtypes"]}


def test_every_file_is_expected_and_every_expectation_has_its_file() -> None:
    on_disk = {path.relative_to(SAMPLES).as_posix() for path in [*SUBMISSIONS, *EXHIBITS]}
    assert on_disk == {row["file"] for row in EXPECTED}
    keys = [_row_id(row) for row in EXPECTED]
    assert len(keys) == len(set(keys))
    for path in SUBMISSIONS:
        types = re.findall(rb"<TYPE>(EX-99[^\n]*)\n", path.read_bytes())
        assert {t.decode() for t in types} == {row["exhibit"] for row in EXPECTED if row["file"] == path.name}


def test_every_file_is_in_the_readme() -> None:
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([^`]+)`", readme, re.M)) == {row["file"] for row in EXPECTED}


def test_every_event_type_occurs_and_some_releases_have_two() -> None:
    events, _ = _known_labels()
    assert {event for row in EXPECTED for event in row["events"]} == events
    assert sum(len(row["events"]) == 2 for row in EXPECTED) >= 3
    assert sum(not row["release"] for row in EXPECTED) >= 2
    assert len(DAMAGED) >= 1


@pytest.mark.parametrize("row", EXPECTED, ids=_row_id)
def test_expected_row_is_consistent(row: dict[str, Any]) -> None:
    events, subtypes = _known_labels()
    assert set(row) == FIELDS
    if not row["release"]:
        assert not row["events"] and not row["counterparties"] and not row["drugs"]
        assert row["primary"] is None and row["headline"] is None and row["note"]
        return
    assert set(row["events"]) <= events
    assert row["primary"] == row["events"][0]
    assert set(row["subtypes"]) <= subtypes
    assert {subtype.split(".")[0] for subtype in row["subtypes"]} <= set(row["events"])
    assert row["trial_outcome"] in {None, "met", "missed", "not_stated"}
    assert {party["role"] for party in row["counterparties"]} <= ROLES
    text = _plain(_source(row))
    for name in [party["name"] for party in row["counterparties"]]:
        assert name in text
    for drug in row["drugs"]:
        assert drug.lower() in text.lower()
    # Small capitals and line breaks change case and spacing, nothing else.
    assert re.sub(r"\W", "", row["headline"]).lower() in re.sub(r"\W", "", text).lower()


@pytest.mark.parametrize("path", SUBMISSIONS, ids=lambda path: path.name)
def test_submission_is_well_formed_unless_meant_to_be_broken(path: Path) -> None:
    raw = path.read_bytes()
    accession = path.stem
    assert re.fullmatch(r"000999\d{4}-\d\d-\d{6}", accession)
    assert f"<SEC-DOCUMENT>{accession}.txt : ".encode() in raw
    assert re.search(rf"^ACCESSION NUMBER:\t\t{accession}$".encode(), raw, re.M)
    raw.decode("cp1252")
    counts = [raw.count(tag) for tag in (b"<DOCUMENT>", b"</DOCUMENT>", b"<TEXT>", b"</TEXT>")]
    stated = re.search(rb"PUBLIC DOCUMENT COUNT:\t\t(\d+)", raw)
    assert stated and int(stated.group(1)) == counts[0]
    if path.name in DAMAGED:
        assert len(set(counts)) > 1
    else:
        assert len(set(counts)) == 1
        assert raw.rstrip().endswith((b"</SEC-DOCUMENT>", b"-----END PRIVACY-ENHANCED MESSAGE-----"))
        assert raw.startswith(b"-----BEGIN PRIVACY-ENHANCED MESSAGE-----") == (b"-----END PRIVACY" in raw)


@pytest.mark.parametrize("path", SUBMISSIONS, ids=lambda path: path.name)
def test_reader_finds_the_header_and_every_document(path: Path) -> None:
    raw = path.read_bytes()
    submission = read_submission(raw)
    assert [document.type for document in submission.documents] == [
        t.decode() for t in re.findall(rb"<TYPE>(.*)\n", raw)
    ]
    assert submission.header.accession_number == path.stem
    assert submission.header.items and submission.header.items[-1] in {"9.01", "7"}
    assert bool(submission.notices) == (path.name in DAMAGED)


def test_graphic_part_decodes_to_a_gif() -> None:
    parts = [
        part
        for path in SUBMISSIONS
        for part in path.read_bytes().split(b"<DOCUMENT>")
        if b"<TYPE>GRAPHIC" in part
    ]
    assert parts
    for part in parts:
        body = part.split(b"<TEXT>\n", 1)[1].split(b"\n</TEXT>", 1)[0].splitlines()
        lines = body[
            body.index(next(line for line in body if line.startswith(b"begin "))) + 1 : body.index(b"end")
        ]
        assert b"".join(binascii.a2b_uu(line) for line in lines).startswith(b"GIF89a")


def _releases() -> Iterator[Any]:
    for row in EXPECTED:
        if row["release"]:
            yield pytest.param(row, id=_row_id(row))


@pytest.mark.parametrize("row", list(_releases()))
def test_reader_finds_the_headline(row: dict[str, Any]) -> None:
    release = read_release(_source(row))
    assert release.headline == row["headline"]
    assert release.sections[0].start == 0 and release.sections[-1].end == len(release.text)


def test_nothing_real_is_named() -> None:
    """Web addresses lead nowhere, and telephone numbers are of the kind kept for fiction (555-01xx)."""
    for path in [*SUBMISSIONS, *EXHIBITS]:
        text = path.read_bytes().decode("cp1252", "replace")
        for address in re.findall(r"(?:www\.|@)[\w.-]+\.[a-z]+", text):
            assert address.endswith((".example", "www.sec.gov", "www.w3.org", "www.xbrl.org")), (
                path.name,
                address,
            )
        for number in re.findall(r"\b555[- ]\d{4}\b", text):
            assert number[4:6] == "01", (path.name, number)
