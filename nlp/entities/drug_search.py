"""The first two steps of the search: what the lists and stems know, and words with the shape of a pipeline code.

Judging a word by itself is the same in every release, so words that can lead nowhere are remembered and skipped, and
what the others may be is remembered too.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from nlp.entities.aliases import Found
from nlp.entities.codes import CodeShape, CodeShapes
from nlp.entities.drug_context import initials_fit
from nlp.entities.drug_names import RAISED, DrugNames, Entry, extend_inn, fold
from nlp.entities.drug_page import Page

__all__ = ["DrugSearch"]

_WANTED = {"strong": 0, "weak": 1, "faint": 2}  # support a code of that shape needs
_NAME_BEFORE = re.compile(r"(?<![\w-])([A-Z][a-z]{3,24})[®™]? \($")
_OUTRIGHT = 2  # a noun before that only a drug follows, or one side and the other
_SHORT_NAME = re.compile(r"[^\W\d_]{2,9}-(?:[cC]el|[vV]ec)")  # exa-cel, ofra-vec
_FORMULATION = re.compile(r"[ \u00a0](?:SL|XR|ER|SR|LAI|ODT|HD|PTX)(?![\w-])")
_ISOTOPE = re.compile(r"(?:Ac|As|At|Bi|Br|C|Co|Cu|F|Ga|Ho|I|In|Lu|P|Pb|Ra|Re|Rh|Sc|Sm|Sr|Tb|Tc|Th|Y|Zr)-")
_STEM_LETTERS = re.compile(r"[A-Za-z]+")
# Endings of English words; of the INNs of eight letters or more that no stem tells, 12% end so too.
_ENGLISH = re.compile(
    r"(?:s|ed|ing|ly|tion|sion|ment|al|ive|er|or|ent|[^x]ant|ic|ous|able|ible|ary|ory|ate|ize|ise|ist|est|ism|ity|ety|ful|less|ance|ence|cy|"
    r"ure|age|ude|ship|hood|ward|wide|like|logy|graphy|pathy|metry|scopy|tomy|emia|penia|oma|plasty|ia|ify|ish|dom|rrh?ea|epsy|exy|derma|"
    r"pox|igo|pause|cyte|gen|tein|gram|gramme|form|line|time|work|point|print|phase|hand|cohol|phone)$"
)
_GENERIC_FROM = 8  # letters; shorter words are English too often
_REMEMBERED = 100_000  # words that lead nowhere; some 10 MB


class _Verdict(NamedTuple):
    """What a word by itself may be: entries of the lexicon, a name (``like``, perhaps a ``part`` of the word), a code,
    a generic name that no list or stem knows."""

    like: Found | None = None
    part: str = ""
    shape: CodeShape = "no"
    generic: bool = False


class DrugSearch:
    """Looks words up and judges codes; built once, its memory of dull words serves all releases."""

    def __init__(self, names: DrugNames, codes: CodeShapes) -> None:
        self._names = names
        self._codes = codes
        self._dull: set[str] = set()
        self._known: dict[str, _Verdict] = {}

    def run(self, page: Page, issuer: tuple[str, ...]) -> None:
        """Take names of the lexicon, names with a stem, and codes that have the support their shape needs."""
        verdicts: dict[str, _Verdict] = {}
        for word in page.places(self._dull):
            verdict = self._known.get(word) or self._verdict(word)
            if verdict is not None:
                verdicts[word] = verdict
                if len(self._known) < _REMEMBERED:
                    self._known[word] = verdict
            elif len(self._dull) < _REMEMBERED:
                self._dull.add(word)
        shaped: dict[str, CodeShape] = {}
        strange: list[str] = []
        for word, verdict in verdicts.items():
            if verdict.generic:
                strange.append(word)
            elif verdict.shape != "no":
                shaped[word] = verdict.shape
            elif verdict.like is None:
                self._take_entries(page, word, fold(word))
            elif verdict.part:
                page.take(verdict.part, verdict.like, word)
            else:
                page.take(word, verdict.like)
        self._judge_codes(page, shaped, issuer)
        for word in strange if page.biomedical else ():
            if any(page.context.is_generic(page.text, at, at + len(word)) for at in page.occurrences(word)):
                for form in (word, word.capitalize(), word.upper()):  # headlines give it a capital
                    page.take(form, Found(0, 0, "inn", "drug-in-context"))

    def _verdict(self, word: str) -> _Verdict | None:
        names = self._names
        folded = word.lower() if word.isascii() else fold(word)
        if folded in names.first:
            return _Verdict()
        if word.isalpha():
            if len(word) >= 7 and folded not in names.not_drugs and (stem := names.stem_of(folded)):
                return _Verdict(Found(0, 0, "inn", f"drug-stem-{stem}"))
            strange = (
                len(word) >= _GENERIC_FROM
                and word.islower()
                and folded not in names.common
                and folded not in names.not_drugs
                and folded not in names.biomedical
                and not _ENGLISH.search(folded)
            )
            return _Verdict(generic=True) if strange else None
        return self._verdict_joined(word, folded)

    def _verdict_joined(self, word: str, folded: str) -> _Verdict | None:
        """A word with a hyphen or a digit: a code, a short cell-therapy name, or an INN with something hung on it."""
        names = self._names
        rest = folded[2:]
        if (
            word[1:2] == "-"
            and word[2:].isalpha()
            and (word[0].isupper() or word[0] in "rz")
            and (names.single(rest) or names.stem_of(rest))
        ):
            return _Verdict(Found(0, 0, "inn", "drug-stem"))  # D-cycloserine
        base = folded.partition("-")[0]
        if base != folded and base.isalpha():
            entry = names.single(base)
            known = entry and entry.kind != "code" and (not entry.proper or word[0].isupper())
            if known or (len(base) >= 7 and base not in names.not_drugs and names.stem_of(base)):
                rule = "drug-lexicon" if entry else "drug-stem"
                return _Verdict(Found(0, 0, entry.kind if entry else "inn", rule), word[: len(base)])
        if _SHORT_NAME.fullmatch(word) and folded not in names.not_drugs:
            return _Verdict(Found(0, 0, "inn", "drug-short-name"))
        if any(c.isdigit() for c in word) or (word[0].isupper() and word[-2:].isupper()):
            shape = self._codes.shape(word)
            if shape != "no":
                return _Verdict(shape=shape)
        last = folded.rpartition("-")[2]
        if last != folded and len(last) >= 7 and last not in names.not_drugs:
            entry = names.single(last)
            if entry.kind == "inn" if entry else names.stem_of(last):
                return _Verdict(
                    Found(0, 0, "inn", "drug-lexicon" if entry else "drug-stem"), word[-len(last) :]
                )
        return None

    def _take_entries(self, page: Page, word: str, folded: str) -> None:
        behind, size = self._names.behind(folded), len(word)
        for at in page.occurrences(word):
            following = page.text[at + size : at + size + 2]
            if behind and following not in behind and following.isascii():
                continue  # a word that a name begins with ("a", "vitamin"), and another word than the name's
            hit = self._names.longest(page.text, at, folded)
            if hit is None:
                continue
            end, entry = hit
            if entry.kind == "inn":
                end = extend_inn(page.text, end)
            if self._fits(page, word, at, end, entry):
                page.taken.setdefault(
                    at, Found(at, end, entry.kind, f"drug-lexicon-{entry.kind}", entry.generic)
                )

    def _fits(self, page: Page, word: str, start: int, end: int, entry: Entry) -> bool:
        names = self._names
        if entry.name in names.added:
            return True
        if entry.name in names.not_drugs:
            return False
        if entry.kind == "code" and not any(c.isupper() for c in page.text[start:end]):
            return False
        if page.context.is_company(page.text, start, end) or page.doubted(start, end):
            return False
        if (entry.proper and not word[0].isupper()) or (entry.kind == "brand" and entry.name in names.common):
            return page.announced(word)
        return True

    def _judge_codes(self, page: Page, shaped: dict[str, CodeShape], issuer: tuple[str, ...]) -> None:
        """Accept words of a code's shape that have the support their shape needs.

        In a release of another field part numbers have that shape: there only what is said outright counts ("its
        candidate ZOR-101 is in Phase 3").
        """
        if not page.biomedical:
            for word in (w for w, shape in shaped.items() if shape != "faint"):
                places = [(at, at + len(word)) for at in page.occurrences(word)]
                places = [place for place in places if not _elsewhere(page, *place)]
                best = max((page.context.code_support(page.text, *place) for place in places), default=0)
                if best > _OUTRIGHT or (best == _OUTRIGHT and page.words & self._names.biomedical):
                    _take_code(page, places, shaped[word])
            return
        spaced: dict[str, list[tuple[int, int]]] = {}
        odd: dict[str, CodeShape] = {}  # first, as they are the longer ones: ZOR26.12, not ZOR26
        for start, end, shape in self._codes.spaced(page.text, page.numbers()):
            word = page.text[start:end]
            spaced.setdefault(word, []).append((start, end))
            odd[word] = shape
        waiting: list[tuple[CodeShape, list[tuple[int, int]]]] = []
        for word, shape in {**odd, **shaped}.items():
            places = spaced.get(word) or [(at, at + len(word)) for at in page.occurrences(word)]
            places = [p for p in places if p[0] not in page.taken and not _elsewhere(page, *p)]
            if places and self._supported(page, word, shape, places, issuer):
                _take_code(page, places, shape)
            elif places:
                waiting.append((shape, places))
        ends = {item.end for item in page.taken.values()}
        for shape, places in sorted(waiting, key=lambda w: w[1]):
            if _beside_drug(page, places, ends) and all(
                page.context.code_support(page.text, *p) >= 0 for p in places
            ):
                _take_code(page, places, shape)
                ends.update(end for _, end in places)

    def _supported(
        self,
        page: Page,
        word: str,
        shape: CodeShape,
        places: list[tuple[int, int]],
        issuer: tuple[str, ...],
    ) -> bool:
        """True where the sentences say as much for a drug as a code of that shape needs."""
        support = [page.context.code_support(page.text, *place) for place in places]
        best = max(support)
        match = _STEM_LETTERS.match(word)
        stem = match.group() if match else ""
        known = stem in self._names.prefixes
        if shape == "strong" and best < 1 and (sum(support) < 0 or (len(stem) > 4 and not known)):
            return False  # VISTA-101 is a trial unless the text treats it as a drug
        own = any(initials_fit(stem, name) for name in issuer) if stem else False
        if (
            shape == "strong"
            and best < 1
            and not known
            and (word.count("-") > 1 or not own)
            and len(page.words) > 60  # a headline alone says too little
            and all(page.context.names_trial(page.text, *place) for place in places)
        ):
            return False
        total: float = sum(1 for s in support if s > 0) + (best > 1) if best > 0 else best
        if known:
            total += 0.5
        if own:
            total += 0.5 if shape == "weak" and len(stem) < 3 else 1
        if stem and best >= 0 and any(_names_what_stands_before(page, stem, start) for start, _ in places):
            total += 1
        return total >= _WANTED[shape] - 0.01


def _elsewhere(page: Page, start: int, end: int) -> bool:
    """True where the word is a ticker, a company's or a part of a web address."""
    return page.context.is_company(page.text, start, end) or page.context.in_address(page.text, start)


def _names_what_stands_before(page: Page, stem: str, start: int) -> bool:
    """True for a code in brackets whose letters come from the name before them: Zorvexil (ZVX-22)."""
    name = _NAME_BEFORE.search(page.text, max(0, start - 40), start)
    return name is not None and initials_fit(stem, name[1])


def _take_code(page: Page, places: list[tuple[int, int]], shape: str) -> None:
    for start, end in places:
        if _ISOTOPE.match(page.text, start):
            while start and page.text[start - 1] in RAISED:
                start -= 1  # ¹⁷⁷Lu-ZOR-101
        page.taken.setdefault(start, Found(start, _formulated(page.text, end), "code", f"drug-code-{shape}"))


def _formulated(text: str, end: int) -> int:
    """TNX-102 SL, EYLEA HD: two letters of the formulation belong to the name."""
    match = _FORMULATION.match(text, end)
    return match.end() if match else end


def _beside_drug(page: Page, places: list[tuple[int, int]], ends: set[int]) -> bool:
    """True for a code in parentheses right behind a name that was taken; ``ends``: where those end."""
    return any(
        start > 3 and page.text[start - 1] == "(" and not ends.isdisjoint((start - 2, start - 3))
        for start, _ in places
    )
