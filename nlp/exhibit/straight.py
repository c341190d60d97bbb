"""First reader, for pages whose tags all match: there the source already is what a tree builder would write out.

Nearly all that filing agents' software made since 2001 is such a page. What a tree builder could change is refused
here: anything but plain, properly nested tags, each where HTML allows it (no implied or missing ends, no text between
table rows, no block inside a paragraph, no script). Refused pages go to lexbor. As every tag and every text is
accounted for, nothing can be lost, and no count has to look for it.

A page is cut at its texts in one go; what a run of tags between two texts means, and what it asks of the elements open
before it, is worked out once for each run and remembered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape

from nlp.exhibit.normal import ENTITY, resolve_one
from nlp.exhibit.steps import VOID, Event, Steps, steps_of_run

__all__ = ["straight_events"]

_TEXT = re.compile(r">((?:\s|&nbsp;|&#160;)*+[^<\s][^<]*+)<")
_TAG = re.compile(
    r"(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]{0,15}+)"
    r"(?P<attributes>(?:\s++[a-zA-Z][\w:.-]*+(?:\s*+=\s*+(?:\"[^\"<>]*+\"|'[^'\"<>]*+'|[^\s\"'<>=`]++))?+)*+)\s*+(?P<slash>/?)",
    re.A,
)
_ATTRIBUTE = re.compile(r"\s([a-zA-Z][\w:.-]*+)(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"']++))?+", re.A)
_COMMENT = re.compile(r"!--(?!-?>)[^>]*+(?<=--)")
_DOCTYPE = re.compile(r"!doctype\b[^>]*+", re.I)
_BEGINS = re.compile(r"\s*+<")
_MOST_OPEN = 100  # elements; real pages have some ten
_MOST_STRAYS = 20  # end tags without a start
_MANY_CHARACTERS = 3_000_000  # of the runs remembered
_LONG, _LONGEST = 4000, 200_000  # characters of one run that is remembered, and of one that is read
_LONG_TAG = 300

# Where a tag stands: what the innermost open element lets follow.
_START, _FLOW, _HTML, _HEAD, _AFTER_HEAD, _TITLE, _TABLE, _ROWS, _ROW, _END = range(10)
_TEXT_MAY_FOLLOW = (_START, _FLOW, _TITLE)
# fmt: off
_INLINE = frozenset([
    "a", "abbr", "b", "big", "cite", "code", "del", "em", "font", "i", "ins", "q", "s", "small", "span", "strike", "strong",
    "sub", "sup", "tt", "u", "var",
])
_BLOCKS = frozenset([
    "address", "article", "blockquote", "center", "div", "dl", "footer", "header", "main", "ol", "p", "section", "ul",
    "h1", "h2", "h3", "h4", "h5", "h6", "li", "dd", "dt",
])
# fmt: on
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_GROUPS = frozenset(["tbody", "thead", "tfoot"])
_CELLS = frozenset(["td", "th"])
_PAGE = frozenset(["html", "body"])  # may be left open at the end
_SIMPLE_VOID = frozenset(["br", "hr", "img", "wbr"])
_HEAD_VOID = frozenset(["meta", "link", "base"])
_ENDS_EMPTY = frozenset(
    ["p", "div", "hr", "center", "ul", "ol", "dl"]
)  # end a paragraph that holds nothing yet
# An element that may not be open where another begins, and the elements beyond which it doesn't count.
_CELL_WALL = frozenset(["td", "th", "table"])
_LIST_WALL = _CELL_WALL | {"ul", "ol"}
_TERM_WALL = _CELL_WALL | {"dl"}
_FORBIDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "a": (frozenset(["a"]), frozenset()),
    "li": (frozenset(["p"]), _CELL_WALL),
    "dd": (frozenset(["p"]), _CELL_WALL),
    "dt": (frozenset(["p"]), _CELL_WALL),
    "hr": (frozenset(["p"]), _CELL_WALL),
    "table": (frozenset(["p"]), _CELL_WALL),
    **dict.fromkeys(_BLOCKS - {"li", "dd", "dt"}, (frozenset(["p"]), _CELL_WALL)),
}
_ALSO_FORBIDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset(["li"]), _LIST_WALL),
    "dd": (frozenset(["dd", "dt"]), _TERM_WALL),
    "dt": (frozenset(["dd", "dt"]), _TERM_WALL),
    **dict.fromkeys(_HEADINGS, (_HEADINGS, _CELL_WALL)),
}
_INSIDE = {
    "html": _HTML, "head": _HEAD, "title": _TITLE, "table": _TABLE, "tr": _ROW, **dict.fromkeys(_GROUPS, _ROWS),
}  # fmt: skip
_AFTER = {
    "html": _END, "body": _END, "head": _AFTER_HEAD, "title": _HEAD, "tr": _ROWS, **dict.fromkeys(_CELLS, _ROW),
    **dict.fromkeys(_GROUPS, _TABLE),
}  # fmt: skip

Check = tuple[int, frozenset[str], frozenset[str]]
"""After so many elements were closed: names that may not be open, up to a wall."""


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """What a run of tags means, which open elements it closes, what must not be open, and what it leaves open."""

    steps: Steps
    closes: list[str]
    checks: tuple[Check, ...]
    opens: list[str]
    text_may_follow: bool
    begins_page: bool


@dataclass(slots=True)
class _Reading:
    """A run being worked out."""

    context: int
    closes: list[str] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    opens: list[str] = field(default_factory=list)

    def end(self, name: str) -> bool:
        """Take an end tag; whether it may stand here."""
        if name in VOID:
            return False
        if self.opens:
            if self.opens.pop() != name:
                return False
        else:
            self.closes.append(name)
        self.context = _AFTER.get(name, _FLOW)
        if self.opens and self.context == _FLOW:
            self.context = _INSIDE.get(self.opens[-1], _FLOW)
        return True

    def start(self, name: str) -> bool:
        """Take a start tag; whether it may stand here."""
        if not self._may_start(name):
            return False
        for rule in (_FORBIDS.get(name), _ALSO_FORBIDS.get(name)):
            if rule is not None and not self._check(*rule):
                return False
        if name not in VOID:
            self.opens.append(name)
            self.context = _INSIDE.get(name, _FLOW)
            return len(self.opens) <= _MOST_OPEN
        if self.context == _START:
            self.context = _FLOW
        return True

    def _may_start(self, name: str) -> bool:
        context = self.context
        if context in (_FLOW, _START):
            return (
                name in _INLINE
                or name in _BLOCKS
                or name in _SIMPLE_VOID
                or name == "table"
                or (context == _START and name in ("html", "body"))
            )
        if context == _HTML:
            return name in ("head", "body")
        if context == _AFTER_HEAD:
            return name == "body"
        if context == _HEAD:
            return name == "title" or name in _HEAD_VOID
        if context == _TABLE:
            return name == "tr" or name in _GROUPS
        if context == _ROWS:
            return name == "tr"
        return context == _ROW and name in _CELLS

    def _check(self, names: frozenset[str], wall: frozenset[str]) -> bool:
        for name in reversed(self.opens):
            if name in names:
                return False
            if name in wall:
                return True
        self.checks.append((len(self.closes), names, wall))
        return True


class _Remembered(dict[str, "_Run | None"]):
    """What each run means; ``None``: the page is not for this reader."""

    characters = 0  # of the runs remembered

    def __missing__(self, run: str) -> _Run | None:
        if len(run) > _LONGEST:
            return None
        found = _read_run(run)
        if len(run) < _LONG:
            self.characters += len(run)
            if self.characters > _MANY_CHARACTERS:
                self.clear()
                self.characters = len(run)
            self[run] = found
        return found


_RUNS = _Remembered()


def straight_events(markup: str) -> list[Event] | None:
    """Events of a page whose tags all match; ``None`` for any other. Text has its entities resolved once.

    >>> [text for _, text in straight_events("<p>R&amp;D <b>costs</b></p>")], straight_events("<p>one<p>two")
    (['R&D ', 'costs', ''], None)
    """
    if "\0" in markup or _BEGINS.match(markup) is None or markup[-200:].rstrip()[-1:] != ">":
        return None
    if "\r" in markup:
        markup = markup.replace("\r\n", "\n").replace("\r", "\n")
    pieces = _TEXT.split(markup)
    # So that each run reads alike, and the first one shows that it begins the page.
    pieces[0] = "!>" + pieces[0]
    pieces[-1] += "<!"
    steps: list[Steps] = []
    joined: list[int] = []
    stack: list[str] = []
    last = len(pieces) - 1
    strays = _MOST_STRAYS
    for number in range(0, len(pieces), 2):
        run = _RUNS[pieces[number]]
        joins = False  # the texts before and behind it are one
        while run and run.closes and run.closes[-1] in _INLINE and run.closes[-1] not in stack:
            # An end without a start: ignored.
            if not strays or len(pieces[number]) > _LONG:
                return None
            strays -= 1
            pieces[number] = _without_end(pieces[number], run.closes[-1])
            run = _RUNS[pieces[number]]
            joins = run is not None and not run.steps
        if run is None or run.begins_page != (number == 0) or not (run.text_may_follow or number == last):
            return None
        if run.checks and not _holds(stack, run.checks):
            return None
        if closes := run.closes:
            count = len(closes)
            if stack[-count:] != closes:
                return None
            del stack[-count:]
        if run.opens:
            stack += run.opens
            if len(stack) > _MOST_OPEN:
                return None
        steps.append(run.steps)
        if joins:
            joined.append(number // 2)
    if not _PAGE.issuperset(stack):
        return None
    texts = pieces[1::2]
    for at, text in enumerate(texts):
        if "&" in text:
            texts[at] = text = _unescaped(text)
            if "\r" in text:
                return None  # a line end that was meant; which others there are is for a tree builder to say
    texts.append("")
    for at in reversed(joined):
        if at:
            texts[at - 1] += texts.pop(at)
            del steps[at]
    return list(zip(steps, texts, strict=True))


def _unescaped(text: str) -> str:
    text = text.replace("&nbsp;", "\xa0")
    found, count = ENTITY.subn(resolve_one, text)
    # Others are without their semicolon, or none at all.
    return found if count == text.count("&") else unescape(text)


def _holds(stack: list[str], checks: tuple[Check, ...]) -> bool:
    for closed, names, wall in checks:
        for at in range(len(stack) - 1 - closed, -1, -1):
            if stack[at] in names:
                return False
            if stack[at] in wall:
                break
    return True


def _without_end(run: str, name: str) -> str:
    """The run without its first end tag of this name that nothing in the run opens."""
    pieces = run.split("<")
    opened = 0
    for index, piece in enumerate(pieces):
        found = _TAG.match(piece)
        if found and found["name"].lower() == name:
            if not found["end"]:
                opened += 1
            elif opened:
                opened -= 1
            else:
                pieces[index] = "!----" + piece[found.end() :]
                break
    return "<".join(pieces)


def _read_run(run: str) -> _Run | None:
    pieces = run.split("<")
    begins_page = pieces[0].rstrip() == "!>"  # no tag of the page: see ``straight_events``
    reading = _Reading(_START if begins_page else _FLOW)
    written = ["!>"] if begins_page else []
    last = len(pieces) - 1
    # <p><hr></p>, as agents write a page's end: the rule ends the paragraph, and </p> makes an empty one behind it.
    ruled = False
    for index in range(int(begins_page), last + 1):
        tag, closed, space = pieces[index].partition(">")
        if not closed and index < last:
            return None
        if tag[:1] == "!":
            known = (
                _COMMENT.fullmatch(tag) and reading.context != _TITLE
                if tag[1:]
                else index == last  # the mark behind the page
            )
            if not known and not (reading.context == _START and _DOCTYPE.fullmatch(tag)):
                return None
        else:
            name = tag.partition(" ")[0].lower()
            if name in _ENDS_EMPTY and reading.opens[-1:] == ["p"]:
                reading.end("p")
                written.append("/p>")
                ruled = name == "hr"
            elif ruled:
                if name == "/p" and reading.start("p"):
                    written.append("p>")
                ruled = False
            named = _take(tag, reading)
            if named is None:
                return None
            tag = named
        if space.strip(" \t\n\f"):
            space = space.replace("&#160;", "&nbsp;")
            # A hard space is text, which no row or head may hold.
            if reading.context != _FLOW or not space.replace("&nbsp;", " ").isspace():
                return None
        written.append(tag + closed + space)
    return _Run(
        steps_of_run("<".join(written)),
        reading.closes[::-1],
        tuple(dict.fromkeys(reading.checks)),
        reading.opens,
        reading.context in _TEXT_MAY_FOLLOW,
        begins_page,
    )


def _take(tag: str, reading: _Reading) -> str | None:
    """Take one tag; as written with its name in lower case, ``None`` where it may not stand."""
    read = _read_tag(tag) if len(tag) < _LONG_TAG else _read_tag.__wrapped__(tag)
    if read is None:
        return None
    written, name = read
    takes = reading.end if written[0] == "/" else reading.start
    return written if takes(name) else None


@lru_cache(maxsize=8192)
def _read_tag(tag: str) -> tuple[str, str] | None:
    """A tag with its name in lower case, and the name; ``None`` for one that is not plain."""
    match = _TAG.fullmatch(tag)
    if match is None:
        return None
    name, attributes = match["name"].lower(), match["attributes"]
    if match["end"]:
        return None if attributes or match["slash"] else ("/" + name, name)
    if attributes:
        names = [found.lower() for found in _ATTRIBUTE.findall(attributes)]
        if len(set(names)) < len(names):
            return None  # only the first of two would count
    if match["slash"] and name not in VOID:
        return None
    return name + attributes, name
