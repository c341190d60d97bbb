"""Where the name of a disease ends: a table of names, and that no sentence is too odd to read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.entities.diseases import DiseaseNames
from nlp.rulebook import default_rulebook

NAMES = DiseaseNames(default_rulebook().lexicon("disease_words"))


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("lavorosis", "lavorosis"),
        ("lavorosis who had failed", "lavorosis"),
        ("lavorin disease (LD) today", "lavorin disease"),
        ("lavorin (LAV) amyloidosis in adults", "lavorin (LAV) amyloidosis"),
        ("lavorin disease (LD) and tessolin syndrome (TS)", "lavorin disease (LD) and tessolin syndrome"),
        ("lavorin disease, or LD, at the site", "lavorin disease"),
        ("lavorosis, tessolin syndrome and diabetes.", "lavorosis, tessolin syndrome and diabetes"),
        ("lavorosis, the most common disease", "lavorosis"),
        ("lavorosis and plans to submit", "lavorosis"),
        ("Type #NUM diabetes", "Type #NUM diabetes"),
        ("stage #NUM lavoroma #DATE", "stage #NUM lavoroma"),
        (
            "lavorin virus #NUM positive (LV16+) head and neck cancer",
            "lavorin virus #NUM positive (LV16+) head and neck cancer",
        ),
        ("carcinoma of the bladder", "carcinoma of the bladder"),
        ("lavorosis of the treatment group", "lavorosis"),
        ("mild to moderate lavoritis", "mild to moderate lavoritis"),
        ("pain following knee surgery", "pain following knee surgery"),
        ("lavoroma following two treatments", "lavoroma"),
        ("agitation associated with lavorin dementia", "agitation associated with lavorin dementia"),
        ("lavoroma associated with a bad outcome", "lavoroma"),
        ("heart failure with preserved ejection fraction", "heart failure with preserved ejection fraction"),
        ("lavorosis with or without tremor", "lavorosis"),
        ("lavoroma expressing LVN-2", "lavoroma expressing LVN-2"),
        ("relapsed B-cell ALL treated", "relapsed B-cell ALL"),
        ("lavorosis gave new hope", "lavorosis"),
        # nothing that is a disease
        ("these tumors", ""),
        ("serious diseases", ""),
        ("partial response", ""),
        ("stable disease", ""),
        ("LV-1 RNA levels", ""),
        ("ORL-1801 and placebo", ""),
        ("", ""),
    ],
)
def test_names_end(line: str, name: str) -> None:
    assert line[: NAMES.end(line, 0)] == name


@given(st.text(alphabet="aAbBs ,.;()#NUM-/ andorwithtoofinthe", max_size=300), st.integers(0, 40))
@settings(max_examples=300, deadline=None)
def test_any_line_is_read(line: str, start: int) -> None:
    start = min(start, len(line))
    assert start <= NAMES.end(line, start) <= len(line)


def test_without_a_lexicon_names_end_at_marks() -> None:
    assert DiseaseNames(()).end("lavorosis, which", 0) == len("lavorosis")
