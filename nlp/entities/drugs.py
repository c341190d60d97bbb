"""Find drug names in a release: pipeline codes, INNs and brands, the names of one drug joined.

Work is per distinct word, not per word: one pass cuts the sections that are read into words, hash lookups and shape
tests pick the few that could be drugs, and only those are located and judged in their sentences.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

from nlp.entities import Drug
from nlp.entities.aliases import Found, join_names
from nlp.entities.codes import CodeShape, CodeShapes
from nlp.entities.drug_context import Context, initials_fit, marked_names, one_pattern, plausible_name
from nlp.entities.drug_names import WORD, DrugNames, Entry, extend_inn, fold, load_drug_names
from nlp.release import Dateline, Release
from nlp.rulebook import Rulebook
from nlp.text import Span

__all__ = ["DrugFinder"]

_READ = ("headline", "subheadline", "dateline", "lead", "body", "quotation", "about", "table")
_WANTED = {"strong": 0, "weak": 1, "faint": 2}  # support a code of that shape needs
_SHORT_NAME = re.compile(r"[a-zA-Z]{2,9}-(?:[cC]el|[vV]ec)")  # exa-cel, ofra-vec
_FORMULATION = re.compile(r"[ \u00a0](?:SL|XR|ER|SR|LAI|ODT|HD|PTX)(?![\w-])")
_STEM_LETTERS = re.compile(r"[A-Za-z]+")
_BRAND_BEFORE = re.compile(r"(?<![\w-])([A-Z][\w-]{3,24})[®™*†]{0,2}(?: ?\((?:R|TM)\))?[ ]\([“\"]?$")
_LISTED = re.compile(r"[®™](?:,| and| or|, and|/) ?$")
_NAME_AFTER = re.compile(r"[®™]?(?:\s\(|, or )[“\"]?([A-Za-z][\w-]{3,24})[®™]?[”\"]?[),]")


class DrugFinder:
    """Finds drugs; built once, used for many releases.

    ``add``: names always found (as written, capitals ignored); ``remove``: names never found.

    >>> from nlp.release import read_release
    >>> from nlp.rulebook import default_rulebook
    >>> finder = DrugFinder(default_rulebook())
    >>> release = read_release("Acme Doses First Patient With ACM-101\\n\\nBOSTON, May 5, 2025 -- Acme dosed ACM-101 (zorlimab).")
    >>> [(drug.name, drug.kind, drug.aliases) for drug in finder.find(release)]
    [('ACM-101', 'code', ('zorlimab',))]
    """

    def __init__(self, rulebook: Rulebook, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        self._rules = rulebook.rules("drugs")
        self._names = load_drug_names(rulebook, add, remove)
        self._context = Context(self._rules)
        self._joins = one_pattern(self._rules, "joins")
        self._codes = CodeShapes(self._names, self._rules)

    def find(self, release: Release, *, filer: str | None = None) -> tuple[Drug, ...]:
        """Drugs named in headline, dateline, lead, body, quotations, tables and about paragraphs, by first mention."""
        text = release.text
        search = _Search(
            text, release.dateline, _merged(release.spans(*_READ)), self._names, self._context, self._codes
        )
        search.look_up()
        search.judge_codes(_issuer_words(release, filer))
        search.read_marks()
        search.read_introductions()
        search.merge()
        search.read_neighbours()
        return join_names(text, search.found(), self._joins)


class _Search:
    """One release's search: ``taken`` maps starts of accepted names to what was found there."""

    def __init__(
        self,
        text: str,
        dateline: Dateline | None,
        spans: tuple[Span, ...],
        names: DrugNames,
        context: Context,
        codes: CodeShapes,
    ) -> None:
        self._text = text
        self._dateline = dateline
        self._spans = spans
        self._names = names
        self._context = context
        self._codes = codes
        self._taken: dict[int, Found] = {}
        self._words: set[str] = set()
        self._shaped: dict[str, CodeShape] = {}

    def found(self) -> list[Found]:
        """What was accepted, without names inside longer names."""
        kept: list[Found] = []
        for item in sorted(self._taken.values(), key=lambda f: (f.start, -f.end)):
            if not kept or item.start >= kept[-1].end:
                kept.append(item)
        return kept

    def look_up(self) -> None:
        """Names of the lexicon, names with a stem; words of a code's shape are set aside."""
        for span in self._spans:
            self._words.update(WORD.findall(self._text, span.start, span.end))
        names = self._names
        for word in self._words:
            folded = word.lower() if word.isascii() else fold(word)
            if folded in names.first:
                self._take_entries(word, folded)
            elif word.isalpha():
                if len(word) >= 7 and folded not in names.not_drugs and (stem := names.stem_of(folded)):
                    self._take(word, Found(0, 0, "inn", f"drug-stem-{stem}"))
            else:
                self._take_joined(word, folded)

    def _take_joined(self, word: str, folded: str) -> None:
        """A word with a hyphen or a digit: a code, a short cell-therapy name, or an INN with something hung on it."""
        names = self._names
        base = folded.partition("-")[0]
        if (
            word[1:2] == "-"
            and word[2:].isalpha()
            and (names.single(folded[2:]) or names.stem_of(folded[2:]))
            and word[0].isupper()
        ):
            self._take(word, Found(0, 0, "inn", "drug-stem"))  # D-cycloserine
            return
        if base != folded and base.isalpha():
            entry = names.single(base)
            if (entry and entry.kind != "code" and (not entry.proper or word[0].isupper())) or (
                len(base) >= 7 and base not in names.not_drugs and names.stem_of(base)
            ):
                self._take(
                    word[: len(base)],
                    Found(0, 0, entry.kind if entry else "inn", "drug-lexicon" if entry else "drug-stem"),
                    word,
                )
                return
        last = folded.rpartition("-")[2]
        if _SHORT_NAME.fullmatch(word) and folded not in names.not_drugs:
            self._take(word, Found(0, 0, "inn", "drug-short-name"))
        elif any(c.isdigit() for c in word) or (word[0].isupper() and word[-2:].isupper()):
            shape = self._codes.shape(word)
            if shape != "no":
                self._shaped[word] = shape
                return
        if (
            last != folded
            and len(last) >= 7
            and last not in names.not_drugs
            and ((e := names.single(last)) or names.stem_of(last))
        ) and (e is None or e.kind == "inn"):
            self._take(word[-len(last) :], Found(0, 0, "inn", "drug-lexicon" if e else "drug-stem"), word)

    def _occurrences(self, word: str) -> Iterator[int]:
        text = self._text
        for span in self._spans:
            at = text.find(word, span.start, span.end)
            while at >= 0:
                end = at + len(word)
                if not _joined(text, at - 1, -1) and not _joined(text, end, 1):
                    yield at
                at = text.find(word, end, span.end)

    def _take(self, word: str, like: Found, within: str | None = None) -> None:
        """Accept every occurrence of ``word`` (or of ``word`` inside ``within``), second words and suffixes with it."""
        offset = within.index(word) if within else 0
        for at in self._occurrences(within or word):
            start = at + offset
            end = extend_inn(self._text, start + len(word)) if like.kind == "inn" else start + len(word)
            if not self._context.is_company(self._text, start, end) and not self._doubted(start, end):
                self._taken.setdefault(start, Found(start, end, like.kind, like.rule, like.generic))

    def _take_entries(self, word: str, folded: str) -> None:
        for at in self._occurrences(word):
            hit = self._names.longest(self._text, at, folded)
            if hit is None:
                continue
            end, entry = hit
            if entry.kind == "inn":
                end = extend_inn(self._text, end)
            if self._fits(word, at, end, entry):
                self._taken.setdefault(
                    at, Found(at, end, entry.kind, f"drug-lexicon-{entry.kind}", entry.generic)
                )

    def _fits(self, word: str, start: int, end: int, entry: Entry) -> bool:
        text = self._text
        if entry.name in self._names.added:
            return True
        if entry.name in self._names.not_drugs:
            return False
        if entry.kind == "code" and not any(c.isupper() for c in text[start:end]):
            return False
        if self._context.is_company(text, start, end) or self._doubted(start, end):
            return False
        if entry.proper and not word[0].isupper():
            return self._announced(word)
        if entry.kind == "brand" and entry.name in self._names.common:
            return self._announced(word)
        return True

    def _announced(self, word: str) -> bool:
        """True when the word wears a mark, or is followed by a name in parentheses, somewhere in the text."""
        return any(
            self._text.startswith((word + "®", word + "™", word + "(R)", word + " ("), at)
            for at in self._occurrences(word)
        )

    def _doubted(self, start: int, end: int) -> bool:
        """True for a hormone, nutrient or simple chemical that the sentence does not treat as a drug."""
        if fold(self._text[start:end]) not in self._names.doubtful:
            return False
        return self._context.code_support(self._text, start, end) < 1

    def judge_codes(self, issuer: tuple[str, ...]) -> None:
        """Accept words of a code's shape that have the support their shape needs."""
        spaced: dict[str, list[tuple[int, int]]] = {}
        for span in self._spans:
            for start, end, shape in self._codes.spaced(self._text, span.start, span.end):
                word = self._text[start:end]
                spaced.setdefault(word, []).append((start, end))
                self._shaped[word] = shape
        for word, shape in self._shaped.items():
            places = spaced.get(word) or [(at, at + len(word)) for at in self._occurrences(word)]
            places = [p for p in places if p[0] not in self._taken and not self._elsewhere(*p)]
            if not places:
                continue
            support = [self._context.code_support(self._text, *place) for place in places]
            total = (
                sum(1 for s in support if s > 0) + (max(support) > 1) if max(support) > 0 else max(support)
            )
            if shape == "strong" and sum(support) < 0 and max(support) < 1:
                continue
            stem = _STEM_LETTERS.match(word)
            if (
                shape == "strong"
                and stem
                and len(stem.group()) > 4
                and max(support) < 1
                and stem.group() not in self._names.prefixes
            ):
                continue  # VISTA-101 is a trial unless the text treats it as a drug
            if stem and stem.group() in self._names.prefixes:
                total += 0.5
            if stem and any(initials_fit(stem.group(), name) for name in issuer):
                total += 0.5 if shape == "weak" else 1
            if total >= _WANTED[shape] - 0.01 or self._beside_drug(places):
                for start, end in places:
                    self._taken.setdefault(
                        start, Found(start, self._formulated(end), "code", f"drug-code-{shape}")
                    )

    def _elsewhere(self, start: int, end: int) -> bool:
        """True where the word is a ticker, a company's or a part of a web address."""
        return self._context.is_company(self._text, start, end) or self._context.in_address(self._text, start)

    def _formulated(self, end: int) -> int:
        """TNX-102 SL, EYLEA HD: two letters of the formulation belong to the name."""
        match = _FORMULATION.match(self._text, end)
        return match.end() if match else end

    def _beside_drug(self, places: list[tuple[int, int]]) -> bool:
        ends = {f.end for f in self._taken.values()}
        return any(
            self._text[start - 1] == "(" and {start - 2, start - 3} & ends for start, _ in places if start > 3
        )

    def read_marks(self) -> None:
        """Words with ® or ™ that the sentence treats as a drug."""
        marked: dict[str, int] = {}
        for span in self._spans:
            for start, end in marked_names(self._text, span):
                if start not in self._taken:
                    marked[self._text[start:end]] = start
        for word, first in marked.items():
            if not plausible_name(word, self._names, marked=True):
                continue
            places = {first, *self._occurrences(word)}
            support = [self._context.brand_support(self._text, at, at + len(word)) for at in places]
            known = self._names.single(fold(word))
            against = sum(1 for s in support if s < 0)
            if (
                known
                or sum(1 for s in support if s > 0) > 2 * against
                or (not against and self._listed(first))
            ):
                self._take(word, Found(0, 0, "brand", "drug-mark"))
                if first not in self._taken:  # the mark is glued to the word
                    self._taken[first] = Found(first, first + len(word), "brand", "drug-mark")

    def _in_dateline(self, start: int) -> bool:
        return self._dateline is not None and self._dateline.start <= start < self._dateline.end

    def _listed(self, start: int) -> bool:
        """True for the second of two marked names, the first of which is a drug (``A® and B®``)."""
        gap = _LISTED.search(self._text, max(0, start - 16), start)
        return gap is not None and any(f.end == gap.start() for f in self._taken.values())

    def read_introductions(self) -> None:
        """Names in apposition to a candidate, or announced as another name."""
        for span in self._spans:
            for start, end, rule in self._context.introduced(self._text, span):
                word = self._text[start:end]
                if (
                    start in self._taken
                    or self._in_dateline(start)
                    or not plausible_name(word, self._names, marked=rule == "intro-lower")
                    or (rule != "intro-partner-vaccine" and any(c.isdigit() for c in word))
                ):
                    continue
                if rule == "intro-partner-vaccine":
                    if not any(part.lower() in self._names.common for part in re.split(r"[-/ ]", word)[:2]):
                        self._take(word, Found(0, 0, "brand", rule))
                elif rule == "intro-lower":
                    self._take(word, Found(0, 0, "inn", rule))
                elif word.lower() not in self._words:
                    self._take(word, Found(0, 0, "brand", rule))

    def merge(self) -> None:
        """Two words of one INN, each found by its stem, become one name."""
        ordered = sorted(self._taken.values(), key=lambda f: f.start)
        for one, other in itertools.pairwise(ordered):
            second = self._text[other.start : other.end]
            if (
                one.kind == other.kind == "inn"
                and other.start == one.end + 1
                and self._text[one.end] in " \u00a0"
                and "-stem-" in one.rule + other.rule
            ) and second[0].isupper() == self._text[one.start].isupper():
                self._taken[one.start] = Found(one.start, other.end, "inn", one.rule)
                self._taken.pop(other.start)

    def read_neighbours(self) -> None:
        """``Zorvex (zorlimab)`` and ``zorlimab mafodotin (zorma)``: a name beside a name in parentheses."""
        for item in list(self._taken.values()):
            before = _BRAND_BEFORE.search(self._text, max(0, item.start - 40), item.start)
            if (
                before
                and before.start(1) not in self._taken
                and item.kind != "brand"
                and plausible_name(before[1], self._names)
            ) and before[1].lower() not in self._words:
                self._take(before[1], Found(0, 0, "brand", "drug-before-parenthesis"))
            after = _NAME_AFTER.match(self._text, item.end)
            if after and after.start(1) not in self._taken and item.kind != "brand":
                word, lead = after[1], self._text[item.start : item.start + 2].lower()
                short = (
                    word[:2].lower() == lead and not word.isupper() and word.lower() not in self._names.common
                )
                if short or (
                    len(word) >= 6
                    and plausible_name(word, self._names)
                    and word.isalpha()
                    and self._text[item.end :].lstrip("®™ ")[:1] == "("
                ):
                    self._take(word, Found(0, 0, "inn" if short else "brand", "drug-in-parenthesis"))


def _joined(text: str, at: int, step: int) -> bool:
    """True where the character at ``at`` ties a word to its neighbour: a letter, or a hyphen with a letter behind it."""
    if not 0 <= at < len(text):
        return False
    char = text[at]
    if char.isalnum() or char == "_":
        return True
    beyond = at + step
    return char in "-‐‑" and 0 <= beyond < len(text) and text[beyond].isalnum()


def _merged(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for span in spans:
        if merged and merged[-1].end == span.start:
            merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    return tuple(merged)


def _issuer_words(release: Release, filer: str | None) -> tuple[str, ...]:
    """Names that the issuer's codes may be made of: the filer, and the headline's first words, one and two together."""
    words = WORD.findall(filer or "")[:2]
    head = WORD.findall(release.headline)[:3]
    return tuple(w for w in ("".join(words), *words, *head, "".join(head[:2])) if w)
