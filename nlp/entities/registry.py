"""The organisations of one release: every name and alias that stands for the same one is joined."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from nlp.entities.glosses import Gloss
from nlp.entities.names import LEADING_FORMS, LocalNames, NameLexicon, canonical_name, name_key
from nlp.entities.organisations import Found

__all__ = ["Organisation", "Registry"]

# names of public bodies: they give, and buy, but take no shares
_PUBLIC = re.compile(
    r"\b(?:Ministry|Departments?|Agency|Authority|Councils?|Commission|Administration|Governments?|Command|Army|Navy|Air Force)\b"
    r"|\b(?:National|Federal|State|European) (?:[\w&-]+ ){0,5}(?:Institutes?|Fund|Foundation|Board|Cent(?:er|re))\b|\bBoard$"
)
# first words that do not set a company apart: what follows them may stand for it ("Grupo Ferralta", "Ferralta")
_KINDS_FIRST = frozenset(
    {
        "grupo",
        "groupe",
        "gruppo",
        "laboratorios",
        "laboratorio",
        "laboratoires",
        "laboratoire",
        "laboratori",
        "farmacia",
        "industria",
        "industrias",
    }
)
_SMALL = frozenset(["of", "for", "the", "and", "on", "in", "de", "&"])


@dataclass(slots=True)
class Organisation:
    """One organisation while a release is being read. ``forms``: texts that stand for it; ``seen``:
    where names were found; ``trade``: the role that a description between commas gives it ("a contract research
    organization"), if any; ``parent``: somebody named before it is told to belong to it.
    """

    kind: str
    strong: bool
    forms: dict[str, None] = field(default_factory=dict)
    aliases: set[str] = field(default_factory=set)
    seen: list[tuple[int, int]] = field(default_factory=list)
    issuer: bool = False
    listed: bool = False
    trade: str = ""
    parent: bool = False

    @property
    def public(self) -> bool:
        """Whether it is a giver of grants by its name or by the lists."""
        return self.kind == "grantor" or any(_PUBLIC.search(form) for form in self.forms)

    def full_name(self, text: str, lexicon: NameLexicon) -> str:
        """The name as first written in full: the earliest of the longest canonical forms, with its
        suffix where it has one.
        """
        names = [text[s:e] for s, e in sorted(self.seen)]
        own = [n for n in names if n not in self.aliases] or names
        own = [n for n in own if ", a " not in n] or own  # "Acme Bio, a Beta company"
        own = [
            n for n in own if not (n.isupper() and " " in n)
        ] or own  # a headline in capitals is not how the name is written
        own = [n for n in own if not (n.isupper() and len(n) < 6)] or own  # nor is an abbreviation
        if self.strong and any(" " in n for n in own):
            suffixed = [n for n in own if canonical_name(n, lexicon) != n]
            if suffixed:
                first = canonical_name(suffixed[0], lexicon)
                # a headline may leave out the middle: "Acme Limited", then "Acme Diagnostics Limited"
                fuller = (
                    n for n in suffixed if n.startswith(f"{first} ") and " " in canonical_name(n, lexicon)
                )
                return suffixed[0] if " " in first else next(fuller, suffixed[0])
            most = max(len(n.split()) for n in own)
            return next(n for n in own if len(n.split()) == most)
        return own[0]


def _abbreviates(symbol: str, name: str) -> bool:
    """Whether the letters of ``symbol`` stand in ``name`` in this order, from its first on."""
    letters = iter(name.upper())
    return name[:1].upper() == symbol[0] and all(letter in letters for letter in symbol)


class Registry:
    """Joins the names of one release as they are met."""

    def __init__(self, lexicon: NameLexicon) -> None:
        self._lexicon = lexicon
        self.organisations: list[Organisation] = []
        self._by_key: dict[str, Organisation] = {}
        self._explained: dict[str, Organisation] = {}  # keys that brackets gave to an organisation
        self._met: set[tuple[str, str, bool]] = set()
        self.local = LocalNames()  # for the look-up of names in later sentences

    def get(self, key: str) -> Organisation | None:
        """The organisation that ``key`` stands for."""
        return self._by_key.get(key) or self._by_key.get(self._lexicon.bare_key(key))

    def add(self, text: str, found: Found, gloss: Gloss | None = None) -> Organisation:
        """Enter a name found in the text; returns its organisation, old or new."""
        surface = text[found.start : found.end]
        # met before, written alike: all its keys are taken, and none is ever given back
        met = (found.key, found.kind, found.strong)
        keys = () if met in self._met else self._keys(found)
        organisation = self._find(found, keys)
        if organisation is None:
            organisation = Organisation(found.kind, found.strong)
            self.organisations.append(organisation)
        if found.strong and not organisation.strong:
            organisation.strong, organisation.kind = True, found.kind
        organisation.seen.append((found.start, found.end))
        organisation.forms[surface] = None
        self._met.add(met)
        for key in keys:
            self._claim(key, organisation)
        if gloss:
            for symbol in gloss.symbols:
                key = name_key(symbol)
                if key not in self._lexicon.known and _abbreviates(symbol, surface):
                    self._claim(key, organisation)  # "ACMB will supply": called by its ticker symbol
            organisation.issuer = organisation.issuer or gloss.issuer
            organisation.listed = organisation.listed or gloss.listed
            for alias in gloss.aliases:
                key = name_key(alias)
                if (
                    key
                    and key != found.key
                    and not self._lexicon.known.get(key, "").startswith("never:place")
                ):
                    organisation.aliases.add(alias)
                    if self._explained.setdefault(key, organisation) is not organisation:
                        continue  # "Acme Bio (“Acme”), a subsidiary of Acme Group (“Acme”)": the first keeps it
                    organisation.forms[alias] = None
                    self._claim(key, organisation, override=True)
        return organisation

    def _claim(self, key: str, organisation: Organisation, override: bool = False) -> None:
        if override or key not in self._by_key:
            self._by_key[key] = organisation
            self.local.add(key, organisation.kind)

    def _find(self, found: Found, keys: Sequence[str]) -> Organisation | None:
        known = self.get(found.key)
        if known:
            return known
        owner = self._lexicon.owner.get(found.key)
        if owner and owner in self._by_key:
            return self._by_key[owner]
        if found.strong and found.kind in ("company", "bank", "investor", "cro", "name"):
            # the lead, read first, may have used the short name only
            for key in keys[1:]:
                short = self._by_key.get(key)
                if short is None or any(" " in form for form in short.forms):
                    continue
                if found.kind == "investor" and self._lexicon.known.get(key) == "company":
                    continue  # a company's fund is not the company ("Pfizer", "Pfizer Ventures")
                return short
        return None

    def _keys(self, found: Found) -> list[str]:
        """Keys that may stand for this name later: itself, without suffix, by its lexicon row, and its
        own first word.
        """
        bare = self._lexicon.bare_key(found.key)
        keys = [found.key, bare]
        for key in (found.key, bare):
            if owner := self._lexicon.owner.get(key):
                keys.append(owner)
        if found.strong and found.kind in ("company", "bank", "investor", "cro", "name"):
            words = bare.split()
            # "Acme Bio Holdings" may be called "Acme Bio" and "Acme"; the first word must not be English or
            # a place
            lowered = self._lexicon.marker_norms
            shorter = []
            if len(words) > 2 and words[0].upper() in LEADING_FORMS:
                keys.append(" ".join(words[1:]))  # "PT Acme Farma" may be called "Acme Farma"
            if len(words) > 2 and (
                words[0] in _KINDS_FIRST or self._lexicon.known.get(words[0]) == "never:place"
            ):
                shorter.append(words[1])  # "Hangzhou Acme Biopharma" may be called "Acme"
            while len(words) > 1 and words[-1] in lowered:
                words.pop()
                shorter.append(" ".join(words))
            for short in (*shorter, words[0]):
                if len(short) > 3 and self._distinct(short.split()[0]):
                    keys.append(short)
            # "St George Street Capital" may be called SGSC without being explained
            short = "".join(w[0] for w in bare.split() if w not in _SMALL)
            if (
                len(short) > 2
                and short.isalpha()
                and short not in self._lexicon.known
                and self._distinct(short)
            ):
                keys.append(short)
        elif found.strong and found.kind in ("institution", "grantor"):
            words = bare.split()
            # "National Cancer Institute" may be called NCI without being explained
            short = "".join(w[0] for w in words if w not in _SMALL)
            if len(short) > 2 and short.isalpha():
                keys.append(short)
            head = next((i for i, word in enumerate(words) if word in ("for", "of", "on")), 0)
            if head > 1 and found.kind == "institution" and self._distinct(words[0]):
                keys.append(" ".join(words[:head]))  # "Example Institute for Cancer Science"
            if (
                found.kind == "institution"
                and len(words) == 2
                and words[1] == "university"
                and self._distinct(words[0])
            ):
                keys.append(words[0])
        return list(dict.fromkeys(keys))

    def _distinct(self, word: str) -> bool:
        lexicon = self._lexicon
        return (
            word not in lexicon.common
            and word not in lexicon.marker_norms
            and not lexicon.known.get(word, "").startswith("never")
        )
