"""What a sum of money is in a deal, told by the words it hangs on.

Rules (``rules/terms.jsonl``) name the forms whose words stand close by; ``Sums.kind`` reads the sums that no rule took. It looks at the noun behind
the sum ("$5 million in sales milestones"), at the condition behind it ("$5 million when the trial begins"), at the noun before ("the licence fee,
paid at once, is $5 million") and last at the verb ("buys Sorvane for $5 million"), each within the clause and up to the next sum.
Words and what they tell are data (``lexicons/sum_words.tsv``; its classes are explained in ``rules/labels.toml``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from nlp.errors import RuleError
from nlp.rulebook import one_of

__all__ = ["Sums"]

_TOKEN = re.compile(r"#\w+|[A-Za-z][\w'/&]*(?:-[\w'/&]+)*|[.,;:()]|-(?=#)|-(?= )")
_SUM = "#money"
_STOPS = frozenset({";", ":", "."})
_OF = frozenset({"in", "of", "as"})
_MARKS = frozenset({".", ",", ";"})
_FIRST = re.compile(  # "pays #MONEY in cash and up to #MONEY …"
    r"(?: in cash)?,? (?:and|plus|with|as well as|followed by) (?:(?:will|may|could|has agreed to|to) (?:also )?(?:pay|receive) )?"
    r"(?:up to|as much as|an? (?:additional|further|potential)|additional|further|another|potential|contingent)\b"
)
_REACH = 12  # tokens read to either side
_TABLE = "sum_words"
_WORD = re.compile(r"-|:|[a-z0-9][a-z0-9'&/-]*(?: [a-z]+)*\*?")
# looked for in the text, so that they may have blanks and a * at their end
_PHRASES = frozenset({"split", "part"})
# fmt: off
_CLASSES = _PHRASES | {
    "upfront", "milestone", "total", "equity", "royalty", "none", "never", "stage", "reached", "start", "deal", "buy", "size", "link", "payment",
    "fee", "licence", "price", "worth", "more", "extra", "past", "books", "owed", "due", "later", "option", "merger", "whole", "plain", "pay", "earn",
    "when", "if", "behind", "at", "for", "be", "next", "join", "stop", "end", "opener", "dated",
}
# fmt: on


class Sums:
    """Kinds of sums; ``rows`` as the lexicon gives them (``word``, ``class``). Raises ``RuleError`` for a wrong one, with its line.

    >>> from nlp.rulebook import default_rulebook
    >>> sums = Sums(default_rulebook().lexicon("sum_words"))
    >>> sums.kinds("Orlane will pay #MONEY at closing and up to #MONEY when the cream is approved")
    [(16, 'upfront'), (44, 'milestones')]
    """

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        found: dict[str, set[str]] = {}
        words: dict[str, set[str]] = {name: set() for name in _CLASSES}
        for number, row in enumerate(rows, 2):
            word, kind = row["word"], row["class"]
            where = f"{_TABLE}.tsv, line {number}"
            if not _WORD.fullmatch(word):
                raise RuleError(f"{where}: {word!r}; write words in lower case")
            if kind not in _PHRASES and (" " in word or "*" in word):
                raise RuleError(
                    f"{where}: {word!r}; only words of class {' and '.join(sorted(_PHRASES))} have blanks or a *"
                )
            if word in words.get(kind, ()):
                raise RuleError(f"{where}: {word!r} has the class {kind!r} already")
            words.setdefault(kind, set()).add(word)
            found.setdefault(word, set()).add(kind)
        if found and (missing := [name for name in sorted(words) if not words[name]]):
            raise RuleError(f"{_TABLE}.tsv: no word of class {', '.join(missing)}; each needs one")
        self._classes = {word: frozenset(some) for word, some in found.items()}
        self._of = {name: frozenset(some) for name, some in words.items()}
        self._split = re.compile(rf"(?:,| \(| -+)? ?(?:which |that |and )?{one_of(words['split'])}")
        self._parts = re.compile(rf"(?i)\b{one_of(words['part'])}")

    def kinds(self, line: str) -> list[tuple[int, str]]:
        """Where the sums of ``line`` (a masked sentence) stand, and what they are; those that nothing tells are left out."""
        tokens = [(m[0].lower(), m.start(), m.end()) for m in _TOKEN.finditer(line)]
        found: list[tuple[int, str]] = []
        # figures of the accounts, what has been paid so far
        spoken = [word for word, _, _ in tokens]
        if not self._of["books"].isdisjoint(spoken) or spoken[:2] == ["to", "date"]:
            return found
        last: tuple[int, str] | None = None
        for k, (word, start, _) in enumerate(tokens):
            if word != _SUM:
                continue
            kind = self._kind(line, tokens, k)
            if kind is None and last and [t for t, _, _ in tokens[last[0] + 1 : k]] in (["and"], [","]):
                kind = last[1]  # "of #MONEY and #MONEY respectively"
            last = (k, kind) if kind else None
            if kind and kind != "none":
                found.append((start, kind))
        return found

    def _kind(self, line: str, tokens: list[tuple[str, int, int]], k: int) -> str | None:
        clause = [word for word, _, _ in tokens[max(0, k - 10) : k]]
        clause = clause[
            max((i for i, word in enumerate(clause) if word in _STOPS or word == _SUM), default=-1) + 1 :
        ]
        if not self._of["past"].isdisjoint(clause):
            return None
        before, weight = self._before(tokens, k)
        behind, strong = self._behind(line, tokens, k)
        if "none" in (before, behind):
            return "none"
        if behind and (strong or (before in (None, "total_value") and weight < 2)):
            return behind
        return before or behind or self._verb(line, tokens, k)

    def _is(self, kind: str, word: str) -> bool:
        return kind in self._classes.get(word, ())

    def _told(self, words: list[str]) -> str | None:
        """The kind that the words of one noun phrase tell."""
        has = {kind for word in words for kind in self._classes.get(word, ())}
        if "never" in has:
            return "none"
        if "upfront" in has and "milestone" in has:
            return "total_value"
        if "milestone" in has:
            return "milestones"
        paid = not self._of["payment"].isdisjoint(words)
        if "none" in has and not paid:
            return "none"
        if (
            not self._of["licence"].isdisjoint(words)
            and not self._of["fee"].isdisjoint(words)
            and "stage" not in has
        ):
            return "upfront"
        if "start" in has and paid:
            return "upfront"
        if "upfront" in has:
            return (
                "total_value" if "stage" in has and paid and ("and" in words or "," in words) else "upfront"
            )
        if "stage" in has and paid:
            return "milestones"
        if "royalty" in has:
            return "none"
        if "equity" in has and "interests" not in words:
            return "total_value" if "total" in has else "equity_investment"
        if "none" in has:
            return "none"
        if "deal" in has or ("total" in has and not self._of["price"].isdisjoint(words)):
            return "total_value"
        return None

    def _behind(self, line: str, tokens: list[tuple[str, int, int]], k: int) -> tuple[str | None, bool]:
        """What the noun or the condition behind the sum tells, and whether it is a noun's."""
        j = _past_brackets(tokens, k + 1)  # the same in another currency
        if j >= len(tokens):
            return None, False
        rest = line[tokens[j - 1][2] :]
        if self._split.match(rest) and self._parts.search(rest) and _SUM.upper() in rest:
            return "total_value", False
        words: list[str] = []
        for word, _, _ in tokens[j : j + _REACH]:
            if word in _STOPS or word.startswith("#") or word == ")":
                break
            words.append(word)
        if words[:1] == [","] and len(words) > 1 and self._is("behind", words[1]):
            return self._condition(words[1:]), False
        if words[:2] == ["of", "cash"]:
            return "none", True  # what lies in the bank
        if words[:2] in (["of", "such"], ["of", "this"], ["of", "that"], ["of", "which"]):
            return "none", True  # a part of what is told elsewhere
        if words and words[0] in self._of["be"] and self._of["owed"].isdisjoint(words[:5]):
            return None, False
        if not words or words[0] == "," or self._is("join", words[0]) or words[:2] == ["in", "addition"]:
            return None, False
        if (
            words[0] == "to"
            and len(words) > 1
            and line[tokens[j + 1][1]].islower()
            and words[1] not in {"the", "its"}
        ):
            return ("total_value" if self._is("buy", words[1]) and words[1] not in {"sell"} else None), False
        words = self._phrase(words)
        if words[:3] == ["in", "connection", "with"] and not self._of["merger"].isdisjoint(words[3:6]):
            return "total_value", False
        if (
            words[0] in {"in", "of"}
            and len(words) > 1
            and (
                words[1] in self._of["whole"]
                or (words[1] == "the" and words[2:3] and words[2] in self._of["whole"])
            )
        ):
            words = words[2 if words[1] in self._of["whole"] else 3 :]
            if not words:
                return "total_value", False
        if words[:2] in (["each", "time"], ["every", "time"]) or words[:3] == ["the", "first", "time"]:
            return self._condition(["if", *words]), False
        opens = self._of["when"]
        when = next(
            (i for i, word in enumerate(words) if word in opens and not (i == 0 and word in _OF)),
            -1,
        )
        noun = words[:when] if when >= 0 else words
        cut = next((i for i, w in enumerate(noun) if i and self._is("stop", w)), len(noun))
        told = self._told(noun[:cut])
        fee = told == "upfront" and not any(self._is("upfront", word) for word in noun[:cut])
        if fee and when >= 0 and words[when] == "upon" and self._condition(words[when:]) == "milestones":
            return "milestones", True  # "a licence fee upon approval"
        if told and not (told == "total_value" and when >= 0):
            return told, True
        totals = noun and noun[-1] == "payments" and self._of["plain"].issuperset(noun)
        if told is None and totals and (when < 0 or words[when] in {"from", "under"}):
            told = "milestones" if "milestone" in rest.partition(";")[0].lower() else "total_value"
            return told, True  # "up to #MONEY in payments"
        if (
            when >= 0
            and (not noun or noun[0] in self._of["next"])
            and (condition := self._condition(words[when:]))
        ):
            return condition, False
        return told, True

    def _condition(self, words: list[str]) -> str | None:
        if self._is("due", words[0]):  # "payable to Halden upon …"
            later = next(
                (
                    i
                    for i, word in enumerate(words)
                    if i and word in self._of["when"] and word not in {"for", "by", "from"}
                ),
                0,
            )
            words = words[later:]
        head = words[: 10 if words[0] == "within" or words[:3] == ["on", "the", "date"] else 7]
        if not self._of["later"].isdisjoint(head[:4]):
            return None
        if head[0] == "from":
            head = head[:3]  # "from Halden …": what follows tells of something else
        for word in head:  # what stands first
            if self._is("milestone", word):
                return "milestones"
            if self._is("start", word):
                return "upfront"
        if self._is("at", head[0]) and "completion" in head[1:3] and "of" not in head:
            return "upfront"
        if not self._of["option"].isdisjoint(head):
            return "none"  # what the use of an option costs
        if head[0] == "for" and any(self._is("none", w) for w in head):
            return "none"
        if any(self._is("reached", w) for w in head) or self._is("if", head[0]):
            return "milestones"
        return None

    def _before(self, tokens: list[tuple[str, int, int]], k: int) -> tuple[str | None, int]:
        """What the noun before the sum tells, where something ties the two; and 2 where it stands against a condition."""
        i = k - 1
        if i >= 2 and tokens[i][0] == ")" and len(tokens[i - 1][0]) <= 4 and tokens[i - 2][0] == "(":
            i -= 3  # "(ii) #MONEY"
        own: list[str] = []
        size = self._of["size"]
        while i >= 0 and tokens[i][0] in size:
            own.append(tokens[i][0])
            i -= 1
        if own and (told := self._told([w for w in own if not self._is("total", w)])):
            return told, 2
        if i < 0 or tokens[i][0].startswith("#"):
            return None, 0
        if tokens[i][0] == "-" and not (i and self._told([tokens[i - 1][0]]) in ("upfront", "milestones")):
            return None, 0
        if not self._is("link", tokens[i][0]) and not any(self._is("link", w) for w in own):
            return None, 0
        words: list[str] = []
        while i >= 0 and k - i < _REACH + 4:
            word = tokens[i][0]
            if word in _STOPS or word in (_SUM, "#pct"):
                break
            if word in {"and", "plus", "or"} and (
                not words or words[-1] in self._of["more"] or words[-1] in self._of["opener"]
            ):
                break
            words.append(word)
            i -= 1
        noun = self._phrase(list(reversed(words)), from_end=True)
        told = self._told([*noun, *own])
        if told == "total_value" and words[0].startswith("includ"):
            told = None  # "the deal includes #MONEY": a part of it
        if (
            told in (None, "total_value")
            and not self._of["payment"].isdisjoint(noun)
            and not self._of["more"].isdisjoint([*noun, *own])
        ):
            told = "milestones"
        return told, 2 if not self._of["worth"].isdisjoint([*noun, *own]) else 1

    def _verb(self, line: str, tokens: list[tuple[str, int, int]], k: int) -> str | None:
        """What the verb tells: "buys … for #MONEY", "at closing … pays #MONEY", "pays #MONEY and up to …"."""
        words = [word for word, _, _ in tokens[max(0, k - 24) : k]]
        i = len(words) - 1
        size = self._of["size"]
        while i >= 0 and words[i] in size:
            i -= 1
        if i < 0:
            return None
        if _SUM not in words and self._is("for", words[i]) and any(self._is("buy", w) for w in words[:i]):
            return "total_value"
        pays = not self._of["pay"].isdisjoint(words[max(0, i - 2) : i + 1])
        if (
            pays
            and _SUM not in words
            and self._is("at", words[0])
            and any(self._is("start", w) for w in words[:4])
        ):
            return "upfront"
        own = set(words[i + 1 :])
        j = _past_brackets(tokens, k + 1)
        following = tokens[j][0] if j < len(tokens) else "."
        if own & self._of["extra"] and not self._is("dated", following):
            reached = any(
                self._is(kind, word) for word, _, _ in tokens[k + 1 :] for kind in ("milestone", "reached")
            )
            if reached and any(self._is("upfront", word) for word, _, _ in tokens[:k]):
                return "milestones"
        elif (
            words[i] in self._of["earn"]
            and "up" in own
            and (following in _MARKS or self._is("end", following))
        ):
            if any(self._is("never", word) for word, _, _ in tokens[j : j + _REACH]):
                return None  # lent, not paid
            rest = [word for word, _, _ in tokens[j:]]
            rest = rest[: rest.index(";")] if ";" in rest else rest
            return (
                "milestones"
                if any(self._is("milestone", word) for word in rest)
                and not any(self._is("upfront", word) for word in rest)
                else "total_value"
            )
        if pays and _FIRST.match(line, tokens[k][2]) and "up" not in words[i + 1 :]:
            return "upfront"
        return None

    def _phrase(self, words: list[str], *, from_end: bool = False) -> list[str]:
        """The noun phrase: up to a comma that no list goes on behind."""
        if from_end:
            for i in range(len(words) - 1, -1, -1):
                if words[i] == "," and "and" not in words[i:] and "or" not in words[i:]:
                    return words[i + 1 :]
            return words
        for i, word in enumerate(words):
            listed = "and" in words[i:] or "or" in words[i:]
            if word == "," and (not listed or (i and words[i - 1] in self._of["payment"])):
                return words[:i]  # "a #MONEY payment, royalties and milestones": the first tells
        return words


def _past_brackets(tokens: list[tuple[str, int, int]], j: int) -> int:
    if j < len(tokens) and tokens[j][0] == "(":
        while j < len(tokens) and tokens[j][0] != ")":
            j += 1
        j += 1
    return j
