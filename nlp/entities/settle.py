"""Settle roles that no rule names: by the tone of the release, the kind of the organisation, and the event."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from nlp.entities.candidates import Vote
from nlp.entities.directions import Directions
from nlp.entities.registry import Organisation

__all__ = ["ROLES_ALONE", "Tones", "default_vote", "read_tones", "settle"]

# tones that tell a role from another, and nothing of who is a counterparty
ROLES_ALONE = frozenset(
    {
        "tone.agreement",
        "tone.licence-agreement",
        "tone.contract-maker",
        "tone.distributes-theirs",
        "tone.cross-licence",
    }
)

_ACADEMIC = re.compile(r"\b(?:University|Hospital|College|Institute|School|Cent(?:er|re)|Clinic)\b")
_GENERIC = frozenset({"partner", "collaborator"})
_RIGHTS_ROLES = frozenset({"partner", "collaborator", "licensor", "licensee"})
_RANK = 9999  # behind every rule
_DEBT = "tone.debt"
_PLACEMENT = "tone.placement"
_ASSETS = "tone.assets"
_OFFERING = "tone.offering"
_CROSSED = "tone.cross-licence"
# rules that tell of making something for the other, not who makes it
_MAKING = frozenset(
    {"licensing.manufacturer", "licensing.manufacture-with", "licensing.taps", "tone.manufacturing"}
)
_ALONG = _MAKING | {"licensing.will-make", "licensing.clinical-supply"}
# rules that tell who pays or what one gets, which in an alliance is no licence
_PAYING = frozenset(
    {
        "licensing.payment-from",
        "licensing.payment-to",
        "licensing.issuer-pays",
        "licensing.org-receives",
        "licensing.org-obtains",
        "licensing.rights-licensee",
    }
)
# rules that tell who gave the money, not in which form
_UNNAMED_CAPITAL = frozenset(
    {
        "financing.led-by",
        "financing.lead-investor",
        "financing.participation",
        "financing.included",
        "financing.equity-from",
    }
)
# rules that a bank's part in selling shares satisfies as an investor's does ("led by")
_BREATH = frozenset(
    {"financing.led-by", "financing.included", "financing.joined-by", "financing.participation"}
)


@dataclass(frozen=True, slots=True)
class Tones:
    """What the tone rules of a release come to: those that spoke anywhere (``said``), in the headline, at the
    ``top`` (headline and the sentence that announces); whether a licence is spoken of at the top, and whether work is
    shared instead; the tone that decides where the rules leave a role open.
    """

    said: frozenset[str]
    headline: frozenset[str]
    top: frozenset[str]
    licence: bool
    shared: bool
    deciding: Vote | None
    issuer_makes: bool


def read_tones(tones: Sequence[Vote], *, maker: bool = False, paid: bool = False) -> Tones:
    """``tones``: the tone rules that spoke, with the zone they spoke in; ``maker``: whether the issuer is described as
    a contract manufacturer; ``paid``: whether rights or money change hands.
    """
    said = frozenset(t.rule for t in tones)
    headline = frozenset(t.rule for t in tones if t.zone == "headline")
    top = headline.union(t.rule for t in tones if t.zone == "opening")
    licence = "tone.licence" in top
    shared = (
        "tone.shared" in top
        and "tone.licence" not in (headline if "tone.shared" in headline else top)
        and "tone.licence-agreement" not in top
    )
    deciding = _tone(tones, headline, top, licence=licence, shared=shared, paid=paid)
    makes = maker or ("tone.issuer-makes" in said and "tone.org-makes" not in said)
    return Tones(said, headline, top, licence, shared, deciding, makes)


def settle(
    votes: Mapping[int, Vote],
    tones: Tones,
    organisations: Sequence[Organisation],
    events: frozenset[str],
    *,
    giver: bool = False,
    directions: Directions | None = None,
    major: Container[int] = frozenset(),
) -> dict[int, Vote]:
    """``votes`` (organisation by ``id`` to its best vote) with "partner" and "collaborator" made precise where the
    release tells more. ``giver``: whether the issuer is a university or the
    like, which gives licences and rarely takes them; ``directions``: who gives rights and who takes them;
    ``major``: the large companies among the organisations, by ``id``, and 0 where the issuer is one.
    """
    if not votes:
        return {}
    settled = dict(votes)
    said, headline, top, licence, shared = tones.said, tones.headline, tones.top, tones.licence, tones.shared
    sure = {id(o) for o in organisations if o.strong}
    several = sum(key in sure or vote.zone == "headline" for key, vote in settled.items()) > 1
    tone = tones.deciding
    if tone and "licensing" in events:
        for key, vote in settled.items():
            if not _open(vote):
                continue
            if not (tone.role in ("licensee", "licensor") and several):
                settled[key] = Vote(vote.rank, tone.role, tone.rule, vote.zone)
    debt, equity = _DEBT in headline, _PLACEMENT in headline
    # who is named in one breath with funds takes shares as they do, foundation or not
    backed = {votes[id(o)].rule for o in organisations if o.kind == "investor" and id(o) in votes}
    round_ = {key for key, vote in votes.items() if vote.role == "investor" and vote.rule in backed}
    for organisation in organisations:
        held = settled.get(id(organisation))
        if held is None:
            continue
        if directions is not None and held.role == "distributor":
            if organisation.kind == "cro":
                settled[id(organisation)] = Vote(held.rank, "partner", held.rule, held.zone)
                continue
            taking, rights = directions.of(organisation, alone=not several)
            if min(taking, rights) <= -1 or "tone.distributes-theirs" in said:
                # it is the issuer that gets the right to distribute
                role = "licensor" if "tone.licence" in top else "partner"
                settled[id(organisation)] = Vote(held.rank, role, "tone.direction", held.zone)
            elif "tone.licence" in headline and taking > (0.5 if "tone.distribution" in headline else 0):
                # a license agreement for the distribution of something, or one that is paid for as licences are
                settled[id(organisation)] = Vote(held.rank, "licensee", "tone.direction", held.zone)
            continue
        joint = several and votes[id(organisation)].rule.startswith("any.joint")
        if joint and directions is not None:
            # who gives what the issuer takes isn't on the issuer's side
            joint = directions.taking.get(id(organisation), 0.0) * directions.issuer >= 0
        if held.role in _RIGHTS_ROLES and _CROSSED in top:
            settled[id(organisation)] = Vote(held.rank, "partner", _CROSSED, held.zone)
            continue
        if directions is not None and several and held.role in _RIGHTS_ROLES:
            own = directions.taking.get(id(organisation), 0.0)
            if (
                own * directions.issuer > 0
                and id(organisation) in directions.beside
                and any(own * directions.taking.get(key, 0.0) < 0 for key in sure & votes.keys())
            ):
                # who gives with the issuer what a third takes is on its side
                settled[id(organisation)] = Vote(held.rank, "partner", "tone.direction", held.zone)
                continue
        along = held.role == "supplier" and held.rule in _ALONG and tones.licence and not several
        # "a license and supply agreement": who gets the license is more than who makes the goods
        if along and directions and (role := _directed(organisation, directions, tones, alone=True)):
            settled[id(organisation)] = Vote(held.rank, role, "tone.direction", held.zone)
            continue
        if directions is not None and held.role in _RIGHTS_ROLES and not joint:
            role = _directed(organisation, directions, tones, alone=not several)
            if not role and "tone.licence" in headline and _open(votes[id(organisation)]) and not several:
                # the large take licences of the small, where nothing else is told
                role = {(True, False): "licensee", (False, True): "licensor"}.get(
                    (id(organisation) in major, 0 in major), ""
                )
            if role:
                rule = held.rule if role == held.role else "tone.direction"
                settled[id(organisation)] = Vote(held.rank, role, rule, held.zone)
                continue
        if held.role in _GENERIC and tones.issuer_makes and "tone.contract-maker" in said:
            settled[id(organisation)] = Vote(held.rank, "buyer", "tone.issuer-makes", held.zone)
            continue
        if shared and held.rule in _PAYING and held.zone != "headline":
            settled[id(organisation)] = Vote(held.rank, "partner", "tone.shared", held.zone)
            continue
        if tones.issuer_makes and held.role == "supplier" and held.rule in _MAKING:
            settled[id(organisation)] = Vote(held.rank, "buyer", "tone.issuer-makes", held.zone)
            continue
        if (
            held.role == "investor"
            and organisation.kind == "bank"
            and held.rule in _BREATH
            and _OFFERING in said
        ):
            role = "placement_agent" if _PLACEMENT in said else "underwriter"
            settled[id(organisation)] = Vote(held.rank, role, held.rule, held.zone)
            continue
        if held.role == "investor" and debt and not equity and held.rule in _UNNAMED_CAPITAL:
            settled[id(organisation)] = Vote(held.rank, "lender", held.rule, held.zone)
        gives = organisation.public
        public = gives or organisation.kind == "institution"
        if held.role == "supplier" and gives:
            # an agency buys, it doesn't make
            settled[id(organisation)] = Vote(held.rank, "buyer", held.rule, held.zone)
        elif held.role == "investor" and public and held.rule == "financing.joint":
            settled[id(organisation)] = Vote(held.rank, "collaborator", held.rule, held.zone)
        elif (
            held.role == "investor"
            and id(organisation) not in round_
            and (
                (gives and held.rule not in _UNNAMED_CAPITAL)
                or (public and held.rule == "financing.investment-from")
            )
        ):
            settled[id(organisation)] = Vote(held.rank, "grantor", held.rule, held.zone)
        elif held.role == "cro" and any(_ACADEMIC.search(form) for form in organisation.forms):
            settled[id(organisation)] = Vote(held.rank, "collaborator", held.rule, held.zone)
        elif held.role == "grantor" and organisation.kind in ("company", "cro") and not gives:
            role = "partner" if "licensing" in events else "investor"
            settled[id(organisation)] = Vote(held.rank, role, held.rule, held.zone)
        if held.role not in _GENERIC:
            continue
        if organisation.trade and {"licensing", "trial"} & events:
            settled[id(organisation)] = Vote(held.rank, organisation.trade, "tone.trade", held.zone)
            continue
        if organisation.kind == "investor" and "financing" in events:
            role = "lender" if debt and not equity else "investor"  # funds bring money, whatever it is called
            settled[id(organisation)] = Vote(held.rank, role, "default.capital", held.zone)
            continue
        granted = "financing" in events or held.rule.startswith("default.") or held.rule == "any.funded-by"
        if organisation.kind == "grantor" and granted:
            settled[id(organisation)] = Vote(held.rank, "grantor", held.rule, held.zone)
        elif giver and licence and "licensing" in events and organisation.kind == "company":
            settled[id(organisation)] = Vote(held.rank, "licensee", "tone.licence", held.zone)
        elif organisation.kind in ("institution", "grantor"):
            # universities give licences, they rarely take them
            role = "licensor" if licence and "licensing" in events else "collaborator"
            rule = "tone.licence" if role == "licensor" else held.rule
            settled[id(organisation)] = Vote(held.rank, role, rule, held.zone)
        elif "acquisition" in events and "licensing" not in events and _open(held):
            settled[id(organisation)] = Vote(held.rank, "target", held.rule, held.zone)
    return settled


def _tone(
    tones: Sequence[Vote],
    headline: Container[str],
    top: Container[str],
    *,
    licence: bool,
    shared: bool,
    paid: bool,
) -> Vote | None:
    """The tone that decides where the rules leave a role open, with the role that it stands for."""
    # money flows in any collaboration; only where a licence is spoken of does it tell who grants the rights
    speaking = [
        t
        for t in tones
        if t.role != "none"
        and t.rule != "tone.licence"
        and ((licence and not shared) or t.role not in ("licensee", "licensor"))
    ]
    if licence:
        # "a license and supply agreement": what comes with the licence is not what it is about
        speaking = [t for t in speaking if t.rule != "tone.manufacturing"] or speaking
    if "tone.licence" in headline:
        # a license is announced: what else is told further down doesn't decide
        speaking = [t for t in speaking if t.zone in ("headline", "opening")] or speaking
    tone = min(speaking, key=lambda t: (t.rank, t.role, t.rule), default=None)
    if tone is None or tone.rule not in ("tone.strategic", "tone.research"):
        return tone
    if "tone.research" in headline and "tone.strategic" not in headline:
        tone = next(t for t in tones if t.rule == "tone.research")
    if tone.rule == "tone.research" and ("tone.agreement" in top or paid):
        # who collaborates is a collaborator, who does so for money or by an agreement that is named is a partner
        return Vote(tone.rank, "partner", "tone.agreement", tone.zone)
    return tone


def _directed(
    organisation: Organisation,
    directions: Directions,
    tones: Tones,
    *,
    alone: bool,
) -> str:
    """The role that who gives and who takes rights makes of an organisation; empty where that leaves it open."""
    taking, rights = directions.of(organisation, alone=alone)
    if tones.shared:
        # who shares the work is a partner, whoever pays; but who gets a license that is spoken of gets it
        sure = "tone.licence" in tones.top and abs(rights) >= 1
    elif "tone.licence" in tones.headline:
        sure = abs(taking) >= 0.5
    elif "tone.licence" in tones.top:
        sure = abs(taking) >= 1
    else:
        sure = abs(rights) >= 1
    if organisation.kind in ("institution", "grantor") and taking > 0:
        sure = rights >= 1  # universities give licences, they rarely take them
    return ("licensee" if taking > 0 else "licensor") if sure else ""


def _open(vote: Vote) -> bool:
    """Whether the rule behind the vote left the role open."""
    return vote.role in _GENERIC and vote.rule.split(".", 1)[0] in ("any", "default")


def default_vote(organisation: Organisation, tones: Tones, events: frozenset[str]) -> Vote:
    """The likeliest role of an organisation that no rule spoke for, by event and kind."""
    said = tones.said
    if "financing" in events and "licensing" not in events:
        if organisation.kind == "bank" and _DEBT not in said:
            return Vote(_RANK, "placement_agent" if _PLACEMENT in said else "underwriter", "default.bank", "")
        if organisation.kind in ("grantor", "institution"):
            return Vote(_RANK, "grantor", "default.grant", "")
        return Vote(_RANK, "lender" if _DEBT in said else "investor", "default.capital", "")
    if "acquisition" in events and "licensing" not in events:
        return Vote(_RANK, "seller" if _ASSETS in said else "target", "default.acquisition", "")
    return Vote(_RANK, "partner", "default.party", "")
