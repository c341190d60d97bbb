"""Regions as deals name them: countries, parts of the world and lists of them, each one word of the line that rules read.

``Regions.mask`` takes a sentence whose values are masked and puts ``REGION_`` for a list of regions with all that belongs to it ("Japan, South Korea
and certain other Asian countries"; "mainland China, excluding Hong Kong") and ``NATION_`` for an adjective ("Chinese rights"), so that a
rule reads ``rights in REGION_`` however long the list is. The words are plain ones to the patterns, not marked by a number sign as values are.
What regions are called is data (``lexicons/regions.tsv``): ``noun``, ``adjective``, or ``side`` (of a part of the world: "North and South America").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import re2

from nlp.entities.amounts import Masked, Value

__all__ = ["Regions"]

_COUNT = (
    r"(?i:certain|other|all|major|key|several|some|select|selected|many|most|additional|further|neighbou?ring|surrounding|remaining|specified|specific|various|one"
    r"|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|small|large|larger|smaller|undisclosed|emerging|adjacent"
    r"|substantially|of|designated|defined|agreed|numerous|adjoining|associated|international|overseas|regional|#NUM|\d{1,3})"
)
_PLURAL = r"(?:[Mm]ember )?(?:[Cc]ountries|[Nn]ations|[Ss]tates|[Tt]erritories|[Mm]arkets|[Jj]urisdictions|[Rr]egions|country)(?: (?:and|&) (?:[Rr]egions|[Tt]erritories|[Ii]slands))?\b"
_AND = r"(?i:,? (?:and|or|and/or|plus|as well as|along with|together with|&)(?: also)?(?: in| for| throughout| across)? |, (?:in |for |across )?| ?/ ?|; (?:and )?)"
_WITHOUT = r"(?:excluding|except for|except in|excepting|except|with the exception of|other than|but not|but excluding|not including)"
_THE = rf"(?:the |{_COUNT} )*+"
_OTHERS = rf"(?:{_COUNT} )++(?:[\w-]+ ){{0,2}}?{_PLURAL}"
_SHORT = re.compile(rb" \((?:the )?(?:[A-Z][A-Za-z]?[A-Z]{0,6}|(?:[A-Z]\.){1,6}[A-Z]?)\)")
_HEAD = re.compile(rb" (?:[Mm]ember (?:[Ss]tates|[Cc]ountries)|[Cc]ountries|[Nn]ations)\b")
_MANY = re.compile(rf"(?: \([A-Z]\w{{1,8}}\))?+(?<!United) {_PLURAL}".encode())
_REGION = re.compile(rb" (?:[Rr]egion|[Ss]ubcontinent|[Mm]ainland)\b")
_MARKETS = re.compile(rb"(?: \([^()]*\))?(?: [Mm]arkets| [Tt]erritories)\Z")
_SHORT_NAMES = frozenset({b"US", b"U.S.", b"USA", b"UK", b"U.K.", b"EU", b"E.U."})  # adjectives too
_JOINED = re.compile(rb"(?:, and |, | and | & |/| or )")
# what stands between two regions of one list; "(excluding …)" and "(including …)" are closed by a bracket of their own
_LIST = re.compile(
    rf"\)?{_AND}(?:the )?(?:{_OTHERS} (?:in|of|within|across|throughout|from) (?:the )?|(?:its|their) (?:territories|possessions|protectorates)(?: and (?:territories|possessions))?{_AND}|(?:most |a )?(?i:parts?|portions?|regions?|areas) of {_THE}|{_THE})".encode()
)
_EXCEPT = re.compile(rf",? ?\(?{_WITHOUT} (?:in )?{_THE}".encode())
_OUTSIDE = re.compile(rf",? \(?(?:outside(?: of)?) ?{_THE}".encode())  # behind "the rest of the world"
_INCLUDING = re.compile(rf" \((?:(?:including|comprising|consisting of|with|incl\.),? )?{_THE}".encode())
_REST = re.compile(
    rf"{_AND}(?:the )?(?:{_OTHERS}(?: (?:in|of|within) (?:the |that )?[Rr]egion\b)?|ancillary territor(?:y|ies)|its (?:territories|possessions)(?: and (?:territories|possessions))?\b|(?:rest|remainder) of (?:the|its|this) (?:[Tt]erritor(?:y|ies)|[Rr]egion|[Cc]ontinent)\b)".encode()
)
# members of a list that no lexicon names: between two that are known; last, where two are known and the clause ends behind it
_MEMBER = r"(?:the )?[A-Z][\w'-]+(?:\.[\w'-]+)*+(?: [A-Z][\w'-]+){0,2}"
_BETWEEN = re.compile(rf"(?:, |; )(?:{_MEMBER}, ){{0,2}}{_MEMBER}(?:,? (?:and|&) |, ){_THE}".encode())
_LAST = re.compile(rf",? (?:and|&) {_MEMBER}(?=[,.;)]|$| \()".encode())
_COMMA = re.compile(rb"[^,]++, [^,]++")
_LISTED = re.compile(
    rb",? ?(?:\(|:|including|comprising|consisting of|namely|such as|like|which (?:are|include)) ?(?:the following:? )?(?:the )?"
)
# what shows that the word before belongs to something else: a name, an office, an inhabitant
_BEHIND = re.compile(
    rb"'s?\b|' |-(?:[a-z]|[Bb]ased|listed)|- ?[Bb]ased"
    rb"| (?:Food|FDA|[Pp]atents?|Securities|Department|Army|Navy|Dollars?|dollars?|Government|Congress|Court|Centers|National|Pharmacop\w+|GAAP|Inc|Ltd|Limited|Corp|Co|LLC"
    rb"|Holdings?|Group|Pharma\w*|Biotech\w*|Therapeutics|Biologics|Biosciences?|Medicines?|Commission|Stock|Exchange|Bank|Fund|University|Institute"
    rb"|Medical|Healthcare|Ventures|Capital|Association|Society|Federal|Treasury|Public Health|biopharma\w*|biotech\w*|drugmakers?|drug[ -]makers?|firms?|compan(?:y|ies)|giant|patients?)\b"
)
_BEFORE = re.compile(
    rb"(?:Bank|University|Institute|College|Hospital|Government|Ministry|Republic) of(?: the)? \Z"
)
_ARTICLE = re.compile(rb"(?:(?:the|The) |[Cc]ontinental )\Z")
# within a word; the blank before a name is lost in some texts ("outsideEurope")
_WITHIN = re.compile(rb"(?:non-|[A-Za-z0-9_](?<!\bof)(?<!\bin)(?<!the)(?<!\boutside)(?<!\bfor))\Z")


class Regions:
    """Masks regions; ``rows`` as the lexicon gives them (``name``, ``class``).

    >>> from nlp.entities.amounts import mask
    >>> from nlp.rulebook import default_rulebook
    >>> regions = Regions(default_rulebook().lexicon("regions"))
    >>> regions.mask(mask("exclusive rights in Japan, Taiwan and certain other Asian countries; Chinese rights stay")).line
    b'exclusive rights in REGION_; NATION_ rights stay'
    """

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        names: dict[str, list[str]] = {"noun": [], "adjective": [], "side": []}
        for row in rows:
            names[row["class"]].append(row["name"])
        self._adjectives = frozenset(name.encode() for name in names["adjective"])
        self._nouns = frozenset(name.encode() for name in names["noun"])
        self.pattern = _names(names["noun"], names["adjective"], names["side"]) if names["noun"] else ""
        options = re2.Options()
        options.log_errors = False
        self._names: Any = re2.compile(self.pattern.encode(), options) if self.pattern else None

    def mask(self, masked: Masked) -> Masked:
        """The sentence with its regions masked too; ``masked`` itself where it names none."""
        names = [match.span() for match in self._names.finditer(masked.line)] if self._names else ()
        if not names:
            return masked
        spans = self._lists(masked.line, self._items(masked.line, names))
        return _merged(masked, spans) if spans else masked

    def _items(self, line: bytes, names: list[tuple[int, int]]) -> list[tuple[int, int, bool]]:
        """Names with their articles and nouns: ``start, end, whether a region`` (not an adjective alone)."""
        items: list[tuple[int, int, bool]] = []
        i = 0
        while i < len(names):
            start, end = names[i]
            if (items and start < items[-1][1]) or _WITHIN.search(line, max(0, start - 8), start):
                i += 1
                continue
            name = line[start:end]
            i += 1
            if article := _ARTICLE.search(line, max(0, start - 12), start):
                first = article.start()
            else:
                first = start
            if name in self._adjectives:  # "Middle East" is noun and adjective
                last, j = end, i
                while j < len(names) and _JOINED.fullmatch(line, last, names[j][0]):
                    if line[names[j][0] : names[j][1]] not in self._adjectives:
                        break
                    last, j = names[j][1], j + 1
                if many := _MANY.match(line, last):
                    items.append((first, many.end(), True))
                    i = j
                    continue
                if name not in self._nouns and (region := _REGION.match(line, end)):
                    items.append((first, region.end(), True))
                    continue
                if name not in self._nouns:
                    items.append((start, end, False))
                    continue
            if _BEHIND.match(line, end) or _BEFORE.search(line, max(0, first - 20), first):
                continue
            if short := _SHORT.match(line, end):
                end = short.end()
            if head := _HEAD.match(line, end):
                end = head.end()
            items.append((first, end, True))
        return items

    def _lists(self, line: bytes, items: list[tuple[int, int, bool]]) -> list[tuple[int, int, bytes]]:
        """Regions that one list names as one."""
        spans: list[tuple[int, int, bytes]] = []
        i = 0
        while i < len(items):
            start, end, region = items[i]
            i += 1
            if not region or line[start:end].removeprefix(b"the ") in _SHORT_NAMES:
                last, j = end, i
                while j < len(items) and not items[j][2] and _JOINED.fullmatch(line, last, items[j][0]):
                    last, j = items[j][1], j + 1
                if not region or j > i:  # "European and Japanese rights", "U.S. and Canadian rights"
                    spans.append((start + 4 * line.startswith(b"the ", start), last, b"NATION_"))
                    i = j
                    continue
            kept, after = end, i  # what surely is of the list, and the item behind it
            for j in range(i, len(items)):
                following, last, region = items[j]
                if not region and not (
                    j + 1 < len(items) and items[j + 1][2] and _LIST.fullmatch(line, last, items[j + 1][0])
                ):
                    break  # an adjective is no member, but for "Poland, Slovak and Estonia"
                ways = (
                    (_LIST, _EXCEPT, _OUTSIDE)
                    if line.endswith(b"orld", start, end)
                    else (_LIST, _EXCEPT, _BETWEEN)
                )
                if any(way.fullmatch(line, end, following) for way in ways):
                    kept, after = last, j + 1
                elif not _INCLUDING.fullmatch(line, end, following):
                    break
                end = last  # "China (including Hong Kong), South Korea": of the list only where that goes on
            single, i = after == i, after
            if not single and _COMMA.match(line, start, kept) and (last_one := _LAST.match(line, kept)):
                kept = last_one.end()
            if rest := _REST.match(line, kept):
                kept, single = rest.end(), False
                while i < len(items) and items[i][2]:  # "… and all other markets, excluding Japan and Korea"
                    joined = _EXCEPT if kept == rest.end() else _LIST
                    if not joined.fullmatch(line, kept, items[i][0]):
                        break
                    kept, i = items[i][1], i + 1
            if line.startswith(b")", kept) and line.count(b"(", start, kept) > line.count(b")", start, kept):
                kept += 1
            listed = i < len(items) and items[i][2] and _LISTED.fullmatch(line, kept, items[i][0])
            if listed and _MANY.search(line, start, kept):
                if single:
                    continue  # "15 European countries, including Italy and Spain": the list says which
                i += 1
            if single and (markets := _MARKETS.search(line, start, kept)):
                kept = markets.start()  # "Asian and African markets": the adjectives tell which
            spans.append((start, kept, b"REGION_"))
        return spans


def _merged(masked: Masked, spans: list[tuple[int, int, bytes]]) -> Masked:
    """Both kinds of masks in one line; a value within a region is part of it."""
    pieces: list[bytes] = []
    values: list[Value] = []
    starts: list[int] = []
    ends: list[int] = []
    position = shift = i = 0
    for start, end, word in [*spans, (len(masked.line), len(masked.line), b"")]:
        while i < len(masked.values) and masked.starts[i] < start:
            values.append(masked.values[i])
            starts.append(masked.starts[i] + shift)
            ends.append(masked.ends[i] + shift)
            i += 1
        if not word:
            break
        first, last = masked.origin(start), masked.origin(end, behind=True)
        while i < len(masked.values) and masked.starts[i] < end:
            i += 1
        pieces += (masked.line[position:start], word)
        values.append(Value("REGION", first, last, ""))
        starts.append(start + shift)
        ends.append(start + shift + len(word))
        shift += len(word) - (end - start)
        position = end
    pieces.append(masked.line[position:])
    return Masked(b"".join(pieces), tuple(values), tuple(starts), tuple(ends))


def _names(nouns: list[str], adjectives: list[str], sides: list[str]) -> str:
    """One pattern for all names, longer ones first, as the first alternative that fits is taken."""
    capitals = [name.upper() for name in nouns if len(name) > 4]
    ordered = sorted({*nouns, *adjectives, *capitals}, key=len, reverse=True)
    names = "|".join(name.replace(".", r"\.") + (r"\b" if name[-1].isalpha() else "") for name in ordered)
    side = "(?:" + "|".join(sides) + ")"
    joint = (
        rf"{side}(?:(?:, and |, | and | & |/){side})+ (?:Europe|Asia|Africa|America|Korea)\b|"
        if sides
        else ""
    )
    return f"{joint}{names}".replace(" ", "[ \u00a0]")
