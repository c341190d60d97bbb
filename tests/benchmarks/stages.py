"""Figures of single stages: splitting, extraction, scoring, the rule layer, growth with size."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser

from nlp.entities.counterparties import CounterpartyFinder
from nlp.entities.drugs import DrugFinder
from nlp.entities.terms import TermFinder
from nlp.exhibit import ExhibitText, read_exhibit
from nlp.model import EventModel
from nlp.release import read_release
from nlp.rulebook import default_rulebook
from nlp.submission import read_submissions
from tests.benchmarks.documents import Documents, kilowords
from tests.benchmarks.peers import Peer, readers, splitters
from tests.benchmarks.timing import Figure, in_turns, processes

__all__ = ["extraction", "growth", "rules", "scoring", "splitting"]


def _each(function: Callable[[bytes], object], bodies: tuple[bytes, ...]) -> Callable[[], None]:
    def work() -> None:
        for body in bodies:
            function(body)

    return work


def splitting(documents: Documents, rounds: int) -> Iterator[Figure]:
    """Submission files to documents, in MB/s; other splitters where they are installed."""
    files = documents.submissions
    others, absent = splitters()
    work = {"split": _each(read_submissions, files)}
    work |= {name: _each(function, files) for name, function in others.items()}
    seconds = in_turns(work, rounds)
    megabytes = sum(map(len, files)) / 1e6
    yield Figure("split", "submissions", megabytes / seconds.pop("split"), "MB/s", 300, "at least")
    for name, value in seconds.items():
        yield Figure("split", name, megabytes / value, "MB/s", note=_refused(others[name], len(files)))
    yield from _left_out("split", absent)


def _refused(peer: Peer, inputs: int) -> str:
    return f"raised on {len(peer.refused)} of {inputs}" if peer.refused else ""


def _left_out(group: str, absent: tuple[str, ...]) -> Iterator[Figure]:
    """Say it where others are not installed."""
    if absent:
        yield Figure(group, "not installed, left out", len(absent), "others", note=", ".join(absent))


def extraction(documents: Documents, rounds: int) -> Iterator[Figure]:
    """Exhibit bytes to sectioned text, against selectolax's bare parse of the same bytes."""
    html, text = documents.html, documents.ascii
    exhibits, laid_out = documents.exhibits, documents.ascii_exhibits

    def sections(sources: Iterable[ExhibitText]) -> Callable[[], object]:
        return lambda: [read_release(exhibit) for exhibit in sources]

    work: dict[str, Callable[[], object]] = {
        "bare": _each(LexborHTMLParser, html),
        "read": _each(read_exhibit, html),
        "section": sections(exhibits),
        "both": _each(lambda body: read_release(read_exhibit(body)), html),
        "ascii": _each(lambda body: read_release(read_exhibit(body)), text),
        "section ascii": sections(laid_out),
    }
    others, absent = readers()
    work |= {name: _each(function, html) for name, function in others.items()}
    seconds = in_turns(work, rounds)
    words, words_ascii = (kilowords(e.text for e in found) for found in (exhibits, laid_out))
    bare = seconds["bare"]
    yield Figure("extract", "HTML to sectioned text", seconds["both"] / bare, "× bare parse", 6)
    yield Figure("extract", "  reading alone", seconds["read"] / bare, "× bare parse")
    yield Figure("extract", "  sectioning alone", seconds["section"] / bare, "× bare parse")
    yield Figure("extract", "  sectioning alone", seconds["section"] * 1000 / words, "ms/1,000 words")
    if words_ascii:
        yield Figure(
            "extract", "ASCII to sectioned text", seconds["ascii"] * 1000 / words_ascii, "ms/1,000 words"
        )
        yield Figure(
            "extract", "  sectioning alone", seconds["section ascii"] * 1000 / words_ascii, "ms/1,000 words"
        )
    for name in others:
        note = _refused(others[name], len(html))
        yield Figure("extract", name, seconds[name] / bare, "× bare parse", note=note)
    yield from _left_out("extract", absent)


def scoring(documents: Documents, rounds: int) -> Iterator[Figure]:
    """Sectioned releases to events, and loading the model. Each turn gets releases of its own (``replace``), since
    a release keeps its sentences once they are cut."""
    model = EventModel.load()
    seconds = in_turns(
        {
            "score": lambda: [model.score(replace(release)) for release in documents.releases],
            "load": lambda: EventModel.load(),
        },
        rounds,
    )
    yield Figure("score", "events", seconds["score"] * 1000 / documents.kilowords, "ms/1,000 words", 0.5)
    yield Figure("score", "load the model", seconds["load"], "s", 0.1)


_LAYER = """
import sys
import nlp.entities.finder as f, nlp.rulebook as r, nlp.release as n
release = n.read_release("Acme Bio Doses First Patient\\n\\nOSLO, May 2, 2024 -- Acme Bio today dosed a patient with ACM-101.")
if sys.argv[1] == "on":
    f.EntityFinder(r.default_rulebook()).find(release)
import pathlib
status = pathlib.Path("/proc/self/status")
if status.exists():  # ru_maxrss would carry over what the parent held
    print(next(line.split()[1] for line in status.open() if line.startswith("VmHWM")))
else:
    import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def rules(documents: Documents, rounds: int) -> Iterator[Figure]:
    """The rule layer: time a release, time to start with all lexicons, memory."""
    rulebook = default_rulebook()
    drugs, names, terms = DrugFinder(rulebook), CounterpartyFinder(rulebook), TermFinder(rulebook)
    model = EventModel.load()
    tagged = [
        (release, tuple(score.type for score in model.score(release) if score.accepted))
        for release in documents.releases
    ]
    seconds = in_turns(
        {
            "drugs": lambda: [drugs.find(replace(release)) for release, _ in tagged],
            "counterparties": lambda: [
                names.find(replace(release), events=events) for release, events in tagged
            ],
            "terms": lambda: [terms.find(replace(release), events=events) for release, events in tagged],
        },
        rounds,
    )
    each = {name: value * 1000 / documents.kilowords for name, value in seconds.items()}
    yield Figure("rules", "drugs, counterparties and terms", sum(each.values()), "ms/1,000 words", 1.5)
    for name, value in each.items():
        yield Figure("rules", f"  {name}", value, "ms/1,000 words")
    start = processes({"on": ("-c", _LAYER, "on"), "off": ("-c", _LAYER, "off")}, max(3, rounds // 2))
    yield Figure("rules", "start with all lexicons", start["on"] - start["off"], "s", 1.0)
    peak = [
        int(subprocess.run([sys.executable, "-c", _LAYER, state], check=True, capture_output=True).stdout)
        for state in ("on", "off")
    ]
    scale = 1024 if sys.platform != "darwin" else 1
    yield Figure("rules", "memory of a process with it", peak[0] * scale / 1e6, "MB", 250)
    yield Figure("rules", "  of which the layer", (peak[0] - peak[1]) * scale / 1e6, "MB")


def growth(documents: Documents, largest: int, rounds: int = 3) -> Iterator[Figure]:
    """One HTML release written again and again, doubling from 64 KB: time per byte must not grow."""
    body = max(documents.html, key=len)
    start = body.lower().find(b"<body")
    inner = body[body.find(b">", start) + 1 :] if start >= 0 else body
    inner = inner.replace(b"</body>", b"").replace(b"</BODY>", b"").replace(b"</html>", b"")
    sizes = [64 * 1024]
    while sizes[-1] < largest:
        sizes.append(2 * sizes[-1])
    per_byte = []
    for size in sizes:
        whole = b"<html><body>" + inner * (size // len(inner) + 1)
        sample = whole[: whole.rfind(b">", 0, size) + 1]  # a cut tag would be read a second time, for safety
        turns = rounds if size <= 4_000_000 else 1
        seconds = in_turns({"extract": lambda sample=sample: read_release(read_exhibit(sample))}, turns)  # type: ignore[misc]
        per_byte.append(seconds["extract"] / size)
        yield Figure(
            "growth",
            f"{size // 1024:,} KB",
            seconds["extract"],
            "s",
            note=f"{per_byte[-1] * 1e9:.0f} ns/byte",
        )
    yield Figure(
        "growth", "largest against smallest, per byte", per_byte[-1] / per_byte[0], "×", 2.0,
        note="1 is linear",
    )  # fmt: skip
