"""Tell a pipeline code (CLR 131, GTx-104, LY3298176) from what merely looks like one, by its shape.

A code is letters, then digits, in many habits. Shape alone decides the clear cases both ways; between them lies what
needs support from the sentence (``CAN10`` may be a drug, or a gene). No list of companies is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

from nlp.entities.drug_names import DrugNames
from nlp.rulebook import Rule, compile_pattern

__all__ = ["CodeShape", "CodeShapes"]

CodeShape = Literal["strong", "weak", "faint", "no"]

_DASHES = str.maketrans("‐‑–₀₁₂₃₄₅₆₇₈₉", "---0123456789")
# Letters, perhaps in up to four hyphened groups, then digits, then up to four more groups.
_LETTERS_FIRST = re.compile(
    r"(?P<stem>[A-Za-z]{1,10}(?:-[A-Za-z]{1,8}){0,3}?)(?P<hyphen>-?)(?P<digits>\d{1,8})(?P<rest>(?:-?[A-Za-z0-9]{1,10}){0,4})"
)
# 4D-150, 9MW3011, 68Ga-FAPI-46, 177Lu-PSMA-617
_DIGITS_FIRST = re.compile(
    r"\d{1,2}[A-Z]{1,3}-?\d{2,5}[A-Za-z]?|\d{2,3}[A-Z][a-z]?-[A-Za-z0-9][A-Za-z0-9-]{2,14}"
)
_LETTERED = re.compile(r"[A-Z][A-Za-z]{1,5}-(?:[A-Z]{2,6}|[a-z]?[A-Z][A-Za-z]{1,5}\d?)")
# One space between letters and digits: CLR 131. Not a year, a dose, a price or a share of something.
_SPACED = re.compile(
    r"(?<![\w$€£#./-])(?P<stem>[A-Z][A-Za-z]{1,4})[ \u00a0](?P<digits>\d{3,8})(?P<rest>[A-Z]?(?:[-‑][A-Z]{2,5})?)"
    r"(?![\w%]|[,.:/-]\d|[ ]?(?:mg|mcg|million|billion|patients|shares|points)\b)"
)
# A fragment of a peptide, PTH(1-34), and a number with a point, ART26.12.
_ODD = re.compile(r"(?<![\w.-])(?:[A-Z]{2,5}\(\d{1,2}[-‑–]\d{1,3}\)|[A-Z]{2,5}\d{2}\.\d{2}(?![\w.]))")
_BEFORE_NUMBER = frozenset(" \u00a0.(")
_LONGEST = 26  # characters; longer runs are web addresses and the like


class CodeShapes:
    """Judges words by shape, with the rulebook's ``never-code`` families and the lists in ``names``."""

    def __init__(self, names: DrugNames, rules: tuple[Rule, ...]) -> None:
        self._names = names
        self._never: Any = compile_pattern(
            "|".join(f"(?:{r.pattern})" for r in rules if r.label == "never-code")
        )

    def shape(self, word: str) -> CodeShape:
        """How much ``word`` (inner hyphens kept) looks like a pipeline code.

        ``strong`` stands alone, ``weak`` wants support from the sentence, ``faint`` wants it more than once, ``no`` never is one.
        """
        names = self._names
        plain = word.translate(_DASHES)
        folded = plain.lower()
        if folded in names.added:
            return "strong"
        if not 3 <= len(plain) <= _LONGEST or folded in names.not_drugs:
            return "no"
        if plain[0].isdigit():
            return "weak" if _DIGITS_FIRST.fullmatch(plain) and not self._never.search(plain) else "no"
        match = _LETTERS_FIRST.fullmatch(plain)
        if self._never.search(plain):
            return "no"
        if match is None:
            return self._lettered(plain)
        stem, digits = match["stem"], match["digits"]
        known = stem in names.prefixes
        upper = sum(c.isupper() for c in stem)
        if not upper or (stem.upper() in names.trials and not known):
            return "no"
        gene = plain.replace("-", "") in names.genes
        if gene and (len(digits) == 1 or not known):
            return "faint" if len(digits) > 1 else "no"
        letters = len(stem.replace("-", ""))
        if stem.lower() in names.common and not known:
            return "no" if len(digits) < 3 or (len(digits) == 4 and digits[:2] in ("19", "20")) else "weak"
        if letters == 1:
            return "weak" if len(digits) >= 3 else "faint" if match["rest"] else "no"
        if len(digits) == 4 and digits[:2] == "20" and not match["hyphen"] and not known:
            return "weak"  # PS2025 may be a meeting
        if len(digits) >= 3:
            usual = letters <= 5 or known or (letters <= 8 and "-" in stem)
            return "strong" if usual and (upper * 2 >= letters or known) else "weak"
        if len(digits) == 2:
            return "weak" if letters <= 5 or known or len(match["rest"]) >= 2 else "faint"
        return "weak" if known or len(match["rest"]) >= 2 else "faint"

    def _lettered(self, plain: str) -> CodeShape:
        """``GEO-MVA``, ``OST-HER2``: capitals, a hyphen, and a second half that is no word."""
        match = _LETTERED.fullmatch(plain)
        if (
            match is None
            or plain.split("-")[0].upper() in self._names.trials
            or any(part.lower() in self._names.common for part in plain.split("-"))
        ):
            return "no"
        return "faint"

    def spaced(self, text: str, numbers: Iterable[int]) -> list[tuple[int, int, CodeShape]]:
        """Codes written with a space, a point or brackets before their number: where they stand, and how strong each is.

        ``numbers``: where the words stand that begin with a digit.
        """
        found: list[tuple[int, int, CodeShape]] = []
        for at in numbers:
            before = text[at - 1] if at else ""
            letters = text[max(0, at - 8) : at - 1]
            if before not in _BEFORE_NUMBER or letters == letters.lower():
                continue  # each begins with a capital
            start = at - 1
            while start and at - start < 8 and text[start - 1].isalnum() and text[start - 1].isascii():
                start -= 1
            if before in " \u00a0":
                match = _SPACED.match(text, start)
                if match and match.start("digits") == at:
                    shape = self._spaced_shape(match["stem"], match["digits"])
                    if shape != "no":
                        found.append((*match.span(), shape))
            elif (odd := _ODD.match(text, start)) and not self._never.search(odd.group()):
                found.append((*odd.span(), "weak"))
        return found

    def _spaced_shape(self, stem: str, digits: str) -> CodeShape:
        year = len(digits) == 4 and digits[:2] in ("19", "20")
        postal = len(stem) == 2 and len(digits) == 5  # NJ 07932
        if (
            year
            or postal
            or (len(digits) < 6 and stem.lower() in self._names.not_spaced)
            or stem.upper() in self._names.trials
            or self._never.search(f"{stem}-{digits}")
        ):
            return "no"
        return "weak" if stem in self._names.prefixes else "faint" if stem.isupper() else "no"
