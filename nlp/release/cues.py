"""Find the section cues of ``resources/rules/sections.jsonl`` in a text, in two passes over it.

A rule's label is ``<kind>.<place>``: ``heading`` and ``line`` cues count where a block or line begins (in a run-on
text also where a sentence begins), ``opening`` cues only above the lead, ``sentence`` cues anywhere.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from typing import Any

from nlp.rulebook import Rule, compile_pattern, default_rulebook

__all__ = ["Cue", "Cues", "find_cues", "opening_cue"]

# A line's start, and in a run-on text a sentence's; what may stand between it and the cue (bullets, quotes, mark-up).
_LINE = r"(?m)^[ \t*#_>“\"'‘(•·●—–-]{0,12}"
_INLINE = r"(?:[.!?:;”\"’)\]]|[*#>_])[ \t*#_>!“\"'(-]{0,12}"


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

    def within(self, start: int, end: int) -> tuple[Cue, ...]:
        """The sentence cues that begin in ``[start, end)``."""
        return self.sentences[bisect_left(self._starts, start) : bisect_left(self._starts, end)]


def _union(rules: tuple[Rule, ...], before: str) -> Any:
    return compile_pattern(before + "(?:" + "|".join(f"({_plain(rule.pattern)})" for rule in rules) + ")")


def _plain(pattern: str) -> str:
    """A leading ``(?i)`` made local, so that patterns can stand side by side."""
    return f"(?i:{pattern[4:]})" if pattern.startswith("(?i)") else f"(?:{pattern})"


@cache
def _programs() -> dict[str, tuple[Any, tuple[Rule, ...]]]:
    rules = default_rulebook().rules("sections")
    chosen = {
        "head": tuple(r for r in rules if r.label.endswith((".heading", ".line", ".tail"))),
        "inline": tuple(r for r in rules if "run-on" in r.note),
        "sentence": tuple(r for r in rules if r.label.endswith(".sentence") and r.id != "about-is"),
        "opening": tuple(r for r in rules if r.label == "furniture.opening"),
        "about-is": tuple(r for r in rules if r.id == "about-is"),
    }
    before = {"head": _LINE, "inline": _INLINE, "sentence": "", "opening": r"^[ \t*#_>“\"'(•·●—–-]{0,12}", "about-is": ""}
    return {name: (_union(group, before[name]), group) for name, group in chosen.items()}


def _search(name: str, text: str, start: int = 0) -> list[Cue]:
    program, rules = _programs()[name]
    cues = []
    for match in program.finditer(text):
        rule = rules[match.lastindex - 1]
        first = match.start() if name != "inline" else match.start(match.lastindex)
        kind = rule.label.split(".")[0] if rule.label != "furniture.tail" else "tail"
        cues.append(Cue(start + first, start + match.end(), kind, rule.id, rule.note != "weak"))
    return cues


def find_cues(text: str, *, run_on: bool = False) -> Cues:
    """All cues of a text. ``run_on``: also look for headings inside paragraphs (texts that lost their line breaks)."""
    heads = {cue.start: cue for cue in _search("head", text)}
    inline = tuple(_search("inline", text)) if run_on else ()
    sentences = tuple(_search("sentence", text))
    return Cues(heads, inline, sentences, tuple(cue.start for cue in sentences))


def opening_cue(line: str) -> str | None:
    """The id of the furniture cue that a line above the lead begins with (labels, release times, addresses), if any."""
    program, rules = _programs()["opening"]
    match = program.match(line)
    return rules[match.lastindex - 1].id if match else None


def introduces_itself(line: str) -> bool:
    """Whether a paragraph opens as a company profile does ("X is a …", "X, based in …")."""
    return _programs()["about-is"][0].match(line) is not None
