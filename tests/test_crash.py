"""A run that is killed at any instant resumes with nothing lost and nothing twice.

The default is small. The full measure: ``EX99_CRASH_KILLS=50 EX99_CRASH_DOCS=5000 pytest tests/test_crash.py``.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from pathlib import Path

import pytest

KILLS = int(os.environ.get("EX99_CRASH_KILLS", "5"))
DOCS = int(os.environ.get("EX99_CRASH_DOCS", "232"))
SAMPLES = Path(__file__).parents[1] / "data" / "samples"
SHARED = Path(__file__).parents[1].parent / "shared" / "edgar"

# Small tasks, so that there is something to lose and something to keep at most instants.
SCRIPT = """
    import sys
    from nlp.batch import plan, score_folder
    plan.make_tasks.__kwdefaults__["max_units"] = int(sys.argv[3])
    summary = score_folder(sys.argv[1], sys.argv[2], workers=2).finish()
    print(summary.scored, summary.unchanged)
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="needs process groups"),
]


@pytest.fixture(scope="module")
def filings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample filings (and real ones, where they are beside the checkout), linked as often as it takes."""
    folder = tmp_path_factory.mktemp("filings")
    sources = [path for path in sorted(SAMPLES.rglob("*")) if path.suffix in (".txt", ".htm")]
    if KILLS >= 50 and SHARED.is_dir():
        sources += [path for path in sorted(SHARED.rglob("*")) if path.suffix in (".txt", ".htm")]
    for number in range(DOCS):
        source = sources[number % len(sources)]
        target = folder / f"{number // len(sources):04d}" / source.name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(source.read_bytes())
    return folder


def start(folder: Path, out: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(SCRIPT), str(folder), str(out), str(max(8, DOCS // 40))]
    return subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE, text=True)


def finish(folder: Path, out: Path) -> tuple[int, int]:
    process = start(folder, out)
    told, _ = process.communicate()
    assert process.returncode == 0
    scored, unchanged = map(int, told.split())
    return scored, unchanged


def output(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in ("releases.jsonl", "releases.csv")}


def paths(out: Path) -> Counter[str]:
    lines = (out / "releases.jsonl").read_text(encoding="utf-8").splitlines()
    return Counter(record["path"].split("!/")[0] for record in map(json.loads, lines))


def test_killed_at_random_instants_then_resumed(filings: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    whole = tmp_path / "whole"
    finish(filings, whole)
    usual = time.monotonic() - began
    expected = output(whole)
    assert set(paths(whole)) == {str(path) for path in filings.rglob("*") if path.is_file()}

    seed = int(os.environ.get("EX99_CRASH_SEED", "6"))
    choose = random.Random(seed)
    resumed = killed = rounds = 0
    while killed < KILLS:
        out = tmp_path / f"out{rounds}"
        rounds += 1
        while True:  # kill, resume, kill ... until one run gets through or there were enough
            process = start(filings, out)
            instant = choose.uniform(0.1, usual) if killed < KILLS else None
            try:
                process.communicate(timeout=instant)
                assert process.returncode == 0, f"seed {seed}"
                break
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                killed += 1
                resumed += any((out / ".run" / "shards").glob("*.jsonl"))
                assert not (out / "releases.jsonl").exists() or output(out) == expected
        assert output(out) == expected, f"seed {seed}"
        assert finish(filings, out) == (0, DOCS)
        assert output(out) == expected
        assert not list(out.glob(".*.partial")) and not list((out / ".run").rglob("*.partial"))
    assert resumed, "no kill left anything to resume from; choose other instants"


def test_killed_with_an_input_removed_and_another_added(filings: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = start(filings, out)
    deadline = time.monotonic() + 60
    while not any(out.glob(".run/shards/*.jsonl")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    first = min(path for path in filings.rglob("*") if path.is_file())
    content = first.read_bytes()
    first.unlink()
    (first.parent / "added.htm").write_bytes(content)
    try:
        finish(filings, out)
        finish(filings, tmp_path / "fresh")
        assert output(out) == output(tmp_path / "fresh")
        assert str(first) not in paths(out) and str(first.parent / "added.htm") in paths(out)
    finally:
        first.write_bytes(content)
        (first.parent / "added.htm").unlink()
