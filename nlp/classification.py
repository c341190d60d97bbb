"""The result of one release: where it comes from, what it announces, and its record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from nlp.entities import Counterparty, Drug, Entities, Mention, Term
from nlp.errors import Notice
from nlp.model import EventScore
from nlp.release import Section

__all__ = ["SCHEMA", "Classification", "Failure", "Source", "Status"]

SCHEMA = 1
Status = Literal["ok", "review", "failed", "no_release"]
_NOTHING = Entities()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a release comes from. ``start`` and ``end`` are the exhibit's bytes in the file; dates are ISO.

    >>> from nlp import classify
    >>> classify("Acme Bio Doses First Patient").source.accession_number is None  # a bare exhibit says little of itself
    True
    """

    path: str | None = None
    sha256: str | None = None
    accession_number: str | None = None
    form_type: str | None = None
    filed_on: str | None = None
    cik: str | None = None
    company: str | None = None
    sic: str | None = None
    items: tuple[str, ...] = ()
    exhibit: str | None = None
    exhibit_reason: str | None = None
    start: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no result: a stable ``code``, the ``stage`` (read, submission, exhibit, score) and a sentence.

    >>> from nlp.batch import score_many
    >>> [(result.status, result.error.code) for result in score_many([("acme.htm", b"")])]
    [('failed', 'no-text')]
    """

    code: str
    stage: str
    message: str


@dataclass(frozen=True, slots=True)
class Classification:
    """What one release announces. Spans (``start``, ``end``) are characters of ``text``.

    ``events`` has every type of the taxonomy, by falling probability; ``accepted`` says which are tagged.
    ``status`` is ``review`` where the model is in doubt, ``failed`` with an ``error``, ``no_release`` where a
    submission holds no press release (``source.exhibit_reason`` says why).

    >>> from nlp import classify
    >>> result = classify("Acme Bio Licenses ACM-101 to Umber Health GmbH for $5 Million Upfront")
    >>> result.primary_event, [(c.name, c.role) for c in result.counterparties]
    ('licensing', [('Umber Health GmbH', 'licensee')])
    >>> sorted(result.to_dict())[:4]
    ['accession_number', 'cik', 'company', 'counterparties']
    """

    source: Source
    status: Status
    headline: str = ""
    text: str = ""
    sections: tuple[Section, ...] = ()
    events: tuple[EventScore, ...] = ()
    entities: Entities = _NOTHING
    trial_outcome: str | None = None
    warnings: tuple[Notice, ...] = ()
    error: Failure | None = None
    model_version: str = ""
    rules_version: str = ""

    @property
    def primary_event(self) -> str | None:
        """The accepted event with the highest probability."""
        return next((event.type for event in self.events if event.accepted), None)

    @property
    def accepted_events(self) -> tuple[str, ...]:
        """The events that are tagged, strongest first."""
        return tuple(event.type for event in self.events if event.accepted)

    @property
    def counterparties(self) -> tuple[Counterparty, ...]:
        """Organisations that are party to what is announced."""
        return self.entities.counterparties

    @property
    def drugs(self) -> tuple[Drug, ...]:
        """Drugs named in the release."""
        return self.entities.drugs

    @property
    def terms(self) -> tuple[Term, ...]:
        """Terms of the deal, offering, trial or filing."""
        return self.entities.terms

    def to_dict(self, *, with_text: bool = False) -> dict[str, Any]:
        """The record (schema version 1): plain lists, dicts, strings and numbers, ready for JSON."""
        source = self.source
        record: dict[str, Any] = {
            "schema": SCHEMA,
            "release_id": f"{source.path or source.sha256}#{source.start}",
            "path": source.path,
            "sha256": source.sha256,
            "accession_number": source.accession_number,
            "form_type": source.form_type,
            "filed_on": source.filed_on,
            "cik": source.cik,
            "company": source.company,
            "sic": source.sic,
            "items": list(source.items),
            "exhibit": source.exhibit,
            "exhibit_reason": source.exhibit_reason,
            "exhibit_start": source.start,
            "exhibit_end": source.end,
            "headline": self.headline,
            "status": self.status,
            "warnings": [{"code": w.code, "message": w.message} for w in self.warnings],
            "error": {"code": self.error.code, "stage": self.error.stage, "message": self.error.message}
            if self.error
            else None,
            "primary_event": self.primary_event,
            "events": [
                {
                    "type": event.type,
                    "probability": event.probability,
                    "accepted": event.accepted,
                    "subtypes": list(event.subtypes),
                    "evidence": [
                        {"text": span.of(self.text), "start": span.start, "end": span.end}
                        for span in event.evidence
                    ],
                }
                for event in self.events
            ],
            "counterparties": [
                {
                    "name": c.name,
                    "canonical": c.canonical,
                    "role": c.role,
                    "rule": c.rule,
                    "mentions": _mentions(c.mentions),
                }
                for c in self.counterparties
            ],
            "drugs": [
                {
                    "name": d.name,
                    "kind": d.kind,
                    "aliases": list(d.aliases),
                    "rule": d.rule,
                    "mentions": _mentions(d.mentions),
                }
                for d in self.drugs
            ],
            "terms": [
                {
                    "family": t.family,
                    "kind": t.kind,
                    "value": t.value,
                    "number": t.number,
                    "unit": t.unit,
                    "rule": t.rule,
                    "mentions": _mentions(t.mentions),
                }
                for t in self.terms
            ],
            "trial_outcome": self.trial_outcome,
            "text_chars": len(self.text),
            "model_version": self.model_version,
            "rules_version": self.rules_version,
        }
        if with_text:
            record["text"] = self.text
            record["sections"] = [{"kind": s.kind, "start": s.start, "end": s.end} for s in self.sections]
        return record

    def to_doc(self) -> Any:
        """The release as a spaCy ``Doc``: ``cats`` (events), ``ents`` and ``spans`` (DRUG, COUNTERPARTY, TERM)."""
        from nlp.entities.document import annotate  # spaCy takes half a second to import

        return annotate(self.text, self.entities, {event.type: event.probability for event in self.events})


def _mentions(mentions: Iterable[Mention]) -> list[dict[str, Any]]:
    return [{"text": m.text, "start": m.start, "end": m.end} for m in mentions]
