"""Fourth reader: the source cut into tags and text where they stand, so that positions are known.

No tree is built, only a stack that closes what HTML closes by itself (``<p>`` before ``<p>``, ``<td>`` before
``<td>``). It is linear whatever comes, so it also takes what would be quadratic for a tree builder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from nlp.exhibit.steps import PAGE_COMMENT, VOID, Event, steps_of_tag

__all__ = ["source_events", "source_pieces"]

_TAG = re.compile(
    r"""<(?:
      (?P<declaration>[!?][^>]*+)
    | (?P<end>/[a-zA-Z][^\s/>]*+)[^>]*+
    | (?P<name>[a-zA-Z][^\s/>]*+)(?P<attributes>(?:[^>="']++|=\s*+(?:"[^"]*+"|'[^']*+')?+|["'])*+)
    )>""",
    re.X,
)
_RAW = ("script", "style", "title", "noembed", "noframes", "iframe")
_RAW_END = {name: re.compile(rf"</{name}\b[^<>]{{0,100}}>", re.I) for name in _RAW}
# Characters a tag may have; after many that never end, fewer, so that hostile input stays linear.
_WINDOW, _NARROW, _PATIENCE = 4_000_000, 1_000, 20
_FORMATTING = frozenset(
    [
        "a",
        "b",
        "big",
        "code",
        "em",
        "font",
        "i",
        "nobr",
        "s",
        "small",
        "strike",
        "strong",
        "tt",
        "u",
        "span",
        "sup",
        "sub",
        "ins",
        "del",
    ]
)
_CLOSES_P = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "ul",
        "li",
        "dd",
        "dt",
        "listing",
        "search",
        "summary",
    ]
)
# An end or start tag never reaches out of these.
_WALLS = frozenset(("td", "th", "caption", "table", "html"))
_CELLS = frozenset(("td", "th"))
_ROWS = frozenset(("tr", "tbody", "thead", "tfoot", "caption"))
_GROUPS = frozenset(("tbody", "thead", "tfoot"))
_NONE: frozenset[str] = frozenset()
_REACH = 512  # open elements an end tag looks through for its start; keeps hostile input linear


def source_pieces(markup: str) -> Iterator[tuple[str, int, int]]:
    """Tags (as written, names in lower case) and the range of the text after each, as they stand in the
    source.

    A ``<`` that opens no tag is text; a comment or script without an end hides nothing.
    """
    tag = ""
    at = scan = misses = 0  # start of the text under way; where to look for the next tag; tags without an end
    endless: set[str] = set()  # openers without an end ahead: looking again would be quadratic
    last = markup.rfind(">")
    while True:
        start = markup.find("<", scan, last)
        if start < 0:
            break
        scan = start + 1
        if markup.startswith("<!--", start):
            end = -1 if "!--" in endless else markup.find("-->", start + 2)
            yield tag, at, start
            if end < 0:
                endless.add("!--")
                tag, at = "!", start + 4
            else:
                tag = "!page" if PAGE_COMMENT.match(markup, start + 4, end) else "!"
                at = scan = max(end + 3, start + 4)
            continue
        match = _TAG.match(markup, start, start + (_WINDOW if misses < _PATIENCE else _NARROW))
        if match is None:
            misses += markup[start + 1 : start + 2].isalpha()
            continue
        yield tag, at, start
        at = scan = match.end()
        if match["end"] is not None:
            tag = match["end"].lower()
        elif match["name"] is None:
            tag = "!"
        else:
            tag = match["name"].lower() + match["attributes"]
            name = match["name"].lower()
            if name in _RAW_END:
                tag = "!"
                close = None if name in endless else _RAW_END[name].search(markup, at)
                if close is None:
                    endless.add(name)
                else:
                    at = scan = close.end()
    yield tag, at, len(markup)


def source_events(markup: str) -> Iterator[tuple[Event, int, int]]:
    """Balanced events with the place of their text in the source."""
    stack = _Stack()
    for tag, start, end in source_pieces(markup):
        text = markup[start:end]
        if text:
            if "\r" in text:
                text = text.replace("\r\n", "\n").replace("\r", "\n")
            if "&" in text:
                text = unescape(text)
        tags = stack.balance(tag)
        for name in tags[:-1]:
            yield (steps_of_tag(name), ""), start, start
        yield (steps_of_tag(tags[-1]), text), start, end
    while stack.names:
        yield (steps_of_tag(stack.pop()), ""), len(markup), len(markup)


class _Stack:
    """Open elements, and what a tag closes or opens."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._counts: dict[str, int] = {}

    def pop(self) -> str:
        """Close the innermost element; its end tag."""
        name = self.names.pop()
        self._counts[name] -= 1
        return "/" + name

    def balance(self, tag: str) -> list[str]:
        """The tag with the end tags that must come before it; the tag itself is last (``!`` if it means
        nothing)."""
        if not tag or tag[0] in "!?":
            return [tag]
        return self._end(tag[1:]) if tag[0] == "/" else self._start(tag)

    def _start(self, tag: str) -> list[str]:
        name = tag.split(None, 1)[0].rstrip("/")
        counts = self._counts
        before: list[str] = []
        if (name in _CELLS or name in _ROWS) and not counts.get("table"):
            return ["!"]  # a browser doesn't see it either
        if name in _CELLS:
            before = self._close(_CELLS, frozenset(("table", "tr")))
        elif name == "tr":
            before = self._close(frozenset(("tr",)), frozenset(("table",)))
        elif name in _GROUPS:
            before = self._close(_GROUPS, frozenset(("table",)))
        elif name in ("li", "option"):
            before = self._close(frozenset((name,)), _WALLS | {"ul", "ol", "select"})
        elif name in ("dd", "dt"):
            before = self._close(frozenset(("dd", "dt")), _WALLS | {"dl"})
        elif name in ("html", "body") and counts.get(name):
            return ["!"]
        elif name == "body":
            before = self._close(frozenset(("head",)), _NONE)
        if name in _CLOSES_P and counts.get("p"):
            before += self._close(frozenset(("p",)), _WALLS)
        if name not in VOID:
            self.names.append(name)
            counts[name] = counts.get(name, 0) + 1
        return [*before, tag]

    def _end(self, name: str) -> list[str]:
        if name == "br":
            return ["br"]
        if not self._counts.get(name):
            return ["p", "/p"] if name == "p" else ["!"]
        if name in _FORMATTING:
            # Closing it over a block would end the block; then it is left to end with its parent.
            return self._close(frozenset((name,)), None) or ["!"]
        if name in ("table", "html", "body"):
            return self._close(frozenset((name,)), _NONE) or ["!"]
        if name in _CELLS or name == "tr" or name in _GROUPS:
            return self._close(frozenset((name,)), frozenset(("table",))) or ["!"]
        return self._close(frozenset((name,)), _WALLS - {name}) or ["!"]

    def _close(self, names: frozenset[str], walls: frozenset[str] | None) -> list[str]:
        """End tags that close the innermost of ``names``, if no wall (``None``: no block) stands before
        it."""
        depth = len(self.names) - 1
        floor = max(0, depth - _REACH)
        while depth >= floor and self.names[depth] not in names:
            if self.names[depth] not in _FORMATTING if walls is None else self.names[depth] in walls:
                return []
            depth -= 1
        return [self.pop() for _ in range(len(self.names) - depth)] if depth >= floor else []
