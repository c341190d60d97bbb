"""Features: what is counted, what is not, and the scikit-learn side."""

from __future__ import annotations

import pickle
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.utils import estimator_checks

from nlp.errors import RuleError
from nlp.features import FIELDS, Cues, Passage, RunLookup, default_cues, make_pipeline, passages, words
from nlp.features.pipeline import EventLogistic, ReleaseFeatures
from nlp.release import Release, read_release
from nlp.rulebook import default_rulebook
from nlp.text import Span

HEADLINE = "Velmora Prices Public Offering of Common Stock"
LEAD = (
    "BOSTON, May 3, 2021 -- Velmora Bio, Inc. today announced the pricing of an underwritten public "
    "offering of 5,000,000 shares."
)
ABOUT = "About Velmora\n\nVelmora Bio has an exclusive license to a gene therapy and a Phase 3 trial."


def release(*parts: str) -> Release:
    return read_release("\n\n".join(parts))


def terms(of: Release) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {field: set() for field in FIELDS}
    for passage in passages(of, default_cues()):
        for field, said in passage.terms.items():
            found[field].update(said)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$5.2 million", ["#money", "million"]),
        ("15% of ACM-101 in 2024", ["#percent", "of", "#code", "in", "#year"]),
        ("Phase 2b", ["phase", "#number", "b"]),
        ("company’s", ["company's"]),
        ("", []),
    ],
)
def test_words_become_classes(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_headline_and_opening_are_read() -> None:
    found = terms(release(HEADLINE, LEAD))
    assert "public offering" in found["headline"]
    assert "underwritten public" in found["opening"]
    assert "financing.underwriter" in found["cue"]
    assert "financing.pricing" in found["hcue"]
    assert any(">" in link for link in found["link"])


def test_about_section_counts_for_nothing() -> None:
    assert terms(release(HEADLINE, LEAD, ABOUT)) == terms(release(HEADLINE, LEAD))


def test_length_of_the_story_does_not_move_the_opening() -> None:
    filler = " ".join(
        f"Then item number{chr(97 + i % 26)} was discussed at length by those present." for i in range(400)
    )
    short, long = release(HEADLINE, LEAD), release(HEADLINE, LEAD, filler)
    assert terms(long)["headline"] == terms(short)["headline"]
    assert sum(len(p.terms["opening"]) for p in passages(long, default_cues())) < 900


def test_signs_count_once_and_below_the_opening_nothing_else_does() -> None:
    filler = " ".join(
        f"Then item number{chr(97 + i % 26)} was discussed by those present." for i in range(20)
    )
    below = "Norvelimab was well tolerated. It was well tolerated."
    far = " ".join([filler] * 4)
    bare, signed = terms(release(HEADLINE, LEAD, filler)), release(HEADLINE, LEAD, filler, below)
    found = [sign for p in passages(signed, default_cues()) for sign in p.terms.get("sign", ())]
    assert found.count("sign.tolerated") == 1
    assert terms(signed)["opening"] == bare["opening"]
    assert any(term.endswith(">sign.tolerated") for term in terms(signed)["hsign"])
    assert "sign.tolerated" not in terms(release(HEADLINE, LEAD, far, below))["sign"]


def test_passages_lie_inside_the_text_and_in_order() -> None:
    read = release(HEADLINE, LEAD, LEAD, ABOUT)
    spans = [p.span for p in passages(read, default_cues())]
    assert spans == sorted(spans) and all(0 <= s.start < s.end <= len(read.text) for s in spans)


def test_every_cue_finds_its_own_example_in_the_sets() -> None:
    cues = default_cues()
    for rule in default_rulebook().rules("events"):
        name = rule.id.removeprefix("cue.")
        found, others = cues.match(rule.example), cues.signs(rule.example)
        if name.startswith("sign."):
            found, others = others, found
        assert name in found and name not in others, rule.id


def test_cues_name_words_that_the_filter_can_look_for() -> None:
    """A cue that is asked of every sentence costs as much as twenty others. Alternatives that begin alike and stand side by side
    ("buys?|bought"), words of two letters and a lone "%" leave nothing to look for."""
    always = set()
    for name, pattern in default_cues().rules:
        one = re2.Filter()
        one.Add(pattern)
        one.Compile()
        if one.Match("zzzz", True):
            always.add(name)
    assert always == {"trial.figures", "sign.percent"}


def test_cues_survive_the_trip_through_lines() -> None:
    cues = default_cues()
    again = Cues.from_lines(cues.to_lines())
    assert again.rules == cues.rules
    assert again.match(HEADLINE) == cues.match(HEADLINE)


@pytest.mark.parametrize(
    "lines", ["{", '{"id": 1}', "[]", '{"id": "a", "pattern": "("}', '{"id": "a", "pattern": "(a)\\\\1"}']
)
def test_hostile_cues_are_refused(lines: str) -> None:
    with pytest.raises(RuleError):
        Cues.from_lines(lines)


@pytest.fixture(scope="module")
def small() -> tuple[list[Release], np.ndarray[tuple[int, int], np.dtype[np.int64]], list[str]]:
    kinds = {
        "Prices Public Offering": [1, 0], "Closes Private Placement": [1, 0], "Doses First Patient in Phase "
                                                                              "2 Trial": [0, 1],
        "Reports Topline Phase 3 Results": [0, 1], "Closes Financing and Doses First Patient": [1, 1],
    }  # fmt: skip
    names = ["Velmora", "Osgood", "Harlan", "Quenby", "Carrow", "Pemberly"]
    read = [
        release(f"{name} {kind}", f"{name} today said so in a statement.") for name in names for kind in kinds
    ]
    labels = np.array([kinds[kind] for _ in names for kind in kinds])
    return read, labels, [name for name in names for _ in kinds]


def test_pipeline_fits_predicts_pickles_and_clones(small) -> None:  # type: ignore[no-untyped-def]
    read, labels, groups = small
    pipeline = make_pipeline(features__min_df=2)
    pipeline.fit(read, labels, features__groups=groups)
    decisions = pipeline.decision_function(read)
    assert decisions.shape == labels.shape
    assert (pipeline.predict(read) == labels).mean() > 0.9
    assert np.array_equal(pickle.loads(pickle.dumps(pipeline)).decision_function(read), decisions)
    again = clone(pipeline).fit(read, labels, features__groups=groups)
    assert np.array_equal(again.decision_function(read), decisions)
    names = pipeline["features"].get_feature_names_out()
    assert len(names) == len(set(names)) == pipeline["features"].transform(read).shape[1]


def test_pipeline_works_in_grid_search(small) -> None:  # type: ignore[no-untyped-def]
    read, labels, groups = small
    search = GridSearchCV(make_pipeline(), {"events__C": [0.1, 10.0]}, cv=GroupKFold(3))
    search.fit(read, labels, groups=groups)
    assert search.best_score_ > 0.8


def test_issuer_names_are_not_features(small) -> None:  # type: ignore[no-untyped-def]
    read, labels, groups = small
    features = make_pipeline(features__min_df=2).fit(read, labels, features__groups=groups)["features"]
    assert not any("velmora" in term for _, term in features.columns_)


def test_constructor_only_stores_and_unknown_settings_are_refused() -> None:
    weights = {"headline": 2.0}
    assert make_pipeline(features__weights=weights).get_params()["features__weights"] is weights
    with pytest.raises(ValueError, match="Invalid parameter"):
        make_pipeline(features__nonsense=1)
    with pytest.raises(ValueError, match="one column"):
        make_pipeline(features__min_df=1).fit([release(HEADLINE)], [1])


def test_a_release_without_headline_or_story_gives_no_terms() -> None:
    read = release(HEADLINE)
    empty = replace(read, sections=tuple(replace(s, kind="furniture") for s in read.sections))
    assert passages(empty, default_cues()) == ()


# The checks of scikit-learn that apply: the others feed a matrix of numbers, or one label a sample.
CHECKS = [
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_get_params_invariance",
    "check_set_params",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_valid_tag_types",
    "check_estimators_unfitted",
    "check_mixin_order",
]


@pytest.mark.parametrize("step", [ReleaseFeatures(), EventLogistic()], ids=lambda step: type(step).__name__)
@pytest.mark.parametrize("name", CHECKS)
def test_estimator_checks_that_apply(name: str, step: object) -> None:
    check = getattr(estimator_checks, name, None)
    if check is None:
        pytest.skip(f"this scikit-learn has no {name}")
    check(type(step).__name__, step)


_SAID = st.lists(
    st.tuples(
        st.lists(st.sampled_from(["Acme", "acme", "Phase", "2", "$", "trial", "new"]), max_size=9),
        st.booleans(),
    ),
    max_size=5,
)


@given(_SAID)
def test_runs_are_looked_up_as_they_are_counted(said: list[tuple[list[str], bool]]) -> None:
    parts = [["Acme", "phase", "2"], *(tokens for tokens, _ in said)]
    head = bool(said) and said[0][1]
    found = [
        Passage(Span(0, 1), tokens, ("headline", "opening") if head and not i else ("opening",), {})
        for i, tokens in enumerate(parts)
    ]
    known = {
        "headline": ["acme", "acme phase #number"],
        "opening": ["trial", "acme phase", "new new", "#money"],
    }
    columns = {(field, term): i for i, (field, term) in enumerate((f, t) for f in known for t in known[f])}
    lookup = RunLookup({f: {t: columns[f, t] for t in known[f]} for f in known})
    counted = Counter(
        (columns[field, term], i)
        for i, passage in enumerate(found)
        for field, terms in passage.terms.items()
        for term in terms
        if (field, term) in columns
    )
    for _ in range(2):  # the second time from what is remembered
        got, owner = lookup.columns(found)
        assert Counter(zip(got.tolist(), owner.tolist(), strict=True)) == counted


def test_what_is_remembered_of_tokens_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nlp.features.runs._MOST", 3)
    lookup = RunLookup({"headline": {}, "opening": {"trial": 0}})
    said = [Passage(Span(0, 1), [f"word{i}" for i in range(50)] + ["trial"], ("opening",), {})]
    assert lookup.columns(said)[0].tolist() == [0]
    assert len(lookup._numbers) <= 3
