"""Scoring on a Dask cluster of two worker processes gives what scoring here gives, a killed worker included."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nlp.batch import Scorer, Summary, score_folder
from nlp.batch.backends import DaskBackend
from nlp.batch.plan import Task, make_tasks
from nlp.batch.worker import TaskReport
from nlp.errors import InputError

distributed = pytest.importorskip("distributed", reason="needs the extra: pip install 'ex99[dask]'")
dask = pytest.importorskip("dask")

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
DEADLY = """
import os, signal, time
from nlp.batch import worker
from nlp.classifier import Classifier

class Deadly(Classifier):
    def score_bytes(self, raw, **options):
        if b"Kills Its Worker" in raw:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.05)  # so that there is time to kill a worker from outside
        return super().score_bytes(raw, **options)

def score_task(task, settings, folder):
    if worker.Classifier is not Deadly:
        worker.Classifier = Deadly
        worker.loaded_classifier.cache_clear()
    return worker.score_task(task, settings, folder)
"""


@pytest.fixture(scope="module")
def filings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filings")
    sources = [path for path in sorted(SAMPLES.rglob("*")) if path.suffix in (".txt", ".htm")]
    for copy in range(2):
        for source in sources:
            (folder / f"{copy}-{source.name}").write_bytes(source.read_bytes())
    return folder


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A module that workers can import: they start with this process's path."""
    folder = tmp_path_factory.mktemp("modules")
    (folder / "deadly_dask.py").write_text(DEADLY)
    sys.path.insert(0, str(folder))
    yield
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def cluster(modules: None) -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def expected(filings: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    out = tmp_path_factory.mktemp("local")
    assert score_folder(filings, out, workers=2).finish().scored == 58
    return (out / "releases.jsonl").read_bytes()


@pytest.fixture
def deadly(modules: None) -> Any:
    return __import__("deadly_dask").score_task


@pytest.fixture(autouse=True)
def small_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(make_tasks.__kwdefaults__ or {}, "max_units", 6)


def on_cluster(filings: Path, out: Path | str, cluster: Any, **options: Any) -> Summary:
    options = {"backend": "dask", "scheduler": cluster.scheduler_address, **options}
    return score_folder(filings, out, **options).finish()


def test_the_cluster_gives_the_same_results(
    filings: Path, tmp_path: Path, cluster: Any, expected: bytes
) -> None:
    summary = on_cluster(filings, tmp_path, cluster)
    assert (summary.scored, summary.unchanged) == (58, 0)
    assert (tmp_path / "releases.jsonl").read_bytes() == expected
    assert on_cluster(filings, tmp_path, cluster).unchanged == 58


def test_workers_bring_results_to_a_url(filings: Path, tmp_path: Path, cluster: Any, expected: bytes) -> None:
    out = f"local://{tmp_path}/there"  # fsspec's own local files, in place of a bucket
    assert on_cluster(filings, out, cluster).scored == 58
    assert (tmp_path / "there" / "releases.jsonl").read_bytes() == expected
    assert on_cluster(filings, out, cluster).scored == 0


def test_a_worker_killed_during_the_run_loses_nothing(
    filings: Path, tmp_path: Path, cluster: Any, expected: bytes, deadly: Any
) -> None:
    killed: list[int] = []
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        victim = min(client.run(os.getpid).values())

    def kill() -> None:
        deadline = time.monotonic() + 30
        while not any(tmp_path.glob(".run/shards/*.jsonl")) and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(victim, signal.SIGKILL)
        killed.append(victim)

    killer = threading.Thread(target=kill)
    killer.start()
    backend = DaskBackend(cluster.scheduler_address, deadly)
    try:
        summary = on_cluster(filings, tmp_path, cluster, backend=backend)
    finally:
        backend.close()
        killer.join()
    assert killed and summary.scored == 58
    assert (tmp_path / "releases.jsonl").read_bytes() == expected
    assert not list((tmp_path / ".run" / "working").iterdir())


def test_a_document_that_kills_workers_costs_only_itself(
    filings: Path, tmp_path: Path, cluster: Any, expected: bytes, deadly: Any
) -> None:
    bad = filings / "9-bad.htm"
    bad.write_text("<p>Acme Bio Kills Its Worker</p>")
    backend = DaskBackend(cluster.scheduler_address, deadly)
    try:
        summary = on_cluster(filings, tmp_path, cluster, backend=backend)
    finally:
        backend.close()
        bad.unlink()
    assert [(Path(path).name, code) for path, code, _ in summary.failures] == [("9-bad.htm", "killed-worker")]
    lines = (tmp_path / "releases.jsonl").read_bytes().splitlines(keepends=True)
    assert b"".join(line for line in lines if b"9-bad.htm" not in line) == expected


def test_the_scorer_maps_partitions_on_the_cluster(cluster: Any) -> None:
    pandas = pytest.importorskip("pandas")
    frames = [
        pandas.DataFrame({"path": [name], "content": [f"Acme Bio {rest}"]})
        for name, rest in (("a", "Reports Third Quarter Results"), ("b", "Prices $9 Million Public Offering"))
    ]
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        mapped = client.gather(client.map(Scorer().map_frame, frames))
    assert [frame["primary_event"].item() for frame in mapped] == ["earnings", "financing"]


def test_a_scheduler_must_be_named_and_answer(filings: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="scheduler's address"):
        score_folder(filings, tmp_path, backend="dask")
    timeout = {"distributed.comm.timeouts.connect": "0.5s"}
    with dask.config.set(timeout), pytest.raises(InputError, match="no Dask scheduler with workers"):
        score_folder(filings, tmp_path, backend="dask", scheduler="tcp://127.0.0.1:9")


def test_what_did_not_arrive_is_said(filings: Path, tmp_path: Path) -> None:
    class Elsewhere:
        def run(self, tasks: Iterable[Task], *_: Any, **__: Any) -> Iterator[TaskReport]:
            for task in tasks:
                yield TaskReport(task.number, len(task.units), len(task.units), 0, 0, 0)

        def close(self) -> None:
            pass

    with pytest.raises(InputError, match="see this folder"):
        score_folder(filings, tmp_path, backend=Elsewhere()).finish()
