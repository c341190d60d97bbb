"""Third reader: BeautifulSoup over html.parser. Slow, and a different mind: the oracle and the fallback."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

from nlp.exhibit.steps import PAGE_COMMENT, VOID, Event, steps_of_tag

__all__ = ["soup_events"]


def soup_events(markup: str) -> Iterator[Event]:
    """Events of markup, by BeautifulSoup's tree, walked without recursion. Text is not escaped."""
    from bs4 import BeautifulSoup  # 0.1 s, rarely needed
    from bs4.element import Comment, NavigableString, PreformattedString, Tag

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # bs4 warns of input that looks like a file name or XML
        tree = BeautifulSoup(markup.replace("\r\n", "\n").replace("\r", "\n"), "html.parser")
    tag = ""
    text: list[str] = []
    open_tags: list[Tag] = []
    for node in tree.descendants:
        while open_tags and node.parent is not open_tags[-1]:
            yield steps_of_tag(tag), "".join(text)
            text.clear()
            tag = "/" + open_tags.pop().name.lower()
        if isinstance(node, Tag):
            yield steps_of_tag(tag), "".join(text)
            text.clear()
            tag = name = node.name.lower()
            for key, value in node.attrs.items():
                tag += f' {key}="{value if isinstance(value, str) else " ".join(value)}"'
            if name not in VOID:
                open_tags.append(node)
        elif isinstance(node, Comment):
            if PAGE_COMMENT.match(node):
                yield steps_of_tag(tag), "".join(text)
                text.clear()
                tag = "!page"
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            text.append(str(node))
    yield steps_of_tag(tag), "".join(text)
    for element in reversed(open_tags):
        yield steps_of_tag("/" + element.name.lower()), ""
