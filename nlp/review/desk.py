"""The state of a review: which release is on the desk, what a key does to it. No files, no terminal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from nlp.errors import InputError

__all__ = ["Decision", "Desk", "Item", "Step", "in_doubt"]

# Notices that say that the 8-K's items and the text's events disagree (see subtypes).
_DISAGREEMENT = ("item-expected", "item-not-reflected")
# Events that the rule layer nearly always finds something of. In company-disjoint folds over the training companies
# a licensing tag without a party was wrong 8 times in 28 (with one: 8 in 124), a financing, trial or regulatory tag
# with neither a party nor a term 13 times in 90 (with one: 23 in 546).
_WITH_PARTY = frozenset({"licensing"})
_WITH_TERMS = frozenset({"financing", "trial", "regulatory"})
Outcome = Literal["decided", "undone", "skipped", "choosing", "quit", "refused"]


@dataclass(frozen=True, slots=True)
class Item:
    """A release in doubt: its record, why it is in doubt, and the digest of the text that is judged.

    >>> from nlp.review import Item
    >>> record = {"release_id": "acme-1", "text": "News", "events": [{"type": "trial", "accepted": True}]}
    >>> item = Item(record, ("the model is in doubt",))
    >>> item.id, item.tagged
    ('acme-1', ('trial',))
    """

    record: Mapping[str, Any]
    reasons: tuple[str, ...]

    @property
    def id(self) -> str:
        return str(self.record["release_id"])

    @property
    def text_sha256(self) -> str:
        return hashlib.sha256(self.record["text"].encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def tagged(self) -> tuple[str, ...]:
        """The events that the model tagged, strongest first."""
        return tuple(event["type"] for event in self.record["events"] if event["accepted"])


@dataclass(frozen=True, slots=True)
class Decision:
    """One release, decided: its events, the primary one first among them.

    >>> from nlp.review import Decision, Item
    >>> item = Item({"release_id": "acme-1", "text": "News", "events": []}, ("the model is in doubt",))
    >>> Decision(item, ("licensing", "trial")).primary
    'licensing'
    """

    item: Item
    events: tuple[str, ...]

    @property
    def primary(self) -> str:
        return self.events[0]


@dataclass(frozen=True, slots=True)
class Step:
    """What a key did; ``decision`` where one was taken, ``message`` where a person should know more."""

    outcome: Outcome
    message: str = ""
    decision: Decision | None = None


def in_doubt(records: Iterable[Mapping[str, Any]]) -> tuple[Item, ...]:
    """The releases a person should see, in the order of the records, each with its reasons.

    In doubt is what the model sent to review, what its 8-K items contradict, and what the model tagged while the
    rules found nothing of it. Raises ``InputError`` where the results hold no text: nobody could judge, and nothing
    could be learned from the label.

    >>> from nlp.review import in_doubt
    >>> told = {"events": [], "warnings": [], "counterparties": [], "terms": [], "text": "News"}
    >>> records = [{"release_id": "acme-1", "status": "ok"} | told, {"release_id": "acme-2", "status": "review"} | told]
    >>> [(item.id, item.reasons) for item in in_doubt(records)]
    [('acme-2', ('the model is in doubt',))]
    """
    items = []
    for record in records:
        reasons = ["the model is in doubt"] if record["status"] == "review" else []
        if record["status"] in ("ok", "review"):
            reasons += [w["message"] for w in record["warnings"] if w["code"] in _DISAGREEMENT]
            reasons += _against_rules(record)
        if not reasons:
            continue
        if not record.get("text"):
            raise InputError(
                f"{record['release_id']}: the results hold no text; score again with --with-text --overwrite",
                code="no-text",
            )
        items.append(Item(record, tuple(reasons)))
    return tuple(items)


def _against_rules(record: Mapping[str, Any]) -> list[str]:
    """Why the rule layer doubts what the model tagged, one sentence an event."""
    tagged = [event["type"] for event in record["events"] if event["accepted"]]
    parties, terms = record["counterparties"], record["terms"]
    silent = [event for event in tagged if event in _WITH_PARTY and not parties]
    empty = [event for event in tagged if event in _WITH_TERMS and not parties and not terms]
    return [f"tagged {event}, but the rules find no other party" for event in silent] + [
        f"tagged {event}, but the rules find neither a party nor a term of it" for event in empty
    ]


# The keys of event types, in the order of the taxonomy; letters that are commands are left out.
EVENT_KEYS = "1234567890bcdefghijklmnop"


@dataclass(slots=True)
class Desk:
    """Walks ``items``; ``press`` takes one key. ``event_types`` are chosen by ``EVENT_KEYS``: 1 to 9, 0 for the tenth,
    then letters.

    Keys: a accept what is tagged, r (or a digit) choose other events, s skip, u undo, q quit; while choosing, the keys of
    events toggle, the first chosen is primary, Enter decides, Escape goes back.

    >>> from nlp.review import Desk, Item
    >>> item = Item({"release_id": "acme-1", "text": "News", "events": []}, ("the model is in doubt",))
    >>> desk = Desk([item], ["licensing", "trial"])
    >>> [desk.press(key).outcome for key in ("r", "2", "\\r")], desk.item
    (['choosing', 'choosing', 'decided'], None)
    """

    items: Sequence[Item]
    event_types: Sequence[str]
    position: int = 0
    choosing: bool = False
    chosen: list[str] = field(default_factory=list)
    _taken: list[tuple[int, bool]] = field(default_factory=list)  # position, and whether it was decided there

    @property
    def item(self) -> Item | None:
        """The release on the desk; ``None`` when all were seen."""
        return self.items[self.position] if self.position < len(self.items) else None

    def press(self, key: str) -> Step:
        """What ``key`` does. Where a decision is undone, its ``decision`` has no events to keep."""
        item = self.item
        if key in ("q", "\x03", "\x04", ""):
            return Step("quit")
        if item is None:
            return self._undo() if key == "u" else Step("quit")
        if key.isdecimal() and key.isascii():
            return self._toggle(key)
        if self.choosing:
            return self._choose(item, key)
        if key == "a":
            if not item.tagged:
                return Step("refused", "the model tagged nothing; press r and choose the events")
            return self._decide(item, item.tagged)
        if key == "r":
            self.choosing, self.chosen = True, []
            return Step("choosing")
        if key == "s":
            self._next(decided=False)
            return Step("skipped")
        if key == "u":
            return self._undo()
        return Step("refused", "keys: a accept, r choose events, s skip, u undo, q quit")

    @property
    def keys(self) -> dict[str, str]:
        """The event type of each key."""
        return dict(zip(EVENT_KEYS, self.event_types, strict=False))

    def _toggle(self, key: str) -> Step:
        event = self.keys.get(key)
        if event is None:
            return Step("refused", f"{key} chooses nothing; events: {' '.join(self.keys)}")
        self.choosing = True
        self.chosen.remove(event) if event in self.chosen else self.chosen.append(event)
        return Step("choosing")

    def _choose(self, item: Item, key: str) -> Step:
        if key in ("\r", "\n"):
            if not self.chosen:
                return Step("refused", "choose at least one event; 'other' is one")
            return self._decide(item, tuple(self.chosen))
        if key in ("\x1b", "r", "u"):
            self.choosing, self.chosen = False, []
            return Step("choosing")
        if key in self.keys:
            return self._toggle(key)
        return Step("refused", f"{' '.join(self.keys)} toggle events, Enter decides, Escape goes back")

    def _decide(self, item: Item, events: tuple[str, ...]) -> Step:
        self._next(decided=True)
        return Step("decided", decision=Decision(item, events))

    def _next(self, *, decided: bool) -> None:
        self._taken.append((self.position, decided))
        self.position += 1
        self.choosing, self.chosen = False, []

    def _undo(self) -> Step:
        if not self._taken:
            return Step("refused", "nothing to undo in this review")
        self.position, decided = self._taken.pop()
        if not decided:
            return Step("skipped")
        return Step("undone", decision=Decision(self.items[self.position], ()))
