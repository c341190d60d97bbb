"""First reader: selectolax's lexbor, an HTML5 tree builder in C.

The tree is written out again by lexbor itself, balanced and escaped, so that one split at the texts between
tags gives the events: a fraction of the time of a walk over nodes, and depth doesn't matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser

from nlp.exhibit.blocks import PAGE_COMMENT, Event, RunSteps

__all__ = ["lexbor_events"]

# Elements whose content is written out unescaped; no reader sees any of it.
_RAW = ("script", "style", "iframe", "noembed", "noframes", "xmp", "plaintext")
# Text that isn't white space alone; what stands between two of them is a run of tags.
_TEXT = re.compile(r">((?:\s|&nbsp;)*+[^<\s][^<]*+)<")
_RUNS = RunSteps()
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
    pieces = _TEXT.split(f"!>{html}<!")
    return zip(map(_RUNS.__getitem__, pieces[::2]), [*pieces[1::2], ""], strict=True)


def _without_comments(html: str) -> str:
    first, *rest = html.split("<!--")
    kept = [first]
    for part in rest:
        comment, _, after = part.partition("-->")
        if PAGE_COMMENT.match(comment):
            kept.append("<!page>")
        kept.append(after)
    return "".join(kept)
