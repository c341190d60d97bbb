"""Ctrl-C and SIGTERM during a run: the first lets what is under way finish, the second breaks off."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from nlp.batch.run import Run
from nlp.batch.scoring import StoppedError

__all__ = ["stopped_by_signals"]


@contextmanager
def stopped_by_signals(run: Run) -> Iterator[None]:
    """While inside, SIGINT and SIGTERM stop ``run``, which then raises ``StoppedError``. For the main thread only."""
    asked = False

    def handle(number: int, frame: object) -> None:
        nonlocal asked
        if asked:
            raise StoppedError(
                "stopped at once; what was finished is kept, the same command goes on from there"
            )
        asked = True
        run.stop()
        # Not print: a signal may come while something is being printed.
        os.write(2, b"\nex99: stopping when what is under way is finished; once more stops at once\n")

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
