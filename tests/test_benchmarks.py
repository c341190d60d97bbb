"""The benchmarks run. What they measure is not judged here: a test that depends on the clock is no test."""

from __future__ import annotations

import importlib
import math
from dataclasses import replace

import pytest

from tests.benchmarks import peers, stages, whole
from tests.benchmarks.documents import Documents, load
from tests.benchmarks.naive import naive_pipeline
from tests.benchmarks.timing import Figure, in_turns


@pytest.fixture(scope="module")
def documents() -> Documents:
    return load(1)


def test_documents_hold_releases(documents: Documents) -> None:
    assert documents.html or documents.ascii
    assert documents.kilowords > 0


@pytest.mark.parametrize("group", ["splitting", "extraction", "scoring"])
def test_stage_gives_figures(documents: Documents, group: str) -> None:
    figures = list(getattr(stages, group)(documents, 1))
    assert figures
    assert all(math.isfinite(figure.value) and figure.value >= 0 for figure in figures)
    assert any(figure.bar is not None for figure in figures)


def test_what_is_not_installed_is_said(documents: Documents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "_is_there", lambda module: False)
    for group in (stages.splitting, stages.extraction):
        notes = [figure.note for figure in group(documents, 1) if figure.name == "not installed, left out"]
        assert len(notes) == 1 and "edgartools" in notes[0]


def test_growth_doubles_its_sizes(documents: Documents) -> None:
    figures = list(stages.growth(documents, 128 * 1024, rounds=1))
    assert [figure.name for figure in figures] == ["64 KB", "128 KB", "largest against smallest, per byte"]


def test_naive_pipeline_tags_and_finds(documents: Documents) -> None:
    events, _ = naive_pipeline(20)(
        b"<p>Acme Bio Reports Third Quarter 2025 Financial Results</p><p>Net loss for the third quarter was $4 million.</p>"
    )
    assert events == ["earnings"]


def test_in_turns_takes_turns_and_the_median() -> None:
    now = 0
    ticks = iter([99, 99, 1, 10, 3, 20, 2, 60])  # what each call takes; the first of each is not counted

    def clock() -> float:
        return now

    calls: list[str] = []

    def work(name: str) -> None:
        nonlocal now
        calls.append(name)
        now += next(ticks)

    seconds = in_turns({"a": lambda: work("a"), "b": lambda: work("b")}, 3, clock)
    assert calls == ["a", "b"] * 4
    assert seconds == {"a": 2, "b": 20}


def test_a_bar_is_met_from_its_own_side() -> None:
    low = Figure("g", "n", 5.0, "×", 6.0)
    assert low.met is True
    assert replace(low, sense="at least").met is False
    assert replace(low, bar=None).met is None


def test_modules_of_the_benchmark_import() -> None:
    assert importlib.import_module("tests.benchmarks.__main__").main
    assert callable(whole.start_up)
