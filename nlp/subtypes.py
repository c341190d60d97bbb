"""Finer kinds of an event, the outcome of a trial, and where an 8-K's items and its text disagree.

Rules decide, and rules are data (``nlp/resources/rules/subtypes.jsonl``, ``outcomes.jsonl``). The label of a
subtype rule is ``zone:subtype``. Zones, in the order they are asked:

- ``headline``: found in the headline or subheadline, the subtype holds.
- ``lead``: the same, in headline, subheadline or first paragraph.
- ``body``: the same, in these and the first paragraphs after them; for findings that are unmistakable.
- ``without``: found in headline or lead, it takes the subtype away again (a decision outranks the filing
  that it
  answers),
- ``keep``: unless this one, found in the headline, says that it stands all the same.
- ``payee``: tells licence given from licence taken by who is paid (or pays): the issuer, or the other side.
- ``support``: asked only when the event has no subtype yet; reads on into the body.
- ``else``: what remains when nothing else spoke.

Patterns see the sentences of a zone joined by semicolons, white space collapsed: ``[^;]`` stays in a
sentence.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, Literal

from nlp.errors import Notice, RuleError
from nlp.release import Release, SectionKind
from nlp.rulebook import PatternSet, Rulebook, compile_pattern, default_rulebook

__all__ = ["TrialOutcome", "directed", "find_subtypes", "item_disagreement", "trial_outcome"]

TrialOutcome = Literal["met", "missed", "mixed", "not_stated"]

_ZONES = ("headline", "lead", "body", "without", "keep", "payee", "support", "else")
_LEAD_CHARACTERS = 900  # a lead paragraph is rarely longer; a lead that swallowed the body must not decide
_BODY_CHARACTERS = 1500  # unmistakable findings come early
_SUPPORT_CHARACTERS = 4000  # support comes from the opening of the body, before recaps and outlook
_OUTCOME_SENTENCES = 40  # the outcome stands in the first paragraphs; later ones recount other trials
_OVERALL_SENTENCES = 8  # "significantly" soon speaks of a subgroup or of a rival
_OTHER_SIDE = {"licensing.out": "licensing.in", "licensing.in": "licensing.out"}
_OF_ROLE = {"licensee": "licensing.out", "licensor": "licensing.in"}
_RIGHTS = PatternSet([r"(?i)\blicen[cs]|\brights\b"])  # without these a payment is no sign of a licence


def find_subtypes(
    release: Release, events: Sequence[str], *, rulebook: Rulebook | None = None
) -> dict[str, tuple[str, ...]]:
    """Subtypes of each of these events, in the order of the taxonomy; an event without one maps to ``()``.

    ``events``: accepted event types; one that the taxonomy does not know, or that has no subtypes, maps to
    ``()``.

    >>> from nlp.release import read_release
    >>> text = "Acme Prices $5 Million Registered Direct Offering\\n\\nBOSTON, May 2, 2023 -- It did so."
    >>> find_subtypes(read_release(text), ["financing"])
    {'financing': ('financing.registered_direct',)}
    """
    book = rulebook or default_rulebook()
    known = {event.id: event.subtypes for event in book.event_types}
    if not any(known.get(event) for event in events):
        return dict.fromkeys(events, ())
    rules = _subtype_rules(book)
    headline, lead, body = _zones(release)
    texts = {"headline": headline, "lead": lead, "body": body[: len(lead) + _BODY_CHARACTERS]}
    found: dict[str, tuple[str, ...]] = {}
    for event in events:
        subtypes = known.get(event, ())
        barred = rules.found("without", event, lead)
        if barred:
            barred -= rules.found("keep", event, headline)
        held = {s for zone in texts for s in rules.found(zone, event, texts[zone])} - barred
        if (
            not held & _OTHER_SIDE.keys()
            and not _OTHER_SIDE.keys().isdisjoint(subtypes)
            and _RIGHTS.match(lead)
        ):
            held |= _directions(rules, headline, lead) - barred
        for zone in ("support", "else"):
            held = held or rules.found(zone, event, body) - barred
        found[event] = tuple(s for s in subtypes if s in held)
    return found


def directed(subtypes: tuple[str, ...], roles: Collection[str]) -> tuple[str, ...]:
    """``subtypes`` of a licence, turned round where they say one way and the counterparties' ``roles`` only the other.

    The roles are told by the grammar of the sentence that names the party, a subtype by words that may be another's.

    >>> directed(("licensing.in", "licensing.milestone"), {"licensee"})
    ('licensing.out', 'licensing.milestone')
    >>> directed(("licensing.in",), {"licensee", "licensor"})
    ('licensing.in',)
    """
    told = {_OF_ROLE[role] for role in roles if role in _OF_ROLE}
    held = _OTHER_SIDE.keys() & set(subtypes)
    if len(told) != 1 or len(held) != 1 or told == held:
        return subtypes
    return tuple(_OTHER_SIDE.get(subtype, subtype) for subtype in subtypes)


class _SubtypeRules:
    """Patterns by zone and event, compiled when first asked for. Raises ``RuleError`` for a label that names
    neither."""

    def __init__(self, book: Rulebook) -> None:
        owner = {subtype: event.id for event in book.event_types for subtype in event.subtypes}
        self._rules: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self._compiled: dict[tuple[str, str], PatternSet] = {}
        for rule in book.rules("subtypes"):
            zone, _, subtype = rule.label.partition(":")
            if zone not in _ZONES or subtype not in owner:
                raise RuleError(
                    f"{rule.where}: rule {rule.id!r} has the label {rule.label!r}; "
                    f"needs zone:subtype, the zone one of {', '.join(_ZONES)}"
                )
            self._rules.setdefault((zone, owner[subtype]), []).append((subtype, rule.pattern))
        self.payees = [
            (subtype, compile_pattern(pattern))
            for (zone, _), patterns in self._rules.items()
            if zone == "payee"
            for subtype, pattern in patterns
            if subtype in _OTHER_SIDE
        ]

    def found(self, zone: str, event: str, text: str) -> set[str]:
        """The subtypes of ``event`` that a pattern of this zone finds in ``text``."""
        rules = self._rules.get((zone, event))
        if rules is None:
            return set()
        if (zone, event) not in self._compiled:
            self._compiled[zone, event] = PatternSet(pattern for _, pattern in rules)
        return {rules[i][0] for i in self._compiled[zone, event].match(text)}


@cache
def _subtype_rules(book: Rulebook) -> _SubtypeRules:
    return _SubtypeRules(book)


def _directions(rules: _SubtypeRules, headline: str, lead: str) -> set[str]:
    """Which way a licence goes, by the first word of who is paid or pays; the issuer opens the headline."""
    issuer = headline.split(" ", 1)[0].strip("’'s,").casefold()
    directions: set[str] = set()
    for subtype, pattern in rules.payees:
        if match := pattern.search(lead):
            who = match.group("who").strip("’'s,").casefold()
            directions.add(subtype if who in (issuer, "company", "we") else _OTHER_SIDE[subtype])
    return directions if len(directions) == 1 else set()


def _zones(release: Release) -> tuple[str, str, str]:
    """Headline with subheadline; these and the lead; these and the opening of the body."""
    head = " ; ".join(_sentences(release, "headline", "subheadline"))
    lead = _opening(release, _LEAD_CHARACTERS, "lead", "dateline")
    body = _opening(release, _LEAD_CHARACTERS + _SUPPORT_CHARACTERS, "body")
    if not lead:
        lead, body = body[:_LEAD_CHARACTERS], body[_LEAD_CHARACTERS:]
    both = f"{head} ; {lead}"
    return head, both, f"{both} ; {body[:_SUPPORT_CHARACTERS]}"


def _opening(release: Release, characters: int, *kinds: SectionKind) -> str:
    """So many characters of the sentences, joined; a body is long, and only its opening is read."""
    parts: list[str] = []
    size = 0
    for span in release.sentences(*kinds):
        parts.append(" ".join(span.of(release.text).split()))
        size += len(parts[-1]) + len(" ; ")
        if size > characters + len(" ; "):
            break
    return " ; ".join(parts)[:characters]


def _sentences(release: Release, *kinds: SectionKind, most: int | None = None) -> list[str]:
    return [" ".join(span.of(release.text).split()) for span in release.sentences(*kinds)[:most]]


def trial_outcome(release: Release, *, rulebook: Rulebook | None = None) -> TrialOutcome:
    """What a results release says of its trial: ``met``, ``missed``, ``mixed`` or ``not_stated``.

    The primary endpoint decides: met with a missed secondary is ``met``. ``mixed``: co-primary endpoints,
    or the
    trials of one release, that came out differently. Without a word on the primary endpoint, a plain
    statement of
    significance or superiority counts (``significantly reduced``, ``no better than placebo``). Favourable
    adjectives, response rates without a comparison and safety alone are ``not_stated``. Headline and lead
    are asked
    before the body, since the body also recounts earlier trials. Meant for releases tagged ``trial.results``.

    >>> from nlp.release import read_release
    >>> text = "Acme Reports Data\\n\\nIt met its primary endpoint but missed a key secondary endpoint."
    >>> trial_outcome(read_release(text))
    'met'
    """
    rules = _outcome_rules(rulebook or default_rulebook())
    opening = _sentences(release, "headline", "subheadline", "lead", "dateline")
    body = _sentences(release, "body", most=_OUTCOME_SENTENCES)
    for level, recount in (("primary", body), ("overall", body[:_OVERALL_SENTENCES])):
        for sentences in (opening, recount):
            said = {verdict for sentence in sentences for verdict in _verdicts(rules, level, sentence)}
            if said:
                return said.pop() if len(said) == 1 else "mixed"
    return "not_stated"


def _verdicts(rules: dict[str, tuple[Any, ...]], level: str, sentence: str) -> set[TrialOutcome]:
    """What one sentence says. A miss is blanked once read, so that ``not met`` is not also read as met."""
    if "secondary" in sentence:
        for pattern in rules.get("secondary:aside", ()):
            sentence = pattern.sub(" ; ", sentence)
    if any(pattern.search(sentence) for pattern in rules.get(f"{level}:mixed", ())):
        return {"mixed"}
    said: set[TrialOutcome] = set()
    for pattern in rules.get(f"{level}:missed", ()):
        if pattern.search(sentence):
            said.add("missed")
            sentence = pattern.sub(" ; ", sentence)
    if any(pattern.search(sentence) for pattern in rules.get(f"{level}:met", ())):
        said.add("met")
    return said


@cache
def _outcome_rules(book: Rulebook) -> dict[str, tuple[Any, ...]]:
    known = [f"primary:{said}" for said in ("met", "missed", "mixed")]
    known += ["overall:met", "overall:missed", "secondary:aside"]
    grouped: dict[str, list[Any]] = {}
    for rule in book.rules("outcomes"):
        if rule.label not in known:
            raise RuleError(
                f"{rule.where}: rule {rule.id!r} has the label {rule.label!r}; known are {', '.join(known)}"
            )
        grouped.setdefault(rule.label, []).append(compile_pattern(rule.pattern))
    return {key: tuple(patterns) for key, patterns in grouped.items()}


# Items of Form 8-K (since August 2004) that tell what kind of event is filed, and the events they carry.
# 1.01 and
# 1.02 are agreements of any kind, 2.03 debt, 3.02 unregistered equity, 3.01 listing. 7.01 and 8.01 tell
# nothing.
_ITEM_EVENTS: dict[str, frozenset[str]] = {
    "1.01": frozenset({"licensing", "financing", "acquisition", "management", "other"}),
    "1.02": frozenset({"licensing", "financing", "acquisition", "management", "other"}),
    "1.03": frozenset({"other", "financing"}),
    "2.01": frozenset({"acquisition", "licensing"}),
    "2.02": frozenset({"earnings"}),
    "2.03": frozenset({"financing"}),
    "3.01": frozenset({"other", "acquisition"}),
    "3.02": frozenset({"financing", "licensing", "acquisition"}),
    "5.01": frozenset({"acquisition"}),
    "5.02": frozenset({"management"}),
}
_OPEN_ITEMS = frozenset({"7.01", "8.01"})
_EXHIBITS_ITEM = "9.01"
# Where an event of the text would be filed. Financing is left out: offerings are rightly filed under 8.01.
_EXPECTED_ITEM = {
    "licensing": "1.01",
    "acquisition": "1.01 or 2.01",
    "earnings": "2.02",
    "management": "5.02",
}


def item_disagreement(items: Sequence[str], events: Sequence[str]) -> Notice | None:
    """Say where the items of the 8-K and the events of its press release clearly disagree; ``None`` if they
    don't.

    ``items``: numbers as in the header (``8.01``); ``events``: accepted event types. Two cases are clear
    enough:

    - ``item-expected``: filed under 7.01 or 8.01 alone, while every event of the text has an item of its own.
    - ``item-not-reflected``: every item names a kind of event, and the text reports none of these.

    Anything between is silent: one filing may carry several events and the release only one of them, and
    items
    without a kind (7.01, 8.01) may hold anything. Numbers before August 2004 (``5``, ``9``, ``12``) and
    items not in
    the table are not compared.

    >>> item_disagreement(["8.01", "9.01"], ["licensing"]).code
    'item-expected'
    >>> item_disagreement(["1.01", "9.01"], ["licensing"]) is None
    True
    """
    told = {item.strip() for item in items} - {_EXHIBITS_ITEM}
    if not told or not events or not told <= _OPEN_ITEMS | _ITEM_EVENTS.keys():
        return None
    numbers, read = " and ".join(sorted(told)), " and ".join(events)
    if told <= _OPEN_ITEMS:
        if all(event in _EXPECTED_ITEM for event in events):
            wanted = " and ".join(f"Item {_EXPECTED_ITEM[event]} ({event})" for event in events)
            seen = f"filed under Item {numbers}, but the text reads like {read}"
            return Notice("item-expected", f"{seen}; one would expect {wanted}")
        return None
    if told & _OPEN_ITEMS or any(_ITEM_EVENTS[item] & set(events) for item in told):
        return None
    covered = ", ".join(sorted(set().union(*(_ITEM_EVENTS[item] for item in told))))
    seen = f"filed under Item {numbers} ({covered}), but the text reads like {read}"
    return Notice("item-not-reflected", seen)
