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
    """Something a reader of the result should know: a stable ``code`` and a sentence for people.

    >>> from nlp.release import read_release
    >>> [notice.code for notice in read_release("It was a quiet day in Oslo.").notices]
    ['no-lead']
    """

    code: str
    message: str


class Ex99Error(Exception):
    """Base of all errors of this package. ``code`` is stable and goes into records.

    >>> from nlp.submission import read_submission
    >>> try:
    ...     read_submission(b"")
    ... except ValueError as error:  # or Ex99Error, or SubmissionError
    ...     print(error.code)
    empty-input
    """

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
    """A path that cannot be read, or an archive that breaks a limit.

    >>> from nlp.containers import list_files
    >>> try:
    ...     list(list_files("no/such/folder"))
    ... except OSError as error:
    ...     print(error.code)
    no-such-path
    """

    code = "unreadable-input"


class SubmissionError(Ex99Error, ValueError):
    """Bytes that are not an EDGAR submission (or, when strict, a damaged one).

    >>> from nlp.errors import SubmissionError
    >>> SubmissionError("acme.txt: no <DOCUMENT> in it").code
    'not-a-submission'
    """

    code = "not-a-submission"


class ExhibitError(Ex99Error, ValueError):
    """An exhibit without readable text.

    >>> from nlp.errors import ExhibitError
    >>> ExhibitError("acme.htm: pictures only").code
    'no-text'
    """

    code = "no-text"


class LimitError(Ex99Error, ValueError):
    """An input over a limit of size, depth or time.

    >>> from nlp.errors import LimitError
    >>> LimitError("acme.zip: more than 200,000 members", code="too-many-members").code
    'too-many-members'
    """

    code = "over-limit"


class RuleError(Ex99Error, ValueError):
    """A rule, lexicon or taxonomy file that does not validate.

    >>> from nlp.errors import RuleError
    >>> RuleError("names.tsv, line 3: the first cell is empty").code
    'bad-rule'
    """

    code = "bad-rule"


class ModelError(Ex99Error, ValueError):
    """A model folder that is missing, changed, or does not fit this version.

    >>> from nlp.errors import ModelError
    >>> ModelError("models/mine: manifest.json lists no files").code
    'bad-model'
    """

    code = "bad-model"
