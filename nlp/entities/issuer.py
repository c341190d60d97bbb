"""Who issues the release: by the filing header where it is known, else by what headline and lead say."""

from __future__ import annotations

import re
from itertools import repeat

from nlp.entities.names import NameLexicon, name_key
from nlp.entities.registry import Organisation, Registry
from nlp.release import Release

__all__ = ["about_whom", "find_issuer", "is_family"]

ANNOUNCES = re.compile(
    r"(?i)\b(?:announc(?:ed?|es|ing)|said (?:it|that|they)|said(?<=[\w.], said)|report(?:ed|s)?|disclosed|said today|today (?:said|provided|confirmed|launched|unveiled)|is pleased to|provided? an? update|(?:has|have) (?:today |recently |also )?(?:entered|signed|granted|licensed|out-licensed|inked|earned|purchased|exercised|executed|completed|received|agreed|retained|engaged|resolved|decided|closed|acquired|launched|appointed|selected|secured|raised|obtained|submitted|filed|initiated|begun|named|chosen|enlisted|tapped|hired|partnered|teamed|joined|won|landed|cut|picked|gained|extended|expanded|renewed|struck|reached|sold|bought|outsourced|exercised|amended|formed|established))\b"
)

_ABOUT = re.compile(r"[\W_]*(?i:about) (?:the )?([A-Z0-9][^\n:(®™]{1,70}+)")

_ACTED = re.compile(
    r"\b(?:signed|inked|entered|formed|extended|acquired|received|obtained|granted|licensed|selected|launched|completed|closed|raised|secured|won|began|started|initiated)\b"
)
_OPENING = 4  # characters before a name that opens a sentence
_GIVERS = frozenset({"institution", "grantor"})
_BACKERS = _GIVERS | {"bank", "investor"}  # issue releases of their own only where nobody else does

# "an officer at Acme today announced": what hangs on a preposition is not who announces, nor is one's partner
_OBLIQUE = re.compile(r"(?i)\b(?:at|of|with|from|by|for|to|in)(?: the)? $|\bpartners? $")


def _words(name: str, lexicon: NameLexicon) -> set[str]:
    skip = lexicon.suffixes | {"&", "and", "the", "/de/", "/new/", "de", "new"}
    return {w.strip("/'") for w in name_key(name).split()} - skip


def is_filer(organisation: Organisation, filer: str, lexicon: NameLexicon) -> bool:
    """Whether a name of the organisation is the filer's ("LILLY ELI & CO" is Eli Lilly and Company)."""
    wanted = _words(filer, lexicon)
    first = name_key(filer).split()[:1]
    for form in organisation.forms:
        have = _words(form, lexicon)
        if have and (
            have == wanted
            or (have < wanted and name_key(form).split()[:1] == first and organisation.kind != "institution")
        ):
            return True
    return False


def is_family(organisation: Organisation, issuer: Organisation, lexicon: NameLexicon) -> bool:
    """Whether the organisation wears the issuer's own first word: a parent, subsidiary or the like."""
    if organisation is issuer:
        return True
    theirs = {name_key(f).split()[0] for f in organisation.forms if name_key(f)}
    if organisation.kind == issuer.kind == "company" and any(
        map(_begins, organisation.forms, repeat(issuer))
    ):
        return True
    for form in issuer.forms:
        key = name_key(form)
        first = key.split()[0] if key else ""
        if (
            len(first) > 3
            and first in theirs
            and first not in lexicon.common
            and first not in lexicon.marker_norms
        ):
            if lexicon.known.get(first, "").startswith("never"):
                continue
            owners = {lexicon.owner.get(name_key(f)) for f in organisation.forms} - {None}
            own = {lexicon.owner.get(name_key(f)) for f in issuer.forms} - {None}
            # Merck KGaA is not Merck & Co.: two rows of the company list stay two
            if not owners or not own or owners & own:
                return True
    return False


def _begins(form: str, issuer: Organisation) -> bool:
    """Whether the issuer's name goes on where ``form``, of two words or more, ends ("Acme Pharma" of "Acme Pharma Companies, Inc.")."""
    key = name_key(form)
    return " " in key and any(name_key(own).startswith(f"{key} ") for own in issuer.forms)


def find_issuer(
    registry: Registry,
    headline: list[Organisation],
    lead: list[tuple[str, list[tuple[int, Organisation]]]],
    filer: str | None,
    lexicon: NameLexicon,
) -> Organisation | None:
    """The issuer among the organisations found, or ``None``.

    ``headline``: organisations of the headline in order; ``lead``: sentences of the lead as (text,
    [(offset in it, organisation)]).
    """
    if filer:
        for organisation in registry.organisations:
            if is_filer(organisation, filer, lexicon):
                return organisation
    for organisation in registry.organisations:
        if organisation.issuer:
            return organisation
    companies = [o for o in headline if o.kind not in _BACKERS]
    listed: Organisation | None = None  # in sentences before, by its ticker
    for sentence, names in lead:
        verb = ANNOUNCES.search(sentence)
        if not verb:
            listed = listed or next((o for _, o in names if o.listed), None)
            continue
        subjects = [
            o
            for offset, o in names
            if offset < verb.start()
            and (o.strong or o.listed or o in headline)
            and not _OBLIQUE.search(sentence, max(0, offset - 12), offset)
        ]
        if listed and subjects and not subjects[0].listed and subjects[0] not in headline:
            return listed  # who is introduced later has done something
        if subjects and not subjects[0].listed and subjects[0].kind in ("bank", "investor") and companies:
            continue  # who gives the money speaks of a company that the headline names
        if subjects:
            if subjects[0].kind in _GIVERS and not subjects[0].listed:
                # of a university and a company that announce together, the company issues
                joined = [
                    o
                    for offset, o in names
                    if sentence[max(0, offset - 5) : offset].endswith((" and ", ", "))
                ]
                firms = [
                    o for o in subjects[1:] if o.listed or (o in joined and o.strong and o.kind == "company")
                ]
                return next((o for o in firms if o.listed), firms[0] if firms else subjects[0])
            return subjects[0]
    # news in brief opens with who has acted
    first, names = next(((text, names) for text, names in lead if names), ("", []))
    if names and names[0][0] < _OPENING and names[0][1].strong and names[0][1].kind not in _BACKERS:
        verb = _ACTED.search(first, names[0][0])
        if verb and not any(names[0][0] < offset < verb.start() for offset, _ in names[1:2]):
            return names[0][1]
    named = [o for _, names in lead for _, o in names]
    quoted = [o for o in headline[:2] if o.listed]  # of two that a headline names, the listed one files
    for backers in (_BACKERS, _GIVERS):
        for candidates in (quoted if len(quoted) == 1 else [], headline[:3], named):
            for organisation in candidates:
                if organisation.kind not in backers and (
                    organisation.strong or organisation is candidates[0]
                ):
                    return organisation
    return None


def about_whom(release: Release, registry: Registry, issuer: Organisation | None) -> Organisation | None:
    """``issuer``, unless paragraphs headed "About ..." describe others of the release but not it: then the first of
    those. Who issues a release describes itself at its end; law firms do so in notices about others.
    """
    described: list[Organisation] = []
    for section in release.sections:
        if section.kind != "about" or not (heading := _ABOUT.match(release.text, section.start, section.end)):
            continue
        organisation = registry.get(name_key(heading[1]))
        if organisation is not None and organisation.kind not in _BACKERS and "LLP" not in heading[1]:
            described.append(organisation)
    if not described or any(organisation is issuer for organisation in described):
        return issuer
    return described[0]
