"""An engine for runs in this process: no workers to start, and ``memory://`` is where the test is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nlp.batch.plan import Task
from nlp.batch.worker import Settings, TaskReport, score_task

__all__ = ["Inline"]


class Inline:
    """Scores tasks as they come, and remembers the paths of the files they held."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def run(
        self, tasks: Iterable[Task], settings: Settings, folder: str, *, alone: bool = False
    ) -> Iterator[TaskReport]:
        for task in tasks:
            self.read += [unit.path for unit in task.units]
            yield score_task(task, settings, folder)

    def close(self) -> None:
        pass
