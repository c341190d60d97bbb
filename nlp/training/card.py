"""The model card, written by the training run from what it measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from nlp.model import EventModel
from nlp.training.corpus import Example

__all__ = ["write_card"]

_TEMPLATE = """\
# Event model {{ version }}

Tags press releases of biopharma companies (Exhibit 99 of Form 8-K) with what they announce: {{ event_types | join(", ") }}.
Several tags are possible, at least one is given; each has a calibrated probability and the sentences that spoke for it.

## How it works

TF-IDF over headline and opening, {{ cues }} cue rules and their pairs, {{ "{:,}".format(columns) }} features; an event the mean of three logistic
regressions (all fields; the headline's; those of the story), which is linear again; a second logistic
calibrates. The most probable event is always tagged, a second one from {{ manifest.recipe.second }} on (other: {{ manifest.recipe.second_other }}). A release goes to review where its strongest event holds
less than {{ review_below }} of the odds of the two strongest; that bar was chosen on company-disjoint folds of the training data for tags right {{ percent(manifest.recipe.precision) }} of the time there.
The folder holds arrays and JSON; loading it executes nothing. It was fitted with scikit-learn {{ manifest.versions["scikit-learn"] }} and needs only numpy to score.

## Data

{{ manifest.corpus.examples }} labelled real releases (digest `{{ manifest.corpus.sha256[:16] }}`) and {{ manifest.authored.examples }} examples we wrote about invented companies (`{{ manifest.authored.sha256[:16] }}`).
Real texts by source: {% for name, count in sources %}{{ name }} {{ count }}{{ ", " if not loop.last }}{% endfor %}. The texts are not in the repository: the wire copies (gnw1, gnw2, gnw3) and
the pages of three companies (pharma) are (c) their issuers, nwcc0 is CC0 1.0; `data/README.md` says where each is had. Labels, splits and weights are MIT like the code.

## Figures

On {{ metrics.test.examples }} releases of companies that a twin of this model, trained on the rest, never saw (split `{{ manifest.split.sha256[:16] }}`; the model in this folder was then fitted on all).
{% if metrics.parts is defined %}
| part | releases | macro F1 | licensing, trial, financing | micro F1 |
| --- | --- | --- | --- | --- |
{% for name, m in metrics.parts.items() if m.examples >= 20 -%}
| {{ name }} | {{ m.examples }} | {{ m.macro_f1 }} | {{ m.key_f1 }} | {{ m.micro_f1 }} |
{% endfor %}
| event | precision | recall | F1 | 95% interval | labelled |
| --- | --- | --- | --- | --- | --- |
{% for name, m in metrics.events.items() -%}
| {{ name }} | {{ m.precision }} | {{ m.recall }} | {{ m.f1 }} | {{ m.interval[0] }} to {{ m.interval[1] }} | {{ m.support }} |
{% endfor %}
Expected calibration error over all events: {{ metrics.calibration_error.all }}; the worst event {{ worst[0] }}: {{ worst[1] }}.
Outside the review band (`status: review`) lie {{ percent(metrics.review.coverage) }} of the releases; {{ percent(metrics.review.right) }} of their tags are right ({{ percent(metrics.review.right_without_review) }} without the band).
Macro F1 counts the events that occur in the part. Intervals: bootstrap over companies.
{% endif %}
## Intended use and limits

For sorting and searching many filings, with a person to look at what the review band flags. Not for trading or medical decisions on its own.
- English. A release in another language is scored by its names and figures only.
- It reads the headline and the first {{ opening }} words, and looks for signs (results given, a talk to come) in {{ "{:,}".format(signs) }} characters. What is announced only further down is missed.
- Two events in one release are often tagged as one: about one such release in three gets both.
- Clinical data to come (conference), clinical data given (trial) and preclinical data (other) are told apart by wording, and are the most frequent confusion.
- Acquisition has few examples ({{ counts["acquisition"] }} labelled); sponsored articles and newsletters are harder than releases.
- The 8-K's items are not used: no labelled text came with them.
"""


def write_card(
    folder: Path,
    metrics: Mapping[str, Any],
    manifest: Mapping[str, Any],
    model: EventModel,
    examples: Sequence[Example],
) -> None:
    """Write ``CARD.md`` into ``folder``."""
    from nlp.features.terms import OPENING_WORDS, SIGN_CHARS

    real = [e for e in examples if e.source != "authored"]
    errors = {name: value for name, value in metrics.get("calibration_error", {}).items() if name != "all"}
    template = Environment(
        autoescape=False, undefined=StrictUndefined, keep_trailing_newline=True
    ).from_string(_TEMPLATE)
    text = template.render(
        version=model.version,
        event_types=model.event_types,
        cues=len(model.cues.rules),
        columns=len(model.columns),
        review_below=model.review_below,
        manifest=manifest,
        metrics=metrics,
        sources=sorted(Counter(e.source or "given" for e in real).items()),
        counts=Counter(event for e in real for event in e.events),
        worst=max(errors.items(), key=lambda item: item[1]) if errors else ("-", "-"),
        percent=lambda share: f"{100 * share:.1f}%",
        opening=OPENING_WORDS,
        signs=SIGN_CHARS,
    )
    (folder / "CARD.md").write_text(text, encoding="utf-8")
