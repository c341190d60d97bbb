"""Cues: what a reader of releases looks for ("placement agent", "met its primary endpoint"), as rules in
``events.jsonl``.

A sentence is matched against all cues at once, in time linear in its length.

Rules named ``sign.`` are signs: what stands in a story that tells of results, of a talk to come, of an offering.
They are asked of more of the story than the cues are, and are a set of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache

from nlp.errors import RuleError
from nlp.rulebook import PatternSet, compile_pattern, default_rulebook

__all__ = ["Cues", "default_cues"]

_MAX_CUES, _MAX_PATTERN = 2000, 4000
_SIGN = "sign."


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
        self._cues = tuple([rule for rule in self.rules if not rule[0].startswith(_SIGN)])
        self._signs = tuple([rule for rule in self.rules if rule[0].startswith(_SIGN)])
        self._cue_names = [name for name, _ in self._cues]
        self._sign_names = [name for name, _ in self._signs]
        try:
            self._cue_set = PatternSet(pattern for _, pattern in self._cues)
            self._sign_set = PatternSet(pattern for _, pattern in self._signs)
        except RuleError:
            for name, pattern in self.rules:
                try:
                    compile_pattern(pattern)
                except RuleError as error:
                    raise RuleError(f"cue {name!r}: {error}") from error
            raise

    def match(self, text: str) -> tuple[str, ...]:
        """Ids of the cues that ``text`` (one sentence) holds, in the order of the rules."""
        names = self._cue_names
        return tuple([names[i] for i in self._cue_set.match(text)])

    def signs(self, text: str) -> tuple[str, ...]:
        """Ids of the signs that ``text`` (one sentence) holds, in the order of the rules."""
        names = self._sign_names
        return tuple([names[i] for i in self._sign_set.match(text)])

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
    """The cues that ship with the package.

    >>> from nlp.features import default_cues
    >>> default_cues().match("Acme Bio Doses First Patient")
    ('trial.dosing',)
    """
    return Cues([(rule.id.removeprefix("cue."), rule.pattern) for rule in default_rulebook().rules("events")])
