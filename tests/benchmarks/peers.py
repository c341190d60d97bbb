"""What others do of the same work, where they are installed (``pip install secsgml edgartools trafilatura sec-parser``).

Each is called as its documentation shows it. They don't do all that ours does (notices, the way back to the bytes), and
some do more; the figures say what the step costs, not which is better.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable

__all__ = ["Peer", "readers", "splitters"]

Work = Callable[[bytes], object]


class Peer:
    """Another's function; what it raises on is counted in ``refused``, as ours has to read these inputs too."""

    def __init__(self, function: Work) -> None:
        self._function = function
        self.refused: set[int] = set()

    def __call__(self, raw: bytes) -> object:
        """What the function gives, or ``None`` where it raises."""
        try:
            return self._function(raw)
        except Exception:
            self.refused.add(hash(raw))
            return None


def splitters() -> tuple[dict[str, Peer], tuple[str, ...]]:
    """Submission bytes to documents: those installed, and the names of those that aren't."""
    found: dict[str, Work] = {}
    if _is_there("secsgml"):
        from secsgml import parse_sgml_content_into_memory

        found["secsgml"] = parse_sgml_content_into_memory
    if _is_there("edgar"):
        from edgar.sgml import FilingSGML

        found["edgartools"] = lambda raw: FilingSGML.from_text(raw.decode("latin-1"))
    return _peers(found), _absent(("secsgml", "edgartools"), found)


def readers() -> tuple[dict[str, Peer], tuple[str, ...]]:
    """HTML bytes to text or elements: those installed, and the names of those that aren't."""
    from bs4 import BeautifulSoup

    found: dict[str, Work] = {
        "BeautifulSoup html.parser": lambda body: BeautifulSoup(body, "html.parser").get_text(" "),
        "BeautifulSoup lxml": lambda body: BeautifulSoup(body, "lxml").get_text(" "),
    }
    if not _is_there("lxml"):
        del found["BeautifulSoup lxml"]
    if _is_there("trafilatura"):
        from trafilatura import extract

        logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
        found["trafilatura"] = lambda body: extract(body, include_tables=True)
    if _is_there("edgar"):
        from edgar.documents import parse_html

        found["edgartools"] = lambda body: parse_html(body.decode("utf-8", "replace")).text()
    if _is_there("sec_parser"):
        from sec_parser import Edgar10QParser

        found["sec-parser"] = lambda body: Edgar10QParser().parse(body.decode("utf-8", "replace"))
    names = ("BeautifulSoup lxml", "trafilatura", "edgartools", "sec-parser")
    return _peers(found), _absent(names, found)


def _peers(found: dict[str, Work]) -> dict[str, Peer]:
    return {name: Peer(function) for name, function in found.items()}


def _is_there(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _absent(names: tuple[str, ...], found: dict[str, Work]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in found)
