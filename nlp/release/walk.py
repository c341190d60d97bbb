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
        "blocks", "cues", "cuts", "first", "headed", "issuers", "last_about", "over", "run_on", "state", "tail", "text"
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
        self.state: SectionKind = "body"
        self.headed = self.over = self.tail = self.run_on = False
        self.last_about = max((start for start, cue in cues.heads.items() if cue.kind == "about"), default=-1)

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

    def sentence_start(self, start: int, position: int) -> int:
        """Where the sentence that holds ``position`` begins; sentences are counted from ``start``."""
        stop = min(position + 1, len(self.text))
        spans = sentence_spans(self.text, start, stop)
        return spans[-1].start if spans else start
