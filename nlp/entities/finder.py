"""The door of the rule layer: all entities of one release."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from nlp.entities import Entities
from nlp.entities.counterparties import CounterpartyFinder
from nlp.entities.drugs import DrugFinder
from nlp.entities.terms import TermFinder
from nlp.release import Release
from nlp.rulebook import Rulebook

__all__ = ["EntityFinder"]


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Lexicons are a hundred thousand objects that all stay: looking for cycles among them costs a third of the start."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


class EntityFinder:
    """Finds drugs, counterparties and terms; built once, used for many releases.

    ``add_drugs`` and ``remove_drugs`` are names a user wants found, or never found, whatever the lexicons say.
    """

    def __init__(
        self, rulebook: Rulebook, add_drugs: Iterable[str] = (), remove_drugs: Iterable[str] = ()
    ) -> None:
        with _collector_paused():
            self._drugs = DrugFinder(rulebook, add=tuple(add_drugs), remove=tuple(remove_drugs))
            self._counterparties = CounterpartyFinder(rulebook)
            self._terms = TermFinder(rulebook)

    def find(self, release: Release, *, filer: str | None = None, events: Sequence[str] = ()) -> Entities:
        """All entities of ``release``. ``filer``: the issuer where known; ``events``: the types it was tagged with."""
        return Entities(
            drugs=self._drugs.find(release, filer=filer),
            counterparties=self._counterparties.find(release, filer=filer, events=events),
            terms=self._terms.find(release, events=events),
        )
