"""Rate of a whole batch run and memory of its workers, for growing folders.

``python -m tests.benchmarks.batch_memory --workers 1 2 --documents 1000 20000 [--filings FOLDER]``
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

from nlp.batch import score_folder
from nlp.batch.worker import TaskReport

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


class PeakMemory:
    """Listens to a run, and reads the memory of its worker processes from ``/proc``."""

    def __init__(self) -> None:
        self.peak = 0  # kB resident, the largest worker
        self.early = 0  # the same when the first tenth was done
        self._inputs = self._done = 0

    def begin(self, inputs: int) -> None:
        """A run begins."""
        self._inputs = inputs

    def update(self, report: TaskReport) -> None:
        """A task has ended."""
        self._done += report.units
        for stat in Path("/proc").glob("[0-9]*/status"):
            try:
                fields = dict(line.split(":", 1) for line in stat.read_text().splitlines())
            except OSError:
                continue
            if int(fields["PPid"]) == os.getpid() and "VmHWM" in fields:
                self.peak = max(self.peak, int(fields["VmHWM"].split()[0]))
        if self._done <= self._inputs / 10 or not self.early:
            self.early = self.peak

    def end(self) -> None:
        """The run has ended."""


def main() -> None:
    """Print a row for every number of documents and workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--documents", type=int, nargs="+", default=[1_000, 20_000])
    parser.add_argument("--filings", type=Path, default=SAMPLES)
    options = parser.parse_args()
    sources = [path for path in sorted(options.filings.rglob("*")) if path.suffix in (".txt", ".htm")]
    print("documents  workers  seconds  per second  MB/s  worker peak MB (first tenth)  parent peak MB")
    for documents in options.documents:
        with tempfile.TemporaryDirectory() as temporary:
            folder, size = Path(temporary) / "filings", 0
            for number in range(documents):
                source = sources[number % len(sources)]
                target = folder / f"{number // len(sources):05d}" / source.name
                target.parent.mkdir(parents=True, exist_ok=True)
                try:
                    target.hardlink_to(source)
                except OSError:  # on another disk
                    target.symlink_to(source.resolve())
                size += source.stat().st_size
            for workers in options.workers:
                memory = PeakMemory()
                began = time.perf_counter()
                score_folder(
                    folder, Path(temporary) / f"out{workers}", workers=workers, progress=memory
                ).finish()
                seconds = time.perf_counter() - began
                parent = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000
                print(
                    f"{documents:9,}  {workers:7}  {seconds:7.1f}  {documents / seconds:10.0f}  {size / seconds / 1e6:4.1f}"
                    f"  {memory.peak / 1_000:14.0f} ({memory.early / 1_000:.0f})  {parent:14.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
