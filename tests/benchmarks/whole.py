"""Figures of the whole: bytes to records against the naive pipeline and the bare parse, two workers, start-up."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from nlp.classifier import Classifier
from tests.benchmarks.documents import ROOT, Documents
from tests.benchmarks.naive import naive_pipeline
from tests.benchmarks.timing import Figure, in_turns, processes

__all__ = ["end_to_end", "start_up", "workers"]


def end_to_end(documents: Documents, rounds: int, naive_rounds: int = 2) -> Iterator[Figure]:
    """Exhibit bytes to a full record (events, evidence, entities, subtypes), on one core."""
    bodies = (*documents.html, *documents.ascii)
    classifier = Classifier()
    classifier.load()
    naive = naive_pipeline()
    ours, bare, theirs = "ours", "bare", "naive"
    seconds = in_turns(
        {
            ours: lambda: [classifier.classify(body).to_dict() for body in bodies],
            bare: lambda: [LexborHTMLParser(body) for body in bodies],
        },
        rounds,
    )
    seconds |= {
        f"{name} beside naive": value
        for name, value in in_turns(
            {
                ours: lambda: [classifier.classify(body).to_dict() for body in bodies],
                theirs: lambda: [naive(body) for body in bodies],
            },
            naive_rounds,
        ).items()
    }
    yield Figure("whole", "end to end", seconds[ours] / seconds[bare], "× bare parse", 10)
    yield Figure(
        "whole",
        "end to end",
        seconds["naive beside naive"] / seconds["ours beside naive"],
        "× as fast as naive",
        15,
        "at least",
    )
    yield Figure("whole", "  a release", seconds[ours] * 1000 / len(bodies), "ms")
    yield Figure("whole", "  1,000 words", seconds[ours] * 1000 / documents.kilowords, "ms")


def workers(documents: Documents, files: int, rounds: int = 1) -> Iterator[Figure]:
    """A folder of ``files`` files through ``nlp.batch.score_folder``, by one worker and by two (wall clock)."""
    from nlp.batch import score_folder

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "filings"
        folder.mkdir()
        for number in range(files):
            source = documents.paths[number % len(documents.paths)]
            shutil.copyfile(source, folder / f"{number:06d}{source.suffix}")
        outs = iter(range(100))
        seconds = in_turns(
            {
                str(count): lambda count=count: score_folder(  # type: ignore[misc]
                    folder, Path(name) / f"out{next(outs)}", workers=count
                ).finish()
                for count in (1, 2)
            },
            rounds,
            time.perf_counter,
        )
    yield Figure("batch", "two workers against one", seconds["1"] / seconds["2"], "×", 1.8, "at least")
    for count in ("1", "2"):
        yield Figure("batch", f"  workers: {count}", files / seconds[count], "files/s")


def start_up(rounds: int) -> Iterator[Figure]:
    """Whole processes on the wall: help, import, and the first result."""
    sample = str(next(iter(sorted((ROOT / "data" / "samples").glob("[0-9]*.txt")))))
    seconds = processes(
        {
            "python -c pass": ("-c", "pass"),
            "ex99 --help": ("-m", "nlp.cli", "--help"),
            "from nlp import classify": ("-c", "from nlp import classify"),
            "ex99 classify": ("-m", "nlp.cli", "classify", sample),
        },
        rounds,
    )
    bars = {"ex99 --help": 0.15, "from nlp import classify": 0.3, "ex99 classify": 1.0}
    for name, value in seconds.items():
        yield Figure("start", name, value, "s", bars.get(name))
