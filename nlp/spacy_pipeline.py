"""For spaCy users: a ``Language`` whose component ``ex99`` writes events, counterparties, drugs and terms into the ``Doc``.

    import nlp
    pipeline = nlp.load()
    doc = pipeline(open("ex99-1.htm").read())
    doc.cats["licensing"], [(ent.text, ent.label_, ent.id_) for ent in doc.ents]
    spacy.displacy.serve(doc, style="ent")

``doc.text`` is the release's clean text, whatever came in: HTML or plain text.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import DummyTokenizer, registry
from spacy.vocab import Vocab

from nlp.classifier import Classifier
from nlp.entities.document import mark, tokenize
from nlp.errors import Ex99Error
from nlp.exhibit import read_exhibit

__all__ = ["Annotator", "ExhibitTokenizer", "load"]


class ExhibitTokenizer(DummyTokenizer):
    """Reads a release (HTML or plain text) and cuts its clean text into tokens.

    Text that cannot be read as a release is cut as it is; the component then raises the error that says why.

    >>> from spacy.vocab import Vocab
    >>> from nlp.spacy_pipeline import ExhibitTokenizer
    >>> [token.text for token in ExhibitTokenizer(Vocab())("<p>Acme Bio &amp; Beta Pharma</p>")]
    ['Acme', 'Bio', '&', 'Beta', 'Pharma']
    """

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        try:
            clean = read_exhibit(text).text
        except Ex99Error:
            clean = text
        words, spaces = tokenize(clean)
        return Doc(self.vocab, words=words, spaces=spaces)


@registry.tokenizers("ex99.ExhibitTokenizer.v1")
def _create_tokenizer():  # type: ignore[no-untyped-def]  # spaCy would check returned types against its schema
    def create(nlp: Language) -> ExhibitTokenizer:
        return ExhibitTokenizer(nlp.vocab)

    return create


class Annotator:
    """The component: classifies the text of a ``Doc`` and writes the result into it.

    Raises ``ExhibitError`` where there is nothing to read (under ``Language.pipe`` the pipeline's error handler decides),
    and ``ValueError`` where the text is not clean, because another tokenizer took it in as it was.

    >>> from spacy.vocab import Vocab
    >>> from nlp import Classifier
    >>> from nlp.spacy_pipeline import Annotator, ExhibitTokenizer
    >>> tokenizer, annotate = ExhibitTokenizer(Vocab()), Annotator(Classifier())
    >>> doc = annotate(tokenizer("<p>Acme Bio Licenses ACM-101 From Beta Pharma</p>"))
    >>> doc.cats["licensing"] > 0.5
    True
    """

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier

    def __call__(self, doc: Doc) -> Doc:
        result = self.classifier.classify(doc.text)
        if result.text != doc.text:
            raise ValueError(
                "the Doc's text is not a release's clean text; build the pipeline with nlp.load(), whose tokenizer cleans it"
            )
        mark(doc, result.entities, {event.type: event.probability for event in result.events})
        return doc


@Language.factory("ex99", assigns=["doc.cats", "doc.ents", "doc.spans"])
def _create_annotator(
    nlp: Language,
    name: str,
    model: str | None = None,
    add_drugs: Sequence[str] = (),
    remove_drugs: Sequence[str] = (),
) -> Annotator:
    return Annotator(Classifier(model, add_drugs=add_drugs, remove_drugs=remove_drugs))


def load(
    model: str | Path | None = None, *, add_drugs: Sequence[str] = (), remove_drugs: Sequence[str] = ()
) -> Language:
    """A blank English pipeline with ex99's tokenizer and component; arguments as for ``Classifier``.

    >>> doc = load()("Acme Bio Licenses ACM-101 From Beta Pharma")
    >>> max(doc.cats, key=doc.cats.get), [(ent.text, ent.label_) for ent in doc.ents if ent.label_ == "DRUG"]
    ('licensing', [('ACM-101', 'DRUG')])
    """
    config = {"nlp": {"tokenizer": {"@tokenizers": "ex99.ExhibitTokenizer.v1"}}}
    language = spacy.blank("en", config=config)
    language.add_pipe(
        "ex99",
        config={
            "model": None if model is None else str(model),
            "add_drugs": list(add_drugs),
            "remove_drugs": list(remove_drugs),
        },
    )
    return language
