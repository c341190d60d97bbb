"""Find organisation names in a sentence, with the aliases that the text itself defines for them.

A name is a run of capitalised words that a lexicon knows, that wears a legal suffix ("GmbH"), or that
ends in a word companies, investors or institutions are called by ("Therapeutics", "Capital", "University"):
these are *strong*. Any other run that holds a word which is not English is *weak*: it counts only where the
sentence leaves a slot that an organisation must fill.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from nlp.entities.glosses import read_gloss, spells
from nlp.entities.names import GIVER, LocalNames, NameLexicon, name_key
from nlp.entities.runs import name_in, run_end, with_suffix
from nlp.entities.words import Sentence, Word, WordBook

__all__ = ["Found", "find_names", "join_by_initials", "title_case"]

_DEGREES = frozenset({"md", "phd", "mba", "pharmd", "mph", "msc", "jd", "dvm", "cfa", "dsc", "frcp", "facs"})
_PARTS = frozenset(["office", "offices", "division", "department", "branch"])  # of what is named after "of"
_LETTERED = frozenset(
    ["series", "class", "round", "phase", "type", "tranche", "hepatitis", "vitamin", "stage", "part"]
)


class Found(NamedTuple):
    """A name where it stands. ``kind``: company, bank, investor, grantor, cro, institution, or ``name``
    when weak.
    """

    start: int
    end: int
    key: str
    kind: str
    strong: bool


_FORMS_ALONE = frozenset(
    ["company", "co", "corporation", "corp", "inc", "ltd", "plc"]
)  # no name by themselves
_JOINT = re.compile(r" ?(?: and|&| &|,|,? –|,? -| —)? ?")
_TAIL = re.compile(r"(?: (?:and|&|of|for))? [A-Z][\w’'-]{2,30}(?= ?\()")


def join_by_initials(text: str, names: list[Found]) -> list[Found]:
    """``names`` with those joined that an abbreviation in brackets says are one: "Acme Health and Biologics (AHB)".

    What stands between two names must be "and", "&", a dash or a comma; a capitalised word after the last
    joins as well.
    """
    joined: list[Found] = []
    for name in names:
        last = joined[-1] if joined else None
        if last and _JOINT.fullmatch(text, last.end, name.start) and spells(text, last.start, name.end):
            joined[-1] = Found(last.start, name.end, f"{last.key} {name.key}", last.kind, True)
            continue
        if (more := _TAIL.match(text, name.end)) and spells(text, name.start, more.end()):
            name = Found(name.start, more.end(), f"{name.key} {name_key(more[0])}", name.kind, True)
        joined.append(name)
    return joined


def title_case(tokens: Sequence[Word], share: float) -> bool:
    """Whether the sentence is set as a title: at least this ``share`` of its longer words have a capital."""
    capitals = [t.upper for t in tokens if t.weighs]
    return len(capitals) > 2 and sum(capitals) >= share * len(capitals)


def _known(tokens: Sequence[Word], i: int, lexicon: NameLexicon, local: LocalNames) -> tuple[int, str]:
    """End and kind of the longest known name that starts at token ``i`` (``i`` itself when there is none)."""
    most = max(tokens[i].most, local.longest.get(tokens[i].norm, 0))
    if not most:
        return i, ""
    best, kind = i, ""
    key = ""
    words = 0
    j = i
    kinds, known = local.kinds, lexicon.known
    while j < len(tokens) and words < most:
        t = tokens[j]
        if t.stop:
            if t.text != "," or not words:
                break
        else:
            words += 1
            key = f"{key} {t.norm}" if key else t.norm
            hit = kinds.get(key) or known.get(key)
            if hit and (t.capital or t.text == "+" or words > 1 or hit != "company" or t.text[0].islower()):
                best, kind = j + 1, hit
            if t.possessive:
                key += "'s"
                hit = kinds.get(key) or known.get(key)
                if hit:
                    best, kind = j + 1, hit
        j += 1
    return best, kind


def find_names(
    text: str,
    start: int,
    end: int,
    book: WordBook,
    local: LocalNames | None = None,
    *,
    headline: bool = True,
    giving: bool = False,
) -> list[Found]:
    """Names in ``text[start:end]``, in order and disjoint.

    ``book``: words as the lexicons judge them; ``local``: names that this release has defined; ``headline``: the
    sentence may be set as a title; ``giving``: regulators that also give grants are wanted as givers.
    """
    sentence = Sentence(text, start, end, book)
    tokens = sentence.words
    starts = [k for k, t in enumerate(tokens) if t.opens]
    if not starts:
        return []
    lexicon = book.lexicon
    title = title_case(tokens, 0.6 if headline else 0.85)
    local = local or LocalNames()
    found: list[Found] = []
    i = 0
    for at in starts:
        if at < i:
            continue  # inside the name before
        i, token = at, tokens[at]
        if token.short and i:
            if len(token.text) < 3 and tokens[i - 1].norm in _LETTERED:
                continue  # "series B. Acme Capital led the round"
            if _ends_small(sentence, i) and (not found or found[-1].end <= sentence.span(i - 1, i)[0]):
                j = with_suffix(tokens, i)
                found.append(_found(sentence, i - 1, j, "company", True))
                i = j
                continue
        j, kind = _known(tokens, i, lexicon, local) if token.most or token.norm in local.longest else (i, "")
        if not token.capital:
            if j > i and not kind.startswith("never"):
                name = _found(sentence, i, j, kind, True)
                if text[name.start : name.end] in lexicon.lower_forms:
                    found.append(name)
                    i = j
                    continue
            i += 1
            continue
        if token.person and j == i:
            i = _skip_person(tokens, i + 1)
            continue
        if token.norm == "the" and j > i and _known(tokens, i + 1, lexicon, local)[0] > j:
            i += 1  # "The Medicines Patent Pool" is not The Medicines Company
            continue
        if j > i and not (j - i == 1 and token.text.islower()):
            j = with_suffix(tokens, j)
            run = j if tokens[j - 1].possessive else run_end(tokens, i, lexicon, title)
            both = j + 1 < run and tokens[j].text == "&" and _known(tokens, j + 1, lexicon, local)[0] > j + 2
            longer = (
                run > j
                and not both
                and not _tells_where(tokens, j, lexicon)
                and (_segment_strong(tokens, i, run, title) or _goes_on(sentence, j, run, kind, title))
            )
            if not longer:
                if giving and kind == GIVER:
                    kind = "grantor"
                if not kind.startswith("never"):
                    name = _found(sentence, i, j, kind, True)
                    if tokens[j - 1].possessive:
                        name = _owning(name, text, lexicon)
                    found.append(name)
                i = j
                continue
        if token.norm == "the" and i + 1 < len(tokens) and tokens[i + 1].capital:
            i += 1
            continue
        run = run_end(tokens, i, lexicon, title)
        if run > i + 2:
            run = _before_known(tokens, i, run, lexicon, local)
        held = name_in(tokens, i, run, title)
        if held and not _is_person(tokens, held[1]) and not _describes(sentence, *held[:2]):
            found.append(_found(sentence, *held))
        elif held is None and run < len(tokens) and tokens[run].text == "(" and _is_listed(sentence, i, run):
            found.append(_found(sentence, i, run, "company", True))  # "Yielding Growth (CSE: YGR)"
        i = max(run, i + 1)
    return found


def _describes(sentence: Sentence, i: int, j: int) -> bool:
    """Whether words ``i`` to ``j``, set in capitals, say what a company is: "A LEADING SPECIALTY DRUG COMPANY"."""
    tokens = sentence.words
    if tokens[j - 1].norm not in ("company", "corporation", "firm") or not tokens[i].text.isupper():
        return False
    return any(t.norm in ("a", "an") for t in tokens[max(0, i - 2) : i])


def _tells_where(tokens: Sequence[Word], j: int, lexicon: NameLexicon) -> bool:
    """Whether words ``j`` on tell where what was named is: "of the USA"."""
    if tokens[j].norm != "of":
        return False
    k = j + 2 if j + 1 < len(tokens) and tokens[j + 1].norm == "the" else j + 1
    return k < len(tokens) and lexicon.known.get(tokens[k].norm) == "never:place"


def _is_listed(sentence: Sentence, i: int, run: int) -> bool:
    """Whether the capitalised words ``i`` to ``run`` are a name for the ticker behind them."""
    if not any(t.capital and not t.marker and t.norm not in _FORMS_ALONE for t in sentence.words[i:run]):
        return False
    gloss = read_gloss(sentence.text, sentence.span(i, run)[1])
    return gloss is not None and gloss.listed


def _ends_small(sentence: Sentence, i: int) -> bool:
    """Whether word ``i`` is the legal form of a company that writes itself small ("acme-nano GmbH")."""
    before = sentence.words[i - 1]
    return sentence.words[i].suffix and before.own and before.text.islower()


def _before_known(tokens: Sequence[Word], i: int, run: int, lexicon: NameLexicon, local: LocalNames) -> int:
    """``run`` cut before a name of several words that is known and stands after "and", "the" or "Office of" in it."""
    for k in range(i + 1, run):
        if (
            (
                tokens[k - 1].norm in ("and", "the")
                or (tokens[k - 1].norm == "of" and tokens[k - 2].norm in _PARTS)
            )
            and tokens[k].capital
            and _known(tokens, k, lexicon, local)[0] > k + 1
        ):
            return k
    return run


def _found(sentence: Sentence, i: int, j: int, kind: str, strong: bool) -> Found:
    last = sentence.words[j - 1]
    parts = [t.inner for t in sentence.words[i : j - 1] if not t.silent]
    if not last.silent:
        parts.append(last.norm)
    start, end = sentence.span(i, j)
    return Found(start, end, " ".join(parts), kind, strong)


def _owning(name: Found, text: str, lexicon: NameLexicon) -> Found:
    """``name`` with the "'s" behind it where that belongs to it ("Dr. Reddy's")."""
    key = f"{name.key}'s"
    if (
        key in lexicon.known
        and name.key not in lexicon.known
        and text[name.end : name.end + 2] in ("'s", "’s")
    ):
        return name._replace(end=name.end + 2, key=key)
    return name


def _goes_on(sentence: Sentence, j: int, run: int, kind: str, title: bool) -> bool:
    """Whether the words after a known name belong to it: in running text, words that are no English, drug or
    known name; in a title, only where brackets explain the whole.
    """
    more = sentence.words[j:run]
    if kind.startswith("never") or any(t.drug or t.code for t in more):
        return False
    if not more[0].distinct or more[0].known or more[0].text in ",&+(":
        return False
    gloss = read_gloss(sentence.text, sentence.span(j, run)[1]) if title else None
    return not title or bool(gloss and gloss.aliases)


def _segment_strong(tokens: Sequence[Word], i: int, j: int, title: bool) -> bool:
    held = name_in(tokens, i, j, title)
    return held is not None and held[3] and held[0] == i


def _skip_person(tokens: Sequence[Word], i: int) -> int:
    while i < len(tokens) and tokens[i].capital and not tokens[i - 1].possessive:
        i += 1
    return i


def _is_person(tokens: Sequence[Word], end: int) -> bool:
    """Whether a degree follows the name that ends before word ``end``: ", M.D.", ", Ph.D."."""
    return not _DEGREES.isdisjoint([t.norm for t in tokens[end : end + 2]])
