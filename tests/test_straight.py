"""Pages read without a tree: whatever the first reader takes, lexbor reads the same."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.exhibit import Block, read_exhibit
from nlp.exhibit.blocks import build
from nlp.exhibit.decode import decode
from nlp.exhibit.lexbor import lexbor_events
from nlp.exhibit.pages import assemble, finish
from nlp.exhibit.read import is_html, unwrapped
from nlp.exhibit.steps import Event
from nlp.exhibit.straight import straight_events

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "edgar" / "submissions"


def _built(events: Iterable[Event]) -> tuple[str, tuple[Block, ...], tuple[str, ...]]:
    raws, furniture = finish(build(events).blocks)
    text, blocks, _ = assemble(raws)
    return text, blocks, furniture


TAKEN = [
    "<html><head><title>x</title><meta a=b></head><body><p>One.</p></body></html>",
    "<!DOCTYPE html>\n<HTML>\n<BODY>\n<P ALIGN=CENTER>One&nbsp;two.</P>\n</BODY></HTML>\n",
    "<div><p style='font-weight:bold'>One</p><ul>\n<li>a<br/>b</li>\n<li>c</li></ul></div>",
    "<p>One</p><table><tr><td>&#160;</td><td>a</td></tr></table><table><tbody><tr><th>b</th></tr></tbody></table>",
    "<p>One</p><!-- Field: Page --><p>R&amp;D &copy 5 &#150; AT&T</p>",
    "<p>One</p><p><hr></p><p>Two</p>",
    "<p>One</p><p><hr noshade><p>Two</p>",
    "<p>an anchor's end</a> and a font's</font></b></p>",
    "<p>a > b</p>",
]
REFUSED = [
    "<p>One<p>Two",
    "<p>One</p>text",
    "text<p>One</p>",
    "<p><font>One</p></font>",
    "<p><b>One<div>Two</div></b></p>",
    "<table>stray<tr><td>One</td></tr></table>",
    "<table><tr>&nbsp;<td>One</td></tr></table>",
    "<table><td>One</td></table>",
    "<table><tr><td>One</td></tr><tbody><tr><td>Two</td></tr></tbody></table>",
    "<table><caption>One</caption></table>",
    "<p>One<table><tr><td>x</td></tr></table></p>",
    "<a href=x>One<a>Two</a></a>",
    "<h1>One<h2>Two</h2></h1>",
    "<ul><li>One<li>Two</li></li></ul>",
    "<p>One</p><script>a < b</script>",
    "<p>One</p><!-- <b>gone</b> --><p>Two</p>",
    "<p>P < 0.05</p>",
    "<p title='a>b'>One</p>",
    "<p class='never>One</p>",
    "<p align=left align=center>One</p>",
    "<pre>One\nTwo</pre>",
    "<p>One</p></body><p>Two</p>",
    "<body><p>One</p><body><p>Two</p></body></body>",
    "<p>One&#13;Two</p>",
    "<p>One\0</p>",
    "<p>One</p>>",
    "<p/>One</p>",
    "<form><p>One</p></form>",
    "<select><option>One</option></select>",
    "<ix:header>One</ix:header>",
    "<div>" * 200 + "One" + "</div>" * 200,
]


@pytest.mark.parametrize("page", TAKEN)
def test_pages_it_takes(page: str) -> None:
    events = straight_events(page)
    assert events is not None
    assert _built(events) == _built(lexbor_events(page.encode()))


@pytest.mark.parametrize("page", REFUSED)
def test_pages_it_leaves_to_a_tree_builder(page: str) -> None:
    assert straight_events(page) is None


_WORDS = st.sampled_from(
    ["Acme", "said so.", "12%", "&nbsp;", "&#160;", "R&amp;D", "&#150;", "&copy", "a > b", "•", "1", "(2)", " ", "\n", "\u2003", "é", "$"]
)  # fmt: skip
_ATTRIBUTES = st.sampled_from(
    ["", "", "", " align=center", ' style="display:none"', " style='font-weight:bold'", ' style="page-break-before:always"', ' CLASS="x"']
)  # fmt: skip
_BETWEEN = st.sampled_from(["", "", "\n", "&nbsp;", "<!-- c -->", "<!-- Field: Page -->"])
_LONE = st.sampled_from(["<br>", "<hr>", "<BR/>", "<p><hr></p>", "</a>", "</font>", "<p></p>", "<img src=a>"])


@st.composite
def _flow(draw: st.DrawFn, depth: int = 4) -> str:
    pieces = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.integers(0, 9)) if depth else 0
        inner = draw(_flow(depth - 1)) if kind > 3 else "".join(draw(st.lists(_WORDS, max_size=3)))
        attributes, gap = draw(_ATTRIBUTES), draw(_BETWEEN)
        if kind < 3:
            pieces.append(inner)
        elif kind == 3:
            pieces.append(draw(_LONE))
        elif kind < 6:
            tag = draw(st.sampled_from(["b", "FONT", "span", "a", "sup", "u"]))
            pieces.append(f"<{tag}{attributes}>{inner}</{tag}>")
        elif kind < 8:
            tag = draw(st.sampled_from(["p", "P", "div", "center", "h1", "li", "ul", "blockquote"]))
            pieces.append(f"<{tag}{attributes}>{gap}{inner}</{tag.lower()}>")
        else:
            cell = f"<td{attributes}>{inner}</td>{gap}"
            pieces.append(f"<table>{gap}<tr>{cell}{cell}</tr>{gap}</table>")
    return "".join(pieces)


@settings(max_examples=300, deadline=None)
@given(
    _flow(),
    st.sampled_from(["", "<p>", "</p>", "<td>", "</div>", "<b>", "<table>", "<", ">", "<tr>", "<li>", "x"]),
    st.integers(0, 500),
)
def test_what_it_takes_lexbor_reads_the_same(inner: str, damage: str, at: int) -> None:
    page = f"<html><body>{inner[:at]}{damage}{inner[at:]}</body></html>"
    events = straight_events(page)
    if events is not None:
        assert _built(events) == _built(lexbor_events(page.encode()))


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000 + "x" + "</div>" * 100_000,
        "<p>x" + "</a>" * 200_000 + "y</p>",
        "<p>" + "x</a>" * 200_000 + "</p>",
        "<p>x" + "<a></a></a>" * 30_000 + "</p>",
        "<p " + "a=b " * 100_000 + ">x</p>",
        "<p>x" + "<a" * 100_000 + ">",
    ],
    ids=["deep", "stray-run", "strays", "paired-strays", "attributes", "cut-tags"],
)
def test_hostile_pages_are_left_alone_at_once(page: str) -> None:
    assert straight_events(page) is None


def _pages() -> list[tuple[str, str]]:
    found = []
    for path in sorted([*(ROOT / "data" / "samples").glob("*.txt"), *SHARED.glob("*.txt")]):
        for match in re.finditer(
            rb"<DOCUMENT>\s*<TYPE>(?:EX|8-K).*?<TEXT>(.*?)</TEXT>", path.read_bytes(), re.S
        ):
            text = decode(match[1]).text
            start, end = unwrapped(text)
            if is_html(text[start:end]):
                found.append((f"{path.stem}:{match.start(1)}", text[start:end]))
    return found


def test_the_pages_of_filings_are_read_the_same() -> None:
    taken = 0
    differing = []
    pages = _pages()
    for name, page in pages:
        events = straight_events(page)
        if events is not None:
            taken += 1
            if _built(events) != _built(lexbor_events(page.encode())):
                differing.append(name)
    assert not differing
    assert taken * 4 > len(pages) * 3  # it is worth having only if most pages are such


def test_the_reader_is_named() -> None:
    assert read_exhibit("<p>One.</p>").parser == "straight"
    assert read_exhibit("<p>One.<p>Two.").parser == "lexbor"
