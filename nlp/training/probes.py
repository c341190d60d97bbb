"""Probes: sample exhibits we wrote, with the probabilities a model gave them when it was trained.

Replaying them from raw exhibit to probabilities shows any change upstream (reading, sectioning, features)
that moves a score.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from nlp.errors import Ex99Error, ModelError, RuleError
from nlp.model import EventModel, current_folder
from nlp.release import read_release
from nlp.rulebook import default_rulebook
from nlp.submission import read_submission

__all__ = ["TOLERANCE", "read_samples", "verify", "write_probes"]

TOLERANCE = 1e-9  # another numpy may round another way; nothing else may
_MAX_PROBES = 1000


def read_samples(folder: Path) -> list[tuple[str, str]]:
    """Name and markup of the first EX-99 of each sample submission of ``folder``, and of its bare
    exhibits."""
    found: list[tuple[str, str]] = []
    for path in sorted(folder.glob("*.txt")):
        try:
            submission = read_submission(path.read_bytes())
        except Ex99Error:
            continue  # some samples are broken on purpose
        exhibits = [d for d in submission.documents if d.type.upper().startswith("EX-99")]
        if exhibits:
            body = submission.body(exhibits[0]).decode("utf-8", "replace")
            found.append((f"{path.name} {exhibits[0].type}", body))
    found.extend(
        (p.name, p.read_text(encoding="utf-8", errors="replace"))
        for p in sorted((folder / "exhibits").glob("*.*"))
    )
    return found


def write_probes(model: EventModel, samples: Sequence[tuple[str, str]], path: Path) -> None:
    """One line a sample: its name, its markup, and the probability of each event in column order."""
    lines = []
    for name, markup in samples:
        scores = {s.type: s.probability for s in model.score(read_release(markup.encode("utf-8")))}
        entry = {"name": name, "exhibit": markup, "probabilities": [scores[e] for e in model.event_types]}
        lines.append(json.dumps(entry, ensure_ascii=False) + "\n")
    path.write_text("".join(lines), encoding="utf-8")


def verify(folder: Path | None = None) -> list[str]:
    """Problems of the rules and of a model folder (``None``: the one in use): rule files line by line, digests, shapes,
    and each probe that scores otherwise than stored.

    >>> from nlp.training import verify
    >>> verify()
    []
    """
    try:
        default_rulebook().check()
        where = current_folder() if folder is None else folder
        model = EventModel.load(where)
    except (ModelError, RuleError) as error:
        return [str(error)]
    problems = model.check_files(where)
    if problems:
        return problems
    lines = (where / "probes.jsonl").read_text(encoding="utf-8").splitlines()
    if not 0 < len(lines) <= _MAX_PROBES:
        return [f"{where / 'probes.jsonl'}: {len(lines)} probes; between 1 and {_MAX_PROBES} expected"]
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            told = [float(p) for p in entry["probabilities"]]
            markup = str(entry["exhibit"])
        except (ValueError, KeyError, TypeError) as error:
            problems.append(f"probes.jsonl, line {number}: not a probe ({error!r})")
            continue
        scores = {s.type: s.probability for s in model.score(read_release(markup.encode("utf-8")))}
        now = [scores[e] for e in model.event_types]
        worst = max(abs(a - b) for a, b in zip(now, told, strict=False)) if len(now) == len(told) else 1.0
        if worst > TOLERANCE:
            problems.append(
                f"probe {entry.get('name')!r}: a probability differs by {worst:.2g} from the one stored; did "
                f"reading or sectioning change?"
            )
    return problems
