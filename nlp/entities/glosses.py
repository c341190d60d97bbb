"""Brackets after a name: aliases that the text defines, "the Company", a listing, an abbreviation."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Gloss", "read_gloss", "spells"]


@dataclass(frozen=True, slots=True)
class Gloss:
    """What the brackets after a name say: aliases, that it is "the Company", that it is listed and by which
    ``symbols``, and where they end.
    """

    aliases: tuple[str, ...]
    issuer: bool
    listed: bool
    end: int
    symbols: tuple[str, ...] = ()


_GLOSS = re.compile(r"(?:['’]s)?[®™]?\s?\(([^()]{1,200}+(?:\([^()]{0,60}+\)[^()]{0,80}+)?+)\)")
_QUOTED = re.compile(r"[“\"‘']([^“”\"‘]{1,80}?)[,.]?[”\"’']")
_LISTED = re.compile(
    r"(?i)\b(?:nasdaq|nyse|otc|tsx|asx|aim|lse|euronext|amex|cse|hkex|hkse|six|tase|omx|epa|etr|bme|sse|krx|kosdaq|tse|ticker)[^():]{0,40}:|\.nasdaq"
)
_SYMBOL = re.compile(r": ?([A-Z]{3,5})\b(?![:.])")
_COMPANY = re.compile(
    r"(?i)\bthe company\b|^[“\"]?company[”\"]?$|\bwe\b|[“\"](?:the )?(?:company|issuer)[”\"]|\bor company\b"
)
_BARE_ALIAS = re.compile(r"(?:the )?([A-Z0-9][\w’'&.+-]*(?: [A-Z0-9&][\w’'&.+-]*){0,4})")
# the name it goes by, or went by
_ALSO = re.compile(
    r"(?i:d/?b/?a/?|f/?k/?a/?|doing business as|trading as|operating as|(?:formerly|also|now)(?: known as)?|known as):? (?:the )?"
    r"[“\"]?([A-Z0-9][\w’'&.+-]*(?: [A-Z0-9&][\w’'&.+-]*){0,5}(?:, (?:Inc|Ltd|LLC|Corp)\.?)?)[”\"]?"
)
_BARE_OR = re.compile(r"(.+?),? or (?:the )?[“\"]?[Cc]ompany[”\"]?")


def read_gloss(text: str, position: int) -> Gloss | None:
    """Read the brackets that follow a name ending at ``position``; up to three in a row."""
    if text.find("(", position, position + 5) < 0:
        return None  # nothing in brackets behind most names
    aliases: list[str] = []
    symbols: list[str] = []
    issuer = listed = False
    end = position
    if text.startswith((", (", ",("), position):  # "Acme Bio, Inc., (NASDAQ: ACMB)": only of a listing
        match = _GLOSS.match(text, position + 1)
        end += match is not None and _LISTED.search(match.group(1)) is not None
    for _ in range(3):
        match = _GLOSS.match(text, end)
        if not match:
            break
        inside = match.group(1).strip()
        end = match.end()
        if _LISTED.search(inside):
            listed = True
            symbols += _SYMBOL.findall(inside)
        if _COMPANY.search(inside):
            issuer = True
        quoted = _QUOTED.findall(inside)
        if also := _ALSO.fullmatch(inside):
            aliases.append(also[1])
        elif quoted:
            aliases += [q.strip() for q in quoted]
        else:
            either = _BARE_OR.fullmatch(inside)
            bare = _BARE_ALIAS.fullmatch(either.group(1) if either else inside)
            if bare and ":" not in inside:
                aliases.append(bare.group(1))
    if end <= position + 1:
        return None
    kept = tuple(
        a.removeprefix("the ").removeprefix("The ")
        for a in aliases
        if a.casefold() not in {"company", "the company", "we", "us", "our"}
    )
    named = tuple(a for a in kept if a[:1].isupper() or a[:1].isdigit())
    return Gloss(named, issuer, listed, end, tuple(symbols))


_ABBREVIATION = re.compile(r" ?\(\s?(?:the )?[“\"‘']?([A-Z][A-Za-z]{1,6})[,.]?[”\"’']?\s?\)")


def spells(text: str, start: int, end: int) -> bool:
    """Whether the initials of ``text[start:end]`` are the abbreviation in brackets after it."""
    short = _ABBREVIATION.match(text, end)
    if not short:
        return False
    initials = "".join(c for c in re.findall(r"(?<![\w’'])[A-Z](?=\w*)", text[start:end]))
    return len(short[1]) > 1 and initials.casefold() == short[1].casefold()
