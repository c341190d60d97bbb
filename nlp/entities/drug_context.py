"""What the words around a name say: a drug, its target, a trial, a device, a company.

The patterns are rules (``resources/rules/drugs.jsonl``), one compiled alternation a label, run on a short window only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import re2

from nlp.entities.drug_names import DrugNames, fold
from nlp.rulebook import PatternSet, Rule, compile_pattern
from nlp.text import Span

__all__ = ["Context", "initials_fit", "marked_names", "one_pattern", "plausible_name"]

_LEFT, _RIGHT = 70, 110  # characters of context a rule may look at
_MARK = re.compile(r"®|™|\((?:R|TM|r|tm)\)")
_GLUED_MARK = re.compile(r"(?<![\w-])([A-Z]\w{3,20}?[a-zA-Z])TM(?!\w)")  # a mark that lost its superscript
_ORDINARY = re.compile(
    r"(?i)^(?:phase|fda|ema|inc|the|announce[sd]?|company|first|lead|product|american|european|north|south|arrives|patients?|trial|study|and|for|with|in|of)$"
)


class Context:
    """Judges occurrences of a name in one text by the rules."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self._code_left = Labels(rules, "not-left", "code-left-strong", "code-left")
        self._code_right = Labels(rules, "not-right", "trial-right", "code-right")
        self._trial_left = Labels(rules, "trial-left")
        self._trial_right = Labels(rules, "trial-right")
        self._kin_left = Labels(rules, "inn-not-left")
        self._kin_right = Labels(rules, "inn-not-right")
        self._generic_left = Labels(rules, "generic-left")
        self._generic_right = Labels(rules, "generic-right", "generic-alone")
        self._brand_left = Labels(rules, "brand-not-drug", "brand-is-drug", side="left")
        self._brand_right = Labels(rules, "brand-not-drug", "brand-is-drug", side="right")
        self._ticker = Labels(rules, "ticker-left")
        self._company = Labels(rules, "company-right")
        self._listed = Labels(rules, "company-right-listed")
        intros = [rule for rule in rules if rule.label == "intro"]
        # most texts introduce nothing, and one pass says so
        self._introduces = PatternSet(rule.pattern for rule in intros)
        self._intros = tuple(zip((rule.id for rule in intros), self._introduces.compiled, strict=True))

    def code_support(self, text: str, start: int, end: int) -> int:
        """Plus one for each side that speaks for a drug (two for what only a drug follows), minus one for each that speaks for something else."""
        left = self._code_left.match(text[max(0, start - _LEFT) : start])
        right = self._code_right.match(text[end : end + _RIGHT])
        score = 0
        if "not-left" in left:
            score -= 1
        elif "code-left-strong" in left:
            score += 2
        elif "code-left" in left:
            score += 1
        if "not-right" in right:
            score -= 1
        elif "trial-right" in right:
            return min(score, 0)  # "results from the V007 trial" says nothing of a drug
        elif "code-right" in right:
            score += 1
        return score

    def names_trial(self, text: str, start: int, end: int) -> bool:
        """True where the name is that of a trial (``the ZOR-101 trial``), or of a drug's."""
        return bool(
            self._trial_right.match(text[end : end + _RIGHT])
            or self._trial_left.match(text[max(0, start - _LEFT) : start])
        )

    def is_kin(self, text: str, start: int, end: int) -> bool:
        """True where the drug named is only what something else is made from, tested for, or like (``a ketamine analog``)."""
        return bool(
            self._kin_right.match(text[end : end + 30])
            or self._kin_left.match(text[max(0, start - 30) : start])
        )

    def is_generic(self, text: str, start: int, end: int) -> bool:
        """True where the sentence treats a word that no list knows as a generic name."""
        right = self._generic_right.match(text[end : end + _RIGHT])
        return bool(
            right
            and ("generic-alone" in right or self._generic_left.match(text[max(0, start - _LEFT) : start]))
        )

    def brand_support(self, text: str, start: int, end: int) -> int:
        """The same for a word that wears a mark: drug, or platform, device, firm."""
        left = self._brand_left.match(text[max(0, start - _LEFT) : start])
        right = self._brand_right.match(text[end : end + _RIGHT])
        score = 0
        if "brand-not-drug" in right:
            score -= 2
        elif right:
            score += 1
        if "brand-not-drug" in left:
            score -= 1
        elif left:
            score += 1
        return score

    def in_address(self, text: str, start: int) -> bool:
        """True for a part of a web address."""
        return (
            text[start - 1 : start] in "/=?&" and "://" in text[max(0, start - 80) : start].rpartition(" ")[2]
        )

    def is_listed(self, text: str, end: int) -> bool:
        """True where a listing follows, as after a company's name (``(Nasdaq: ZORX)``); after a drug's it is the maker's."""
        return bool(self._listed.match(text[end : end + 40]))

    def is_company(self, text: str, start: int, end: int) -> bool:
        """True where a company's second word follows (``Therapeutics, Inc.``), or the name is a ticker."""
        if self._company.match(text[end : end + 40]):
            return True
        if text[end - 1].islower() or (
            text[end - 1].isdigit() and ":" not in text[max(0, start - 4) : start]
        ):
            return False  # few tickers end in a digit (FSE: ZOR1), many codes do
        return bool(self._ticker.match(text[max(0, start - 24) : start]))

    def introduced(self, text: str, span: Span) -> Iterator[tuple[int, int, str]]:
        """Names that the sentence introduces as a drug: start, end, rule id."""
        part = text[span.start : span.end]
        for i in self._introduces.match(part):
            rule_id, pattern = self._intros[i]
            for match in pattern.finditer(part):
                start, end = match.span(pattern.groupindex["name"])
                yield span.start + start, span.start + end, rule_id


class Labels:
    """Which of several labels have a pattern (for one ``side``, where they have sides) that matches, told in one pass.

    Only whether, not where: a pattern's own search also finds the place, which for a hit costs five times as much.
    """

    def __init__(self, rules: tuple[Rule, ...], *labels: str, side: str = "") -> None:
        self._labels = labels
        self._set = re2.Set.SearchSet()
        for label in labels:
            self._set.Add(_alternation(rules, label, side))
        self._set.Compile()

    def match(self, text: str) -> list[str]:
        """The labels that ``text`` speaks for, in no order."""
        return [self._labels[i] for i in self._set.Match(text) or ()]


def marked_names(text: str, span: Span) -> Iterator[tuple[int, int]]:
    """Words that wear ® or ™ (or their ASCII forms): start and end of the word before the mark."""
    signs = (text.find(sign, span.start, span.end) >= 0 for sign in ("®", "™", "(R", "(T", "(r", "(t"))
    for match in _MARK.finditer(text, span.start, span.end) if any(signs) else ():
        end = match.start()
        while end > span.start and text[end - 1] in " \u00a0" and match.start() - end < 2:
            end -= 1
        start = end
        while start > span.start and (text[start - 1].isalnum() or text[start - 1] in "-‐‑"):
            start -= 1
        if end - start >= 3 and text[start].isalpha():
            yield start, end
    if text.find("TM", span.start, span.end) < 0:
        return
    for match in _GLUED_MARK.finditer(text, span.start, span.end):
        yield match.span(1)


def plausible_name(word: str, names: DrugNames, *, marked: bool = False) -> bool:
    """True for a word that could be a proprietary name: not an ordinary word, not an abbreviation, not on the other lists."""
    folded = fold(word)
    if (
        folded in names.not_drugs
        or folded in names.common
        or _ORDINARY.match(word)
        or word.upper() in names.trials
    ):
        return False
    if word.isupper() and word.isalpha() and len(word) < 5 and not marked:
        return False
    return len(word) >= 4 and (marked or any(c.isupper() for c in word))


def initials_fit(stem: str, company: str) -> bool:
    """True when a code's letters come, in order, from the company's name: ``OCU`` from Ocugen, ``BICX`` from BioCorRx.

    >>> initials_fit("OCU", "Ocugen"), initials_fit("ASC", "Ocugen")
    (True, False)
    """
    letters, name = stem.lower(), company.lower()
    if len(letters) < 2 or not name or letters[0] != name[0]:
        return False
    position = 0
    for letter in letters:
        position = name.find(letter, position) + 1
        if position == 0:
            return False
    return True


def one_pattern(rules: tuple[Rule, ...], label: str) -> Any:
    """All patterns of one label as one compiled alternation."""
    return compile_pattern(_alternation(rules, label))


def _alternation(rules: tuple[Rule, ...], label: str, side: str = "") -> str:
    chosen = [r.pattern for r in rules if r.label == label and (not side or f"-{side}-" in r.id)]
    return "|".join(f"(?:{pattern})" for pattern in chosen)
