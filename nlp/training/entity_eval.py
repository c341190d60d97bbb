"""Measure the rule layer against labels: precision, recall and F1 a kind and a role, with the commonest
misses.

Each document is read whole, as it is served; what is compared is its title and the first ``labelled_chars``
characters of its text, the stretch that was labelled. Parts keep companies apart (:func:`entity_part`).
"""

from __future__ import annotations

import hashlib
import importlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from nlp.entities import Counterparty, Drug
from nlp.entities.counterparties import CounterpartyFinder
from nlp.entities.drugs import DrugFinder
from nlp.entities.names import NameLexicon, canonical_name
from nlp.errors import InputError
from nlp.release import Release, read_release
from nlp.rulebook import Rulebook, default_rulebook
from nlp.training.corpus import read_lines

__all__ = [
    "EntityLabel",
    "Tally",
    "company_digest",
    "drug_names",
    "entity_part",
    "evaluate_entities",
    "kind_of_name",
    "name_key",
    "normal_name",
    "read_entity_labels",
    "same_place",
    "tally",
]

Part = Literal["all", "dev", "test"]
Events = Literal["gold", "model", "none"]

_MARKS = re.compile(r"[®™]|\((?:R|TM)\)")
_GAPS = re.compile(r"[\s‐‑–-]+")
_FEED = re.compile(r"^(?:\w*(?:Breaks|Newswire)\w*)\s*[-—–:]+\s*")  # "BioMedNewsBreaks – Acme Bio …"
_WORST = 25  # names listed of each sort of error


@dataclass
class Tally:
    """Counts over documents. ``missed`` and ``false`` count keys, for the reports of what goes wrong most often."""

    hits: Counter[str] = field(default_factory=Counter)
    false: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: Counter[tuple[str, str]] = field(default_factory=Counter)

    def scores(self, kind: str | None = None) -> tuple[float, float, float]:
        """Precision, recall and F1, of one kind or of all; 0.0 where nothing was found or wanted."""
        hits, false, missed = self.counts(kind)
        precision = hits / (hits + false) if hits + false else 0.0
        recall = hits / (hits + missed) if hits + missed else 0.0
        return precision, recall, 2 * precision * recall / (precision + recall) if hits else 0.0

    def counts(self, kind: str | None = None) -> tuple[int, int, int]:
        """Hits, false hits and misses, of one kind or of all."""
        return (
            sum(n for k, n in self.hits.items() if kind in (None, k)),
            sum(n for (k, _), n in self.false.items() if kind in (None, k)),
            sum(n for (k, _), n in self.missed.items() if kind in (None, k)),
        )

    def summary(self) -> dict[str, Any]:
        """Figures of all and of each kind, and the commonest errors, as plain data."""
        kinds = sorted({*self.hits, *(k for k, _ in self.false), *(k for k, _ in self.missed)})
        return {
            **self._figures(None),
            "kinds": {kind: self._figures(kind) for kind in kinds},
            "missed": [[kind, key, n] for (kind, key), n in self.missed.most_common(_WORST)],
            "false": [[kind, key, n] for (kind, key), n in self.false.most_common(_WORST)],
        }

    def _figures(self, kind: str | None) -> dict[str, Any]:
        precision, recall, f1 = self.scores(kind)
        hits, false, missed = self.counts(kind)
        return {
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f1": round(f1, 4),
            "wanted": hits + missed,
            "found": hits + false,
            "right": hits,
        }


def normal_name(name: str) -> str:
    """A drug's name for comparison: case, marks, hyphens and spaces ignored.

    >>> normal_name("CLR-131®") == normal_name("clr 131")
    True
    """
    return _GAPS.sub("", _MARKS.sub("", name)).casefold()


def kind_of_name(name: str) -> str:
    """Kind of a label, which states none: ``code`` with a digit, ``inn`` in lower case, ``brand`` otherwise."""
    return "code" if any(c.isdigit() for c in name) else "inn" if name[:1].islower() else "brand"


def drug_names(drugs: Iterable[Drug], limit: int | None = None) -> dict[str, str]:
    """Normal name to kind of all names mentioned before character ``limit``."""
    return {
        normal_name(m.text): kind_of_name(m.text)
        for d in drugs
        for m in d.mentions
        if limit is None or m.start < limit
    }


def tally(pairs: Iterable[tuple[Mapping[str, str], Mapping[str, str]]]) -> Tally:
    """Compare ``(wanted, found)`` of each document: both map a key to its kind.

    >>> tally([({"a": "inn", "b": "code"}, {"a": "inn", "c": "brand"})]).scores()
    (0.5, 0.5, 0.5)
    """
    result = Tally()
    for wanted, found in pairs:
        for key, kind in wanted.items():
            if key in found:
                result.hits[kind] += 1
            else:
                result.missed[kind, key] += 1
        for key, kind in found.items():
            if key not in wanted:
                result.false[kind, key] += 1
    return result


@dataclass(frozen=True, slots=True)
class EntityLabel:
    """One labelled document: ``limit`` is where its labelled stretch ends, in characters of ``text``;
    ``company`` is the first word of the issuer's name, by which parts and folds keep companies apart.
    """

    id: str
    text: str
    limit: int
    part: str
    company: str
    events: tuple[str, ...]
    issuer: str | None
    counterparties: tuple[tuple[str, str], ...]
    drugs: tuple[str, ...]


def entity_part(company: str | None, title: str) -> Literal["dev", "test"]:
    """``test`` for a quarter of the companies, by the digest of the issuer's first word; ``dev`` otherwise.

    Rules for counterparties were written, and their weights learned, by reading the ``dev`` part only.
    """
    return "test" if company_digest(_first_word(company, title)) % 4 == 3 else "dev"


def _first_word(company: str | None, title: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", ((company or "").strip() or _FEED.sub("", title)).lower())
    return next((word for word in words if word not in ("the", "u", "s")), "")


def _issuer(entry: dict[str, Any]) -> str | None:
    """The company field, but for the ``pharma`` part, where it names the site a partner's release was found on."""
    return None if entry.get("source") == "pharma" else entry.get("company") or None


def company_digest(word: str) -> int:
    """A byte that parts companies: 3 modulo 4 is the test part; rules were first written on the even ones."""
    return hashlib.sha256(word.encode()).digest()[0]


def read_entity_labels(texts: Path, labels: Path, part: Part = "all") -> tuple[EntityLabel, ...]:
    """Texts and labels joined by id, sorted by it. Both may be files or the folders that hold
    ``releases.jsonl`` and ``labels.jsonl``. Raises ``InputError``.
    """
    texts = texts / "releases.jsonl" if texts.is_dir() else texts
    labels = labels / "labels.jsonl" if labels.is_dir() else labels
    wanted = {entry["id"]: entry for _, entry in read_lines(labels) if "counterparties" in entry}
    found = []
    for number, entry in read_lines(texts):
        label = wanted.get(entry["id"])
        if label is None:
            continue
        try:
            title, limit = entry["title"], int(entry["labelled_chars"])
            document = EntityLabel(
                entry["id"],
                f"{title}\n\n{entry['text']}",
                len(title) + 2 + limit,
                entity_part(entry.get("company"), title),
                _first_word(entry.get("company"), title),
                tuple(label["events"]),
                label.get("issuer") or _issuer(entry),
                tuple((c["name"], c["role"]) for c in label["counterparties"]),
                tuple(label["drugs"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"{texts}, line {number}: {entry['id']!r} lacks what entities are measured by ({error!r})"
            ) from error
        if part in ("all", document.part):
            found.append(document)
    if not found:
        raise InputError(f"{labels}: no labelled entities for the texts of {texts} (part {part})")
    return tuple(sorted(found, key=lambda d: d.id))


def evaluate_entities(
    texts: Path,
    labels: Path,
    *,
    events: Events = "gold",
    part: Part = "test",
    with_filer: bool = False,
    baseline: bool = False,
    rulebook: Rulebook | None = None,
) -> dict[str, Any]:
    """Measure drugs and counterparties on labelled releases.

    ``events``: what the counterparty finder is told: the labelled events, those the current model tags, or
    none; ``with_filer``: whether it is told the issuer's labelled name; ``baseline``: run the dictionary
    package for drug names as well, where it is installed.

    The result is plain data: ``documents``, ``drugs`` (kinds code, inn, brand), ``counterparties`` with
    ``name`` (by canonical name; kinds are the labelled roles), ``overlap`` (names that stand in the same
    place or hold one another count) and ``name_role`` (both right), and ``notes``.
    """
    rulebook = rulebook or default_rulebook()
    lexicon = NameLexicon(rulebook)
    drugs, counterparties = DrugFinder(rulebook), CounterpartyFinder(rulebook)
    tag = _tagger(events)
    drug_pairs: list[tuple[dict[str, str], dict[str, str]]] = []
    base_pairs: list[tuple[dict[str, str], dict[str, str]]] = []
    names, roles, overlap = Tally(), Tally(), Tally()
    documents = read_entity_labels(texts, labels, part)
    find_baseline, notes = _baseline() if baseline else (None, [])
    for document in documents:
        release = read_release(document.text)
        wanted_drugs = {normal_name(d): kind_of_name(d) for d in document.drugs}
        filer = document.issuer if with_filer else None
        drug_pairs.append((wanted_drugs, drug_names(drugs.find(release, filer=filer), document.limit)))
        if find_baseline:
            base_pairs.append((wanted_drugs, find_baseline(document.text[: document.limit])))
        found = [
            c
            for c in counterparties.find(release, filer=filer, events=tag(document, release))
            if c.mentions and c.mentions[0].start < document.limit
        ]
        compare_counterparties(document, found, lexicon, names, roles, overlap)
    result: dict[str, Any] = {
        "part": part,
        "events": events,
        "with_filer": with_filer,
        "documents": len(documents),
        "drugs": tally(drug_pairs).summary(),
        "counterparties": {
            "name": names.summary(),
            "overlap": overlap.summary(),
            "name_role": roles.summary(),
        },
        "notes": notes,
    }
    if find_baseline:
        result["drugs_baseline"] = tally(base_pairs).summary()
    return result


def compare_counterparties(
    document: EntityLabel,
    found: Sequence[Counterparty],
    lexicon: NameLexicon,
    names: Tally,
    roles: Tally,
    overlap: Tally,
) -> None:
    """Add one document to the three tallies. Names are compared by canonical form, ignoring case."""
    wanted = {name_key(canonical_name(n, lexicon)): (n, role) for n, role in document.counterparties}
    given = {name_key(c.canonical): c for c in found}
    for key, (_, role) in wanted.items():
        if key not in given:
            names.missed[role, key] += 1
            roles.missed[role, key] += 1
        else:
            names.hits[role] += 1
            if given[key].role == role:
                roles.hits[role] += 1
            else:
                roles.missed[role, f"{key} (found as {given[key].role})"] += 1
                roles.false[given[key].role, key] += 1
    for key, counterparty in given.items():
        if key not in wanted:
            names.false[counterparty.role, key] += 1
            roles.false[counterparty.role, key] += 1
    free = [c for key, c in given.items() if key not in wanted]
    for key, (name, role) in wanted.items():
        if key in given:
            overlap.hits[role] += 1
            continue
        same = next((c for c in free if same_place(document.text, name, key, c)), None)
        if same is None:
            overlap.missed[role, key] += 1
        else:
            overlap.hits[role] += 1
            free.remove(same)
    for counterparty in free:
        overlap.false[counterparty.role, name_key(counterparty.canonical)] += 1


def name_key(name: str) -> str:
    """A canonical name for comparison."""
    return name.casefold().replace("’", "'")


def same_place(text: str, name: str, key: str, counterparty: Counterparty) -> bool:
    """Whether a labelled name and a found one overlap in the text, or one is made of the other's words."""
    have, want = set(name_key(counterparty.canonical).split()), set(key.split())
    if have <= want or want <= have:
        return True
    start = text.find(name)
    while start >= 0:
        if any(m.start < start + len(name) and start < m.end for m in counterparty.mentions):
            return True
        start = text.find(name, start + 1)
    return False


def _tagger(events: Events) -> Callable[[EntityLabel, Release], tuple[str, ...]]:
    if events == "model":
        from nlp.model import EventModel  # only this way of measuring needs the model's packages

        model = EventModel.load()
        return lambda _, release: tuple(s.type for s in model.score(release) if s.accepted)
    return (lambda document, _: document.events) if events == "gold" else (lambda _, __: ())


def _baseline() -> tuple[Callable[[str], dict[str, str]] | None, list[str]]:
    """The dictionary package ``drug-named-entity-recognition``, a development dependency."""
    try:
        find_drugs = importlib.import_module("drug_named_entity_recognition").find_drugs
    except ImportError:
        return None, ["drug-named-entity-recognition is not installed; its baseline is left out"]

    def find(text: str) -> dict[str, str]:
        words = re.findall(r"\w[\w.'-]*\w|\w", text)
        spans = ((start, end) for _, start, end in find_drugs(words, is_ignore_case=True))
        named = (" ".join(words[start:end]) for start, end in spans)
        return {normal_name(name): kind_of_name(name) for name in named}

    return find, []
