"""A run that is killed at any instant, or finds the disk full, resumes with nothing lost and nothing twice.

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

KILLS = int(os.environ.get("EX99_CRASH_KILLS", "3"))
DOCS = int(os.environ.get("EX99_CRASH_DOCS", "116"))
SEED = int(os.environ.get("EX99_CRASH_SEED", "6"))
UNITS = max(
    4, DOCS // 40
)  # a task: small, so that there is something to lose and something to keep at most instants
SAMPLES = Path(__file__).parents[1] / "data" / "samples"
SHARED = Path(__file__).parents[1].parent / "shared" / "edgar"

SCRIPT = """
    import sys
    from nlp.batch import plan, score_folder
    plan.make_tasks.__kwdefaults__["max_units"] = int(sys.argv[3])
    if sys.argv[4] != "0":  # as much as the disk takes
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), resource.RLIM_INFINITY))
    summary = score_folder(sys.argv[1], sys.argv[2], workers=2).finish()
    print(summary.scored, summary.unchanged)
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="needs process groups"),
]


@pytest.fixture(scope="module")
def filings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample filings (and real ones, where they are beside the checkout), copied as often as it takes."""
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


def start(folder: Path, out: Path, disk: int = 0) -> subprocess.Popen[str]:
    """A run; ``disk``: bytes a file may have before the disk counts as full (0: any number)."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), str(folder), str(out), str(UNITS), str(disk)],
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(folder: Path, out: Path) -> tuple[int, int]:
    process = start(folder, out)
    told, error = process.communicate()
    assert process.returncode == 0, error
    scored, unchanged = map(int, told.split())
    return scored, unchanged


def kill(process: subprocess.Popen[str], out: Path, shards: int, seconds: float) -> bool:
    """Kill a run ``seconds`` after it has finished ``shards`` more or writes its tables; false where it ended before."""
    already = len(list(out.glob(".run/shards/0*.jsonl")))
    instant = None
    while process.poll() is None:
        if instant is None:
            new = len(list(out.glob(".run/shards/0*.jsonl"))) - already
            if new >= shards or any(out.glob(".releases.jsonl*partial")):
                instant = time.monotonic() + seconds
        elif time.monotonic() >= instant:
            break
        time.sleep(0.005)
    ended = process.poll() is not None
    if not ended:
        os.killpg(process.pid, signal.SIGKILL)
    _, error = process.communicate()
    assert not ended or process.returncode == 0, error
    return not ended


def output(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in ("releases.jsonl", "releases.csv")}


def paths(out: Path) -> Counter[str]:
    lines = (out / "releases.jsonl").read_text(encoding="utf-8").splitlines()
    return Counter(record["path"].split("!/")[0] for record in map(json.loads, lines))


@pytest.fixture(scope="module")
def whole(filings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of a run that nothing happened to."""
    out = tmp_path_factory.mktemp("whole")
    assert finish(filings, out) == (DOCS, 0)
    return out


def test_killed_at_random_instants_then_resumed(filings: Path, whole: Path, tmp_path: Path) -> None:
    expected = output(whole)
    assert set(paths(whole)) == {str(path) for path in filings.rglob("*") if path.is_file()}

    choose = random.Random(SEED)
    told: Counter[str] = Counter()
    while told["killed"] < KILLS:
        out = tmp_path / f"out{told['rounds']}"
        told["rounds"] += 1
        ended = False
        while not ended and told["killed"] < KILLS:  # kill, resume, kill ... until a run gets through
            had = any(out.glob(".run/shards/0*.jsonl"))
            process = start(filings, out)
            if choose.random() < 0.1:  # at its start, while it reads what was done
                ended = not kill(process, out, 0, choose.uniform(0, 2))
            else:
                ended = not kill(
                    process, out, choose.randint(1, max(2, DOCS // UNITS // 5)), choose.random() / 2
                )
            told["killed"] += not ended
            told["resumed"] += had
            told["in its tables"] += not ended and any(out.glob(".releases.jsonl*partial"))
            assert not (out / "releases.jsonl").exists() or output(out) == expected, f"seed {SEED}"
        if not ended:
            finish(filings, out)
        assert output(out) == expected, f"seed {SEED}"
        assert finish(filings, out) == (0, DOCS)
        assert output(out) == expected
        assert not list(out.glob(".*.partial")) and not list((out / ".run").rglob("*.partial"))
    print(f"seed {SEED}, {DOCS} documents:", dict(told))
    assert told["resumed"], "no kill left anything to resume from; choose other instants"


def test_the_disk_fills_up_at_random_places(filings: Path, whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    largest = (whole / "releases.jsonl").stat().st_size
    shard = max(path.stat().st_size for path in (whole / ".run" / "shards").iterdir())
    choose = random.Random(SEED)
    limits = [choose.randint(200, shard) for _ in range(1 + KILLS // 10)] + [shard + largest // 4]
    for disk in limits:
        process = start(filings, out, disk)
        _, error = process.communicate()
        assert process.returncode == 1 and "run the same command again" in error, error
        assert not (out / "releases.jsonl").exists()
    finish(filings, out)
    assert output(out) == output(whole)


def test_killed_with_an_input_removed_and_another_added(filings: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = start(filings, out)
    deadline = time.monotonic() + 60
    while not any(out.glob(".run/shards/*.jsonl")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert any(out.glob(".run/shards/*.jsonl")) and not (out / "releases.jsonl").exists()
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
