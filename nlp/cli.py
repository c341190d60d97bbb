"""The command ``ex99``: commands only, no logic. Heavy imports wait for the command that needs them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from nlp import __version__
from nlp.errors import Ex99Error

__all__ = ["app", "main"]

OK, SOME_FAILED, WRONG_USE = 0, 1, 2

app = typer.Typer(
    name="ex99",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="What biopharma press releases in SEC filings announce, with whom, and about which drugs.\n\n"
    "Examples:\n\n"
    "  ex99 score filings/ --out results/\n\n"
    "  ex99 classify exhibit.htm\n\n"
    "  ex99 classify --json - < exhibit.htm",
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"ex99 {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    pass


@app.command()
def score(
    folder: Annotated[Path, typer.Argument(help="A folder of submissions and exhibits, nested to any depth, or one file.")],
    out: Annotated[Path, typer.Option(help="Where the results go: releases.jsonl and releases.parquet.")] = Path("out"),
    with_text: Annotated[bool, typer.Option(help="Add each release's clean text to its record.")] = False,
) -> None:
    """Score every filing in FOLDER; one record for every input, failed ones too.

    Exit status: 0 all scored, 1 some inputs failed (they are in the output), 2 wrong use.

    Example: ex99 score data/samples --out out
    """
    from rich.console import Console

    from nlp.batch import score_folder
    from nlp.report.table import print_table

    if not folder.exists():
        _wrong_use(f"{folder}: no such file or folder")
    summary, records = score_folder(folder, out, with_text=with_text)
    print_table(records, Console())
    counts = ", ".join(f"{count} {status}" for status, count in sorted(summary.statuses.items())) or "nothing found"
    typer.echo(f"{sum(summary.statuses.values())} records: {counts}")
    typer.echo(f"Full results: {summary.jsonl} and {summary.parquet}")
    raise typer.Exit(SOME_FAILED if summary.failed else OK)


@app.command()
def classify(
    file: Annotated[str, typer.Argument(help="An exhibit or submission, or - for standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print records as JSON Lines.")] = False,
    filer: Annotated[str | None, typer.Option(help="The company that issues the release, where known.")] = None,
) -> None:
    """Classify one release (or the releases of one submission).

    Example: ex99 classify data/samples/exhibits/*.htm
    """
    from nlp.classifier import Classifier

    raw = sys.stdin.buffer.read() if file == "-" else _read(Path(file))
    results = Classifier().score_bytes(raw, path=None if file == "-" else file, filer=filer)
    for result in results:
        if as_json:
            typer.echo(json.dumps(result.to_dict(), ensure_ascii=False))
        else:
            from rich.console import Console

            from nlp.report.show import print_summary

            print_summary(result, Console())
    raise typer.Exit(SOME_FAILED if any(r.status == "failed" for r in results) else OK)


@app.command()
def verify(
    model: Annotated[Path | None, typer.Argument(help="A model folder; the current one when left out.")] = None,
) -> None:
    """Check a model folder: digests, shapes, and its probes from raw exhibit to stored probabilities."""
    from nlp.training import verify as replay

    problems = replay(model)
    for problem in problems:
        typer.echo(problem, err=True)
    typer.echo("verified: every digest and probe agrees" if not problems else f"{len(problems)} problems", err=bool(problems))
    raise typer.Exit(SOME_FAILED if problems else OK)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        _wrong_use(f"{path}: {error.strerror}")


def _wrong_use(message: str) -> typer.Exit:
    typer.echo(f"ex99: {message}", err=True)
    raise typer.Exit(WRONG_USE)


def main() -> None:
    """Run the command; an error of ours is one line on standard error, not a traceback."""
    try:
        app()
    except Ex99Error as error:
        typer.echo(f"ex99: {error}", err=True)
        sys.exit(WRONG_USE)


if __name__ == "__main__":
    main()
