"""Frames of deals: every wording with names of several makes, as a table; and the examples that are written from them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from nlp.entities.counterparties import CounterpartyFinder
from nlp.entities.names import NameLexicon, canonical_name
from nlp.errors import InputError
from nlp.release import read_release
from nlp.rulebook import default_rulebook
from nlp.training.counterparty_examples import Example, Frame, read_frames, write_examples

PATH = Path(__file__).parents[1] / "data" / "authored" / "counterparty_frames.jsonl"
FRAMES = read_frames(PATH)
ISSUER = ("Bexanor Therapeutics, Inc.", "Bexanor")
# (as first written, as called afterwards): with a legal form, with a trade, of English words
MAKES = {
    "form": ("Calderith Pharma GmbH", "Calderith"),
    "trade": ("Norvella Biologics", "Norvella"),
    "english": ("North Harbor Sciences", "North Harbor"),
}
OTHERS = {
    "U": [("University of Eastmere", "University of Eastmere")],
    "G": [("Eastmere Research Foundation", "Eastmere Research Foundation")],
    "B": [
        ("Halloran Pike Securities LLC", "Halloran Pike"),
        ("Merriden Capital Markets", "Merriden Capital Markets"),
        ("Bexley & Wynn Inc.", "Bexley & Wynn"),
    ],
    "F": [
        (f"{stem} Capital Partners", f"{stem} Capital Partners")
        for stem in ("Tidewater", "Orrery", "Samphire", "Eklund")
    ],
    "O": [("Taxomira AG", "Taxomira"), ("Velquil Medical Ltd.", "Velquil")],
}
# shares of wordings with the right names, with the right roles; quiet releases in which somebody is found
NAMES, ROLES, QUIET = 0.97, 0.95, 2
SLOT = re.compile(r"\{([OGBUF])([2-4]?)\}")
HEADLINES = {
    "licensing": "Announces Agreement",
    "financing": "Announces Financing",
    "acquisition": "Announces Transaction",
}


@pytest.fixture(scope="module")
def finder() -> CounterpartyFinder:
    return CounterpartyFinder(default_rulebook())


@cache
def _lexicon() -> NameLexicon:
    return NameLexicon(default_rulebook())


def _filled(frame: Frame, make: str) -> tuple[str, dict[str, str]]:
    """The frame as a release of its own, and who its counterparties are."""
    told: dict[str, str] = {}

    def name(found: re.Match[str]) -> str:
        kind, number = found[1], found[2]
        if kind == "O" and not number:
            full, short = MAKES[make]
        else:
            full, short = OTHERS[kind][int(number or 1) - (2 if kind == "O" else 1)]
        called = short if full in told else full
        told[full] = frame.role
        return called

    said = SLOT.sub(name, frame.text)
    if frame.zone == "headline":
        title, body = said.replace("{I}", ISSUER[1]), f"{ISSUER[0]} today announced an agreement."
    else:
        title = f"{ISSUER[1]} {HEADLINES.get(frame.event, 'Provides Update')}"
        body = said.replace("{I}", f"{ISSUER[0]} (Nasdaq: BEXN)", 1).replace("{I}", ISSUER[1])
    return f"{title}\n\nBOSTON, May 4, 2021 (GLOBE NEWSWIRE) -- {body}", told


def _outcome(finder: CounterpartyFinder, frame: Frame, make: str) -> tuple[bool, bool]:
    """Whether just the right names were found, and whether with the right roles."""
    text, wanted = _filled(frame, make)
    keys = {canonical_name(name, _lexicon()): role for name, role in wanted.items()}
    found = {c.canonical: c.role for c in finder.find(read_release(text), events=(frame.event,))}
    return found.keys() == keys.keys(), found == keys


@pytest.mark.parametrize("make", MAKES)
def test_every_wording_gives_name_and_role(finder: CounterpartyFinder, make: str) -> None:
    outcomes = [_outcome(finder, frame, make) for frame in FRAMES.deals]
    assert len(outcomes) > 200
    assert sum(names for names, _ in outcomes) / len(outcomes) >= NAMES
    assert sum(roles for _, roles in outcomes) / len(outcomes) >= ROLES


@pytest.mark.parametrize("role", sorted({frame.role for frame in FRAMES.deals}))
def test_every_role_is_told_by_its_wordings(finder: CounterpartyFinder, role: str) -> None:
    frames = [frame for frame in FRAMES.deals if frame.role == role]
    right = sum(_outcome(finder, frame, "form")[1] for frame in frames)
    assert right / len(frames) >= 0.8


def test_nobody_is_found_in_quiet_releases(finder: CounterpartyFinder) -> None:
    examples = [e for e in write_examples(FRAMES, 0, 120, seed=7) if not e.counterparties]
    found = [finder.find(read_release(f"{e.title}\n\n{e.text}"), events=(e.event,)) for e in examples]
    assert len(examples) == 120
    assert sum(bool(parties) for parties in found) <= QUIET


def test_examples_are_the_same_every_time() -> None:
    examples = write_examples(FRAMES, 20, 10)
    assert examples == write_examples(FRAMES, 20, 10)
    assert examples != write_examples(FRAMES, 20, 10, seed=1)
    assert len({e.issuer for e in examples}) == len(examples)
    for example in examples:
        assert isinstance(example, Example)
        assert not re.search(r"[{}]", example.title + example.text)
        for name, _ in example.counterparties:
            assert name in example.text or name in example.title


def test_a_frame_that_lacks_something_says_where(tmp_path: Path) -> None:
    path = tmp_path / "frames.jsonl"
    path.write_text(
        '{"id": "a", "zone": "lead", "event": "licensing", "text": "{I} and {O}"}\n', encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"line 1.*role"):
        read_frames(path)
