"""Third reader: the source cut into tags and text where they stand, so that positions are known.

No tree is built, only a stack that closes what HTML closes by itself (``<p>`` before ``<p>``, ``<td>`` before
``<td>``). It is linear whatever comes, so it also takes what would be quadratic for a tree builder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from nlp.exhibit.blocks import VOID, Event

__all__ = ["source_events", "source_pieces"]

Piece = tuple[
    str, str, str, int, int
]  # text as written, tag, attributes, start and end of the text in the source

_TAG = re.compile(
    r"""<(?:
      !--(?P<comment>.*?)--!?>
    | (?P<declaration>[!?][^>]*+)>
    | (?P<raw>script|style|title|noembed|noframes|iframe)\b[^>]*+>.*?</(?P=raw)\b[^>]*+>
    | (?P<end>/[a-zA-Z][^\s/>]*+)[^>]*+>
    | (?P<name>[a-zA-Z][^\s/>]*+)(?P<attributes>(?:[^>="']++|=\s*+(?:"[^"]*+"|'[^']*+')?+|["'])*+)>
    )""",
    re.X | re.S | re.I,
)
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u span sup sub ins del".split())
_CLOSES_P = frozenset(
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 "
    "header hgroup hr main menu nav ol p pre section table ul li dd dt listing search summary".split()
)
# An end or start tag never reaches out of these.
_WALLS = frozenset(("td", "th", "caption", "table", "html"))
_ROWS = frozenset(("tr", "tbody", "thead", "tfoot"))


def source_pieces(markup: str) -> Iterator[Piece]:
    """Tags and texts as they stand. A ``<`` that opens no tag is text; an unclosed comment hides nothing."""
    at = 0  # end of the last tag
    scan = 0
    hopeless: set[str] = set()  # kinds of "<!--" and "<script" that have no end ahead: don't look again
    while True:
        start = markup.find("<", scan)
        if start < 0:
            break
        opener = markup[start : start + 10].lower()
        blocked = next((kind for kind in hopeless if opener.startswith(kind)), None)
        match = None
        if blocked == "<!--":
            yield markup[at:start], "!", "", at, start
            at = scan = start + 4
            continue
        if blocked is None:
            match = _TAG.match(markup, start)
        if match is not None and match["declaration"] is not None and opener.startswith("<!--"):
            match = None
        if match is None:
            if opener.startswith("<!--"):
                hopeless.add("<!--")
                continue
            scan = start + 1
            continue
        end = match.end()
        kind = match.lastgroup
        if match["name"] is not None:
            yield markup[at:start], match["name"].lower(), match["attributes"] or "", at, start
        elif match["end"] is not None:
            yield markup[at:start], match["end"].lower(), "", at, start
        elif match["comment"] is not None:
            yield markup[at:start], f"!--{match['comment']}--", "", at, start
        elif kind is not None:
            yield markup[at:start], "!", "", at, start
        at = scan = end
    yield markup[at:], "", "", at, len(markup)


def source_events(markup: str) -> Iterator[tuple[Event, int, int]]:
    """Balanced events with the place of their text in the source."""
    stack: list[str] = []
    counts: dict[str, int] = {}

    def push(name: str) -> None:
        stack.append(name)
        counts[name] = counts.get(name, 0) + 1

    def pop() -> str:
        name = stack.pop()
        counts[name] -= 1
        return "/" + name

    def close(names: frozenset[str] | set[str], walls: frozenset[str]) -> list[str]:
        """End tags that close the innermost of ``names``, if no wall stands before it."""
        depth = len(stack) - 1
        while depth >= 0 and stack[depth] not in names:
            if stack[depth] in walls:
                return []
            depth -= 1
        return [pop() for _ in range(len(stack) - depth)] if depth >= 0 else []

    for written, tag, attributes, start, end in source_pieces(markup):
        text = written
        if text:
            if "\r" in text:
                text = text.replace("\r\n", "\n").replace("\r", "\n")
            if "&" in text:
                text = unescape(text)
        before: list[str] = []
        emit = tag
        if tag[:1] == "/":
            name = tag[1:]
            if name == "br":
                emit = "br"
            elif name == "p" and not counts.get("p"):
                before, emit = ["p"], "/p"
                push("p")
                pop()
            elif name in VOID or not counts.get(name):
                emit = "!"
            elif name in _FORMATTING:
                # Closing it over a block would end the block; it is left to end with its parent.
                depth = len(stack) - 1
                while depth >= 0 and stack[depth] in _FORMATTING and stack[depth] != name:
                    depth -= 1
                if depth >= 0 and stack[depth] == name:
                    before = [pop() for _ in range(len(stack) - depth - 1)]
                    pop()
                else:
                    emit = "!"
            else:
                walls = frozenset() if name in ("table", "html", "body") else _WALLS - {name}
                ends = close(
                    {name}, frozenset(("table",)) - {name} if name in _ROWS or name in ("td", "th") else walls
                )
                before, emit = (ends[:-1], ends[-1]) if ends else ([], "!")
        elif tag and tag[0] not in "!?":
            if tag in ("td", "th"):
                before = close({"td", "th"}, frozenset(("table", "tr")))
            elif tag == "tr":
                before = close({"tr"}, frozenset(("table",)))
            elif tag in ("tbody", "thead", "tfoot"):
                before = close({"tbody", "thead", "tfoot"}, frozenset(("table",)))
            elif tag in ("li", "dd", "dt", "option"):
                before = close(
                    {tag} if tag in ("li", "option") else {"dd", "dt"}, _WALLS | {"ul", "ol", "dl", "select"}
                )
            elif tag in _CLOSES_P and counts.get("p"):
                before = close({"p"}, _WALLS)
            elif tag in ("html", "body") and counts.get(tag):
                emit = "!"
            elif tag == "body" and counts.get("head"):
                before = close({"head"}, frozenset())
            if emit == tag and tag not in VOID:
                push(tag)
        for name in before:
            yield (text, name, ""), start, end
            text, start = "", end
        yield (text, emit, attributes if emit == tag else ""), start, end
    while stack:
        yield ("", pop(), ""), len(markup), len(markup)
