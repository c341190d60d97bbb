"""The command ``ex99``: commands only, no logic. Heavy imports wait for the command that needs them."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, NoReturn

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
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def score(
    folder: Annotated[
        Path,
        typer.Argument(
            help="A folder of submissions and exhibits, nested to any depth, an archive, or one file."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Where the results go: JSON Lines, Parquet and CSV.")] = Path(
        "out"
    ),
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as there are cores when left out.")
    ] = None,
    with_text: Annotated[
        bool, typer.Option(help="Add each release's clean text and its sections to its record.")
    ] = False,
    overwrite: Annotated[bool, typer.Option(help="Score everything again, also what is done.")] = False,
    only_failed: Annotated[bool, typer.Option(help="Score only what failed before.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Take only the first N files.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Leave out what was filed before this day (2026-01-31).")
    ] = None,
    form: Annotated[
        list[str] | None, typer.Option(help="Only submissions of this form type (8-K); may be repeated.")
    ] = None,
    event: Annotated[
        list[str] | None, typer.Option(help="Only releases tagged with this event; may be repeated.")
    ] = None,
    drugs: Annotated[
        Path | None,
        typer.Option(help="Your own drug names: a TSV with the columns name and action (add, remove)."),
    ] = None,
    model: Annotated[Path | None, typer.Option(help="Another model folder.")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Time limit for one document.")] = 30.0,
    rows: Annotated[int, typer.Option(min=0, help="How many releases the table on the screen shows.")] = 40,
) -> None:
    """Score every filing in FOLDER; one record for every input, failed ones too.

    The same command again does only what is missing. Exit status: 0 all scored, 1 some inputs failed
    (they are in the output), 2 wrong use.

    Example: ex99 score data/samples --out out
    """
    from rich.console import Console

    from nlp.batch import score_folder
    from nlp.batch.progress import progress_for
    from nlp.batch.tables import read_records
    from nlp.report.table import print_summary, print_table
    from nlp.rulebook import read_drug_names

    _check_date(since)
    add, remove = read_drug_names(drugs) if drugs else ((), ())
    summary = score_folder(
        folder,
        out,
        model=model,
        add_drugs=add,
        remove_drugs=remove,
        workers=workers,
        with_text=with_text,
        overwrite=overwrite,
        only_failed=only_failed,
        limit=limit,
        since=since,
        forms=form or (),
        events=event or (),
        seconds=seconds,
        progress=progress_for(),
    )
    console = Console()
    print_table(read_records(out, rows), console)
    print_summary(summary, console)
    raise typer.Exit(SOME_FAILED if summary.failed else OK)


@app.command()
def classify(
    file: Annotated[str, typer.Argument(help="An exhibit or submission, or - for standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print records as JSON Lines.")] = False,
    filer: Annotated[
        str | None, typer.Option(help="The company that issues the release, where known.")
    ] = None,
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
    model: Annotated[
        Path | None, typer.Argument(help="A model folder; the current one when left out.")
    ] = None,
) -> None:
    """Check a model folder: digests, shapes, and its probes from raw exhibit to stored probabilities."""
    from nlp.training import verify as replay

    problems = replay(model)
    for problem in problems:
        typer.echo(problem, err=True)
    typer.echo(
        "verified: every digest and probe agrees" if not problems else f"{len(problems)} problems",
        err=bool(problems),
    )
    raise typer.Exit(SOME_FAILED if problems else OK)


def _check_date(value: str | None) -> None:
    try:
        if value is not None:
            date.fromisoformat(value)
    except ValueError:
        _wrong_use(f"--since {value}: not a date; write it like 2026-01-31")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        _wrong_use(f"{path}: {error.strerror}")


def _wrong_use(message: str) -> NoReturn:
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
