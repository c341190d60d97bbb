"""Joins model and rules: from the bytes of a release or a submission to one result."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from nlp.classification import Classification, Failure, Source
from nlp.entities.finder import EntityFinder
from nlp.errors import Ex99Error, ExhibitError, InputError, Notice, SubmissionError
from nlp.exhibit import locate as locate_in_exhibit
from nlp.exhibit import read_exhibit
from nlp.model import EventModel, Explanation
from nlp.release import Release, read_release
from nlp.rulebook import Rulebook, default_rulebook
from nlp.selection import Choice, looks_like_submission, press_releases
from nlp.submission import Submission, as_utf8, file_range, is_error_page, read_submissions, recognise
from nlp.subtypes import directed, find_subtypes, item_disagreement, trial_outcome
from nlp.text import Span

__all__ = ["Classifier", "classify", "classify_submission", "locate"]

_SUBMISSION = re.compile(
    rb"(?i)\s*+(?:-----BEGIN PRIVACY-ENHANCED MESSAGE|<(?:SEC|IMS)-(?:DOCUMENT|HEADER)>|<SUBMISSION>)"
)
_FILE_NAME = re.compile(rb"(?i)\s*+[^\s<>]{1,400}\.(?:txt|html?|nc|sgml|gz|zip|pdf)\s*+")


class Classifier:
    """Model and rules, loaded on first use; cheap to make, safe to pickle.

    ``model``: a model folder (``None``: the one that ships). ``rulebook``: another set of rules and lexicons.
    ``add_drugs`` and ``remove_drugs``: names to find, or never to find.

    >>> from nlp import Classifier
    >>> result = Classifier().classify("Acme Bio Announces Pricing of $50 Million Public Offering")
    >>> result.primary_event
    'financing'
    """

    def __init__(
        self,
        model: str | Path | None = None,
        *,
        rulebook: Rulebook | None = None,
        add_drugs: Sequence[str] = (),
        remove_drugs: Sequence[str] = (),
    ) -> None:
        for name, given in (("add_drugs", add_drugs), ("remove_drugs", remove_drugs)):
            if isinstance(given, str | bytes):
                raise TypeError(f"{name} takes several names, not one string; write {name}=[{given!r}]")
        self.model = model
        self.rulebook = rulebook
        self.add_drugs = tuple(add_drugs)
        self.remove_drugs = tuple(remove_drugs)
        self._loaded: tuple[EventModel, EntityFinder, str] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_loaded": None}

    def load(self) -> tuple[EventModel, EntityFinder, str]:
        """Model, rule layer and version of the rules; read once. Raises ``ModelError`` or ``RuleError``."""
        if self._loaded is None:
            rulebook = self.rulebook or default_rulebook()
            model = EventModel.load(None if self.model is None else Path(self.model))
            try:
                finder = EntityFinder(rulebook, self.add_drugs, self.remove_drugs)
            except Exception:
                rulebook.check()  # a rule that does not compile: it names file and line
                raise
            version = rulebook.version
            if self.add_drugs or self.remove_drugs:
                own = hashlib.sha256(
                    "\n".join((*self.add_drugs, "", *self.remove_drugs)).encode()
                ).hexdigest()
                version = f"{version}+{own[:8]}"
            self._loaded = (model, finder, version)
        return self._loaded

    def classify(
        self, html_or_text: str | bytes | bytearray | memoryview, *, filer: str | None = None
    ) -> Classification:
        """One release, as HTML or plain text. ``filer``: the company that issues it, where known.

        Raises ``ExhibitError`` where there is nothing to read, or no release but a file's name, a whole submission or
        bytes that are no text; ``LimitError`` over a limit.
        """
        if not isinstance(html_or_text, str | bytes | bytearray | memoryview):
            raise TypeError(
                f"classify takes str or bytes, not {type(html_or_text).__name__}; read the file first"
            )
        if not isinstance(html_or_text, str):
            html_or_text = raw = bytes(html_or_text)
        else:
            raw = html_or_text.encode("utf-8", "surrogatepass")
        _check_release(raw)
        source = Source(
            sha256=hashlib.sha256(raw).hexdigest(), company=filer, exhibit_reason="given as a release"
        )
        return self._score(read_release(read_exhibit(html_or_text)), source, ())

    def classify_submission(self, raw: bytes) -> tuple[Classification, ...]:
        """Every press-release exhibit of an EDGAR full-text submission, in file order.

        Exhibits that were refused are named in the warnings. Raises ``SubmissionError`` where the bytes are
        none.
        """
        return tuple(result for result in self.score_bytes(raw) if result.status in ("ok", "review"))

    def score_bytes(
        self, raw: bytes, *, path: str | None = None, filer: str | None = None
    ) -> tuple[Classification, ...]:
        """A file's bytes, submission or bare exhibit: at least one result, also where it holds no release.

        ``path`` goes into the record; ``filer`` names the issuer of a bare exhibit. Raises ``Ex99Error``
        where nothing can be read; one bad exhibit of several is a ``failed`` result.
        """
        if not isinstance(raw, bytes):
            raise TypeError(f"a submission is bytes, not {type(raw).__name__}; read the file first")
        digest = hashlib.sha256(raw).hexdigest()
        if is_error_page(raw):
            raise SubmissionError(
                "an error page that EDGAR sent in place of a filing; download it again", code="error-page"
            )
        if not looks_like_submission(raw):
            _check_text(raw)
            source = Source(path, digest, company=filer, exhibit_reason="a bare exhibit")
            return (self._score(read_release(read_exhibit(raw)), source, ()),)
        results: list[Classification] = []
        for submission in read_submissions(raw):
            results += self._score_submission(submission, path, digest)
        return tuple(results)

    def explain_bytes(self, raw: bytes) -> tuple[tuple[str, tuple[Explanation, ...]], ...]:
        """Headline and the strongest features per event, for each release of a file's bytes."""
        model = self.load()[0]
        if not looks_like_submission(raw):
            _check_text(raw)
            bodies: list[tuple[bytes, tuple[str, ...]]] = [(raw, ())]
        else:
            bodies = [
                (submission.body(choice.document), submission.header.items)
                for submission in read_submissions(raw)
                for choice in press_releases(submission)
                if choice.accepted
            ]
        releases = [(read_release(read_exhibit(body)), items) for body, items in bodies]
        return tuple((release.headline, model.explain(release, items=items)) for release, items in releases)

    def _score_submission(
        self, submission: Submission, path: str | None, digest: str
    ) -> list[Classification]:
        header = submission.header
        filer = header.filers[0] if header.filers else None
        base = Source(
            path=path,
            sha256=digest,
            accession_number=header.accession_number,
            form_type=header.form_type,
            filed_on=header.filed_on,
            cik=filer.cik if filer else None,
            company=filer.name if filer else None,
            sic=filer.sic if filer else None,
            items=header.items,
        )
        choices = press_releases(submission)
        refused = tuple(
            Notice("exhibit-refused", f"{choice.document.type}: {choice.reason}")
            for choice in choices
            if not choice.accepted
        )
        results = []
        for choice in choices:
            if choice.accepted:
                results.append(self._score_exhibit(submission, choice, base, submission.notices + refused))
        if not results:
            types = ", ".join(document.type for document in submission.documents) or "none"
            reason = (
                "; ".join(notice.message for notice in refused) or f"no EX-99 among the documents ({types})"
            )
            source = replace(base, exhibit_reason=reason)
            results.append(
                Classification(
                    source, "no_release", warnings=submission.notices + refused, **self._versions()
                )
            )
        return results

    def _score_exhibit(
        self, submission: Submission, choice: Choice, base: Source, notices: tuple[Notice, ...]
    ) -> Classification:
        document = choice.document
        source = replace(
            base, exhibit=document.type, exhibit_reason=choice.reason, start=document.start, end=document.end
        )
        try:
            release = read_release(choice.exhibit or read_exhibit(submission.body(document)))
        except Ex99Error as error:
            return self.failure(source, error, "exhibit", notices)
        return self._score(release, source, notices)

    def _score(self, release: Release, source: Source, notices: tuple[Notice, ...]) -> Classification:
        model, finder, _ = self.load()
        scores = model.score(release, items=source.items)
        accepted = tuple(score.type for score in scores if score.accepted)
        entities = finder.find(release, filer=source.company, events=accepted)
        subtypes = find_subtypes(release, accepted)
        if subtypes.get("licensing"):
            subtypes["licensing"] = directed(
                subtypes["licensing"], {party.role for party in entities.counterparties}
            )
        events = tuple(
            [
                replace(score, subtypes=subtypes[score.type]) if subtypes.get(score.type) else score
                for score in scores
            ]
        )
        disagreement = item_disagreement(source.items, accepted)
        unread = (
            None if accepted else Notice("nothing-known", "no word or cue of it is one that the model knows")
        )
        outcome = trial_outcome(release) if "trial.results" in subtypes.get("trial", ()) else None
        return Classification(
            source,
            "review" if model.needs_review(scores) else "ok",
            headline=release.headline,
            text=release.text,
            sections=release.sections,
            events=events,
            entities=entities,
            trial_outcome=outcome,
            warnings=notices + release.notices + tuple(filter(None, (disagreement, unread))),
            **self._versions(),
        )

    def failure(
        self, source: Source, error: Exception, stage: str, notices: tuple[Notice, ...] = ()
    ) -> Classification:
        """The record of an input that failed: ``error`` at ``stage``."""
        code = error.code if isinstance(error, Ex99Error) else "internal-error"
        message = str(error) if isinstance(error, Ex99Error) else f"{type(error).__name__}: {error}"
        return Classification(
            source, "failed", warnings=notices, error=Failure(code, stage, message), **self._versions()
        )

    def _versions(self) -> dict[str, Any]:
        model, _, rules = self.load()
        return {"model_version": f"events-{model.version}", "rules_version": rules}


def _check_text(raw: bytes) -> None:
    """Raise ``ExhibitError`` for bytes that are no text: an archive, a picture, a PDF."""
    kind = recognise(raw)
    if kind in ("binary", "pdf", "uuencoded"):
        raise ExhibitError(
            f"{kind} data, not the text of a release; unpack or convert it first", code="not-text"
        )


def _check_release(raw: bytes) -> None:
    """Raise ``ExhibitError`` for what people pass to ``classify`` by mistake."""
    _check_text(raw)
    if _SUBMISSION.match(raw):
        raise ExhibitError(
            "a whole submission, not one release; use classify_submission", code="is-submission"
        )
    if _FILE_NAME.fullmatch(raw):
        raise ExhibitError(
            f"{raw.decode(errors='replace')!r} reads like a file's name; pass what the file holds",
            code="is-file-name",
        )


@cache
def _default() -> Classifier:
    return Classifier()


def classify(
    html_or_text: str | bytes | bytearray | memoryview, *, filer: str | None = None
) -> Classification:
    """Classify one press release with the model and rules that ship.

    ``html_or_text``: the exhibit's HTML or text (``bytes``: the encoding is found). ``filer``: the issuer,
    where known. Raises ``ExhibitError`` where there is nothing to read.

    >>> from nlp import classify
    >>> result = classify("<p>Acme Bio Doses First Patient in Phase 2 Trial of ACM-101 in Psoriasis</p>")
    >>> result.accepted_events, [drug.name for drug in result.drugs]
    (('trial',), ['ACM-101'])
    """
    return _default().classify(html_or_text, filer=filer)


def classify_submission(raw: bytes) -> tuple[Classification, ...]:
    """Classify every press-release exhibit of one EDGAR full-text submission with the model and rules that
    ship.

    An empty tuple means that no exhibit is a press release. Raises ``SubmissionError`` for other bytes.

    >>> raw = b"<DOCUMENT>\\n<TYPE>EX-99.1\\n<TEXT>\\nAcme Bio Doses First Patient in Phase 2 Trial of ACM-101 in Psoriasis\\n\\n"
    >>> raw += b"BOSTON, May 2, 2024 -- Acme Bio today dosed the first of 90 patients with ACM-101 in its placebo-controlled study in psoriasis.\\n</TEXT>\\n</DOCUMENT>"
    >>> [(release.source.exhibit, release.primary_event) for release in classify_submission(raw)]
    [('EX-99.1', 'trial')]
    """
    return _default().classify_submission(raw)


def locate(classification: Classification, span: tuple[int, int], raw: bytes | None = None) -> Span:
    """The bytes that characters ``span`` of ``classification.text`` come from, as a range of the whole file.

    ``raw``: the file's bytes (of the uncompressed member, for archives); read from ``source.path`` when left
    out. Raises ``InputError`` where they can't be had or aren't the bytes that were scored.

    >>> from nlp import classify, locate
    >>> raw = b"<p>Acme&nbsp;Bio doses first patient with ACM&#8209;101</p>"
    >>> result = classify(raw)
    >>> span = locate(result, (result.drugs[0].mentions[0].start, result.drugs[0].mentions[0].end), raw)
    >>> raw[span.start : span.end]
    b'ACM&#8209;101'
    """
    source = classification.source
    if raw is None:
        if source.path is None:
            raise InputError("the release was not read from a file; give its bytes as raw", code="no-source")
        raw = Path(source.path).read_bytes()
    if source.sha256 != hashlib.sha256(raw).hexdigest():
        raise InputError(
            f"{source.path or 'raw'}: not the bytes that were scored (SHA-256 differs)", code="source-changed"
        )
    is_exhibit = as_utf8(raw) is raw or not looks_like_submission(raw)
    body = (raw if is_exhibit else as_utf8(raw))[source.start : source.end]
    exhibit = read_exhibit(body)
    if exhibit.text != classification.text:
        raise ExhibitError(
            "this version reads the exhibit differently; score it again", code="source-changed"
        )
    found = locate_in_exhibit(body, exhibit, Span(*span))
    start, end = found.start + source.start, found.end + source.start
    return Span(start, end) if is_exhibit else Span(*file_range(raw, start, end))
