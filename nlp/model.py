"""Load, verify, save and apply the event model: calibrated probability and threshold per event."""

from __future__ import annotations

from dataclasses import dataclass

from nlp.text import Span

__all__ = ["EventScore"]


@dataclass(frozen=True, slots=True)
class EventScore:
    """One event type: calibrated ``probability`` in [0, 1], whether it is tagged, and the sentences that spoke for it (strongest first)."""

    type: str
    probability: float
    accepted: bool
    subtypes: tuple[str, ...] = ()
    evidence: tuple[Span, ...] = ()
