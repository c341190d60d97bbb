"""How a run tells of itself: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from typing import Any, TextIO

from tqdm import tqdm

from nlp.batch.worker import TaskReport

__all__ = ["BarProgress", "LogProgress", "progress_for"]

_LOG_EVERY = 30.0  # seconds


class BarProgress:
    """A bar with rate, failures and time left."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bar: tqdm[Any] | None = None
        self._failed = 0

    def begin(self, inputs: int) -> None:
        """Show the bar."""
        self._bar = tqdm(total=inputs, unit="file", file=self._stream, dynamic_ncols=True)

    def update(self, report: TaskReport) -> None:
        """Move the bar."""
        assert self._bar is not None
        self._failed += report.failed
        if self._failed:
            self._bar.set_postfix(failed=self._failed, refresh=False)
        self._bar.update(report.units)

    def end(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()


class LogProgress:
    """A quiet line every half minute."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._inputs = self._done = self._failed = 0
        self._began = self._told = time.monotonic()

    def begin(self, inputs: int) -> None:
        """Start the clock."""
        self._inputs = inputs
        self._began = self._told = time.monotonic()
        print(f"{inputs:,} files to look at", file=self._stream, flush=True)

    def update(self, report: TaskReport) -> None:
        """Count, and tell if it is time."""
        self._done += report.units
        self._failed += report.failed
        now = time.monotonic()
        if now - self._told >= _LOG_EVERY:
            self._told = now
            self._tell(now)

    def end(self) -> None:
        """Nothing more to say: the summary follows."""

    def _tell(self, now: float) -> None:
        rate = self._done / max(now - self._began, 1e-9)
        left = (self._inputs - self._done) / rate if rate else 0.0
        print(
            f"{self._done:,} of {self._inputs:,} files, {rate:.0f} a second, {self._failed:,} failed, "
            f"about {tqdm.format_interval(left)} left",
            file=self._stream,
            flush=True,
        )


def progress_for(stream: TextIO | None = None) -> BarProgress | LogProgress:
    """The kind that fits ``stream`` (``None``: standard error as it is now)."""
    out = stream or sys.stderr
    return BarProgress(out) if out.isatty() else LogProgress(out)
