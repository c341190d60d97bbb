"""Organisations that are party, with the issuer, to what a release announces, each with its role."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from nlp.entities import Counterparty, Mention
from nlp.entities.candidates import (
    Candidate,
    Scorer,
    Vote,
    announces,
    candidate_features,
    places_of,
    release_features,
)
from nlp.entities.directions import DirectionReader
from nlp.entities.evidence import Evidence
from nlp.entities.glosses import read_gloss
from nlp.entities.issuer import about_whom, find_issuer, is_family
from nlp.entities.names import NameLexicon, canonical_name, name_key
from nlp.entities.organisations import find_names, join_by_initials
from nlp.entities.registry import Organisation, Registry
from nlp.entities.roles import Masked, RuleSet, mask, owned_by_issuer
from nlp.entities.settle import ROLES_ALONE, default_vote, read_tones, settle
from nlp.entities.words import WordBook
from nlp.release import Release, SectionKind
from nlp.rulebook import Rulebook
from nlp.text import Span, sentence_spans

__all__ = ["CounterpartyFinder"]

_READ: tuple[SectionKind, ...] = ("headline", "subheadline", "dateline", "lead", "body", "quotation")
# Which events a family of rules can belong to. A licence rule may speak in "other" too: guide and releases
# call settled
# disputes, launches and programmes with a partner "other".
_FAMILIES = {
    "service": frozenset({"licensing", "trial", "other"}),
    "any": frozenset({"licensing", "trial", "regulatory", "other", "acquisition", "financing"}),
    "licensing": frozenset({"licensing", "other"}),
    "financing": frozenset({"financing"}),
    "acquisition": frozenset({"acquisition"}),
}
_DEALS = frozenset({"licensing", "financing", "acquisition"})
# Where no deal is announced, a deal named in the lead is background; the headline would say so otherwise.
_HEADLINE_ONLY = frozenset(
    {
        "any.with-deal",
        "any.partner-with",
        "any.partner-name",
        "any.party-list",
        "any.selects-issuer",
        "licensing.returned",
        "licensing.procures",
        "licensing.purchase-order",
    }
)
_ASIDE = "aside"  # family of the rules that tell who is named in passing
_LEAD_REACH = 1500  # characters after the headline that count as lead even where the sections call them body
_QUIET_REACH = 900  # the same where no deal is announced
_BODY_REACH = 6000  # characters: who managed an offering is told in its first paragraphs
_BODY_CUE = re.compile(r"(?i)book-?run|underwrit|placement agent|sales agent|lead manag|dealer manager")
_JOINING = ("_", "-")  # what a name may not stand behind, besides letters and digits
_PRODUCT = re.compile(r"\s?\[?[®™]|\s\([a-z][a-z -]{4,60}\)")
# a company may wear a mark itself: "Acme® today announced"
_SPEAKER = re.compile(
    r"\s?[®™],? (?i:today|announce[sd]?|is pleased|signs?|enters?|partners?|launch(?:es|ed))\b"
)
_MARKS = re.compile(r"[®™]|\((?:R|TM)\)")
_SELF = re.compile(r"\s?, (?:known|operating|doing business) as [A-Z]")


@dataclass(slots=True)
class _Sentence:
    start: int
    end: int
    zone: str  # headline, lead or body
    dateline: bool = False
    masked: Masked | None = None


class CounterpartyFinder:
    """Finds counterparties; built once from a rulebook, used for many releases. ``muted``: rules, by id, that are left
    out, as if nobody had thought of what they say (training asks what remains then).
    """

    def __init__(self, rulebook: Rulebook, *, muted: Container[str] = ()) -> None:
        self._lexicon = NameLexicon(rulebook)
        self._words = WordBook(self._lexicon)
        tones = rulebook.rules("counterparties_tone")
        self._tones = frozenset(rule.id.split(".", 1)[0] for rule in tones)
        # one set: most sentences are asked for both, and looking for what a rule can't do without is the dear part
        asides = rulebook.rules("counterparties_aside")
        spoken = [rule for rule in rulebook.rules("counterparties") if rule.id not in muted]
        self._rules = RuleSet((*spoken, *tones, *asides))
        self._tone_rules = RuleSet(tones, len(spoken))  # where only the issuer is named
        self._body_rules = RuleSet(rulebook.rules("counterparties_body"))
        self._gate = RuleSet(rulebook.rules("counterparties_gate"))
        self._scorer = Scorer(rulebook)
        self._directions = DirectionReader(rulebook)
        self._major = frozenset(
            name_key(name)
            for row in rulebook.lexicon("major_companies")
            for name in (row["name"], *row["aliases"].split("|"))
            if name
        )
        self._classes = {row["word"]: row["class"] for row in rulebook.lexicon("deal_words")}
        # who managed an offering stands behind the stretch that labels, and so weights, come from; and a rule that
        # came after the weights was written to be obeyed
        self._certain = frozenset(rule.id for rule in rulebook.rules("counterparties_body")) | (
            frozenset(rule.id for rule in rulebook.rules("counterparties")) - self._scorer.weighed
        )

    def find(
        self, release: Release, *, filer: str | None = None, events: Sequence[str] = ()
    ) -> tuple[Counterparty, ...]:
        """Counterparties of ``release`` in order of first mention.

        ``filer``: the issuer's name where it is known (it is worked out from headline and lead
        otherwise); ``events``: the types the release was tagged with (empty: unknown, then the headline alone
        decides whether to look for any).
        """
        candidates = self._candidates(release, filer, events)
        threshold = self._scorer.threshold
        chosen = [
            c
            for c in candidates
            if c.decision.rule in self._certain or self._scorer.probability(c.features) >= threshold
        ]
        return tuple(found for found, _ in self._assemble(release, chosen))

    def weigh(
        self, release: Release, *, filer: str | None = None, events: Sequence[str] = ()
    ) -> tuple[tuple[Counterparty, frozenset[str], float], ...]:
        """All candidates, taken or not, each with its features and its probability; for training and for
        looking into a result.
        """
        return tuple(
            (found, c.features, self._scorer.probability(c.features))
            for found, c in self._assemble(release, self._candidates(release, filer, events))
        )

    def _candidates(self, release: Release, filer: str | None, events: Sequence[str]) -> list[Candidate]:
        if events and not _FAMILIES["any"] & set(events):
            return []
        sentences = _sentences(release, frozenset(events))
        if not sentences:
            return []
        registry = Registry(self._lexicon)
        named = self._names(release.text, sentences, registry, "financing" in events)
        issuer = self._issuer(release.text, sentences, named, registry, filer)
        if not filer and not (issuer and issuer.issuer):
            issuer = about_whom(release, registry, issuer)
        if issuer is not None:
            for organisation in registry.organisations:
                organisation.issuer = is_family(organisation, issuer, self._lexicon)
        if all(organisation.issuer for organisation in registry.organisations):
            return []  # nobody else is named
        for sentence, names in zip(sentences, named, strict=True):
            sentence.masked = mask(release.text, sentence.start, sentence.end, names)
            for organisation in owned_by_issuer(sentence.masked):
                organisation.issuer = True
        known = frozenset(events) or self._guess(sentences)
        return self._judge(release.text, registry, sentences, known) if known else []

    def _names(
        self, text: str, sentences: list[_Sentence], registry: Registry, giving: bool
    ) -> list[list[tuple[int, int, Organisation]]]:
        """Names of every sentence. The lead is read first: it defines the aliases that the headline uses."""
        named: dict[int, list[tuple[int, int, Organisation]]] = {}
        products: set[str] = set()  # weak names that a mark or a generic name shows to be a drug or a brand
        for zone in ("lead", "headline", "body"):
            for number, sentence in enumerate(sentences):
                if sentence.zone != zone:
                    continue
                names: list[tuple[int, int, Organisation]] = []
                spelled = find_names(
                    text,
                    sentence.start,
                    sentence.end,
                    self._words,
                    registry.local,
                    headline=zone == "headline",
                    giving=giving,
                )
                for found in join_by_initials(text, spelled):
                    if names and found.start < names[-1][1]:
                        continue  # inside the brackets of the name before
                    gloss = read_gloss(text, found.end)
                    if not found.strong and (sentence.dateline or found.key in self._lexicon.drugs):
                        continue
                    if found.kind == "name" and (found.key in products or _is_product(text, found.end)):
                        products.add(found.key)
                        continue
                    organisation = registry.add(text, found, gloss)
                    # who explains its own name ("known as … outside …") is the one that speaks
                    organisation.issuer = organisation.issuer or bool(
                        _SELF.match(text, gloss.end if gloss else found.end)
                    )
                    names.append((found.start, gloss.end if gloss else found.end, organisation))
                named[number] = names
        for key in products:
            product = registry.get(key)
            if (
                product is not None and product.kind == "name" and not product.listed
            ):  # met before its mark was
                registry.organisations[:] = [o for o in registry.organisations if o is not product]
                named = {n: [name for name in names if name[2] is not product] for n, names in named.items()}
        return [named[number] for number in range(len(sentences))]

    def _issuer(
        self,
        text: str,
        sentences: list[_Sentence],
        named: list[list[tuple[int, int, Organisation]]],
        registry: Registry,
        filer: str | None,
    ) -> Organisation | None:
        headline: list[Organisation] = []
        lead = []
        for sentence, names in zip(sentences, named, strict=True):
            if sentence.zone == "headline":
                headline += [o for _, _, o in names]
            elif sentence.zone == "lead":
                lead.append(
                    (text[sentence.start : sentence.end], [(s - sentence.start, o) for s, _, o in names])
                )
        return find_issuer(registry, headline, lead, filer, self._lexicon)

    def _guess(self, sentences: list[_Sentence]) -> frozenset[str]:
        """Events by the headline's words, for callers that don't know them; empty where it announces no
        dealing.
        """
        guesses: set[str] = set()
        for sentence in sentences:
            if sentence.zone == "headline" and sentence.masked is not None:
                guesses |= {rule.label for _, rule, _ in self._gate.matches(sentence.masked)}
        deals = guesses & _DEALS
        if "none" in guesses and not deals:
            return frozenset()
        return frozenset(deals or guesses - {"none"} or {"other"})

    def _judge(
        self, text: str, registry: Registry, sentences: list[_Sentence], events: frozenset[str]
    ) -> list[Candidate]:
        """Candidates in order of reading, with what the rules make of them and their features."""
        votes: dict[int, list[Vote]] = {}
        asides: dict[int, set[str]] = {}
        tones: list[Vote] = []
        leads = (s for s in sentences if s.zone == "lead" and s.masked is not None and s.masked.slots)
        opening = next(leads, None)
        families = {family for family, kinds in _FAMILIES.items() if kinds & events}
        asking = {
            "headline": families | self._tones,
            "lead": families | self._tones | {_ASIDE},
            "body": families | {_ASIDE},
        }
        for sentence in sentences:
            if sentence.masked is None:
                continue
            body = sentence.zone == "body"
            others = any(not o.issuer for _, _, o in sentence.masked.slots)
            rules = self._body_rules if body else self._rules if others else self._tone_rules
            asked_for = asking[sentence.zone] if others else set() if body else self._tones
            zone = "opening" if sentence is opening else sentence.zone
            for rank, rule, organisations in rules.matches(sentence.masked, asked_for) if asked_for else ():
                if rule.id.split(".", 1)[0] in self._tones:
                    tones.append(Vote(rank, rule.label, rule.id, zone))
                    continue
                if rule.id.startswith(_ASIDE):
                    for organisation in organisations:
                        asides.setdefault(id(organisation), set()).add(rule.id)
                    continue
                # a partner who also takes shares is a partner first
                rank += 1000 if rule.label == "investor" and "licensing" in events else 0
                for organisation in organisations:
                    if not organisation.issuer:
                        vote = Vote(rank, rule.label, rule.id, sentence.zone)
                        votes.setdefault(id(organisation), []).append(vote)
        # what is announced may be told after a sentence or two of praise
        told = next(
            (s for s in sentences if s.zone == "lead" and s.masked and announces(s.masked.text)), opening
        )
        places = places_of(
            [
                ("opening" if s is opening or s is told else s.zone, s.masked)
                for s in sentences
                if s.masked is not None and s.masked.slots
            ]
        )
        # a weak name that no rule speaks for is asked about where counterparties are first named
        first = {
            key for key, stood in places.items() if any(zone in ("headline", "opening") for zone, *_ in stood)
        }
        asked = [
            o
            for o in registry.organisations
            if not o.issuer and (id(o) in votes or id(o) in (places if o.strong else first))
        ]
        ruled = {id(o): best for o in asked if (best := _best(o, votes.get(id(o), ()), events))}
        own = [o for o in registry.organisations if o.issuer]
        maker = any(o.trade == "supplier" for o in own)
        giver = any(o.kind == "institution" for o in own)
        directions, major = None, set[int]()
        if "licensing" in events:
            directions = self._directions.read([s.masked for s in sentences if s.masked and s.zone != "body"])
        paid = directions is not None and directions.told
        toned = read_tones(tones, maker=maker, paid=paid)
        if "licensing" in events and "tone.licence" in toned.headline:
            major = {0 if o.issuer else id(o) for o in registry.organisations if self._is_major(o)}
        unruled = {id(o): default_vote(o, toned, events) for o in asked if id(o) not in ruled}
        decisions, ready = (
            settle(votes_of, toned, asked, events, giver=giver, directions=directions, major=major)
            for votes_of in (ruled, unruled)
        )
        ready |= decisions
        evidence = Evidence(text) if asked else None
        shared = release_features(events, {f"{t.zone}:{t.rule}" for t in tones if t.rule not in ROLES_ALONE})
        return [
            Candidate(
                o,
                ready[id(o)],
                candidate_features(
                    o,
                    votes.get(id(o), ()),
                    asides.get(id(o), ()),
                    decisions.get(id(o)),
                    places.get(id(o), ()),
                    shared,
                    len(asked),
                    self._classes,
                    evidence.of(o) if evidence and (id(o) in votes or id(o) in first) else (),
                ),
            )
            for o in asked
        ]

    def _is_major(self, organisation: Organisation) -> bool:
        return any(self._lexicon.bare_key(name_key(form)) in self._major for form in organisation.forms)

    def _assemble(
        self, release: Release, chosen: Sequence[Candidate]
    ) -> list[tuple[Counterparty, Candidate]]:
        if not chosen:
            return []
        owner = {form: c.organisation for c in chosen for form in c.organisation.forms}
        places = _occurrences(release, owner)
        found = []
        for candidate in chosen:
            organisation, decision = candidate.organisation, candidate.decision
            name = organisation.full_name(release.text, self._lexicon)
            name = re.sub(r"^(?:the|The|THE) ", "", " ".join(_MARKS.sub("", name).split()))
            mentions = tuple(Mention(release.text[s:e], s, e) for s, e, o in places if o is organisation)
            canonical = canonical_name(name, self._lexicon)
            found.append((Counterparty(name, canonical, decision.role, decision.rule, mentions), candidate))
        found.sort(key=lambda f: f[0].mentions[0].start if f[0].mentions else len(release.text))
        return found


def _best(organisation: Organisation, votes: Sequence[Vote], events: frozenset[str]) -> Vote | None:
    """The vote of the most specific rule, of those that may decide."""
    return min(
        (
            vote
            for vote in votes
            if not (
                vote.role == "grantor"
                and organisation.kind in ("investor", "bank")
                and not organisation.public
            )
            and not (vote.zone == "lead" and vote.rule in _HEADLINE_ONLY and not events & _DEALS)
        ),
        key=lambda vote: vote.rank,
        default=None,
    )


def _sentences(release: Release, events: frozenset[str] = frozenset()) -> list[_Sentence]:
    """Sentences to read closely: headline and lead whole, of the body those that name a bank's part in
    an offering. ``events`` (empty: unknown) tell how far: without a deal, counterparties stand at the top.
    """
    reach = _LEAD_REACH if not events or events & _DEALS else _QUIET_REACH
    deepest = _BODY_REACH if not events or "financing" in events else reach
    sentences: list[_Sentence] = []
    lead_from: int | None = None
    for section in release.sections:
        if section.kind not in _READ:
            continue
        if section.kind in ("headline", "subheadline"):
            sentences += [_Sentence(s.start, s.end, "headline") for s in release.sentences_of(section)]
            continue
        lead_from = section.start if lead_from is None else lead_from
        stop = min(section.end, lead_from + deepest)
        if stop <= section.start:
            continue
        whole = stop == section.end  # then the model has cut it, or will want it cut
        cut = release.sentences_of(section) if whole else sentence_spans(release.text, section.start, stop)
        for span in cut:
            if section.kind != "quotation" and span.start < lead_from + reach:
                sentences.append(_Sentence(span.start, span.end, "lead", section.kind == "dateline"))
            elif _BODY_CUE.search(release.text, span.start, span.end):
                sentences.append(_Sentence(span.start, span.end, "body"))
    return sentences


def _is_product(text: str, end: int) -> bool:
    """Whether a mark (®, ™) or a generic name in brackets follows: then a weak name is a drug, device
    or brand.
    """
    return _PRODUCT.match(text, end) is not None and _SPEAKER.match(text, end) is None


def _occurrences(release: Release, owner: dict[str, Organisation]) -> list[tuple[int, int, Organisation]]:
    """Every place, in the sections that are read, where one of the forms stands as a word."""
    places = []
    for span in _allowed(release):
        reached = span.start
        for start, length, form in sorted(_standing(release.text, span, owner)):
            if start >= reached:  # of forms that begin alike the longest, and none inside another
                reached = start - length
                places.append((start, reached, owner[form]))
    starts = {start for start, _, _ in places}
    # a name glued to the next sentence ends in no word boundary; it was found by its own words
    glued = {
        (start, end): o
        for o in owner.values()
        for start, end in o.seen
        if start not in starts and release.text[end : end + 1].isalnum()
    }
    return sorted([*places, *((s, e, o) for (s, e), o in glued.items())], key=lambda p: p[:2])


def _standing(text: str, span: Span, forms: Iterable[str]) -> Iterator[tuple[int, int, str]]:
    """(start, length below zero, form) wherever a form stands in the span with no word glued to it. Searched one by
    one: a pattern of all of them would be compiled for each release, and is slower to search.
    """
    for form in forms:
        start = text.find(form, span.start, span.end)
        while start >= 0:
            end = start + len(form)
            before, after = text[start - 1 : start], text[end : end + 1] if end < span.end else ""
            if not (before.isalnum() or before in _JOINING or after.isalnum() or after == "_"):
                yield start, -len(form), form
            start = text.find(form, start + 1, span.end)


def _allowed(release: Release) -> Iterable[Span]:
    return release.spans(*_READ)
