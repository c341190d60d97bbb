"""Time what is to be compared in turns, so that a busy machine slows all of it alike; report medians."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Figure", "in_turns", "processes"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: a measured ``value`` with its ``unit`` and, where there is one, its ``bar``."""

    group: str
    name: str
    value: float
    unit: str
    bar: float | None = None
    sense: Literal["at most", "at least"] = "at most"
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the bar is met; ``None`` without one."""
        if self.bar is None:
            return None
        return self.value <= self.bar if self.sense == "at most" else self.value >= self.bar


def in_turns(
    work: Mapping[str, Callable[[], object]],
    rounds: int,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, float]:
    """Median seconds of each piece of work over ``rounds``, one after the other in every round, after a first
    that isn't counted.

    The default clock counts this process's processor seconds: other programs on the machine don't count.
    """
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for turn in range(rounds + 1):
        for name, function in work.items():
            began = clock()
            function()
            if turn:
                seconds[name].append(clock() - began)
    return {name: statistics.median(values) for name, values in seconds.items()}


def processes(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, float]:
    """Median seconds on the wall of whole Python processes (arguments after ``python``), in turns."""

    def run(arguments: Sequence[str]) -> None:
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)

    return in_turns(
        {name: lambda arguments=arguments: run(arguments) for name, arguments in commands.items()},  # type: ignore[misc]
        rounds,
        time.perf_counter,
    )
