"""Reports as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["format_entities", "format_report"]

_TITLES = {
    "held_out": "Held-out companies (a fixed fifth; features and settings were chosen on the others)",
    "cross_validated": "All companies, five company-disjoint folds (wording was chosen with four fifths of them in view)",
}


def format_report(figures: Mapping[str, Any]) -> str:
    """Per event precision, recall, F1 and support; macro F1 by part; calibration and review band."""
    lines: list[str] = []
    for key, title in _TITLES.items():
        if key not in figures:
            continue
        figure = figures[key]
        lines += [
            "",
            title,
            f"  {'event':12} {'precision':>9} {'recall':>7} {'F1':>7} {'support':>8}   95% interval",
        ]
        for event, row in figure["events"].items():
            low, high = row["interval"]
            lines.append(
                f"  {event:12} {row['precision']:9.3f} {row['recall']:7.3f} {row['f1']:7.3f} {row['support']:8d}   {low:.3f} to {high:.3f}"
            )
        for part in ("all", "headline and lead", "full text", "full text, releases only"):
            row = figure["parts"].get(part)
            if row and row["examples"]:
                lines.append(
                    f"  {part}: macro F1 {row['macro_f1']:.3f}, licensing, trial, financing {row['key_f1']:.3f} ({row['examples']} texts)"
                )
        lines.append(
            f"  calibration error {figure['calibration_error']['all']:.3f}; review band {figure['review']}"
        )
        for name, row in figure.get("baselines", {}).items():
            shown = row.get("parts", {}).get("all", row)
            lines.append(f"  baseline {name}: {shown.get('macro_f1')}, {shown.get('key_f1')}")
    return "\n".join(lines[1:])


def format_entities(figures: Mapping[str, Any], indent: str = "") -> str:
    """Any nested table of figures, one line a leaf row."""
    lines = []
    for name, value in figures.items():
        if isinstance(value, Mapping) and any(isinstance(v, Mapping) for v in value.values()):
            lines += [f"{indent}{name}", format_entities(value, indent + "  ")]
        elif isinstance(value, Mapping):
            lines.append(
                f"{indent}{name}: "
                + ", ".join(f"{k} {v:.3f}" if isinstance(v, float) else f"{k} {v}" for k, v in value.items())
            )
        else:
            lines.append(f"{indent}{name}: {value}")
    return "\n".join(lines)
