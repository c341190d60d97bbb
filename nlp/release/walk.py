"""The state of the walk below a lead: the section we are in, and the cuts made so far."""

from __future__ import annotations

from collections.abc import Sequence

from nlp.exhibit import Block
from nlp.release.cues import Cues
from nlp.release.types import SectionKind
from nlp.text import sentence_spans

__all__ = ["Cut", "Walk"]

Cut = tuple[int, SectionKind]
_CLOSES = frozenset(("about", "safe_harbor", "contact", "end_mark"))


class Walk:
    """What is read (``text``, ``blocks``, ``cues``) and where the walk stands.

    ``state`` is the current section, ``headed`` whether a heading opened it, ``over`` whether the news has ended, ``tail``
    whether only what a web page added follows, ``run_on`` whether the lead's paragraph holds the whole text.
    """

    __slots__ = (
        "blocks", "closings", "cues", "cuts", "first", "headed", "issuers", "last_about", "marks", "over", "run_on", "state", "tail",
        "text",
    )  # fmt: skip

    def __init__(
        self, text: str, blocks: Sequence[Block], cues: Cues, first: int, issuers: tuple[str, ...] = ()
    ) -> None:
        self.text = text
        self.blocks = blocks
        self.cues = cues
        self.first = first
        self.issuers = issuers
        self.cuts: list[Cut] = []
        self.closings: dict[int, str] = {}
        self.marks = cues.marks
        self.state: SectionKind = "body"
        self.headed = self.over = self.tail = self.run_on = False
        self.last_about = cues.last_about

    def put(self, start: int, kind: SectionKind) -> None:
        """A section of this kind begins at ``start``, unless it goes on already."""
        if not self.cuts or self.cuts[-1][1] != kind:
            self.cuts.append((start, kind))

    def enter(self, kind: SectionKind, headed: bool) -> None:
        """Move to another section."""
        self.state, self.headed = kind, headed
        if kind in _CLOSES:
            self.over = True
        elif kind == "body":
            self.over = False

    def quotes(self, start: int, end: int) -> bool:
        """Whether a quotation mark stands between ``start`` and ``end``."""
        text = self.text
        return any(text.find(mark, start, end) >= 0 for mark in self.marks)

    def closing(self, index: int) -> str:
        """The kind of closing matter that begins with a block: that of its heading, ``safe_harbor`` for its formulas, ``end`` below the last
        block or where a web page's tail begins; empty where none does."""
        known = self.closings.get(index)
        if known is None:
            known = self.closings[index] = self._closing(index)
        return known

    def _closing(self, index: int) -> str:
        blocks, cues = self.blocks, self.cues
        if index >= len(blocks):
            return "end"
        block = blocks[index]
        head = cues.heads.get(block.start)
        if head is not None:
            if head.kind != "furniture":
                return head.kind
            # a page's edge, or what a web page put at the end
            beyond = cues.heads.get(blocks[index + 1].start) if index + 1 < len(blocks) else None
            return "end" if beyond is not None and beyond.kind == "tail" else "furniture"
        for cue in cues.within(block.start, block.end):
            if cue.strong and cue.kind == "safe_harbor":
                return "safe_harbor"
        return ""

    def sentence_start(self, start: int, position: int) -> int:
        """Where the sentence that holds ``position`` begins; sentences are counted from ``start``."""
        stop = min(position + 1, len(self.text))
        spans = sentence_spans(self.text, start, stop)
        return spans[-1].start if spans else start
