"""Cues: what a reader of releases looks for ("placement agent", "met its primary endpoint"), as rules in
``events.jsonl``.

A sentence is matched against all cues at once by RE2 sets, in time linear in its length. Patterns with a gap
(``.*``) go into small sets: their automata multiply, and one big set would spend its time building states
(measured: 0.25 ms a sentence in one set, 0.025 ms in ten).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache

import re2

from nlp.errors import RuleError
from nlp.rulebook import default_rulebook

__all__ = ["Cues", "default_cues"]

_GAP_SETS, _FLAT_SETS = 8, 2
_MEMORY = 32 << 20  # bytes for the states of one set
_MAX_CUES, _MAX_PATTERN = 2000, 4000


class Cues:
    """Compiled cues. ``rules``: pairs of id and RE2 pattern. Raises ``RuleError`` for what RE2 does not take.

    >>> Cues([("offering", r"(?i)\\bpublic offering\\b")]).match("Acme prices public offering")
    ('offering',)
    """

    def __init__(self, rules: Iterable[tuple[str, str]]) -> None:
        self.rules = tuple(rules)
        if len(self.rules) > _MAX_CUES or any(len(pattern) > _MAX_PATTERN for _, pattern in self.rules):
            raise RuleError(
                f"more than {_MAX_CUES} cues, or one over {_MAX_PATTERN} characters; not cues of this project"
            )
        gapped = [i for i, (_, pattern) in enumerate(self.rules) if ".*" in pattern or "){0," in pattern]
        flat = sorted(set(range(len(self.rules))) - set(gapped))
        self._sets = []
        for members, count in ((gapped, _GAP_SETS), (flat, _FLAT_SETS)):
            for k in range(count):
                if part := members[k::count]:
                    self._sets.append((self._compile(part), part))

    def _compile(self, part: list[int]) -> re2.Set:
        options = re2.Options()
        options.max_mem = _MEMORY
        options.log_errors = False
        found = re2.Set.SearchSet(options)
        for i in part:
            try:
                found.Add(self.rules[i][1])
            except re2.error as error:
                raise RuleError(f"cue {self.rules[i][0]!r} does not compile: {error}") from error
        found.Compile()
        return found

    def match(self, text: str) -> tuple[str, ...]:
        """Ids of the cues that ``text`` (one sentence) holds, in the order of the rules."""
        hits = [members[i] for patterns, members in self._sets for i in patterns.Match(text) or ()]
        return tuple(self.rules[i][0] for i in sorted(hits))

    def to_lines(self) -> str:
        """The cues as JSON Lines, to be kept beside a model: its scores must not move when the rule file
        does."""
        return "".join(json.dumps({"id": i, "pattern": p}, ensure_ascii=False) + "\n" for i, p in self.rules)

    @classmethod
    def from_lines(cls, lines: str) -> Cues:
        """Back from ``to_lines``. Raises ``RuleError``."""
        try:
            entries = [json.loads(line) for line in lines.splitlines()]
            return cls([(str(entry["id"]), str(entry["pattern"])) for entry in entries])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            if isinstance(error, RuleError):
                raise
            raise RuleError(f"not a list of cues ({error!r})") from error


@cache
def default_cues() -> Cues:
    """The cues that ship with the package."""
    return Cues([(rule.id.removeprefix("cue."), rule.pattern) for rule in default_rulebook().rules("events")])
