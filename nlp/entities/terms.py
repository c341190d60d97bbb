"""Terms of deals, offerings, trials and filings as typed values."""

from __future__ import annotations

from collections.abc import Sequence

from nlp.entities import Term
from nlp.release import Release
from nlp.rulebook import Rulebook

__all__ = ["TermFinder"]


class TermFinder:
    """Finds terms of the announced event."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook

    def find(self, release: Release, *, events: Sequence[str] = ()) -> tuple[Term, ...]:
        """Terms in order of first mention."""
        return ()
