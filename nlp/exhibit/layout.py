"""Text without HTML: laid-out ASCII exhibits (hard-wrapped, with <PAGE> and <TABLE>) and plain text.

A laid-out text shows itself by its SGML tags, by runs of spaces, or by sentences that run over line ends at a
common width; there, lines are joined to paragraphs, and lines with wide gaps are table rows. In any other
text blank lines part paragraphs, and a line break stays a line break.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from nlp.exhibit.normal import clean, resolve
from nlp.exhibit.raw import Raw

__all__ = ["SGML_TAG", "is_laid_out", "read_layout"]

SGML_TAG = re.compile(
    r"</?(page|table|caption|s|c|f\d{1,2}|fn|r|text|multiplier|legend|name|cik|article|type|sequence|filename|description|document)>",
    re.I,
)
INLINE_TAG = re.compile(
    r"</?(?:b|i|u|em|strong|sup|sub|br|a|q|small|big|tt|code|ins|del|strike|nobr|wbr)(?:\s[^<>]{0,500})?/?>",
    re.I,
)

_LAYOUT = re.compile(r"<(?:page|table|s|c)>|\f|\S {3,}\S|^[ \t]{4,}\S", re.I | re.M)
_GAP = re.compile(r"(?<=\S)(?:[ ]{3,}|[ ]*\.{4,}[ .]*)(?=\S)")
_TABLE_GAP = re.compile(r"(?<=\S)(?:[ ]{2,}|[ ]*\.{4,}[ .]*|[ ](?=\$[ \d]))(?=\S)")
_RULE = re.compile(r"[\s\-=_*~.+|]*[-=_*~.]{3,}[\s\-=_*~.+|]*")
_FIGURE = re.compile(r"[$(]*[\d.,]*\d[\d.,%)]*|-{1,3}|N/?A", re.I)
_BULLET = re.compile(r"(?:[•·*o§]|-{1,2}|\(?\d{1,2}[.)]|\(?[a-zA-Z][.)]|\([ivxlIVXL]{1,5}\))\s+\S")
_ADDRESS = re.compile(r"\S*@|www\.|https?:", re.I)
_MOST = 140  # characters; a line longer than this was not wrapped by hand


@dataclass(slots=True)
class _Line:
    text: str  # tabs expanded, tags taken out, right side stripped
    start: int
    end: int
    in_table: bool

    @property
    def indent(self) -> int:
        return len(self.text) - len(self.text.lstrip(" "))


def is_laid_out(text: str) -> bool:
    """Whether line ends and runs of spaces are layout, not content."""
    return _LAYOUT.search(text) is not None or _is_wrapped(text)


def _is_wrapped(text: str) -> bool:
    lines = [line.rstrip() for line in text.split("\n")]
    if sum(len(line) for line in lines if len(line) > _MOST) * 5 > len(text):
        return False
    widths = sorted(len(line) for line in lines if 40 <= len(line) <= _MOST)
    if not widths:
        return False
    width = widths[int(len(widths) * 0.95)] if len(widths) > 20 else widths[-1]
    runs_on = pairs = 0
    for line, after in zip(lines, lines[1:], strict=False):
        if line and after:
            pairs += 1
            word = after.split(" ", 1)[0]
            runs_on += after[0].islower() and len(line) >= 45 and len(line) + 1 + len(word) > width - 4
    return runs_on >= 1 and runs_on * 8 >= pairs


def read_layout(text: str) -> list[Raw]:
    """Raw blocks of text without HTML; origins are characters of ``text``. Line ends must be ``\\n``."""
    return _laid_out(text) if is_laid_out(text) else _plain(text)


def _plain(text: str) -> list[Raw]:
    blocks: list[Raw] = []
    lines: list[tuple[str, int, int]] = []
    tables = 0
    at = 0
    for piece in (*text.split("\n"), ""):
        line = _clean_plain(piece)
        if line:
            lines.append((line, at, at + len(piece)))
        elif lines:
            if any("\t" in line for line, _, _ in lines):
                tables += 1
                blocks.extend(
                    Raw(line, "row", origins=[(start, end)], table=tables) for line, start, end in lines
                )
            else:
                blocks.append(
                    Raw(
                        "\n".join(line for line, _, _ in lines),
                        origins=[(start, end) for _, start, end in lines],
                    )
                )
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
    blocks: list[Raw] = []
    chunks = _chunks(text)
    lines = [line for chunk in chunks if chunk for line in chunk]
    lengths = sorted(
        len(line.text)
        for line in lines
        if not line.in_table and 40 <= len(line.text) <= _MOST and not _GAP.search(line.text.lstrip())
    )
    width = lengths[min(len(lengths) - 1, int(len(lengths) * 0.97))] if lengths else 80
    words = Counter(re.findall(r"[A-Za-z]+(?:-[A-Za-z]+)*", text))
    tables = 0
    for chunk in chunks:
        if chunk is None:
            blocks.append(Raw("", "page"))
            continue
        chunk = [line for line in chunk if not _RULE.fullmatch(line.text)]
        if not chunk:
            continue
        if _is_table(chunk):
            tables += 1
            for line in chunk:
                row = _row(line, tables)
                if row is not None:
                    blocks.append(row)
        else:
            blocks.extend(_paragraphs(chunk, width, words))
    return blocks


def _chunks(text: str) -> list[list[_Line] | None]:
    """Runs of lines between blank lines; ``None`` where a page ends."""
    chunks: list[list[_Line] | None] = []
    current: list[_Line] = []
    in_table = False
    at = 0

    def end_chunk() -> None:
        nonlocal current
        if current:
            chunks.append(current)
            current = []

    for piece in text.split("\n"):
        start, at = at, at + len(piece) + 1
        line = piece
        if "\f" in line:
            end_chunk()
            chunks.append(None)
            line = line.replace("\f", " ")
        if "<" in line:
            for match in SGML_TAG.finditer(line):
                name, closes = match.group(1).lower(), match.group().startswith("</")
                if name == "page":
                    end_chunk()
                    chunks.append(None)
                elif name in ("table", "fn"):
                    end_chunk()
                    in_table = name == "table" and not closes
            tagged = line
            line = INLINE_TAG.sub(
                lambda m: "\x1f" if m.group()[:3].lower() == "<br" else "",
                SGML_TAG.sub(lambda m: " " * len(m.group()), line),
            )
            if not line.strip() and tagged.strip():
                continue  # a line of tags alone is no blank line
        line = resolve(line).expandtabs(8).rstrip()
        if not line.strip():
            end_chunk()
            continue
        current.append(_Line(line, start, start + len(piece), in_table))
    end_chunk()
    return chunks


def _is_table(chunk: list[_Line]) -> bool:
    if chunk[0].in_table:
        gapped = sum(_TABLE_GAP.search(line.text.lstrip()) is not None for line in chunk)
        runs = sum(_runs_on(line.text, after.text) for line, after in zip(chunk, chunk[1:], strict=False))
        figures = sum(_has_figures(line.text, _TABLE_GAP) for line in chunk)
        return not (
            len(chunk) > 1 and runs * 2 >= len(chunk) - 1 and figures * 3 < len(chunk)
        ) or gapped * 3 >= 2 * len(chunk)
    gapped = [line for line in chunk if _GAP.search(line.text.strip())]
    if not gapped or len(gapped) * 2 < len(chunk):
        return False
    figures = sum(_has_figures(line.text, _GAP) for line in gapped)
    wide = sum(re.search(r"\S {5,}\S", line.text) is not None for line in gapped)
    return figures * 2 >= len(gapped) or (
        wide * 2 > len(gapped)
        and not any(_runs_on(a.text, b.text) for a, b in zip(chunk, chunk[1:], strict=False))
    )


def _has_figures(line: str, gap: re.Pattern[str]) -> bool:
    cells = gap.split(line.strip())
    return len(cells) > 1 and any(_FIGURE.fullmatch(word) for cell in cells[1:] for word in cell.split()[:2])


def _runs_on(line: str, after: str) -> bool:
    return len(line) > 45 and after.lstrip()[:1].islower()


def _row(line: _Line, table: int) -> Raw | None:
    from nlp.exhibit.tables import join_cells

    gap = _TABLE_GAP if line.in_table else _GAP
    cells = [cell for cell in (clean(cell) for cell in gap.split(line.text.strip())) if cell]
    return Raw(join_cells(cells), "row", origins=[(line.start, line.end)], table=table) if cells else None


def _is_aside(line: _Line, width: int) -> bool:
    """Whether the line stands at the right margin, as "Exhibit 99.1" does."""
    return line.indent * 2 > width and len(line.text) * 5 > width * 4


def _is_centred(line: _Line, width: int) -> bool:
    left, length = line.indent, len(line.text) - line.indent
    return left >= 6 and not _is_aside(line, width) and abs(left + length / 2 - width / 2) <= 5


def _paragraphs(chunk: list[_Line], width: int, words: Counter[str]) -> list[Raw]:
    """Paragraphs, items and centred lines of a chunk without gaps."""
    blocks: list[Raw] = []
    current: list[_Line] = []
    for line in chunk:
        if current and _starts_block(current, line, width):
            blocks.append(_joined(current, width, words))
            current = []
        current.append(line)
    blocks.append(_joined(current, width, words))
    return [block for block in blocks if block.text]


def _starts_block(current: list[_Line], line: _Line, width: int) -> bool:
    last = current[-1]
    body = line.text.strip()
    if _BULLET.match(body) and (
        not _fills(last, line, width) or (body[0] in "-*•·" and not last.text.endswith((" -", "--")))
    ):
        return not (body[0].islower() and body[1:2] == " ")
    if _is_aside(last, width) != _is_aside(line, width):
        return True
    if _is_centred(last, width) != _is_centred(line, width) and not _fills(last, line, width):
        return True
    hangs = len(current) > 1 and current[1].indent > current[0].indent
    return (
        len(current) > 1
        and line.indent >= last.indent + 2
        and not hangs
        and not _fills(last, line, width)
        or (
            len(current) > 1
            and not hangs
            and line.indent >= last.indent + 3
            and body[:1].isupper()
            and last.text.rstrip().endswith((".", '."', ":"))
        )
    )


def _fills(line: _Line, after: _Line, width: int) -> bool:
    """Whether the next line's first word would not have fitted on this line: the break is the wrap's, not the author's."""
    word = after.text.split(None, 1)[0]
    return len(line.text) * 10 > width * 7 and len(line.text) + 1 + len(word) > width - 3


def _joined(lines: list[_Line], width: int, words: Counter[str]) -> Raw:
    centred = all(_is_centred(line, width) for line in lines)
    text = clean_lines(lines[0].text)
    for line, after in zip(lines, lines[1:], strict=False):
        body = clean_lines(after.text)
        if not body:
            continue
        small = (
            (body[0].islower() and not _ADDRESS.match(body))
            or body[0] in "(&"
            or text.endswith((",", " and", " of", " the", " for"))
        )
        if centred or not (_fills(line, after, width) or (small and len(line.text) * 2 > width)):
            text += "\n" + body
        elif re.search(r"[A-Za-z]-$", text) and body[0].isalpha():
            text = _unhyphen(text, body, words)
        else:
            text += " " + body
    kind = "item" if _BULLET.match(lines[0].text.strip()) else "paragraph"
    return Raw(text, kind, False, centred, [(line.start, line.end) for line in lines])


def clean_lines(text: str) -> str:
    """Normal form of a line that may hold ``<BR>`` breaks."""
    return "\n".join(filter(None, map(clean, text.split("\x1f"))))


def _unhyphen(text: str, body: str, words: Counter[str]) -> str:
    """Join over a hyphen at a line's end: it stays, unless the text has the word without it and never with it."""
    first = re.match(r"[A-Za-z]+", body)
    head = re.search(r"([A-Za-z]+(?:-[A-Za-z]+)*)-$", text)
    if (
        first
        and head
        and words[head.group(1) + first.group()]
        and not words[f"{head.group(1)}-{first.group()}"]
    ):
        return text[:-1] + body
    return text + body
