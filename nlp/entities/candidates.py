"""What speaks for and against an organisation's being a counterparty: features of each candidate of a release.

A feature is a short string: ``r:financing.led-by`` (a rule spoke for it), ``p:with`` (a word before its name),
``k:bank`` (its kind), ``z:headline`` (where it stands), ``e:licensing`` (an event of the release). Their weights are
learned (``nlp.training.counterparty_fit``) and lie, readable, in ``nlp/resources/lexicons/counterparty_weights.tsv``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from nlp.entities.registry import Organisation
from nlp.entities.roles import Masked
from nlp.errors import RuleError
from nlp.rulebook import Rulebook

__all__ = [
    "Candidate",
    "Scorer",
    "Vote",
    "announces",
    "candidate_features",
    "places_of",
    "release_features",
]

_WORD = re.compile(r"[A-Za-z][\w-]*|[,;:()$%]")
_ASCII_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*+|[,;:()$%]")  # the same, faster where all is ASCII
_SAYS = re.compile(r"\b(?:announc\w+|report(?:s|ed)|said|disclosed)\b")
_TELLS = re.compile(
    r"\b(?:announce[sd]?|said|reported|disclosed|(?:has|have) (?:entered|signed|agreed|acquired|licensed|received|closed|completed|selected|granted)"
    r"|entered into|signed|inked)\b"
)
# a year that is told, not the date of the release: what stands beside it is as a rule history
_YEAR = re.compile(r"\b(?:in|since|during|of) (?:early |late |mid-|[A-Z][a-z]{2,8} )?(?:19|20)\d\d\b")
_YEAR_BEFORE, _YEAR_AFTER = 90, 60  # characters on either side of a name
_DEAL = re.compile(r"[a-z][a-z-]{3,}")
_BEFORE, _AFTER = 5, 4  # words read on either side of a name
_FAR = 160  # characters read for what a name hangs on
_LINKS = frozenset(
    [
        "with",
        "from",
        "by",
        "to",
        "between",
        "and",
        "of",
        "for",
        "through",
        "at",
        "in",
        "via",
        "as",
        "including",
        "or",
        "like",
        "against",
        "under",
    ]
)
_SLOTS = 3  # places of a name whose surroundings are read


class Vote(NamedTuple):
    """A rule that spoke for an organisation. A smaller ``rank`` is a more specific rule."""

    rank: int
    role: str
    rule: str
    zone: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """An organisation that may be a counterparty: its role as settled, and its features."""

    organisation: Organisation
    decision: Vote
    features: frozenset[str]


class Scorer:
    """Weighs the features of a candidate: a logistic regression whose weights are a table of the rulebook.

    Two rows are not features: ``(bias)`` and ``(threshold)``, the probability from which a candidate is taken.
    ``weighed``: the rules that were there when the weights were learned, each a row ``r:`` and its id.
    """

    def __init__(self, rulebook: Rulebook) -> None:
        self._weights: dict[str, float] = {}
        for row in rulebook.lexicon("counterparty_weights"):
            try:
                weight = float(row["weight"])
            except ValueError:
                weight = math.nan
            if not math.isfinite(weight):
                raise RuleError(
                    f"counterparty_weights.tsv: {row['feature']!r} has weight {row['weight']!r}, which is no number"
                )
            self._weights[row["feature"]] = weight
        self._bias = self._weights.pop("(bias)", 0.0)
        self.threshold = self._weights.pop("(threshold)", 0.5)
        self.weighed = frozenset(name.removeprefix("r:") for name in self._weights if name.startswith("r:"))

    def probability(self, features: Iterable[str]) -> float:
        """Probability in [0, 1] that the candidate with these features is a counterparty."""
        # fsum: the sum must not hang on the order of a set
        total = self._bias + math.fsum(filter(None, map(self._weights.get, features)))
        return 1 / (1 + math.exp(-max(-40.0, min(40.0, total))))


def candidate_features(
    organisation: Organisation,
    votes: Sequence[Vote],
    asides: Iterable[str],
    decision: Vote | None,
    places: Sequence[tuple[str, Masked, int, int]],
    shared: Iterable[str],
    count: int,
    classes: Mapping[str, str],
    told: Iterable[str] = (),
) -> frozenset[str]:
    """Features of one candidate.

    ``votes``: rules that spoke for it; ``asides``: ids of rules that say it is named in passing; ``decision``: what the rules alone make of them; ``places``: (zone, masked sentence, slot start, slot end) of its name, in order of reading; ``shared``:
    features of the release (:func:`release_features`); ``count``: candidates of the release; ``told``: what the whole release says of it (``nlp.entities.evidence``).
    """
    kind, strong = f"k:{organisation.kind}", f"strong:{organisation.strong}"
    ruled = "ruled" if votes else "unruled"
    events = [f for f in shared if f.startswith("e:")]
    found = [kind, strong, f"c:{min(count, 5)}", *shared]  # a list: as a set only once it is complete
    found += [f"{kind}|{event}" for event in events]
    for rule in asides:
        found += (rule, f"{rule}|{ruled}")
    for finding in told:
        found += (finding, f"{finding}|{ruled}", *[f"{finding}|{event}" for event in events])
    if organisation.parent:
        found.append("parent")
    found.append(f"votes:{min(len({vote.rule for vote in votes}), 3)}")
    for vote in votes:
        family = vote.rule.split(".", 1)[0]
        found += (f"r:{vote.rule}", f"v:{vote.role}", f"v:{vote.role}|{vote.zone}", f"f:{family}|{vote.zone}")
        if f"e:{family}" in events:
            found.append(f"own:{family}")  # a rule of the event that is announced
    if decision is None:
        found.append("rule:none")
    else:
        found += (f"rule:{decision.role}", f"ruled:{decision.rule}")
        found += [f"rule:{decision.role}|{event}" for event in events]
    zones = {zone for zone, _, _, _ in places}
    if votes:
        best = min(votes, key=lambda v: v.rank)
        found += (f"best:{best.role}", f"best:{best.rule}")
        found += [f"best:{best.role}|{f}" for f in (kind, strong, *events)]
        found += [f"best:{best.role}|{f}" for f in shared if f.startswith("t:")]
    else:
        found += ("v:none", *[f"v:none|{event}" for event in events])
        found += [f"v:none|z:{zone}|{f}" for zone in zones for f in (kind, *events)]
    found += [f"z:{zone}" for zone in zones]
    found += ("z:" + "+".join(sorted(zones)), f"n:{min(len(places), 4)}")
    at_top = not zones.isdisjoint(("headline", "opening"))
    for zone, masked, start, end in places[:_SLOTS]:
        if at_top and zone == "lead":
            zone = "again"  # named at the top: another sentence is no background
        text = masked.text
        issuer, said, _ = _said_in(text)
        before = _words(text[max(0, start - 60) : start])[-_BEFORE:]
        after = _words(text[end : end + 50])[:_AFTER]
        found += [f"p:{word}" for word in before]
        found += [f"a:{word}" for word in after]
        found += (f"p1:{before[-1] if before else '^'}", f"a1:{after[0] if after else '$'}")
        if zone != "headline" and _YEAR.search(text, max(0, start - _YEAR_BEFORE), end + _YEAR_AFTER):
            found.append(f"year|{ruled}")
        side = "none" if issuer < 0 else "before" if issuer < start else "after"
        found += (f"i:{zone}:{side}", f"list:{text[end - 1 : end] == 'S'}")
        if said >= 0 and zone != "headline":
            found.append(f"say:{zone}:{'before' if start < said else 'after'}")
        around = _grammar(text, start, end, classes)
        found += around
        found += [f"{zone}~{g}" for g in around]
    for _, masked, _, _ in places[:1]:
        found += _said_in(masked.text)[2]
    return frozenset(found)


def announces(text: str) -> bool:
    """Whether the masked sentence tells what the issuer has done: its name, then a verb of announcing or of signing."""
    issuer = text.find("ISSUER")
    return issuer >= 0 and _TELLS.search(text, issuer) is not None


@lru_cache(maxsize=64)
def _said_in(text: str) -> tuple[int, int, frozenset[str]]:
    """Of a masked sentence: where the issuer stands and where it says so (-1: nowhere), and the words of the deal.
    The candidates of a release share a few sentences.
    """
    said = _SAYS.search(text)
    words = frozenset([f"d:{word}" for word in _DEAL.findall(text.lower())])
    return text.find("ISSUER"), said.start() if said else -1, words


def _words(piece: str) -> list[str]:
    return (_ASCII_WORD if piece.isascii() else _WORD).findall(piece.lower())


def _grammar(text: str, start: int, end: int, classes: Mapping[str, str]) -> list[str]:
    """How a name hangs in its sentence: the preposition before it, what kind of word that belongs to, and
    what kind of word comes next.
    """
    before = _words(text[max(0, start - _FAR) : start])
    after = _words(text[end : end + _FAR])
    link = next((w for w in reversed(before[-6:]) if w in _LINKS), "^" if len(before) < 4 else "-")
    heads = [classes[w] for w in before if w in classes]
    verbs = [classes[w] for w in after if w in classes]
    head = heads[-1] if heads else "-"
    verb = verbs[0] if verbs else "-"
    subject = "issuer" if "issuer" in before else "-"
    return [
        f"g:{head}",
        f"g:{link}",
        f"g:{head}>{link}",
        f"g:>{verb}",
        f"g:{link}>{verb}",
        f"g:{head}>{link}:{subject}",
        f"g:^>{verb}:{subject}",
        *{f"near:{classes[w]}" for w in (*before[-8:], *after[:8]) if w in classes},
    ]


def release_features(events: Iterable[str], tones: Iterable[str]) -> frozenset[str]:
    """Features that all candidates of a release share: its events, and the tone rules that speak in it."""
    found = {f"e:{event}" for event in events}
    if len(found) > 1:
        found.add("e+:" + "+".join(sorted(events)))
    return frozenset(found | {f"t:{tone}" for tone in tones})


def places_of(
    sentences: Sequence[tuple[str, Masked]],
) -> Mapping[int, list[tuple[str, Masked, int, int]]]:
    """Where each organisation (by ``id``) stands, sentence by sentence."""
    places: dict[int, list[tuple[str, Masked, int, int]]] = {}
    for zone, masked in sentences:
        for start, end, organisation in masked.slots:
            places.setdefault(id(organisation), []).append((zone, masked, start, end))
    return places
