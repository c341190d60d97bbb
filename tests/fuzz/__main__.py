"""``python -m tests.fuzz --minutes 30``: atheris over ``tests.fuzz.target``, from seeds and damage made here.

What it finds is kept in ``out/fuzz/found``; a small case of it, in our own words, goes into the tests with the repair.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["nlp"]):
    from tests.fuzz.target import check

ROOT = Path(__file__).parents[2]
_MOST = 65_536  # bytes of an input
# Words of the two languages that are read; what a filing is damaged with.
_WORDS = [
    word.encode()
    for word in (
        "<DOCUMENT>\n", "</DOCUMENT>\n", "<TEXT>\n", "</TEXT>\n", "<TYPE>EX-99.1\n", "<SEQUENCE>2\n", "<FILENAME>a.htm\n",
        "<SEC-HEADER>", "<SEC-DOCUMENT>0000999999-24-000001.txt : 20240102\n", "</SEC-DOCUMENT>", "<SUBMISSION>\n", "<PDF>", "<XBRL>",
        "begin 644 a.jpg\n", "ITEM INFORMATION: Other Events\n", "Item 8.01 Other Events", "<PAGE>\n", "<TABLE>\n", "<S>  <C>\n", "\f",
        "<p>", "</p>", "<br>", "<table>", "</table>", "<tr>", "<td>", "</td>", "<b>", "</b>", "<font size=2>", "</font>", "<div>",
        "</div>", "<li>", "<ul>", "<pre>", "</pre>", "<sup>2</sup>", "<!--", "-->", "<script>", "</script>", "<title>", "<style>",
        "<!-- Field: Page -->", "<p style='display:none'>", "<ix:header>", "<svg>", "<math>", "<select>", "<template>", "<xmp>",
        "<plaintext>", "<frameset>", "<hr>", "&nbsp;", "&amp;", "&#146;", "&#0;", "&#x110000;", "&lt;b&gt;", "\0", "\r", "\r\n", "\x1f",
        "\x85", "\u2028", "\ufeff", "FOR IMMEDIATE RELEASE\n", "BOSTON, March 3, 2021 (GLOBE NEWSWIRE) -- ", "About Acme\n",
        "Forward-Looking Statements\n", "Contact:\n", "###\n", "- 2 -\n", "\t", "    ", "$ 1,204", "(5", ")", "•", "\u201cWe\u201d ",
    )
]  # fmt: skip


def mutate(data: bytes, most: int, seed: int) -> bytes:
    """Half of the time damage as filings have it, else what libFuzzer does to bytes."""
    chance = random.Random(seed)
    if chance.random() < 0.5 or not data:
        return bytes(atheris.Mutate(data, most))
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 9))):
        at = chance.randrange(len(made) + 1)
        kind = chance.randrange(6)
        if kind < 3:
            made[at:at] = chance.choice(_WORDS) * chance.choice((1, 1, 1, 2, 40, 400))
        elif kind == 3:
            del made[at : at + chance.choice((1, 5, 40, 400))]
        elif kind == 4:
            piece = made[at : at + chance.randrange(1, 2000)]
            where = chance.randrange(len(made) + 1)
            made[where:where] = piece * chance.choice((1, 1, 2, 20))
        elif tags := list(re.finditer(rb"</?[A-Za-z][^<>]{0,200}>", made)):
            tag = chance.choice(tags)
            del made[tag.start() : tag.end()]
    return bytes(made[:most])


def seeds(folder: Path) -> None:
    """The sample filings, real ones where they are, and their press releases alone; all cut to fit."""
    folder.mkdir(parents=True, exist_ok=True)
    for place in (ROOT / "data" / "samples", ROOT.parent / "shared" / "edgar" / "submissions"):
        for path in sorted(place.glob("*.txt")):
            raw = path.read_bytes()
            pieces = [raw[:_MOST], raw[: len(raw) // 2][-_MOST:]]
            pieces += [
                found[1][:_MOST] for found in re.finditer(rb"<TYPE>EX-99.*?<TEXT>(.*?)</TEXT>", raw, re.S)
            ]
            for piece in pieces:
                (folder / hashlib.sha1(piece).hexdigest()).write_bytes(piece)
    for case in (ROOT / "tests" / "cases" / "exhibit.jsonl").read_text(encoding="utf-8").splitlines():
        (folder / hashlib.sha1(case.encode()).hexdigest()).write_text(case, encoding="utf-8")


def main() -> None:
    """Fuzz until the time is over; libFuzzer stops at the first failure and leaves it in ``out/fuzz/found``."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "fuzz")
    options = parser.parse_args()
    found, corpus = options.out / "found", options.out / "corpus"
    found.mkdir(parents=True, exist_ok=True)
    seeds(corpus)
    atheris.Setup(
        [
            sys.argv[0], str(corpus), f"-max_total_time={int(options.minutes * 60)}", f"-max_len={_MOST}",
            f"-artifact_prefix={found}/", "-rss_limit_mb=2048", "-timeout=300", "-print_final_stats=1",
        ],
        check,
        custom_mutator=mutate,
    )  # fmt: skip
    atheris.Fuzz()


if __name__ == "__main__":
    main()
