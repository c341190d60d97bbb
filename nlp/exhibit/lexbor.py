"""First reader: selectolax's lexbor, an HTML5 tree builder in C.

The tree is written out again by lexbor itself, balanced and escaped, so that splitting at ``<`` and ``>``
gives the events: a third of the time of a walk over nodes, and depth doesn't matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import repeat

from selectolax.lexbor import LexborHTMLParser

from nlp.exhibit.blocks import PAGE_COMMENT, Event

__all__ = ["lexbor_events"]

# Elements whose content is written out unescaped; no reader sees any of it.
_RAW = ("script", "style", "iframe", "noembed", "noframes", "xmp", "plaintext")
_RAW_END = re.compile(f"</(?:{'|'.join(_RAW)})>")


def lexbor_events(markup: bytes) -> Iterator[Event]:
    """Events of UTF-8 markup, by lexbor's tree. Text is escaped where it holds ``&``, ``<`` or ``>``."""
    tree = LexborHTMLParser(markup)
    html = tree.html or ""
    if _RAW_END.search(html):
        tree.strip_tags(list(_RAW[:5]), recursive=True)
        html = tree.html or ""
    if "<!--" in html:
        html = _without_comments(html)
    parts = html.split("<")
    parts[0] = ">" + parts[0]
    return map(str.partition, parts, repeat(">"))


def _without_comments(html: str) -> str:
    first, *rest = html.split("<!--")
    kept = [first]
    for part in rest:
        comment, _, after = part.partition("-->")
        if PAGE_COMMENT.match(comment):
            kept.append("<!page>")
        kept.append(after)
    return "".join(kept)
