"""The later steps of the search: words that wear a mark, names that the sentence introduces, and names beside names."""

from __future__ import annotations

import itertools
import re

from nlp.entities.aliases import Found
from nlp.entities.drug_context import initials_fit, marked_names, plausible_name
from nlp.entities.drug_names import DrugNames, fold
from nlp.entities.drug_page import Page

__all__ = ["merge", "read_compounds", "read_introductions", "read_marks", "read_neighbours"]

_SIGN = r"(?:[ \u00a0]?(?:®|™|\((?:R|TM)\)))"
# PNEUMOVAX® 23, GARDASIL®9, ZOR® 327: the number is of the name unless it counts or measures something.
_NUMBER = re.compile(
    rf"{_SIGN}(?:[ \u00a0](?=\d)|(?=[4-9]|\d\d))(\d{{1,3}})(?![\w%]|[.,/-]\d|[ \u00a0-]?(?:%|mg|mcg|µg|ug|g|ml|mL|kg|IU|weeks?|months?|days?|years?|hours?|"
    r"patients|million|billion|percent|times|tablets?|capsules?)\b)"
)
_BARE_NUMBER = re.compile(r"[ \u00a0](\d{1,3})(?![\w%]|[.,/-]\d)")
_MARK_THEN = re.compile(rf"{_SIGN}[ \u00a0]$")
# ZORVEXA® (zorlimab human-abcd), ZORVEXA® (Measles Vaccine, Live): what stands in brackets is its other name.
_DESCRIBED = re.compile(
    rf"{_SIGN}[ \u00a0]?\(((?:[a-z][a-z-]{{3,}}(?: [a-z][a-z-]{{3,}}){{0,4}})|(?:[A-Z0-9][\w-]*,?[ \u00a0]){{1,6}}Vaccine(?:,? [A-Z]\w+){{0,2}})\)"
)
# fmt: off
_NOT_A_NAME = frozenset(
    [
        "also", "known", "formerly", "previously", "called", "marketed", "approved", "pending",
        "company", "product", "brand", "generic", "with", "without", "from", "solution",
        "injection", "tablets", "tablet", "capsules", "cream", "ointment", "suspension", "powder",
        "spray", "oral", "topical", "nasal", "gel", "device", "system", "platform", "assay", "test",
        "registered", "trademark",
    ]
)
# fmt: on

# acellular tissue vessel (ACTV): four letters or more; shorter ones are seldom used as names
_ABBREVIATED = re.compile(r"[®™]?[ \u00a0]\([“\"]?([A-Z]{4,6})[®™]?[”\"]?\)")
_BRAND_BEFORE = re.compile(r"(?<![\w-])([A-Z][\w-]{3,24})[®™*†]{0,2}(?: ?\((?:R|TM)\))?[ ]\([“\"]?$")
_LAST_WORD = re.compile(r"[A-Z][\w-]{2,24}$")
_LISTED = re.compile(r"[®™](?:,| and| or|, and|/) ?$")
_NAME_AFTER = re.compile(r"[®™]?(?:\s\(|, or )[“\"]?([A-Za-z][\w-]{3,24})[®™]?[”\"]?[),]")


def read_marks(page: Page) -> None:
    """Words with ® or ™ that the sentence treats as a drug."""
    marked: dict[str, int] = {}
    for span in page.spans:
        for start, end in marked_names(page.text, span):
            if start not in page.taken:
                marked[page.text[start:end]] = start
    ends = {item.end for item in page.taken.values()}
    for word, first in marked.items():
        if not plausible_name(word, page.names, marked=True):
            continue
        places = {first, *page.occurrences(word)}
        support = [page.context.brand_support(page.text, at, at + len(word)) for at in places]
        known = page.names.single(fold(word))
        against = sum(1 for s in support if s < 0)
        if (
            known
            or sum(1 for s in support if s > 0) > 2 * against
            or (not against and _listed(page, first, ends))
        ):
            page.take(word, Found(0, 0, "brand", "drug-mark"))
            if first not in page.taken:  # the mark is glued to the word
                page.taken[first] = Found(first, first + len(word), "brand", "drug-mark")
            ends.update(at + len(word) for at in places)


def read_compounds(page: Page) -> None:
    """Names of which the marked word is only the first part: a number follows (``GARDASIL® 9``) or a generic name (``AVERSA™ Fentanyl``)."""
    text = page.text
    numbered: set[tuple[str, str]] = set()
    whole: set[str] = set()
    for item in sorted(page.taken.values(), key=lambda f: f.start):
        name = text[item.start : item.end]
        if item.kind == "brand" and (number := _NUMBER.match(text, item.end)):
            numbered.add((name, number[1]))
            page.taken[item.start] = item._replace(end=number.end(1))
        elif item.kind == "inn" and text[item.start].isupper():
            sign = _MARK_THEN.search(text, max(0, item.start - 6), item.start)
            first = None if sign is None else _LAST_WORD.search(text, max(0, sign.start() - 30), sign.start())
            if first and (first.start() not in page.taken or page.taken[first.start()].kind == "brand"):
                page.taken.pop(item.start)
                page.taken[first.start()] = Found(first.start(), item.end, "brand", "drug-mark-generic")
                whole.add(first.group())
    for item in list(page.taken.values()):
        name = text[item.start : item.end]
        if name in whole:
            page.taken.pop(item.start)
        elif numbered and (number := _BARE_NUMBER.match(text, item.end)) and (name, number[1]) in numbered:
            page.taken[item.start] = item._replace(end=number.end(1))


def _listed(page: Page, start: int, ends: set[int]) -> bool:
    """True for the second of two marked names, the first of which is a drug (``A® and B®``); ``ends``: where drugs end."""
    gap = _LISTED.search(page.text, max(0, start - 16), start)
    return gap is not None and gap.start() in ends


def read_introductions(page: Page) -> None:
    """Names in apposition to a candidate, or announced as another name."""
    for span in page.spans:
        for start, end, rule in page.context.introduced(page.text, span):
            word = page.text[start:end]
            if (
                start in page.taken
                or page.in_dateline(start)
                or word in page.issuer
                or not plausible_name(word, page.names, marked=rule == "intro-lower")
                or (
                    rule != "intro-partner-vaccine"
                    and (any(c.isdigit() for c in word) or _of_words(word, page.names))
                )
            ):
                continue
            if rule == "intro-partner-vaccine":
                if not any(part.lower() in page.names.common for part in re.split(r"[-/ ]", word)[:2]):
                    page.take(word, Found(0, 0, "brand", rule))
            elif rule == "intro-lower":
                page.take(word, Found(0, 0, "inn", rule))
            elif word.lower() not in page.words:
                page.take(word, Found(0, 0, "brand", rule))


def _of_words(name: str, names: DrugNames) -> bool:
    """True where a later part of a hyphened name is an ordinary word (``First-in-Class``, ``IV-fluid``)."""
    later = name.split("-")[1:]
    return any(part[:1].islower() or (not part.isupper() and part.lower() in names.common) for part in later)


def merge(page: Page) -> None:
    """Two words of one INN, each found by its stem, become one name."""
    ordered = sorted(page.taken.values(), key=lambda f: f.start)
    for one, other in itertools.pairwise(ordered):
        second = page.text[other.start : other.end]
        if (
            one.kind == other.kind == "inn"
            and other.start == one.end + 1
            and page.text[one.end] in " \u00a0"
            and "-stem-" in one.rule + other.rule
        ) and second[0].isupper() == page.text[one.start].isupper():
            page.taken[one.start] = Found(one.start, other.end, "inn", one.rule)
            page.taken.pop(other.start)


def read_neighbours(page: Page) -> None:
    """``Zorvex (zorlimab)`` and ``zorlimab mafodotin (zorma)``: a name beside a name in parentheses."""
    for item in list(page.taken.values()):
        opened = page.text[item.start - 1 : item.start] in ("(", "“", '"')
        before = opened and _BRAND_BEFORE.search(page.text, max(0, item.start - 40), item.start)
        if (
            before
            and before.start(1) not in page.taken
            and item.kind != "brand"
            and plausible_name(before[1], page.names)
        ) and before[1].lower() not in page.words:
            page.take(before[1], Found(0, 0, "brand", "drug-before-parenthesis"))
        described = item.kind == "brand" and _DESCRIBED.match(page.text, item.end)
        if described and described.start(1) not in page.taken and not _NOT_A_NAME & set(described[1].split()):
            page.taken[described.start(1)] = Found(*described.span(1), "inn", "drug-described")
        short_form = item.kind == "inn" and _ABBREVIATED.match(page.text, item.end)
        if (
            short_form
            and short_form.start(1) not in page.taken
            and initials_fit(short_form[1], page.text[item.start : item.end])
        ):
            page.take(short_form[1], Found(0, 0, "inn", "drug-abbreviated"))
        after = _NAME_AFTER.match(page.text, item.end)
        if after and after.start(1) not in page.taken and item.kind != "brand":
            word, lead = after[1], page.text[item.start : item.start + 2].lower()
            short = word[:2].lower() == lead and not word.isupper() and word.lower() not in page.names.common
            if short or (
                len(word) >= 6
                and plausible_name(word, page.names)
                and word.isalpha()
                and page.text[item.end :].lstrip("®™ ")[:1] == "("
            ):
                page.take(word, Found(0, 0, "inn" if short else "brand", "drug-in-parenthesis"))
