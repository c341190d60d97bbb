"""What every input must bear: only our errors, what was read hangs together, and nothing takes too long."""

from __future__ import annotations

import time
from itertools import pairwise

from nlp.errors import Ex99Error, SubmissionError
from nlp.exhibit import ExhibitText, Locator, read_exhibit
from nlp.release import read_release
from nlp.selection import press_releases
from nlp.submission import Submission, read_submission, read_submissions
from nlp.text import Span, sentence_spans

__all__ = ["SECONDS", "check", "check_exhibit"]

SECONDS = 5.0
"""Processor seconds an input of at most 64 KB may take (watching its coverage triples them); what is quadratic at that
size shows."""


def check(raw: bytes) -> None:
    """Read the bytes as a submission and as a bare exhibit; raises whatever should not have happened."""
    began = time.process_time()
    for submission in _submissions(raw):
        _check_submission(submission)
    check_exhibit(raw)
    seconds = time.process_time() - began
    if seconds > SECONDS:
        raise AssertionError(f"{seconds:.1f} seconds for {len(raw):,} bytes")


def _submissions(raw: bytes) -> tuple[Submission, ...]:
    try:
        found = read_submissions(raw)
    except Ex99Error:
        return ()
    try:
        first = read_submission(raw, strict=True)
    except SubmissionError:
        pass
    else:
        assert all(notice.code == "items-from-body" for notice in first.notices)  # no damage
    return found


def _check_submission(submission: Submission) -> None:
    ranges = [(document.start, document.end) for document in submission.documents]
    assert all(0 <= start <= end <= len(submission.raw) for start, end in ranges), ranges
    assert all(before[1] <= after[0] for before, after in pairwise(ranges)), ranges
    assert submission.documents or submission.notices
    try:
        choices = press_releases(submission)
    except Ex99Error:
        return
    for choice in choices:
        assert choice.reason
        if choice.accepted:
            check_exhibit(submission.body(choice.document))


def check_exhibit(body: bytes) -> None:
    """Read an exhibit, section it, cut it in sentences and locate a few of its words."""
    try:
        exhibit = read_exhibit(body)
    except Ex99Error:
        return
    _check_blocks(exhibit)
    release = read_release(exhibit)
    assert "".join(release.text[section.start : section.end] for section in release.sections) == release.text
    sentences = sentence_spans(release.text)
    assert all(before.end <= after.start for before, after in pairwise(sentences))
    locator = Locator(body, exhibit)
    for start in range(0, len(exhibit.text), max(1, len(exhibit.text) // 5)):
        try:
            found = locator.bytes_of(Span(start, min(start + 9, len(exhibit.text))))
        except Ex99Error:
            continue
        assert 0 <= found.start < found.end <= len(body)


def _check_blocks(exhibit: ExhibitText) -> None:
    end = 0
    for block in exhibit.blocks:
        assert exhibit.text[end : block.start] in ("", "\n", "\n\n")
        assert exhibit.text[block.start : block.end].strip()
        end = block.end
    assert end == len(exhibit.text)
