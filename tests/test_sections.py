"""Measure sectioning against ``data/labels/sections.jsonl``; needs the real texts beside the checkout.

python -m tests.test_sections        prints a table, one row a part
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nlp.release import Release, read_release
from nlp.submission import read_submission

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
LABELS = ROOT / "data" / "labels" / "sections.jsonl"
KINDS = ("about", "safe_harbor", "contact")


def words(text: str) -> list[str]:
    """Lower-case words and numbers: what survives any normalisation of blanks, quotes and dashes."""
    return re.findall(r"[^\W_]+", text.lower())


def digest(tokens: list[str]) -> str:
    """The form in which labels name a piece of text."""
    return hashlib.sha256(" ".join(tokens).encode()).hexdigest()


def labelled() -> Iterator[tuple[dict[str, Any], Release]]:
    """Each label with the release it was read from."""
    corpus = {}
    with (SHARED / "corpus" / "releases.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            corpus[entry["id"]] = entry
    for line in LABELS.read_text("utf-8").splitlines():
        label = json.loads(line)
        if "corpus" in label:
            entry = corpus[label["corpus"]]
            yield label, read_release(entry["title"] + "\n\n" + entry["text"])
        else:
            submission = read_submission(
                (SHARED / "edgar" / "submissions" / f"{label['submission']}.txt").read_bytes()
            )
            yield label, read_release(submission.body(submission.documents[label["document"] - 1]))


def begun(release: Release, kind: str) -> list[str]:
    """Texts of the sections of a kind; one that goes on below a page's furniture is not begun anew."""
    texts, previous = [], ""
    for section in release.sections:
        if section.kind == kind and (previous != kind or kind == "about"):
            texts.append(release.text[section.start : section.end])
        if section.kind != "furniture":
            previous = section.kind
    return texts


def measure(show: bool = False) -> dict[str, dict[str, float]]:
    """Part -> fact -> share of the releases in which it is right (of those where it was judged)."""
    right: Counter[tuple[str, str]] = Counter()
    judged: Counter[tuple[str, str]] = Counter()
    for label, release in labelled():
        found: dict[str, Any] = {"headline": digest(words(release.headline)) if release.headline else None}
        line = release.dateline
        wanted = label["dateline"]
        found["dateline"] = line and [line.city, line.region, line.date, line.wire]
        for kind in KINDS:
            found[kind] = [digest(words(text)[:3]) for text in begun(release, kind)]
        for fact, value in found.items():
            if label[fact] is None and fact != "dateline":
                continue
            expected = label[fact]
            if fact == "dateline":
                value, expected = (
                    [words(v or "") for v in each] if each else None for each in (value, wanted)
                )
            judged[label["part"], fact] += 1
            right[label["part"], fact] += value == expected
            if show and value != expected:
                where = label.get("corpus") or f"{label['submission']}#{label['document']}"
                shown = (
                    value
                    if fact == "dateline"
                    else release.headline[:90]
                    if fact == "headline"
                    else [" ".join(text[:40].split()) for text in begun(release, fact)]
                )
                print(f"{label['part']:9} {where:24} {fact:12} {shown}")
    for (part, fact), number in list(judged.items()):
        if part != "all":
            judged["all", fact] += number
            right["all", fact] += right[part, fact]
    parts = sorted({part for part, _ in judged})
    return {p: {f: right[p, f] / judged[p, f] for f in ("headline", "dateline", *KINDS)} for p in parts}


# of all labelled releases; and of the part that was last measured blind, what it had then
FLOORS = {
    "all": {"headline": 0.98, "dateline": 0.97, "about": 0.95, "safe_harbor": 0.97, "contact": 0.97},
    "fifth": {"headline": 0.97, "dateline": 0.97, "about": 0.9, "safe_harbor": 0.97, "contact": 0.94},
}


@pytest.mark.skipif(
    not SHARED.exists(), reason="the labelled real texts are not beside the checkout (../shared)"
)
def test_labelled_sections_stay_above_their_floors() -> None:
    parts = measure()
    for part, floors in FLOORS.items():
        for fact, floor in floors.items():
            assert parts[part][fact] >= floor, (part, fact, parts[part])


if __name__ == "__main__":
    for part, facts in measure(show=True).items():
        print(part, " ".join(f"{fact} {value:.3f}" for fact, value in facts.items()))
