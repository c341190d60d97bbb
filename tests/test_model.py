"""The model folder: scores, evidence, review, and copies that must not load."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nlp.errors import ModelError
from nlp.model import EventModel, EventScore, current_folder
from nlp.release import read_release
from nlp.training import verify

OFFERING = (
    "Velmora Announces Pricing of $50 Million Public Offering\n\nBOSTON, May 3, 2021 -- Velmora Bio, Inc. "
    "(Nasdaq: VELM) today announced the "
    "pricing of an underwritten public offering of 5,000,000 shares of common stock.\n\nA bank is acting as "
    "sole book-running manager."
)


@pytest.fixture(scope="module")
def model() -> EventModel:
    return EventModel.load()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(current_folder(), tmp_path / "model"))


def rewrite(folder: Path, name: str, content: bytes) -> None:
    """Change a file and its digest: a copy whose maker knew what is checked."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def change(folder: Path, **told: Any) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, **told}))


def test_scores_cover_all_events_sorted_with_evidence(model: EventModel) -> None:
    release = read_release(OFFERING)
    scores = model.score(release)
    assert {s.type for s in scores} == set(model.event_types)
    assert [s.probability for s in scores] == sorted((s.probability for s in scores), reverse=True)
    assert scores[0].type == "financing" and scores[0].accepted
    assert not any(s.accepted for s in scores[1:])
    assert any("offering" in span.of(release.text).lower() for span in scores[0].evidence)
    assert not model.needs_review(scores)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("Zzz", False),
        (OFFERING, True),
        ("About Velmora\n\nVelmora makes things.", True),
        ("Q" * 5000, False),
        ("12 34 56", False),
    ],
)
def test_at_least_one_event_for_a_text_the_model_knows_anything_of(
    model: EventModel, text: str, known: bool
) -> None:
    scores = model.score(read_release(text))
    assert any(s.accepted for s in scores) == known
    assert all(0 <= s.probability <= 1 for s in scores)
    assert known or model.needs_review(scores)


def test_review_is_asked_for_where_the_model_is_in_doubt(model: EventModel) -> None:
    sure, faint, second = (
        EventScore("trial", 0.999, True),
        EventScore("other", 0.01, False),
        EventScore("other", 0.95, True),
    )
    assert not model.needs_review([sure, faint])
    assert model.needs_review([sure, second])
    assert model.needs_review([EventScore("trial", 0.4, True), EventScore("other", 0.35, False)])


def test_explain_names_the_strongest_features(model: EventModel) -> None:
    first = model.explain(read_release(OFFERING))[0]
    assert first.type == "financing"
    shares = [abs(share) for _, _, share in first.features]
    assert shares == sorted(shares, reverse=True)
    assert any("offering" in term for _, term, _ in first.features)


def test_the_same_text_scores_the_same_however_long_its_boilerplate(model: EventModel) -> None:
    about = "\n\nAbout Velmora\n\n" + "Velmora has licensed a therapy and runs a Phase 3 trial. " * 20
    assert model.score(read_release(OFFERING + about))[0].probability == pytest.approx(
        model.score(read_release(OFFERING))[0].probability, abs=0.05
    )


def test_saving_again_gives_the_same_bytes(model: EventModel, tmp_path: Path) -> None:
    for name in ("a", "b"):
        model.save(tmp_path / name)
    for file in ("manifest.json", "weights.npz", "vocabulary.json", "cues.jsonl"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    release = read_release(OFFERING)
    assert EventModel.load(tmp_path / "a").score(release) == model.score(release)


def test_the_model_in_use_passes_its_probes_and_is_small() -> None:
    assert verify() == []
    assert sum(p.stat().st_size for p in current_folder().iterdir()) < 20_000_000


def test_scoring_does_not_import_scikit_learn() -> None:
    code = (
        "import sys; from nlp.model import EventModel; EventModel.load(); "
        "assert 'sklearn' not in sys.modules and 'scipy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_changed_file_is_refused_by_its_digest(copy: Path) -> None:
    (copy / "vocabulary.json").write_text(
        (copy / "vocabulary.json").read_text().replace("offering", "offerinq", 1)
    )
    with pytest.raises(ModelError, match="differs from its digest"):
        EventModel.load(copy)


@pytest.mark.parametrize("name", ["manifest.json", "weights.npz", "vocabulary.json", "cues.jsonl"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelError, match=name.split(".")[0]):
        EventModel.load(copy)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("weights.npz", b"not a zip"),
        ("weights.npz", b"PK\x03\x04" + b"\0" * 60),
        ("vocabulary.json", b"[]"),
        ("vocabulary.json", b"{}"),
        ("vocabulary.json", b'{"headline": 1}'),
        ("vocabulary.json", b"[" * 100_000),
        ("cues.jsonl", b'{"id": "a", "pattern": "("}\n'),
        ("cues.jsonl", b"\xff\xfe"),
    ],
)
def test_a_copy_with_matching_digests_but_wrong_content_is_refused(
    copy: Path, name: str, content: bytes
) -> None:
    rewrite(copy, name, content)
    with pytest.raises(ModelError):
        EventModel.load(copy)


def test_a_term_named_twice_is_refused(copy: Path) -> None:
    terms = json.loads((copy / "vocabulary.json").read_text())
    terms["headline"][1] = terms["headline"][0]
    rewrite(copy, "vocabulary.json", json.dumps(terms).encode())
    with pytest.raises(ModelError, match="named twice"):
        EventModel.load(copy)


def npz(**arrays: Any) -> bytes:
    packed = io.BytesIO()
    np.savez(packed, **arrays)
    return packed.getvalue()


def test_pickled_misshapen_and_infinite_arrays_are_refused(copy: Path) -> None:
    with np.load(copy / "weights.npz") as good:
        arrays = dict(good)
    hostile = [
        {**arrays, "idf": np.array([{"a": 1}], dtype=object)},
        {**arrays, "idf": arrays["idf"][:-1]},
        {**arrays, "coef": np.full_like(arrays["coef"], np.inf)},
        {**arrays, "coef": arrays["coef"].astype(np.float32)},
        {key: value for key, value in arrays.items() if key != "coef"},
        {**arrays, "more": arrays["idf"]},
    ]
    for changed in hostile:
        rewrite(copy, "weights.npz", npz(**changed))
        with pytest.raises(ModelError):
            EventModel.load(copy)


def test_an_archive_that_unpacks_without_bound_is_refused(copy: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("calibration", "coef", "idf", "intercept", "threshold"):
            archive.writestr(f"{name}.npy", b"\0" * 50_000_000)
    rewrite(copy, "weights.npz", packed.getvalue())
    with pytest.raises(ModelError, match=r"weights\.npz"):
        EventModel.load(copy)


@pytest.mark.parametrize(
    "told",
    [
        {"format": 99},
        {"files": None},
        {"event_types": []},
        {"event_types": ["a", "a"]},
        {"event_types": "trial"},
        {"event_types": ["trial"]},
        {"field_weights": {}},
        {"field_weights": {"headline": "x"}},
        {"field_weights": None},
        {"review_below": 7},
        {"review_below": None},
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(copy: Path, told: dict[str, Any]) -> None:
    change(copy, **told)
    with pytest.raises(ModelError):
        EventModel.load(copy)


def test_verify_tells_what_is_wrong(copy: Path) -> None:
    assert verify(copy) == []
    lines = (copy / "probes.jsonl").read_text().splitlines()
    probe = json.loads(lines[0])
    probe["probabilities"][0] += 0.01
    rewrite(copy, "probes.jsonl", "\n".join([json.dumps(probe), *lines[1:], "{"]).encode())
    problems = verify(copy)
    assert len(problems) == 2 and "differs by 0.01" in problems[0] and "not a probe" in problems[1]
    assert "cannot be read" in verify(copy / "nowhere")[0]


def test_manifest_cannot_point_outside_the_folder(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    change(copy, files={**manifest["files"], "../secret": {"sha256": "0", "bytes": 1}})
    assert "not a file of the folder" in verify(copy)[0]
