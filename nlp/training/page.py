"""The evaluation as one page a person reads: tables and inline SVG, no script, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

__all__ = ["write_page"]

_SIZE = 200  # pixels of a plot

_TEMPLATE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>ex99: event model evaluation</title>
<style>
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;margin:.7rem 0 1.6rem}th,td{padding:.2rem .7rem;text-align:right;border-bottom:1px solid #ddd}
th:first-child,td:first-child{text-align:left}td.hit{background:#e3f1e3}figure{display:inline-block;margin:.3rem}figcaption{font-size:.85rem;text-align:center}
</style></head><body>
<h1>Event model evaluation</h1>
<p>{{ f.corpus.examples }} labelled releases (digest {{ f.corpus.sha256[:16] }}), split {{ f.split[:16] }}, with {{ f.corpus.authored }} authored examples in training only.
Companies and near-duplicates are kept apart throughout.</p>
{% macro share(x) %}{{ "–" if x is none else "%.3f" | format(x) }}{% endmacro %}
{% macro block(title, m, note) %}
<h2>{{ title }}</h2><p>{{ note }}</p>
<table><tr><th>event</th><th>precision</th><th>recall</th><th>F1</th><th>95% interval</th><th>labelled</th><th>calibration error</th></tr>
{% for name, e in m.events.items() %}<tr><td>{{ name }}</td><td>{{ share(e.precision) }}</td><td>{{ share(e.recall) }}</td><td>{{ share(e.f1) }}</td>
<td>{{ share(e.interval[0]) }} to {{ share(e.interval[1]) }}</td><td>{{ e.support }}</td><td>{{ share(m.calibration_error[name]) }}</td></tr>{% endfor %}</table>
<table><tr><th>part</th><th>releases</th><th>macro F1</th><th>licensing, trial, financing</th><th>micro F1</th></tr>
{% for name, p in m.parts.items() %}<tr><td>{{ name }}</td><td>{{ p.examples }}</td><td>{{ share(p.macro_f1) }}</td><td>{{ share(p.key_f1) }}</td><td>{{ share(p.micro_f1) }}</td></tr>{% endfor %}</table>
<p>Review band: {{ share(m.review.coverage) }} of releases lie outside it, with {{ share(m.review.right) }} of their tags right; without it {{ share(m.review.right_without_review) }}.</p>
{% endmacro %}
{% if f.held_out is defined %}{{ block("Held-out companies", f.held_out, "The fixed test part: no choice of features, cues or settings looked at it.") }}{% endif %}
{{ block("Cross-validated over all companies", f.cross_validated, "Nested: calibration and review bar are chosen inside each outer fold. Cues and authored examples were written with the errors on the training companies in view, so this is a little hopeful.") }}
<h2>Baselines (same folds)</h2>
<table><tr><th>F1</th><th>this model</th>{% for name in f.cross_validated.baselines %}<th>{{ name }}</th>{% endfor %}</tr>
{% for event in f.events %}<tr><td>{{ event }}</td><td>{{ share(f.cross_validated.events[event].f1) }}</td>{% for b in f.cross_validated.baselines.values() %}<td>{{ share(b.f1[event]) }}</td>{% endfor %}</tr>{% endfor %}
{% for part in ("all", "headline and lead", "full text") %}{% if part in f.cross_validated.parts %}<tr><td>macro, {{ part }}</td><td>{{ share(f.cross_validated.parts[part].macro_f1) }}</td>
{% for b in f.cross_validated.baselines.values() %}<td>{{ share(b.parts[part].macro_f1) }}</td>{% endfor %}</tr>{% endif %}{% endfor %}</table>
<h2>Reliability</h2><figure>{{ reliability }}<figcaption>probability (across) and share labelled (up)</figcaption></figure>
<h2>Precision and recall</h2>{% for name, svg in curves.items() %}<figure>{{ svg }}<figcaption>{{ name }}</figcaption></figure>{% endfor %}
<h2>Confusion</h2><p>Rows: labelled. Diagonal: found. Elsewhere: wrong tags where it was missed; last column: missed with no wrong tag.</p>
<table><tr><th></th>{% for e in f.events %}<th>{{ e[:7] }}</th>{% endfor %}<th>none</th></tr>
{% for e in f.events %}{% set i = loop.index0 %}<tr><td>{{ e }}</td>{% for v in f.cross_validated.confusion[i] %}<td{{ ' class="hit"' if loop.index0 == i }}>{{ v or "" }}</td>{% endfor %}</tr>{% endfor %}</table>
{% if f.time_split is defined and f.time_split.examples %}<h2>Later years</h2><p>Trained on {{ f.time_split.trained_on }} releases before {{ f.time_split.cutoff }}, measured on {{ f.time_split.examples }} later ones of other companies: macro F1 {{ share(f.time_split.macro_f1) }}.</p>{% endif %}
{% if f.learning_curve is defined %}<h2>Learning curve (held-out companies)</h2><table><tr><th>trained on</th><th>macro F1</th><th>licensing, trial, financing</th></tr>
{% for p in f.learning_curve %}<tr><td>{{ p.trained_on }}</td><td>{{ share(p.macro_f1) }}</td><td>{{ share(p.key_f1) }}</td></tr>{% endfor %}</table>{% endif %}
{% if f.without_authored is defined %}<p>Without the authored examples: macro F1 {{ share(f.without_authored.macro_f1) }} on the held-out companies (with them {{ share(f.held_out.parts["all"].macro_f1) }}).</p>{% endif %}
<h2>The 30 most confident errors</h2><table><tr><th>id</th><th>source</th><th>labelled</th><th>tagged</th></tr>
{% for e in f.errors %}<tr><td>{{ e.id }}</td><td>{{ e.source }}</td><td>{{ e.labelled | join(", ") }}</td><td>{% for t, p in e.tagged.items() %}{{ t }} {{ p }} {% endfor %}</td></tr>{% endfor %}</table>
</body></html>
"""


def write_page(figures: Mapping[str, Any], path: Path) -> None:
    """Write the page for the figures of ``evaluate``."""
    crossed = figures["cross_validated"]
    dots = [(b["mean"], b["right"]) for b in crossed["reliability"]]
    curves = {event: _plot(points) for event, points in crossed["curves"].items()}
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    page = environment.from_string(_TEMPLATE).render(
        f=figures,
        reliability=Markup(_plot(dots, diagonal=True)),
        curves={event: Markup(svg) for event, svg in curves.items()},
    )
    path.write_text(page, encoding="utf-8")


def _plot(points: Sequence[tuple[float, float]], *, diagonal: bool = False) -> str:
    """A square SVG of points in [0, 1] joined by a line; numbers only, so nothing needs escaping."""
    at = [(round(x * _SIZE, 1), round((1 - y) * _SIZE, 1)) for x, y in points]
    line = " ".join(f"{x},{y}" for x, y in at)
    extra = f'<line x1="0" y1="{_SIZE}" x2="{_SIZE}" y2="0" stroke="#bbb"/>' if diagonal else ""
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="2.5" fill="#146"/>' for x, y in at) if diagonal else ""
    return (
        f'<svg width="{_SIZE}" height="{_SIZE}" viewBox="0 0 {_SIZE} {_SIZE}"><rect width="{_SIZE}" height="{_SIZE}" fill="none" '
        f'stroke="#ccc"/>{extra}<polyline points="{line}" fill="none" stroke="#146" stroke-width="1.5"/>{dots}</svg>'
    )
