"""A block on its way: mutable, with the events or characters it came from."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Raw"]


@dataclass(slots=True)
class Raw:
    """``kind`` is a block kind or ``page`` (a page ends here); ``table`` numbers the table a row is of (0:
    none).

    ``origins`` are half-open ranges in reading order: of events (HTML, only where they were asked for) or of
    characters (text files).
    """

    text: str
    kind: str = "paragraph"
    bold: bool = False
    centred: bool = False
    origins: tuple[tuple[int, int], ...] = ()
    table: int = 0
