"""A run as its user sees it: records as they come, cheap resumes, stops, damage told, folders of older versions."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nlp.batch import Run, StoppedError, Summary, inputs, score_folder
from nlp.batch.plan import make_tasks
from nlp.batch.progress import LogProgress
from nlp.batch.tables import read_records
from nlp.batch.worker import TaskReport
from nlp.errors import InputError
from nlp.report.table import make_console, print_summary
from tests.inline import Inline

HEADLINES = (
    "Reports First Quarter Results",
    "Prices $50 Million Public Offering",
    "Appoints Jane Roe as CFO",
)


@pytest.fixture
def filings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Six exhibits, two a task."""
    monkeypatch.setitem(make_tasks.__kwdefaults__ or {}, "max_units", 2)
    folder = tmp_path / "filings"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.htm").write_text(f"<p>Acme Bio {HEADLINES[number % 3]}</p><p>Copy {number}.</p>")
    return folder


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as unchanged for long."""
    monkeypatch.setattr(inputs, "_SETTLED", -1)


def start(folder: Any, out: Any, **options: Any) -> Run:
    return score_folder(folder, out, **{"backend": Inline(), **options})


def run(folder: Any, out: Any, **options: Any) -> Summary:
    return start(folder, out, **options).finish()


def names(records: Iterable[dict[str, Any]]) -> list[str]:
    return [Path(record["path"]).name for record in records]


def lines(out: Path) -> bytes:
    return (out / "releases.jsonl").read_bytes()


def test_records_come_as_they_are_scored(filings: Path, tmp_path: Path) -> None:
    out, backend = tmp_path / "out", Inline()
    going = start(filings, out, backend=backend)
    assert next(going)["headline"] == "Acme Bio Reports First Quarter Results"
    assert [Path(path).name for path in backend.read] == ["0.htm", "1.htm"]
    with pytest.raises(RuntimeError, match="has not ended"):
        _ = going.summary
    rest = list(going)
    assert len(rest) == 5 and going.summary.scored == 6
    assert rest == list(read_records(out))[1:]
    assert list(going) == []


def test_unchanged_records_come_too_and_filters_hold(filings: Path, tmp_path: Path, settled: None) -> None:
    out = tmp_path / "out"
    run(filings, out, limit=3)
    going = start(filings, out, events=("financing",))
    assert names(going) == ["1.htm", "4.htm"] == names(read_records(out))
    assert (going.summary.unchanged, going.summary.scored) == (3, 3)
    assert len(list(start(filings, out))) == 6


def test_a_run_left_early_writes_no_tables_and_goes_on(filings: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for _ in start(filings, out):
        break  # nobody holds the run any more, so it lets the folder go
    assert not (out / "releases.jsonl").exists()
    assert run(filings, out).scored == 4
    run(filings, tmp_path / "fresh")
    assert lines(out) == lines(tmp_path / "fresh")


def test_a_run_that_nobody_runs_warns(filings: Path, tmp_path: Path) -> None:
    with pytest.warns(RuntimeWarning, match="did nothing"):
        start(filings, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_without_an_output_folder_nothing_is_kept(filings: Path) -> None:
    going = start(filings, None)
    assert sorted(names(going)) == [f"{number}.htm" for number in range(6)]
    assert (going.summary.out, going.summary.events["financing"]) == (None, 2)
    assert [path.name for path in filings.parent.iterdir()] == ["filings"]


def test_unchanged_files_are_not_read(filings: Path, tmp_path: Path, settled: None) -> None:
    out = tmp_path / "out"
    run(filings, out)
    backend = Inline()
    assert run(filings, out, backend=backend).unchanged == 6
    assert backend.read == []


def test_a_file_with_new_times_is_read_once_more(filings: Path, tmp_path: Path, settled: None) -> None:
    out = tmp_path / "out"
    run(filings, out)
    os.utime(filings / "3.htm", (1, 1))
    for read in (["3.htm"], []):
        backend = Inline()
        assert run(filings, out, backend=backend).unchanged == 6
        assert [Path(path).name for path in backend.read] == read
    run(filings, tmp_path / "fresh")
    assert lines(out) == lines(tmp_path / "fresh")


def test_a_changed_file_is_found_whatever_its_size_and_date(
    filings: Path, tmp_path: Path, settled: None
) -> None:
    out, changed = tmp_path / "out", filings / "0.htm"
    run(filings, out)
    before = changed.stat()
    changed.write_bytes(changed.read_bytes().replace(b"First", b"Third"))
    os.utime(changed, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert changed.stat().st_size == before.st_size and changed.stat().st_mtime_ns == before.st_mtime_ns
    assert run(filings, out).scored == 1
    assert b"Third Quarter" in lines(out)


def test_a_file_changed_a_moment_ago_is_read_again(filings: Path, tmp_path: Path) -> None:
    out, backend = tmp_path / "out", Inline()
    run(filings, out)
    run(filings, out, backend=backend)
    assert len(backend.read) == 6


def test_damage_is_told_once_and_mended(filings: Path, tmp_path: Path, settled: None) -> None:
    out = tmp_path / "out"
    run(filings, out)
    before = lines(out)
    shard = min((out / ".run" / "shards").iterdir())
    shard.write_bytes(shard.read_bytes().replace(b"Quarter", b"Qu@rter", 1))
    summary = run(filings, out)
    assert (summary.damaged, summary.scored) == (1, 1)
    assert json.loads((out / "run.json").read_text())["damaged"] == 1
    console = make_console()
    with console.capture() as told:
        print_summary(summary, console)
    assert told.get().startswith("DAMAGED: the stored results of 1 files")
    assert lines(out) == before and not shard.exists()
    again = run(filings, out)
    assert (again.damaged, again.scored, again.unchanged) == (0, 0, 6)


def test_a_stop_keeps_what_is_finished(filings: Path, tmp_path: Path) -> None:
    class Stopping(Inline):
        def run(self, *given: Any, **more: Any) -> Iterator[TaskReport]:
            for report in super().run(*given, **more):
                going.stop()
                yield report

    out = tmp_path / "out"
    going = start(filings, out, backend=Stopping())
    with pytest.raises(StoppedError, match="4 files before the end"):
        going.finish()
    assert not (out / "releases.jsonl").exists()
    assert run(filings, out).scored == 4


SLOW = """
import sys, time
from nlp import cli
from nlp.batch import backends, plan, worker

plan.make_tasks.__kwdefaults__["max_units"] = 1

def score_task(task, settings, folder):
    time.sleep(0.3)
    return worker.score_task(task, settings, folder)

if __name__ == "__main__":
    import slow_scoring
    backends.LocalBackend.__init__.__defaults__ = (slow_scoring.score_task,)
    cli.main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs process groups")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_to_the_whole_group_stop_the_command(number: int, filings: Path, tmp_path: Path) -> None:
    script, out = tmp_path / "slow_scoring.py", tmp_path / "out"
    script.write_text(SLOW)
    for more in range(6, 14):
        (filings / f"{more}.htm").write_text("<p>Acme Bio Appoints Jane Roe as CFO</p>")
    command = [sys.executable, str(script), "score", str(filings), "--out", str(out), "--workers", "2"]
    process = subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not any(out.glob(".run/shards/0*.jsonl")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, number)
    _, told = process.communicate()
    assert process.returncode == 3, told
    assert "Traceback" not in told and "the same command goes on from there" in told
    assert not (out / "releases.jsonl").exists()
    assert not list((out / ".run").rglob("*.partial")) and not list((out / ".run" / "working").iterdir())
    kept = len(list(out.glob(".run/shards/0*.jsonl")))
    assert 0 < kept < 14
    summary = run(filings, out)
    assert (summary.scored, summary.failed) == (14 - kept, 0)


def test_only_failed_tells_what_it_leaves_behind(
    filings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (filings / "bad.htm").write_text("")
    out = tmp_path / "out"
    run(filings, out)
    summary = run(filings, out, only_failed=True, add_drugs=("zorvexib",))
    assert (summary.scored, summary.outdated) == (1, 6)
    monkeypatch.setattr("nlp.batch.summary.SCHEMA", 99)
    with pytest.raises(InputError, match="without --only-failed") as caught:
        run(filings, out, only_failed=True)
    assert caught.value.code == "other-schema"


def test_shards_of_an_older_version_are_used(filings: Path, tmp_path: Path, settled: None) -> None:
    out = tmp_path / "out"
    run(filings, out)
    before = lines(out)
    for shard in (out / ".run" / "shards").iterdir():
        old = []
        for line in map(json.loads, shard.read_text().splitlines()):
            if "unit" in line:
                line = {key: value for key, value in line.items() if key not in ("stamp", "slowest")}
                old.append(json.dumps(line, separators=(",", ":")))
            else:
                old.append(json.dumps(line, ensure_ascii=False))
        shard.write_text("\n".join(old) + "\n")
    summary = run(filings, out)
    assert (summary.scored, summary.damaged) == (0, 0)
    assert lines(out) == before


def test_the_log_is_quiet_and_its_lines_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    log = LogProgress(stream)
    log.begin(4_000)
    log.update(TaskReport(1, 1_000, 1_000, 0, 2, 5))
    assert stream.getvalue() == "4,000 files to look at\n"
    monkeypatch.setattr("nlp.batch.progress._LOG_EVERY", 0.0)
    log.update(TaskReport(2, 1_000, 1_000, 0, 1, 5))
    assert stream.getvalue().splitlines()[1].startswith("2,000 of 4,000 files, ")
    assert ", 3 failed, about " in stream.getvalue()
