"""The documents every figure is pooled over: the samples and, where they are there, real filings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from nlp.exhibit import ExhibitText, read_exhibit
from nlp.release import Release, read_release
from nlp.selection import press_releases
from nlp.submission import read_submissions

__all__ = ["ROOT", "Documents", "load"]

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Documents:
    """Submissions as files hold them, and the bodies of their press releases by kind."""

    paths: tuple[Path, ...]
    submissions: tuple[bytes, ...]
    html: tuple[bytes, ...]
    ascii: tuple[bytes, ...]

    @cached_property
    def exhibits(self) -> tuple[ExhibitText, ...]:
        """The HTML releases, read."""
        return tuple(map(read_exhibit, self.html))

    @cached_property
    def ascii_exhibits(self) -> tuple[ExhibitText, ...]:
        """The releases that are laid-out text, read."""
        return tuple(map(read_exhibit, self.ascii))

    @cached_property
    def releases(self) -> tuple[Release, ...]:
        """All releases, sectioned."""
        return tuple(map(read_release, (*self.exhibits, *self.ascii_exhibits)))

    @property
    def kilowords(self) -> float:
        """Thousands of words in all releases."""
        return kilowords(release.text for release in self.releases)


def kilowords(texts: Iterable[str]) -> float:
    """Thousands of words, counted at white space."""
    return sum(len(text.split()) for text in texts) / 1000


def load(limit: int | None = None) -> Documents:
    """Read ``data/samples`` and ``../shared/edgar``; ``limit`` takes only the first files of each."""
    folders = (ROOT / "data" / "samples", ROOT.parent / "shared" / "edgar" / "submissions")
    paths = [
        path for folder in folders if folder.is_dir() for path in sorted(folder.glob("[0-9]*.txt"))[:limit]
    ]
    html: list[bytes] = []
    text: list[bytes] = []
    for path in paths:
        for submission in read_submissions(path.read_bytes()):
            for choice in press_releases(submission):
                if choice.accepted:
                    body = submission.body(choice.document)
                    (html if choice.document.kind == "html" else text).append(body)
    return Documents(tuple(paths), tuple(path.read_bytes() for path in paths), tuple(html), tuple(text))
