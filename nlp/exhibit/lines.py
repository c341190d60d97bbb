"""Lines of a laid-out text: which are table rows, and how the others join to paragraphs."""

from __future__ import annotations

import itertools
import re
from collections import Counter

from nlp.exhibit.normal import clean
from nlp.exhibit.raw import Raw
from nlp.exhibit.tables import join_cells

__all__ = ["Line", "Words", "is_rule", "is_table", "paragraphs", "row", "runs_over"]

_GAP = re.compile(r"(?<=\S)(?:[ ]{3,}|[ ]*\.{4,}[ .]*)(?=\S)")
_TABLE_GAP = re.compile(r"(?<=\S)(?:[ ]{2,}|[ ]*\.{4,}[ .]*|[ ](?=\$[ \d]))(?=\S)")
_RULE_CHARS = frozenset(" -=_*~.+|")
_FIGURE = re.compile(r"[$(]*[\d.,]*\d[\d.,%)]*|-{1,3}|N/?A", re.I)
_BULLET = re.compile(r"(?:[•·*o§]|-{1,2}|\(?\d{1,2}[.)]|\(?[a-zA-Z][.)]|\([ivxlIVXL]{1,5}\))\s+\S")
_ADDRESS = re.compile(r"\S*@|www\.|https?:", re.I)
_WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")


class Line:
    """A line: tabs expanded, tags taken out, right side stripped; ``body`` is without its indent."""

    __slots__ = ("body", "end", "gapped", "in_table", "indent", "length", "start")

    def __init__(self, text: str, start: int, end: int, in_table: bool) -> None:
        self.body = body = text.lstrip()
        self.length = length = len(text)
        self.indent = length - len(body)
        self.gapped = ("   " in body or "...." in body) and _GAP.search(body) is not None
        self.start, self.end, self.in_table = start, end, in_table


class Words:
    """How often each word (with its hyphens) stands in a text; counted when first asked."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._counts: Counter[str] | None = None

    def __getitem__(self, word: str) -> int:
        if self._counts is None:
            self._counts = Counter(_WORD.findall(self._text))
        return self._counts[word]


def is_rule(line: Line) -> bool:
    """Whether the line is drawn, not written: dashes, equal signs, dots."""
    body = line.body
    return (
        body[0] in _RULE_CHARS
        and len(body) >= 3
        and _RULE_CHARS.issuperset(body)
        and body.replace(" ", "") != "***"
    )


def is_table(chunk: list[Line]) -> bool:
    """Whether the lines are rows: most have wide gaps and figures after them. Inside <TABLE> less is
    asked for."""
    if chunk[0].in_table:
        gapped = sum(_TABLE_GAP.search(line.body) is not None for line in chunk)
        if gapped * 3 >= 2 * len(chunk):
            return True
        figures = sum(_has_figures(line, _TABLE_GAP) for line in chunk)
        runs = _running_on(chunk)
        return not (len(chunk) > 1 and runs * 2 >= len(chunk) - 1 and figures * 3 < len(chunk))
    with_gap = [line for line in chunk if line.gapped]
    if not with_gap or len(with_gap) * 2 < len(chunk):
        return False
    figures = sum(_has_figures(line, _GAP) for line in with_gap)
    wide = sum("     " in line.body for line in with_gap)
    return figures * 2 >= len(with_gap) or (wide * 2 > len(with_gap) and not _running_on(chunk))


def _has_figures(line: Line, gap: re.Pattern[str]) -> bool:
    cells = gap.split(line.body)
    return len(cells) > 1 and any(_FIGURE.fullmatch(word) for cell in cells[1:] for word in cell.split()[:2])


def _running_on(chunk: list[Line]) -> int:
    """Long lines followed by one that starts with a small letter: prose."""
    return sum(line.length > 45 and after.body[0].islower() for line, after in itertools.pairwise(chunk))


def row(line: Line, table: int) -> Raw | None:
    """The line as a table row, cells parted at its gaps; ``None`` if nothing is left."""
    cells = map(clean, (_TABLE_GAP if line.in_table else _GAP).split(line.body))
    text = join_cells([cell for cell in cells if cell])
    return Raw(text, "row", origins=((line.start, line.end),), table=table) if text else None


def paragraphs(chunk: list[Line], width: int, words: Words) -> list[Raw]:
    """Paragraphs, items and centred lines of a chunk that is no table; ``width`` is where the text wraps."""
    blocks: list[Raw] = []
    current = [chunk[0]]
    places = _place(chunk[0], width)
    for line in chunk[1:]:
        place = _place(line, width)
        if _starts_block(current, line, width, (places, place)):
            blocks.append(_joined(current, width, words, places == "centre"))
            current, places = [], place
        elif place != places:
            places = "left"
        current.append(line)
    blocks.append(_joined(current, width, words, places == "centre"))
    return [block for block in blocks if block.text]


def _place(line: Line, width: int) -> str:
    """``right`` as "Exhibit 99.1" stands, ``centre``, or ``left``."""
    if line.indent < 6:
        return "left"
    if line.indent * 2 > width and line.length * 5 > width * 4:
        return "right"
    return "centre" if abs(line.indent + line.length - width) <= 10 else "left"


def _starts_block(current: list[Line], line: Line, width: int, places: tuple[str, str]) -> bool:
    last, body = current[-1], line.body
    moves = places[0] != places[1]
    if moves and "right" in places:
        return True
    fills = _fills(last, line, width)
    if _BULLET.match(body) and (not fills or (body[0] in "-*•·" and not last.body.endswith((" -", "--")))):
        return not (body[0].islower() and body[1:2] == " ")
    if moves and not fills:
        return True
    deeper = line.indent - last.indent
    if len(current) < 2 or deeper < 2 or current[1].indent > current[0].indent:
        return False
    # A first line set in, after lines that were not: the next paragraph, without a blank line.
    return not fills or (deeper >= 3 and body[0].isupper() and last.body.endswith((".", '."', ":")))


def _fills(line: Line, after: Line, width: int) -> bool:
    """Whether the next line's first word would not have fitted on this one: the wrap broke it, not the
    author."""
    if line.length * 10 <= width * 7:
        return False
    space = after.body.find(" ")
    return line.length + 1 + (space if space >= 0 else len(after.body)) > width - 3


def runs_over(last: Line, first: Line, width: int, double_spaced: bool) -> bool:
    """Whether a paragraph runs over the blank line between two lines: one is full, the other goes on."""
    body = first.body
    return (
        (double_spaced or (body[0].islower() and last.body[-1] not in ".!?:;"))
        and not _BULLET.match(body)
        and not _ADDRESS.match(body)
        and not last.gapped
        and last.body.isupper() == body.isupper()
        and "left" == _place(last, width) == _place(first, width)
        and _fills(last, first, width)
    )


def _joined(lines: list[Line], width: int, words: Words, centred: bool) -> Raw:
    text = lines[0].body
    if len(lines) > 1:
        pieces = [text]
        for line, after in itertools.pairwise(lines):
            body = after.body
            if centred or not (_fills(line, after, width) or _goes_on(line, body, width)):
                pieces.append("\n")
            elif line.body[-1] == "-" and line.body[-2:-1].isalpha() and body[0].isalpha():
                if _is_split_word(line.body, body, words):
                    pieces[-1] = pieces[-1][:-1]
            else:
                pieces.append(" ")
            pieces.append(body)
        text = "".join(pieces)
    text = "\n".join(filter(None, map(clean, text.split("\n")))) if "\n" in text else clean(text)
    kind = "item" if _BULLET.match(lines[0].body) else "paragraph"
    return Raw(text, kind, False, centred, tuple((line.start, line.end) for line in lines))


def _goes_on(line: Line, body: str, width: int) -> bool:
    """Whether a line that had room for more goes on all the same: a small letter follows, or a comma
    comes before."""
    if line.length * 2 <= width:
        return False
    small = body[0].islower() and not _ADDRESS.match(body)
    return small or body[0] in "(&" or line.body.endswith((",", " and", " of", " the", " for"))


def _is_split_word(line: str, body: str, words: Words) -> bool:
    """Whether a hyphen at a line's end is the wrap's: the text has the word without it, and never with it."""
    tail = _WORD.findall(line[-60:-1])
    head = _WORD.match(body)
    if not tail or head is None:
        return False
    first = head.group().split("-", 1)[0]
    return words[tail[-1] + first] > 0 and words[f"{tail[-1]}-{first}"] == 0
