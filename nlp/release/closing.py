"""What follows the lead: body and quotations, then about paragraphs, safe-harbor statement, contacts, notes, tables.

One walk over the blocks with a state: the section we are in. A heading cue moves it; without a heading the formula
sentences decide. Once the news is over (about, safe harbor, contact) the body resumes only on clear evidence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from nlp.exhibit import Block
from nlp.release.cues import Cue, Cues, is_profile, is_row, opening_cue, opens_as_profile
from nlp.release.dateline import read_dateline
from nlp.release.types import SectionKind
from nlp.release.wording import (
    ATTRIBUTED,
    CALL_WORDS,
    CONTACT_TOKEN,
    COUNT,
    DASH,
    LABEL,
    LEGAL_END,
    NEWS,
    NUMERIC,
    QUOTE_OPEN,
)
from nlp.text import sentence_spans

__all__ = ["Closing"]

Cut = tuple[int, SectionKind]
_END_OF_NEWS = frozenset(("about", "safe_harbor", "contact", "notes", "table", "end_mark"))


class Closing:
    """The walk below one lead. ``walk`` returns the cuts, and the block at which another release begins, if one does."""

    def __init__(self, text: str, blocks: Sequence[Block], cues: Cues) -> None:
        self._text = text
        self._blocks = blocks
        self._cues = cues
        self._cuts: list[Cut] = []
        self._state: SectionKind = "body"
        self._headed = False
        self._over = False
        self._tail = False
        self._run_on = False
        self._first = 0

    def walk(self, first: int, lead: tuple[int, int, bool] | None) -> tuple[list[Cut], int | None]:
        """Section the blocks from ``first`` on; ``lead``: the stretch of the lead's paragraph that may hold more.

        Its third item tells whether that stretch is the rest of a run-on text and so body.
        """
        self._first = first
        if lead is not None:
            self._run_on = lead[2]
            self._paragraph(lead[0], lead[1], in_lead=True)
        for index in range(first, len(self._blocks)):
            block = self._blocks[index]
            if self._another(index, first):
                return self._cuts, index
            if is_row(self._text, block):
                self._row(block)
            else:
                self._block(index, block)
        return self._cuts, None

    def _row(self, block: Block) -> None:
        content = self._text[block.start : block.end]
        if self._state == "contact" or (
            self._over and CONTACT_TOKEN.search(content) and not CALL_WORDS.search(content)
        ):
            self._put(block.start, "contact")
            self._state = "contact"
        elif self._state == "safe_harbor" and not re.search(r"\d", content):
            self._put(block.start, "safe_harbor")
        else:
            self._put(block.start, "table")
            self._enter("table", False)

    def _block(self, index: int, block: Block) -> None:
        if self._tail:
            self._put(block.start, "furniture")
            return
        head = self._cues.heads.get(block.start)
        if head is not None and self._heading(index, block, head):
            if "\n" in self._text[block.start : block.end]:
                self._line_heads(block)
            return
        self._paragraph(block.start, block.end, index=index)

    def _heading(self, index: int, block: Block, head: Cue) -> bool:
        """Follow a cue at the start of a block; false when it turns out to be the start of ordinary prose."""
        text, length = self._text, block.end - block.start
        alone = (length <= 160 and text[block.end - 1] not in ".!?") or head.end >= block.end - 2
        if head.kind == "furniture":
            if not alone and length > 200 and head.id != "page-mark":
                return False
            self._put(block.start, "furniture")
            below = head.end if text[head.end - 1] == "\n" else head.end + 1
            if head.id == "page-mark" and below < block.end and text[below - 1] == "\n":
                self._below_page_mark(index, below, block)
            return True
        if head.kind == "tail":
            self._put(block.start, "furniture")
            self._tail = True
            return True
        if head.kind == "end_mark":
            if length > 120 and "\n" not in text[block.start : block.end]:
                return False
            self._put(block.start, "end_mark")
            self._enter("end_mark", False)
            self._over = self._over or head.id != "source-tag"
            return True
        if head.kind == "table":
            if length > 260:
                return False
            self._put(block.start, "table")
            self._enter("table", True)
            return True
        if head.kind == "contact":
            if head.id == "contact-please" and length > 400 and self._state in ("body", "about"):
                return False
            if (
                not self._over
                and head.id in ("contact-role", "contact-heading")
                and not alone
                and not CONTACT_TOKEN.search(text[block.start : block.end])
            ):
                return False
            if CALL_WORDS.search(text[block.start : block.end]) and head.id == "contact-please":
                return False
        if head.kind == "safe_harbor" and not alone:
            harbor = [
                c
                for c in self._cues.within(block.start, min(block.end, block.start + 1500))
                if c.kind == "safe_harbor"
            ]
            if not any(c.strong for c in harbor) and len({c.id for c in harbor}) < 2:
                return False
        if head.kind == "about" and not alone and COUNT.match(text, block.start, block.end):
            return False
        kind: SectionKind = head.kind  # type: ignore[assignment]
        if (
            kind == "notes"
            and not alone
            and sum(c.strong for c in self._cues.within(block.start, block.end) if c.kind == "safe_harbor")
        ):
            kind = "safe_harbor"
        if kind == "about" or kind != self._state or not self._cuts:
            self._cuts.append((block.start, kind))
        self._enter(kind, True)
        self._inline(block.start + 1, block.end)
        return True

    def _below_page_mark(self, index: int, start: int, block: Block) -> None:
        """Go on below a page number that shares its block with the text of the next page."""
        head = self._cues.heads.get(start)
        if (
            head is None
            or head.kind in ("furniture", "tail")
            or not self._heading(index, replace(block, start=start), head)
        ):
            self._paragraph(start, block.end, index=index)

    def _line_heads(self, block: Block) -> None:
        """Cues at the start of a block's later lines (texts whose paragraphs are parted by single line breaks)."""
        position = self._text.find("\n", block.start, block.end)
        while position >= 0:
            head = self._cues.heads.get(position + 1)
            if head is not None and head.kind in ("about", "safe_harbor", "contact", "end_mark"):
                kind: SectionKind = head.kind  # type: ignore[assignment]
                if kind != self._state:
                    self._put(position + 1, kind)
                    self._enter(kind, True)
            position = self._text.find("\n", position + 1, block.end)

    def _paragraph(self, start: int, end: int, *, index: int | None = None, in_lead: bool = False) -> None:
        text = self._text
        if end <= start:
            return
        inner = self._cues.inside(start if self._run_on else start + 1, end)
        if inner:
            self._paragraph(start, inner[0].start, index=index, in_lead=in_lead)
            self._inline(inner[0].start, end)
            return
        words = text.count(" ", start, end) + 1
        found = self._cues.within(start, end)
        harbor = [cue for cue in found if cue.kind == "safe_harbor"]
        if not in_lead and index is not None and self._short(start, end, words, index):
            return
        if harbor and self._safe_harbor(start, end, harbor, in_lead):
            return
        kind = self._ordinary(start, end, words, found, index)
        if in_lead and kind in ("body", "quotation"):
            if self._run_on:
                self._put(start, "body")
            return
        if not self._cuts or self._cuts[-1][0] < start:
            self._put(start, kind)

    def _short(self, start: int, end: int, words: int, index: int) -> bool:
        """Place a short block: contact lines, numbers of a flattened table, headings. False when it is prose."""
        text, content, block = self._text, self._text[start:end], self._blocks[index]
        if words > 30 or (block.kind == "item" and self._state != "contact"):
            return False
        if "\n" in content and self._names_table(start, end):
            self._put(start, "table")
            self._enter("table", True)
            return True
        if self._state == "contact":
            if words <= 25 or CONTACT_TOKEN.search(content):
                self._put(start, "contact")
                return True
            return False
        if NUMERIC.match(content) and len(content) < 40:
            self._put(start, "table")
            self._enter("table", False)
            return True
        if words <= 20 and content[:1].isdigit() and opening_cue(content) == "address-line":
            self._put(start, "furniture")
            return True
        if (
            words <= 25
            and self._state != "notes"
            and (self._over or index > 0.6 * len(self._blocks))
            and CONTACT_TOKEN.search(content)
            and not CALL_WORDS.search(content)
        ):
            self._pull_names(start)
            self._put(start, "contact")
            self._enter("contact", False)
            return True
        prose = text[end - 1] in '.!?”"' and words > 6
        if self._state == "table" and not prose and not block.bold:
            self._put(start, "table")
            return True
        if self._state == "end_mark" and not prose:
            self._put(start, "furniture")
            return True
        if words <= 16 and not prose and opening_cue(content):
            self._put(start, "furniture")
            return True
        if self._cues.within(start, end):
            return False
        heading = (
            not prose
            and words <= 14
            and text[end - 1] not in ",;"
            and (block.kind == "heading" or block.bold or words <= 12)
        )
        if heading and self._state in _END_OF_NEWS and self._resumes(index):
            self._enter("body", True)
            self._put(start, "body")
            return True
        return False

    def _names_table(self, start: int, end: int) -> bool:
        """Whether a later line of a short block is a table's title (company above, "Statements of …" below)."""
        position = self._text.find("\n", start, end)
        while position >= 0:
            head = self._cues.heads.get(position + 1)
            if head is not None and head.kind == "table":
                return True
            position = self._text.find("\n", position + 1, end)
        return False

    def _resumes(self, index: int) -> bool:
        """Whether the paragraph below an unknown heading takes the story up again."""
        if index + 1 >= len(self._blocks):
            return False
        below = self._blocks[index + 1]
        if is_row(self._text, below):
            return False
        content = self._text[below.start : below.end]
        if len(content.split()) < 15 or self._cues.within(below.start, below.end):
            return False
        if self._state == "safe_harbor":
            return self._headed_by_style(index)
        return self._state != "end_mark"

    def _headed_by_style(self, index: int) -> bool:
        block = self._blocks[index]
        return block.kind == "heading" or block.bold or self._text[block.start : block.end].istitle()

    def _pull_names(self, start: int) -> None:
        """Name and title lines just above an unheaded contact line belong to it."""
        while len(self._cuts) > 1:
            above, kind = self._cuts[-1]
            if kind != "body" or start - above > 90 or self._text[above:start].rstrip().endswith((".", ":")):
                return
            self._cuts.pop()
            self._cuts.append((above, "contact"))
            return

    def _safe_harbor(self, start: int, end: int, harbor: Sequence[Cue], in_lead: bool) -> bool:
        strong = sum(cue.strong for cue in harbor)
        if self._state == "safe_harbor":
            self._put(start, "safe_harbor")
            return True
        distinct = len({cue.id for cue in harbor})
        if (strong == 0 and distinct < 2) or (
            strong and distinct < 2 and len(harbor) < 2 and end - start > 900
        ):
            return False
        first = harbor[0]
        if not first.strong and distinct < 3 and strong == 0 and not self._over:
            return False
        position = self._sentence_start(start, first.start)
        if in_lead and position == start:
            return False
        if position > start:
            self._paragraph(start, position, in_lead=in_lead)
        self._put(position, "safe_harbor")
        self._enter("safe_harbor", False)
        return True

    def _sentence_start(self, start: int, position: int) -> int:
        """Where the sentence that holds ``position`` begins; sentences are counted from ``start``."""
        stop = min(position + 1, len(self._text))
        spans = sentence_spans(self._text, start, stop)
        return spans[-1].start if spans else start

    def _ordinary(
        self, start: int, end: int, words: int, found: Sequence[Cue], index: int | None
    ) -> SectionKind:
        """The section of a paragraph that neither a heading nor a formula places."""
        text = self._text
        quotes = any(text.find(mark, start, end) >= 0 for mark in QUOTE_OPEN)
        attributed = quotes and bool(ATTRIBUTED.search(text, start, end))
        quoted = attributed or (
            text.startswith(QUOTE_OPEN, start) and (text[end - 1] in '”"»' or text.find("”", start, end) < 0)
        )
        if self._state == "about":
            if text.startswith(QUOTE_OPEN, start) and attributed:
                self._enter("body", False)
                return "quotation"
            if self._headed:
                return "about"
            if self._about_like(start, end, index):
                begun = self._cuts[-1][0]
                if text[start:end].split(None, 1)[0] in text[begun : begun + 60]:
                    return "about"
                self._cuts.append((start, "about"))
                return "about"
            self._enter("body", False)
        late = index is not None and index > self._first
        if (late or self._over) and self._about_like(start, end, index):
            self._enter("about", False)
            self._cuts.append((self._name_above(index, start), "about"))
            return "about"
        if self._state == "safe_harbor":
            if self._headed or words < 12:
                return "safe_harbor"
            self._enter("body", False)
        if (late or self._over) and not quoted and any(cue.kind == "notes" for cue in found):
            return "notes"
        if self._state == "notes" and self._headed and not quoted:
            return "notes"
        if self._state in ("contact", "end_mark"):
            self._over = True
            return "notes"
        if self._state == "table":
            if (
                words > 25
                and index is not None
                and self._blocks[index].kind == "paragraph"
                and not self._over
            ):
                self._enter("body", False)
            else:
                return "notes" if words > 12 else "table"
        if quoted and words > 5:
            if not text.startswith(QUOTE_OPEN, start) and not (index is None and not self._run_on):
                mark = min(
                    (p for p in (text.find(q, start, end) for q in QUOTE_OPEN) if p >= 0), default=start
                )
                position = self._sentence_start(start, mark)
                if position > start:
                    self._put(start, "body")
                self._put(position, "quotation")
            if self._run_on:
                last = max(text.rfind(mark, start, end) for mark in ("”", '"', "»"))
                stop = next((s.end for s in sentence_spans(text, last, end) if s.end > last + 1), end)
                self._put(start, "quotation")
                self._put(stop, "body")
                return "body"
            return "quotation"
        return "body"

    def _name_above(self, index: int | None, start: int) -> int:
        """Where the company's name stands alone above its profile: there, else ``start``."""
        if (
            index is None
            or index <= self._first
            or (self._cuts[-1:] and self._cuts[-1][1] not in ("body", "quotation", "notes"))
        ):
            return start
        above = self._blocks[index - 1]
        name = self._text[above.start : above.end]
        return (
            above.start
            if (len(name) < 80 and self._text.startswith(name.split()[0], start)) or LEGAL_END.search(name)
            else start
        )

    def _about_like(self, start: int, end: int, index: int | None) -> bool:
        opens = opens_as_profile(self._text[start : min(end, start + 220)])
        return opens and (self._profile(start, end) or self._last_profile(start, end, index))

    def _profile(self, start: int, end: int) -> bool:
        """A company profile without its heading: it introduces the company and ends in where to read more."""
        paragraph = self._text[start:end]
        return (
            "today announc" not in paragraph[:220]
            and not paragraph.startswith(QUOTE_OPEN)
            and is_profile(paragraph)
        )

    def _last_profile(self, start: int, end: int, index: int | None, ahead: int = 3) -> bool:
        """A profile that doesn't say where to read more: known by standing right above the closing matter."""
        if (
            index is None
            or ahead == 0
            or self._state == "safe_harbor"
            or self._text.startswith(QUOTE_OPEN, start)
            or not opens_as_profile(self._text[start:end])
        ):
            return False
        if NEWS.search(self._text[start : min(end, start + 220)]):
            return False
        if index + 1 >= len(self._blocks):
            return True
        below = self._blocks[index + 1]
        head = self._cues.heads.get(below.start)
        if head is not None and head.kind != "furniture":
            return True
        if any(cue.kind == "safe_harbor" and cue.strong for cue in self._cues.within(below.start, below.end)):
            return True
        return (
            not is_row(self._text, below)
            and opens_as_profile(self._text[below.start : below.end])
            and self._last_profile(below.start, below.end, index + 1, ahead - 1)
        )

    def _inline(self, start: int, end: int) -> None:
        """Part a run-on stretch at the headings found inside it."""
        inner = self._cues.inside(start, end)
        for number, cue in enumerate(inner):
            stop = inner[number + 1].start if number + 1 < len(inner) else end
            if cue.kind in ("safe_harbor",) and not self._cues.within(cue.start, min(end, cue.start + 1500)):
                continue
            kind: SectionKind = "furniture" if cue.kind in ("tail", "furniture") else cue.kind  # type: ignore[assignment]
            if kind == "about" or kind != self._state:
                self._cuts.append((cue.start, kind))
            self._enter(kind, True)
            harbor = [c for c in self._cues.within(cue.end, stop) if c.kind == "safe_harbor"]
            if kind != "safe_harbor" and any(c.strong for c in harbor) and len({c.id for c in harbor}) > 1:
                position = self._sentence_start(cue.end, harbor[0].start)
                self._put(position, "safe_harbor")
                self._enter("safe_harbor", True)

    def _another(self, index: int, first: int) -> bool:
        """Whether another release begins here: its label or release line, or a full dateline after the end of this one."""
        block = self._blocks[index]
        if index == first or is_row(self._text, block) or block.end - block.start > 4000 or not self._over:
            return False
        line = self._text[block.start : min(block.end, block.start + 120)]
        if LABEL.match(line) and opening_cue(line) in ("exhibit-label", "immediate-release"):
            return True
        if not DASH.search(line):
            return False
        found = read_dateline(self._text, block.start, block.end)
        return (
            found is not None
            and bool(found.city)
            and bool(found.date or found.wire)
            and block.end - found.end > 80
        )

    def _enter(self, kind: SectionKind, headed: bool) -> None:
        self._state, self._headed = kind, headed
        if kind in ("about", "safe_harbor", "contact", "end_mark"):
            self._over = True
        elif kind == "body":
            self._over = False

    def _put(self, start: int, kind: SectionKind) -> None:
        if not self._cuts or self._cuts[-1][1] != kind:
            self._cuts.append((start, kind))
