"""Role rules: what a sentence's own grammar says about the organisations in it.

Rules are RE2 patterns over a *masked* sentence, in which names have become words of their own:
``ISSUER`` (also for "the Company" and
"we"), ``ORG`` for a name that is surely an organisation, ``CAP`` for a capitalised name that may be
one, and ``ORGS``/``CAPS`` for an
enumeration of them. Brackets after a name, and what stands between commas after it to describe it, are
left out. The group ``org`` (a second one: ``org2``) takes
the counterparty; of several rules that speak for one organisation, the earlier line wins.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from nlp.entities.registry import Organisation
from nlp.rulebook import Rule, compile_together

__all__ = ["Masked", "RuleSet", "mask", "owned_by_issuer"]

_RANK = itemgetter(0)
_SPACES = re.compile(r"\s+")
_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "®": "", "™": "", "–": "-", "—": "-", "\xa0": " "}
)
# rules end at a full stop; the points of "U.S.", "$52.5 million", "Inc." and "St. Mary" end nothing
_POINT = re.compile(
    r"(?<=\d)()\.(?=\d)|\b([A-Z]|[a-z](?=\.[a-z]\b)|vs|St|Dr|Mrs?|Ms|No|Co|Inc|Ltd|Corp|Mass|Calif|Prof|Jan|Feb|Aug|Sept?|Oct|Nov|Dec)\.(?! ?$)"
)
_PRONOUNS = re.compile(r"\b(?:[Tt]he Company|THE COMPANY|[Ww]e|Company(?= (?:to|will|has|is|expects) ))\b")
# ", a company that …, today announced": described between commas; the description must be short and end
# before a verb
_APPOSITIVE = re.compile(
    r", (?<=[A-Z], )(?:an? |the (?:\w+ ){0,3}?(?:company|leader|developer|provider|manufacturer)|one of |part of |which |who |whose |formerly |known as |together with its |an? affiliate)"
    r"[^;\n]{3,320}?,(?= (?:today|announce[sd]?|has|have|had|is|are|was|were|will|to|jointly|report(?:s|ed)|entered|(?:co-)?led|participated|invested|joined|acted|provided|awarded|said|says|signed|signs|agreed|welcome[sd]|receive[sd]|submit(?:s|ted)|launch(?:es|ed)|complete[sd]|select(?:s|ed)|initiate[sd]|present(?:s|ed)|granted|acquire[sd]|expand(?:s|ed)|and (?:ORG|CAP|ISSUER)|who|for|in |on )\b)"
)
_DEFINED = re.compile(r' \((?:the )?"[^"()]{2,60}"\)')  # an agreement (the "Agreement") with
_BASED = re.compile(
    r"(?:(?<=[a-z] )(?:CAP|[A-Z][a-z]{2,20}), )?\b(?:[A-Z][\w.]* ){0,2}[A-Z][\w.]*-based (?=(?:ORG|CAP|ISSUER)\b)"
)  # "New York-based Acme", "acquired Lyon, France-based Acme"
_SEATED = re.compile(r"(?<=[a-z] )(?<!of )[A-Z][a-z]{2,20}'s (?=(?:ORG|CAP)\b)")  # "Brookhaven's Acme Bio"
# "Acme Group's subsidiary Acme Bio": whom it belongs to takes no part
_OWNER = re.compile(
    r"\b(?:ORG|CAP)(?:'s)? (?:[a-z][\w-]* ){0,2}(?:subsidiar(?:y|ies)|units?|divisions?|arm|affiliates?),? (?=(?:ORG|CAP)\b)"
    r"|\b(?:ORG|CAP)'s (?:[a-z][\w-]* ){0,2}(?:members?|hospitals?|institutes?|schools?|companies|laborator(?:y|ies)),? (?=(?:ORG|CAP)\b)"
)
# "US biotech firm Acme Bio": what a name is introduced by; who is somebody's partner stays that
_INTRODUCED = re.compile(
    r"\b(?:(?:US|UK|American|British|[A-Z][a-z]{2,9}(?:ese|ish|an|ch|ss|eli)|[\w-]{3,20}-(?:held|listed|stage|owned|traded)|privately held|privately|"
    r"specialty|leading|global|fellow|drug|biotech|biotechnology|biopharma|biopharmaceutical|pharma|pharmaceutical|healthcare|medical|diagnostics?|"
    r"clinical|private|public|generic|generics|vaccine|research|medical research|life sciences|medtech|antibody|AI|discovery) ){0,6}"
    r"(?:company|firm|biotech|drugmaker|giant|specialist|developer|group|start-?up|major|biopharma|shop|outfit|[Pp]rivately[ -]held|[A-Z][A-Za-z]+-listed|(?:company|firm|agency|charity|organi[sz]ation),? the) (?=(?:ORG|CAP|ISSUER)S?\b(?!'s))"
)
_UNITS = (
    *(" subsidiar", " unit", " division", " arm ", " affiliate"),
    *(" member", " hospital", " institute", " school", " companies ", " laborator"),
)
# to whom a name before belongs
_PARENT = re.compile(r"\b(?:subsidiary|affiliate|division|unit|arm|part|member|owned) (?:of|by) (?:the )?$")
_OF_ISSUER = re.compile(
    r"\bISSUER, (?:an? |the )?[^,;]{0,70}\b(?:subsidiary|division|unit|arm|member|affiliate) of (?:the )?$"
)
_PARENT_ENDS = (" of ", " by ", " of the ", " by the ")  # what it ends in, asked first
_BEFORE_NAMES = (
    "company ",
    "firm ",
    "biotech ",
    "drugmaker ",
    "giant ",
    "specialist ",
    "developer ",
    "group ",
    "startup ",
    "start-up ",
    "major ",
    "biopharma ",
    "shop ",
    "outfit ",
    "held ",
    "-listed ",
    "-based ",
    "-headquartered ",
    ", the ",
)
# "Acme Bio Inc., of Springfield, Mass., and Example AG, of Basel, said": where they sit
_SEAT = re.compile(
    r", (?:also )?of (?:[A-Z][\w.'-]*)(?: [A-Z][\w.'-]*){0,3}(?:, [A-Z][\w.'-]*(?: [A-Z][\w.'-]*){0,2})?,(?= (?:said|and|have|has|will|agreed|announced|plans?|to|acquire[sd]|signed|entered|completed|reported|received|raised|closed|began|launched|selected|licensed|formed|partnered) )"
)
# "Acme S.A. of Mexico City has"
_OF_PLACE = re.compile(
    r"(?<=\b(?:ORG|CAP)) of (?:the (?=U\.?S|U\.?K|United|Netherlands|Philippines|Republic))?(?!ORG|CAP|ISSUER)(?:U\.?S\.?A?\b|U\.?K\b|[A-Z][a-z'-]+)(?: [A-Z][a-z'-]+){0,2}"
    r"(?=,|\.?$| (?:has|have|had|today|announced?|said|will|is|are|and|to|jointly|agreed|signed|entered)\b)"
)
# what says that an organisation is the issuer's own: in such a description, before a name, behind it
_OWNED = re.compile(
    r"\b(?:subsidiary|division|unit) of (?:the )?ISSUER\b|(?:majority|wholly|fully)[ -]owned by (?:the )?ISSUER\b"
)
_OWN_WORDS = (
    " form ",
    " create ",
    " establish ",
    "ubsidiar",
    "ivision",
    " unit",
    " arm",
    " venture",
    " Venture",
)
_OWN_BEFORE = re.compile(
    r"\b(?:ISSUER's|[Ii]ts|our) (?:[\w-]+,? ){0,5}?(?:[Ss]ubsidiar(?:y|ies)|[Dd]ivisions?|units?|arms?|[Jj]oint [Vv]enture),? (?:the )?$"
)
# "its Acme Labs subsidiary"
_ITS = re.compile(r"\b(?:ISSUER's|[Ii]ts|our) (?:[a-z][\w-]*,? ){0,3}$")
_ITS_UNIT = re.compile(r" (?:[\w-]+ )?(?:subsidiary|division|unit)\b")
# "an agreement with Acme to form Acme Example LLC"
_FORMED = re.compile(
    r"\b(?:to|will) (?:form|create|establish)(?: (?:an?|the|new|joint|company|venture|called|named)){0,5} $"
    r"|\b(?:form|create|establish)(?:s|e?d|ing)? (?!ORG|CAP)[^,;.]{2,80} (?:called|named) $"
)
_OWN_AFTER = re.compile(
    r",? (?:which is |is )?(?:(?:ISSUER's|its|our) (?:[\w-]+ ){0,6}?(?:subsidiary|division|unit|arm|joint venture(?! (?:partner|with)))\b"
    r"|an? (?:[\w-]+ ){0,4}?(?:subsidiary|division|unit) of (?:the )?ISSUER\b)"
)
# a company formed for a merger, called the other side's subsidiary
_SHELL_AFTER = re.compile(
    r",? (?:which is |is )?an? (?:[\w-]+,? ){0,5}?subsidiary of (?:the )?(?:ISSUER|ORG|CAP)\b"
)
_SHELL = re.compile(r"(?i)\b(?:acquisition|merger|bidco|purchaser)\b")
_POSSESSED = re.compile(r"['’]s? \(")
_NAMED = re.compile(r"ISSUER|ORG|CAP")
_OWN_REACH = 90  # characters read on either side of a name
# what an organisation does for others, as such a description says it
_TRADES = (
    ("cro", re.compile(r"(?i)contract research|clinical research organi[sz]ation|\bCRO\b")),
    ("supplier", re.compile(r"(?i)contract (?:development and )?manufactur|\bCDMO\b|\bCMO\b")),
)
# "ORG, which was the lead lender, ORG and ORG"
_BRIEFLY = re.compile(
    r", (?:which|who) (?:is|was|are|were|acted|served) (?:[a-z][\w-]*+ ){0,5}?[a-z][\w-]*+(?=, (?:ORG|CAP))"
)
# ", a division of ORG acted": whom it belongs to takes no part
_BELONGS = re.compile(
    r", (?:an? |the )?(?:[\w-]+ ){0,3}?(?:subsidiary|division|unit|affiliate|member|arm|part|component|trade name) of (?:the )?(?:ORG|CAP)"
    r"(?:,(?! (?:ORG|CAP))|(?= (?:acted|acts|acting|is|are|was|were|has|have|had|will|served|serves|serving|today|to|and|announce[sd]?|present(?:s|ed)?|reported|entered|signed)\b)|$)"
)
# an institute "of the National Institutes of Health": the body above it takes no part
_ABOVE = re.compile(r",? (?:within |of |at |in )?(?:the )?|, (?:a |an )?\w+ (?:of|within) (?:the )?")
_AT = re.compile(r",? (?:at|of|within) (?:[Tt]he )?")
# what a university is made of takes no part without it
_ROOMS = re.compile(r"\b(?:Department|School|Faculty|Division|Office|Program|Programme|College|Section)\b")
_ABOVE_ALL = re.compile(
    r"(?:U\.?S\.? )?(?:National Institutes of Health|(?:Department of |Dept\. of )(?:Health|Defense|Energy|Homeland)\b.*|NIH|HHS|DHHS|DoD)$"
)
# a name that went on in a word or two ("ORG Innovation", "ORG of Chicago") doesn't end an enumeration
_LIST = re.compile(
    r"(?:ORG|CAP)(?:(?: (?:ORG|CAP|[A-Z][\w&-]{2,30}|of [A-Z][\w.-]+(?: [A-Z][\w.-]+)?)(?=,? (?:and |as well as )?(?:the )?(?:ORG|CAP)))?(?:, (?:and |& |as well as )?|,? (?:and|&|as well as|along with) )"
    r"(?:(?:new|existing|other|both|returning|current|the|investors?|shareholders?|stockholders?|lead|funds?|from|affiliated|with|by|managed|advised|venture|capital|partners?|firms?|additional|certain|investment|life|sciences?|healthcare),? ){0,5}(?:ORG|CAP)\b(?!'s))+"
)
# two names with a comma between are an enumeration only if it goes on; else the second is where the first belongs
_PAIR = re.compile(r"(?:ORG|CAP), (?:the )?(?:ORG|CAP)")
_GOES_ON = re.compile(r",? (?:and|among|as well|other|or|along|et al)\b|,? [&+]")


class Masked(NamedTuple):
    """A masked sentence; ``slots`` are (offset in ``text``, organisation) in order."""

    text: str
    slots: tuple[tuple[int, int, Organisation], ...]

    def within(self, start: int, end: int) -> list[Organisation]:
        """Organisations whose slot lies in ``text[start:end]``."""
        return [o for s, e, o in self.slots if s >= start and e <= end]


def mask(text: str, start: int, end: int, names: Sequence[tuple[int, int, Organisation]]) -> Masked:
    """Mask ``text[start:end]``. ``names``: (start, end with its brackets, organisation), disjoint and
    in order.
    """
    parts: list[str] = []
    slots: list[tuple[int, int, Organisation]] = []
    length = 0
    position = start
    for name_start, name_end, organisation in names:
        piece = _plain(text[position:name_start])
        if parts and piece.startswith("' "):
            piece = "'s" + piece[1:]  # "Acme Labs' business"
        token = "ISSUER" if organisation.issuer else "ORG" if organisation.strong else "CAP"
        parts += (piece, token)
        length += len(piece)
        slots.append((length, length + len(token), organisation))
        length += len(token)
        position = name_end
        if text[name_end - 1 : name_end] == ")" and _POSSESSED.search(text, name_start, name_end):
            parts.append("'s")  # "Acme's (AMEX: ACM) platform": the brackets were left out, whose it is stays
            length += 2
    piece = _plain(text[position:end])
    parts.append("'s" + piece[1:] if parts and piece.startswith("' ") else piece)
    masked = Masked("".join(parts), tuple(slots))
    if not slots:
        return masked
    for begin, _, organisation in slots:
        if masked.text.endswith(_PARENT_ENDS, 0, begin) and _PARENT.search(
            masked.text, max(0, begin - 40), begin
        ):
            organisation.parent = True
            if _OF_ISSUER.search(masked.text, max(0, begin - _OWN_REACH), begin):
                organisation.issuer = True  # whom the issuer belongs to
    if len(slots) > 1:
        masked = _without_bodies_above(masked)
    return _collapse(_without_asides(masked))


def _plain(piece: str) -> str:
    if not piece.isascii():
        piece = piece.translate(_QUOTES)
    # the patterns are asked only where there is something for them: most pieces are a few plain words
    if "  " in piece or not piece.isprintable():
        piece = _SPACES.sub(" ", piece)
    point = piece.find(".")
    if point >= 0 and piece[point + 1 :] not in ("", " "):
        piece = _POINT.sub(r"\1\2", piece)
    if "we" in piece or "We" in piece or "ompany" in piece or "OMPANY" in piece:
        piece = _PRONOUNS.sub("ISSUER", piece)
    return piece


def _cut(masked: Masked, cuts: list[tuple[int, int, str]]) -> Masked:
    if not cuts:
        return masked
    parts, slots, position, shift = [], [], 0, 0
    remaining = list(masked.slots)
    for start, end, put in cuts:
        parts += [masked.text[position:start], put]
        slots += [(s + shift, e + shift, o) for s, e, o in remaining if position <= s < start]
        if put:  # an enumeration: its organisations share the new token
            slots += [
                (start + shift, start + shift + len(put), o) for s, _, o in remaining if start <= s < end
            ]
        shift += len(put) - (end - start)
        position = end
    parts.append(masked.text[position:])
    slots += [(s + shift, e + shift, o) for s, e, o in remaining if s >= position]
    return Masked("".join(parts), tuple(slots))


def _without_bodies_above(masked: Masked) -> Masked:
    cuts = []
    for (begin, end, one), (start, stop, other) in itertools.pairwise(masked.slots):
        if (
            masked.text[end:start] == "'s "
            and other.kind == "institution"
            and other.strong
            and not one.issuer
            and one.kind in ("institution", "grantor")
        ):
            cuts.append((end - len("ORG"), start, ""))  # a ministry's institute: the institute takes part
        elif (
            other.kind == "grantor"
            and one.kind in ("grantor", "institution")
            and start - end < 30
            and one is not other
            and _ABOVE.fullmatch(masked.text, end, start)
            and any(_ABOVE_ALL.match(form) for form in other.forms)
        ):
            cuts.append((end, stop, ""))
        elif (
            one.kind == "institution"
            and other.kind in ("institution", "grantor")
            and one.strong
            and other.strong
            and one is not other
            and not other.issuer
            and start - end < 12
            and _AT.fullmatch(masked.text, end, start)
        ):
            # of an institute at a university the institute takes part, of a department the university
            room = any(_ROOMS.search(form) for form in one.forms)
            cuts.append((begin, start, "") if room else (end, stop, ""))
    return _cut(masked, cuts)


def _without_asides(masked: Masked) -> Masked:
    if ' ("' in masked.text or ' (the "' in masked.text:
        masked = _cut(masked, [(m.start(), m.end(), "") for m in _DEFINED.finditer(masked.text)])
    text = masked.text
    if "'s ORG" in text or "'s CAP" in text:
        masked = _cut(masked, [(m.start(), m.end(), "") for m in _SEATED.finditer(text)])
    if len(masked.slots) > 1 and any(map(text.__contains__, _UNITS)):
        masked = _cut(masked, [(m.start(), m.end(), "") for m in _OWNER.finditer(masked.text)])
    text = masked.text
    if any(text.endswith(_BEFORE_NAMES, 0, start) for start, _, _ in masked.slots):
        for pattern in (_INTRODUCED, _BASED):
            masked = _cut(masked, [(m.start(), m.end(), "") for m in pattern.finditer(masked.text)])
    if "ORG of " in masked.text or "CAP of " in masked.text:
        places = (
            m for m in _OF_PLACE.finditer(masked.text) if masked.text[m.start() - 8 : m.start() - 4] != "from"
        )
        masked = _cut(masked, [(m.start(), m.end(), "") for m in places])
    if ", " not in masked.text:
        return masked
    if ", of " in masked.text or ", also of " in masked.text:
        masked = _cut(masked, [(m.start(), m.end(), "") for m in _SEAT.finditer(masked.text)])
    if " of ORG" in masked.text or " of CAP" in masked.text or " of the ORG" in masked.text:
        masked = _cut(masked, [(m.start(), m.end(), "") for m in _BELONGS.finditer(masked.text)])
    if ", which " in masked.text or ", who " in masked.text:
        masked = _cut(masked, [(m.start(), m.end(), "") for m in _BRIEFLY.finditer(masked.text)])
    asides = []
    for found in _APPOSITIVE.finditer(masked.text):
        asides.append((found.start(), found.end(), ""))
        if "ISSUER" in found[0] and _OWNED.search(found[0]):
            for described in masked.within(found.start() - 6, found.start()):
                described.issuer = True
        trade = next((role for role, words in _TRADES if words.search(found[0])), "")
        if trade:
            for described in masked.within(found.start() - 6, found.start()):
                described.trade = described.trade or trade
    return _cut(masked, asides)


def _collapse(masked: Masked) -> Masked:
    if masked.text.count("ORG") + masked.text.count("CAP") < 2:
        return masked
    starts = {s for s, _, _ in masked.slots}
    cuts = []
    for m in _LIST.finditer(masked.text):
        if m.start() not in starts:
            continue
        if not (_PAIR.fullmatch(m[0]) and not _GOES_ON.match(masked.text, m.end())):
            cuts.append((m.start(), m.end(), "ORGS" if "ORG" in m.group() else "CAPS"))
    return _cut(masked, cuts)


def owned_by_issuer(masked: Masked) -> list[Organisation]:
    """Organisations that the sentence calls a subsidiary or division of the issuer; what "its" means is who was
    named last. So is a company formed for a merger.
    """
    text = masked.text
    if not any(map(text.__contains__, _OWN_WORDS)):
        return []
    own = []
    for start, end, organisation in masked.slots:
        if organisation.issuer:
            continue
        last = [m[0] for m in _NAMED.finditer(text, 0, start)][-1:]
        after = _OWN_AFTER.match(text, end, end + _OWN_REACH)
        if any(_SHELL.search(form) for form in organisation.forms) and _SHELL_AFTER.match(text, end):
            own.append(organisation)
            continue
        if _FORMED.search(text, max(0, start - _OWN_REACH), start) and not text.startswith(" as ", end):
            own.append(organisation)
            continue
        before = last == ["ISSUER"] and (
            _OWN_BEFORE.search(text, max(0, start - _OWN_REACH), start)
            or (_ITS_UNIT.match(text, end) and _ITS.search(text, max(0, start - _OWN_REACH), start))
        )
        if before or (after and (last == ["ISSUER"] or "ISSUER" in after[0])):
            own.append(organisation)
    return own


@dataclass(frozen=True, slots=True)
class _Compiled:
    rule: Rule
    rank: int
    family: str
    pattern: Any
    groups: tuple[int, ...]


class RuleSet:
    """Rules of one file, compiled once. RE2's filter tells by the words that a rule can't do without which of them
    a sentence can match at all (measured: 1.3 of 170); only those are tried. ``first``: rank of the first rule.
    """

    def __init__(self, rules: Sequence[Rule], first: int = 0) -> None:
        self._filter, patterns = compile_together((rule.pattern for rule in rules), one_byte=True)
        self._members: list[_Compiled] = []
        for rank, (rule, pattern) in enumerate(zip(rules, patterns, strict=True), first):
            groups = tuple(n for name, n in pattern.groupindex.items() if name.startswith(b"org"))
            self._members.append(_Compiled(rule, rank, rule.id.split(".", 1)[0], pattern, groups))

    def matches(
        self, masked: Masked, families: Container[str] | None = None
    ) -> list[tuple[int, Rule, list[Organisation]]]:
        """(rank, rule, organisations in its ``org`` group) for every rule that speaks, by rank; a rule without
        the group gives an empty list. ``families`` (what stands before the point of an id): those to ask (all when
        ``None``).
        """
        if not self._members:
            return []
        text = masked.text
        # RE2 reads bytes; one for each character spares it counting them, and no rule knows others than of Latin-1
        read = text.encode("latin-1", "replace")
        spoken = []
        for index in self._filter.Match(read, True) or ():
            compiled = self._members[index]
            if families is not None and compiled.family not in families:
                continue
            organisations: list[Organisation] = []
            if not compiled.groups:
                if not compiled.pattern.search(read):
                    continue
            else:
                for match in compiled.pattern.finditer(read):
                    for group in compiled.groups:
                        organisations += masked.within(*match.span(group))
                if not organisations:
                    continue
            spoken.append((compiled.rank, compiled.rule, organisations))
        return sorted(spoken, key=_RANK) if len(spoken) > 1 else spoken
