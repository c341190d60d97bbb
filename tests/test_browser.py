"""The report in a real browser: a hostile filing stays text, and filter, sort and keys do what they say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nlp.report.page import render_page
from tests.chromium import Browser, find_chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_chromium() is None, reason="Chromium is not installed"),
]

_SCRIPT = "<script>window.hit=1</script>"
_HANDLER = "<img src=x onerror='window.hit=2'>"
_BREAKOUT = "</script><script>window.hit=3</script><!--"
_OVERRIDE = "Acme \u202egnp.exe\u202c Bio"


def record(number: int, **fields: Any) -> dict[str, Any]:
    text = f"Company {number} doses first patient with CMP-{number}\n\nBody."
    headline = text.split("\n")[0]
    return {
        "schema": 1,
        "release_id": f"{number}.txt#0",
        "path": f"filings/{number}.txt",
        "company": f"Company {number:05d}",
        "filed_on": f"20{number % 25:02d}-0{number % 9 + 1}-11",
        "headline": headline,
        "status": "ok",
        "warnings": [],
        "error": None,
        "primary_event": "trial",
        "events": [
            {
                "type": "trial",
                "probability": 0.91,
                "accepted": True,
                "subtypes": [],
                "evidence": [{"text": headline, "start": 0, "end": len(headline)}],
            }
        ],
        "counterparties": [],
        "drugs": [
            {
                "name": f"CMP-{number}",
                "kind": "code",
                "aliases": [],
                "mentions": [{"start": text.index("CMP-"), "end": text.index("CMP-") + 4 + len(str(number))}],
            }
        ],
        "terms": [],
        "text": text,
        "sections": [
            {"kind": "headline", "start": 0, "end": len(headline) + 2},
            {"kind": "body", "start": len(headline) + 2, "end": len(text)},
        ],
        **fields,
    }


def hostile() -> dict[str, Any]:
    text = f"{_SCRIPT} {_HANDLER} {_BREAKOUT} \U0001d4b3 javascript:alert(1)\n\nBody {_SCRIPT}"
    drug = text.index("javascript:")
    return record(
        0,
        company=_BREAKOUT + _OVERRIDE,
        headline=_SCRIPT + _HANDLER,
        path="filings/\" onmouseover='window.hit=4'.txt",
        accession_number="javascript:window.hit=5",
        filed_on="2099-01-01",
        exhibit_reason="{{ 7 * 7 }}" + _BREAKOUT,
        text=text,
        sections=[{"kind": "body' onclick='window.hit=6", "start": 0, "end": len(text)}],
        events=[
            {
                "type": "trial",
                "probability": 0.9,
                "accepted": True,
                "subtypes": [_SCRIPT],
                "evidence": [{"text": _BREAKOUT, "start": 0, "end": 10, "byte_start": 3, "byte_end": 13}],
            }
        ],
        drugs=[
            {
                "name": _HANDLER,
                "kind": "code",
                "aliases": [],
                "mentions": [{"start": drug, "end": drug + 10}],
            }
        ],
        counterparties=[
            {
                "name": _SCRIPT,
                "canonical": _SCRIPT,
                "role": "partner",
                "mentions": [{"start": 0, "end": 8}],
            }
        ],
        warnings=[{"code": "odd'><svg onload=window.hit=7>", "message": _HANDLER}],
    )


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("profile")) as running:
        yield running


def load(browser: Browser, folder: Path, records: list[dict[str, Any]], title: str = "ex99") -> None:
    page = folder / "page.html"
    page.write_text(render_page(records, title=title), encoding="utf-8")
    browser.open(page)


def test_a_hostile_filing_stays_text(browser: Browser, tmp_path: Path) -> None:
    load(browser, tmp_path, [hostile(), *(record(n) for n in range(1, 5))], title=_BREAKOUT)
    assert browser.js("document.title") == _BREAKOUT
    browser.click("#rows tr")
    pane = browser.js("document.getElementById('pane').innerText")
    for literal in (
        _SCRIPT,
        _HANDLER,
        _BREAKOUT,
        "javascript:window.hit=5",
        "{{ 7 * 7 }}",
        "onmouseover='window.hit=4'",
    ):
        assert literal in pane
    assert "Acme [U+202E]gnp.exe[U+202C] Bio" in pane
    assert "\u202e" not in browser.js("document.body.innerText")
    browser.click("#pane .section")
    assert browser.js("typeof window.hit") == "undefined"
    assert browser.js("document.querySelectorAll('img, svg, iframe, a, [onerror], [onload]').length") == 0
    assert browser.js("document.scripts.length") == 1
    assert [
        m for m in browser.methods() if m in ("Page.javascriptDialogOpening", "Runtime.exceptionThrown")
    ] == []


def test_marks_stand_where_the_spans_say_beyond_the_basic_plane(browser: Browser, tmp_path: Path) -> None:
    load(browser, tmp_path, [hostile()])
    browser.click("#rows tr")
    assert (
        browser.js("document.querySelector('#pane .section mark.drug').firstChild.textContent")
        == "javascript"
    )


def test_even_planted_markup_would_not_run(browser: Browser, tmp_path: Path) -> None:
    # Were the escaping ever to fail, the page's policy still names its own script only.
    page = render_page([record(1)], title="ex99")
    planted = page.replace(
        "</body>", f"{_SCRIPT}<img src='data:,' onerror='window.hit=2'><p id=end></p></body>"
    )
    assert planted != page
    (tmp_path / "planted.html").write_text(planted, encoding="utf-8")
    browser.open(tmp_path / "planted.html")
    assert browser.js("!!document.getElementById('end')") is True
    assert browser.js("typeof window.hit") == "undefined"
    assert browser.js("document.querySelectorAll('#rows tr').length") == 1


def test_the_page_asks_nothing_of_the_network(browser: Browser, tmp_path: Path) -> None:
    load(browser, tmp_path, [hostile(), record(1)])
    browser.click("#rows tr")
    requests = [
        e["params"]["request"]["url"]
        for e in browser.events
        if e.get("method") == "Network.requestWillBeSent"
    ]
    assert [url for url in requests if not url.startswith("file:")] == []
    assert len(requests) == 1


def test_keys_filter_open_step_and_close(browser: Browser, tmp_path: Path) -> None:
    load(browser, tmp_path, [record(n) for n in range(1, 21)])
    browser.press("/")
    assert browser.js("document.activeElement.id") == "query"
    browser.type("cmp-1")
    assert browser.js("document.querySelectorAll('#rows tr').length") == 11
    assert browser.js("document.getElementById('shown').textContent") == "11 of 20 shown"
    browser.js("document.querySelector('#rows tr').focus()")
    browser.press("ArrowDown")
    browser.press("Enter")
    second = browser.js("document.querySelectorAll('#rows tr')[1].children[2].textContent")
    assert browser.js("document.getElementById('pane').open") is True
    assert browser.js("document.querySelector('#pane h2').textContent") == second
    browser.press("ArrowRight")
    third = browser.js("document.querySelectorAll('#rows tr')[2].children[2].textContent")
    assert browser.js("document.querySelector('#pane h2').textContent") == third
    browser.press("Escape")
    assert browser.js("document.getElementById('pane').open") is False
    assert browser.until("document.activeElement === document.querySelectorAll('#rows tr')[2]")


def test_columns_sort_both_ways(browser: Browser, tmp_path: Path) -> None:
    load(browser, tmp_path, [record(n) for n in (3, 1, 2)])
    first = "document.querySelector('#rows td').textContent"
    browser.click("#head th button")
    assert browser.js(first) == "Company 00001"
    assert browser.js("document.querySelector('#head th').getAttribute('aria-sort')") == "ascending"
    browser.click("#head th button")
    assert browser.js(first) == "Company 00003"
    assert browser.js("document.querySelector('#head th').getAttribute('aria-sort')") == "descending"


def test_status_and_failures_can_be_picked(browser: Browser, tmp_path: Path) -> None:
    failed = record(
        2,
        status="failed",
        error={"code": "no-text", "stage": "exhibit", "message": "nothing to read"},
        events=[],
        drugs=[],
        text="",
    )
    load(browser, tmp_path, [record(1), failed])
    browser.js(
        "(s => { s.value = 'failed'; s.dispatchEvent(new Event('input')); })(document.getElementById('status'))"
    )
    assert browser.js("document.querySelectorAll('#rows tr').length") == 1
    assert "no-text" in browser.js("document.getElementById('rows').innerText")
    assert "Failures" in browser.js("document.getElementById('cards').innerText")


def test_five_thousand_releases_load(browser: Browser, tmp_path: Path) -> None:
    load(browser, tmp_path, [record(n) for n in range(5000)])
    assert (
        browser.js("document.getElementById('count').textContent") == "5,000 records, 5,000 releases tagged"
    )
    assert browser.js("document.getElementById('shown').textContent") == "all 5,000 shown"
    browser.js(
        "(q => { q.value = 'cmp-4999'; q.dispatchEvent(new Event('input')); })(document.getElementById('query'))"
    )
    assert browser.js("document.querySelectorAll('#rows tr').length") == 1
