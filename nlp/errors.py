"""Every error ex99 raises, and the notice that a record carries when something was repaired.

An error says which input, what was seen and what to do. Each branch also inherits the builtin a caller
would have caught anyway, so ``except ValueError`` keeps working. A notice is the loud side of leniency: the
input was used all the same, and its ``code`` (stable, kebab-case, listed in ``nlp/resources/CODES.md``) tells how.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "Ex99Error",
    "ExhibitError",
    "InputError",
    "LimitError",
    "ModelError",
    "Notice",
    "RuleError",
    "SubmissionError",
]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a reader of the result should know: a stable ``code`` and a sentence for people."""

    code: str
    message: str


class Ex99Error(Exception):
    """Base of all errors of this package. ``code`` is stable and goes into records."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.args, self.code))


def _rebuild(kind: type[Ex99Error], args: tuple[str, ...], code: str) -> Ex99Error:
    return kind(*args, code=code)


class InputError(Ex99Error, OSError):
    """A path that cannot be read, or an archive that breaks a limit."""

    code = "unreadable-input"


class SubmissionError(Ex99Error, ValueError):
    """Bytes that are not an EDGAR submission (or, when strict, a damaged one)."""

    code = "not-a-submission"


class ExhibitError(Ex99Error, ValueError):
    """An exhibit without readable text."""

    code = "no-text"


class LimitError(Ex99Error, ValueError):
    """An input over a limit of size, depth or time."""

    code = "over-limit"


class RuleError(Ex99Error, ValueError):
    """A rule, lexicon or taxonomy file that does not validate."""

    code = "bad-rule"


class ModelError(Ex99Error, ValueError):
    """A model folder that is missing, changed, or does not fit this version."""

    code = "bad-model"
