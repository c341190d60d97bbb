"""The rules of ``resources/rules/sections.jsonl`` as RE2 programs: where one matches, and which.

A program is the union of its rules without groups: RE2 then only walks its automaton. Which rule it was is asked
of the same union with groups, and remembered by the few characters that matched: "Contact:" is always the same rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import re2

from nlp.rulebook import Rule, compile_pattern, default_rulebook

__all__ = ["Program", "encoded", "length_of", "program"]

# What may stand between a line's start and the cue: bullets, quotes, mark-up of bold text.
_LINE = r"^[ \t*#_>“\"'‘(•·●—–-]{0,12}"
# In a run-on text: a sentence's end or mark-up, then the same.
_INLINE = r"(?:[.!?:;][”\"’)\]]{0,2}|[)\]*#>_])[ \t*#_>!“\"'(-]{0,12}"
# Where a line break was lost ("of the company.About Norvela", "norvela.exampleContact:").
_GLUED = r"(?:[a-z.)!?”®™]|[.!?,]\")"
_PLACES = {
    "trigger": ("", ("trigger.heading",)),
    "opening-trigger": ("", ("trigger.opening",)),
    "head": (_LINE, (".heading", ".line", ".tail")),
    "inline": (_INLINE, (".heading", ".line")),
    "glued": (_GLUED, (".glued",)),
    "sentence": ("", (".sentence",)),
    "opening": (_LINE, (".opening",)),
    "opens": ("", ("profile.opens",)),
    "opens-with": ("", ("profile.with",)),
    "closes": ("", ("profile.closes",)),
}
_Match = Callable[[Any, bytes, int, int], Sequence[tuple[int, int]]]
_Anchor: Any = getattr(re2, "_Anchor", None)
_ANYWHERE, _AT_START = (_Anchor.UNANCHORED, _Anchor.ANCHOR_START) if _Anchor is not None else (0, 1)
_NOWHERE = ((-1, -1),)
_MEMORY = 16 << 20  # bytes; with RE2's own 8 MB the larger unions drop their automaton again and again
_REMEMBERED = 4096  # matched texts of at most so many bytes in all kinds; then it begins anew
_BEHIND = 240  # bytes behind a match that tell which rule it was: a line's end, a word's
_SHORT = 120  # bytes; longer matches are seldom the same


class Program:
    """The rules of one place. ``span`` and ``opening`` say where one matches, ``rule_at`` which, ``find`` both for all matches."""

    def __init__(self, rules: tuple[Rule, ...], before: str) -> None:
        plain = [_local(rule.pattern) for rule in rules]
        self._joined = before + "(?:" + "|".join(plain) + ")"
        compile_pattern(self._joined)
        self._match = _matcher(_compiled(self._joined))
        self._plain = plain
        self._before = before
        self._choices: Any = None  # these three are made when first asked for
        self._single: dict[int, Any] = {}
        self._grouped: Any = None
        self._by_line: _Match | None = None
        self._rules = rules
        self._known: dict[bytes, tuple[Rule, int]] = {}

    def span(self, data: bytes) -> tuple[int, int]:
        """Where the first match lies; (-1, -1) when there is none."""
        return self._match(_ANYWHERE, data, 0, len(data))[0]

    def opening(self, data: bytes) -> int:
        """Where the match ends that begins with ``data``; -1 when none does."""
        return self._match(_AT_START, data, 0, len(data))[0][1]

    def rule_at(self, data: bytes, start: int, end: int) -> tuple[Rule, int]:
        """The rule that matched ``data[start:end]``, and how many bytes of that stand before the cue proper."""
        key = data[start : end + 1]
        known = self._known.get(key)
        if known is None:
            known = self._which(data, start, end)
            if len(key) <= _SHORT:
                if len(self._known) >= _REMEMBERED:
                    self._known.clear()
                self._known[key] = known
        return known

    def _which(self, data: bytes, start: int, end: int) -> tuple[Rule, int]:
        if self._choices is None:
            self._choices = re2.Set.MatchSet(_options())
            for pattern in self._plain:
                self._choices.Add((self._before + pattern).encode())
            self._choices.Compile()
        # one automaton tells all rules that match, of which the first is the one
        numbers = self._choices.Match(data[start : end + _BEHIND])
        if numbers and self._before in ("", _LINE):  # what stands before the cue belongs to it
            return self._rules[min(numbers)], 0
        if numbers and len(numbers) == 1:
            number = numbers[0]
            if number not in self._single:
                self._single[number] = _compiled(f"{self._before}({self._plain[number]})")
            return self._rules[number], self._single[number].match(data, start).start(1) - start
        if self._grouped is None:
            rules = "|".join(f"({pattern})" for pattern in self._plain)
            self._grouped = _compiled(f"{self._before}(?:{rules})")
        match = self._grouped.match(data, start)
        number = match.lastindex
        return self._rules[number - 1], match.start(number) - start

    def lines(self, lines: Sequence[str]) -> list[int]:
        """The numbers of the lines in which a rule matches; asked of all at once, with a program made for it."""
        data = encoded("\n".join(lines))
        size = len(data)
        if self._by_line is None:
            self._by_line = _matcher(_compiled("(?m)^[^\\n]*?(?:" + self._joined + ")"))
        match = self._by_line
        found: list[int] = []
        number = counted = position = 0
        while True:
            start, end = match(_ANYWHERE, data, position, size)[0]
            if start < 0:
                return found
            number += data.count(b"\n", counted, start)
            counted = start
            found.append(number)
            position = max(end, position + 1)

    def find(self, text: str, offset: int = 0) -> list[tuple[Rule, int, int]]:
        """Each match in order, as (rule, start, end) in characters of ``text`` plus ``offset``."""
        data = encoded(text)
        size = len(data)
        same = size == len(text)  # one byte a character
        match, known = self._match, self._known
        found: list[tuple[Rule, int, int]] = []
        begin = position = counted = 0
        while True:
            first, last = match(_ANYWHERE, data, begin, size)[0]
            if first < 0:
                return found
            rule, before = known.get(data[first : last + 1]) or self.rule_at(data, first, last)
            begin = last if last > begin else begin + 1
            first += before
            if same:
                found.append((rule, offset + first, offset + last))
                continue
            start = position + length_of(data[counted:first])
            position = start + length_of(data[first:last])
            counted = last
            found.append((rule, offset + start, offset + position))


def _matcher(compiled: Any) -> _Match:
    """The bare matching function of a compiled pattern: its wrapper makes an object and a generator for each match, which costs more than
    matching. Through the wrapper where a later version hides it."""
    bare = getattr(getattr(compiled, "_regexp", None), "Match", None)
    if bare is not None and _Anchor is not None:
        return bare  # type: ignore[no-any-return]

    def match(anchor: Any, data: bytes, start: int, end: int) -> Sequence[tuple[int, int]]:
        found = (compiled.match if anchor == _AT_START else compiled.search)(data, start, end)
        return (found.span(),) if found else _NOWHERE

    return match


def _options() -> Any:
    options = re2.Options()
    options.max_mem = _MEMORY
    return options


def _compiled(pattern: str) -> Any:
    # as bytes: RE2 reads UTF-8, and going through str costs more than the search itself
    return re2.compile(pattern.encode(), _options())


def _local(pattern: str) -> str:
    """A leading ``(?i)`` made local, so that patterns can stand side by side."""
    return f"(?i:{pattern[4:]})" if pattern.startswith("(?i)") else f"(?:{pattern})"


@cache
def program(place: str) -> Program:
    """The program of a place: ``trigger``, ``head``, ``inline``, ``glued``, ``sentence``, ``opening``, ``opens``, ``closes``."""
    before, wanted = _PLACES[place]
    rules = tuple(
        r
        for r in default_rulebook().rules("sections")
        if r.label.endswith(wanted) and (place.endswith("trigger") or r.label[:7] != "trigger")
    )
    if place == "inline":
        rules = tuple(r for r in rules if "run-on" in r.note)
    return Program(rules, before)


def encoded(text: str) -> bytes:
    """UTF-8, whatever the text holds."""
    try:
        return text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return text.encode("utf-8", "surrogatepass")


def length_of(data: bytes) -> int:
    """Characters of a stretch of UTF-8."""
    return len(data.decode("utf-8", "surrogatepass"))
