"""Values as they stand in a sentence: money, percentages, counts, dates, phases, trial numbers, p-values.

``mask`` replaces each value by a word that names its kind (``#MONEY``, ``#PCT``, ``#NUM``, ``#YEAR``, ``#DATE``, ``#PHASE``, ``#NCT``, ``#PVAL``),
so that a rule reads ``#MONEY upfront payment`` whatever the amount, and hands back where each value stood.
"""

from __future__ import annotations

import datetime
import re
from bisect import bisect_right
from typing import NamedTuple

__all__ = ["Masked", "Value", "holds_value", "mask", "money"]

# ISO 4217; a bare dollar sign is read as the US dollar, a bare yen sign as the Japanese yen.
_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₩": "KRW", "₪": "ILS", "₹": "INR"}
# fmt: off
_PREFIXES = {
    "US": "USD", "U.S.": "USD", "C": "CAD", "CA": "CAD", "CAN": "CAD", "CDN": "CAD", "Cdn": "CAD", "CAD": "CAD", "A": "AUD", "AU": "AUD", "AUS": "AUD", "AUD": "AUD", "NZ": "NZD",
    "HK": "HKD", "NT": "TWD", "S": "SGD", "USD": "USD", "EUR": "EUR", "GBP": "GBP", "CHF": "CHF", "RMB": "CNY", "CNY": "CNY", "JPY": "JPY",
    "KRW": "KRW", "SEK": "SEK", "MSEK": "SEK", "DKK": "DKK", "NOK": "NOK", "HKD": "HKD", "INR": "INR", "ILS": "ILS", "NIS": "ILS", "SGD": "SGD",
}
_WORDS = {
    "dollars": "USD", "dollar": "USD", "u.s. dollars": "USD", "us dollar": "USD", "us dollars": "USD", "euros": "EUR", "euro": "EUR", "yen": "JPY", "swiss francs": "CHF", "francs": "CHF",
    "usd": "USD", "eur": "EUR", "gbp": "GBP", "chf": "CHF", "sek": "SEK", "nok": "NOK", "dkk": "DKK", "rmb": "CNY", "cad": "CAD", "jpy": "JPY",
    "msek": "SEK", "mnok": "NOK", "mdkk": "DKK", "meur": "EUR", "pounds": "GBP", "japanese yen": "JPY", "renminbi": "CNY", "yuan": "CNY",
    "canadian dollars": "CAD", "australian dollars": "AUD", "swedish kronor": "SEK", "danish kroner": "DKK", "norwegian kroner": "NOK", "korean won": "KRW", "won": "KRW", "krw": "KRW", "aud": "AUD", "hkd": "HKD", "cny": "CNY", "inr": "INR",
}
_SCALES = {
    "thousand": 1e3, "k": 1e3, "million": 1e6, "millions": 1e6, "mm": 1e6, "mn": 1e6, "mln": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9, "b": 1e9,
    "trillion": 1e12,
}
# fmt: on
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# last a decimal comma, as in "EUR 2,20"
_NUMBER = r"(?:\d{1,3}(?:,\d{3})++(?:\.\d{1,6})?+|\d{1,12}+(?:\.\d{1,6}|,\d{1,2}(?!\d|,\d))?+|\.\d{1,6})"
_GAP = r"[ \u00a0]?"
# the long words also where the blank behind them was lost ("billionin")
_SCALE = r"(?:[ \u00a0-]?(?i:thousand|millions?|billion|trillion|(?:mm|mn|mln|bn|[mbk])(?![A-Za-z0-9])))"
_CODE = r"(?:[ \u00a0](?:CAD|AUD|SGD|HKD|NZD|USD)(?![A-Za-z0-9]))"  # "$5 million CAD"
_MONTH = (
    r"(?:(?<=J)(?:an(?:uary)?|une?|uly?)|(?<=F)eb(?:ruary)?|(?<=M)(?:ar(?:ch)?|ay)|(?<=A)(?:pr(?:il)?|ug(?:ust)?)|(?<=S)ept?(?:ember)?"
    r"|(?<=O)ct(?:ober)?|(?<=N)ov(?:ember)?|(?<=D)ec(?:ember)?)\.?"
)
_MONTH_WORD = r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?"
_PHASE = r"(?:[1-4]|I{1,3}|IV)[a-cA-C]?(?![A-Za-z0-9])"

# One character is consumed first and told apart by lookbehind: the search for a value is then one search for a character class. Most capitals and
# nearly every "p" begin a plain word: a look at what follows tells them before the alternatives are tried.
_VALUE = re.compile(
    r"[$€£¥₩₪₹0-9A-Zp](?:"
    # a number: count, percentage, amount with its currency behind, or "3 March 2024"
    rf"(?<=[0-9])(?P<number>(?:(?<![\w.,/-][0-9])|(?<=[0-9]-[0-9]))(?:\d{{0,2}}(?:,\d{{3}})++|\d{{0,2}}(?:[ \u00a0]\d{{3}}){{2,4}}+(?![\d,])|\d{{0,11}}+)(?:\.\d{{1,6}})?+(?:"
    rf"(?P<day>(?:st|nd|rd|th)? {_MONTH_WORD},? (?:19|20)\d\d(?!\d))"
    rf"|(?P<pct>{_GAP}%|[ -]per ?cent\b|[ -]?pct\b)"
    rf"|(?P<scale>{_SCALE})?(?P<words>[ \u00a0-]?(?:(?i:U\.?S\.? dollars?|dollars?|euros?|swiss francs|pounds|(?:japanese )?yen|cents|renminbi|yuan|(?:canadian|australian) dollars|(?:swedish|danish|norwegian) kron(?:or|er)|(?:korean )?won)|USD|EUR|GBP|CHF|SEK|NOK|DKK|RMB|CAD|AUD|HKD|CNY|INR|KRW|JPY|MSEK|MNOK|MDKK|MEUR|€)(?![A-Za-z0-9]))?"
    r"(?![A-Za-z0-9]|\.\d)))"
    # a sign or a currency's letters, then a number
    rf"|(?P<sign>(?<=[$€£¥₩₪₹]){_GAP}{_NUMBER}{_SCALE}?{_CODE}?)"
    r"|(?:(?<=[A-Z])(?=[A-Z.$€£¥0-9=<>≤≥:\s-]|[adueochpv])|(?<=p)(?=hase|[ \-v=<>≤≥:\s]))(?:"
    r"(?P<coded>(?<![\w][A-Z])(?:(?<=U)(?:S|\.S\.|SD)|(?<=C)(?:A[ND]?|DN|dn|HF|NY)?|(?<=A)(?:U[DS]?)?|(?<=N)(?:Z|T|OK|IS)|(?<=H)KD?|(?<=S)(?:EK|GD)?"
    rf"|(?<=E)UR|(?<=G)BP|(?<=R)MB|(?<=J)PY|(?<=K)RW|(?<=M)SEK|(?<=D)KK|(?<=I)(?:NR|LS)){_GAP}[$€£¥]?{_GAP}{_NUMBER}{_SCALE}?)"
    # Month day, year
    rf"|(?P<date>(?<![\w][A-Z]){_MONTH} {{1,3}}\d{{1,2}}(?:st|nd|rd|th)?(?!\d)(?:,? {{1,3}}(?:19|20)\d\d(?!\d))?)"
    rf"|(?P<phase>(?<=[Pp])(?:hase|HASE)[  -]{{1,2}}{_PHASE}(?:{_GAP}[/-]{_GAP}(?:(?i:phase) )?{_PHASE})?)"
    r"|(?P<nct>(?<=N)CT[ -]?(?:No\.? )?\d{8}(?!\d))"
    r"|(?P<pval>(?<![\w][pP])(?<=[pP])(?:[ -]?value)?(?:,? (?:one|two)-sided)?(?: of| was|:)?[  ]{0,2}[=<>≤≥][  ]{0,2}0?\.\d{1,8})"
    r"))"
)
_DIGIT = re.compile(r"[0-9]")
_AMOUNT = re.compile(
    rf"(?P<unit>Cdn|[A-Z.]{{0,4}}){_GAP}(?P<sign>[$€£¥₩₪₹]?){_GAP}(?P<number>{_NUMBER})(?P<scale>{_SCALE})?(?P<code>{_CODE})?"
)
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)? ([A-Za-z]{3})[a-z]*\.?,? (\d{4})")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3})[a-z]*\.? +(\d{1,2})(?:st|nd|rd|th)?(?:,? +(\d{4}))?")
_TO = re.compile(r"(?: to | and |[ ]?[-–—][ ]?| or )(?:up to |approximately )?\Z")
# what a line is folded by; most sentences hold few of these, and replacing beats translating tenfold
_FOLD = [*zip("’‘“”–—‑‐\u00a0\u2009\u202f", "''\"\"----   ", strict=True)]
_FOLD += [*zip("ïéèëöüäáíóñçøå", "ieeeouaaioncoa", strict=True)]  # so that "Sjögren" and "naïve" are words
_FOLD_ASCII = [("\n", " "), ("\t", " "), ("#", " ")]


class Value(NamedTuple):
    """A value of ``kind`` (``MONEY``, ``PCT``, ``NUM``, ``YEAR``, ``DATE``, ``PHASE``, ``NCT``, ``PVAL``) at ``[start, end)`` of the sentence; ``text`` is
    its normal form, ``unit`` an ISO 4217 currency or ``percent``."""

    kind: str
    start: int
    end: int
    text: str
    number: float | None = None
    unit: str | None = None


class Masked(NamedTuple):
    """A sentence with its values masked: ASCII bytes, the values, and where each one's mask starts and ends in the bytes."""

    line: bytes
    values: tuple[Value, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def inside(self, start: int, end: int) -> tuple[Value, ...]:
        """The values whose mask lies within bytes ``[start, end)``."""
        return tuple([v for v, a in zip(self.values, self.starts, strict=True) if start <= a < end])

    def origin(self, position: int, *, behind: bool = False) -> int:
        """Character of the sentence for byte ``position``; in a mask, the value's start (its end where ``behind``)."""
        i = bisect_right(self.starts, position if not behind else position - 1) - 1
        if i < 0:
            return position
        if position < self.ends[i] or (behind and position == self.ends[i]):
            return self.values[i].end if behind else self.values[i].start
        return self.values[i].end + position - self.ends[i]


def _plain(number: float) -> str:
    return f"{number:,.6f}".rstrip("0").rstrip(".")


def money(text: str) -> tuple[float, str] | None:
    """Number and ISO 4217 currency of an amount, ``None`` where it is none.

    >>> money("US$1.2 billion"), money("€30 million"), money("RMB 100 million"), money("$0.50")
    ((1200000000.0, 'USD'), (30000000.0, 'EUR'), (100000000.0, 'CNY'), (0.5, 'USD'))
    """
    for value in mask(text).values:
        if value.kind == "MONEY" and value.number is not None and value.unit:
            return value.number, value.unit
    return None


def _scaled(number: str, scale: str | None) -> float:
    whole, comma, part = number.rpartition(",")
    if comma and len(part) < 3:
        number = f"{whole}.{part}"
    plain = float(number.replace(",", "").replace(" ", "").replace("\u00a0", ""))
    # 8.2 times a thousand million is a hair less in binary
    return round(plain * _SCALES.get(scale.strip(" \u00a0-").lower(), 1.0), 2) if scale else round(plain, 6)


def _day(year: int, month: str, day: int) -> str | None:
    try:
        return datetime.date(year, _MONTHS.index(month.lower()) + 1, day).isoformat()
    except ValueError:
        return None


def _date(text: str, today: str | None) -> str | None:
    """ISO date; a day without a year is the one nearest to ``today`` (ISO), ``None`` without it."""
    if found := _DAY_FIRST.match(text):
        return _day(int(found[3]), found[2], int(found[1]))
    found = _MONTH_FIRST.match(text)
    if not found:
        return None
    if found[3]:
        return _day(int(found[3]), found[1], int(found[2]))
    if today is None:
        return None
    near = datetime.date.fromisoformat(today)
    days = [
        datetime.date.fromisoformat(day)
        for year in (near.year - 1, near.year, near.year + 1)
        if (day := _day(year, found[1], int(found[2])))
    ]
    return min(days, key=lambda d: abs((d - near).days)).isoformat() if days else None


def _read(match: re.Match[str], today: str | None) -> Value | None:
    kind, text = match.lastgroup, match[0]  # of groups within groups, the outer one
    start, end = match.span()
    if kind == "number":
        _, day_first, percent, scale, words = match.group("number", "day", "pct", "scale", "words")
        if day_first:
            day = _date(text, today)
            return Value("DATE", start, end, day, None, None) if day else None
        if percent:
            number = float(text[: -len(percent)].replace(",", ""))
            return Value("PCT", start, end, f"{_plain(number)}%", number, "percent")
        head = text[: -len(words)] if words else text
        digits = head[: len(head) - len(scale)] if scale else head
        number = _scaled(digits, scale)
        if words:
            word = words.strip(" \u00a0-").lower()
            unit = "EUR" if word == "€" else _WORDS.get(word.replace("u.s.", "us"), "USD")
            number = number / 100 if word == "cents" else number
            number *= 1e6 if word in {"msek", "mnok", "mdkk", "meur"} and not scale else 1.0
            return Value("MONEY", start, end, f"{unit} {_plain(number)}", number, unit)
        if scale and len(scale.strip(" -")) == 1 and not ("." in digits and scale == "M"):
            return None  # "100 m" is a length, "5K" a race, "3M" a company; "2.5M" shares are millions
        if not scale and digits.isdecimal() and len(digits) == 4 and 1900 <= number < 2100:
            return Value("YEAR", start, end, digits)
        return Value("NUM", start, end, _plain(number), number, None)
    if kind in ("sign", "coded"):
        found = _AMOUNT.fullmatch(text)
        if not found:
            return None
        unit_letters = found["unit"].rstrip(" ")
        known = _PREFIXES.get(unit_letters)
        if unit_letters and (
            known is None or ((len(unit_letters) < 3 or unit_letters == "AUS") and found["sign"] != "$")
        ):
            return None
        code = found["code"] if found["sign"] == "$" else None
        unit = known or (code[1:] if code else _SIGNS[found["sign"]])
        number = _scaled(found["number"], found["scale"])
        if unit_letters == "MSEK":
            number *= 1e6
        return Value("MONEY", start, end, f"{unit} {_plain(number)}", number, unit)
    if kind == "date":
        day = _date(text, today)
        return Value("DATE", start, end, day) if day else Value("DATE", start, end, "")
    if kind == "phase":
        return Value("PHASE", start, end, _phase(text))
    if kind == "nct":
        return Value("NCT", start, end, "NCT" + text[-8:])
    sign = next(c for c in text if c in "=<>≤≥")
    digits = text[text.index(".") :]
    return Value("PVAL", start, end, f"p{sign}0{digits}", float("0" + digits), None)


_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}


def _phase(text: str) -> str:
    """``Phase IIb/III`` as ``2b/3``."""
    parts = []
    for part in re.findall(r"(?<![A-Za-z])(IV|I{1,3}|[1-4])([a-cA-C]?)(?![A-Za-z0-9])", text):
        parts.append(_ROMAN.get(part[0].lower(), part[0]) + part[1].lower())
    return "/".join(dict.fromkeys(parts))


def _folded(sentence: str) -> bytes:
    """The sentence in ASCII, a byte for each character."""
    for sign, plain in _FOLD_ASCII if sentence.isascii() else _FOLD_ASCII + _FOLD:
        sentence = sentence.replace(sign, plain)
    return sentence.encode("ascii", "replace")


def holds_value(sentence: str) -> bool:
    """Whether a digit or a phase in Roman figures stands in the sentence: without, it holds no value."""
    return bool(_DIGIT.search(sentence)) or "hase I" in sentence or "HASE I" in sentence


def mask(sentence: str, today: str | None = None) -> Masked:
    """Mask the values of a sentence. ``today``: ISO date that days without a year are resolved by. Linear in the length.

    >>> mask("an upfront payment of $5.5 million on May 3, 2024").line
    b'an upfront payment of #MONEY on #DATE'
    """
    values: list[Value] = []
    # no digit and no "Phase": no value, and most sentences are such
    for match in _VALUE.finditer(sentence) if holds_value(sentence) else ():
        value = _read(match, today)
        if value is not None:
            if value.start and sentence[value.start - 1] == "~":
                value = value._replace(start=value.start - 1)
            values.append(value)
    # "$50 to $60 million", "$50-60 million", "20 - 39%": the scale stands once
    for i in range(len(values) - 1):
        a, b = values[i], values[i + 1]
        if (
            a.kind == "NUM"
            and b.kind == "PCT"
            and (a.number or 0) <= 100
            and _TO.fullmatch(sentence, a.end, b.start)
        ):
            values[i] = Value("PCT", a.start, a.end, f"{a.text}%", a.number, "percent")
        if a.kind == "MONEY" and a.number is not None and b.number is not None and a.number < 1000:
            if not _TO.fullmatch(sentence, a.end, b.start) or b.kind not in {"MONEY", "NUM"}:
                continue
            scale = 1e9 if b.number >= 1e9 else 1e6 if b.number >= 1e6 else 1.0
            if scale > 1 and not sentence[a.start : a.end][-1].isalpha():
                number = a.number * scale
                values[i] = Value("MONEY", a.start, a.end, f"{a.unit} {_plain(number)}", number, a.unit)
            if b.kind == "NUM":
                values[i + 1] = Value(
                    "MONEY", b.start, b.end, f"{a.unit} {_plain(b.number)}", b.number, a.unit
                )
    folded = _folded(sentence)
    if not values:
        return Masked(folded, (), (), ())
    pieces: list[bytes] = []
    starts, ends, size, position = [], [], 0, 0
    for value in values:
        word = b"#" + value.kind.encode()
        # the blank before and behind an amount is lost in some texts ("over$1.6 billionin")
        before = b" " if value.start and sentence[value.start - 1].isalpha() else b""
        behind = b" " if sentence[value.end : value.end + 1].isalpha() else b""
        pieces += (folded[position : value.start], before, word, behind)
        starts.append(size + value.start - position + len(before))
        size = starts[-1] + len(word) + len(behind)
        ends.append(size)
        position = value.end
    pieces.append(folded[position:])
    return Masked(b"".join(pieces), tuple(values), tuple(starts), tuple(ends))
