"""Inputs and results in an object store that speaks S3: moto's server on this machine, reached through s3fs."""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nlp.batch import score_folder
from nlp.batch.tables import read_records

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
COPIES = 12

pytest.importorskip("s3fs", reason="needs s3fs, which the development install brings: make dev")
server = pytest.importorskip(
    "moto.server", reason="needs moto, which the development install brings: make dev"
)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A store with the sample submissions, some of them nested, in the bucket ``filings``; ``results`` is empty."""
    import s3fs

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for every request otherwise
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "NO_PROXY": host,
    }.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    files = s3fs.S3FileSystem()
    files.mkdir("filings")
    files.mkdir("results")
    for copy in range(COPIES):
        for path in sorted(SAMPLES.glob("*.txt")):
            files.pipe_file(f"filings/{copy:02d}/{path.name}", path.read_bytes())
    yield files
    s3fs.S3FileSystem.clear_instance_cache()
    running.stop()


def _score(out: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "nlp.cli", "score", "s3://filings", "--out", out, "--workers", "2"]
    return subprocess.Popen(
        command, cwd=Path(__file__).parents[1], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _comparable(out: Any) -> list[dict[str, Any]]:
    return [
        record | {"path": record["path"].rsplit("filings/", 1)[-1], "release_id": None}
        for record in read_records(out)
    ]


@pytest.mark.slow
def test_a_killed_run_in_a_bucket_is_taken_up_and_gives_what_a_folder_gives(
    store: Any, tmp_path: Path
) -> None:
    killed = _score("s3://results/night")
    deadline = time.monotonic() + 60
    while not store.glob("results/night/.run/shards/*") and time.monotonic() < deadline:
        store.invalidate_cache()
        time.sleep(0.05)
    assert killed.poll() is None, "the run ended before it could be killed"
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    store.invalidate_cache()
    assert not store.exists("results/night/releases.jsonl")

    assert _score("s3://results/night").wait() == 0
    store.invalidate_cache()
    run = json.loads(store.cat("results/night/run.json"))
    folder = tmp_path / "filings"
    store.get("filings", str(folder), recursive=True)
    score_folder(folder, tmp_path / "here", workers=1).finish()
    here, there = _comparable(tmp_path / "here"), _comparable("s3://results/night")
    assert len(there) >= COPIES * len(list(SAMPLES.glob("*.txt")))
    assert there == here
    names = {path.name for path in (tmp_path / "here").iterdir()} - {".run"}
    assert {name.rsplit("/", 1)[-1] for name in store.ls("results/night", detail=False)} - {".run"} == names
    whole = json.loads((tmp_path / "here" / "run.json").read_text())
    assert run["unchanged"] > 0, "what was complete when it was killed is done again"
    assert whole["scored"] == run["scored"] + run["unchanged"]
    assert [run[key] for key in ("statuses", "events", "warnings")] == [
        whole[key] for key in ("statuses", "events", "warnings")
    ]

    again = score_folder("s3://filings", "s3://results/night", workers=1).finish()
    assert (again.scored, again.failed) == (0, 0)
