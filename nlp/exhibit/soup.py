"""Second reader: BeautifulSoup over html.parser. Slow, and a different mind: the oracle and the fallback."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

from nlp.exhibit.blocks import VOID, Event

__all__ = ["soup_events"]


def soup_events(markup: str) -> Iterator[Event]:
    """Events of markup, by BeautifulSoup's tree, walked without recursion. Text is not escaped."""
    from bs4 import BeautifulSoup  # 0.1 s, rarely needed
    from bs4.element import Comment, NavigableString, PreformattedString, Tag

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # bs4 warns of input that looks like a file name or XML
        tree = BeautifulSoup(markup.replace("\r\n", "\n").replace("\r", "\n"), "html.parser")
    text: list[str] = []
    open_tags: list[Tag] = []
    for node in tree.descendants:
        while open_tags and node.parent is not open_tags[-1]:
            yield "".join(text), "/" + open_tags.pop().name, ""
            text.clear()
        if isinstance(node, Tag):
            name = node.name.lower()
            attributes = "".join(
                f' {key}="{value if isinstance(value, str) else " ".join(value)}"'
                for key, value in node.attrs.items()
            )
            yield "".join(text), name, attributes
            text.clear()
            if name not in VOID:
                open_tags.append(node)
        elif isinstance(node, Comment):
            yield "".join(text), f"!--{node}--", ""
            text.clear()
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            text.append(str(node))
    for tag in reversed(open_tags):
        yield "".join(text), "/" + tag.name, ""
        text.clear()
    yield "".join(text), "", ""
