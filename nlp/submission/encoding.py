"""Files in UTF-16: read as UTF-8, with a way back to the file's own bytes."""

from __future__ import annotations

from nlp.errors import Notice

__all__ = ["as_utf8", "file_range", "narrow"]

_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def narrow(raw: bytes) -> tuple[bytes, tuple[Notice, ...]]:
    """UTF-16 files as UTF-8; a sign (NULs) that something else was damaged is told."""
    if b"\0" not in raw:
        return raw, ()
    encoding, mark = _encoding(raw)
    if encoding:
        text = raw[mark:].decode(encoding, "replace")
        lost = text.count("�")
        message = (
            "the file is UTF-16; byte positions refer to its UTF-8 form, file_range() gives the file's own"
            + (f"; {lost} characters did not decode" if lost else "")
        )
        return text.encode(), (Notice("utf16-file", message),)
    nuls = raw.count(b"\0")
    return raw, (
        Notice("nul-bytes", f"{nuls:,} NUL bytes in the file, a sign of damage; text around them is kept"),
    )


def as_utf8(raw: bytes) -> bytes:
    """The file's bytes as ``Submission.raw`` has them: the same object unless the file is UTF-16.

    >>> from nlp.submission import as_utf8
    >>> as_utf8("<TYPE>EX-99.1".encode("utf-16"))
    b'<TYPE>EX-99.1'
    """
    return narrow(raw)[0]


def file_range(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """Bytes of the file for a range of ``Submission.raw``, that was read from it. Only in UTF-16 files they differ.

    >>> raw = "<TYPE>EX-99.1 café".encode("utf-16-le")
    >>> start, end = file_range(raw, 14, 19)
    >>> raw[start:end].decode("utf-16-le")
    'café'
    """
    encoding, mark = _encoding(raw) if b"\0" in raw else ("", 0)
    if not encoding:
        return start, end
    utf8 = raw[mark:].decode(encoding, "replace").encode()
    before = _width(utf8[:start], encoding)
    first = mark + before
    # The last character may be half of one, that the file was cut in.
    return first, min(first + _width(utf8[start:end], encoding), len(raw))


def _width(utf8: bytes, encoding: str) -> int:
    return len(utf8.decode("utf-8", "replace").encode(encoding))


def _encoding(raw: bytes) -> tuple[str, int]:
    """The kind of UTF-16 and the length of its mark; an empty name for anything else."""
    if raw[:2] in _MARKS:
        return _MARKS[raw[:2]], 2
    head = raw[:2000]
    if len(head) > 3:
        even, odd = head[0::2].count(b"\0"), head[1::2].count(b"\0")
        most = len(head) // 2 * 0.9
        if even > most and not odd:
            return "utf-16-be", 0
        if odd > most and not even:
            return "utf-16-le", 0
    return "", 0
