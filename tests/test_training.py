"""Training: reading corpora, keeping companies apart, measuring, and a whole run on a small corpus."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nlp.errors import InputError, ModelError
from nlp.features import FIELDS, RUNS
from nlp.model import EventModel, current_folder
from nlp.release import read_release
from nlp.rulebook import default_rulebook
from nlp.training import verify
from nlp.training.baselines import headline_keywords
from nlp.training.corpus import Example, read_authored, read_corpus
from nlp.training.evaluate import evaluate
from nlp.training.fit import (
    CUT_CHARS,
    NARROW,
    Recipe,
    accept,
    choose_review,
    fit_model,
    fit_pipeline,
    prepare,
    probabilities_of,
)
from nlp.training.measure import calibration_error, events_table, f1_of, review_figures, summary
from nlp.training.splits import folds, group_names, is_test, split_digest, time_split
from nlp.training.train import load_examples, train_model

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "corpus"
EVENTS = tuple(event.id for event in default_rulebook().event_types)
needs_corpus = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared corpus (../shared/corpus) is not here"
)


def example(key: str, title: str, text: str = "", **told: Any) -> Example:
    return Example(key, title, f"{title}\n\n{text}", told.pop("events", ("other",)), **told)


# -- corpus
# ---------------------------------------------------------------------------------------------------------


def write(path: Path, *lines: dict[str, Any] | str) -> Path:
    path.write_text(
        "".join((x if isinstance(x, str) else json.dumps(x)) + "\n" for x in lines), encoding="utf-8"
    )
    return path


def test_texts_and_labels_are_joined_by_id(tmp_path: Path) -> None:
    texts = write(
        tmp_path / "t.jsonl",
        {"id": "b", "title": "T", "text": "Boston, March 3, 2019 -- x"},
        {"id": "c", "text": "unlabelled"},
    )
    labels = write(tmp_path / "l.jsonl", {"id": "b", "events": ["trial"], "is_release": False})
    (found,) = read_corpus(texts, labels, EVENTS)
    assert (found.text, found.events, found.date, found.is_release) == (
        "T\n\nBoston, March 3, 2019 -- x",
        ("trial",),
        "2019-03-03",
        False,
    )


@pytest.mark.parametrize(
    ("texts", "labels", "message"),
    [
        ([{"id": "a", "text": "x"}], [{"id": "a", "events": ["nonsense"]}], "known are licensing"),
        ([{"id": "a", "text": "x"}], [{"id": "a", "events": []}], "each line needs one"),
        ([{"id": "a", "text": "x"}], [{"id": "b", "events": ["trial"]}], "no text for 1"),
        ([{"id": "a"}, {"id": "a"}], [{"id": "a", "events": ["trial"]}], "appears twice"),
        (
            [{"id": "a"}],
            [{"id": "a", "events": ["trial"]}, {"id": "a", "events": ["trial"]}],
            "appears twice",
        ),
        (["{"], [{"id": "a", "events": ["trial"]}], "line 1: not JSON"),
        (["[1]"], [{"id": "a", "events": ["trial"]}], "needs an object"),
    ],
)
def test_data_that_cannot_be_used_is_named(
    tmp_path: Path, texts: list[Any], labels: list[Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_corpus(write(tmp_path / "t.jsonl", *texts), write(tmp_path / "l.jsonl", *labels), EVENTS)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    labels = write(tmp_path / "l.jsonl", {"id": "a", "events": ["trial"]})
    with pytest.raises(InputError, match=r"none\.jsonl: cannot be read"):
        read_corpus(tmp_path / "none.jsonl", labels, EVENTS)


def test_authored_examples_are_sound() -> None:
    found = read_authored(ROOT / "data" / "authored", EVENTS)
    assert len(found) > 500
    assert {event for e in found for event in e.events} == set(EVENTS)
    titles = Counter(e.title for e in found)
    assert not [title for title, count in titles.items() if count > 1]


# -- splits
# ---------------------------------------------------------------------------------------------------------


def test_one_issuer_is_one_group_however_it_is_named() -> None:
    same = [
        example(
            "a1", "Velmora Bio Announces Pricing of Offering", "Velmora (NASDAQ: VELM) said", company="VELM"
        ),
        example("a2", "Velmora Bio Appoints New Chair", "x", company="Velmora Bio, Inc."),
        example("a3", "Study of a Drug", "Velmora Bio (Nasdaq: VELM) today"),
    ]
    other = [
        example("b1", "Osgood Prices Offering", "Osgood (NASDAQ: OSGD) said", company="OSGD"),
        example("b2", "FDA Approves a Drug", "y"),
    ]
    assert group_names(same + other) == ["a1", "a1", "a1", "b1", "b2"]


def test_near_duplicates_are_one_group() -> None:
    story = (
        "The company that makes the device said on Monday that it will open a plant in the north of the "
        "country next year."
    )
    assert group_names(
        [example("a", "Plant Opens Here", story), example("b", "Plant Opens Here", story + " It did.")]
    ) == ["a", "a"]


def test_folds_keep_groups_whole_and_even() -> None:
    groups = [f"g{random.Random(i).randint(0, 40)}" for i in range(300)]
    fold = folds(groups, 5)
    assert all(len({f for f, g in zip(fold, groups, strict=True) if g == name}) == 1 for name in set(groups))
    assert max(Counter(fold).values()) - min(Counter(fold).values()) < 15


def test_time_split_keeps_companies_apart() -> None:
    made = [example(str(i), "T", date=f"20{i:02d}-01-01") for i in range(10, 20)]
    train, test = time_split(made, [str(i % 5) for i in range(6)] + ["new"] * 4, "2016-01-01")
    assert train == list(range(6)) and test == [6, 7, 8, 9]
    assert time_split(made, ["one"] * 10, "2016-01-01")[1] == []


@needs_corpus
def test_the_committed_split_is_the_one_computed() -> None:
    told = json.loads((ROOT / "data" / "splits" / "companies.json").read_text())
    found = read_corpus(SHARED, ROOT / "data" / "labels", EVENTS)
    groups = group_names(found)
    assert told["group_of"] == {e.id: g for e, g in zip(found, groups, strict=True)}
    assert told["test_groups"] == sorted({g for g in groups if is_test(g)})
    manifest = json.loads((current_folder() / "manifest.json").read_text())
    assert told["sha256"] == manifest["split"]["sha256"] == split_digest([e.id for e in found], groups)


# -- measures
# -------------------------------------------------------------------------------------------------------

LABELS = np.array([[1, 0], [1, 0], [0, 1], [0, 1]])
TAGGED = np.array([[1, 0], [0, 1], [0, 1], [0, 1]])


def test_f1_and_summary() -> None:
    assert f1_of(LABELS, TAGGED).tolist() == pytest.approx([2 / 3, 0.8])
    assert summary(LABELS, TAGGED, ("trial", "other")) == {
        "examples": 4,
        "macro_f1": 0.7333,
        "key_f1": 0.6667,
        "micro_f1": 0.75,
    }


def test_events_table_and_interval_over_companies() -> None:
    table = events_table(LABELS, TAGGED, ["a", "a", "b", "c"], ("trial", "other"))
    assert table["trial"]["precision"] == 1.0 and table["trial"]["recall"] == 0.5
    assert table["other"]["interval"][0] <= 0.8 <= table["other"]["interval"][1]


def test_calibration_error_is_the_gap() -> None:
    assert calibration_error(np.full(10, 0.95), np.array([1] * 5 + [0] * 5)) == pytest.approx(0.45)
    assert calibration_error(
        np.array([0.05] * 95 + [0.05] * 5), np.array([0] * 95 + [1] * 5)
    ) == pytest.approx(0.0, abs=1e-9)


def test_review_bar_reaches_the_precision_asked_for() -> None:
    random = np.random.default_rng(1)
    margin = random.uniform(0, 8, 4000)  # tags are right as often as the margin says
    hit = random.random(4000) < 1 / (1 + np.exp(-margin))
    first = 1 / (1 + np.exp(-margin / 2))
    probabilities = np.column_stack([first, 1 - first])
    labels = np.column_stack([hit, ~hit]).astype(np.int64)
    tagged = accept(probabilities, np.array([1.0, 1.0]))
    bar = choose_review(probabilities, tagged, labels, 0.98)
    figures = review_figures(probabilities, tagged, labels, np.full(4000, bar))
    assert 0.975 < figures["right"] < 0.985 and 0.6 < figures["coverage"] < 0.85
    assert (
        choose_review(probabilities, tagged, labels, 0.99)
        > bar
        > choose_review(probabilities, tagged, labels, 0.95)
    )
    assert choose_review(probabilities, tagged, labels, 0.99999) == 1.0  # out of reach
    assert choose_review(probabilities, tagged, tagged, 0.98) == 0.5  # nothing wrong
    assert choose_review(probabilities, tagged, 1 - tagged, 0.98) == 1.0  # nothing right


def test_keyword_baseline_falls_back_to_other() -> None:
    tagged = headline_keywords(["Acme Appoints Chief Medical Officer", "Acme Says Hello"], EVENTS)
    assert tagged[0, EVENTS.index("management")] == 1 and tagged[1].tolist() == [
        int(e == "other") for e in EVENTS
    ]


# -- whole runs
# -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Authored headlines as if they were a corpus, and an empty folder in place of the authored ones."""
    folder = tmp_path_factory.mktemp("tiny")
    lines = [
        json.loads(line)
        for line in (ROOT / "data" / "authored" / "headlines.jsonl")
        .read_text(encoding="utf-8")
        .splitlines()[::2]
    ]
    write(
        folder / "releases.jsonl",
        *({"id": e["id"], "title": e["title"], "text": e["text"], "source": "made"} for e in lines),
    )
    write(folder / "labels.jsonl", *({"id": e["id"], "events": e["events"]} for e in lines))
    (folder / "authored").mkdir()
    return folder


@pytest.fixture(scope="module")
def trained(tiny: Path) -> Path:
    return train_model(
        tiny, tiny, tiny / "models", version="t", authored=tiny / "authored", recipe=Recipe(folds=3)
    )


def test_a_run_writes_a_folder_that_loads_verifies_and_tells(trained: Path) -> None:
    assert sorted(p.name for p in trained.iterdir()) == [
        "CARD.md",
        "cues.jsonl",
        "manifest.json",
        "metrics.json",
        "probes.jsonl",
        "vocabulary.json",
        "weights.npz",
    ]
    assert (trained.parent / "CURRENT").read_text().strip() == "events-t"
    assert verify(trained) == []
    scores = EventModel.load(trained).score(read_release("Velmora Appoints Chief Medical Officer"))
    assert scores[0].type == "management"
    manifest = json.loads((trained / "manifest.json").read_text())
    assert manifest["event_types"] == list(EVENTS) and manifest["corpus"]["examples"] > 400
    assert "Intended use" in (trained / "CARD.md").read_text()


def test_a_second_run_gives_the_same_bytes_and_a_released_folder_stays(tiny: Path, trained: Path) -> None:
    with pytest.raises(ModelError, match="never changes"):
        train_model(tiny, tiny, tiny / "models", version="t", authored=tiny / "authored")
    again = train_model(
        tiny, tiny, tiny / "again", version="t", authored=tiny / "authored", recipe=Recipe(folds=3)
    )
    for name in ("weights.npz", "vocabulary.json", "probes.jsonl", "metrics.json"):
        assert (again / name).read_bytes() == (trained / name).read_bytes(), name


def test_array_scores_equal_the_scikit_learn_pipeline(tiny: Path) -> None:
    examples, groups, events = load_examples(tiny, tiny, tiny / "authored")
    model, pipeline = fit_model(prepare(examples, groups, events), events, recipe=Recipe(folds=3))
    releases = [e.release() for e in examples[::7]]
    decisions = pipeline.decision_function(releases)
    for release, expected in zip(releases, decisions, strict=True):
        assert np.abs(model.decision(release) - expected).max() < 1e-9
        told = {s.type: s.probability for s in model.score(release)}
        again = probabilities_of(expected, model.calibration)
        assert max(abs(told[e] - again[i]) for i, e in enumerate(events)) < 1e-9


def test_coefficients_are_the_mean_of_three_regressions_two_of_which_see_a_part(tiny: Path) -> None:
    examples, groups, events = load_examples(tiny, tiny, tiny / "authored")
    data = prepare(examples[::3], groups[::3], events)
    alone, none, both = (fit_pipeline(data, Recipe(narrow=share, kept=1.0)) for share in (0.0, 0.5, 0.25))
    field = [name for name, _ in alone["features"].columns_]
    shown = {name: np.array([f == name for f in field]) for name in FIELDS}
    wide, parts, mean = (pipeline["events"].coef_ for pipeline in (alone, none, both))
    assert np.abs(mean - (0.5 * wide + 0.5 * parts)).max() < 1e-12
    seen_by_one = {name for names in NARROW for name in names}
    assert seen_by_one < set(FIELDS) and not set(NARROW[0]) & set(NARROW[1])
    for name in FIELDS:
        assert parts[:, shown[name]].any() == (name in seen_by_one), name


def test_a_text_is_seen_whole_with_its_headline_elsewhere_without_it_and_cut_short() -> None:
    long = "Velmora Bio said that its trial of VLM-1 has begun. " + "It went on at length. " * 40
    told = example("a", "Velmora Bio Doses First Patient", long + "Nobody reads this far.", events=("trial",))
    short = example("b", "Velmora Bio Doses First Patient", "It said so today.", events=("trial",))
    views = prepare([told, short], ["a", "b"], ("trial", "other")).views
    whole, embedded, headless, cut = (" ".join(t for p in view[0] for t in p.tokens) for view in views)
    assert whole.startswith(embedded) and "Doses First" not in headless
    assert cut.startswith("Velmora Bio Doses First Patient Velmora Bio said")
    assert whole.startswith(cut) and CUT_CHARS // 10 < len(cut.split()) < CUT_CHARS // 3
    assert "headline" in views[0][0][0].fields and "headline" not in views[1][0][0].fields
    assert views[0][1] == views[3][1]  # nothing to cut


def test_half_of_the_runs_of_words_stay_and_all_cues(tiny: Path) -> None:
    examples, groups, events = load_examples(tiny, tiny, tiny / "authored")
    data = prepare(examples[::3], groups[::3], events)
    whole, half = (fit_pipeline(data, Recipe(kept=kept))["features"].columns_ for kept in (1.0, 0.5))
    assert set(half) < set(whole) and sorted(half.values()) == list(range(len(half)))
    runs, rest = (
        [{key for key in found if (key[0] in RUNS) == run} for found in (whole, half)]
        for run in (True, False)
    )
    assert 0.5 * len(runs[0]) - 1 <= len(runs[1]) <= 0.55 * len(runs[0])
    assert rest[0] == rest[1]


def test_an_event_with_too_few_labels_is_named() -> None:
    examples = [example(str(n), f"Acme{n} reports results for the quarter") for n in range(6)]
    examples.append(example("rare", "Acme9 sues Umber9 over a patent", events=("litigation",)))
    data = prepare(examples, [e.id for e in examples], ("other", "litigation"))
    with pytest.raises(InputError, match="litigation: labelled in 1 releases and 0 authored"):
        fit_model(data, ("other", "litigation"), recipe=Recipe(folds=3))


def test_evaluate_writes_json_and_a_page(tiny: Path, tmp_path: Path) -> None:
    quick = Recipe(
        folds=3, kept=1.0, narrow=0.0
    )  # a third of the fits: what is measured is held by other tests
    report = evaluate(tiny, tiny, tmp_path, authored=tiny / "authored", recipe=quick, quick=True)
    assert report.page_path is not None and "Reliability" in report.page_path.read_text()
    assert report.figures["cross_validated"]["parts"]["all"]["macro_f1"] > 0.4
    assert len(report.figures["errors"]) == 30
    assert report.json_path is not None and json.loads(report.json_path.read_text())["events"] == list(EVENTS)


# -- the model in use
# ------------------------------------------------------------------------------------------------


def test_the_model_in_use_holds_the_floors() -> None:
    floors = json.loads((ROOT / "tests" / "floors.json").read_text())["events"]
    metrics = json.loads((current_folder() / "metrics.json").read_text())
    manifest = json.loads((current_folder() / "manifest.json").read_text())
    assert floors["corpus"] == manifest["corpus"]["sha256"] and floors["split"] == manifest["split"]["sha256"]
    for part, told in floors["parts"].items():
        for name, floor in told.items():
            assert metrics["parts"][part][name] >= floor, (part, name)
    assert metrics["calibration_error"]["all"] <= floors["calibration_error"]
    assert metrics["review"]["coverage"] >= floors["review"]["coverage"]
    assert metrics["review"]["right"] >= floors["review"]["right"]
