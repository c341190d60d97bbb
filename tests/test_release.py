"""Sections of a release: invented cases of many styles, the partition as a property, and real labels where they are."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.exhibit import Block, BlockKind, ExhibitText
from nlp.release import Release, Section, read_release
from nlp.rulebook import Rule, default_rulebook, read_lexicon
from nlp.text import sentence_spans

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "release.jsonl").read_text("utf-8").splitlines()
]


def _params() -> list[Any]:
    marks = {"fail": [pytest.mark.xfail(strict=True)], "pass": []}
    return [
        pytest.param(case, id=f"{case['label']}: {case['comment']}", marks=marks[case["expect"]])
        for case in CASES
    ]


def starts(release: Release, kind: str) -> list[str]:
    return [release.text[s.start : s.end].lstrip("*>_ \n\t") for s in release.sections if s.kind == kind]


@pytest.mark.parametrize("case", _params())
def test_cases(case: dict[str, Any]) -> None:
    release, expected = read_release(case["input"]), case["expected"]
    assert_partition(release)
    if "headline" in expected:
        assert release.headline == expected["headline"]
    if "dateline" in expected:
        found = release.dateline
        wanted = expected["dateline"]
        assert (found and [found.city, found.region, found.date, found.wire]) == wanted
    if "lead" in expected:
        assert starts(release, "lead")[0].startswith(expected["lead"])
    if "sub" in expected:
        assert expected["sub"] in [text.strip() for text in starts(release, "subheadline")]
    for kind, wanted in expected.get("starts", {}).items():
        found_starts = starts(release, kind)
        if kind == "quotation":
            assert any(text.startswith(tuple(wanted)) for text in found_starts)
        else:
            assert len(found_starts) == len(wanted), found_starts
            assert all(text.startswith(begin) for text, begin in zip(found_starts, wanted, strict=True)), (
                found_starts
            )
    for sentence in expected.get("body", []):
        assert any(sentence in text for text in starts(release, "body"))
    codes = [notice.code for notice in release.notices]
    assert [code for code in codes if code in ("no-headline", "no-lead", "several-releases")] == expected.get(
        "notices", []
    )


def assert_partition(release: Release) -> None:
    position = 0
    for section in release.sections:
        assert section.start == position < section.end
        position = section.end
    assert position == len(release.text)
    if release.dateline is not None:
        assert 0 <= release.dateline.start <= release.dateline.end <= len(release.text)


KINDS: tuple[BlockKind, ...] = ("paragraph", "heading", "item", "row")
PIECES = st.sampled_from(
    [
        "Exhibit 99.1", "FOR IMMEDIATE RELEASE", "Norvela Announces Results of Its Phase 2 Study", "About Norvela", "###", "-30-", "* * *",
        "OSLO, May 2, 2024 (GLOBE NEWSWIRE) -- Norvela today announced that its study of tarvolimab met the goal it had been set.",
        "Forward-Looking Statements", "This release contains forward-looking statements. Results may differ materially.", "Contact:",
        "Mara Lindqvist\n(201) 555-0148\nmara@norvela.example", "“We are glad,” said Mara Lindqvist, who leads the company.", "1\t2\t3",
        "Conference Call", "References", "Consolidated Balance Sheets", "(in thousands)", "12,345", "-more-", "March 8, 2017", "**About X** Y.",
        "Norvela is a maker of antibodies. For more information, visit www.norvela.example.", "Reddit Post", "SOURCE Norvela", "", " ",
    ]
)  # fmt: skip


@st.composite
def exhibits(draw: st.DrawFn) -> ExhibitText:
    text, blocks = "", []
    for piece in draw(st.lists(st.one_of(PIECES, st.text(max_size=60)), max_size=24)):
        if not piece.strip():
            continue
        if text:
            text += "\n\n"
        kind = draw(st.sampled_from(KINDS))
        blocks.append(
            Block(len(text), len(text) + len(piece), kind, draw(st.booleans()), draw(st.booleans()))
        )
        text += piece
    return ExhibitText(text, tuple(blocks))


@settings(max_examples=300, deadline=None)
@given(exhibits())
def test_sections_partition_whatever_the_blocks_are(exhibit: ExhibitText) -> None:
    release = read_release(exhibit)
    assert_partition(release)
    assert release.text == exhibit.text
    assert release == read_release(exhibit)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("Ab1. \n-–(*#:”,/@"), min_size=1, max_size=400))
def test_sections_partition_any_text(text: str) -> None:
    assert_partition(read_release(ExhibitText(text, (Block(0, len(text), "paragraph"),))))


def test_an_empty_exhibit_has_no_sections() -> None:
    release = read_release(ExhibitText("", ()))
    assert release.sections == () and release.headline == "" and release.dateline is None


@pytest.mark.parametrize(
    ("trigger", "places"), [("trigger", (".heading", ".line", ".tail")), ("opening-trigger", (".opening",))]
)
def test_each_rule_holds_a_telling_word(trigger: str, places: tuple[str, ...]) -> None:
    # these rules are only tried where a word of their trigger stands: one without any would never be seen
    from nlp.release.programs import program

    for rule in default_rulebook().rules("sections"):
        if rule.label.endswith(places) and not rule.label.startswith("trigger"):
            assert program(trigger).span(rule.example.encode()) >= (0, 0), rule.id
            assert program(trigger).lines(["x", rule.example, "x"]) == [1], rule.id


def test_the_first_rule_of_a_place_that_matches_is_the_one_found() -> None:
    from nlp.release.programs import Program

    first = Rule("first", "about.heading", "b+", "b", "")
    rules = (first, Rule("second", "about.heading", "b|[cé]+", "c", ""))
    program = Program(rules, "a")
    assert [(r.id, s, e) for r, s, e in program.find("ab\u00e9abb ac a\u00e9\u00e9 b", 10)] == [
        ("first", 11, 12), ("first", 14, 16), ("second", 18, 19), ("second", 21, 23),
    ]  # fmt: skip


def test_wire_forms_are_unique() -> None:
    rows = read_lexicon(Path(__file__).parents[1] / "nlp" / "resources" / "lexicons" / "wires.tsv")
    forms = [form for row in rows for form in row["forms"].split("|")]
    assert forms and all(form.strip() == form and form for form in forms)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["Norvela", " is ", "For more information", " visit ", "www.", "HTTPS://", "norvela.Com", "Web site", "website", "LinkedIn", "INTERNET",
             "Headquartered in Oslo", "listed on", "Traded on", "\n", " follow us on Twitter", "learn more", "sites"]
        ),
        max_size=8,
    ).map("".join)
)  # fmt: skip
def test_a_profile_that_ends_in_where_to_read_more_holds_a_pointer(foot: str) -> None:
    # most paragraphs hold none of these words, and are not asked for the rest
    from nlp.release.cues import closes_as_profile
    from nlp.release.programs import program

    assert closes_as_profile(foot) == (program("closes").span(foot.encode()) >= (0, 0))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "Norvela said so. ",
                "It was met.1 ",
                "No. 5 ",
                "Dr. ",
                "(\u201cNorvela\u201d) ",
                "\n\n",
                "\n- ",
                "x" * 90 + " ",
                "Inc. ",
            ]
        ),
        max_size=80,
    ).map("".join),
    st.integers(0, 9),
    st.integers(0, 9),
)
def test_sentences_cut_as_asked_for_are_the_sentences(text: str, first: int, then: int) -> None:
    whole = sentence_spans(text)
    section = Section("body", 0, len(text))
    release = Release(text, (), (section,))
    for count in (first, then):
        assert tuple(itertools.islice(release.each_sentence(section), count)) == whole[:count]
    assert release.sentences_of(section) == whole == tuple(release.each_sentence(section))


def test_a_pattern_matches_alike_through_its_wrapper() -> None:
    import re2

    from nlp.release import programs

    class Hidden:
        """A compiled pattern that keeps its bare function to itself."""

        def __init__(self) -> None:
            compiled = re2.compile(b"b+")
            self.match, self.search = compiled.match, compiled.search

    for anchor in (programs._ANYWHERE, programs._AT_START):
        for data in (b"abba", b"bb", b"aa", b""):
            through = programs._matcher(Hidden())(anchor, data, 0, len(data))[0]
            assert through == tuple(programs._matcher(re2.compile(b"b+"))(anchor, data, 0, len(data))[0])
