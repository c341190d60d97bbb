"""Second reader: selectolax's lexbor, an HTML5 tree builder in C, for all pages that are not ``straight``.

The tree is written out again by lexbor itself, balanced and escaped, so that one split at the texts between
tags gives the events: a fraction of the time of a walk over nodes, and depth doesn't matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser

from nlp.exhibit.steps import PAGE_COMMENT, RAW_TEXT, Event, RunSteps, steps_of_run

__all__ = ["lexbor_events"]

# Elements whose content is written out unescaped; no reader sees any of it.
_RAW = ["script", "style", "iframe", "noembed", "noframes"]
# Text that isn't white space alone; what stands between two of them is a run of tags.
_TEXT = re.compile(r">((?:\s|&nbsp;)*+[^<\s][^<]*+)<")
_RUNS = RunSteps()


def lexbor_events(markup: bytes) -> Iterator[Event]:
    """Events of UTF-8 markup, by lexbor's tree. Text has its entities resolved once."""
    tree = LexborHTMLParser(markup)
    pieces = _pieces(tree)
    steps = list(map(_RUNS.__getitem__, pieces[::2]))
    if RAW_TEXT in steps:
        tree.strip_tags(_RAW, recursive=True)
        pieces = _pieces(tree)
        steps = list(map(steps_of_run, pieces[::2]))
    texts = pieces[1::2]
    for at, text in enumerate(texts):
        if "&" in text:
            texts[at] = _unescaped(text)
    return zip(steps, [*texts, ""], strict=True)


def _unescaped(text: str) -> str:
    """What lexbor escapes when it writes text, undone."""
    return text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _pieces(tree: LexborHTMLParser) -> list[str]:
    """Runs of tags and the texts between them, in turns."""
    html = tree.html or ""
    at = html.find("!")  # one character is found many times faster than "<!--"
    while at >= 0:
        end = at + 1
        if html.startswith("<!--", at - 1):
            end = html.find("-->", at)
            if html.find("<", at, end) >= 0 or html.find(">", at, end) >= 0:
                html = _without_comments(html)
                break
        at = html.find("!", end)
    pieces = _TEXT.split(html)
    pieces[0] = "!>" + pieces[0]
    pieces[-1] += "<!"
    return pieces


def _without_comments(html: str) -> str:
    """Without comments (one that holds tags would read as tags), but with a mark where a page ends."""
    first, *rest = html.split("<!--")
    kept = [first]
    for part in rest:
        comment, _, after = part.partition("-->")
        if PAGE_COMMENT.match(comment):
            kept.append("<!page>")
        kept.append(after)
    return "".join(kept)
