"""Find drug names in a release: pipeline codes, INNs and brands, the names of one drug joined.

Work is per distinct word, not per word: one pass cuts the sections that are read into words, hash lookups and shape
tests pick the few that could be drugs, and only those are judged in their sentences.
"""

from __future__ import annotations

from collections.abc import Iterable

from nlp.entities import Drug
from nlp.entities.aliases import join_names
from nlp.entities.codes import CodeShapes
from nlp.entities.drug_context import Context, one_pattern
from nlp.entities.drug_marks import merge, read_compounds, read_introductions, read_marks, read_neighbours
from nlp.entities.drug_names import WORD, load_drug_names
from nlp.entities.drug_page import Page
from nlp.entities.drug_search import DrugSearch
from nlp.release import Release
from nlp.rulebook import Rulebook

__all__ = ["DrugFinder"]


class DrugFinder:
    """Finds drugs; built once, used for many releases.

    ``add``: names always found (as written, capitals ignored); ``remove``: names never found.

    >>> from nlp.release import read_release
    >>> from nlp.rulebook import default_rulebook
    >>> finder = DrugFinder(default_rulebook())
    >>> release = read_release("Acme Doses First Patient With ACM-101\\n\\nBOSTON, May 5, 2025 -- Acme dosed ACM-101 (zorlimab).")
    >>> [(drug.name, drug.kind, drug.aliases) for drug in finder.find(release)]
    [('ACM-101', 'code', ('zorlimab',))]
    """

    def __init__(self, rulebook: Rulebook, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        self._rules = rulebook.rules("drugs")
        self._names = load_drug_names(rulebook, add, remove)
        self._context = Context(self._rules)
        self._joins = one_pattern(self._rules, "joins")
        self._search = DrugSearch(self._names, CodeShapes(self._names, self._rules))

    def find(self, release: Release, *, filer: str | None = None) -> tuple[Drug, ...]:
        """Drugs named in headline, dateline, lead, body, quotations, tables and about paragraphs, by first mention."""
        company, head = WORD.findall(filer or ""), WORD.findall(release.headline)
        page = Page(release, self._names, self._context, frozenset(company[:1] + head[:1]))
        self._search.run(page, _issuer_words(company[:2], head[:3]))
        if page.biomedical:
            read_marks(page)
            read_introductions(page)
        merge(page)
        read_compounds(page)
        read_neighbours(page)
        return join_names(page.text, page.found(), self._joins)


def _issuer_words(company: list[str], head: list[str]) -> tuple[str, ...]:
    """Names that the issuer's codes may be made of: the filer's first words, and the headline's, one and two together."""
    return tuple(w for w in ("".join(company), *company, *head, "".join(head[:2])) if w)
