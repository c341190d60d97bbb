"""What the exhibit room hands on: one text made of blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nlp.errors import Notice

__all__ = ["Block", "BlockKind", "ExhibitText"]

BlockKind = Literal["paragraph", "heading", "item", "row"]


@dataclass(frozen=True, slots=True)
class Block:
    """What a reader sees as one: a paragraph, a heading, a list item, or one row of a data table.

    ``start`` and ``end`` are characters of the exhibit's text. ``bold`` (every letter is bold or underlined)
    and ``centred`` are what the page showed; they help to find headlines. In a ``row`` cells are parted by
    tabs.

    >>> from nlp.exhibit import read_exhibit
    >>> exhibit = read_exhibit(b"<p align=center><b>Acme Bio Doses First Patient</b></p><p>It began in Oslo.</p>")
    >>> [(block.bold, block.centred, exhibit.text[block.start : block.end]) for block in exhibit.blocks]
    [(True, True, 'Acme Bio Doses First Patient'), (False, False, 'It began in Oslo.')]
    """

    start: int
    end: int
    kind: BlockKind
    bold: bool = False
    centred: bool = False


@dataclass(frozen=True, slots=True)
class ExhibitText:
    """One text: blocks joined by a blank line (rows of one table by a line break, ``<BR>`` lines by a line
    break).

    ``furniture`` holds the page numbers that were taken out, in order; ``notices`` what was repaired or lost;
    ``parser`` which reader gave the text: ``straight`` (a page whose tags all match, read without a tree), ``lexbor``, ``soup``, ``source`` (the one that keeps positions),
    ``ascii`` (a laid-out text file) or ``plain``.

    >>> from nlp.exhibit import read_exhibit
    >>> exhibit = read_exhibit(b"<p>Acme Bio &amp; Beta Pharma</p><table><tr><td>Cash</td><td>$ 5</td></tr></table>")
    >>> exhibit.text
    'Acme Bio & Beta Pharma\\n\\nCash\\t$ 5'
    """

    text: str
    blocks: tuple[Block, ...]
    notices: tuple[Notice, ...] = ()
    furniture: tuple[str, ...] = ()
    parser: str = "plain"
