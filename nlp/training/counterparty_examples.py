"""Write examples about invented companies from frames: every wording of a deal with every make of name.

A frame is one sentence of a lead (zone ``lead``) or a headline with slots: ``{I}`` the issuer, ``{O}``, ``{O2}`` …
companies, ``{F}`` funds, ``{G}`` givers of grants, ``{B}`` banks, ``{U}`` universities; every slot but the issuer's is a
counterparty in the frame's ``role``. An aside is a sentence of background with ``{D}``, somebody who is none, and
``{P}``, a person. Frames, asides and what names are made of are data (``data/authored/counterparty_frames.jsonl``);
which go together is drawn with a fixed seed, so that the same examples come out on every machine.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlp.errors import InputError
from nlp.training.corpus import read_lines

__all__ = ["Example", "Frame", "Frames", "read_frames", "write_examples"]

_SEED = 20_261_121
_WHOLE, _SPEAKS = 0.4, 0.6  # shares of examples with an end, and of those in it who speak or are described
_TRIES = 50  # draws for a name that was not used yet
_SLOT = re.compile(r"\{([OGBUF])([2-4]?)\}")
_PLAIN_HEADLINES = {
    "licensing": "{I} Announces Agreement",
    "financing": "{I} Announces Financing",
    "acquisition": "{I} Announces Transaction",
    "trial": "{I} Announces Clinical Milestone",
    "regulatory": "{I} Provides Regulatory Update",
    "other": "{I} Announces Study Results",
}


@dataclass(frozen=True, slots=True)
class Frame:
    """One wording. ``role`` is empty where nobody but the issuer takes part; then ``headline`` goes with ``text``."""

    role: str
    event: str
    zone: str
    text: str
    headline: str = ""

    @property
    def slots(self) -> frozenset[str]:
        """Names of the slots that counterparties fill."""
        return frozenset(kind + number for kind, number in _SLOT.findall(self.text))


@dataclass(frozen=True, slots=True)
class Frames:
    """The file of frames: wordings of deals, releases without one, asides by the kind of their ``{D}``, and what names
    and datelines are made of, by kind.
    """

    deals: tuple[Frame, ...]
    quiet: tuple[Frame, ...]
    asides: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Example:
    """A written release."""

    title: str
    text: str
    event: str
    issuer: str
    counterparties: tuple[tuple[str, str], ...]


def read_frames(path: Path) -> Frames:
    """Frames and asides of a JSON Lines file. Raises ``InputError`` with the line that is wrong."""
    deals: list[Frame] = []
    quiet: list[Frame] = []
    asides: dict[str, list[str]] = {}
    parts: dict[str, tuple[str, ...]] = {}
    for number, entry in read_lines(path):
        try:
            if entry["zone"] == "aside":
                asides.setdefault(entry["kind"], []).append(entry["text"])
                continue
            if entry["zone"] == "part":
                parts[entry["kind"]] = tuple(entry["parts"])
                continue
            frame = Frame(
                entry["role"], entry["event"], entry["zone"], entry["text"], entry.get("headline", "")
            )
        except KeyError as error:
            raise InputError(f"{path}, line {number}: a frame lacks {error}") from error
        (deals if frame.role else quiet).append(frame)
    return Frames(tuple(deals), tuple(quiet), {kind: tuple(texts) for kind, texts in asides.items()}, parts)


class Names:
    """Invented names: ``(as first written, as called afterwards)``; none comes twice as long as there are others."""

    def __init__(self, chance: random.Random, parts: Mapping[str, tuple[str, ...]]) -> None:
        self._chance = chance
        self._parts = parts
        self._used: set[str] = set()
        self.makers: Mapping[str, Callable[[], tuple[str, str]]] = {
            "O": self.company,
            "U": self.university,
            "F": self.fund,
            "B": self.bank,
            "G": self.giver,
        }

    def _stem(self) -> str:
        pick = self._chance.choice
        stem = ""
        for _ in range(_TRIES):
            vowel = pick("aeio") if self._chance.random() < 0.25 else ""
            stem = pick(self._parts["head"]) + vowel + pick(self._parts["tail"])
            if stem not in self._used:
                break
        self._used.add(stem)
        return stem

    def company(self) -> tuple[str, str]:
        """With or without a trade and a legal form; of a coined word, two of them, or English words."""
        chance, pick = self._chance.random, self._chance.choice
        stem, draw = self._stem(), self._chance.random()
        if draw < 0.30:
            full = f"{stem} {pick(self._parts['trade'])}"
            return full + (pick(self._parts["form"]) if chance() < 0.5 else ""), pick([stem, full])
        if draw < 0.55:
            return stem + pick(self._parts["form"]), stem
        if draw < 0.75:
            return stem, stem
        if draw < 0.88:
            full = f"{stem} {self._stem()} {pick(self._parts['group'])}"
            return full + pick(self._parts["group_form"]), full
        words = f"{pick(self._parts['place'])} {pick(self._parts['feature'])}"
        return f"{words} {pick(self._parts['trade'])}{pick(self._parts['place_form'])}", words

    def university(self) -> tuple[str, str]:
        """A university, a hospital or an institute."""
        return self._made("university")

    def fund(self) -> tuple[str, str]:
        """Who invests or lends."""
        name, _ = self._made("fund")
        form = self._chance.choice(self._parts["fund_form"]) if self._chance.random() < 0.3 else ""
        return name + (form if " " in name else ""), name

    def bank(self) -> tuple[str, str]:
        """Who sells shares for the issuer."""
        return self._made("bank")

    def giver(self) -> tuple[str, str]:
        """Who gives grants."""
        return self._made("giver")

    def _made(self, kind: str) -> tuple[str, str]:
        shape = self._chance.choice(self._parts[kind])
        name = shape.replace("{S}", self._stem()).replace("{T}", self._stem())
        return name, name


class _Writer:
    def __init__(self, frames: Frames, seed: int) -> None:
        self._frames = frames
        self._chance = random.Random(seed)
        self._names = Names(self._chance, frames.parts)
        self._ends = random.Random(seed + 1)  # draws of their own: what stands above them stays as it is

    def deal(self) -> Example:
        """A release about a deal: a frame for the lead, a headline that fits or a plain one, and up to two asides."""
        pick, chance = self._chance.choice, self._chance.random
        frame = pick(self._frames.deals)
        full, short = self._names.company()
        other = [
            f
            for f in self._frames.deals
            if (f.role, f.event, f.slots) == (frame.role, frame.event, frame.slots) and f.zone != frame.zone
        ]
        match = pick(other).text if other else None
        if frame.zone == "headline":
            title = frame.text
            body = match or f"{{I}} today announced an agreement with {{{min(frame.slots)}}}."
        else:
            body = frame.text
            title = match if match and chance() < 0.6 else _PLAIN_HEADLINES[frame.event]
        parties = {slot: self._party(slot, frame.role) for slot in sorted(frame.slots)}
        told: set[str] = set()

        def in_body(found: re.Match[str]) -> str:
            slot = found[1] + found[2]
            first = slot not in told
            told.add(slot)
            return parties[slot][0 if first else 1]

        def in_title(found: re.Match[str]) -> str:
            return parties[found[1] + found[2]][1 if chance() < 0.7 else 0]

        body = _SLOT.sub(in_body, body)
        title = _SLOT.sub(in_title, title).replace("{I}", short)
        if chance() < 0.08:
            title = title.upper()
        asides = self._asides(
            ("company",) * 4 + ("university",) * 2 + ("fund", "adviser")
            if frame.event != "financing"
            else ("company",) * 4 + ("university",) * 2 + ("fund", "adviser") + ("lender",) * 3,
            pick((0, 1, 1, 2)),
            short,
        )
        end = self._end(full, short, list(parties.values()), [])
        text = f"{pick(self._frames.parts['dateline'])}{self._issued(body, full, short)}{asides}{end}"
        title, text = self._coded(title, text)
        named = tuple((name, frame.role) for name, _ in parties.values() if name in title + text)
        return Example(title, text, frame.event, full, named)

    def quiet(self) -> Example:
        """A release without a counterparty, with one to three asides."""
        pick = self._chance.choice
        frame = pick(self._frames.quiet)
        full, short = self._names.company()
        person, bank = pick(self._frames.parts["person"]), self._names.bank()[0]
        asides = self._asides(
            ("company", "company", "university", "university", "fund"), pick((1, 2, 2, 3)), short
        )
        end = self._end(full, short, [], [self._names.university()[0]])
        text = f"{pick(self._frames.parts['dateline'])}{self._issued(frame.text, full, short)}{asides}{end}"
        title, text = (
            part.replace("{P}", person).replace("{B}", bank)
            for part in (frame.headline.replace("{I}", short), text)
        )
        return Example(*self._coded(title, text), frame.event, full, ())

    def _party(self, slot: str, role: str) -> tuple[str, str]:
        maker = slot[0]
        if slot == "O" and role in ("licensor", "collaborator") and self._chance.random() < 0.25:
            maker = "U"
        elif slot == "O" and role in ("investor", "lender") and self._chance.random() < 0.7:
            maker = "F"
        return self._names.makers[maker]()

    def _issued(self, body: str, full: str, short: str) -> str:
        """The body with the issuer described at its first mention, and with one of the ways to say "announced"."""
        pick, chance = self._chance.choice, self._chance.random
        ticker = pick((f" (Nasdaq: {short[:4].upper()})", "", "", f" (NYSE American: {short[:3].upper()})"))
        alias = f" (“{short}” or the “Company”)" if chance() < 0.2 else ""
        body = body.replace(
            "{I}", full + ticker + alias + pick(self._frames.parts["description"]), 1
        ).replace("{I}", short)
        body = re.sub(r"((?:company|devices|diseases)) (today|and) ", r"\1, \2 ", body)
        wording = pick(self._frames.parts["announced"])
        body = body.replace("today announced", wording, 1) if wording else body
        return re.sub(r"\.\.(?= |$)", ".", body)

    def _end(self, full: str, short: str, parties: Sequence[tuple[str, str]], others: Sequence[str]) -> str:
        """The end of a release given in full, for two of five: who speaks, and who is described. ``others``: who takes
        no part; they may speak, as experts do.
        """
        pick, chance, parts = self._ends.choice, self._ends.random, self._frames.parts
        if chance() > _WHOLE:
            return ""

        def spoken(name: str, offices: str) -> str:
            said = pick(parts["spoken"]).replace("{Q}", pick(parts["words"])).replace("{D}", name)
            return "\n\n" + said.replace("{P}", pick(parts["person"])).replace("{W}", pick(parts[offices]))

        told = spoken(short, "office")
        told += "".join(spoken(called, "office") for _, called in parties[:2] if chance() < _SPEAKS)
        told += "".join(spoken(name, "scholar") for name in others if chance() < _SPEAKS)
        described = [(full, short), *(party for party in parties[:2] if chance() < _SPEAKS)]
        for whole, called in described:
            told += f"\n\nAbout {whole}\n\n{pick(parts['profile']).replace('{D}', called)}"
        return told

    def _asides(self, kinds: Sequence[str], count: int, short: str) -> str:
        pick = self._chance.choice
        makers = {"university": "U", "fund": "F", "lender": "F", "adviser": "B"}
        told = []
        for _ in range(count):
            kind = pick(kinds)
            name = self._names.makers[makers.get(kind, "O")]()[0]
            aside = pick(self._frames.asides[kind])
            told.append(
                " "
                + aside.replace("{I}", short)
                .replace("{D}", name)
                .replace("{P}", pick(self._frames.parts["person"]))
            )
        return "".join(told)

    def _coded(self, title: str, text: str) -> tuple[str, str]:
        """Another code for the drug that the frames call ZQ-101."""
        letters = self._chance.choices("ABCDEFGKLMNPRSTVXZ", k=self._chance.choice((2, 3)))
        code = "".join(letters)
        return title.replace("ZQ", code), text.replace("ZQ", code)


def write_examples(frames: Frames, deals: int, quiet: int, seed: int = _SEED) -> tuple[Example, ...]:
    """``deals`` releases about a deal and ``quiet`` without one."""
    writer = _Writer(frames, seed)
    return tuple([writer.deal() for _ in range(deals)] + [writer.quiet() for _ in range(quiet)])
