"""A large archive is scored in parts by several workers, and nobody can tell from the results."""

from __future__ import annotations

import io
import itertools
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nlp.batch import Summary, inputs, score_folder
from nlp.batch.backends import LocalBackend
from nlp.batch.plan import Unit, make_tasks, split_archive
from nlp.batch.tables import read_records
from tests.inline import Inline
from tests.test_batch_run import HEADLINES

Pack = Callable[[Path, list[tuple[str, bytes]]], None]


def pack_zip(path: Path, members: list[tuple[str, bytes]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)


def pack_tar(path: Path, members: list[tuple[str, bytes]]) -> None:
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


PACKERS = {"feed.zip": pack_zip, "feed.tar": pack_tar, "feed.tar.gz": pack_tar}


def exhibits(count: int) -> list[tuple[str, bytes]]:
    """Exhibits of very different sizes, a picture after every third."""
    members: list[tuple[str, bytes]] = []
    for number in range(count):
        words = " ".join(f"w{number}x{i}" for i in range(7 ** (number % 4)))
        text = f"<p>Acme Bio {HEADLINES[number % 3]}</p><p>Copy {number} {words}.</p>"
        members.append((f"deep/{number}.htm", text.encode()))
        if number % 3 == 2:
            members.append((f"deep/{number}.gif", b"GIF89a"))
    return members


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(split_archive.__kwdefaults__ or {}, "part_bytes", 4_000)
    monkeypatch.setattr(inputs, "_SETTLED", -1)


def run(folder: Path, out: Path, **options: Any) -> Summary:
    return score_folder(folder, out, **{"backend": Inline(), **options}).finish()


def lines(out: Path) -> bytes:
    return (out / "releases.jsonl").read_bytes()


def unit_lines(out: Path) -> list[dict[str, Any]]:
    shards = sorted((out / ".run" / "shards").iterdir())
    found = [json.loads(line) for shard in shards for line in shard.read_text().splitlines()]
    return [line for line in found if "unit" in line]


@pytest.mark.parametrize("name", PACKERS)
def test_parts_give_what_the_whole_gives(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    folder = tmp_path / "filings"
    folder.mkdir()
    PACKERS[name](folder / name, exhibits(24))
    whole = run(folder, tmp_path / "whole")
    assert len(unit_lines(tmp_path / "whole")) == 1
    request.getfixturevalue("small_parts")
    summary = run(folder, tmp_path / "parts")
    assert len(unit_lines(tmp_path / "parts")) > 2
    assert sum(line["records"] > 0 for line in unit_lines(tmp_path / "parts")) > 1
    assert lines(tmp_path / "parts") == lines(tmp_path / "whole")
    assert (summary.inputs, summary.scored, summary.skipped, summary.statuses) == (
        whole.inputs,
        whole.scored,
        whole.skipped,
        whole.statuses,
    )
    assert summary.skipped == {".gif": 8}
    again = run(folder, tmp_path / "parts")
    assert (again.scored, again.unchanged) == (0, 1)


def test_workers_share_an_archive_and_resume_it(
    tmp_path: Path, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(make_tasks.__kwdefaults__ or {}, "max_units", 1)
    pack_tar(tmp_path / "feed.tar.gz", exhibits(24))
    out = tmp_path / "out"
    run(tmp_path / "feed.tar.gz", tmp_path / "inline")
    assert run(tmp_path / "feed.tar.gz", out, backend=LocalBackend(2)).scored == 1
    assert lines(out) == lines(tmp_path / "inline")
    shards = sorted((out / ".run" / "shards").iterdir())
    assert len(shards) > 2
    shards[1].unlink()
    assert run(tmp_path / "feed.tar.gz", out).scored == 1
    assert len(list((out / ".run" / "shards").iterdir())) == len(shards)
    assert lines(out) == lines(tmp_path / "inline")


def test_an_archive_cut_otherwise_leaves_nothing_behind(tmp_path: Path, small_parts: None) -> None:
    feed, out = tmp_path / "feed.tar.gz", tmp_path / "out"
    pack_tar(feed, exhibits(12))
    run(feed, out)
    pack_tar(feed, exhibits(24))
    summary = run(feed, out)
    assert (summary.scored, summary.absent) == (1, 0)
    run(feed, tmp_path / "fresh")
    assert lines(out) == lines(tmp_path / "fresh")
    assert len(unit_lines(out)) == len(unit_lines(tmp_path / "fresh"))


@pytest.mark.parametrize("name", PACKERS)
@pytest.mark.parametrize("share", [0.0, 0.4, 0.97])
def test_a_cut_archive_is_one_failure_beside_what_could_be_read(
    name: str, share: float, tmp_path: Path, small_parts: None
) -> None:
    feed, out = tmp_path / name, tmp_path / "out"
    PACKERS[name](feed, exhibits(24))
    content = feed.read_bytes()
    feed.write_bytes(content[: int(len(content) * share)].ljust(len(content), b"\xff"))
    summary = run(feed, out)
    found = list(read_records(out))
    assert len({record["release_id"] for record in found}) == len(found)
    failed = [record["path"].removeprefix(str(feed)) for record in found if record["error"]]
    assert failed and failed.count("") <= 1
    if share == 0.0 or name.endswith("zip"):
        assert failed == [""] == [record["path"].removeprefix(str(feed)) for record in found]
    assert summary.failed == len(failed)
    assert sorted(r["release_id"] for r in score_folder(feed, None, backend=Inline())) == sorted(
        r["release_id"] for r in found
    )


@pytest.mark.parametrize("name", PACKERS)
def test_an_archive_without_filings_says_so_once(name: str, tmp_path: Path, small_parts: None) -> None:
    pictures = [(f"{number}.gif", bytes(range(256)) * 20) for number in range(8)]
    PACKERS[name](tmp_path / name, pictures)
    run(tmp_path / name, tmp_path / "out")
    assert [r["error"]["code"] for r in read_records(tmp_path / "out")] == ["empty-archive"]
    PACKERS[name](tmp_path / name, [*pictures, *exhibits(2)])
    run(tmp_path / name, tmp_path / "out")
    assert [r["error"] for r in read_records(tmp_path / "out")] == [None, None]


def test_parts_follow_from_the_size_alone() -> None:
    for name, size, count in (
        ("a.tar.gz", 20_000_000, 1),
        ("a.tar.gz", 500_000_000, 16),
        ("a.tar", 500_000_000, 3),
        ("a.zip", 100_000_000, 3),
        ("a.txt", 10**10, 1),
        ("a.txt.gz", 10**10, 1),
    ):
        parts = list(split_archive(Unit(name, size)))
        assert len(parts) == count
        if count > 1:
            bounds = [part.part for part in parts if part.part]
            assert bounds[0][0] == 0 and all(a[1] == b[0] for a, b in itertools.pairwise(bounds))
