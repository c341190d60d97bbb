"""From characters of the text back to the source's bytes."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.errors import ExhibitError
from nlp.exhibit import Locator, locate, read_exhibit
from nlp.exhibit.normal import clean, resolve
from nlp.text import Span

SHARED = Path(__file__).parents[1].parent / "shared" / "edgar"
_TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z][^<>]*>", re.S)
_PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def _said(written: str) -> str:
    """What the located bytes say: tags stripped, entities resolved, in normal form, without spaces."""
    return clean(resolve(html.unescape(_TAG.sub("", written)))).translate(_PLAIN).replace(" ", "")


@pytest.mark.parametrize(
    ("source", "words", "written"),
    [
        (b"<p>licence for <b>ACME</b>-101 to Beta</p>", "ACME-101", b"ACME</b>-101"),
        (
            b"<p>the company&#146;s R&amp;D&nbsp;plan</p>",
            "company's R&D plan",
            b"company&#146;s R&amp;D&nbsp;plan",
        ),
        (b"<p>B<font size=1>ETA</font> Inc.</p>", "BETA", b"B<font size=1>ETA"),
        (b"<p>10<sup>6</sup> cells</p>", "10⁶", b"10<sup>6"),
        ("<p>Café Nuvo GmbH – Köln</p>".encode(), "Köln", "Köln".encode()),
        ("<p>Café Nuvo GmbH</p>".encode("cp1252"), "Café", "Café".encode("cp1252")),
        ("<p>Café Nuvo GmbH</p>".encode("utf-16"), "Nuvo", "Nuvo".encode("utf-16-le")),
        ("<p>Café Nuvo ".encode() + b"\x93Beta\x94 Ltd</p>", '"Beta"', b"\x93Beta\x94"),
        (b"<DOCUMENT>\n<TYPE>EX-99.1\n<TEXT>\n<p>Beta Ltd</p>\n</TEXT>\n</DOCUMENT>\n", "Beta", b"Beta"),
        (b"<p>kept <!-- note --> words</p>", "kept words", b"kept <!-- note --> words"),
        (b"<p>&amp;lt;5% of&amp;nbsp;it", "<5%", b"&amp;lt;5%"),
        (
            b"     The first line of a paragraph that is wrapped by hand and goes\r\non here.\r\n",
            "goes on",
            b"goes\r\non",
        ),
        (
            b"<table><tr><td>Loss</td><td>$</td><td>(5</td><td>)</td></tr></table>",
            "$(5)",
            b"$</td><td>(5</td><td>)",
        ),
    ],
)
def test_words_lead_to_their_bytes(source: bytes, words: str, written: bytes) -> None:
    exhibit = read_exhibit(source)
    at = exhibit.text.index(words)
    start, end = locate(source, exhibit, Span(at, at + len(words)))
    assert source[start:end] == written


def test_a_span_over_blocks_takes_the_tags_between() -> None:
    source = b"<p>One two.</p><p>Three four.</p>"
    start, end = locate(source, read_exhibit(source), Span(4, 16))
    assert source[start:end] == b"two.</p><p>Three"


@pytest.mark.parametrize("span", [Span(3, 3), Span(0, 99), Span(-1, 2), Span(3, 4)])
def test_a_span_without_characters_is_refused(span: Span) -> None:
    source = b"<p>one two</p>"
    with pytest.raises(ExhibitError) as caught:
        locate(source, read_exhibit(source), span)
    assert caught.value.code == "not-located"


def test_a_text_that_many_blocks_share_is_looked_through_once() -> None:
    # An unclosed text area makes the two readings differ; the laid-out text is one piece of the source.
    lines = "\n\n".join(f"Line {i} of the text stands here alone." for i in range(400))
    source = f"<p>Start</p><textarea><pre>{lines}</pre><p>End".encode()
    exhibit = read_exhibit(source)
    locator = Locator(source, exhibit)
    assert max(map(len, locator._origins)) < 10
    at = exhibit.text.index("Start")
    start, end = locator.bytes_of(Span(at, at + 5))
    assert source[start:end] == b"Start"


def test_another_source_is_refused_not_guessed() -> None:
    exhibit = read_exhibit(b"<p>Gamma Corp acquires Delta Ltd</p>")
    with pytest.raises(ExhibitError, match="not found"):
        locate(b"<p>Something else altogether</p>", exhibit, Span(0, 5))


_PIECES = st.sampled_from(
    [
        "Acme",
        " ",
        "&nbsp;",
        "<b>",
        "</b>",
        "<br>",
        "<p>",
        "&#8217;",
        "&amp;",
        "é",
        "—",
        "<td>",
        "<table><tr>",
        "</table>",
        "12%",
        "•",
        "-",
        "fi",
        "ﬁ",
        "\u200b",
        "<sup>2</sup>",
        "\r\n",
        "<i>",
        "</i>",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_PIECES, min_size=1, max_size=25).map("".join))
def test_every_word_says_the_same_in_the_source_or_is_refused(markup: str) -> None:
    source = f"<p>{markup}x".encode()
    exhibit = read_exhibit(source)
    locator = Locator(source, exhibit)
    for match in re.finditer(r"\S+", exhibit.text):
        try:
            start, end = locator.bytes_of(Span(*match.span()))
        except ExhibitError:
            continue  # refused: the two readings of broken markup differ
        assert _said(source[start:end].decode()) == match.group().translate(_PLAIN)


@pytest.mark.skipif(not SHARED.exists(), reason="needs the real filings in ../shared/edgar")
def test_every_word_of_real_exhibits_is_located() -> None:
    wrong = []
    for path in sorted((SHARED / "submissions").glob("*")):
        for found in re.finditer(rb"<DOCUMENT>\s*<TYPE>EX-99.*?<TEXT>(.*?)</TEXT>", path.read_bytes(), re.S):
            source = found.group(1)
            exhibit = read_exhibit(source)
            locator = Locator(source, exhibit)
            for match in re.finditer(r"\S+", exhibit.text):
                start, end = locator.bytes_of(Span(*match.span()))
                said = _said(source[start:end].decode())
                # A word that the wrap had split keeps its hyphen in the source.
                if said != match.group().translate(_PLAIN) and said.replace("-", "") != match.group():
                    wrong.append((path.name, match.span()))
    assert not wrong
