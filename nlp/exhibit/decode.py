"""Bytes to characters, with a way back from a character to its byte."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from nlp.errors import Notice

__all__ = ["Decoded", "decode"]


@dataclass(frozen=True, slots=True)
class Decoded:
    """Characters of a source. ``text.encode(encoding, errors)`` gives the bytes after the ``mark`` again."""

    text: str
    encoding: str = "utf-8"
    errors: str = "strict"
    mark: int = 0
    notices: tuple[Notice, ...] = ()

    def byte(self, index: int) -> int:
        """Offset in the source's bytes of the character ``text[index]``."""
        before = self.text[:index]
        return self.mark + (
            index
            if self.encoding != "utf-16" and before.isascii()
            else len(before.encode(self._codec, self.errors))
        )

    @property
    def _codec(self) -> str:
        return self.encoding


_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BAD = re.compile("[\udc80-\udcff]")


def _windows(byte: str) -> str:
    try:
        return bytes([ord(byte) - 0xDC00]).decode("cp1252")
    except UnicodeDecodeError:
        return "\ufffd"


def decode(raw: bytes) -> Decoded:
    """Decode the bytes of an exhibit. Plain UTF-8 is tried first; everything else is said in a notice.

    UTF-16 is known by its mark or by its zeros. Bytes that are no UTF-8 are windows-1252 when nothing else in the
    file is multi-byte, else only the bad ones are (pasted text in a UTF-8 file); for the first case bs4's
    ``UnicodeDammit`` has the say, as it knows declared encodings too.
    """
    mark, encoding = 0, ""
    for sign, name in _MARKS:
        if raw.startswith(sign):
            mark, encoding = len(sign), name
    if not encoding and raw[:4096].count(0) > len(raw[:4096]) // 3:
        encoding = "utf-16-be" if raw[:4096:2].count(0) > raw[1:4096:2].count(0) else "utf-16-le"
    body = raw[mark:]
    if encoding.startswith("utf-16"):
        notice = Notice("encoding-guessed", f"the exhibit was read as {encoding}")
        try:
            return Decoded(body.decode(encoding, "surrogatepass"), encoding, "surrogatepass", mark, (notice,))
        except UnicodeDecodeError:  # half a unit at the end: a file cut in the middle of a character
            cut = Notice("bytes-lost", "the last byte is half of a UTF-16 character; it was left out")
            return Decoded(
                body[:-1].decode(encoding, "surrogatepass"), encoding, "surrogatepass", mark, (notice, cut)
            )
    try:
        return Decoded(body.decode("utf-8"), mark=mark)
    except UnicodeDecodeError:
        pass
    text = body.decode("utf-8", "surrogateescape")
    bad = len(_BAD.findall(text))
    good = sum(1 for char in text if char > "\x7f") - bad if bad < len(text) else 0
    if good > bad:
        fixed = _BAD.sub(lambda match: _windows(match.group()), text)
        notice = Notice("bytes-not-decoded", f"{bad} bytes are not UTF-8; they were read as windows-1252")
        return _Mixed(fixed, notices=(notice,), mark=mark, escaped=text)
    from bs4.dammit import UnicodeDammit  # bs4 costs 0.1 s to import and most exhibits are UTF-8

    dammit = UnicodeDammit(
        body, ["windows-1252"] if not re.search(rb"charset|encoding", body[:2048], re.I) else [], is_html=True
    )
    name = dammit.original_encoding or "windows-1252"
    try:
        text = body.decode(name)
        if text.encode(name) != body:
            raise UnicodeError
        return Decoded(
            text, name, mark=mark, notices=(Notice("encoding-guessed", f"the exhibit was read as {name}"),)
        )
    except (UnicodeError, LookupError):
        text = (
            "".join(map(_windows, body.decode("ascii", "surrogateescape")))
            if False
            else body.decode("cp1252", "replace")
        )
        notice = Notice(
            "bytes-not-decoded",
            f"{text.count(chr(0xFFFD))} bytes could not be decoded; they are marked by U+FFFD",
        )
        return _SingleByte(
            text,
            "cp1252",
            mark=mark,
            notices=(Notice("encoding-guessed", "the exhibit was read as windows-1252"), notice),
        )


@dataclass(frozen=True, slots=True)
class _Mixed(Decoded):
    """UTF-8 with stray windows-1252 bytes; ``escaped`` is the same text with those bytes as surrogates."""

    escaped: str = ""

    def byte(self, index: int) -> int:
        return self.mark + len(self.escaped[:index].encode("utf-8", "surrogateescape"))


@dataclass(frozen=True, slots=True)
class _SingleByte(Decoded):
    """One byte a character, some of them undefined."""

    def byte(self, index: int) -> int:
        return self.mark + index
