"""The pipeline people write in an afternoon: BeautifulSoup, TF-IDF with logistic regression, spaCy's EntityRuler."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable

from tests.benchmarks.documents import ROOT

__all__ = ["naive_pipeline"]


def naive_pipeline(patterns: int = 5000) -> Callable[[bytes], tuple[list[str], list[str]]]:
    """Fit it on the authored examples; returns a function from an exhibit's bytes to events and drug names."""
    import spacy
    from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MultiLabelBinarizer

    from nlp.rulebook import default_rulebook

    warnings.filterwarnings("ignore", category=XMLParsedAsHTMLWarning)
    rows = [
        json.loads(line)
        for path in sorted((ROOT / "data" / "authored").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if '"events"' in line
    ]
    labels = MultiLabelBinarizer()
    targets = labels.fit_transform([row["events"] for row in rows])
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        OneVsRestClassifier(LogisticRegression(C=10.0, solver="liblinear")),
    )
    model.fit([f"{row['title']}\n{row['text']}" for row in rows], targets)
    names = [row["name"] for row in default_rulebook().lexicon("drug_names")]
    tagger = spacy.blank("en")
    ruler = tagger.add_pipe("entity_ruler")
    step = max(1, len(names) // patterns)
    ruler.add_patterns([{"label": "DRUG", "pattern": name} for name in names[::step][:patterns]])  # type: ignore[attr-defined]

    def classify(body: bytes) -> tuple[list[str], list[str]]:
        text = BeautifulSoup(body, "html.parser").get_text(" ")
        chances = model.predict_proba([text])[0]
        events = [str(label) for label, chance in zip(labels.classes_, chances, strict=True) if chance >= 0.5]
        return events, [entity.text for entity in tagger(text).ents]

    return classify
