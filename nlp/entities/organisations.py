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
from nlp.entities.words import Sentence, Word, WordBook

__all__ = ["Found", "find_names", "join_by_initials", "title_case"]

_LEADING_FORMS = frozenset({"AB", "AS", "OÜ", "UAB", "SIA", "PT"})  # legal forms that may stand before a name
_DEGREES = frozenset({"md", "phd", "mba", "pharmd", "mph", "msc", "jd", "dvm", "cfa", "dsc", "frcp", "facs"})
_INNER = frozenset({"of", "for", "de", "du", "des", "la", "di", "der", "von", "the", "and", "in", "at", "on"})
_NOT_FIRST = frozenset({"the", "this", "these", "our", "its", "we", "cdmo", "cro", "cmo", "ai"})
# what runs of capitals without a name in them are called in running text
_THINGS = frozenset(
    [
        "agreement",
        "program",
        "programme",
        "trial",
        "study",
        "offering",
        "stock",
        "act",
        "shares",
        "notes",
        "warrants",
        "officer",
        "director",
        "president",
        "conference",
        "meeting",
        "statement",
        "designation",
        "application",
        "award",
        "platform",
        "project",
        "plan",
        "rule",
        "review",
        "series",
        "report",
        "form",
        "placement",
        "facility",
        "drug",
    ]
)
_NUMERALS = frozenset(["II", "III", "IV", "VI", "VII", "VIII", "IX", "XI", "XII", "XIV"])
# institutions whose names don't say what they are for
_NO_PURPOSE = frozenset(
    [
        "University",
        "College",
        "Hospital",
        "School",
        "Clinic",
        "Army",
        "Navy",
        "Forces",
        "Command",
        "Government",
        "Ministry",
        "Service",
        "Services",
        "Department",
        "Authority",
    ]
)
_PARTS = frozenset(["office", "offices", "division", "department", "branch"])  # of what is named after "of"
_LETTERED = frozenset(
    ["series", "class", "round", "phase", "type", "tranche", "hepatitis", "vitamin", "stage", "part"]
)
_MAX_RUN = 14  # words of one name; "State Key Laboratory …" stays below


class Found(NamedTuple):
    """A name where it stands. ``kind``: company, bank, investor, grantor, cro, institution, or ``name``
    when weak.
    """

    start: int
    end: int
    key: str
    kind: str
    strong: bool


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
    most = tokens[i].most
    if most < 8 and tokens[i].norm in local.first:
        most = 8  # local names are short (an alias, a name without its suffix)
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
                j = _with_suffix(tokens, i)
                found.append(_found(sentence, i - 1, j, "company", True))
                i = j
                continue
        j, kind = _known(tokens, i, lexicon, local) if token.most or token.norm in local.first else (i, "")
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
            j = _with_suffix(tokens, j)
            run = j if tokens[j - 1].possessive else _run_end(tokens, i, lexicon, title)
            both = j + 1 < run and tokens[j].text == "&" and _known(tokens, j + 1, lexicon, local)[0] > j + 2
            longer = (
                run > j
                and not both
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
        run = _run_end(tokens, i, lexicon, title)
        if run > i + 2:
            run = _before_known(tokens, i, run, lexicon, local)
        held = _name_in(tokens, i, run, title)
        if held and not _is_person(tokens, held[1]):
            found.append(_found(sentence, *held))
        i = max(run, i + 1)
    return found


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


def _with_suffix(tokens: Sequence[Word], j: int) -> int:
    """``j`` moved behind legal suffixes that follow (", Inc.", "(Suzhou) Co., Ltd.", "& Co.")."""
    best = j
    k = j
    while k < len(tokens) and k - j < 9:
        t = tokens[k]
        if tokens[k - 1].possessive:
            break
        if t.text == "AS" and tokens[k - 1].text.isupper() and len(tokens[k - 1].text) > 3:
            break  # a headline in capitals: "ACME CORPORATION AS PARTNER"
        if t.suffix and (t.upper or t.norm in {"a/s", "aps", "plc"}):
            k += 1
            best = k
        elif k + 1 < len(tokens) and (
            (t.text in ",&" and tokens[k + 1].suffix and tokens[k + 1].upper)
            or (t.norm == "and" and tokens[k + 1].text in ("Co.", "Co", "Company", "Sons"))
        ):
            k += 1
        elif t.code and t.text in _NUMERALS and any(after.suffix for after in tokens[k + 1 : k + 3]):
            k += 1  # "Acme Ventures VII, L.P."
        elif t.text == "(" and k + 3 < len(tokens) and tokens[k + 2].text == ")" and tokens[k + 1].capital:
            after = k + 4 if tokens[k + 3].text == "," and k + 4 < len(tokens) else k + 3
            if not (tokens[after].suffix and tokens[after].upper):
                break
            k = after
        else:
            break
    return best


def _run_end(tokens: Sequence[Word], i: int, lexicon: NameLexicon, title: bool) -> int:
    """End of the run of name-like tokens that starts at ``i``."""
    institution = tokens[i].marker == "institution"
    joined = False  # "Institute of …" was seen: its "and" belongs to the name
    j = i + 1
    if title and _breaks(tokens, i):
        return j
    while j < len(tokens) and j - i < _MAX_RUN:
        previous, t = tokens[j - 1], tokens[j]
        if t.tail and (suffix_end := _with_suffix(tokens, j)) > j:
            return suffix_end
        marker = t.marker
        if previous.possessive and not marker:
            break
        if t.capital:
            if title and not marker and _breaks(tokens, j) and not (joined and tokens[j - 1].norm in _INNER):
                break
            if t.code and not title and marker is None and t.text not in ("II", "III", "IV", "VI"):
                break
            if t.person:
                break
            if t.text == "Partners" and j + 1 < len(tokens) and tokens[j + 1].norm in ("with", "to"):
                break  # a headline's verb
            institution = institution or marker == "institution"
            j += 1
        elif (
            len(t.text) == 1
            and t.text.isdigit()
            and j + 1 < len(tokens)
            and tokens[j + 1].marker
            and previous.distinct
        ):
            j += 1  # "Fjordbank 1 Markets"
        elif (
            t.text in "&+"
            and j + 1 < len(tokens)
            and tokens[j + 1].capital
            and not (title and _breaks(tokens, j + 1))
        ):
            j += 1
        elif t.norm in _INNER and j + 1 < len(tokens):
            k = j + 1
            while k < len(tokens) and tokens[k].norm in {"the", "la"} and k - j < 3:
                k += 1
            if k >= len(tokens) or not tokens[k].capital or tokens[k].code:
                break
            head = previous.marker == "institution" or previous.text in (
                "Bank",
                "Fund",
                "Partners",
                "Trust",
            )
            if t.norm == "for" and previous.text in _NO_PURPOSE:
                break
            if t.norm in {"of", "for", "de", "du", "des", "di", "der", "von"} and (
                head or t.norm not in {"of", "for"}
            ):
                joined = True
                j = k + 1
            elif (
                t.norm == "and"
                and not title
                and not joined
                and previous.common
                and not previous.marker
                and tokens[k].common
                and _marker_ahead(tokens, k)
            ):
                j = k + 1  # "Trade and Development Bank"
            elif t.norm in {"and"} and joined and tokens[k].norm in lexicon.common and not tokens[k].breaker:
                j = k + 1
            else:
                break
        else:
            break
    return j


def _marker_ahead(tokens: Sequence[Word], k: int) -> bool:
    """Whether the capitalised English words from ``k`` on end in a word that organisations are called by."""
    for t in tokens[k : k + 4]:
        if t.marker:
            return True
        if not t.capital or not t.common:
            return False
    return False


def _breaks(tokens: Sequence[Word], j: int) -> bool:
    """In a title: whether the capitalised English word ``j`` ends a name rather than being part of one."""
    alone = tokens[j].breaks
    if alone != "ask":
        return alone == "yes"
    for ahead in tokens[j + 1 : j + 5]:
        if ahead.text == ",":
            continue
        if ahead.marker or (ahead.suffix and ahead.upper):
            return False
        if not ahead.capital or ahead.breaker:
            return True
    return True


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
    held = _name_in(tokens, i, j, title)
    return held is not None and held[3] and held[0] == i


def _name_in(tokens: Sequence[Word], i: int, j: int, title: bool) -> tuple[int, int, str, bool] | None:
    """The name that the run ``tokens[i:j]`` holds, if it holds one: its first word, its end, kind, whether it is strong."""
    while j > i and (tokens[j - 1].norm in _INNER or tokens[j - 1].text in ",&(+.)"):
        j -= 1
    suffixed = False
    head = j
    while head > i + 1 and (tokens[head - 1].suffix or tokens[head - 1].text in ",&()."):
        suffixed = suffixed or tokens[head - 1].suffix
        head -= 1
    # at the start of a sentence, and always in a title, English words before the name are not part of it
    first = i
    while (
        first < head - 1
        and tokens[first].common
        and not tokens[first].marker
        and (
            tokens[first].norm in _NOT_FIRST
            or (tokens[first].breaker and (title or first == 0 or not tokens[first - 1].text[0].islower()))
        )
    ):
        first += 1
    while first < head - 1 and tokens[first].adjective:
        first += 1
    # "New York-based Acme Bio"
    if head - first > 1:
        for k in range(head - 2, first - 1, -1):
            if tokens[k].norm[-6:] == "-based":
                first = k + 1
                break
    words = tokens[first:head]
    if not words:
        return None
    said = [t.marker for t in words if t.marker]
    # "University School of Medicine" is no company for its last word
    marker = "institution" if said and words[-1].norm == "medicine" and "institution" in said else None
    marker = marker or (said[-1] if said else None)
    own = True in [t.own for t in words]
    if len(words) == 1 and words[0].marker:
        return None
    plain = tokens[j - 1].norm in ("company", "co") and not own  # "large pharma company"
    if suffixed and not plain and (own or len(words) > 1 or not words[0].breaker):
        return first, j, marker or "company", True
    if marker and own and len(words) > 1:
        return first, j, marker, True
    inside = not title and first > 0 and tokens[first - 1].text[0].islower()  # inside running text
    if (
        marker in ("company", "investor", "bank")
        and len(words) > 1
        and not title
        and words[-1].marker
        and (not words[0].breaker or (inside and len(words) > 2))
        and (
            first > 0 or len(words) > 2 or tokens[j].text in ("(", ",", "today") if j < len(tokens) else False
        )
    ):
        # English words, but in running text only a name has capitals throughout ("Transition Bio")
        return first, j, marker, True
    if marker == "institution" and len(words) > 2 and not title:
        return first, j, marker, True
    if words[0].text in _LEADING_FORMS and len(words) > 1 and not title:
        return first, j, marker or "company", True
    if marker and inside and len(words) > 2 and words[-1].norm not in _THINGS:
        return first, j, marker, False
    if own:
        if len(words) > 1 and words[-1].norm in _THINGS:
            return None
        if len(words) == 1 and (words[0].code or len(words[0].text) < 3 or words[0].mixed):
            return None
        return first, j, marker or "name", False
    return None


def _skip_person(tokens: Sequence[Word], i: int) -> int:
    while i < len(tokens) and tokens[i].capital and not tokens[i - 1].possessive:
        i += 1
    return i


def _is_person(tokens: Sequence[Word], end: int) -> bool:
    """Whether a degree follows the name that ends before word ``end``: ", M.D.", ", Ph.D."."""
    return not _DEGREES.isdisjoint([t.norm for t in tokens[end : end + 2]])
