"""Look drug names up: lexicon, stems of the INN scheme, biologic suffixes, and the lists of what only looks like a drug.

All lookups are hash lookups on one word, so cost does not grow with the lists (a phrase matcher over as many names takes
seconds and hundreds of megabytes to build).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from nlp.entities import DrugKind
from nlp.rulebook import Rulebook

__all__ = ["DrugNames", "Entry", "fold", "load_drug_names"]

_PLAIN = str.maketrans(
    {"‐": "-", "‑": "-", "–": "-", "\u00a0": " ", "\n": " ", "’": "'"}
    | dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "01234567890123456789", strict=True))
)
_STEM_ROOT = 3  # letters that must stand before a stem: shorter words (statin, mabs) name classes

# Second words of INNs (conjugates, fusion and cell products, salts that the name of the drug is registered with).
_SECOND = re.compile(
    r"\s(?:alfa|alpha|HCl|beta|gamma|delta|epsilon|zeta|pegol|sodium|hydrochloride|mesylate|tosylate|succinate|maleate|fumarate|phosphate|"
    r"acetate|propionate|citrate|tartrate|disoproxil|alafenamide|hydrobromide|potassium|besylate|medoxomil|etexilate|"
    r"dipivoxil|arginine|lysine|calcium|sulfate|"
    r"[a-z]{2,}(?:tecan|manitin|bulin|meran|dotin|tansine|rine|micin|tesirine|leucel|temcel|parvovec|vec|sudotox|pamirine|tetraxetan|ceribulin|rubicin|"
    r"plasmid|tazide|tocel|retrocel|cevumeran|mafodotin|masetecan|tazevibulin|talirine))(?![\w])",
    re.IGNORECASE,
)
# Four letters without meaning that the FDA appends to biologics since 2017 (lecanemab-irmb).
_SUFFIX = re.compile(r"-[a-z]{4}(?![\w-])")
_PLAIN_SUFFIXES = frozenset(
    [
        "-based",
        "-like",
        "-free",
        "-plus",
        "-only",
        "-arms",
        "-dose",
        "-fast",
        "-type",
        "-treated",
        "-naive",
        "-mono",
    ]
)


_SPECIAL = frozenset(
    {"before a number", "wants support"}
)  # kinds of look-alikes that only weigh against a name


def fold(name: str) -> str:
    """Lower case, plain hyphens, spaces and digits; the same length as ``name`` for all names of the lexicons.

    >>> fold("GTx‑104")
    'gtx-104'
    """
    if name.isascii():  # most are, and translating costs ten times as much
        return name.lower().replace("\n", " ")
    return name.translate(_PLAIN).lower()


class Entry(NamedTuple):
    """A name of the lexicon: folded, its kind, and the generic of a brand (or the name of a code) where known."""

    name: str
    kind: DrugKind
    generic: str
    proper: bool  # written with a capital: such a name is not found in lower case


@dataclass(slots=True)
class DrugNames:
    """The lists, ready for lookup. ``first`` maps a first word to its entries, longest first."""

    first: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    stems: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # by their last three letters, longest first
    prefixes: frozenset[str] = frozenset()
    not_drugs: frozenset[str] = frozenset()
    genes: frozenset[str] = frozenset()
    trials: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()
    not_spaced: frozenset[str] = frozenset()
    doubtful: frozenset[str] = frozenset()  # hormones, nutrients: drugs only where the sentence says so
    firms: frozenset[str] = (
        frozenset()
    )  # first words of companies' names that are no drug's: Medivir has a stem
    added: frozenset[str] = frozenset()
    biomedical: frozenset[str] = (
        frozenset()
    )  # words of the field, as written small, with a capital, in capitals

    _behind: dict[str, frozenset[str]] = field(default_factory=dict)  # of first words as far as they were met

    def single(self, word: str) -> Entry | None:
        """The entry that is exactly this folded word."""
        return next((e for e in self.first.get(word, ()) if e.name == word), None)

    def stem_of(self, word: str) -> str | None:
        """The INN stem at the end of a folded word of letters, or ``None``; the name of a firm has none."""
        for stem in self.stems.get(word[-3:], ()):
            if word.endswith(stem) and len(stem) + _STEM_ROOT <= len(word):
                return None if word in self.firms else stem
        return None

    def behind(self, word: str) -> frozenset[str]:
        """The two characters of ASCII, as texts may write them, that stand behind folded ``word`` in the names that
        begin with it; none where they don't tell, as behind a name of one word.
        """
        found = self._behind.get(word)
        if found is None:
            pairs = {entry.name[len(word) : len(word) + 2] for entry in self.first.get(word, ())}
            told = pairs if all(len(pair) == 2 for pair in pairs) else ()
            found = self._behind[word] = frozenset(
                one + two for pair in told for one in _written(pair[0]) for two in _written(pair[1])
            )
        return found

    def longest(self, text: str, start: int, word: str) -> tuple[int, Entry] | None:
        """The longest entry that begins with folded ``word`` at ``start``: its end and the entry."""
        entries = self.first.get(word)
        if not entries:
            return None
        if entries[0].name == word and start + len(word) <= len(text):
            return start + len(word), entries[0]  # names of one word, and the text was cut where it ends
        window = fold(text[start : start + len(entries[0].name) + 1])
        for entry in entries:
            if window.startswith(entry.name):
                end = start + len(entry.name)
                after = text[end : end + 1]
                if not after.isalnum() or after in RAISED:
                    return end, entry
        return None


def _written(char: str) -> str:
    """The characters of ASCII that are folded to ``char``."""
    return " \n" if char == " " else char + char.upper() if char.isalpha() else char


def extend_inn(text: str, end: int) -> int:
    """Where an INN that ends at ``end`` really ends: second words and biologic suffix included.

    >>> extend_inn("zorlimab vedotin-abcd in", 8)
    21
    """
    for _ in range(2):
        second = _SECOND.match(text, end)
        if second is None:
            break
        end = second.end()
    suffix = _SUFFIX.match(text, end)
    if suffix and suffix.group() not in _PLAIN_SUFFIXES:
        end = suffix.end()
    return end


def load_drug_names(rulebook: Rulebook, add: Iterable[str] = (), remove: Iterable[str] = ()) -> DrugNames:
    """Build the lookups from the rulebook's lexicons; ``add`` and ``remove`` are the user's names."""
    added = {fold(name.strip()): name.strip() for name in add if name.strip()}
    removed = {fold(name.strip()) for name in remove}
    first: dict[str, list[Entry]] = {}
    for entry in _entries(rulebook):
        if entry.name not in removed and entry.name not in added:
            first.setdefault(_first_word(entry.name), []).append(entry)
    for name, written in added.items():
        kind: DrugKind = "code" if any(c.isdigit() for c in name) else "brand"
        first.setdefault(_first_word(name), []).append(Entry(name, kind, "", written[:1].isupper()))
    alike = rulebook.columns("drug_lookalikes")
    not_drugs: dict[str, set[str]] = {}  # by kind
    for term, why in zip(map(fold, alike["term"]), alike["kind"], strict=True):
        not_drugs.setdefault(why if why in _SPECIAL else "", set()).add(term)
    firms = {fold(name.partition(" ")[0].rstrip(",")) for name in rulebook.columns("companies")["name"]}
    return DrugNames(
        first={
            word: tuple(entries if len(entries) == 1 else sorted(entries, key=lambda e: -len(e.name)))
            for word, entries in first.items()
        },
        stems=_by_ending(rulebook.columns("drug_stems")["stem"]),
        prefixes=frozenset(rulebook.columns("drug_code_prefixes")["prefix"]),
        not_drugs=frozenset(not_drugs.get("", set()) - added.keys() | removed),
        genes=frozenset(rulebook.columns("gene_symbols")["symbol"]),
        trials=frozenset(map(str.upper, rulebook.columns("trial_acronyms")["acronym"])),
        common=frozenset(rulebook.columns("common_words")["word"]),
        not_spaced=frozenset(not_drugs.get("before a number", ())),
        doubtful=frozenset(not_drugs.get("wants support", set()) - added.keys()),
        firms=frozenset(firms - first.keys() - added.keys()),
        added=frozenset(added),
        biomedical=frozenset(
            form
            for word in rulebook.columns("biomedical_words")["word"]
            for form in (word, word.capitalize(), word.upper())
        ),
    )


def _entries(rulebook: Rulebook) -> Iterator[Entry]:
    rows = rulebook.columns("drug_names")
    for written, said, generic in zip(rows["name"], rows["kind"], rows["generic"], strict=True):
        kind: DrugKind = "code" if said == "code" else "brand" if said == "brand" else "inn"
        proper = kind == "brand" and written[:1].isupper()
        yield Entry(fold(written), kind, fold(generic) if generic else "", proper)


def _by_ending(stems: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Stems under their last three letters, so that most words are done with after one lookup."""
    endings: dict[str, list[str]] = {}
    for stem in sorted(set(stems), key=lambda s: (-len(s), s)):
        endings.setdefault(stem[-3:], []).append(stem)
    return {ending: tuple(group) for ending, group in endings.items()}


def _first_word(name: str) -> str:
    if name.isalnum():  # folded, so without raised digits
        return name
    match = WORD.search(name)
    return match.group() if match else name


# A word with inner hyphens (one group, so that ``split`` keeps the words); what the finder cuts releases into, and the lexicons with it.
# Raised digits are no part of it: they number footnotes (ZORVEXA¹).
WORD = re.compile(r"([^\W_⁰¹²³⁴-⁹]++(?:[-‐‑–][^\W_⁰¹²³⁴-⁹]++)*+)")
RAISED = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹")
