"""Organisations that are party, with the issuer, to what a release announces, each with its role."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from nlp.entities import Counterparty, Mention, Role
from nlp.entities.issuer import find_issuer, is_family
from nlp.entities.names import NameLexicon, canonical_name
from nlp.entities.organisations import find_names, read_gloss
from nlp.entities.registry import Organisation, Registry
from nlp.entities.roles import Masked, RuleSet, mask
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
_LEAD_REACH = 1500  # characters after the headline that count as lead even where the sections call them body
_BODY_REACH = 6000  # characters: who managed an offering is told in its first paragraphs
_BODY_CUE = re.compile(r"(?i)book-?run|underwrit|placement agent|sales agent|lead manag|dealer manager")
_PRODUCT = re.compile(r"\s?\[?[®™]|\s\([a-z][a-z -]{4,60}\)")
_SELF = re.compile(r"\s?, (?:known|operating|doing business) as [A-Z]")
_GENERIC = frozenset({"partner", "collaborator"})


@dataclass(slots=True)
class _Sentence:
    start: int
    end: int
    zone: str  # headline, lead or body
    masked: Masked | None = None


class CounterpartyFinder:
    """Finds counterparties; built once from a rulebook, used for many releases."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._lexicon = NameLexicon(rulebook)
        self._rules = RuleSet(rulebook.rules("counterparties"))
        self._body_rules = RuleSet(rulebook.rules("counterparties_body"))
        self._tone = RuleSet(rulebook.rules("counterparties_tone"))
        self._gate = RuleSet(rulebook.rules("counterparties_gate"))

    def find(
        self, release: Release, *, filer: str | None = None, events: Sequence[str] = ()
    ) -> tuple[Counterparty, ...]:
        """Counterparties of ``release`` in order of first mention.

        ``filer``: the issuer's name where it is known (it is worked out from headline and lead
        otherwise); ``events``: the
        types the release was tagged with (empty: unknown, then the headline alone decides whether to
        look for any).
        """
        if events and not _FAMILIES["any"] & set(events):
            return ()
        sentences = _sentences(release)
        if not sentences:
            return ()
        registry = Registry(self._lexicon)
        named = self._names(release.text, sentences, registry)
        issuer = self._issuer(release.text, sentences, named, registry, filer)
        if issuer is not None:
            for organisation in registry.organisations:
                organisation.issuer = is_family(organisation, issuer, self._lexicon)
        for sentence, names in zip(sentences, named, strict=True):
            sentence.masked = mask(release.text, sentence.start, sentence.end, names)
        known = frozenset(events) or self._guess(sentences)
        if not known:
            return ()
        votes = self._votes(registry, sentences, known)
        return self._assemble(release, registry, votes, sentences)

    def _names(
        self, text: str, sentences: list[_Sentence], registry: Registry
    ) -> list[list[tuple[int, int, Organisation]]]:
        """Names of every sentence. The lead is read first: it defines the aliases that the headline uses."""
        named: dict[int, list[tuple[int, int, Organisation]]] = {}
        for zone in ("lead", "headline", "body"):
            for number, sentence in enumerate(sentences):
                if sentence.zone != zone:
                    continue
                names: list[tuple[int, int, Organisation]] = []
                for found in find_names(
                    text,
                    sentence.start,
                    sentence.end,
                    self._lexicon,
                    registry.local,
                    headline=zone == "headline",
                ):
                    if names and found.start < names[-1][1]:
                        continue  # inside the brackets of the name before
                    gloss = read_gloss(text, found.end)
                    if not found.strong and (
                        found.key in self._lexicon.drugs or _is_product(text, found.end)
                    ):
                        continue
                    organisation = registry.add(text, found, gloss)
                    # who explains its own name ("known as … outside …") is the one that speaks
                    organisation.issuer = organisation.issuer or bool(
                        _SELF.match(text, gloss.end if gloss else found.end)
                    )
                    names.append((found.start, gloss.end if gloss else found.end, organisation))
                named[number] = names
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

    def _votes(
        self, registry: Registry, sentences: list[_Sentence], events: frozenset[str]
    ) -> dict[int, tuple[int, str, str]]:
        """Organisation (by ``id``) to (rank, role, rule id) of the best rule that spoke for it."""
        votes: dict[int, tuple[int, str, str]] = {}
        tones: list[tuple[int, str, str]] = []
        licence = False
        leads = (s for s in sentences if s.zone == "lead" and s.masked is not None and s.masked.slots)
        opening = next(leads, None)
        for sentence in sentences:
            if sentence.masked is None:
                continue
            rules = self._body_rules if sentence.zone == "body" else self._rules
            for rank, rule, organisations in rules.matches(sentence.masked):
                if events and not _FAMILIES[rule.id.split(".", 1)[0]] & events:
                    continue
                if sentence.zone == "lead" and rule.id in _HEADLINE_ONLY and events and not events & _DEALS:
                    continue
                # a partner who also takes shares is a partner first
                rank += 1000 if rule.label == "investor" and "licensing" in events else 0
                for organisation in organisations:
                    if organisation.issuer or (
                        rule.label == "grantor" and organisation.kind in ("investor", "bank")
                    ):
                        continue
                    if id(organisation) not in votes or rank < votes[id(organisation)][0]:
                        votes[id(organisation)] = (rank, rule.label, rule.id)
            if sentence.zone != "body" or sentence.start < _BODY_REACH:
                for rank, rule, _ in self._tone.matches(sentence.masked):
                    if rule.id == "tone.licence":
                        licence = licence or sentence.zone == "headline" or sentence is opening
                        continue
                    tones.append((rank, rule.label, rule.id))
        # money flows in any collaboration; only where a licence is spoken of does it tell who grants the
        # rights
        settled = sorted(t for t in tones if licence or t[1] not in ("licensee", "licensor"))
        tone = settled[0] if settled else None
        if tone and (not events or "licensing" in events):
            for key, (rank, role, _) in votes.items():
                if role in _GENERIC and not (tone[1] in ("licensee", "licensor") and len(votes) > 1):
                    votes[key] = (rank, tone[1], tone[2])
        for organisation in registry.organisations:
            if id(organisation) in votes and votes[id(organisation)][1] in _GENERIC:
                rank, _, by = votes[id(organisation)]
                if organisation.kind == "grantor" and "financing" in events:
                    votes[id(organisation)] = (rank, "grantor", by)
                elif organisation.kind in ("institution", "grantor"):
                    # universities give licences, they rarely take them
                    role = "licensor" if licence and "licensing" in events else "collaborator"
                    votes[id(organisation)] = (rank, role, "tone.licence" if role == "licensor" else by)
        return votes

    def _assemble(
        self,
        release: Release,
        registry: Registry,
        votes: dict[int, tuple[int, str, str]],
        sentences: list[_Sentence],
    ) -> tuple[Counterparty, ...]:
        chosen = [o for o in registry.organisations if id(o) in votes]
        if not chosen:
            return ()
        owner = {form: o for o in chosen for form in o.forms}
        places = _occurrences(release, owner)
        counterparties = []
        for organisation in chosen:
            _, role, rule = votes[id(organisation)]
            name = organisation.full_name(release.text, self._lexicon)
            name = re.sub(r"^(?:the|The|THE) ", "", " ".join(name.split()))
            mentions = tuple(Mention(release.text[s:e], s, e) for s, e, o in places if o is organisation)
            counterparties.append(
                Counterparty(name, canonical_name(name, self._lexicon), cast(Role, role), rule, mentions)
            )
        counterparties.sort(key=lambda c: c.mentions[0].start if c.mentions else len(release.text))
        return tuple(counterparties)


def _sentences(release: Release) -> list[_Sentence]:
    """Sentences to read closely: headline and lead whole, of the body those that name a bank's part in
    an offering.
    """
    sentences: list[_Sentence] = []
    lead_from: int | None = None
    for section in release.sections:
        if section.kind not in _READ:
            continue
        if section.kind in ("headline", "subheadline"):
            sentences += [
                _Sentence(s.start, s.end, "headline")
                for s in sentence_spans(release.text, section.start, section.end)
            ]
            continue
        lead_from = section.start if lead_from is None else lead_from
        stop = min(section.end, lead_from + _BODY_REACH)
        if stop <= section.start:
            continue
        for span in sentence_spans(release.text, section.start, stop):
            if section.kind != "quotation" and span.start < lead_from + _LEAD_REACH:
                sentences.append(_Sentence(span.start, span.end, "lead"))
            elif _BODY_CUE.search(release.text, span.start, span.end):
                sentences.append(_Sentence(span.start, span.end, "body"))
    return sentences


def _is_product(text: str, end: int) -> bool:
    """Whether a mark (®, ™) or a generic name in brackets follows: then a weak name is a drug, device
    or brand.
    """
    return bool(_PRODUCT.match(text, end))


def _occurrences(release: Release, owner: dict[str, Organisation]) -> list[tuple[int, int, Organisation]]:
    """Every place, in the sections that are read, where one of the forms stands as a word."""
    forms = sorted(owner, key=len, reverse=True)
    pattern = re.compile(r"(?<![\w-])(?:" + "|".join(re.escape(f) for f in forms) + r")(?![\w])")
    places = []
    for span in _allowed(release):
        places += [
            (m.start(), m.end(), owner[m.group()])
            for m in pattern.finditer(release.text, span.start, span.end)
        ]
    return places


def _allowed(release: Release) -> Iterable[Span]:
    return release.spans(*_READ)
