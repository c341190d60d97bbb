"""HTML or ASCII exhibit to one text made of blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from selectolax.lexbor import LexborHTMLParser

from nlp.errors import Notice

__all__ = ["Block", "BlockKind", "ExhibitText", "read_exhibit"]

BlockKind = Literal["paragraph", "heading", "item", "row"]


@dataclass(frozen=True, slots=True)
class Block:
    """What a reader sees as one: a paragraph, a heading, a list item, or one row of a data table.

    ``start`` and ``end`` are characters of the exhibit's text. ``bold`` (every letter is bold or underlined) and
    ``centred`` are what the page showed; they help to find headlines. In a ``row`` cells are parted by tabs.
    """

    start: int
    end: int
    kind: BlockKind
    bold: bool = False
    centred: bool = False


@dataclass(frozen=True, slots=True)
class ExhibitText:
    """One text: blocks joined by a blank line (rows of one table by a line break, ``<BR>`` lines by a line break)."""

    text: str
    blocks: tuple[Block, ...]
    notices: tuple[Notice, ...] = ()


def read_exhibit(source: bytes | str) -> ExhibitText:
    """Read one exhibit. First version; the thin path only."""
    markup = source.decode("utf-8", "replace") if isinstance(source, bytes) else source
    if re.search(r"<(html|body|p|div|br)\b", markup, re.I):
        markup = re.sub(r"(?i)</?(p|div|tr|h\d|li|table)\b[^>]*>", "\n\n", markup)
        tree = LexborHTMLParser(markup)
        tree.strip_tags(["script", "style", "head"])
        markup = tree.text()
    parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", markup.replace("\xa0", " "))]
    blocks, text = [], ""
    for part in filter(None, parts):
        if text:
            text += "\n\n"
        blocks.append(Block(len(text), len(text) + len(part), "paragraph"))
        text += part
    return ExhibitText(text, tuple(blocks))
