"""One release in the terminal, the way a person reads it."""

from __future__ import annotations

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from nlp.classification import Classification
from nlp.report.table import plain

__all__ = ["print_release", "print_summary"]

_BAR = 20
_ENTITY_STYLES = {
    "drug": "bold green",
    "counterparty": "bold magenta",
    "term": "bold cyan",
    "evidence": "underline",
}
_SECTION_STYLES = {
    "headline": "bold",
    "about": "dim",
    "safe_harbor": "dim",
    "contact": "dim",
    "furniture": "dim",
}


def print_summary(result: Classification, console: Console) -> None:
    """Print events with bars and evidence, counterparties, drugs, terms and warnings."""
    source = result.source
    title = [source.company, source.filed_on, source.form_type, source.exhibit, source.accession_number]
    console.print(Text(plain(result.headline or "(no headline)"), style="bold"))
    console.print(Text(plain("  ".join(part for part in title if part)), style="dim"))
    if result.error:
        console.print(
            Text(
                plain(f"failed at {result.error.stage}: {result.error.code}: {result.error.message}"),
                style="bold red",
            )
        )
        return
    if result.status == "no_release":
        console.print(Text(plain(f"no press release: {source.exhibit_reason}"), style="yellow"))
        return
    console.print(_events(result))
    if result.trial_outcome:
        console.print(Text(f"trial outcome: {result.trial_outcome.replace('_', ' ')}"))
    _print_list(
        console,
        "counterparties",
        [f"{c.name} ({c.role.replace('_', ' ')})  [{c.rule}]" for c in result.counterparties],
    )
    _print_list(
        console,
        "drugs",
        [
            f"{d.name} ({d.kind})" + (f", also {', '.join(d.aliases)}" if d.aliases else "")
            for d in result.drugs
        ],
    )
    _print_list(console, "terms", [f"{t.kind.replace('_', ' ')}: {t.value}" for t in result.terms])
    _print_list(console, "warnings", [f"{w.code}: {w.message}" for w in result.warnings])
    if result.status == "review":
        console.print(Text("status: review (the model is in doubt)", style="yellow"))


def _events(result: Classification) -> Group:
    parts: list[Table | Padding] = []
    for event in result.events:
        if not event.accepted and event.probability < 0.05:
            continue
        filled = round(event.probability * _BAR)
        style = "bold green" if event.accepted else "dim"
        row = Table.grid(padding=(0, 1))
        names = event.type + (
            f" ({', '.join(s.split('.', 1)[1] for s in event.subtypes)})" if event.subtypes else ""
        )
        row.add_row(
            Text("█" * filled + "░" * (_BAR - filled), style=style),
            Text(f"{event.probability:.2f}"),
            Text(names, style=style),
        )
        parts.append(row)
        for span in event.evidence[:2]:
            parts.append(
                Padding(
                    Text("“" + " ".join(plain(span.of(result.text)).split()) + "”", style="italic"),
                    (0, 0, 0, 4),
                    expand=False,
                )
            )
    return Group(*parts)


def _print_list(console: Console, name: str, lines: list[str]) -> None:
    if lines:
        console.print(Text(f"{name}:", style="bold"))
        for line in lines:
            console.print(Padding(Text(plain(line)), (0, 0, 0, 2), expand=False))


def print_release(result: Classification, console: Console) -> None:
    """Print the summary, then the whole text: section names in the margin, names and evidence highlighted."""
    print_summary(result, console)
    if not result.text:
        return
    # Highlights are set on the raw text before it is cleaned of control characters, one character for one.
    page = Text("".join(plain(c) or "\N{REPLACEMENT CHARACTER}" for c in result.text))
    for section in result.sections:
        page.stylize(_SECTION_STYLES.get(section.kind, ""), section.start, section.end)
    for event in result.events:
        for span in event.evidence:
            page.stylize(_ENTITY_STYLES["evidence"], span.start, span.end)
    for kind, found in (
        ("drug", result.drugs),
        ("counterparty", result.counterparties),
        ("term", result.terms),
    ):
        for entity in found:
            for mention in entity.mentions:
                page.stylize(_ENTITY_STYLES[kind], mention.start, mention.end)
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(style="cyan", width=12, justify="right")
    table.add_column(ratio=1)
    for section in result.sections:
        body = page[section.start : section.end]
        body.rstrip()
        table.add_row(section.kind.replace("_", " "), body)
        table.add_row("", "")
    console.print()
    console.print(table)
