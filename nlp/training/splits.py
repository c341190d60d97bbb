"""Keep companies and near-duplicates apart: groups, a fixed test part, folds, and a split by date.

A group is all that shares an issuer (ticker, company field, or the name a headline starts with) or nearly the
same opening. The test part is chosen by the digest of the group's name, so it stays the same whatever else is
added.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from nlp.training.corpus import Example

__all__ = ["digest_of", "folds", "group_names", "is_test", "split_digest", "time_split"]

TEST_SHARE = 0.2
# Pfizer with BioNTech: no digest picks any of the three issuers of the pharma part, so the smallest was
# named beforehand.
TEST_GROUPS = frozenset({"d0001"})

_TICKER = re.compile(
    r"\(\s*(?:[^()]{0,30}?\b)?(?:NASDAQ|NYSE|OTC|TSX|CSE|LSE|AIM|ASX|Euronext|KOSDAQ|OMX|SIX|FSE)[^():]{0,25}:\s*\$?([A-Z][A-Z.\-]{0,6})\b",
    re.I,
)
_VERB = re.compile(
    r"\b(announc|report|provid|appoint|present|receiv|initiat|enter|complet|to "
    r"(?!be\b)|sign|name|host|participat|expand|launch|grant|secur|clos|"
    r"pric|highlight|publish|submit|welcom|strengthen|select|achiev|advanc|dose|issu|file|acquir|join|commenc|unveil|award|show|release|set|"
    r"introduc|and\b|update|win|partner|begin|start|add|get|declar|regain|demonstrat|promot|enrol|close|raise|obtain|schedul|will)",
    re.I,
)
_SUFFIX = re.compile(
    r"\b(incorporated|inc|corporation|corp|company|co|limited|ltd|llc|plc|ab|asa|as|a/s|sa|nv|n\.v|s\.a|ag|se|oyj|holding|holdings|group|publ|the)\b\.?",
    re.I,
)
_GENERIC = frozenset(
    [
        "fda",
        "the",
        "new",
        "first",
        "positive",
        "phase",
        "u.s",
        "us",
        "data",
        "correction",
        "update",
        "investornewsbreaks",
        "law",
    ]
)


def group_names(examples: Sequence[Example]) -> list[str]:
    """The group of each example, as the smallest id in it: same issuer or near-duplicate means same group."""
    parent = list(range(len(examples)))

    def find(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    def join(i: int, j: int) -> None:
        a, b = sorted((find(i), find(j)))
        parent[b] = a

    plain = Counter(w for e in examples for w in set(re.findall(r"(?<![\w-])[a-z]{3,}\b", e.text[:3000])))
    first: dict[str, int] = {}
    for i, example in enumerate(examples):
        for key in _issuer_keys(example, plain):
            join(first.setdefault(key, i), i)
    for i, j in _near_duplicates(examples):
        join(i, j)
    return [examples[find(i)].id for i in range(len(examples))]


def _near_duplicates(examples: Sequence[Example]) -> list[tuple[int, int]]:
    """Pairs whose openings (700 characters) share half of their eight-word runs."""
    runs = []
    where: dict[str, list[int]] = defaultdict(list)
    for i, example in enumerate(examples):
        words = re.findall(r"\w+", example.text[:700].lower())
        runs.append({" ".join(words[k : k + 8]) for k in range(max(1, len(words) - 7))})
        for run in runs[-1]:
            where[run].append(i)
    shared = Counter(
        (i, j) for holders in where.values() for n, i in enumerate(holders[:50]) for j in holders[n + 1 : 50]
    )
    return [(i, j) for (i, j), count in shared.items() if count >= 0.5 * min(len(runs[i]), len(runs[j]))]


def _issuer_keys(example: Example, plain: Counter[str]) -> set[str]:
    keys: set[str] = set()
    company = example.company or ""
    if re.fullmatch(r"[A-Z.]{1,6}", company):
        keys.add(f"ticker:{company}")
    elif company:
        keys.add(_name_key(company, plain))
    tickers = [] if company.isupper() else _TICKER.findall(example.text[:1500])
    if tickers:
        keys.add(f"ticker:{tickers[0].upper()}")
    if company and not company.isupper():
        return keys - {""}  # the field names the issuer; a joint headline may lead with the partner
    head = re.sub(r"^[\w ]*(Breaks|Alert|Markets?)\s*[–—:-]+\s*", "", example.title)
    verb = _VERB.search(head, 3)
    name = re.sub(r"[’']s?\b.*", "", head[: verb.start()] if verb else head[:40])
    name = re.sub(r"\(.*", "", name).strip()
    if name and len(name.split()) <= 4 and name[:1].isupper():
        keys.add(_name_key(name, plain))
    return keys - {""}


def _name_key(name: str, plain: Counter[str]) -> str:
    words = re.findall(r"[\w.&@-]+", _SUFFIX.sub(" ", name).lower())
    if not words or words[0] in _GENERIC:
        return ""
    if len(words[0]) >= 4 and plain[words[0]] < 3:
        return f"name:{words[0]}"
    return f"name:{' '.join(words[:2])}" if len(words) > 1 else ""


def is_test(group: str) -> bool:
    """Whether a group belongs to the fixed test part (about a fifth of the groups)."""
    return (
        group in TEST_GROUPS
        or int(hashlib.sha256(f"ex99 test {group}".encode()).hexdigest()[:8], 16) / 2**32 < TEST_SHARE
    )


def folds(groups: Sequence[str], count: int, seed: str = "fold") -> list[int]:
    """Fold number of each example; groups stay whole; big groups first, each to the smallest fold.
    Deterministic."""
    size = Counter(groups)
    load = [0] * count
    fold_of: dict[str, int] = {}
    order = sorted(size, key=lambda g: (-size[g], hashlib.sha256(f"{seed} {g}".encode()).hexdigest()))
    for group in order:
        fold = min(range(count), key=lambda f: (load[f], f))
        fold_of[group] = fold
        load[fold] += size[group]
    return [fold_of[group] for group in groups]


def time_split(
    examples: Sequence[Example], groups: Sequence[str], cutoff: str
) -> tuple[list[int], list[int]]:
    """Train on what is dated before ``cutoff`` (ISO), test on what came after, of companies not trained
    on."""
    train = [i for i, e in enumerate(examples) if e.date and e.date < cutoff]
    known = {groups[i] for i in train}
    test = [i for i, e in enumerate(examples) if e.date and e.date >= cutoff and groups[i] not in known]
    return train, test


def digest_of(ids: Sequence[str]) -> str:
    """SHA-256 over ids, one a line."""
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()


def split_digest(ids: Sequence[str], groups: Sequence[str]) -> str:
    """SHA-256 over id, group and part of each example."""
    return digest_of(
        [
            f"{i}\t{group}\t{'test' if is_test(group) else 'train'}"
            for i, group in zip(ids, groups, strict=True)
        ]
    )
