"""``ex99 train``: fit on a corpus, measure on companies held out, write the model folder."""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import scipy
import sklearn

from nlp.errors import InputError, ModelError
from nlp.model import EventModel
from nlp.rulebook import default_rulebook
from nlp.training.card import write_card
from nlp.training.corpus import Example, corpus_digest, read_authored, read_corpus
from nlp.training.fit import Prepared, Recipe, accept, fit_model, prepare, probabilities_of
from nlp.training.measure import calibration_error, events_table, parts, review_figures, summary
from nlp.training.probes import read_samples, write_probes
from nlp.training.splits import group_names, is_test, split_digest

__all__ = ["load_examples", "train_model"]

_CHECKOUT = Path(__file__).resolve().parents[2]


def load_examples(
    texts: Path, labels: Path, authored: Path | None = None, reviewed: Sequence[Path] = ()
) -> tuple[tuple[Example, ...], list[str], tuple[str, ...]]:
    """Corpus examples and authored ones after them, the group of each, and the event types in column order.

    ``authored``: a folder of examples the project wrote (``None``: ``data/authored`` of a checkout, if
    there). ``reviewed``: label files that ``ex99 review`` wrote, whose texts lie beside them.
    """
    event_types = tuple(event.id for event in default_rulebook().event_types)
    real = read_corpus(texts, labels, event_types)
    for file in reviewed:
        real += read_corpus(file.with_name(f"{file.stem}.texts.jsonl"), file, event_types)
    if len({example.id for example in real}) < len(real):
        raise InputError("a release was labelled in two of the label files; keep one of its labels")
    written = read_authored(_CHECKOUT / "data" / "authored" if authored is None else authored, event_types)
    return (*real, *written), [*group_names(real), *(e.id for e in written)], event_types


def train_model(
    texts: Path,
    labels: Path,
    out: Path,
    *,
    version: str = "1.0",
    authored: Path | None = None,
    samples: Path | None = None,
    reviewed: Sequence[Path] = (),
    replace: bool = False,
    recipe: Recipe | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Path:
    """Train, write ``out/events-<version>`` and name it in ``out/CURRENT``; gives that folder.

    Two models are fitted: one without the test part (a fifth of the companies), whose figures on that part go
    into ``metrics.json`` and the card, and one on everything, which is the one written. The same inputs and
    versions give the same bytes but for the commit. ``samples``: exhibits for the probes (``None``:
    ``data/samples`` of a checkout). ``reviewed``: label files of ``ex99 review`` that are added to the
    corpus. ``say`` is told each step, as the whole takes minutes. Raises ``ModelError`` where the folder exists, unless ``replace``; ``InputError`` for data that
    can't be used.
    """
    folder = out / f"events-{version}"
    if folder.exists() and not replace:
        raise ModelError(
            f"{folder}: exists, and a released model never changes; choose another version, or replace it on "
            f"purpose"
        )
    recipe = recipe or Recipe()
    examples, groups, event_types = load_examples(texts, labels, authored, reviewed)
    say(f"reading {len(examples):,} releases and authored examples")
    data = prepare(examples, groups, event_types)
    real = [i for i, e in enumerate(examples) if e.source != "authored"]
    say("fitting without a fifth of the companies, to measure on it")
    metrics = _held_out(data, event_types, recipe)
    if metrics["test"]["examples"]:
        say(
            "macro F1 {macro_f1:.3f} on {examples} releases of companies not trained on".format(
                **metrics["test"]
            )
        )
    say("fitting on all")
    model, _ = fit_model(data, event_types, version=version, recipe=recipe)
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.iterdir():
        stale.unlink()
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
    write_probes(
        model,
        read_samples(_CHECKOUT / "data" / "samples" if samples is None else samples),
        folder / "probes.jsonl",
    )
    manifest: dict[str, Any] = {
        "commit": _commit(),
        "corpus": {"examples": len(real), "sha256": corpus_digest([examples[i] for i in real])},
        "authored": {
            "examples": len(examples) - len(real),
            "sha256": corpus_digest([e for e in examples if e.source == "authored"]),
        },
        "split": {"sha256": split_digest([examples[i].id for i in real], [groups[i] for i in real])},
        "thresholds": dict(zip(event_types, model.threshold.tolist(), strict=True)),
        "recipe": asdict(recipe),
        "seed": 0,
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "scikit-learn": sklearn.__version__,
        },
    }
    model.save(folder, **manifest)
    write_card(folder, metrics, manifest, model, examples)
    (out / "CURRENT").write_text(folder.name + "\n", encoding="utf-8")
    EventModel.load(folder)
    return folder


def _held_out(data: Prepared, event_types: Sequence[str], recipe: Recipe) -> dict[str, Any]:
    """Figures on the test part, by a model that saw none of its companies."""
    real = [e.source != "authored" for e in data.examples]
    test = [i for i, group in enumerate(data.groups) if real[i] and is_test(group)]
    rest = sorted(set(range(len(data.examples))) - set(test))
    if not test or len(test) == sum(real):
        return {"test": {"examples": 0}}
    model, pipeline = fit_model(data.part(rest), event_types, recipe=recipe)
    held = data.part(test)
    probabilities = probabilities_of(pipeline.decision_function(list(held.views[0])), model.calibration)
    tagged = accept(probabilities, model.threshold)
    bars = np.full(len(test), model.review_below)
    return {
        "test": summary(held.labels, tagged, event_types),
        "parts": {
            name: summary(held.labels[mask], tagged[mask], event_types)
            for name, mask in parts(held.examples).items()
        },
        "events": events_table(held.labels, tagged, held.groups, event_types),
        "calibration_error": {
            **{
                e: calibration_error(probabilities[:, i], held.labels[:, i])
                for i, e in enumerate(event_types)
            },
            "all": calibration_error(probabilities.ravel(), held.labels.ravel()),
        },
        "review": review_figures(probabilities, tagged, held.labels, bars),
    }


def _commit() -> str | None:
    """The checkout's commit, if git can tell; ``-changed`` when tracked code differs from it."""
    try:
        run = ["git", "-C", str(_CHECKOUT)]
        name = subprocess.run(
            [*run, "rev-parse", "HEAD"], capture_output=True, text=True, timeout=20, check=True
        ).stdout.strip()
        changed = subprocess.run(
            [*run, "diff", "--quiet", "HEAD", "--", "nlp"], capture_output=True, timeout=20, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return name + ("-changed" if changed.returncode else "")
