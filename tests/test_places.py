"""Inputs and outputs by URL give what a local folder gives: whole, resumed, and with clear words where a package is missing."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nlp.batch import Summary, score_folder
from nlp.batch.backends import WorkerDiedError
from nlp.batch.inputs import list_inputs
from nlp.batch.places import open_place
from nlp.batch.plan import Task
from nlp.batch.tables import read_records
from nlp.batch.worker import Settings, TaskReport
from nlp.errors import InputError
from tests.inline import Inline

fsspec = pytest.importorskip("fsspec", reason="needs the extra: pip install 'ex99[remote]'")

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
NAMES = ("b.zip", "a.txt", "a/one.htm", "a/logo.gif", "c.txt.gz", "a-b.htm")


@pytest.fixture
def filings(tmp_path: Path) -> Path:
    import gzip
    import zipfile

    folder = tmp_path / "filings"
    (folder / "a").mkdir(parents=True)
    submissions = sorted(SAMPLES.glob("*.txt"))
    exhibits = sorted((SAMPLES / "exhibits").iterdir())
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        for path in submissions[:2]:
            archive.writestr(path.name, path.read_bytes())
    (folder / "a.txt").write_bytes(submissions[2].read_bytes())
    (folder / "a" / "one.htm").write_bytes(exhibits[0].read_bytes())
    (folder / "a" / "logo.gif").write_bytes(b"GIF89a")
    (folder / "c.txt.gz").write_bytes(gzip.compress(submissions[3].read_bytes()))
    (folder / "a-b.htm").write_bytes(exhibits[1].read_bytes())
    return folder


@pytest.fixture
def memory(filings: Path) -> Iterator[Any]:
    """An object store with the same files, under ``memory://filings``."""
    files = fsspec.filesystem("memory")
    files.store.clear()
    for name in NAMES:
        files.pipe_file(f"/filings/{name}", (filings / name).read_bytes())
    yield files
    files.store.clear()


def run(folder: Any, out: Any, **options: Any) -> Summary:
    return score_folder(folder, out, **{"backend": Inline(), **options}).finish()


def records(out: Any) -> list[dict[str, Any]]:
    return [
        record | {"path": record["path"].rsplit("filings/", 1)[-1], "release_id": None}
        for record in read_records(out)
    ]


def test_a_folder_by_url_gives_what_the_folder_gives(filings: Path, memory: Any, tmp_path: Path) -> None:
    here = run(filings, tmp_path / "here")
    there = run("memory://filings", "memory://results/night")
    assert records("memory://results/night") == records(tmp_path / "here")
    assert [r["path"] for r in records(tmp_path / "here")][:2] == ["a/one.htm", "a-b.htm"]
    assert (there.scored, there.skipped, there.events) == (here.scored, here.skipped, here.events)
    names = {path.name for path in (tmp_path / "here").iterdir()} - {".run"}
    assert {name.rsplit("/", 1)[-1] for name in memory.ls("/results/night", detail=False)} - {".run"} == names
    assert next(r["path"] for r in read_records("memory://results/night")) == "memory:///filings/a/one.htm"
    told = json.loads(memory.cat("/results/night/run.json"))
    assert (told["folder"], told["inputs"]) == ("memory://filings", 5)


def test_a_url_resumes(memory: Any, tmp_path: Path) -> None:
    out = "memory://results"
    run("memory://filings", out)
    before = memory.cat("/results/releases.jsonl")
    backend = Inline()
    assert run("memory://filings", out, backend=backend).unchanged == 5
    assert backend.read == [] and memory.cat("/results/releases.jsonl") == before
    memory.pipe_file("/filings/a.txt", memory.cat("/filings/a.txt").replace(b"the", b"this"))
    memory.rm("/results/releases.jsonl")
    backend = Inline()
    assert run("memory://filings", out, backend=backend).scored == 1
    assert backend.read == ["memory:///filings/a.txt"]
    assert len(memory.ls("/results/.run/shards")) == 2
    assert run("memory://filings", out, overwrite=True).scored == 5
    assert len(memory.ls("/results/.run/shards")) == 1


def test_single_files_and_lists_of_urls(filings: Path, memory: Any, tmp_path: Path) -> None:
    assert run("memory://filings/a.txt", None).inputs == 1
    listed = ["memory://filings/a.txt", str(filings / "a.txt"), "memory://filings/gone.txt"]
    summary = run(listed, tmp_path / "out")
    assert summary.inputs == 3
    assert [(path, code) for path, code, _ in summary.failures] == [
        ("memory://filings/gone.txt", "unreadable-file")
    ]


def test_file_urls_are_paths(filings: Path, tmp_path: Path) -> None:
    summary = run(f"file://{filings}", f"file://{tmp_path}/out")
    assert summary.scored == 5
    run(filings, tmp_path / "plain")
    assert list(read_records(tmp_path / "out")) == list(read_records(tmp_path / "plain"))


def test_worker_processes_read_and_write_urls(filings: Path, tmp_path: Path) -> None:
    out = f"local://{tmp_path}/there"  # fsspec's own local files: a store that all processes see
    summary = score_folder(f"local://{filings}", out, workers=2).finish()
    run(filings, tmp_path / "here")
    assert summary.scored == 5 and records(out) == records(tmp_path / "here")
    assert score_folder(f"local://{filings}", out, workers=2).finish().scored == 0
    assert [path.name for path in (tmp_path / "there" / ".run").iterdir()] == ["shards"]


def test_results_below_the_inputs_are_no_inputs(memory: Any) -> None:
    assert run("memory://filings", "memory://filings/out").inputs == 5
    memory.pipe_file("/filings/out/report.html", b"<p>Acme Bio</p>")
    again = run("memory://filings", "memory://filings/out")
    assert (again.inputs, again.skipped["in the output folder"]) == (5, 1)


def test_without_marks_every_document_of_a_deadly_task_is_tried_alone(memory: Any) -> None:
    class Dying(Inline):
        """A cluster of which only results are seen; one document ends its worker."""

        def run(
            self, tasks: Iterable[Task], settings: Settings, folder: str, **_: Any
        ) -> Iterator[TaskReport]:
            assert settings.working is None
            for task in tasks:
                if any(unit.path.endswith("a.txt") and not unit.avoid for unit in task.units):
                    raise WorkerDiedError(4)
                yield from super().run([task], settings, folder)

    summary = run("memory://filings", "memory://out", backend=Dying())
    assert [(path[-5:], code) for path, code, _ in summary.failures] == [("a.txt", "killed-worker")]
    assert sum(summary.statuses.values()) == 6


def test_an_upload_that_fails_loses_nothing(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise RuntimeError("SlowDown: reduce your request rate")

    with monkeypatch.context() as patch:
        patch.setattr(type(memory), "put_file", refuse)
        with pytest.raises(InputError, match=r"SlowDown.*same command again") as caught:
            run("memory://filings", "memory://out")
    assert caught.value.code == "cannot-write"
    assert run("memory://filings", "memory://out").scored == 5


@pytest.mark.parametrize("where", ["inputs", "outputs"])
def test_what_is_missing_is_named(
    where: str, filings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def attempt(url: str) -> InputError:
        with pytest.raises(InputError) as caught:
            if where == "inputs":
                run([url], tmp_path / "out")
            else:
                run(filings, url)
        return caught.value

    def lacking(*_: Any) -> None:
        raise ImportError("Install s3fs to access S3")

    with monkeypatch.context() as patch:
        patch.setattr("fsspec.core.url_to_fs", lacking)
        error = attempt("s3://bucket/filings")
        assert error.code == "missing-extra" and "pip install s3fs" in str(error)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "fsspec.core", None)
        error = attempt("s3://bucket/filings")
        assert error.code == "missing-extra" and "ex99[remote]" in str(error)


def test_a_url_that_leads_nowhere_is_an_error(memory: Any, tmp_path: Path) -> None:
    for url in ("memory://nothing", "nosuch://bucket"):
        with pytest.raises(InputError, match="check the") as caught:
            run(url, tmp_path / "out")
        assert caught.value.code == "no-such-path"


def test_stamps_change_with_the_version(memory: Any) -> None:
    def stamps() -> dict[str, str]:
        return {unit.path: unit.stamp for unit in list_inputs("memory://filings", None, Counter())}

    before = stamps()
    memory.pipe_file("/filings/a.txt", memory.cat("/filings/a.txt"))
    after = stamps()
    assert all(before.values())
    assert {path for path in before if before[path] != after[path]} == {"memory:///filings/a.txt"}


def test_a_local_folder_never_shows_a_draft_under_its_name(tmp_path: Path) -> None:
    place = open_place(tmp_path)
    draft = place.draft("x.jsonl")
    draft.write_text("half")
    assert not place.has("x.jsonl") and draft.parent == tmp_path
    place.publish(draft, "x.jsonl")
    assert place.names() == ["x.jsonl"]
    assert open_place(tmp_path / "none").names() == []
