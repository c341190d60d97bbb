"""Find the section cues of ``resources/rules/sections.jsonl`` in a text, in two passes over it: short, gap-free patterns over the
whole text, the heading patterns only where a line begins near one of their words.

A rule's label is ``<kind>.<place>``: ``heading`` and ``line`` cues count where a block or line begins (in a run-on
text also where a sentence begins), ``glued`` cues directly behind a letter or full stop (a lost line break), ``opening`` cues only above the lead, ``sentence`` cues anywhere.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import re2

from nlp.exhibit import Block
from nlp.rulebook import Rule, compile_pattern, default_rulebook

__all__ = ["Cue", "Cues", "find_cues", "is_profile", "is_row", "is_run_on", "opening_cue", "opens_as_profile"]

# What may stand between a line's start and the cue: bullets, quotes, mark-up of bold text.
_LINE = r"^[ \t*#_>“\"'‘(•·●—–-]{0,12}"
# In a run-on text: a sentence's end or mark-up, then the same.
_INLINE = r"(?:[.!?:;][”\"’)\]]{0,2}|[)\]*#>_])[ \t*#_>!“\"'(-]{0,12}"
# Where a line break was lost ("of the company.About Norvela", "norvela.exampleContact:").
_GLUED = r"(?:[a-z.)!?”®™]|[.!?,]\")"
_REPEATED = re.compile(
    r"About ((?=\w{0,30}[A-Z])[\w-]{3,30})[®™]?(?:,? [\w.&-]{2,30}?[,®™]{0,2}){0,5}?(?: |(?<=[a-z.®™)]))\1\b"
)
_POINTED_TO = re.compile(r"[^\n.“\"”]{0,80}[”\"] ?[a-z]")
_REACH = 80  # characters from a line's start within which a heading's first telling word stands
_WINDOW = 240  # characters of a line that the heading patterns may see
_RUN_ON = 1500  # characters; few paragraphs that still have their breaks are longer
_PROGRAMS = {
    "trigger": ("", ("trigger.heading",)),
    "head": (_LINE, (".heading", ".line", ".tail")),
    "inline": (_INLINE, (".heading", ".line")),
    "glued": (_GLUED, (".glued",)),
    "sentence": ("", (".sentence",)),
    "opening": (_LINE, (".opening",)),
    "opens": ("", ("profile.opens",)),
    "closes": ("", ("profile.closes",)),
}


@dataclass(frozen=True, slots=True)
class Cue:
    """Rule ``id`` of section ``kind`` found at ``start`` (where its line begins) to ``end``; ``strong`` cues need no second."""

    start: int
    end: int
    kind: str
    id: str
    strong: bool


@dataclass(frozen=True, slots=True)
class Cues:
    """All cues of one text: ``heads`` by the position where their line starts, ``inline`` and ``sentences`` in order."""

    heads: dict[int, Cue]
    inline: tuple[Cue, ...]
    sentences: tuple[Cue, ...]
    _starts: tuple[int, ...]
    _inline_starts: tuple[int, ...]

    def inside(self, start: int, end: int) -> tuple[Cue, ...]:
        """The headings inside run-on paragraphs that begin in ``[start, end)``."""
        return self.inline[bisect_left(self._inline_starts, start) : bisect_left(self._inline_starts, end)]

    def within(self, start: int, end: int) -> tuple[Cue, ...]:
        """The sentence cues that begin in ``[start, end)``."""
        return self.sentences[bisect_left(self._starts, start) : bisect_left(self._starts, end)]


def _union(rules: tuple[Rule, ...], before: str) -> Any:
    # as bytes: RE2 reads UTF-8, and going through str costs more than the search itself
    joined = before + "(?:" + "|".join(f"({_plain(rule.pattern)})" for rule in rules) + ")"
    compile_pattern(joined)
    return re2.compile(joined.encode())


def _plain(pattern: str) -> str:
    """A leading ``(?i)`` made local, so that patterns can stand side by side."""
    return f"(?i:{pattern[4:]})" if pattern.startswith("(?i)") else f"(?:{pattern})"


@cache
def _program(name: str) -> tuple[Any, tuple[Rule, ...]]:
    before, wanted = _PROGRAMS[name]
    rules = tuple(
        r
        for r in default_rulebook().rules("sections")
        if r.label.endswith(wanted) and (name == "trigger" or r.label[:7] != "trigger")
    )
    if name == "inline":
        rules = tuple(r for r in rules if "run-on" in r.note)
    return _union(rules, before), rules


def _cue(match: Any, rules: tuple[Rule, ...], start: int, end: int) -> Cue:
    rule = rules[match.lastindex - 1]
    kind = "tail" if rule.label == "furniture.tail" else rule.label.partition(".")[0]
    return Cue(start, end, kind, rule.id, rule.note != "weak")


def _scan(name: str, text: str, offset: int = 0) -> list[Cue]:
    """All matches of a program; what stands before the cue proper (its first group) isn't part of it."""
    program, rules = _program(name)
    data = _bytes(text)
    cues, position, counted = [], 0, 0
    for match in program.finditer(data):
        first, last = match.span(match.lastindex)
        start = position + _length(data[counted:first])
        position = start + _length(data[first:last])
        counted = last
        cues.append(_cue(match, rules, offset + start, offset + position))
    return cues


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _length(data: bytes) -> int:
    return len(data.decode("utf-8", "surrogatepass"))


def find_cues(text: str, *, inside: Sequence[tuple[int, int]] = ()) -> Cues:
    """All cues of a text. ``inside``: stretches (run-on paragraphs) in which headings are also looked for inside lines."""
    heads: dict[int, Cue] = {}
    head, head_rules = _program("head")
    telling = _program("trigger")[0].search
    position, length = 0, len(text)
    while position < length:
        stop = text.find("\n", position)
        if stop < 0:
            stop = length
        if stop > position and telling(_bytes(text[position : min(stop, position + _REACH)])):
            data = _bytes(text[position : position + _WINDOW])
            if found := head.match(data):
                heads[position] = _cue(found, head_rules, position, position + _length(data[: found.end()]))
        position = stop + 1
    inline: list[Cue] = []
    for start, end in inside:
        inline += _scan("inline", text[start:end], start)
    for glued in _scan("glued", text):
        inline = [c for c in inline if not c.start <= glued.start < c.end]
        inline.append(glued)
    inline += _repeated_names(text, {cue.start for cue in inline})
    inline = sorted((c for c in inline if not _refers(text, c)), key=lambda cue: cue.start)
    sentences = tuple(_scan("sentence", text))
    return Cues(
        heads, tuple(inline), sentences, tuple(c.start for c in sentences), tuple(c.start for c in inline)
    )


def _repeated_names(text: str, taken: set[int]) -> list[Cue]:
    """Abouts inside a paragraph that go straight on with the same name ("… About Norvela Norvela is …")."""
    found = []
    position = text.find(" About ")
    while position >= 0:
        if position + 1 not in taken and _REPEATED.match(text, position + 1):
            found.append(Cue(position + 1, position + 6, "about", "about-repeated", True))
        position = text.find(" About ", position + 6)
    return found


def _refers(text: str, cue: Cue) -> bool:
    """Whether an About is only pointed to (see the "About Norvela" section below)."""
    return (
        cue.kind == "about"
        and text[cue.start - 1 : cue.start] in ("“", '"')
        and bool(_POINTED_TO.match(text, cue.end, cue.end + 90))
    )


def is_row(text: str, block: Block) -> bool:
    """Whether a block is a row of data: prose in one wide cell (laid out by tabs or a one-cell table) is not."""
    length = block.end - block.start
    return block.kind == "row" and (
        length < 300 or length < 150 * (text.count("\t", block.start, block.end) + 1)
    )


def is_run_on(text: str, start: int, end: int) -> bool:
    """Whether a paragraph has lost its breaks: very long, or strewn with the mark-up of a web page."""
    return end - start > _RUN_ON or (
        end - start > 300 and (text.find("**", start, end) >= 0 or text.find("* *", start, end) >= 0)
    )


def opening_cue(line: str) -> str | None:
    """The id of the furniture cue that a line above the lead begins with (labels, release times, addresses), if any."""
    program, rules = _program("opening")
    match = program.match(_bytes(line[:_WINDOW]))
    return rules[match.lastindex - 1].id if match else None


def is_profile(paragraph: str) -> bool:
    """Whether a paragraph opens as a company profile does ("X is a …", "X, based in …") and says where to read more."""
    return opens_as_profile(paragraph) and bool(_program("closes")[0].search(_bytes(paragraph[-600:])))


def opens_as_profile(paragraph: str) -> bool:
    """Whether a paragraph opens as a company profile does ("X is a …", "X, based in …", "X offers …")."""
    return _opens(paragraph[:220])


@lru_cache(maxsize=64)  # several questions about one paragraph ask this
def _opens(head: str) -> bool:
    return bool(_program("opens")[0].match(_bytes(head)))
