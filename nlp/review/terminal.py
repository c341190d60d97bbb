"""``ex99 review``: shows the release on the desk, reads one key, keeps what was decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from nlp.errors import InputError
from nlp.report.records import read_results
from nlp.report.table import make_console, plain
from nlp.review.desk import Desk, Item, in_doubt
from nlp.review.labels import LabelFile
from nlp.rulebook import default_rulebook

__all__ = ["Tally", "review"]

_KEYS = "a accept   r or digits: other events   s skip   u undo   q quit"


@dataclass(frozen=True, slots=True)
class Tally:
    """What one review did: ``waiting`` were in doubt and undecided when it began, ``left`` still are.

    >>> from nlp.review import Tally
    >>> tally = Tally(waiting=5, decided=3, left=2)
    >>> f"{tally.decided} of {tally.waiting} decided"
    '3 of 5 decided'
    """

    waiting: int
    decided: int
    left: int


def review(
    results: Path,
    labels: Path,
    *,
    who: str,
    read_key: Callable[[], str] = click.getchar,
    console: Console | None = None,
) -> Tally:
    """Walk the releases in doubt of ``results`` (scored ``--with-text``) and append what a person decides to ``labels``.

    ``who`` goes into every label. Every decision is on the disk before the next release is shown, so an interrupted
    review loses nothing; started again, it goes on with what is undecided. Raises ``InputError`` for files it can't use.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from rich.console import Console
    >>> from nlp.batch import score_folder
    >>> from nlp.review import review
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "acme.htm").write_text("<p>Acme Bio Dines in Oslo</p>")
    ...     _ = score_folder(f"{folder}/acme.htm", f"{folder}/out", workers=1, with_text=True).finish()
    ...     said = {"read_key": lambda: "q", "console": Console(quiet=True)}  # in a terminal, a person's keys
    ...     review(Path(folder, "out"), Path(folder, "labels.jsonl"), who="ana", **said)
    Tally(waiting=..., decided=0, left=...)
    """
    console = console or make_console()
    file = LabelFile(labels, who=who)
    items = in_doubt(read_results(results))
    waiting = [item for item in items if item.id not in file.done]
    stale = sum(item.id in file.done and file.done[item.id] != item.text_sha256 for item in items)
    desk = Desk(waiting, [event.id for event in default_rulebook().event_types])
    console.print(
        f"{len(items)} in doubt, {len(items) - len(waiting)} decided before, labels in {labels}", markup=False
    )
    if file.repaired:
        console.print("a line cut short by a crash was dropped; its release comes again", style="yellow")
    if stale:
        console.print(
            f"{stale} decided on another text than these results hold; kept as they are", style="yellow"
        )
    decided = 0
    while waiting:
        if desk.item is not None:
            _show(desk.item, desk, console)
        else:
            console.print(Text("all seen: u takes the last step back, any other key ends", style="bold"))
        step = desk.press(_key(read_key))
        while step.outcome in ("choosing", "refused"):
            console.print(Text(step.message or _choice(desk), style="yellow" if step.message else "bold"))
            step = desk.press(_key(read_key))
        if step.outcome == "quit":
            break
        if step.outcome == "decided" and step.decision:
            file.append(step.decision)
            decided += 1
            console.print(Text("→ " + ", ".join(step.decision.events), style="bold green"))
        elif step.outcome == "undone" and step.decision:
            file.take_back(step.decision)
            decided -= 1
            console.print(Text("taken back", style="yellow"))
    tally = Tally(len(waiting), decided, len(waiting) - decided)
    console.print(f"{tally.decided} decided, {tally.left} left")
    if decided:
        console.print(f"texts of the labelled releases: {file.texts}", markup=False)
    return tally


def _key(read_key: Callable[[], str]) -> str:
    try:
        return read_key()
    except (KeyboardInterrupt, EOFError):
        return "q"
    except OSError as error:
        raise InputError(
            f"no terminal to read keys from ({error.strerror}); run ex99 review in one"
        ) from error


def _choice(desk: Desk) -> str:
    if not desk.choosing:
        return _KEYS
    marks = (
        f"{key} [{'x' if event in desk.chosen else ' '}] {event}".replace(
            " ", "\u00a0"
        )  # breaks between only
        for key, event in desk.keys.items()
    )
    primary = f"   primary: {desk.chosen[0]}" if desk.chosen else ""
    return "  ".join(marks) + primary + "   Enter decides, Esc goes back"


def _show(item: Item, desk: Desk, console: Console) -> None:
    record = item.record
    console.rule(f"{desk.position + 1} of {len(desk.items)}")
    console.print(Text(plain(record["headline"] or "(no headline)"), style="bold"))
    facts = [record.get(key) for key in ("company", "filed_on", "form_type", "exhibit", "path")]
    facts.append("items " + ", ".join(record["items"]) if record.get("items") else None)
    console.print(Text(plain("  ".join(fact for fact in facts if fact)), style="dim"))
    for reason in item.reasons:
        console.print(Text(plain(f"in doubt: {reason}"), style="yellow"))
    for event in record["events"]:
        if not event["accepted"] and event["probability"] < 0.05:
            continue
        mark, style = ("✓", "bold green") if event["accepted"] else (" ", "dim")
        console.print(Text(plain(f"{mark} {event['probability']:.2f} {event['type']}"), style=style))
        for evidence in event["evidence"][:3]:
            quoted = "“" + " ".join(plain(evidence["text"]).split()) + "”"
            console.print(Padding(Text(quoted, style="italic"), (0, 0, 0, 4), expand=False))
    lead = next((s for s in record.get("sections") or () if s["kind"] == "lead"), None)
    if lead:
        console.print(Text(" ".join(plain(record["text"][lead["start"] : lead["end"]]).split())))
    events = "  ".join(f"{key}\u00a0{event}" for key, event in desk.keys.items())
    console.print(Text(f"{_KEYS}\n{events}", style="dim"))
