"""The rule layer: counterparties with roles, drug names and deal terms, each as spans of the release's text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Counterparty", "Drug", "DrugKind", "Entities", "Mention", "Role", "Term"]

DrugKind = Literal["code", "inn", "brand"]
Role = str
"""One of ``nlp.rulebook.default_rulebook().roles`` (``resources/rules/labels.toml``): licensor, licensee, partner …"""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name where it stands: ``text`` is ``release.text[start:end]``.

    >>> from nlp.entities import Mention
    >>> text = "Acme Bio Licenses ACM-101 From Beta Pharma"
    >>> mention = Mention("ACM-101", 18, 25)
    >>> text[mention.start : mention.end] == mention.text
    True
    """

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Drug:
    """One drug: the name it is best known by in this release, its other names here, and where they stand.

    >>> from nlp import classify
    >>> [(drug.name, drug.kind) for drug in classify("Acme Bio Licenses ACM-101 From Beta Pharma").drugs]
    [('ACM-101', 'code')]
    """

    name: str
    kind: DrugKind
    aliases: tuple[str, ...]
    rule: str
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class Counterparty:
    """An organisation that is party to what is announced. ``name`` as first written in full, ``canonical`` without legal suffix.

    >>> from nlp import classify
    >>> [(c.name, c.role) for c in classify("Acme Bio Licenses ACM-101 From Beta Pharma AG").counterparties]
    [('Beta Pharma AG', 'licensor')]
    """

    name: str
    canonical: str
    role: Role
    rule: str
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the deal, offering or trial: ``family`` (deal, offering, trial, regulatory), ``kind`` (``upfront``, ``gross_proceeds``, ``nct_number`` …),
    ``value`` as text in a normal form, and for amounts ``number`` with ``unit`` (ISO currency, ``percent``, ``shares``, ``patients``).

    >>> from nlp import classify
    >>> result = classify("Acme Bio Licenses ACM-101 to Beta Pharma AG for $25 Million Upfront")
    >>> [(term.kind, term.number, term.unit) for term in result.entities.terms]
    [('upfront', 25000000.0, 'USD')]
    """

    family: str
    kind: str
    value: str
    number: float | None
    unit: str | None
    rule: str
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class Entities:
    """All that the rule layer found in one release.

    >>> from nlp import classify
    >>> found = classify("Acme Bio Licenses ACM-101 From Beta Pharma AG").entities
    >>> len(found.drugs), len(found.counterparties), found.terms
    (1, 1, ())
    """

    drugs: tuple[Drug, ...] = ()
    counterparties: tuple[Counterparty, ...] = ()
    terms: tuple[Term, ...] = ()
