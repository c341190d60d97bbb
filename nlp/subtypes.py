"""Finer kinds of an event, the outcome of a trial, and where an 8-K's items and its text disagree.

Rules decide, and rules are data (``nlp/resources/rules/subtypes.jsonl``, ``outcomes.jsonl``). The label of a subtype rule is
``zone:subtype``; zones, in the order they are asked:

- ``headline``: found in the headline or subheadline, the subtype holds.
- ``lead``: the same, in headline, subheadline or the first paragraph.
- ``without``: found there, it takes the subtype away again (a decision outranks the filing it answers), unless a
- ``keep`` rule finds in the headline what stands all the same.
- ``support``: asked only when the event has no subtype yet; reads on into the body.
- ``else``: what remains when nothing else spoke.

Patterns see the sentences of a zone joined by semicolons, white space collapsed; ``[^;]`` therefore stays within a sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from nlp.errors import Notice, RuleError
from nlp.release import Release
from nlp.rulebook import Rulebook, compile_pattern, default_rulebook

__all__ = ["TrialOutcome", "find_subtypes", "item_disagreement", "trial_outcome"]

TrialOutcome = Literal["met", "missed", "mixed", "not_stated"]

_ZONES = ("headline", "lead", "without", "keep", "support", "else")
_LEAD_CHARACTERS = 900  # a lead paragraph is rarely longer; a lead that swallowed the body must not decide
_BODY_CHARACTERS = 4000  # support comes from the opening of the body, before recaps and outlook


def find_subtypes(release: Release, events: Sequence[str], *, rulebook: Rulebook | None = None) -> dict[str, tuple[str, ...]]:
    """Subtypes of each of these events, in the order of the taxonomy; an event without one maps to ``()``.

    ``events``: accepted event types. Types that the taxonomy does not know, or that have no subtypes, map to ``()``.

    >>> from nlp.release import read_release
    >>> release = read_release("Acme Prices $5 Million Registered Direct Offering\\n\\nBOSTON, May 2, 2023 -- Acme Bio priced it today.")
    >>> find_subtypes(release, ["financing"])
    {'financing': ('financing.registered_direct',)}
    """
    book = rulebook or default_rulebook()
    known = {event.id: event.subtypes for event in book.event_types}
    rules = _subtype_rules(book)
    headline, lead, body = _zones(release)
    found: dict[str, tuple[str, ...]] = {}
    for event in events:
        subtypes = known.get(event, ())
        held = {s for s in subtypes if _any(rules, "headline", s, headline) or _any(rules, "lead", s, lead)}
        held -= {s for s in held if _any(rules, "without", s, lead) and not _any(rules, "keep", s, headline)}
        for zone, text in (("support", body), ("else", body)):
            held = held or {s for s in subtypes if _any(rules, zone, s, text) and not _any(rules, "without", s, lead)}
        found[event] = tuple(s for s in subtypes if s in held)
    return found


def _any(rules: dict[tuple[str, str], tuple[Any, ...]], zone: str, subtype: str, text: str) -> bool:
    return any(pattern.search(text) for pattern in rules.get((zone, subtype), ()))


@cache
def _subtype_rules(book: Rulebook) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Compiled patterns by zone and subtype. Raises ``RuleError`` for a label that names neither."""
    known = {subtype for event in book.event_types for subtype in event.subtypes}
    grouped: dict[tuple[str, str], list[Any]] = {}
    for rule in book.rules("subtypes"):
        zone, _, subtype = rule.label.partition(":")
        if zone not in _ZONES or subtype not in known:
            raise RuleError(f"subtypes.jsonl: rule {rule.id!r} has the label {rule.label!r}; needs zone:subtype, zone one of {', '.join(_ZONES)}")
        grouped.setdefault((zone, subtype), []).append(compile_pattern(rule.pattern))
    return {key: tuple(patterns) for key, patterns in grouped.items()}


def _zones(release: Release) -> tuple[str, str, str]:
    """Headline with subheadline; these and the lead; these and the opening of the body: sentences joined by semicolons."""
    head = _joined(release, "headline", "subheadline")
    lead = _joined(release, "lead", "dateline")[:_LEAD_CHARACTERS]
    body = _joined(release, "body")
    if not lead:
        lead, body = body[:_LEAD_CHARACTERS], body[_LEAD_CHARACTERS:]
    both = f"{head} ; {lead}"
    return head, both, f"{both} ; {body[:_BODY_CHARACTERS]}"


def _joined(release: Release, *kinds: Any) -> str:
    return " ; ".join(" ".join(span.of(release.text).split()) for span in release.sentences(*kinds))


def trial_outcome(release: Release) -> TrialOutcome:
    """Placeholder until the outcome rules are in."""
    return "not_stated"


def item_disagreement(items: Sequence[str], events: Sequence[str]) -> Notice | None:
    """Placeholder until the item table is in."""
    return None
