"""Organisation names as facts: lexicons, legal suffixes, and the normal forms that names are compared by."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from nlp.rulebook import Rulebook

__all__ = [
    "GIVER",
    "LEADING_FORMS",
    "TRAILS",
    "LocalNames",
    "NameLexicon",
    "Piece",
    "Token",
    "canonical_name",
    "name_key",
    "pieces_of",
    "tokens_of",
    "words_of",
]

# A word keeps its inner punctuation ("A.G.P.", "Y-mABs", "Lee's"); brackets, commas, quotes and dashes
# stand alone.
LEADING_FORMS = frozenset({"AB", "AS", "OÜ", "UAB", "SIA", "PT"})  # legal forms that may stand before a name
_TOKEN = re.compile(r"[^\W_][^\s()\[\],;:“”\"—–!?®™*|]*+|[(),;:&+—–|]|\.\.\.|-(?= )")
# the same for text of ASCII alone, where white space and marks are one table to the regex engine
_ASCII_TOKEN = re.compile(
    r"[A-Za-z0-9][^\t-\r\x1c- ()\[\],;:\"!?*|]*+|[(),;:&+|]|\.\.\.|-(?= )",
)
_GLUED = re.compile(
    r"((?:Pharma|Bio|Immuno|Neuro|Radio)?(?:Therapeutics|therapeutics|Pharmaceuticals|pharmaceuticals|Biosciences|sciences"
    r"|Biologics|Oncology|Medicines|Genomics|Technologies|Laboratories|Diagnostics))(?=[A-Z][a-z]{2})"
)
_STOPPED = re.compile(
    r"[^\W\d_]{3,40}\.(?=[A-Z][a-z])"
)  # "Acme Info.Earlier": two sentences, no space between
_DOTTED = re.compile(r"(?:\w\.)+\w?")  # "S.A.", "L.P", "U.S."
_ABBREVIATED = frozenset(
    [
        "inc.",
        "ltd.",
        "co.",
        "corp.",
        "dr.",
        "mr.",
        "ms.",
        "mrs.",
        "prof.",
        "st.",
        "pte.",
        "pty.",
        "pvt.",
        "no.",
        "ltda.",
        "l.l.c.",
        "s.p.a.",
        "a.g.",
        "bros.",
        "jr.",
        "sr.",
    ]
)
_LEXICONS = (
    ("companies", "company"),
    ("banks", "bank"),
    ("investors_lenders", "investor"),
    ("grantors", "grantor"),
    ("cro_cdmo", "cro"),
    ("institutions", "institution"),
)
# what makes an adjective of a name: "Acme-based", "Acme-like"
TRAILS = (
    "-like",
    "-based",
    "-style",
    "-backed",
    "-headquartered",
    "-listed",
    "-owned",
    "-led",
    "-type",
    "-focused",
    "-related",
    "-funded",
)
GIVER = "never:giver"  # kind of a name that is on both lists
_MAX_WORDS, _MOST_OF_BODIES = 9, 12  # words of the longest lexicon name that is looked up
_MAX_LOCAL = 8  # and of the longest that a release has defined (an alias, a name without its suffix)


class Token(NamedTuple):
    """A word or mark of a sentence: ``norm`` is what lexicons are looked up by; ``possessive`` says
    that ``'s`` was cut off.
    """

    text: str
    start: int
    end: int
    norm: str
    possessive: bool
    capital: bool  # written as names are: "Acme", "iTeos", "4D"


# a piece of a run of word characters: first and last offset in it, text, norm, possessive, capital
Piece = tuple[int, int, str, str, bool, bool]
_LONG = 40  # characters; longer runs are no words and not worth remembering
_MOST = 20_000  # words remembered
_whole: dict[str, tuple[str, bool, bool]] = {}  # words that nothing is cut off to norm, possessive, capital


def _is_capital(text: str) -> bool:
    if text.isalpha() and (text.istitle() or text.islower()):
        return text[0].isupper()
    if "$" in text or "€" in text or "£" in text:
        return False
    return (
        text[0].isupper()
        or (text[0].islower() and any(c.isupper() for c in text[1:4]))
        or (text[0].isdigit() and any(c.isalpha() for c in text))
    )


def _norm(word: str) -> str:
    return word.replace("’", "'").replace(".", "").casefold()


def tokens_of(text: str, start: int, end: int) -> list[Token]:
    """Words and marks of ``text[start:end]``; a full stop stays on a word only where it belongs to it."""
    tokens: list[Token] = []
    append, new, seen = tokens.append, tuple.__new__, _whole
    for match in _TOKEN.finditer(text, start, end):
        begin, found = match.start(), match[0]
        if whole := seen.get(found):  # most words are met again and again, and nothing is cut off them
            append(new(Token, (found, begin, begin + len(found), *whole)))
            continue
        parts = pieces_of(found)
        for first, last, word, norm, possessive, capital in parts:
            append(new(Token, (word, begin + first, begin + last, norm, possessive, capital)))
        if len(parts) == 1 and parts[0][2] == found and len(found) < _LONG:
            if len(seen) >= _MOST:
                seen.clear()
            seen[found] = parts[0][3:]
    return tokens


def words_of(text: str) -> list[str]:
    """Runs of word characters, and marks, before anything is cut off them."""
    return (_ASCII_TOKEN if text.isascii() else _TOKEN).findall(text)


def pieces_of(word: str) -> tuple[Piece, ...]:
    """What a run of word characters is cut into."""
    if word.isalpha() and word.isascii() and len(word) <= 15:  # most words: nothing to cut off
        return ((0, len(word), word, word.lower(), False, _is_capital(word)),)
    if len(word) > 15 and (glued := _GLUED.match(word)):
        # a subheadline lost its line break: "… from Acme PharmaceuticalsSecond drug …"
        head, rest = glued[1], word[len(glued[1]) :]
        cut = len(head)
        return (
            (0, cut, head, head.lower(), False, _is_capital(head)),
            (cut, cut, "|", "|", False, False),
            (cut, len(word), rest, _norm(rest), False, _is_capital(rest)),
        )
    if word.isalpha() and word.isascii():
        return ((0, len(word), word, word.lower(), False, _is_capital(word)),)
    if "." in word and (stopped := _STOPPED.match(word)):
        middle = stopped.end()
        return pieces_of(word[:middle]) + tuple(
            (middle + first, middle + last, text, norm, owns, capital)
            for first, last, text, norm, owns, capital in pieces_of(word[middle:])
        )
    whole, possessive = word, False
    if len(word) > 1:
        if word[-1] in ".'’-/":
            stripped = word.rstrip("'’-/")
            if (
                stripped.endswith(".")
                and stripped.casefold() not in _ABBREVIATED
                and not _DOTTED.fullmatch(stripped)
            ):
                stripped = stripped.rstrip(".")
                stripped = stripped.rstrip("'’-/")
            possessive = word[-1] in "'’" and word[-2:-1] in ("s", "S")
            word = stripped or word[:1]
        if word[-2:] in ("'s", "’s", "’S", "'S") and len(word) > 2:
            word, possessive = word[:-2], True
    piece = (0, len(word), word, _norm(word), possessive, _is_capital(word))
    if whole[-1] == "." and word[-1] != ".":
        return (piece, (len(whole) - 1, len(whole), ".", ".", False, False))
    return (piece,)


@lru_cache(maxsize=8192)
def name_key(name: str) -> str:
    """The form names are looked up by: words in lower case, without full stops, commas and brackets.

    >>> name_key("Acme-Bio Co., Ltd.")
    'acme-bio co ltd'
    """
    words = name.split(" ")
    if name.isascii() and all(word.isalpha() and len(word) <= 15 for word in words):
        return name.lower()  # nothing to cut off, and most names of the lexicons are such
    return " ".join(
        t.norm + ("'s" if t.possessive else "")
        for t in tokens_of(name, 0, len(name))
        if t.norm not in ",;:().-"
    )


@dataclass(slots=True)
class LocalNames:
    """Names that a release has defined: key to kind; of words that keys begin with, the words of the longest such key."""

    kinds: dict[str, str] = field(default_factory=dict)
    longest: dict[str, int] = field(default_factory=dict)

    def add(self, key: str, kind: str) -> None:
        """Enter a name."""
        self.kinds[key] = kind
        words = key.split(" ")
        first = words[0].removesuffix("'s")
        self.longest[first] = max(self.longest.get(first, 0), min(len(words), _MAX_LOCAL))


class NameLexicon:
    """What is known of organisation names before a release is read. Built once from a rulebook, then
    only read.
    """

    def __init__(self, rulebook: Rulebook) -> None:
        suffixes = {
            part
            for row in rulebook.lexicon("legal_suffixes")
            for part in name_key(row["suffix"]).split()
            if part != "&"
        }
        self.suffixes = frozenset(suffixes - {"de", "cv", "unlimited", "private", "&"})
        self.markers = {row["word"]: row["type"] for row in rulebook.lexicon("organisation_words")}
        self.breakers = frozenset(rulebook.columns("headline_words")["word"])
        self.common = self.breakers.union(rulebook.columns("common_words")["word"])
        self.markers |= {word.upper(): kind for word, kind in self.markers.items()}
        self.marker_norms = frozenset(word.casefold() for word in self.markers)
        self.given = frozenset(rulebook.columns("given_names")["name"])  # first names of people
        self.known: dict[str, str] = {}  # key to kind; "never:<why>" for what is never a counterparty
        self.owner: dict[str, str] = {}  # key to the key of the row it is an alias of
        self.drugs = frozenset(map(str.casefold, rulebook.columns("drug_names")["name"]))
        self.lower: set[str] = set()
        self.lower_forms: set[str] = set()
        self.longest: dict[str, int] = {}
        for name, kind in _LEXICONS:
            for row in rulebook.lexicon(name):
                owner = self.bare_key(name_key(row["name"]))
                for form in (row["name"], *filter(None, row["aliases"].split("|"))):
                    self._add(form, kind, owner)
        for row in rulebook.lexicon("never_counterparty"):
            owner = self.bare_key(name_key(row["name"]))
            for form in (row["name"], *filter(None, row["aliases"].split("|"))):
                giver = (
                    self.known.get(name_key(form)) == "grantor"
                )  # the European Commission judges and gives
                self._add(form, GIVER if giver else f"never:{row['type']}", owner, override=True)

    def _add(self, name: str, kind: str, owner: str, override: bool = False) -> None:
        key = name_key(name)
        words = key.split()
        most = _MAX_WORDS if kind in ("company", "bank", "investor", "cro") else _MOST_OF_BODIES
        if not words or len(words) > most or (len(words) == 1 and key in self.common and not override):
            return
        bare = self.bare_key(key)
        for form in (
            (key, bare) if len(bare) > 2 and not (" " not in bare and bare in self.common) else (key,)
        ):
            if override or form not in self.known:
                self.known[form] = kind
                self.owner[form] = owner
        self.longest[words[0]] = max(self.longest.get(words[0], 0), len(words))
        if (name[0].islower() or words[0].isdigit()) and bare not in self.common:
            self.lower_forms |= {name, canonical_name(name, self)}
            self.lower.add(words[0])

    def bare_key(self, key: str) -> str:
        """``key`` without its legal suffixes ("acme bio co ltd" gives "acme bio")."""
        last = key[key.rfind(" ") + 1 :].strip("()")
        if last not in self.suffixes and last not in ("&", "and") and not key.startswith("the "):
            return key  # as most are
        words = key.split()
        cut = False
        while len(words) > 3 and words[-2] == "de" and words[-1] in ("cv", "rl"):
            words = words[:-2]  # "S.A. de C.V."
        while len(words) > 1 and (
            (last := words[-1].strip("()")) in self.suffixes
            or last in ("&", "and")
            or (cut and last == "private")  # "Private Limited"; alone it may be part of the name
        ):
            words.pop()
            cut = True
        if words[:1] == ["the"] and len(words) > 1:
            words = words[1:]
        return " ".join(words)

    def is_common(self, norm: str) -> bool:
        """Whether the word is English: listed, an inflection of a listed word, or a compound of listed
        words ("at-the-market").
        """
        common = self.common
        if norm in common:
            return True
        if "-" in norm or "/" in norm:
            return norm.endswith(TRAILS) or all(
                not p or p in common or p.isdigit() or self.known.get(p, "").startswith("never")
                for p in norm.replace("/", "-").split("-")
            )
        if norm[-1:] == "s" and len(norm) > 4:
            return norm[:-1] in common or (norm[-2:] == "es" and norm[:-2] in common)
        if norm[-2:] == "ed" and len(norm) > 5:
            return norm[:-1] in common or norm[:-2] in common
        return norm[-3:] == "ing" and len(norm) > 6 and (norm[:-3] in common or norm[:-3] + "e" in common)


def canonical_name(name: str, lexicon: NameLexicon) -> str:
    """``name`` without legal suffix and a leading article, spelling otherwise kept.

    The suffix goes word by word from the end, with commas and brackets around it.
    """
    text = re.sub(r"^(?:the|The|THE)\s+", "", name.strip())
    tokens = [t for t in tokens_of(text, 0, len(text)) if t.text not in ".,"]
    end = len(tokens)
    while end > 3 and tokens[end - 2].norm == "de" and tokens[end - 1].norm in ("cv", "rl"):
        end -= 2  # "S.A. de C.V."
    while end > 1 and (
        tokens[end - 1].norm in lexicon.suffixes
        or tokens[end - 1].text in "&()"
        or (
            end < len(tokens) and tokens[end - 1].norm in ("and", "private")
        )  # "and Company", "Private Limited"
    ):
        if tokens[end - 1].text == ")":
            # "(Suzhou)" before "Co., Ltd.": a place in brackets belongs to the legal form
            opening = next((i for i in range(end - 1, 0, -1) if tokens[i].text == "("), None)
            if opening is None or opening < 1:
                break
            end = opening
        else:
            end -= 1
    last = tokens[end - 1].end
    owns = end == len(tokens) and tokens[end - 1].possessive and text[last : last + 2] in ("'s", "’s")
    return text[: last + 2] if owns else text[:last]
