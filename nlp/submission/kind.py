"""Recognise what a document's body is, from its first bytes, before anything decodes it."""

from __future__ import annotations

import re
from typing import Literal

__all__ = ["Kind", "is_error_page", "is_html", "recognise"]

Kind = Literal["text", "html", "xml", "pdf", "uuencoded", "binary"]

_PREFIX = 4096  # bytes looked at; markup declares itself well within
_UUENCODED = re.compile(rb"begin [0-7]{3,4} [^\r\n]{0,300}[\r\n]")
_MAGIC = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\xd0\xcf\x11\xe0",
    b"BM\x00",
    b"II*\x00",
    b"MM\x00*",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"BZh",
    b"Rar!",
)
_HTML = re.compile(
    rb"(?i)<(?:!doctype html|html|head|body|title|p|div|font|center|table|br|pre|span|h[1-6]|b|i|u|hr|a|tr|td|ul|ol|img)\b"
)
# <PAGE>, <TABLE>, <CAPTION>, <S>, <C>: the typesetting tags of ASCII filings, which are not HTML.
_ASCII_TABLE = re.compile(rb"(?i)<(?:page|caption|s|c|fn)>")
_CONTROLS = bytes(c for c in range(1, 32) if c not in (9, 10, 12, 13, 26, 27))
_ERROR_PAGE = re.compile(
    rb"(?i)undeclared automated tool|request rate threshold exceeded|<title>[^<]{0,80}(?:access denied|40[34]\b|50[0-4]\b|not found|"
    rb"service unavailable|error page|temporarily unavailable)|<code>(?:nosuchkey|accessdenied)</code>|the requested url was not found on this server"
)


def recognise(raw: bytes, start: int = 0, end: int | None = None, *, pdf: bool = False) -> Kind:
    """What ``raw[start:end]`` is. ``pdf``: it stood in a ``<PDF>`` wrapper. Looks at the first 4 KB only.

    >>> recognise(b"<html><p>News</html>"), recognise(b"begin 644 logo.jpg\\nM_]C_X"), recognise(b"NEWS RELEASE")
    ('html', 'uuencoded', 'text')
    """
    stop = len(raw) if end is None else end
    prefix = raw[start : min(stop, start + _PREFIX)]
    if prefix.startswith((b"\xff\xfe", b"\xfe\xff")):
        prefix = prefix[2:].replace(b"\0", b"")
    elif prefix.count(b"\0") > len(prefix) // 4 and not prefix.startswith(_MAGIC):
        narrow = prefix.replace(b"\0", b"")
        # UTF-16 of Latin letters: every other byte is NUL, and the rest reads as text.
        if abs(len(prefix) - 2 * len(narrow)) <= len(prefix) // 8 and not _controls(narrow):
            prefix = narrow
    prefix = prefix.removeprefix(b"\xef\xbb\xbf").lstrip()
    if prefix.startswith(b"%PDF") or pdf:
        return "pdf"
    if _UUENCODED.match(prefix):
        return "uuencoded"
    if prefix.startswith(_MAGIC) or _controls(prefix) > len(prefix) // 20:
        return "binary"
    if is_html(prefix):
        return "html"
    return "xml" if prefix.startswith((b"<?xml", b"<xbrl", b"<xsd:", b"<xs:")) else "text"


def _controls(data: bytes) -> int:
    """How many bytes of a prefix no text holds (C0 controls except white space and NUL, which damaged text may hold)."""
    return len(data) - len(data.translate(None, _CONTROLS))


def is_html(prefix: bytes) -> bool:
    """Whether the first bytes of a document are HTML rather than an ASCII exhibit with ``<PAGE>`` and ``<TABLE>``.

    >>> from nlp.submission import is_html
    >>> is_html(b"<p>Acme Bio News</p>"), is_html(b"<PAGE>\\nACME BIO NEWS")
    (True, False)
    """
    if re.search(rb"(?i)<(?:!doctype html|html|body|head)\b", prefix):
        return True
    if prefix.startswith(b"<?xml") or _ASCII_TABLE.search(prefix):
        return False
    return len(set(_HTML.findall(prefix.lower()))) >= (1 if prefix[:1] == b"<" else 2)


def is_error_page(raw: bytes) -> bool:
    """Whether this is a web server's error page that was saved in place of a filing.

    >>> is_error_page(b"<html><title>SEC.gov | Request Rate Threshold Exceeded</title>")
    True
    """
    head = raw[:_PREFIX].lstrip()
    if not head.startswith(b"<") or len(raw) > 200_000:
        return False
    return _ERROR_PAGE.search(raw[:40_000]) is not None
