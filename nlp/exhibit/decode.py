"""Bytes to characters, with a way back from a character to its byte."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from nlp.errors import Notice

__all__ = ["Decoded", "decode"]


@dataclass(frozen=True, slots=True)
class Decoded:
    """Characters of a source; ``shadow.encode(encoding, errors)`` gives the bytes after the ``mark`` again.

    ``shadow`` has as many characters as ``text``; the two differ where bad bytes were mended.
    """

    text: str
    encoding: str = "utf-8"
    errors: str = "strict"
    mark: int = 0
    notices: tuple[Notice, ...] = ()
    shadow: str = ""

    def width(self, start: int, end: int) -> int:
        """Bytes of the characters ``text[start:end]``."""
        return len((self.shadow or self.text)[start:end].encode(self.encoding, self.errors))

    def marks(self, step: int) -> list[int]:
        """Byte offsets of the characters 0, ``step``, 2 × ``step`` …"""
        offsets = [self.mark]
        for start in range(0, len(self.text), step):
            offsets.append(offsets[-1] + self.width(start, start + step))
        return offsets


_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARES = re.compile(rb"(?i)charset|encoding")
# Families of character sets in which each character is its bytes, wherever it stands. Others that Python knows would make
# positions wrong (ISO-2022), or take quadratic time (punycode).
_ASCII = "".join(map(chr, range(32, 127)))
_STATELESS = re.compile(
    r"cp\d{3,4}|iso8859-\d{1,2}|latin_?\d{1,2}|koi8-[rtu]|mac-\w+|tis-620|big5(?:hkscs)?|gb(?:2312|k|18030)|euc_\w+|johab|shift_jis\w*"
)
_BAD = re.compile("[\udc80-\udcff]")
_GOOD = re.compile("[\x80-\ud7ff\ue000-\U0010ffff]")


def _windows(match: re.Match[str]) -> str:
    return bytes([ord(match.group()) - 0xDC00]).decode("cp1252", "replace")


def decode(raw: bytes) -> Decoded:
    """Decode the bytes of an exhibit. Plain UTF-8 is tried first; everything else is said in a notice.

    UTF-16 is known by its mark or by its zeros. Where most of what is not ASCII is good UTF-8, the stray
    bytes in it (pasted text) are read as windows-1252; otherwise the whole is what it declares to be (as bs4's ``UnicodeDammit``
    finds it), or windows-1252.
    """
    mark, encoding = next(((len(sign), name) for sign, name in _MARKS if raw.startswith(sign)), (0, ""))
    head = raw[:4096]
    if not encoding and head.count(0) * 3 > len(head):
        encoding = "utf-16-be" if head[::2].count(0) > head[1::2].count(0) else "utf-16-le"
    body = raw[mark:] if mark else raw
    if encoding.startswith("utf-16"):
        notices = [Notice("encoding-guessed", f"the exhibit was read as {encoding}")]
        if len(body) % 2:
            notices.append(
                Notice("bytes-lost", "the last byte is half of a UTF-16 character; it was left out")
            )
            body = body[:-1]
        return Decoded(
            body.decode(encoding, "surrogatepass"), encoding, "surrogatepass", mark, tuple(notices)
        )
    try:
        return Decoded(body.decode("utf-8"), mark=mark)
    except UnicodeDecodeError:
        shadow = body.decode("utf-8", "surrogateescape")
    bad = len(_BAD.findall(shadow))
    if len(_GOOD.findall(shadow)) <= bad:
        whole = _whole(body, mark)
        if whole is not None:
            return whole
    text = _BAD.sub(_windows, shadow)
    notice = Notice("bytes-not-decoded", f"{bad} bytes are not UTF-8; they were read as windows-1252")
    return Decoded(text, "utf-8", "surrogateescape", mark, (notice,), shadow)


def _whole(body: bytes, mark: int) -> Decoded | None:
    """The body in one encoding other than UTF-8, if that loses nothing."""
    for name in (*_declared(body), "windows-1252"):
        try:
            text = body.decode(name)
            if text.encode(name) == body:
                break
        except UnicodeError:
            continue
    else:
        return None
    notice = Notice("encoding-guessed", f"the exhibit was read as {name}")
    return Decoded(text, name, mark=mark, notices=(notice,))


def _declared(body: bytes) -> Iterator[str]:
    """The encoding that the body declares, if it is one that can be trusted with any bytes."""
    if _DECLARES.search(body, 0, max(2048, len(body) // 20)) is None:
        return
    from bs4.dammit import EncodingDetector  # bs4 costs 0.1 s to import, and nearly every exhibit is UTF-8

    try:
        name = codecs.lookup(EncodingDetector.find_declared_encoding(body, is_html=True) or "").name
    except (LookupError, ValueError):
        return
    if _STATELESS.fullmatch(name) and _ASCII.encode().decode(name, "replace") == _ASCII:
        yield name
