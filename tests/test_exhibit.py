"""Exhibits to blocks: cases, properties, all readers, limits, and the real exhibits where they are."""

from __future__ import annotations

import html
import json
import re
import warnings
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nlp.errors import Ex99Error, ExhibitError, LimitError
from nlp.exhibit import ExhibitText, read_exhibit
from nlp.exhibit import read as reader
from nlp.exhibit.blocks import build
from nlp.exhibit.decode import decode
from nlp.exhibit.layout import is_laid_out
from nlp.exhibit.lexbor import lexbor_events
from nlp.exhibit.normal import clean, resolve
from nlp.exhibit.pages import assemble, finish
from nlp.exhibit.read import is_html, unwrapped
from nlp.exhibit.soup import soup_events
from nlp.exhibit.source import source_events
from nlp.exhibit.steps import Event

SHARED = Path(__file__).parents[1].parent / "shared" / "edgar"
CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "exhibit.jsonl").read_text(encoding="utf-8").splitlines()
]


def shown(exhibit: ExhibitText) -> list[str]:
    """Blocks as ``kind: text``, the way the cases write them."""
    return [f"{block.kind}: {exhibit.text[block.start : block.end]}" for block in exhibit.blocks]


def _by(name: str, markup: str) -> str:
    events: Iterable[Event]
    if name == "lexbor":
        events = lexbor_events(markup.encode())
    elif name == "soup":
        events = soup_events(markup)
    else:
        events = (event for event, _, _ in source_events(markup))
    return assemble(finish(build(events).blocks)[0])[0]


@pytest.mark.parametrize("case", CASES, ids=[case["label"] for case in CASES])
def test_case(case: dict[str, object], request: pytest.FixtureRequest) -> None:
    if case["expect"] == "xfail":
        request.applymarker(pytest.mark.xfail(strict=True, reason=str(case["comment"])))
    assert shown(read_exhibit(str(case["input"]).encode())) == case["expected"]


@pytest.mark.parametrize("case", [c for c in CASES if is_html(c["input"])], ids=lambda case: case["label"])
def test_all_readers_agree_on_the_cases(case: dict[str, str]) -> None:
    texts = {name: _by(name, case["input"]) for name in ("lexbor", "soup", "source")}
    if case.get("differs"):
        assert len(set(texts.values())) > 1, "the readers agree now: drop the mark"
    else:
        assert len(set(texts.values())) == 1, texts


_WORDS = st.sampled_from(
    [
        "Acme",
        "Inc.",
        "said",
        "12%",
        "$4.5",
        "(ACME-1)",
        "phase",
        "dose\xa0level",
        "“quoted”",
        "the’s",
        "naïve",
        "–",
        "—",
        "&",
        "<",
        "•",
        "3",
        "1.",
        "a)",
        "U.S.",
        "of",
    ]
)
_TEXT = st.lists(_WORDS, min_size=1, max_size=12).map(" ".join)


@st.composite
def _markup(draw: st.DrawFn) -> str:
    wraps = ["p", "div", "b", "i", "span", "li", "h2", "center", "td", "font"]
    parts = []
    for _ in range(draw(st.integers(1, 8))):
        text = html.escape(draw(_TEXT))
        for tag in draw(st.lists(st.sampled_from(wraps), max_size=3)):
            if tag == "td":
                text = f"<table><tr><td>{text}</td><td>{html.escape(draw(_TEXT))}</td></tr></table>"
            else:
                text = f"<{tag}>{text}</{tag}>"
        parts.append(text + draw(st.sampled_from(["", "<br>", "<br><br>", "\n", "<hr>", "&nbsp;", "<p>"])))
    return "<p>" + "".join(parts)


@settings(max_examples=150, deadline=None)
@given(_markup())
def test_one_more_div_changes_nothing(markup: str) -> None:
    page = f"<html><body>{markup}<p>end</body></html>"
    around = f"<html><body><div>{markup}<p>end</div></body></html>"
    first, second = read_exhibit(page), read_exhibit(around)
    assert (first.text, first.blocks) == (second.text, second.blocks)


@settings(max_examples=150, deadline=None)
@given(_markup())
def test_reading_its_own_text_changes_nothing(markup: str) -> None:
    text = read_exhibit(markup.replace("&lt;", "") + "<p>end").text
    assume(not is_laid_out(text))  # two line breaks that fall as a wrap's would are read as one
    assert read_exhibit(text).text == text


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=300).map(str.encode), _markup().map(str.encode)))
def test_any_bytes_give_a_text_or_our_error(raw: bytes) -> None:
    try:
        exhibit = read_exhibit(raw)
    except Ex99Error:
        return
    assert exhibit.text.strip()
    end = 0
    for block in exhibit.blocks:
        assert exhibit.text[end : block.start] in ("", "\n", "\n\n")
        assert block.start < block.end
        assert exhibit.text[block.start : block.end].strip()
        end = block.end
    assert end == len(exhibit.text)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once) == once


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        ("<p>Caf\u00e9 \u201cAcme\u201d raised \u20ac5</p>".encode("cp1252"), "encoding-guessed"),
        ("<p>Café “Acme” raised €5</p>".encode("utf-16"), "encoding-guessed"),
        ("<p>Café “Acme” raised €5</p>".encode("utf-16-le"), "encoding-guessed"),
        ("<p>Café “Acme” raised ".encode() + b"\x805</p>", "bytes-not-decoded"),
        ("\ufeff<p>Café “Acme” raised €5</p>".encode(), None),
    ],
)
def test_encodings(raw: bytes, encoding: str | None) -> None:
    exhibit = read_exhibit(raw)
    assert exhibit.text == 'Café "Acme" raised €5'
    assert [notice.code for notice in exhibit.notices] == ([encoding] if encoding else [])


@pytest.mark.parametrize(
    ("declared", "read_as"),
    [
        ("", "windows-1252"),
        ("iso-8859-2", "iso8859-2"),
        ("gb2312", "windows-1252"),  # the bytes are not valid in it
        ("cp500", "windows-1252"),  # EBCDIC: no markup could have declared it
        ("iso-2022-jp", "windows-1252"),
        ("punycode", "windows-1252"),
        ("no-such-set", "windows-1252"),
    ],
)
def test_only_a_trusted_declaration_counts(declared: str, read_as: str) -> None:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">' if declared else ""
    raw = f"<html><head>{meta}</head><body><p>Wrocław said</p>".encode("iso8859-2")
    exhibit = read_exhibit(raw)
    assert [notice.message for notice in exhibit.notices] == [f"the exhibit was read as {read_as}"]
    assert exhibit.text == ("Wrocław said" if read_as == "iso8859-2" else "Wroc³aw said")


def test_control_characters_go_from_any_text() -> None:
    assert clean("the company’s pro\x07gram\x1a") == "the company's program"


def test_an_exhibit_without_text_says_what_it_saw() -> None:
    with pytest.raises(ExhibitError, match="1 image") as caught:
        read_exhibit(b'<html><body><p><img src="slide.jpg"></p></body></html>')
    assert caught.value.code == "no-text"
    with pytest.raises(ExhibitError, match="empty"):
        read_exhibit(b"  \n ")


def test_a_source_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_BYTES", 10)
    with pytest.raises(LimitError, match="limit is 10"):
        read_exhibit(b"<p>some words</p>")


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<div>" * 100_000 + "deep words" + "</div>" * 100_000, 2),
        ("<table><tr>" + "<td>cell" * 200_000, 200_000),
        ("<table><tr><td>x" * 50_000, 50_000),
        ("".join(f"<p><font size={i}>w{i}" for i in range(5_000)), 5_000),
        ("<p>" + "".join(f"<font size={i}>w{i} " for i in range(40_000)), 40_000),
        ("<p>one" + "<!-- two " * 50_000, 50_001),
        ("<p>one" + "<a" * 100_000 + " two", None),
        ("\t" * 100_000 + "x", 1),
        ("<font></b></i>" * 50_000 + "x<p>", 1),
        ("<div></b>" * 40_000 + "x" + "</div>" * 40_000, 1),
        ("word " + ". " * 200_000, 1),
    ],
    ids=[
        "deep",
        "cells",
        "tables",
        "fonts",
        "font-run",
        "comments",
        "cut-tags",
        "tabs",
        "strays",
        "deep-strays",
        "dots",
    ],
)
def test_hostile_input_loses_no_word(markup: str, words: int | None) -> None:
    found = read_exhibit(markup.encode()).text
    if words is not None:
        assert len(re.findall(r"\w+", found.replace("<!--", ""))) == words


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Before it.</p><!-- never closed <p>After it come words.</p>" + "<p>More words here.</p>" * 9,
        "<p>Before it.</p><script>never <p>After it come words.</p>" + "<p>More words here.</p>" * 9,
        "<html><title>never<body><p>After it come words.</p>" + "<p>More words here.</p>" * 99,
        '<p>Before it.</p><p class="never><p>After it come words.</p>' + "<p>More words here.</p>" * 9,
    ],
    ids=["comment", "script", "title", "quote"],
)
def test_what_a_tree_builder_swallows_is_read_another_way_and_said(markup: str) -> None:
    exhibit = read_exhibit(markup)
    assert exhibit.text.count("More words here.") == markup.count("More words here.")
    assert "parser-fallback" in [notice.code for notice in exhibit.notices]


def test_a_loss_no_reader_can_mend_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "source_events", lambda markup: iter(()))
    monkeypatch.setattr(reader, "soup_events", lambda markup: iter(()))
    lost = "<p>Kept.</p><script>never <p>" + "Lost words. " * 9
    assert [notice.code for notice in read_exhibit(lost).notices] == ["text-lost"]


def _real() -> list[tuple[str, bytes]]:
    if not SHARED.exists():
        return []
    found = [(path.name, path.read_bytes()) for path in sorted((SHARED / "exhibits").glob("*"))]
    for path in sorted((SHARED / "submissions").glob("*")):
        raw = path.read_bytes()
        for match in re.finditer(rb"<DOCUMENT>\s*<TYPE>EX-99.*?<TEXT>(.*?)</TEXT>", raw, re.S):
            found.append((f"{path.stem}:{match.start(1)}", match.group(1)))
    return found


REAL = _real()
real = pytest.mark.skipif(not REAL, reason="needs the real filings in ../shared/edgar")
_VISIBLE = re.compile(r"[^\W_]+")
_PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def _counted(text: str) -> Counter[str]:
    return Counter(_VISIBLE.findall(clean(resolve(text)).translate(_PLAIN).lower()))


def _soup_text(markup: str) -> str:
    """Visible text by BeautifulSoup, words parted where blocks and cells are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = BeautifulSoup(markup, "html.parser")
    for tag in tree(["script", "style", "title", "head", "ix:header"]):
        tag.decompose()
    for tag in tree.find_all(style=re.compile(r"display:\s*none", re.I)):
        tag.decompose()
    for tag in tree.find_all(re.compile(r"^(?:p|div|br|t[rdh]|li|h[1-6r]|table|center|pre)$")):
        tag.insert_before(" ")
        tag.insert_after(" ")
    return str(tree.get_text())


@real
def test_words_of_real_exhibits_are_kept() -> None:
    poor = {}
    for name, raw in REAL:
        start, end = unwrapped(decode(raw).text)
        markup = decode(raw).text[start:end]
        exhibit = read_exhibit(raw)
        if is_html(markup):
            wanted = _counted(_soup_text(markup))
        else:
            wanted = _counted(re.sub(r"</?(?:page|table|caption|s|c|f\d|fn|r)>", " ", markup, flags=re.I))
        got = _counted(exhibit.text) + _counted(" ".join(exhibit.furniture))
        hits = sum((wanted & got).values())
        recall, precision = hits / sum(wanted.values()), hits / sum(got.values())
        if recall < 0.998 or precision < 0.995:
            poor[name] = (recall, precision)
    assert not poor


@real
def test_readers_agree_on_real_exhibits() -> None:
    differing = []
    for name, raw in REAL:
        start, end = unwrapped(decode(raw).text)
        markup = decode(raw).text[start:end]
        if is_html(markup) and len({_by(reader, markup) for reader in ("lexbor", "soup", "source")}) > 1:
            differing.append(name)
    assert not differing


@real
def test_reading_real_text_again_changes_nothing() -> None:
    changed = [name for name, raw in REAL if read_exhibit(text := read_exhibit(raw).text).text != text]
    assert not changed
