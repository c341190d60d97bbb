"""The command ``ex99``: commands only, no logic. Heavy imports wait for the command that needs them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from nlp import __version__
from nlp.errors import Ex99Error

if TYPE_CHECKING:
    from nlp.classifier import Classification

__all__ = ["app", "main"]

OK, SOME_FAILED, WRONG_USE, NOT_FINISHED = 0, 1, 2, 3
_UNFINISHED = ("stopped", "cannot-write", "output-in-use", "workers-died")
Backend = Literal["local", "dask"]

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
        str,
        typer.Argument(
            help="A folder of submissions and exhibits, nested to any depth, an archive, one file, a URL of these "
            "(s3://..., with ex99[remote]), or - for paths on standard input."
        ),
    ],
    out: Annotated[
        str, typer.Option(help="Where the results go: JSON Lines, Parquet and CSV; a folder or a URL.")
    ] = "out",
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
    backend: Annotated[
        Backend, typer.Option(help="Where the work is done; dask needs the extra ex99[dask].")
    ] = "local",
    scheduler: Annotated[str | None, typer.Option(help="Address of the Dask scheduler.")] = None,
    rows: Annotated[int, typer.Option(min=0, help="How many releases the table on the screen shows.")] = 40,
) -> None:
    """Score every filing in FOLDER; one record for every input, failed ones too.

    The same command again does only what is missing. Exit status: 0 all scored, 1 some inputs failed
    (they are in the output), 2 wrong use, 3 not finished (stopped, disk full, another run at work there).

    Example: ex99 score data/samples --out out
    """

    from nlp.batch import read_paths, score_folder
    from nlp.batch.progress import progress_for
    from nlp.batch.signals import stopped_by_signals
    from nlp.batch.tables import read_records
    from nlp.report.table import make_console, print_summary, print_table
    from nlp.rulebook import read_drug_names

    _check_date(since)
    add, remove = read_drug_names(drugs) if drugs else ((), ())
    run = score_folder(
        read_paths(sys.stdin.buffer) if folder == "-" else folder,
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
        backend=backend,
        scheduler=scheduler,
        progress=progress_for(),
    )
    try:
        with stopped_by_signals(run):
            summary = run.finish()
    except Ex99Error as error:
        if error.code not in _UNFINISHED:
            raise
        typer.echo(f"ex99: {error}", err=True)
        raise typer.Exit(NOT_FINISHED) from None
    console = make_console()
    if rows:
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
    results = _score_file(file, filer)
    for result in results:
        if as_json:
            typer.echo(json.dumps(result.to_dict(), ensure_ascii=False))
        else:
            from nlp.report.show import print_summary
            from nlp.report.table import make_console

            print_summary(result, make_console())
    raise typer.Exit(_status(results))


@app.command()
def show(
    file: Annotated[str, typer.Argument(help="An exhibit or submission, or - for standard input.")],
    filer: Annotated[
        str | None, typer.Option(help="The company that issues the release, where known.")
    ] = None,
) -> None:
    """Print a release as a person reads it: sections, names and evidence highlighted, events with reasons.

    Example: ex99 show data/samples/exhibits/aldridge-cove-ex99-1.txt
    """

    from nlp.report.show import print_release
    from nlp.report.table import make_console

    results = _score_file(file, filer)
    for result in results:
        print_release(result, make_console())
    raise typer.Exit(_status(results))


@app.command()
def explain(
    file: Annotated[str, typer.Argument(help="An exhibit or submission, or - for standard input.")],
) -> None:
    """Print the strongest features for and against each event that is tagged or nearly so.

    Example: ex99 explain data/samples/exhibits/aldridge-cove-ex99-1.txt
    """
    from nlp.classifier import Classifier

    for headline, explanations in Classifier().explain_bytes(_read(file)):
        typer.echo(headline or "(no headline)")
        for event in explanations:
            if event.accepted or event.probability >= 0.05:
                typer.echo(f"  {event.type} {event.probability:.2f}{' (tagged)' if event.accepted else ''}")
                for field, term, share in event.features:
                    typer.echo(f"    {share:+.2f}  {field}: {term}")


@app.command()
def train(
    texts: Annotated[Path, typer.Option(help="JSON Lines of releases, or a folder with releases.jsonl.")],
    labels: Annotated[Path, typer.Option(help="JSON Lines of labels, or a folder with labels.jsonl.")],
    out: Annotated[Path, typer.Option(help="Folder of models; the new one goes into events-VERSION.")] = Path(
        "models"
    ),
    reviewed: Annotated[
        list[Path] | None, typer.Option(help="A label file of ex99 review to add; may be repeated.")
    ] = None,
    version: Annotated[str, typer.Option("--model-version", help="Version of the new model.")] = "1.0",
    replace: Annotated[bool, typer.Option(help="Replace the version if it exists.")] = False,
) -> None:
    """Train the event model, measure it on companies kept apart, write it with its card, and make it the current one.

    Example: ex99 train --texts ../shared/corpus --labels data/labels --model-version 1.1
    """
    from nlp.training.train import train_model

    authored = Path("data/authored")
    folder = train_model(
        texts,
        labels,
        out,
        version=version,
        authored=authored if authored.is_dir() else None,
        reviewed=reviewed or (),
        replace=replace,
    )
    typer.echo(f"{folder}: trained; its figures are in {folder / 'CARD.md'}")


@app.command()
def evaluate(
    labels: Annotated[Path, typer.Option(help="The folder of labels, or one of its files.")],
    texts: Annotated[
        Path | None,
        typer.Option(help="JSON Lines of releases, or a folder with releases.jsonl (not for --filings)."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Where the report goes.")] = Path("out/evaluation"),
    entities: Annotated[
        bool, typer.Option(help="Measure drug names and counterparties instead of events.")
    ] = False,
    terms: Annotated[bool, typer.Option(help="Measure terms on labelled sentences (terms.jsonl).")] = False,
    filings: Annotated[
        Path | None, typer.Option(help="Measure the whole path on this folder of filings (edgar.jsonl).")
    ] = None,
    quick: Annotated[bool, typer.Option(help="Leave out time split, learning curve and ablation.")] = False,
) -> None:
    """Precision, recall, F1 and support per event on companies not trained on, with baselines; a report as JSON and HTML.

    Example: ex99 evaluate --texts ../shared/corpus --labels data/labels --quick
    """
    from nlp.training.tables import format_entities, format_report

    if filings:
        from nlp.training.filing_eval import evaluate_filings

        typer.echo(format_entities(evaluate_filings(filings, labels)))
        return
    if texts is None:
        _wrong_use("evaluate: name the releases by --texts, or the filings by --filings")
    if terms:
        from nlp.training.term_eval import evaluate_terms

        typer.echo(format_entities(evaluate_terms(texts, labels)))
        return
    if entities:
        from nlp.training.entity_eval import evaluate_entities

        typer.echo(format_entities(evaluate_entities(texts, labels)))
        return
    from nlp.training.evaluate import evaluate as measure

    authored = Path("data/authored")
    report = measure(texts, labels, out, authored=authored if authored.is_dir() else None, quick=quick)
    typer.echo(format_report(report.figures))
    typer.echo(f"Full report: {report.page_path} and {report.json_path}")


@app.command()
def report(
    results: Annotated[Path, typer.Argument(help="A folder that ex99 score wrote, or its releases.jsonl.")],
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("out/report.html"),
) -> None:
    """Write one self-contained HTML page of scored releases.

    Example: ex99 score filings/ --out results --with-text && ex99 report results --out report.html
    """
    from nlp.report.page import write_page

    count = write_page(results, out)
    typer.echo(f"{out}: {count:,} records")


@app.command()
def review(
    results: Annotated[
        Path, typer.Argument(help="A folder that ex99 score --with-text wrote, or its releases.jsonl.")
    ],
    labels: Annotated[Path, typer.Option(help="The label file that grows; its texts go beside it.")],
    who: Annotated[str | None, typer.Option(help="Who decides; your user name when left out.")] = None,
) -> None:
    """Walk the releases in doubt and decide by single keys; stopped at any time, it goes on where it stopped.

    Example: ex99 score filings/ --out results --with-text && ex99 review results --labels my-labels.jsonl
    """
    from getpass import getuser

    from nlp.review import review as walk

    walk(results, labels, who=who or getuser())


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


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        _wrong_use(f"{file}: {error.strerror}")


def _score_file(file: str, filer: str | None) -> tuple[Classification, ...]:
    from nlp.classifier import Classifier

    return Classifier().score_bytes(_read(file), path=None if file == "-" else file, filer=filer)


def _status(results: Sequence[Classification]) -> int:
    return SOME_FAILED if any(result.status == "failed" for result in results) else OK


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
