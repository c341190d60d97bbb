"""The one normal form of characters; every reader of this room ends here.

- Any run of white space (non-breaking and exotic spaces too) is one space.
- Curly quotes become straight ones; hyphen look-alikes and the minus sign become ``-``; en and em dashes
  stay.
- Zero-width characters, soft hyphens, direction marks and control characters go; ligatures, full-width forms
  and the ellipsis are written out; bullets of every shape (also in the private use of Wingdings and Symbol)
  become ``•``.
- Characters of the C1 range (128 to 159) are read as windows-1252, as browsers do.
- Entities that were escaped twice (``&amp;nbsp;``) are resolved.
- ``®``, ``™``, ``©``, accents, Greek and superscripts stay. Normalising twice changes nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from unicodedata import normalize as unicode_form

__all__ = ["CHARACTERS", "ENTITY", "SUPERSCRIPTS", "clean", "resolve", "resolve_one"]


def _c1() -> dict[str, str]:
    table = {}
    for code in range(0x80, 0xA0):
        try:
            table[chr(code)] = bytes([code]).decode("cp1252")
        except UnicodeDecodeError:
            table[chr(code)] = ""
    return table


def _characters() -> dict[str, str]:
    table = _c1()
    table.update(dict.fromkeys("‘’‚‛", "'"))
    table.update(dict.fromkeys("“”„‟", '"'))
    table.update(dict.fromkeys("‐‑−﹣", "-"))
    table |= {"‒": "–", "―": "—", "…": "...", "⋯": "..."}
    table.update(dict.fromkeys("●▪■◦∙‣⁃\uf0b7\uf0a7\uf0a8\uf0d8\uf076\uf0fc\uf06e\uf071", "•"))
    # The Symbol font's private-use codes, as converters leave them behind.
    symbol = dict(
        zip(
            "\uf0a3\uf0b3\uf0b1\uf0b0\uf06d\uf061\uf062\uf067\uf0d2\uf0d3\uf0d4\uf0e2\uf0e3\uf0e4",
            "≤≥±°µαβγ®©™®©™",
            strict=True,
        )
    )
    table.update(symbol)
    for code in (*range(0xFB00, 0xFB07), *range(0xFF01, 0xFF5F)):
        table[chr(code)] = unicode_form("NFKC", chr(code))
    for first, last in (
        (0x00, 0x08),
        (0x0E, 0x1B),
        (0x7F, 0x7F),
        (0xAD, 0xAD),
        (0x200B, 0x200F),
        (0x202A, 0x202E),
    ):
        table.update((chr(code), "") for code in range(first, last + 1))
    for first, last in ((0x2060, 0x206F), (0xFE00, 0xFE0F), (0xFFF9, 0xFFFB)):
        table.update((chr(code), "") for code in range(first, last + 1))
    table.update(dict.fromkeys("\u061c\u180e\ufeff", ""))
    table.update((chr(code), "\ufffd") for code in range(0xD800, 0xE000))
    # What a windows-1252 byte turns into goes through the table as well.
    return {char: "".join(table.get(c, c) for c in out) for char, out in table.items()}


CHARACTERS = _characters()
"""Character to what stands for it in the text; characters not listed stay."""

SUPERSCRIPTS = str.maketrans("0123456789-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻")
"""Digits of a raised run: "10<sup>6</sup>" must not read as 106, nor a footnote mark as part of a number."""

_COMMON = (("\u2019", "'"), ("\u201c", '"'), ("\u201d", '"'), ("\u2018", "'"), ("\xa0", " "))
_KEPT = "–—®™"  # the commonest that stay
_LISTED = re.compile(
    "["
    + "".join(f"\\u{ord(char):04x}" for char in CHARACTERS if not "\ud800" <= char <= "\udfff")
    + "\ud800-\udfff]"
)
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ROUNDS = 4


_unescape = lru_cache(maxsize=1024)(unescape)


def resolve_one(match: re.Match[str]) -> str:
    """What one entity that ``ENTITY`` matched stands for."""
    return _unescape(match.group())


def resolve(text: str) -> str:
    """Resolve entities, also those escaped again and again (at most four times over).

    >>> resolve("R&amp;amp;D at AT&T")
    'R&D at AT&T'
    """
    for _ in range(_ROUNDS):
        if "&" not in text:
            break
        text, count = ENTITY.subn(resolve_one, text)
        if not count:
            break
    return text


def clean(text: str) -> str:
    """Bring one line of text into normal form.

    >>> clean("the company\u2019s \u201clead\u201d\u00a0 con\u00adjugate \u2013 e\ufb03cacy")
    'the company\\'s "lead" conjugate – efficacy'
    """
    if not text.isascii():
        for char, plain in _COMMON:
            if char in text:
                text = text.replace(char, plain)
        rest = text
        for char in _KEPT:
            if char in rest:
                rest = rest.replace(char, "")
        if not rest.isascii():
            text = _LISTED.sub(_listed, text)
    # Most texts need no more than this, and looking is cheaper than splitting.
    if "\n" in text:
        text = text.replace("\n", " ")
    text = text.strip()
    if "  " not in text and text.isprintable():
        return text
    text = " ".join(text.split())
    if not text.isprintable():
        text = " ".join(_LISTED.sub(_listed, text).split())
    return text


def _listed(match: re.Match[str]) -> str:
    return CHARACTERS[match.group()]
