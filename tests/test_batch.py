"""Batch runs: one record for every input, resumed, filtered, locked, and not stopped by any file."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import subprocess
import sys
import tarfile
import textwrap
import time
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from joblib.externals.loky import get_reusable_executor

from nlp.batch import Scorer, Summary, read_paths, score_folder, score_many
from nlp.batch.backends import LocalBackend, WorkerDiedError
from nlp.batch.outputs import locked, prepare
from nlp.batch.places import open_place
from nlp.batch.plan import Task, Unit, make_tasks
from nlp.batch.tables import read_records
from nlp.batch.worker import DEATHS_ALLOWED, TaskReport
from nlp.errors import InputError, LimitError
from tests.inline import Inline

EXHIBIT = """<html><body><p>{headline}</p><p>BOSTON, May 2, 2024 -- Acme Bio, Inc. (Nasdaq: ACMX) today made an
announcement about its business. The company is based in Boston and develops medicines for rare diseases.</p></body></html>"""
HEADLINES = (
    "Acme Bio Reports First Quarter 2024 Financial Results",
    "Acme Bio Announces Pricing of $50 Million Public Offering of Common Stock",
    "Acme Bio Doses First Patient in Phase 2 Trial of ACM-101 in Psoriasis",
    "Acme Bio Appoints Jane Roe as Chief Financial Officer",
)
SUBMISSION = """<SEC-DOCUMENT>0009990001-24-{number:06d}.txt
<SEC-HEADER>
ACCESSION NUMBER:\t\t0009990001-24-{number:06d}
CONFORMED SUBMISSION TYPE:\t{form}
FILED AS OF DATE:\t\t{day}
FILER:
\tCOMPANY DATA:
\t\tCOMPANY CONFORMED NAME:\t\tACME BIO, INC.
\t\tCENTRAL INDEX KEY:\t\t0009990001
</SEC-HEADER>
<DOCUMENT>
<TYPE>EX-99.1
<SEQUENCE>1
<DESCRIPTION>PRESS RELEASE
<TEXT>
{body}
</TEXT>
</DOCUMENT>
</SEC-DOCUMENT>
"""


def submission(number: int, form: str = "8-K", day: str = "20240502") -> str:
    body = EXHIBIT.format(headline=HEADLINES[number % len(HEADLINES)])
    return SUBMISSION.format(number=number, form=form, day=day, body=body)


@pytest.fixture
def filings(tmp_path: Path) -> Path:
    folder = tmp_path / "filings"
    (folder / "deep").mkdir(parents=True)
    for number, headline in enumerate(HEADLINES):
        (folder / "deep" / f"{number}.htm").write_text(EXHIBIT.format(headline=headline))
    (folder / "a.txt").write_text(submission(1))
    (folder / "b.txt").write_text(submission(2, "8-K/A", "20230105"))
    with zipfile.ZipFile(folder / "two.zip", "w") as archive:
        archive.writestr("one.txt", submission(3))
        archive.writestr("two.txt", submission(4, "6-K"))
        archive.writestr("logo.gif", "GIF89a")
    (folder / "c.txt.gz").write_bytes(gzip.compress(submission(5).encode()))
    return folder


def run(folder: Path, out: Path, **options: Any) -> Summary:
    return score_folder(folder, out, **{"backend": Inline(), **options}).finish()


def records(out: Path) -> list[dict[str, Any]]:
    return list(read_records(out))


def tables(out: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in sorted(out.iterdir()) if path.suffix in (".jsonl", ".csv")
    }


def test_every_input_has_a_record_in_the_order_of_the_folder(filings: Path, tmp_path: Path) -> None:
    summary = run(filings, tmp_path / "out")
    names = [os.path.relpath(record["path"], filings) for record in records(tmp_path / "out")]
    assert names == [
        "a.txt",
        "b.txt",
        "c.txt.gz",
        *(f"deep/{number}.htm" for number in range(4)),
        "two.zip!/one.txt",
        "two.zip!/two.txt",
    ]
    assert (summary.inputs, summary.scored, summary.unchanged, summary.failed) == (8, 8, 0, 0)
    assert sum(summary.statuses.values()) == 9
    assert summary.events["financing"] >= 1
    assert summary.skipped == {".gif": 1}
    told = json.loads((tmp_path / "out" / "run.json").read_text())
    assert told["inputs"] == 8 and told["versions"]["rules"].startswith("rules-")
    assert not list((tmp_path / "out").glob(".*.partial"))
    assert not list((tmp_path / "out" / ".run" / "working").iterdir())


def test_any_number_of_workers_gives_the_same_files(filings: Path, tmp_path: Path) -> None:
    run(filings, tmp_path / "inline")
    for workers in (1, 2):
        assert score_folder(filings, tmp_path / str(workers), workers=workers).finish().failed == 0
        assert tables(tmp_path / str(workers)) == tables(tmp_path / "inline")


def test_only_what_is_new_or_changed_is_scored(filings: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(filings, out)
    before = tables(out)
    summary = run(filings, out)
    assert (summary.scored, summary.unchanged) == (0, 8)
    assert tables(out) == before
    (filings / "a.txt").write_text(submission(6))
    (filings / "new.htm").write_text(EXHIBIT.format(headline=HEADLINES[0]))
    (filings / "b.txt").unlink()
    summary = run(filings, out)
    assert (summary.inputs, summary.scored, summary.unchanged) == (8, 2, 6)
    run(filings, tmp_path / "fresh")
    assert tables(out) == tables(tmp_path / "fresh")
    assert run(filings, out, with_text=True).scored == 8
    assert all(record["text"] for record in records(out))
    assert run(filings, out, with_text=True, overwrite=True).scored == 8


def test_another_rule_set_or_model_is_scored_again(filings: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(filings, out)
    assert run(filings, out, add_drugs=("zorvexib",)).scored == 8
    assert run(filings, out, add_drugs=("zorvexib",)).scored == 0
    assert run(filings, out).scored == 8
    assert len(list((out / ".run" / "shards").iterdir())) == 1  # what was scored anew replaces what was


def test_filters_leave_out_before_scoring_and_count(filings: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    summary = run(filings, out, since="2024-01-01", forms=("8-K",))
    assert [r["accession_number"][-2:] for r in records(out)] == ["01", "05", "03"]
    assert summary.filtered == 6  # b.txt, four bare exhibits, one member of the archive
    summary = run(filings, out, since="2024-01-01", forms=("8-K",))
    assert (summary.scored, summary.filtered) == (0, 6)
    summary = run(filings, out)
    assert (summary.scored, summary.unchanged) == (6, 2)  # what was filtered, no more
    assert len(records(out)) == 9
    summary = run(filings, out, forms=("8-k/a",))
    assert (summary.scored, summary.filtered) == (0, 7)
    assert [r["form_type"] for r in records(out)] == ["8-K/A"]
    run(filings, out, events=("earnings",))
    assert {r["primary_event"] for r in records(out)} == {"earnings"}
    assert run(filings, out, limit=2).inputs == 2


def test_only_failed_scores_what_failed(filings: Path, tmp_path: Path) -> None:
    (filings / "bad.htm").write_text("")
    (filings / "worse.zip").write_text("no archive")
    out = tmp_path / "out"
    assert run(filings, out).failed == 2
    backend = Inline()
    summary = run(filings, out, only_failed=True, backend=backend)
    assert sorted(Path(path).name for path in backend.read) == ["bad.htm", "worse.zip"]
    assert (summary.scored, summary.inputs, sum(summary.statuses.values())) == (2, 10, 11)


def test_bad_inputs_are_records(tmp_path: Path) -> None:
    folder = tmp_path / "filings"
    folder.mkdir()
    good = EXHIBIT.format(headline=HEADLINES[0]).encode()
    (folder / "good.htm").write_bytes(good)
    (folder / "same.htm").write_bytes(good)
    (folder / "empty.txt").write_bytes(b"")
    (folder / "cut.zip").write_bytes(b"PK\3\4 and no more")
    (folder / "cut.txt.gz").write_bytes(gzip.compress(good)[:-20])
    with zipfile.ZipFile(folder / "hollow.zip", "w") as archive:
        archive.writestr("readme.md", "nothing")
    with tarfile.open(folder / "bundle.tar", "w") as bundle:
        entry = tarfile.TarInfo("../../evil.htm")
        entry.size = len(good)
        bundle.addfile(entry, io.BytesIO(good))
    (folder / "gone.htm").symlink_to(folder / "nowhere.htm")
    (folder / "loop").symlink_to(folder)
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.htm")).write_bytes(good)
    (folder / "surrogate.htm").write_bytes(good.replace(b"made an", b"made &#xD800; an"))
    out = tmp_path / "out"
    summary = run(folder, out)
    codes = {Path(r["path"]).name: (r["error"] or {}).get("code") for r in records(out)}
    assert set(codes) == {
        "good.htm",
        "same.htm",
        "empty.txt",
        "cut.zip",
        "cut.txt.gz",
        "hollow.zip",
        "evil.htm",
        "gone.htm",
        "caf\\xe9.htm",
        "surrogate.htm",
    }
    assert {name for name, code in codes.items() if code} == {
        "empty.txt",
        "cut.zip",
        "cut.txt.gz",
        "hollow.zip",
        "gone.htm",
    }
    assert codes["hollow.zip"] == "empty-archive"
    assert codes["gone.htm"] == "unreadable-file"
    assert summary.skipped["folder linked twice"] == 1
    assert not (tmp_path.parent / "evil.htm").exists()
    assert run(folder, out).scored == 1  # only what could not be read is tried again


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="check the path"):
        run(tmp_path / "nowhere", tmp_path / "out")


def test_an_input_that_vanishes_during_the_run_is_a_record(filings: Path, tmp_path: Path) -> None:
    class Vanishing(Inline):
        def run(self, tasks: Iterable[Task], *rest: Any, **more: Any) -> Iterator[TaskReport]:
            (filings / "deep" / "1.htm").unlink()
            yield from super().run(tasks, *rest, **more)

    summary = run(filings, tmp_path / "out", backend=Vanishing())
    assert summary.failed == 1 and sum(summary.statuses.values()) == 9
    assert [code for _, code, _ in summary.failures] == ["unreadable-file"]
    assert run(filings, tmp_path / "out").failed == 0  # no longer an input


def test_damaged_shards_are_scored_again(filings: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(filings, out)
    before = tables(out)
    (shard,) = (out / ".run" / "shards").iterdir()
    lines = shard.read_bytes().splitlines(keepends=True)
    assert len(lines) == 17  # nine records, eight units
    for broken in (
        b"".join(lines)[:-30],  # cut in the last unit's own line
        lines[0].replace(b"ok", b"no") + b"".join(lines[1:]),  # a record changed
        b"".join(lines[:-1]),  # a unit's own line lost
        b"\0" * 100 + b"\n" + b"".join(lines[1:]),
        b"".join([*lines[:1], b'{"unit":7}\n', *lines[2:]]),
    ):
        for path in (out / ".run" / "shards").iterdir():
            path.unlink()
        shard.write_bytes(broken)
        assert run(filings, out).scored == 1
        assert tables(out) == before
    shard.write_bytes(b"")
    (shard.parent / "notes.jsonl").write_text("someone's")
    for path in shard.parent.glob("0*"):
        path.unlink()
    assert run(filings, out).scored == 8


def test_two_runs_do_not_share_an_output_folder(filings: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    place = open_place(out)
    with locked(prepare(place), place), pytest.raises(InputError, match="another run") as caught:
        run(filings, out)
    assert caught.value.code == "output-in-use"
    assert run(filings, out).scored == 8  # the lock ends with its holder


@pytest.mark.parametrize("part", [".run", ".run/shards", ".run/working"])
def test_links_in_the_output_folder_are_not_followed(part: str, filings: Path, tmp_path: Path) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (out / part).parent.mkdir(parents=True)
    (out / part).symlink_to(elsewhere)
    with pytest.raises(InputError, match="symbolic link"):
        run(filings, out)
    assert not list(elsewhere.iterdir())


def test_linked_files_in_the_output_folder_are_replaced(filings: Path, tmp_path: Path) -> None:
    out, precious = tmp_path / "out", tmp_path / "precious"
    out.mkdir()
    precious.write_text("mine")
    for name in (
        "releases.jsonl",
        ".releases.jsonl.partial",
        "run.json",
        ".run.json.partial",
        "drugs.parquet",
    ):
        (out / name).symlink_to(precious)
    run(filings, out)
    assert precious.read_text() == "mine"
    assert not (out / "releases.jsonl").is_symlink() and len(records(out)) == 9


def test_what_lies_in_the_output_folder_is_no_input(filings: Path) -> None:
    out = filings / "out"
    out.mkdir()
    (out / "report.html").write_text(EXHIBIT.format(headline="Old"))
    summary = run(filings, out)
    assert summary.inputs == 8 and summary.skipped["in the output folder"] == 1


def test_workers_that_die_at_once_end_the_run(filings: Path, tmp_path: Path) -> None:
    class Dying:
        def run(self, *_: Any, **__: Any) -> Iterator[TaskReport]:
            yield from ()
            raise WorkerDiedError(1)

        def close(self) -> None:
            pass

    with pytest.raises(LimitError, match="died 3 times"):
        run(filings, tmp_path / "out", backend=Dying())


DEADLY = """
import itertools, os, signal
from nlp.batch import worker
from nlp.classifier import Classifier

class Deadly(Classifier):
    def score_bytes(self, raw, **options):
        if b"Kills Its Worker" in raw:
            with open(__file__ + ".deaths", "a") as told:
                told.write("one more\\n")
            os.kill(os.getpid(), signal.SIGKILL)
        if b"Hangs In Python" in raw:
            while True:
                pass
        if b"Hangs In C" in raw:
            sum(itertools.repeat(0))
        if b"Eats Memory" in raw:
            bytearray(1 << 50)
        return super().score_bytes(raw, **options)

def score_task(task, settings, folder):
    if worker.Classifier is not Deadly:
        worker.Classifier = Deadly
        worker.loaded_classifier.cache_clear()
    return worker.score_task(task, settings, folder)
"""


@pytest.fixture
def deadly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A ``score_task`` with documents that hang or kill; a module of its own, so that workers can import it."""
    name = f"deadly_{time.monotonic_ns()}"
    (tmp_path / f"{name}.py").write_text(DEADLY)
    get_reusable_executor().shutdown(wait=True)  # workers of an earlier test know nothing of the folder
    monkeypatch.syspath_prepend(tmp_path)
    return __import__(name).score_task


def _deaths(folder: Path) -> int:
    return sum(len(path.read_text().splitlines()) for path in folder.glob("deadly_*.py.deaths"))


def test_documents_that_hang_or_kill_cost_only_themselves(filings: Path, tmp_path: Path, deadly: Any) -> None:
    run(filings, tmp_path / "without")
    (filings / "deep" / "1k.htm").write_text(EXHIBIT.format(headline="Acme Bio Kills Its Worker"))
    (filings / "deep" / "1p.htm").write_text(EXHIBIT.format(headline="Acme Bio Hangs In Python"))
    (filings / "deep" / "1m.htm").write_text(EXHIBIT.format(headline="Acme Bio Eats Memory"))
    with zipfile.ZipFile(filings / "mixed.zip", "w") as archive:
        archive.writestr("good.txt", submission(7))
        archive.writestr("hang.htm", EXHIBIT.format(headline="Acme Bio Hangs In C"))
        archive.writestr("good2.txt", submission(8))
    out = tmp_path / "out"
    summary = score_folder(filings, out, seconds=1.5, backend=LocalBackend(2, deadly)).finish()
    codes = {Path(r["path"]).name: r["error"]["code"] for r in records(out) if r["error"]}
    assert codes == {
        "1k.htm": "killed-worker",
        "1p.htm": "over-time",
        "1m.htm": "over-memory",
        "hang.htm": "killed-worker",
    }
    assert 1 < _deaths(tmp_path) <= DEATHS_ALLOWED
    assert summary.failed == 4 and len(records(out)) == 9 + 6
    rest = {r["path"]: r for r in records(out)}
    assert all(rest[r["path"]] == r for r in records(tmp_path / "without"))
    again = score_folder(filings, out, seconds=1.5, backend=LocalBackend(2, deadly)).finish()
    assert (again.scored, again.failed) == (0, 4)  # left out until they change


def test_tasks_are_cut_by_bytes() -> None:
    units = [Unit(str(i), size) for i, size in enumerate((5, 5, 20, 1, 1, 1, 0))]
    tasks = make_tasks(units, iter(range(10, 20)), max_bytes=10, max_units=3)
    assert [(t.number, [u.size for u in t.units]) for t in tasks] == [
        (10, [5, 5]),
        (11, [20]),
        (12, [1, 1, 1]),
        (13, [0]),
    ]


def test_paths_from_a_stream(filings: Path, tmp_path: Path) -> None:
    listed = f"{filings}/a.txt\n\n{filings}/deep\n{filings}/missing.htm\n{filings}/a.txt\n".encode()
    summary = score_folder(read_paths(io.BytesIO(listed)), tmp_path / "out", backend=Inline()).finish()
    assert summary.inputs == 6
    assert [r["error"]["code"] for r in records(tmp_path / "out") if r["error"]] == ["unreadable-file"]


def test_streams_score_what_comes_and_never_raise(filings: Path) -> None:
    content = (filings / "deep" / "1.htm").read_bytes()
    given: list[str | os.PathLike[str] | tuple[str, bytes]] = [
        str(filings / "two.zip"),
        ("mine", content),
        filings / "nowhere",
        ("empty", b""),
    ]
    results = list(score_many(iter(given)))
    assert [(r.source.path or "").removeprefix(str(filings)) for r in results] == [
        "/two.zip!/one.txt",
        "/two.zip!/two.txt",
        "mine",
        "/nowhere",
        "empty",
    ]
    assert [r.status == "failed" for r in results] == [False, False, False, True, True]
    first = next(score_many(iter([("mine", content), *[("never", b"")] * 3])))
    assert first.primary_event == "financing"


def test_the_scorer_goes_to_another_process() -> None:
    pandas = pytest.importorskip("pandas")
    scorer = pickle.loads(pickle.dumps(Scorer(add_drugs=("zorvexib",))))
    texts = [*HEADLINES[:2], b""]
    found = scorer(texts, ["a", "b", "c"])
    assert [(r["path"], r["primary_event"], r["status"] == "failed") for r in found] == [
        ("a", "earnings", False),
        ("b", "financing", False),
        ("c", None, True),
    ]
    frame = pandas.DataFrame({"path": ["a", "b", "c"], "content": texts})
    mapped = scorer.map_frame(frame)
    assert mapped.to_dict("records")[0]["events"] == found[0]["events"]
    assert [len(part) for part in scorer.map_frames(iter([frame[:1], frame[1:]]))] == [1, 2]
    assert list(scorer.map_frame(frame[:0]).columns) == list(mapped.columns)


def test_the_parent_leaves_the_rule_layer_to_its_workers(filings: Path, tmp_path: Path) -> None:
    script = f"""
        import sys
        from pathlib import Path
        from nlp.batch import score_folder
        score_folder({str(filings)!r}, {str(tmp_path / "out")!r}, workers=1).finish()
        sys.exit("spacy" in sys.modules)
    """
    assert subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False).returncode == 0
