"""Runs of capitalised words: where one ends, and the name that it holds."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from nlp.entities.names import LEADING_FORMS, NameLexicon
from nlp.entities.words import Word

__all__ = ["name_in", "run_end", "with_suffix"]

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
# what a name of English words must stand behind, and before, to be taken for one
_LINKS = frozenset(
    [
        "with",
        "by",
        "from",
        "and",
        "including",
        "between",
        "acquire",
        "acquires",
        "acquired",
        "acquiring",
        "investor",
    ]
)
_BACKERS = frozenset(
    [
        "investor",
        "investors",
        "founder",
        "shareholder",
        "partner",
        "partners",
        "backer",
        "backers",
        "firm",
        "company",
        "leader",
        "drugmaker",
        "distributor",
        "supplier",
        "manufacturer",
        "developer",
    ]
)
_AFTER = frozenset(
    [
        "to",
        "for",
        "in",
        "and",
        "with",
        "has",
        "will",
        "is",
        "as",
        "on",
        "under",
        "at",
        "today",
        "also",
        "who",
        "which",
        "that",
    ]
)
# what follows a name of English words that opens a sentence
_SPEAKS = frozenset(
    [
        "(",
        ",",
        "today",
        "also",
        "announced",
        "announces",
        "said",
        "reported",
        "closes",
        "raises",
        "raised",
        "signs",
    ]
)
# what goes on in "of …" and "for …" besides institutions; a group does where it studies something
_HEADS = frozenset(["Bank", "Fund", "Partners", "Trust", "Network", "Coalition", "Consortium"])
_STUDYING = frozenset(
    ["trial", "trials", "study", "cooperative", "oncology", "research", "working", "clinical"]
)
_ENDING = frozenset(["investor", "company"])  # what a name that "&" follows is complete with
_STATES = frozenset(["usa", "us", "uk"])
# what a name is introduced by, in capitals: "its Mexican Subsidiary Acme"
_RELATIONS = frozenset(["subsidiary", "affiliate", "licensee", "licensor", "distributor", "partner"])
_ENDS = frozenset(",.;():-–—")
_MAX_RUN = 14  # words of one name; "State Key Laboratory …" stays below


def with_suffix(tokens: Sequence[Word], j: int) -> int:
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
        elif t.norm == "de" and best == k > j and k + 1 < len(tokens) and tokens[k + 1].norm in ("cv", "rl"):
            k += 2  # "S.A. de C.V.", "S. de R.L. de C.V."
            best = k
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


def run_end(tokens: Sequence[Word], i: int, lexicon: NameLexicon, title: bool) -> int:
    """End of the run of name-like tokens that starts at ``i``."""
    institution = tokens[i].marker == "institution"
    joined = False  # "Institute of …" was seen: its "and" belongs to the name
    purpose = False  # and so does what it is for
    j = i + 1
    if title and _breaks(tokens, i):
        return j
    while j < len(tokens) and j - i < _MAX_RUN:
        previous, t = tokens[j - 1], tokens[j]
        if t.tail and (suffix_end := with_suffix(tokens, j)) > j:
            return _of_its_country(tokens, suffix_end)
        marker = t.marker
        if previous.possessive and (marker == "institution" if joined else not marker):
            break  # whose institute it is; but "Foundation for Example's Research" is one name
        if previous.possessive and not marker and (title or not (t.capital and t.common)):
            break
        if t.capital:
            if title and not marker and _breaks(tokens, j):
                # what an institute is for is told in English words
                goes_on = joined and (tokens[j - 1].norm in _INNER or (purpose and not t.breaker))
                if not goes_on:
                    break
            if t.code and not title and marker is None and t.text not in _NUMERALS:
                break
            if previous.marker == "company" and not title and t.own and _ticker(tokens, j):
                break
            if t.person or (
                t.text == "Biologics" and j + 1 < len(tokens) and tokens[j + 1].norm[:5] == "licen"
            ):
                break  # "Biologics License Application"
            if (
                title
                and t.text == "Partners"
                and j + 1 < len(tokens)
                and tokens[j + 1].norm in ("with", "to")
            ):
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
            and not (previous.marker in _ENDING and tokens[j + 1].own)  # "Acme Capital & Example Ventures"
            and not (title and _breaks(tokens, j + 1))
        ):
            j += 1
        elif t.norm in _INNER and j + 1 < len(tokens):
            k = j + 1
            while k < len(tokens) and tokens[k].norm in {"the", "la"} and k - j < 3:
                k += 1
            if k >= len(tokens) or not tokens[k].capital or tokens[k].code:
                break
            head = previous.marker == "institution" or previous.text in _HEADS
            head = head or (previous.text == "Group" and tokens[j - 2].norm in _STUDYING)
            if t.norm in ("for", "on") and previous.text in _NO_PURPOSE:
                break
            if t.norm == "of" and tokens[k].norm in _STATES:
                break  # where it is
            if t.norm in {"of", "for", "on", "de", "du", "des", "di", "der", "von"} and (
                head or t.norm not in {"of", "for", "on"}
            ):
                joined = True
                purpose = head and previous.text not in _NO_PURPOSE
                j = k + 1
            elif (
                t.norm == "and"
                and previous.norm == "research"
                and tokens[k].norm == "development"
                and k == j + 1
                and k + 1 < len(tokens)
                and tokens[k + 1].capital
                and (tokens[k + 1].marker or tokens[k + 1].suffix)
            ):
                j = k + 1  # "Acme Research and Development Company"
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


def _of_its_country(tokens: Sequence[Word], j: int) -> int:
    """``j`` moved behind the country that a name ends in: "Health Corporation of America, Inc."."""
    if tokens[j - 1].norm not in ("corporation", "company") or j + 1 >= len(tokens) or tokens[j].norm != "of":
        return j
    end = with_suffix(tokens, j + 2)
    return end if tokens[j + 1].capital and (end > j + 2 or tokens[j + 1].norm == "america") else j


def _ticker(tokens: Sequence[Word], j: int) -> bool:
    """Whether word ``j`` is the ticker that news puts behind a name: "Acme Pharma ACPH announced"."""
    text = tokens[j].text
    after = tokens[j + 1].text if j + 1 < len(tokens) else "."
    return text.isupper() and text.isalpha() and 2 < len(text) < 6 and after[0].islower()


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


def name_in(tokens: Sequence[Word], i: int, j: int, title: bool) -> tuple[int, int, str, bool] | None:
    """The name that the run ``tokens[i:j]`` holds, if it holds one: its first word, its end, kind, whether it is strong."""
    if j - i == 1 and (alone := tokens[i]).marker is None:  # most runs are a word that opens a sentence
        named = alone.own and not (alone.code or alone.mixed or len(alone.text) < 3)
        return (i, j, "name", False) if named else None
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
            or (tokens[first].breaker and (title or not _within(tokens, first)))
        )
    ):
        first += 1
    while first < head - 1 and (tokens[first].adjective or tokens[first].norm in _RELATIONS):
        first += 1
    # "New York-based Acme Bio", "US Based Acme Bio"
    if head - first > 1:
        for k in range(head - 2, first - 1, -1):
            if tokens[k].norm[-6:] == "-based" or (k > first and tokens[k].norm == "based"):
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
        if words[0].marker == "investor" and not title and _numbered(tokens, first):
            return first - 1, j, "investor", True  # "1955 Capital"
        return None
    plain = tokens[j - 1].norm in ("company", "co") and not own  # "large pharma company"
    if suffixed and not plain and (own or len(words) > 1 or not words[0].breaker):
        return first, j, marker or "company", True
    if marker and own and len(words) > 1:
        # "Regenerative Medicine Advanced Therapy": what a company is called by stands at the end of its name
        return first, j, marker, marker == "institution" or any(t.marker for t in words[-2:])
    inside = not title and _within(tokens, first)
    if (
        marker in ("company", "investor", "bank")
        and len(words) > 1
        and not title
        and words[-1].marker
        and (not words[0].breaker or (inside and len(words) > 2))
        and (first > 0 or len(words) > 2 or tokens[j].text in _SPEAKS if j < len(tokens) else False)
    ):
        # English words, but in running text only a name has capitals throughout ("Transition Bio")
        return first, j, marker, True
    if (
        marker == "institution"
        and len(words) > 2
        and words[-1].norm not in _THINGS
        and (not title or _of_something(words))
    ):
        return first, j, marker, True
    if words[0].text in LEADING_FORMS and len(words) > 1 and not title:
        return first, j, marker or "company", True
    if marker and inside and len(words) > 2 and words[-1].norm not in _THINGS:
        return first, j, marker, False
    if own:
        if len(words) > 1 and words[-1].norm in _THINGS:
            return None
        if 1 < len(words) < 4 and words[0].given and marker is None:
            return None  # "Martin Example", a person
        if len(words) == 1 and (words[0].code or len(words[0].text) < 3 or words[0].mixed):
            return None
        return first, j, marker or "name", False
    if inside and 1 < len(words) < 5 and head == j and _named_plainly(tokens, first, j):
        return first, j, marker or "name", False
    return None


def _within(tokens: Sequence[Word], i: int) -> bool:
    """Whether word ``i`` stands inside running text, or in an enumeration of names: there, English words have capitals
    only as part of a name.
    """
    if i == 0:
        return False
    before = tokens[i - 1].text
    return before[0].islower() or (
        before == "," and i > 1 and (tokens[i - 2].text[0].isupper() or tokens[i - 2].norm in _BACKERS)
    )


def _numbered(tokens: Sequence[Word], i: int) -> bool:
    number = tokens[i - 1].text if i > 1 else ""
    return (
        number.isdigit() and len(number) < 5 and (tokens[i - 2].text == "," or tokens[i - 2].norm in _LINKS)
    )


def _of_something(words: Sequence[Word]) -> bool:
    """Whether a word that institutions are called by goes on: "Institute of Example Disorders"."""
    return any(
        word.marker == "institution" and after.norm in ("of", "for", "on")
        for word, after in itertools.pairwise(words)
    )


def _named_plainly(tokens: Sequence[Word], i: int, j: int) -> bool:
    """Whether English words with capitals stand where only a name does: "the merger with Immune Example, which …"."""
    before, last = tokens[i - 1], tokens[j - 1]
    if any(not t.capital or t.code or t.drug for t in tokens[i:j]) or last.norm in _THINGS:
        return False
    if before.text == ",":
        if not (i > 1 and (tokens[i - 2].upper or tokens[i - 2].norm in _BACKERS)):
            return False
    elif before.norm not in _LINKS and before.norm not in _BACKERS:
        return False
    return j == len(tokens) or tokens[j].text in _ENDS or tokens[j].norm in _AFTER
