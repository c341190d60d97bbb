"""``python -m tests.benchmarks``: one run, one table, and ``out/bench.json``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks import stages, whole
from tests.benchmarks.documents import ROOT, load
from tests.benchmarks.timing import Figure

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks; returns the exit status (0 also when a bar is missed: the table says so)."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="rounds a median is taken over")
    parser.add_argument("--files", type=int, default=2000, help="files in the folder that workers score")
    parser.add_argument(
        "--largest", type=int, default=64, help="MB that growth goes on to (64: the limit of an exhibit)"
    )
    parser.add_argument(
        "--only", nargs="*", help="groups: split extract score rules whole batch start growth"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "bench.json")
    chosen = parser.parse_args(arguments)
    documents = load()
    largest = chosen.largest * 1024 * 1024
    groups: dict[str, Callable[[], Iterable[Figure]]] = {
        "split": lambda: stages.splitting(documents, chosen.rounds),
        "extract": lambda: stages.extraction(documents, chosen.rounds),
        "score": lambda: stages.scoring(documents, chosen.rounds),
        "rules": lambda: stages.rules(documents, chosen.rounds),
        "whole": lambda: whole.end_to_end(documents, chosen.rounds),
        "start": lambda: whole.start_up(chosen.rounds),
        "batch": lambda: whole.workers(documents, chosen.files),
        "growth": lambda: stages.growth(documents, largest),
    }
    console = Console(width=max(110, Console().width))
    console.print(
        f"{len(documents.paths)} submissions, {sum(map(len, documents.submissions)) / 1e6:.1f} MB; press releases: "
        f"{len(documents.html)} HTML ({sum(map(len, documents.html)) / 1e6:.1f} MB), {len(documents.ascii)} ASCII; "
        f"{documents.kilowords:.1f} thousand words; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    figures: list[Figure] = []
    for name, run in groups.items():
        if not chosen.only or name in chosen.only:
            console.print(f"[dim]{name} ...[/dim]")
            figures += run()
    console.print(_table(figures))
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    record = {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "load": os.getloadavg(),
        "submissions": len(documents.paths),
        "releases": {"html": len(documents.html), "ascii": len(documents.ascii)},
        "figures": [{**asdict(figure), "met": figure.met} for figure in figures],
    }
    chosen.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0


def _table(figures: Iterable[Figure]) -> Table:
    table = Table("", "", "", "bar", "", box=None)
    table.columns[1].justify = "right"
    for figure in figures:
        bar = "" if figure.bar is None else f"{figure.sense} {figure.bar:g}"
        verdict = {True: "met", False: "[bold red]not met[/bold red]", None: figure.note}[figure.met]
        table.add_row(f"{figure.group}: {figure.name}", f"{figure.value:,.3g}", figure.unit, bar, verdict)
    return table


if __name__ == "__main__":
    sys.exit(main())
