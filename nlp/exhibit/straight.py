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
from html import unescape

from nlp.exhibit.normal import ENTITY, resolve_one
from nlp.exhibit.steps import VOID, Event, Steps, steps_of_pieces

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
_LONG_PIECE, _MANY_PIECES = 300, 16384

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
_Rule = tuple[frozenset[str], frozenset[str]]
_NO_P: _Rule = (frozenset(["p"]), _CELL_WALL)
_FORBIDS: dict[str, tuple[_Rule, ...]] = {
    **dict.fromkeys([*_BLOCKS, "hr", "table"], (_NO_P,)),
    **dict.fromkeys(_HEADINGS, (_NO_P, (_HEADINGS, _CELL_WALL))),
    **dict.fromkeys(["dd", "dt"], (_NO_P, (frozenset(["dd", "dt"]), _CELL_WALL | {"dl"}))),
    "li": (_NO_P, (frozenset(["li"]), _CELL_WALL | {"ul", "ol"})),
    "a": ((frozenset(["a"]), frozenset()),),
}
_FLOWS = _INLINE | _BLOCKS | _SIMPLE_VOID | {"table"}
_ALLOWED: dict[int, frozenset[str]] = {
    _START: _FLOWS | {"html", "body"},
    _FLOW: _FLOWS,
    _HTML: frozenset(["head", "body"]),
    _AFTER_HEAD: frozenset(["body"]),
    _HEAD: _HEAD_VOID | {"title"},
    _TITLE: frozenset(),
    _TABLE: _GROUPS | {"tr"},
    _ROWS: frozenset(["tr"]),
    _ROW: _CELLS,
    _END: frozenset(),
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


_STARTS, _ENDS, _NOTE, _TYPE, _MARK = range(5)


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """What stands between two ``<``: a tag, its name in lower case, and white space (``is_hard``: not all of it soft).

    ``kind``: a start, an end, a comment, a document type, or the mark behind the page.
    """

    written: str
    name: str
    kind: int
    is_closed: bool
    is_hard: bool


class _Pieces(dict[str, _Piece | None]):
    """Each piece as read; ``None`` for one that is not plain."""

    def __missing__(self, piece: str) -> _Piece | None:
        found = _read_piece(piece)
        if len(piece) < _LONG_PIECE:
            if len(self) >= _MANY_PIECES:
                self.clear()
            self[piece] = found
        return found


_PIECES = _Pieces()


def _read_piece(piece: str) -> _Piece | None:
    tag, closed, space = piece.partition(">")
    is_hard = bool(space.strip(" \t\n\f"))
    if is_hard:
        space = space.replace("&#160;", "&nbsp;")
        if not space.replace("&nbsp;", " ").isspace():
            return None
    if tag[:1] == "!":
        kind = _NOTE if _COMMENT.fullmatch(tag) else _TYPE if _DOCTYPE.fullmatch(tag) else _MARK
        return (
            _Piece(tag + closed + space, "", kind, bool(closed), is_hard)
            if kind != _MARK or tag == "!"
            else None
        )
    match = _TAG.fullmatch(tag)
    if match is None:
        return None
    name, attributes, slash = match["name"].lower(), match["attributes"], match["slash"]
    if match["end"]:
        written = f"/{name}{closed}{space}"
        return None if attributes or slash else _Piece(written, name, _ENDS, bool(closed), is_hard)
    if attributes:
        names = [found.lower() for found in _ATTRIBUTE.findall(attributes)]
        if len(set(names)) < len(names):
            return None  # only the first of two would count
    if slash and name not in VOID:
        return None
    return _Piece(name + attributes + closed + space, name, _STARTS, bool(closed), is_hard)


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
        if name not in _ALLOWED[self.context]:
            return False
        for names, wall in _FORBIDS.get(name, ()):
            if not self._check(names, wall):
                return False
        if name not in VOID:
            self.opens.append(name)
            self.context = _INSIDE.get(name, _FLOW)
            return len(self.opens) <= _MOST_OPEN
        if self.context == _START:
            self.context = _FLOW
        return True

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
    opens = reading.opens
    written = ["!>"] if begins_page else []
    last = len(pieces) - 1
    # <p><hr></p>, as agents write a page's end: the rule ends the paragraph, and </p> makes an empty one behind it.
    ruled = False
    for index in range(int(begins_page), last + 1):
        found = _PIECES[pieces[index]]
        if found is None or not (found.is_closed or index == last):
            return None
        name, kind = found.name, found.kind
        if kind == _STARTS:
            if opens and opens[-1] == "p" and name in _ENDS_EMPTY:
                reading.end("p")
                written.append("/p>")
                ruled = name == "hr"
            else:
                ruled = False
            if not reading.start(name):
                return None
        elif kind == _ENDS:
            if ruled and name == "p" and reading.start("p"):
                written.append("p>")
            ruled = False
            if not reading.end(name):
                return None
        elif kind == _MARK:
            if index < last:
                return None
        elif reading.context == _TITLE or (kind == _TYPE and reading.context != _START):
            return None
        if found.is_hard and reading.context != _FLOW:
            return None  # a hard space is text, which no row or head may hold
        written.append(found.written)
    return _Run(
        steps_of_pieces(written),
        reading.closes[::-1],
        tuple(dict.fromkeys(reading.checks)),
        opens,
        reading.context in _TEXT_MAY_FOLLOW,
        begins_page,
    )
