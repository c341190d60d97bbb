"""Tables: which are data (rows), which only lay out text (items, paragraphs), and how cells join."""

from __future__ import annotations

import re

from nlp.exhibit.raw import Raw

__all__ = ["join_cells", "table_blocks"]

BULLET = re.compile(
    r"(?:[•·*o§–—-]|--|\(?\d{1,3}[.)]|\(?[A-Za-z][.)]|\(?[ivxlIVXL]{1,5}[.)]|\[\d{1,2}\]|\*{1,4}|[†‡]|[⁰¹²³⁴-⁹]{1,2})"
)
_NUMERIC = re.compile(
    r"[$€£¥(+\-–—~≈]*\s*[\d.,]*\d[\d.,]*\s*(?:[%)xX¢]|pts|bps|million|billion)*[\s)%*]*|[-–—]{1,3}|N/?[AM]",
    re.I,
)
_OPENS = frozenset(("$", "€", "£", "¥", "US$", "C$", "A$", "(", "$(", "($", "-$", "+", "-"))
_CLOSES = frozenset((")", "%", ")%", "%)", "x", "pts", "bps", "¢"))
_LONGEST_SIGN = max(map(len, _OPENS | _CLOSES))
_LONGEST_BULLET = 7  # characters of the longest text that BULLET matches
_SHORT = 200  # characters; a lone cell longer than this is prose that stands inside a data table


def join_cells(cells: list[str]) -> str:
    """Join the cells of a row by tabs; a currency sign or a closing bracket in a cell of its own joins its
    number.

    >>> join_cells(["Net loss", "$", "(1,204", ")", "12", "%"]).split("\\t")
    ['Net loss', '$(1,204)', '12%']
    """
    joined: list[str] = []
    last = ""
    for cell in cells:
        if len(last) <= _LONGEST_SIGN and last in _OPENS:
            if len(joined) > 1:
                joins = cell[0].isdigit() or cell[0] in ".($-–—"
            else:
                joins = last not in "+-(" and cell[0].isdigit()
        else:
            joins = (
                len(cell) <= _LONGEST_SIGN
                and cell in _CLOSES
                and (last[-1:].isdigit() or last[-1:] in (")", "%"))
            )
        if joins:
            last += cell
            joined[-1] = last
        else:
            last = cell
            joined.append(cell)
    return "\t".join(joined)


def table_blocks(rows: list[list[list[Raw]]], number: int) -> list[Raw]:
    """Blocks of a table given as rows of cells of raw blocks, in reading order.

    A row with one filled cell is transparent in a layout table and a (heading) row in a data table. A marker
    and a text are a list item. Cells that stack lines side by side, in a table without figures, are columns
    of text and are read one after the other. All else is a row.
    """
    filled = []
    for row in rows:
        cells = [cell for cell in row if _is_filled(cell)]
        if cells:
            filled.append(cells)
        elif any(row):
            filled.append([[block for cell in row for block in cell]])
    if all(len(cells) == 1 for cells in filled):
        return [block for cells in filled for block in cells[0]]
    columns_likely = any(map(_stacks, filled)) and _has_few_figures(filled)
    kinds = [_row_kind(cells, columns_likely) for cells in filled]
    data = "row" in kinds
    out: list[Raw] = []
    for cells, kind in zip(filled, kinds, strict=True):
        if kind == "item":
            marker, body = cells
            first = body[0]
            first.text = f"{marker[0].text} {first.text}"
            first.kind = "item"
            first.bold = first.bold and marker[0].bold
            first.origins = marker[0].origins + first.origins
            out.extend(body)
        elif kind == "row" or (kind == "lone" and data and _is_short(cells[0])):
            out.append(_row(cells, number))
        else:
            out.extend(block for cell in cells for block in cell)
    return out


def _is_filled(cell: list[Raw]) -> bool:
    return bool(cell) and (cell[0].kind != "page" or any(block.kind != "page" for block in cell))


def _stacks(cells: list[list[Raw]]) -> int:
    """How many cells stack lines or blocks."""
    count = 0
    for cell in cells:
        if len(cell) > 1 or "\n" in cell[0].text:
            count += 1
    return count


def _has_few_figures(rows: list[list[list[Raw]]]) -> bool:
    """Whether less than a fifth of the cells of rows of several are figures."""
    numeric = total = 0
    for cells in rows:
        if len(cells) > 1:
            total += len(cells)
            numeric += sum(len(cell) == 1 and _NUMERIC.fullmatch(cell[0].text) is not None for cell in cells)
    return numeric * 5 < total


def _row_kind(cells: list[list[Raw]], columns_likely: bool) -> str:
    if len(cells) == 1:
        return "lone"
    first = cells[0]
    if (
        len(cells) == 2
        and len(first) == 1
        and len(first[0].text) <= _LONGEST_BULLET
        and BULLET.fullmatch(first[0].text)
        and cells[1][0].kind in ("paragraph", "item", "heading")
        and not _NUMERIC.fullmatch(cells[1][0].text)
    ):
        return "item"
    for cell in cells:
        for block in cell:
            if block.kind == "row" or block.kind == "item":
                return "columns"
    if columns_likely and (stacked := _stacks(cells)):
        longest = max(sum(len(block.text) for block in cell) for cell in cells)
        if stacked > 1 or longest > _SHORT:
            return "columns"
    return "row"


def _is_short(cell: list[Raw]) -> bool:
    return sum(len(block.text) for block in cell) <= _SHORT and all(
        block.kind in ("paragraph", "heading") for block in cell
    )


def _row(cells: list[list[Raw]], number: int) -> Raw:
    texts: list[str] = []
    origins: list[tuple[int, int]] = []
    bold = True
    for cell in cells:
        text = cell[0].text if len(cell) == 1 else " ".join([block.text for block in cell if block.text])
        if text:
            texts.append(text.replace("\n", " ") if "\n" in text else text)
        for block in cell:
            bold = bold and block.bold
            if block.origins:
                origins.extend(block.origins)
    return Raw(join_cells(texts), "row", bold, False, tuple(origins), number)
