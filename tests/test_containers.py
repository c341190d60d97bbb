"""Folders and archives: everything that is there comes out once, or says why it does not."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from nlp.containers import Limits, Source, list_files, open_unit, walk
from nlp.errors import Ex99Error, InputError, LimitError

FILING = b"<DOCUMENT>\n<TYPE>EX-99.1\n<TEXT>\nQuillon Bio announces news.\n</TEXT>\n</DOCUMENT>\n"


def _outcome(source: Source) -> bytes | str:
    try:
        return source.read()
    except Ex99Error as error:
        return error.code


def _walk(path: Path, **limits: int) -> dict[str, bytes | str]:
    return {s.label.removeprefix(f"{path}/"): _outcome(s) for s in walk(path, limits=Limits(**limits))}


def _tar(members: dict[str, bytes], mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_a_tree_in_a_fixed_order(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b" / "c"
    deep.mkdir(parents=True)
    (tmp_path / "z.txt").write_bytes(FILING)
    (deep / "one.HTM").write_bytes(b"<p>One")
    (deep / "two.nc").write_bytes(FILING)
    (tmp_path / "feed.tar.gz").write_bytes(
        _tar({"../../up.nc": FILING, "sub/x.txt": b"X", "logo.jpg": b"J", "g.txt.gz": gzip.compress(b"G")})
    )
    (tmp_path / "more.zip").write_bytes(_zip({"b.txt": b"B", "a.html": b"A", "in.zip": b"PK"}))
    (tmp_path / "single.txt.gz").write_bytes(gzip.compress(FILING))
    (tmp_path / "notes.md").write_text("no")
    skipped: Counter[str] = Counter()
    found = [(s.label.removeprefix(f"{tmp_path}/"), _outcome(s)) for s in walk(tmp_path, skipped=skipped)]
    assert found == [
        ("a/b/c/one.HTM", b"<p>One"),
        ("a/b/c/two.nc", FILING),
        ("feed.tar.gz!/../../up.nc", FILING),
        ("feed.tar.gz!/sub/x.txt", b"X"),
        ("feed.tar.gz!/g.txt.gz", b"G"),
        ("more.zip!/b.txt", b"B"),
        ("more.zip!/a.html", b"A"),
        ("more.zip!/in.zip", "nested-archive"),
        ("single.txt.gz", FILING),
        ("z.txt", FILING),
    ]
    assert skipped == {".md": 1, ".jpg": 1}


def test_downloader_copies_are_read_once(tmp_path: Path) -> None:
    folder = tmp_path / "sec-edgar-filings" / "QLLN" / "8-K" / "0009990001-24-000007"
    folder.mkdir(parents=True)
    (folder / "full-submission.txt").write_bytes(FILING)
    (folder / "primary-document.html").write_bytes(b"<p>cover")
    skipped: Counter[str] = Counter()
    assert [Path(entry.path).name for entry in list_files(tmp_path, skipped=skipped)] == [
        "full-submission.txt"
    ]
    assert skipped.total() == 1


NAME = "0009990001-24-000007"
# Layouts as downloaders leave them, each with what else lies there: name to content, and the sources that must come out.
LAYOUTS = [
    (
        "sec-edgar-downloader",
        {
            f"sec-edgar-filings/QLLN/8-K/{NAME}/full-submission.txt": FILING,
            f"sec-edgar-filings/QLLN/8-K/{NAME}/primary-document.html": b"<p>cover",
        },
        [f"sec-edgar-filings/QLLN/8-K/{NAME}/full-submission.txt"],
    ),
    (
        "edgartools, local storage",
        {
            f"filings/20240506/{NAME}.nc": FILING,
            f"filings/20240507/{NAME}.txt.gz": gzip.compress(FILING),
            "company_facts/CIK0009990001.json": b"{}",
        },
        [f"filings/20240506/{NAME}.nc", f"filings/20240507/{NAME}.txt.gz"],
    ),
    (
        "EDGAR's daily feed, packed",
        {"Feed/2024/QTR2/20240506.nc.tar.gz": _tar({f"{NAME}.nc": FILING, f"{NAME}.corr01": b"x"})},
        [f"Feed/2024/QTR2/20240506.nc.tar.gz!/{NAME}.nc"],
    ),
    (
        "EDGAR's daily feed, unpacked",
        {f"20240506/{NAME}.nc": FILING, "20240506/0009990001-24-000008.nc": FILING},
        [f"20240506/{NAME}.nc", "20240506/0009990001-24-000008.nc"],
    ),
    (
        "EDGAR's archive folders",
        {
            f"edgar/data/9990001/{NAME}.txt": FILING,
            f"edgar/data/9990001/{NAME}-index.htm": b"<p>index",
            f"edgar/data/9990001/000999000124000007/{NAME}.txt": FILING,
            f"edgar/data/9990001/000999000124000007/{NAME}.hdr.sgml": b"<SEC-HEADER>",
            "edgar/data/9990001/000999000124000007/ex99-1.htm": b"<p>a part of the .txt",
            f"edgar/data/9990001/000999000124000007/{NAME}-index-headers.html": b"<p>index",
            "edgar/data/9990001/000999000124000008/ex99-1.htm": b"<p>no .txt beside it",
        },
        [
            f"edgar/data/9990001/{NAME}.txt",
            f"edgar/data/9990001/000999000124000007/{NAME}.txt",
            "edgar/data/9990001/000999000124000008/ex99-1.htm",
        ],
    ),
    (
        "exhibits saved one by one",
        {"a/ex99-1.htm": b"<p>A", "a/ex99-2.HTML": b"<p>B", "a/ex99.txt": b"C", "a/chart.jpg": b"J", "b.zip": _zip({"ex99.htm": b"D"})},
        ["a/ex99-1.htm", "a/ex99-2.HTML", "a/ex99.txt", "b.zip!/ex99.htm"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("label", "files", "expected"), LAYOUTS, ids=[layout[0] for layout in LAYOUTS])
def test_layouts_of_downloaders(
    label: str, files: dict[str, bytes], expected: list[str], tmp_path: Path
) -> None:
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    found = _walk(tmp_path)
    assert sorted(found) == sorted(expected)
    assert all(isinstance(content, bytes) for content in found.values())


def test_what_cannot_be_read_says_so_and_stops_nothing(tmp_path: Path) -> None:
    whole = _tar({f"{i}.txt": os.urandom(50_000) for i in range(4)})
    (tmp_path / "a-cut.tgz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "b-bad.zip").write_bytes(b"PK nothing")
    (tmp_path / "c-bad.gz").write_bytes(b"nothing")
    (tmp_path / "d-cut.txt.gz").write_bytes(gzip.compress(os.urandom(9_000))[:5_000])
    (tmp_path / "e-gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "f-self.txt").symlink_to(tmp_path / "f-self.txt")
    (tmp_path / "g-loop").symlink_to(tmp_path)
    (tmp_path / "h.txt").write_bytes(FILING)
    found = _walk(tmp_path)
    assert found.pop("h.txt") == FILING
    assert found.pop("a-cut.tgz") == "corrupt-archive"
    assert [v for k, v in found.items() if k.startswith("a-cut.tgz!/")][-1] == "corrupt-archive"
    assert {k: v for k, v in found.items() if not k.startswith("a-")} == {
        "b-bad.zip": "corrupt-archive",
        "c-bad.gz": "corrupt-archive",
        "d-cut.txt.gz": "corrupt-archive",
        "e-gone.txt": "unreadable-file",
        "f-self.txt": "unreadable-file",
    }


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_bytes(FILING)
    assert list(_walk(tmp_path).values()) == [FILING]


def test_limits(tmp_path: Path) -> None:
    (tmp_path / "bomb.txt.gz").write_bytes(gzip.compress(bytes(20_000_000)))
    (tmp_path / "bomb.zip").write_bytes(_zip({"big.txt": bytes(20_000_000)}))
    (tmp_path / "bomb.tgz").write_bytes(_tar({"big.txt": bytes(20_000_000), "more.txt": b"x"}))
    found = _walk(tmp_path)
    assert {key: value for key, value in found.items() if "!" not in key or "zip" in key} == {
        "bomb.tgz": "ratio-too-high",
        "bomb.txt.gz": "ratio-too-high",
        "bomb.zip!/big.txt": "ratio-too-high",
    }
    many = tmp_path / "many"
    many.mkdir()
    (many / "m.zip").write_bytes(_zip({f"{i}.txt": b"abc" for i in range(5)}))
    (many / "m.tar").write_bytes(_tar({f"{i}.txt": b"abc" for i in range(5)}, "w"))
    assert list(_walk(many, members=2).values()).count("too-many-members") == 2
    assert set(_walk(many, file_bytes=2).values()) == {"file-too-large"}
    assert _walk(many, total_bytes=7)["m.zip"] == "archive-too-large"


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        list(walk(tmp_path / "none"))
    assert caught.value.code == "no-such-path"
    with pytest.raises(InputError):
        list(open_unit(tmp_path / "none.txt"))
    with pytest.raises(LimitError):
        (tmp_path / "x.txt").write_bytes(b"12345")
        next(open_unit(tmp_path / "x.txt", limits=Limits(file_bytes=2))).read()
