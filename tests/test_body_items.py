"""Items that an 8-K's own text names, where its header names none."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp.submission import read_submission
from nlp.submission.body_items import items_in_body

SHARED = Path(__file__).parents[1].parent / "shared" / "edgar" / "submissions"

CASES = [
    ("new numbering", "Item 1.01 Entry into a Material Definitive Agreement.\n\nOn May 2 ...", "2017-05-09", ["1.01"]),
    ("old numbering", "ITEM 5.  OTHER EVENTS\n\nQuillon said.\n\nItem 7.  Exhibits", "1998-05-09", ["5", "7"]),
    ("no blank before the number", "Item5.    Other Events.\n\nQuillon said.", "2002-03-06", ["5"]),
    ("a title in other words", "ITEM 1.\tCHANGE OF CONTROL OF REGISTRANT.\n\nQuillon sold.", "2004-01-08", ["1"]),
    ("the title on the next line", "Item 8.01\n\nOther Events\n\nQuillon said.", "2020-01-08", ["8.01"]),
    ("the date is not known", "Item 8.01. Other Events\n\nItem 5. Other Events", None, ["8.01", "5"]),
    ("each once, in order", "Item 9.01 Financial Statements\n\nItem 8.01 Other Events\n\nItem 9.01 Financial", None, ["9.01", "8.01"]),
    ("tags in the number", "<td><b>Item&nbsp;</b>7.01.</td><td><u>Regulation\nFD</u> Disclosure</td>", "2020-01-08", ["7.01"]),
    ("not applicable is no item", "Item 1. Changes in Control. Not applicable.\n\nItem 5. Other Events\n\nQuillon said.", "1999-01-08", ["5"]),
    ("none is no item", "Item 4. Changes in Registrant's Certifying Accountant\n\nNone\n\nItem 5. Other Events", "1999-01-08", ["5"]),
    ("a mention in a sentence", "as said in Item 5. Other Events of it\nthe facts in\nItem 2. The registrant will file", "1999-01-08", []),
    ("another form's item", "pursuant to Item 601(b) of Regulation S-K\nItem 304(a)(2) of Regulation S-K", "2009-01-08", []),
    ("the other numbering", "Item 5. Other Events\n\nQuillon said.", "2010-01-08", []),
    ("a number that is none", "Item 9.99 Other Events", "2010-01-08", []),
    ("nothing", "", None, []),
]  # fmt: skip


@pytest.mark.parametrize(("label", "text", "filed", "numbers"), CASES, ids=[case[0] for case in CASES])
def test_items(label: str, text: str, filed: str | None, numbers: list[str]) -> None:
    found = items_in_body(text.encode(), html="<" in text, filed_on=filed)
    assert [number for number, _ in found] == numbers


def _filing(items: str, type_: str = "8-K", form: str = "8-K") -> bytes:
    return (
        "<SEC-HEADER>0009990001-98-000007.hdr.sgml : 19980506\nACCESSION NUMBER: 0009990001-98-000007\n"
        f"CONFORMED SUBMISSION TYPE: {form}\n{items}FILED AS OF DATE: 19980506\n</SEC-HEADER>\n<DOCUMENT>\n<TYPE>{type_}\n<TEXT>\n"
        "Item 5. Other Events\n\nQuillon said.\n</TEXT>\n</DOCUMENT>\n"
    ).encode()


def test_they_fill_the_header_and_are_marked() -> None:
    submission = read_submission(_filing(""))
    assert (submission.header.items, submission.header.item_names) == (("5",), ("Other Events",))
    assert [notice.code for notice in submission.notices] == ["items-from-body"]
    assert "5 were read" in submission.notices[0].message
    assert read_submission(_filing(""), strict=True).header.items == ("5",)  # nothing was broken


@pytest.mark.parametrize(
    ("raw", "items"),
    [
        (_filing("ITEM INFORMATION: Financial statements and exhibits\n"), ("7",)),
        (_filing("ITEM INFORMATION: Something new\n"), ()),
        (_filing("", form="10-K"), ()),
        (_filing("", type_="EX-99"), ()),
    ],
    ids=["the header's own win", "also where they are unknown", "another form", "no 8-K inside"],
)
def test_where_they_are_not_asked(raw: bytes, items: tuple[str, ...]) -> None:
    submission = read_submission(raw)
    assert submission.header.items == items
    assert "items-from-body" not in [notice.code for notice in submission.notices]


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the real filings in ../shared/edgar")
def test_they_agree_with_the_headers_that_name_items() -> None:
    same = other = 0
    for path in sorted(SHARED.glob("*.txt")):
        submission = read_submission(path.read_bytes())
        header = submission.header
        form = next((d for d in submission.documents if d.type.startswith("8-K")), None)
        if form is None or "items-from-body" in [notice.code for notice in submission.notices]:
            continue
        found = items_in_body(submission.body(form), html=form.kind == "html", filed_on=header.filed_on)
        agrees = {number for number, _ in found} == set(header.items)
        same, other = same + agrees, other + (not agrees)
    # Of the others, five headers name one item where the text has two.
    assert same >= 62 and other <= 9
