"""What the README shows is what happens."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from nlp.batch import score_folder

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.S)


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    here = tmp_path_factory.mktemp("readme")
    assert score_folder(ROOT / "data" / "samples", here / "out", workers=1).finish().failed == 0
    sample = ROOT / "data" / "samples" / "0009990001-17-000101.txt"
    (here / "filing.txt").write_bytes(sample.read_bytes())
    return here


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0])
def test_every_python_block_runs(block: str, scored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(scored)
    for line in block.splitlines():
        code, _, shown = line.partition("  # ")
        if shown.strip().startswith(("'", "[")) and not code.startswith((" ", "for")):
            namespace: dict[str, object] = {}
            exec(block, namespace)
            assert repr(eval(code.strip(), namespace)) == shown.strip()
    exec(block, {})


def test_the_excerpt_is_a_record_of_that_filing(scored: Path) -> None:
    records = (scored / "out" / "releases.jsonl").read_text(encoding="utf-8").splitlines()
    record = next(line for line in records if "0009990001-17-000101" in line)
    excerpt = re.search(r"```json\n(.*?)```", README, re.S)
    assert excerpt is not None
    for value in re.findall(r'"(?:headline|company|role|rule|value|exhibit_reason)": ("[^"…]+")', excerpt[1]):
        assert value in record
    told = re.search(r'"probability": ([\d.]+)', excerpt[1])
    assert told is not None
    assert f"{json.loads(record)['events'][0]['probability']:.3f}" == told[1]


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
