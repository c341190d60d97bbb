"""Terms of deals, offerings, trials and filings as typed values.

Rules (``rules/terms.jsonl``) are read against sentences in which every value is masked (``nlp.entities.amounts``): ``#MONEY upfront``. A rule's
label says what it finds: ``family.kind`` where the value is what its group ``value`` covers, ``family.kind:text`` where the value is ``text``,
``family.ignore`` where the value is nothing of the family (par value, exercise price of old warrants). Rules stand in order of precedence: a
value taken by an earlier rule of its family is taken. ``guard.<family>`` marks sentences in which the family is not looked for. A rule for
``indication`` tells where a disease's name begins; where it ends, ``nlp.entities.diseases`` tells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import re2

from nlp.entities import Mention, Term
from nlp.entities.amounts import Masked, Value, holds_value, mask
from nlp.entities.diseases import DiseaseNames
from nlp.entities.regions import Regions
from nlp.entities.sums import Sums
from nlp.entities.territories import Territories
from nlp.errors import RuleError
from nlp.release import Release
from nlp.release.types import SectionKind
from nlp.rulebook import PatternSet, Rule, Rulebook

__all__ = ["FAMILIES", "KINDS", "TermFinder"]

FAMILIES = ("deal", "offering", "trial", "regulatory")
# fmt: off
KINDS: dict[str, frozenset[str]] = {
    "deal": frozenset({"upfront", "milestones", "royalties", "equity_stake", "equity_investment", "total_value", "price", "territory", "field"}),
    "offering": frozenset({
        "offering_size", "gross_proceeds", "net_proceeds", "price", "securities", "warrants", "exercise_price", "over_allotment", "closing_date",
        "principal", "interest_rate",
    }),
    "trial": frozenset({"phase", "nct_number", "indication", "patients", "primary_endpoint", "p_value"}),
    "regulatory": frozenset({"pdufa_date", "application_number", "application_type", "designation"}),
}
# fmt: on
_EVENT_FAMILIES = {
    "licensing": ("deal",),
    "acquisition": ("deal",),
    "financing": ("offering",),
    "trial": ("trial",),
    "regulatory": ("trial", "regulatory"),
}
_SECTIONS: tuple[SectionKind, ...] = ("headline", "subheadline", "lead", "body", "quotation", "notes")
_UNITS = {"patients": "patients", "securities": "shares", "warrants": "shares", "over_allotment": "shares"}
# "each unit of one share and 2 warrants": ratios, not what is offered
_COUNTED, _FEWEST = frozenset({"securities", "warrants", "over_allotment"}), 100
# a price of a share in millions is the price of something else, an offering of $13.50 the price of a share
_EACH, _DEAREST = frozenset({"price", "exercise_price"}), 1e6
_SUMS, _LEAST = frozenset({"offering_size", "total_value", "upfront", "milestones", "equity_investment"}), 1e3
_DATED = frozenset({"closing_date", "pdufa_date"})
_LOCATED = frozenset({"deal"})  # families whose rules read lines with regions masked
# a year that dates no deal of the past: when somebody began, when something is to be paid
_FOUNDED = re.compile(
    rb"\b(?:founded|established|incorporated|formed|created|listed|spun (?:out|off))(?: [\w-]+){0,2}? (?:in|since) #YEAR"
    rb"|\b(?:will|to|would) be (?:received|paid|sold|granted|recogni[sz]ed|completed|closed)(?: [\w-]+){0,3}? (?:in|during)(?: [\w-]+){0,3}? #YEAR"
    rb"|\bwhich (?:was|were) (?:received|paid) (?:in|during)(?: [\w-]+){0,3}? #YEAR|\bfrom #YEAR (?:to|until|through) #YEAR"
)
_ANY, _PLACE, _DEAL = range(3)
_WORDED = frozenset({"territory", "field", "indication"})  # words, whatever figure is among them
# A sentence is masked and read only where one of these stands, and every rule needs one: words and signs of its family. A family with a rule whose
# example holds none of them is looked for in every sentence.
_MONEY = r"[$€£¥₩₪₹%]|[A-Z]{2}[BCDFKLNPRSY] ?[0-9]|(?:[0-9]|illion) ?(?:USD|EUR|GBP|CHF|[SNM]EK|NOK|DKK|RMB|CAD|JPY|AUD|HKD|CNY|INR|KRW|M[SND]EK|MNOK|MDKK|MEUR)|dollar|euro|franc|pounds|yen|cents|per.?cent|renminbi|yuan|kron|\bwon\b"
_OPENINGS = {
    "deal": _MONEY
    + r"|royalt|right|licen[cs]|distribut|commerciali|worldwide|global|partner|contract|agreement|market|countries|territor|field|promot|collaborat"
    r"|alliance|appoint|exclusiv|grant|pursuant|jurisdiction|nations|responsib|transfers|divest|in charge",
    "offering": _MONEY + r"|share|ADS|unit|warrant|stock|clos|complet|settl|consummat|option|allot",
    "trial": r"phase|NCT|\bp\b|p-?value|primary|main (?:goal|end|objective|aim)|(?:treatment|management|prevention) (?:of|for)|patient|participant|subject|adult|volunteer|infant"
    r"|toddler|child|people|person|individual|wom[ae]n|\bm[ae]n\b|adolescent|\bn ?=|\([A-Z]",
    "regulatory": r"NDA|BLA|\bIND|\b(?:MAA|CTA|IDE|EUA|PMA)s?\b|RMAT|PRIME|RPDD|QIDP|ODD|510|\(k\)|de.?novo|PDUFA|user fee|(?:goal|action|target|decision) date|BsUFA"
    r"|orphan|fast.?track|breakthrough|regenerative|designation|review|new drug|applica|authori|exemption|premarket|priority|passport|sakigake"
    r"|minor use|MUMS|pa?ediatric|infectious",
}
_RAW = {
    "#MONEY": "$5 million",
    "#PCT": "5%",
    "#NUM": "1,250",
    "#YEAR": "2020",
    "#DATE": "May 3, 2024",
    "#PHASE": "Phase 2",
    "#NCT": "NCT01234567",
    "#PVAL": "p=0.01",
    "REGION_": "Japan",
    "NATION_": "Japanese",
}
# of a rule whose value is a mask: such a rule needs that mask; what this does not take apart counts as words
_MASK = r"(?:#[A-Z]+|REGION_|NATION_)"
_MASKED_VALUE = re.compile(rf"\(\?P<value>(?:\((?:[^()]|\([^()]*\))*\)\?)*({_MASK}(?:\|{_MASK})*)\)")
_MAX_SENTENCE = 2_000  # characters; longer ones are tables or damage, and their openings tell enough


@dataclass(frozen=True, slots=True)
class _Ready:
    """A rule with its label taken apart: ``constant`` is the value where the label names one; ``masks``: those that its
    value may be, one of which it needs (none: it may do without)."""

    rule: Rule
    family: str
    kind: str
    constant: str | None
    masks: tuple[bytes, ...]


@cache
def _compiled(pattern: str) -> tuple[Any, int]:
    """The pattern over bytes and its group ``value``; compiled when its rule first matches, as most are not needed at
    a start."""
    options = re2.Options()
    options.log_errors = False
    compiled = re2.compile(pattern.encode(), options)
    return compiled, compiled.groupindex[b"value"]  # a pattern of bytes names its groups in bytes


class _Matcher:
    """The rules of some families, asked all at once; their guards only of a line that a rule matches, as few lines are.

    Of a line without any mask only the rules are asked that may do without.
    """

    def __init__(self, rules: Sequence[_Ready]) -> None:
        self._rules = tuple(ready for ready in rules if ready.family != "guard")
        self._patterns = PatternSet((ready.rule.pattern for ready in self._rules), one_byte=True)
        self._masks = tuple(sorted({mask for ready in self._rules for mask in ready.masks}))
        self._worded = tuple(ready for ready in self._rules if not ready.masks)
        self._worded_patterns = PatternSet((ready.rule.pattern for ready in self._worded), one_byte=True)
        self._guards = tuple(ready for ready in rules if ready.family == "guard")
        self._guard_patterns = PatternSet((ready.rule.pattern for ready in self._guards), one_byte=True)

    def matching(self, line: bytes, *, ignored: bool = False) -> list[_Ready]:
        """Rules with a match in ``line`` whose family no guard bars, in the order of the file; none where nothing but
        what is to be ignored matches, unless ``ignored`` asks for that."""
        if any(map(line.__contains__, self._masks)):
            found = [self._rules[i] for i in self._patterns.match(line)]
        else:
            found = [self._worded[i] for i in self._worded_patterns.match(line)]
        if not ignored and all(ready.kind == "ignore" for ready in found):
            return []
        barred = self.barred(line)
        return [ready for ready in found if ready.family not in barred] if barred else found

    def barred(self, line: bytes) -> set[str]:
        """Families that a guard bars."""
        if b"#YEAR" in line:  # when somebody began dates no deal
            line = _FOUNDED.sub(b"", line)
        return {self._guards[i].kind for i in self._guard_patterns.match(line)}


class TermFinder:
    """Finds terms of the announced event; built once, used for many releases.

    Raises ``RuleError`` where a rule's label names no known family and kind, or its pattern has no group ``value``.

    >>> from nlp.release import read_release
    >>> from nlp.rulebook import default_rulebook
    >>> release = read_release("Acme to Receive $5 Million Upfront\\n\\nAcme will receive an upfront payment of $5 million.")
    >>> [(t.kind, t.number, t.unit) for t in TermFinder(default_rulebook()).find(release, events=["licensing"])]
    [('upfront', 5000000.0, 'USD')]
    """

    def __init__(self, rulebook: Rulebook) -> None:
        self._rules = tuple(_ready(rule) for rule in rulebook.rules("terms"))
        named = any(ready.kind == "indication" for ready in self._rules)
        self._diseases = DiseaseNames(rulebook.lexicon("disease_words") if named else ())
        located = any("REGION_" in ready.rule.pattern for ready in self._rules)
        self._regions = Regions(rulebook.lexicon("regions") if located else ())
        self._sums = Sums(rulebook.lexicon("sum_words") if located else ())
        self._territories = Territories(rulebook.lexicon("territory_words") if located else ())
        worded = {ready.family for ready in self._rules if not ready.masks}
        # families that a sentence without a value holds nothing of
        self._figured = frozenset(FAMILIES) - worded
        self._by_families: dict[frozenset[str], _Matcher] = {}
        self._openings: dict[frozenset[str], Any] = {}

    def _of(self, families: frozenset[str]) -> list[_Ready]:
        return [r for r in self._rules if (r.kind if r.family == "guard" else r.family) in families]

    def _matcher(self, families: frozenset[str]) -> _Matcher:
        """The rules of some families."""
        if families not in self._by_families:
            self._by_families[families] = _Matcher(self._of(families))
        return self._by_families[families]

    def _opening(self, families: frozenset[str]) -> Any:
        """A set that tells whether a sentence can hold a match of any rule of the families (``_ANY``), a name of a region
        (``_PLACE``) and a match of a deal's rule (``_DEAL``); the last two only where deals are among the families."""
        if families not in self._openings:
            names = self._regions.pattern if families & _LOCATED else ""
            self._openings[families] = _opens(families, self._of(families), names)
        return self._openings[families]

    def find(self, release: Release, *, events: Sequence[str] = ()) -> tuple[Term, ...]:
        """Terms in order of first mention.

        ``events``: the accepted event types, whose families are looked for; empty means unknown, so all families. The mention is the value as
        written; the same value said twice, in whatever case, is one term with two mentions.
        """
        families = frozenset(
            FAMILIES if not events else (f for e in events for f in _EVENT_FAMILIES.get(e, ()))
        )
        if not families:
            return ()
        opening = self._opening(families)
        figured = families <= self._figured
        today = release.dateline.date if release.dateline else None
        found: dict[tuple[str, str, str], tuple[Term, list[Mention]]] = {}
        for section in release.sections:
            if section.kind not in _SECTIONS:
                continue
            for span in release.sentences_of(section):
                sentence = release.text[span.start : min(span.end, span.start + _MAX_SENTENCE)]
                if figured and not holds_value(sentence):
                    continue
                holds = opening.Match(sentence.encode("utf-8", "replace"))
                if not holds or _ANY not in holds:
                    continue
                for term, start, end in self._in_sentence(sentence, families, today, holds):
                    key = (term.family, term.kind, term.value.casefold())
                    mention = Mention(sentence[start:end], span.start + start, span.start + end)
                    found.setdefault(key, (term, []))[1].append(mention)
        terms = [
            Term(t.family, t.kind, t.value, t.number, t.unit, t.rule, tuple(mentions))
            for t, mentions in found.values()
        ]
        return tuple(sorted(terms, key=lambda t: (t.mentions[0].start, t.family, t.kind)))

    def _in_sentence(
        self, sentence: str, families: frozenset[str], today: str | None, holds: Sequence[int]
    ) -> list[tuple[Term, int, int]]:
        """Terms with their characters within the sentence."""
        masked = mask(sentence, today)
        placed = self._regions.mask(masked) if _PLACE in holds and _DEAL in holds else masked
        parts = [(families, placed)]
        if placed is not masked and families - _LOCATED:
            parts = [(families & _LOCATED, placed), (families - _LOCATED, masked)]
        found: list[tuple[Term, int, int]] = []
        for some, line in parts:
            matcher = self._matcher(some)
            summed = _DEAL in holds and "deal" in some and b"#MONEY" in line.line
            taken: set[tuple[str, int]] = set()
            if matching := matcher.matching(line.line, ignored=summed):
                found += _in_line(sentence, line, matching, self._diseases, self._territories, taken)
            if summed:
                left = [
                    a
                    for v, a in zip(line.values, line.starts, strict=True)
                    if v.kind == "MONEY" and ("deal", a) not in taken
                ]
                if (
                    left
                    and "deal" not in matcher.barred(line.line)
                    and not self._territories.doubtful(line.line)
                ):
                    found += self._left(line, left)
        return found

    def _left(self, masked: Masked, places: Sequence[int]) -> list[tuple[Term, int, int]]:
        """Sums of a deal that no rule took, by the words they hang on."""
        kinds = dict(self._sums.kinds(masked.line.decode()))
        found = []
        for value, place in zip(masked.values, masked.starts, strict=True):
            if place in places and place in kinds and (value.number or 0) >= _LEAST:
                term = Term("deal", kinds[place], value.text, value.number, value.unit, "deal.sum", ())
                found.append((term, value.start, value.end))
        return found


def _opens(families: frozenset[str], rules: Sequence[_Ready], names: str) -> Any:
    words = "(?i)" + "|".join(_OPENINGS[family] for family in sorted(families))
    tried = re2.Set.SearchSet()
    tried.Add(words)
    tried.Compile()
    for ready in rules:
        example = ready.rule.example
        for word, raw in _RAW.items():
            example = example.replace(word, raw)
        if ready.family != "guard" and not tried.Match(example.encode()):
            words = ""
            break
    found = re2.Set.SearchSet()  # tells only whether: a pattern's search would say where, which costs more
    found.Add(words)
    if "deal" in families:
        found.Add(names or "$^a")
        found.Add("(?i)" + _OPENINGS["deal"] if words else "")
    found.Compile()
    return found


def _ready(rule: Rule) -> _Ready:
    family, _, rest = rule.label.partition(".")
    kind, _, constant = rest.partition(":")
    if family == "guard":
        known = kind in FAMILIES
    else:
        known = family in KINDS and (kind in KINDS[family] or kind == "ignore")
    if not known:
        raise RuleError(f"{rule.where}: rule {rule.id!r} has the unknown label {rule.label!r}")
    if family != "guard" and "(?P<value>" not in rule.pattern:
        raise RuleError(f"{rule.where}: rule {rule.id!r} needs a group named value")
    masked = _MASKED_VALUE.search(rule.pattern)
    masks = tuple(mask.encode() for mask in masked[1].split("|")) if masked else ()
    return _Ready(rule, family, kind, constant or None, masks)


def _in_line(
    sentence: str,
    masked: Masked,
    matching: Sequence[_Ready],
    diseases: DiseaseNames,
    territories: Territories,
    taken: set[tuple[str, int]],
) -> list[tuple[Term, int, int]]:
    """Terms with their characters within the sentence; ``taken`` gets the bytes that a rule took, for its family."""
    found: list[tuple[Term, int, int]] = []
    for ready in matching:
        pattern, group = _compiled(ready.rule.pattern)
        for match in pattern.finditer(masked.line):
            first, last = match.span(group)
            if ready.kind == "indication" and first >= 0 and (ready.family, first) not in taken:
                last = diseases.end(masked.line.decode(), first)
                if last == first:
                    continue
            place = {(ready.family, i) for i in range(first, last)}
            if first < 0 or not taken.isdisjoint(place):
                continue
            taken |= place
            if ready.kind == "ignore":
                continue
            told = ready.kind == "territory" and not ready.constant  # in words of the sentence
            if told and (territories.aside(masked.line, first) or territories.doubtful(masked.line)):
                continue
            start, end = masked.origin(first), masked.origin(last, behind=True)
            term = _term(ready, masked, first, last, sentence[start:end])
            if term is not None:
                found.append((term, start, end))
            elif ready.family == "deal" and ready.kind in _EACH:
                taken -= place  # a price too high for a share may be a sum to a later rule
    return found


def _term(ready: _Ready, masked: Masked, first: int, last: int, text: str) -> Term | None:
    values = masked.inside(first, last)
    family, kind = ready.family, ready.kind
    if ready.constant is not None:
        return Term(family, kind, ready.constant, None, None, ready.rule.id, ())
    if not values or kind in _WORDED:
        words = " ".join(text.split()).strip(" ,;.")
        return Term(family, kind, words, None, None, ready.rule.id, ()) if words else None
    value = values[-1] if kind == "royalties" else values[0]
    if kind in _DATED and not value.text:
        return None
    if kind in _COUNTED and value.kind == "NUM" and (value.number or 0) < _FEWEST:
        return None
    number = value.number or 0.0
    if value.kind == "MONEY" and (number >= _DEAREST if kind in _EACH else kind in _SUMS and number < _LEAST):
        return None
    if kind == "application_number":
        return Term(family, kind, value.text.replace(",", ""), None, None, ready.rule.id, ())
    shown = (
        f"{values[0].text.rstrip('%')}-{values[-1].text}"
        if len(values) > 1 and _range(values)
        else value.text
    )
    return Term(
        family,
        kind,
        shown,
        value.number,
        value.unit or (_UNITS.get(kind) if value.kind == "NUM" else None),
        ready.rule.id,
        (),
    )


def _range(values: tuple[Value, ...]) -> bool:
    return values[0].kind == values[-1].kind == "PCT"
