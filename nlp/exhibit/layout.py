"""Text without HTML: laid-out ASCII exhibits (hard-wrapped, with <PAGE> and <TABLE>) and plain text.

A laid-out text shows itself by its SGML tags, by runs of spaces, or by sentences that run over line ends at a
common width; there, lines are joined to paragraphs, and lines with wide gaps are table rows (see ``lines``).
In any other text blank lines part paragraphs, and a line break stays a line break.
"""

from __future__ import annotations

import itertools
import re

from nlp.exhibit.lines import Line, Words, is_rule, is_table, paragraphs, row, runs_over
from nlp.exhibit.normal import clean, resolve
from nlp.exhibit.raw import Raw

__all__ = ["INLINE_TAG", "SGML_TAG", "is_laid_out", "read_layout"]

SGML_TAG = re.compile(
    r"</?(page|table|caption|s|c|f\d{1,2}|fn|r|text|multiplier|legend|name|cik|article|type|sequence|filename"
    r"|description|document)>",
    re.I,
)
"""Tags of EDGAR's ASCII documents; a ``<`` that opens none of them is text."""

INLINE_TAG = re.compile(
    r"</?(?:b|i|u|em|strong|sup|sub|br|a|q|small|big|tt|code|ins|del|strike|nobr|wbr)(?:\s[^<>]{0,500})?/?>",
    re.I,
)
"""Stray inline HTML in a text that is none."""

_LAYOUT = re.compile(r"<(?:page|table|s|c)>|\f|\S {3,}\S|^[ \t]{4,}\S", re.I | re.M)
_LONGEST = 140  # characters; a line longer than this was not wrapped by hand


def is_laid_out(text: str) -> bool:
    """Whether line ends and runs of spaces are layout, not content."""
    return _LAYOUT.search(text) is not None or _is_wrapped(text)


def _is_wrapped(text: str) -> bool:
    """Whether sentences run over line ends at a common width (and most of the text is in such lines)."""
    lines = [line.rstrip() for line in text.split("\n")]
    if _is_unwrapped(text, lines):
        return False
    widths = sorted(len(line) for line in lines if 40 <= len(line) <= _LONGEST)
    if not widths:
        return False
    width = widths[int(len(widths) * 0.95)] if len(widths) > 20 else widths[-1]
    runs_on = pairs = 0
    for line, after in itertools.pairwise(lines):
        if line and after:
            pairs += 1
            word = after.split(" ", 1)[0]
            runs_on += after[0].islower() and len(line) >= 45 and len(line) + 1 + len(word) > width - 4
    return runs_on >= 2 and runs_on * 8 >= pairs


def _is_unwrapped(text: str, lines: list[str]) -> bool:
    """Whether more than a fifth of the text stands in lines longer than anyone wraps."""
    return sum(len(line) for line in lines if len(line) > _LONGEST) * 5 > len(text)


def read_layout(text: str) -> list[Raw]:
    """Raw blocks of text without HTML; origins are characters of ``text``. Line ends must be ``\\n``.

    >>> [raw.text for raw in read_layout("The study met its\\nendpoint.\\n\\nContact:\\nInvestor Relations")]
    ['The study met its\\nendpoint.', 'Contact:\\nInvestor Relations']
    """
    return _laid_out(text) if is_laid_out(text) else _plain(text)


def _plain(text: str) -> list[Raw]:
    blocks: list[Raw] = []
    lines: list[tuple[str, int, int]] = []
    tables = at = 0
    for piece in (*text.split("\n"), ""):
        line = _clean_plain(piece)
        if line:
            lines.append((line, at, at + len(piece)))
        elif lines:
            if any("\t" in line for line, _, _ in lines):
                tables += 1
                blocks.extend(
                    Raw(line, "row", origins=((start, end),), table=tables) for line, start, end in lines
                )
            else:
                origins = tuple((start, end) for _, start, end in lines)
                blocks.append(Raw("\n".join(line for line, _, _ in lines), origins=origins))
            lines = []
        at += len(piece) + 1
    return blocks


def _clean_plain(line: str) -> str:
    if "<" in line:
        line = INLINE_TAG.sub("", line)
    line = resolve(line)
    if "\t" in line:
        return "\t".join(filter(None, map(clean, line.split("\t"))))
    return clean(line)


def _laid_out(text: str) -> list[Raw]:
    chunks = _chunks(text)
    lengths = [
        line.length
        for chunk in chunks
        if chunk
        for line in chunk
        if 40 <= line.length <= _LONGEST and not (line.in_table or line.gapped)
    ]
    lengths.sort()
    width = lengths[min(len(lengths) - 1, int(len(lengths) * 0.97))] if lengths else 80
    words = Words(text)
    prose = [
        chunk for chunk in chunks if chunk and not is_rule(chunk[0]) and chunk[0].length * 10 > width * 7
    ]
    double_spaced = (
        len(prose) > 3
        and sum(len(chunk) == 1 for chunk in prose) * 10 > len(prose) * 8
        and not _is_unwrapped(text, text.split("\n"))
    )
    blocks: list[Raw] = []
    tables = 0
    last: Line | None = None  # the last line of the prose just before
    for chunk in chunks:
        if chunk is None:
            blocks.append(Raw("", "page"))
            last = None
            continue
        chunk = [line for line in chunk if not is_rule(line)]
        if not chunk:
            continue
        if is_table(chunk):
            tables += 1
            blocks += [found for line in chunk if (found := row(line, tables)) is not None]
            last = None
            continue
        prose_blocks = paragraphs(chunk, width, words)
        if last is not None and prose_blocks and blocks and runs_over(last, chunk[0], width, double_spaced):
            # A blank line inside a sentence: double spacing, or a page's end without its mark.
            blocks[-1].text += " " + prose_blocks[0].text
            blocks[-1].origins += prose_blocks[0].origins
            del prose_blocks[0]
        blocks += prose_blocks
        last = chunk[-1]
    return blocks


def _chunks(text: str) -> list[list[Line] | None]:
    """Runs of lines between blank lines; ``None`` where a page ends."""
    chunks: list[list[Line] | None] = []
    current: list[Line] = []
    in_table = False
    at = 0

    def end_chunk(*, page: bool = False) -> None:
        nonlocal current
        if current:
            chunks.append(current)
            current = []
        if page:
            chunks.append(None)

    tagged, pages, entities = "<" in text, "\f" in text, "&" in text
    for piece in text.split("\n"):
        start, at = at, at + len(piece) + 1
        line = piece
        if pages and "\f" in line:
            end_chunk(page=True)
            line = line.replace("\f", " ")
        if tagged and "<" in line:
            for match in SGML_TAG.finditer(line):
                name = match.group(1).lower()
                if name == "page":
                    end_chunk(page=True)
                elif name in ("table", "fn"):
                    end_chunk()
                    in_table = name == "table" and not match.group().startswith("</")
            line = SGML_TAG.sub(lambda match: " " * len(match.group()), line)
            line = INLINE_TAG.sub(lambda match: " " if match.group()[:3].lower() == "<br" else "", line)
            if not line.strip() and piece.strip():
                continue  # a line of tags alone is no blank line
        if entities and "&" in line:
            line = resolve(line)
        if "\t" in line:
            line = line.expandtabs(8)
        line = line.rstrip()
        if line:
            current.append(Line(line, start, start + len(piece), in_table))
        else:
            end_chunk()
    end_chunk()
    return chunks
