"""Who gives rights and who takes them, as the sentences of a release tell it.

A headline often says no more than "license agreement with"; who licenses from whom stands in the sentences after
it: one side grants, retains rights, is paid; the other obtains, pays, will commercialize. Every such clause counts
for its subject, and for whom it names as the other side.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import re2

from nlp.entities.registry import Organisation
from nlp.entities.roles import Masked
from nlp.errors import RuleError
from nlp.rulebook import Rulebook, compile_pattern, one_of

__all__ = ["DirectionReader", "Directions"]

_VERBS = frozenset({"give", "take", "receive", "pay", "license", "keep", "hold", "work"})
_OTHERS = frozenset({"rights", "money", "neither", "back", "task", "cue"})
_TABLE = "direction_words"
_WORD = re.compile(r"[a-z][a-z-]*+(?: [a-z][a-z-]*+){0,4}\*?")
_CLAUSE_END = re.compile(
    r"[.;:](?: |$)|,? (?:and|while|with|but|whereas) (?=(?:ISSUER|ORG|CAP)\b)|, (?:and|while|which) (?=(?:the|it|they)\b)|, (?=(?:ISSUER|ORG|CAP)S? (?:will|has|is|may)\b)"
)
_NAME = r"(?:ISSUER|(?:ORG|CAP)S?)\b(?!'s|-)"
_TO_WHOM = re.compile(rf" (?:to )?(?:the )?(?P<name>{_NAME})")
_ON_TO = re.compile(rf"\bto (?:the )?(?P<name>{_NAME})")
_FROM = re.compile(rf"\bfrom (?:the |its [a-z]+ )?(?P<name>{_NAME})")
_BY = re.compile(rf"\bby (?:the )?(?P<name>{_NAME})")
_PASSED_BY = re.compile(rf" (?:to (?:it|ISSUER|ORG|CAP) )?by (?:the )?(?P<name>{_NAME})")
# "an upfront payment to ORG", whatever the verb
_PAYMENT = re.compile(
    rf"\b(?:[Pp]ayments?|fees?|royalt(?:y|ies)|consideration|milestones?)(?: (?:of|on|based on) [^,;.]{{1,60}}?)?"
    rf" (?:(?:payable|paid|due|owed) )?(?P<way>to|from|by) (?:the )?(?P<name>{_NAME})"
)
# "license and supply agreement": a noun
_AGREEMENT = re.compile(
    r"(?i)(?:(?:,|,? and|,? or) [\w-]++(?: [\w-]++)?){0,4} (?:agreement|deal|contract|pact|arrangement|partnership|collaboration|alliance)s?\b"
)
_RIGHTS_TO = re.compile(
    r" (?:[\w.-]+,? ){0,5}[Rr]ights (?:to|for|of|in) (?:an?|the|its|certain|one|two|up|[a-z]{5,})\b"
)
_WHOSE = re.compile(r"\b(?P<name>ISSUER|ORG|CAP)'s\b")
# between a subject and its verb
_AUXILIARY = re.compile(
    r"(?:,? (?:which|who|that))?(?: (?:will|would|shall|may|can|could|has|have|had|is|are|was|were|be|been|being|to|also|now|then|both|agreed|eligible|entitled|"
    r"expects?|intends?|able|set|due|the|right|option|an|opportunity|exclusively|solely|initially|subsequently|further|itself|today|already|recently|fully|"
    r"in turn|in return|potentially|additionally|thereafter|opt|elect|a|sole|exclusive|responsible|for|primary|primarily)){0,8}(?:,? in return,?)? ?$"
)
_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being)(?: \w+ly| also| now)? $")
_NOT = re.compile(r"(?i)\b(?:not|no longer|without|never) (?:be )?$")
# "an agreement that gives": no noun
_BY_CONTRACT = re.compile(
    r"\b(?:[Aa]greement|[Dd]eal|[Cc]ontract|[Aa]lliance|[Cc]ollaboration|[Aa]rrangement|[Pp]act|[Tt]ransaction|[Aa]mendment)"
    r"(?: (?:that|which|also|will|would|shall|further)){0,3} $"
)
# before a noun, where the word might be a verb: "a license", "non-exclusive sublicenses"
_AS_NOUN = re.compile(
    r"(?i)\b(?:an?|the|this|that|its|their|such|of|under|[\w-]*exclusive|worldwide|global|patent|cross) $"
)
_HANGING = re.compile(
    r"(?:\b(?:with|from|to|by|of|for|between|against|through|at|in|under|via|on|than) (?:the )?|-)$"
)
# how a sum of money is written
_SUM = r"(?:US|AU|C)\$|(?:EUR|USD|GBP|CHF|RMB|KRW) ?\d"
_SIGN = r"[$€£¥]"
_IN_RETURN = re2.compile(r"(?i)\bin return\b")
# "has the option", not "has signed an option agreement"
_HELD = re.compile(
    r" (?:an?|the|all|any|no|full|sole|certain|worldwide|global|[Oo]ptions?|rights?|licen[cs]es?|(?:co-|non-?)?exclusive)\b"
)
_AREA = re.compile(
    r"\b(?:in|for|across|throughout|within) (?:the |all |Greater |South |North |Latin |mainland |certain |select(?:ed)? |its |such |other )*(?:[A-Z][a-z]+|U[SK]\b|EU\b|territor|countr|licensed|region|world)|\bworldwide|\bglobally|\boutside"
)
_REACH = 150  # characters read behind a verb
_TOP = 2  # sentences with names that say what the release is about
_NEAR = 90  # characters between what is given and the verb
_BEFORE = 160  # and before it, for its subject


@dataclass(slots=True)
class Directions:
    """For each organisation (by ``id``) how much says that it takes rights (above zero) or gives them (below);
    ``rights``: how much of that is said of rights rather than of money or work; ``issuer``: the same of the issuer;
    ``beside``: who does what the issuer does ("ISSUER and ORG granted").
    """

    taking: dict[int, float] = field(default_factory=dict)
    rights: dict[int, float] = field(default_factory=dict)
    beside: set[int] = field(default_factory=set)
    issuer: float = 0.0
    issuer_rights: float = 0.0

    @property
    def told(self) -> bool:
        """Whether any sentence tells of rights given or money paid."""
        return bool(self.issuer) or any(self.taking.values())

    def of(self, organisation: Organisation, *, alone: bool) -> tuple[float, float]:
        """(all, of rights) for one organisation; ``alone``: whether it is the only other party, so that what the
        issuer takes, it gives.
        """
        key = id(organisation)
        own, rights = self.taking.get(key, 0.0), self.rights.get(key, 0.0)
        if alone or all(abs(told) < 1 for told in (own, *self.taking.values())):
            own, rights = own - self.issuer, rights - self.issuer_rights
        return own, rights

    def _say(self, organisation: Organisation, weight: float, *, rights: bool) -> None:
        if organisation.issuer:
            self.issuer += weight
            self.issuer_rights += weight if rights else 0.0
            return
        key = id(organisation)
        self.taking[key] = self.taking.get(key, 0.0) + weight
        if rights:
            self.rights[key] = self.rights.get(key, 0.0) + weight


class DirectionReader:
    """Reads who gives rights and who takes them, by the words of ``lexicons/direction_words.tsv``: a column ``word`` (lower case,
    ``*`` at its end for whatever follows) and one ``class``, which ``rules/labels.toml`` explains.

    >>> from nlp.rulebook import default_rulebook
    >>> DirectionReader(default_rulebook()).deed("granted")
    'give'
    """

    def __init__(self, rulebook: Rulebook) -> None:
        words: dict[str, list[str]] = {}
        self._deeds: dict[str, str] = {}
        for number, row in enumerate(rulebook.lexicon(_TABLE), 2):
            word, kind = row["word"], row["class"]
            where = f"{_TABLE}.tsv, line {number}"
            if not _WORD.fullmatch(word):
                raise RuleError(f"{where}: {word!r}; write words in lower case, a * only at their end")
            if kind in _VERBS and (word.endswith("*") or self._deeds.setdefault(word, kind) != kind):
                raise RuleError(f"{where}: {word!r}; a verb is written out, form by form, and has one class")
            words.setdefault(kind, []).append(word)
        if missing := (_VERBS | _OTHERS) - set(words):
            raise RuleError(f"{_TABLE}.tsv: no word of class {', '.join(sorted(missing))}; each needs one")
        self._verb = compile_pattern(rf"(?i)\b{one_of(self._deeds)}")
        rights, money = one_of(words["rights"]), one_of(words["money"])
        # what is given or taken: rights (first group) or money; a right of first refusal is neither
        self._object = compile_pattern(
            rf"(?i)\b{one_of(words['neither'])}|\b({rights})|\b({money}|{_SUM})|({_SIGN})"
        )
        # sentences without any of these tell of no rights and no money
        self._cue = compile_pattern(
            rf"(?i)\b(?:{rights}|{money}|{one_of([*words['license'], *words['cue']])}|{_SUM})|{_SIGN}"
        )
        # of rights that go back, the other way round is true
        self._back = compile_pattern(rf"(?i)\b{one_of(words['back'])}")
        self._tasks = compile_pattern(rf"(?i)\b{one_of(words['task'])}")

    def deed(self, verb: str) -> str:
        """What the subject of a verb does, as it is classed; empty for other words."""
        return self._deeds.get(verb, "")

    def read(self, sentences: Iterable[Masked]) -> Directions:
        """What the masked sentences of a headline and lead say; of rights that go back, nothing is read."""
        found = Directions()
        number = 0
        for masked in sentences:
            if not masked.slots:
                continue
            number += 1
            text: str | bytes = masked.text.encode() if masked.text.isascii() else masked.text
            if number <= _TOP and self._goes_back(text):
                return Directions()
            if self._cue.search(text) and not self._goes_back(text):
                self._read(masked, text, found)
        return found

    def _goes_back(self, text: str | bytes) -> bool:
        return self._back.search(text) is not None and not _IN_RETURN.search(text)

    def _read(self, masked: Masked, read: str | bytes, found: Directions) -> None:
        text = masked.text
        objects = [(m.start(), m.lastindex) for m in self._object.finditer(read)]
        ends = [match.start() for match in _CLAUSE_END.finditer(text)]
        paid = False
        for match in self._verb.finditer(read):
            start, end = match.span()
            deed = self._deeds.get(text[start:end].lower(), "")
            stop = end + _REACH
            for place in ends:
                if place >= end:
                    stop = min(place, stop)
                    break
            if deed == "work":
                self._work(masked, found, start, text[end:stop], read[start:stop])
                continue
            paid = paid or deed in ("pay", "receive")
            told: tuple[int, bool] | None = None
            for place, kind in objects:
                if place >= end:
                    told = (place - end, kind == 1) if kind and place < stop else None
                    break
            if told is not None or deed == "license":
                _weigh(masked, found, deed, start, end, text[end:stop], told)
            elif deed == "give" and any(start - _NEAR <= o < start for o, kind in objects if kind):
                _weigh(masked, found, deed, start, end, text[end:stop], None)
        told_of = not paid and any(kind == 2 for _, kind in objects)
        for match in _PAYMENT.finditer(text) if told_of else ():
            for organisation in [o for s, _, o in masked.slots if s == match.start("name")]:
                found._say(organisation, -1.0 if match["way"] == "to" else 1.0, rights=False)

    def _work(self, masked: Masked, found: Directions, start: int, after: str, clause: str | bytes) -> None:
        """Who develops or sells in some part of the world has, as a rule, the rights there."""
        if _NOT.search(masked.text, max(0, start - 12), start):
            return
        subject, weight = _subject(masked, start)
        if subject and self._tasks.search(clause) and _AREA.search(after):
            for organisation in subject:
                found._say(organisation, 0.5 * weight, rights=False)


def _weigh(
    masked: Masked,
    found: Directions,
    deed: str,
    start: int,
    end: int,
    after: str,
    told: tuple[int, bool] | None,
) -> None:
    """Count what one verb says. ``deed``: what its subject does; ``after``: the rest of the clause; ``told``: how
    far behind the verb its object stands, and whether that is a right.
    """
    text = masked.text
    contract = deed == "give" and _BY_CONTRACT.search(text, max(0, start - 40), start) is not None
    if _NOT.search(text, max(0, start - 12), start) or (
        deed in ("give", "license") and not contract and _AS_NOUN.search(text, max(0, start - 16), start)
    ):
        return
    passive = bool(_PASSIVE.search(text, max(0, start - 24), start))
    subject, weight = _subject(masked, start)

    def named(pattern: re.Pattern[str], *, at_once: bool = False) -> list[Organisation]:
        match = pattern.match(after) if at_once else pattern.search(after)
        if match is None:
            return []
        place = end + match.start("name")
        return [o for s, _, o in masked.slots if s == place]

    if any(o.issuer for o in subject):
        found.beside.update(id(o) for o in subject if not o.issuer)

    def say(organisations: Iterable[Organisation], amount: float, *, rights: bool = True) -> None:
        for organisation in organisations:
            found._say(organisation, amount, rights=rights)

    if deed == "license":
        if _AGREEMENT.match(after):
            return
        if text[max(0, start - 1) : start] == "-" or not (subject or passive):
            return
        if passive:
            say(named(_ON_TO), 1.0)
            say(named(_FROM), -1.0)
            return
        if to := named(_ON_TO):
            say(to, 1.0)
            say(subject, -weight)
        elif source := named(_FROM) or named(_WHOSE):
            say(source, -1.0)
            say(subject, weight)
        elif told is not None and told[1] and _RIGHTS_TO.match(after):
            say(subject, weight)  # "ORG will license exclusive rights to a series of compounds"
        return
    if deed == "give" and not passive and (giver := named(_PASSED_BY, at_once=True)):
        say(giver, -1.0)  # "the license granted by ORG"
        return
    if told is None:
        if passive:
            say(named(_ON_TO), 1.0)  # "rights are assigned to ORG"
            say(named(_BY), -1.0)
        return
    reach, rights = told
    if deed == "give":
        if not rights or reach > _NEAR:
            return
        to = named(_TO_WHOM, at_once=True) or named(_ON_TO)
        say(to, 1.0)
        if passive:
            say(named(_BY), -1.0)
            if not to:
                say(subject, weight)
        else:
            given = set(map(id, to))
            say([o for o in subject if id(o) not in given], -weight)
    elif passive:
        return
    elif deed == "take" or (deed == "receive" and rights):
        if rights:
            say(subject, weight)
            say(named(_FROM), -1.0)
    elif deed == "receive":
        say(subject, -weight, rights=False)
        say(named(_FROM), 1.0, rights=False)
    elif deed == "pay":
        if not rights:
            say(subject, weight, rights=False)
            say(named(_TO_WHOM, at_once=True) or named(_ON_TO), -1.0, rights=False)
    elif deed == "keep":
        if rights:  # who keeps rights gives the others; an option is kept by who takes
            kept = 0.5 if after[reach : reach + 6].lower() == "option" else -0.5
            say(subject, kept * weight)
    elif deed == "hold" and rights and reach < 40 and _HELD.match(after):
        say(subject, weight)


def _subject(masked: Masked, verb: int) -> tuple[list[Organisation], float]:
    """Who does what the verb at ``verb`` says, and how surely (1, or 0.5 where other words stand between)."""
    text = masked.text
    for start, end, _ in reversed(masked.slots):
        if end > verb or verb - end > _BEFORE:
            continue
        if text.startswith("'s", end) or _HANGING.search(text, max(0, start - 12), start):
            continue
        between = text[end:verb]
        if _AUXILIARY.fullmatch(between):
            return _joined(masked, start), 1.0
        if any(mark in between for mark in ";:"):
            return [], 0.0
        return _joined(masked, start), 0.5
    return [], 0.0


def _joined(masked: Masked, start: int) -> list[Organisation]:
    """Who is named at ``start``, and the issuer where it stands before it ("ISSUER and ORG will")."""
    named = [o for s, _, o in masked.slots if s == start]
    before = masked.text.endswith((" and ", " & "), 0, start) and masked.text.rfind(" ", 0, start - 1)
    if before and not any(o.issuer for o in named):
        named += [o for s, e, o in masked.slots if o.issuer and e == before]
    return named
