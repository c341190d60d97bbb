"""Sentence bounds: invented cases, and that no character but white space is ever lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.text import Span, sentence_spans

CASES = [
    ("company forms", "Norvela Inc. and Quill Ltd. signed. It is done.", ["Norvela Inc. and Quill Ltd. signed.", "It is done."]),
    ("a company form can end a sentence", "They bought Norvela Inc. The price is low.", ["They bought Norvela Inc.", "The price is low."]),
    ("countries", "In the U.S. it sells. The U.S. FDA met.", ["In the U.S. it sells.", "The U.S. FDA met."]),
    ("titles and initials", "Dr. J. Smith met Prof. K. Lund. He left.", ["Dr. J. Smith met Prof. K. Lund.", "He left."]),
    ("versus and e.g.", "It won vs. placebo, e.g. in adults. Good.", ["It won vs. placebo, e.g. in adults.", "Good."]),
    ("No. before a number", "Patent No. 12 holds. Is it new? No. They waited.", ["Patent No. 12 holds.", "Is it new?", "No.", "They waited."]),
    ("phase with a letter", "It ended Phase 2b. The next is due.", ["It ended Phase 2b.", "The next is due."]),
    ("decimals", "The p was 0.05. Growth was 3.2 percent.", ["The p was 0.05.", "Growth was 3.2 percent."]),
    ("clock time", "Call at 8:30 a.m. Eastern. It ends at 9 p.m. The line is free.", ["Call at 8:30 a.m. Eastern.", "It ends at 9 p.m.", "The line is free."]),
    ("ticker behind the name", "We sold to Norvela (NASDAQ: NRVL). Done.", ["We sold to Norvela (NASDAQ: NRVL).", "Done."]),
    ("quotes close with the sentence", "“We won.” She left. \"Yes!\" he said.", ["“We won.”", "She left.", "\"Yes!\" he said."]),
    ("dates", "Due Jan. 5, 2024. Paid in Dec. The rest later.", ["Due Jan. 5, 2024.", "Paid in Dec.", "The rest later."]),
    ("states", "Boston, Mass. is home. Moved to Calif. in May.", ["Boston, Mass. is home.", "Moved to Calif. in May."]),
    ("asian-forms", "Acme Labs Pvt. Ltd. agreed. So did Borealis Pte. Ltd. of Singapore.", ["Acme Labs Pvt. Ltd. agreed.", "So did Borealis Pte. Ltd. of Singapore."]),
    ("footnote marks", "The goal was met.1 The study goes on.[2] Next is 2026.", ["The goal was met.1", "The study goes on.[2]", "Next is 2026."]),
    ("a name in lower case", "It met the goal of eRapa. eRapa is a pill.", ["It met the goal of eRapa.", "eRapa is a pill."]),
    ("a lost blank", "It grew last year.The rest fell.", ["It grew last year.", "The rest fell."]),
    ("blank line", "A HEADLINE\n\nThe story", ["A HEADLINE", "The story"]),
    ("line breaks alone do not part", "A HEADLINE\nOVER TWO LINES", ["A HEADLINE\nOVER TWO LINES"]),
    ("bullets", "It will:\n• grow\n• last", ["It will:", "• grow", "• last"]),
    ("table rows", "Sales\t5\nCosts\t3", ["Sales\t5", "Costs\t3"]),
    ("numbered lines", "1. Grow fast. 2. Last long.", ["1. Grow fast.", "2. Last long."]),
    ("and others", "Lund et al. showed it. Fine.", ["Lund et al. showed it.", "Fine."]),
    ("ellipsis", "We wait… Then it came.", ["We wait…", "Then it came."]),
    ("web addresses", "See www.norvela.example. It is new.", ["See www.norvela.example.", "It is new."]),
    ("nothing", "", []),
    ("white space", " \n\t ", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentences"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_sentences(text: str, sentences: list[str]) -> None:
    assert [span.of(text) for span in sentence_spans(text)] == sentences


@given(
    st.text(alphabet=st.sampled_from('ab1A .\n\t?!…"”()*•-'), max_size=200),
    st.integers(0, 200),
    st.integers(0, 200),
)
def test_only_white_space_is_left_out(text: str, low: int, high: int) -> None:
    start, end = sorted((min(low, len(text)), min(high, len(text))))
    position = start
    for span in sentence_spans(text, start, end):
        assert position <= span.start < span.end <= end
        assert not text[position : span.start].strip()
        assert not text[span.start].isspace() and not text[span.end - 1].isspace()
        position = span.end
    assert not text[position:end].strip()


def test_bounds_do_not_depend_on_what_lies_outside() -> None:
    text = "It rose. It fell. It rose again."
    assert sentence_spans(text, 9, 17) == (Span(9, 17),)


@pytest.mark.parametrize("piece", ["a. ", "\n", ".", "\n a", "A.B.", "x", "“.” ", "1.1 ", "\n\t"])
def test_hostile_repetition_is_linear(piece: str) -> None:
    # would not end within the test run if any pattern backtracked over the whole text
    assert sum(s.end - s.start for s in sentence_spans(piece * 40_000)) <= len(piece) * 40_000
