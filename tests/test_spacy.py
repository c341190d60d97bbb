"""The spaCy side: exact spans whatever the tokens, ``Classification.to_doc``, the pipeline, displaCy, saving."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy
from spacy import displacy
from spacy.tokens import Doc

from nlp import Classifier
from nlp.entities import Counterparty, Drug, Entities, Mention, Term
from nlp.entities.document import SPANS_KEY, annotate
from nlp.spacy_pipeline import load

TEXT = (
    "Acme Bio Announces License Agreement With Beta Pharma for ACM-101\n\n"
    "BOSTON, May 5, 2025 -- Acme Bio (Nasdaq: ACMB) today announced that it has granted Beta Pharma, Inc. an exclusive "
    "license to ACM-101 (zorlimab) for an upfront payment of $50 million."
)
HTML = "<html><body>" + "".join(f"<p>{part}</p>" for part in TEXT.split("\n\n")) + "</body></html>"


def _mention(text: str, name: str, nth: int = 0) -> Mention:
    start = -1
    for _ in range(nth + 1):
        start = text.index(name, start + 1)
    return Mention(name, start, start + len(name))


def test_spans_are_exact_inside_tokens_and_across_them() -> None:
    text = "xACM-101-treated  mice, pan-ACM-101y\n\nand $5.5 million"
    mentions = (_mention(text, "ACM-101"), _mention(text, "ACM-101", 1), _mention(text, "treated  mice"))
    term = Term("deal", "upfront", "USD 5.5m", 5.5e6, "USD", "r", (_mention(text, "5 million"),))
    doc = annotate(text, Entities(drugs=(Drug("ACM-101", "code", (), "r", mentions),), terms=(term,)), {})
    assert doc.text == text
    assert [(s.text, s.start_char) for s in doc.spans[SPANS_KEY]] == [
        (m.text, m.start) for m in (*mentions, *term.mentions)
    ]


def test_overlapping_mentions_keep_the_longest_in_ents_and_all_in_spans() -> None:
    text = "Beta Pharma, Inc. bought zorlimab"
    party = Counterparty(
        "Beta Pharma, Inc.", "Beta Pharma", "buyer", "r", (_mention(text, "Beta Pharma, Inc."),)
    )
    drug = Drug("Pharma", "brand", (), "r", (_mention(text, "Pharma"), _mention(text, "zorlimab")))
    doc = annotate(text, Entities(drugs=(drug,), counterparties=(party,)), {"acquisition": 0.5})
    assert [(e.text, e.label_, e.id_) for e in doc.ents] == [
        ("Beta Pharma, Inc.", "COUNTERPARTY", "buyer"),
        ("zorlimab", "DRUG", "brand"),
    ]
    assert len(doc.spans[SPANS_KEY]) == 3
    assert doc.cats == {"acquisition": 0.5}


def test_to_doc_and_pipeline_agree() -> None:
    result = Classifier().classify(HTML)
    doc, piped = result.to_doc(), load()(HTML)
    assert doc.text == piped.text == result.text
    assert doc.cats == piped.cats == {event.type: event.probability for event in result.events}
    found = [(e.text, e.label_, e.id_, e.start_char) for e in doc.ents]
    assert found == [(e.text, e.label_, e.id_, e.start_char) for e in piped.ents]
    assert {"ACM-101", "zorlimab"} <= {text for text, label, *_ in found if label == "DRUG"}


def test_displacy_draws_entities_and_spans() -> None:
    doc = load()(TEXT)
    drawn = displacy.render(doc, style="ent", jupyter=False)
    assert "zorlimab" in drawn and "DRUG" in drawn
    assert "DRUG" in displacy.render(doc, style="span", options={"spans_key": SPANS_KEY}, jupyter=False)


def test_pipe_hands_unreadable_text_to_the_error_handler() -> None:
    pipeline = load()
    failed: list[str] = []

    def note(name: str, proc: object, docs: list[Doc], error: Exception) -> None:
        failed.append(f"{name}: {error}")

    pipeline.set_error_handler(note)  # type: ignore[arg-type]  # spaCy's annotation says it never returns
    docs = list(pipeline.pipe([TEXT, "   ", TEXT]))
    assert len(docs) == 2 and len(failed) == 1 and failed[0].startswith("ex99: ")


def test_another_tokenizers_markup_is_refused() -> None:
    pipeline = spacy.blank("en")
    pipeline.add_pipe("ex99")
    with pytest.raises(ValueError, match=r"nlp\.load\(\)"):
        pipeline(HTML)


def test_pipeline_saves_and_loads(tmp_path: Path) -> None:
    pipeline = load(add_drugs=["Flimsy"])
    pipeline.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    text = TEXT + " Flimsy is sold as well."
    one, other = pipeline(text), again(text)
    assert "Flimsy" in [e.text for e in other.ents]
    assert [(e.text, e.start) for e in one.ents] == [(e.text, e.start) for e in other.ents]
    copy = Doc(one.vocab).from_bytes(one.to_bytes())
    assert [e.id_ for e in copy.ents] == [e.id_ for e in one.ents] and copy.cats == one.cats
