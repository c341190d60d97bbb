"""The command ``ex99``: commands only, no logic. Heavy imports wait for the command that needs them."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from nlp import __version__
from nlp.errors import Ex99Error, InputError

if TYPE_CHECKING:
    from nlp.classification import Classification

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


Files = Annotated[
    list[str], typer.Argument(help="Exhibits, submissions or archives of them, or - for standard input.")
]
Filer = Annotated[str | None, typer.Option(help="The company that issues the release, where known.")]
Model = Annotated[Path | None, typer.Option(help="Another model folder.")]
Drugs = Annotated[
    Path | None,
    typer.Option(help="Your own drug names: a TSV with the columns name and action (add, remove)."),
]


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
        str,
        typer.Option(
            "--out", "-o", help="Where the results go: JSON Lines, Parquet and CSV; a folder or a URL."
        ),
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
    drugs: Drugs = None,
    model: Model = None,
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
    from nlp.report.table import make_console, print_summary, print_table, rows_to_show
    from nlp.rulebook import read_drug_names

    _check_date(since)
    _check_events(event or ())
    if scheduler and backend != "dask":
        _wrong_use("--scheduler goes with --backend dask")
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
    shown = rows_to_show(read_records(out), rows) if rows else []
    if shown:
        print_table(shown, console)
    if left := sum(summary.statuses.values()) - len(shown):
        typer.echo(f"{left:,} more records are in the results; --rows shows more")
    print_summary(summary, console)
    raise typer.Exit(SOME_FAILED if summary.failed else OK)


@app.command()
def classify(
    files: Files,
    as_json: Annotated[bool, typer.Option("--json", help="Print records as JSON Lines.")] = False,
    filer: Filer = None,
    model: Model = None,
    drugs: Drugs = None,
) -> None:
    """Classify single releases (or the releases of submissions) and print what they announce.

    Example: ex99 classify data/samples/exhibits/*.htm
    """
    failed = False
    for result in _score_files(files, filer, model, drugs):
        failed |= result.status == "failed"
        if as_json:
            typer.echo(json.dumps(result.to_dict(), ensure_ascii=False))
        else:
            from nlp.report.show import print_summary
            from nlp.report.table import make_console

            print_summary(result, make_console())
    raise typer.Exit(SOME_FAILED if failed else OK)


@app.command()
def show(files: Files, filer: Filer = None, model: Model = None, drugs: Drugs = None) -> None:
    """Print a release as a person reads it: sections, names and evidence highlighted, events with reasons.

    Example: ex99 show data/samples/exhibits/aldridge-cove-ex99-1.txt
    """

    from nlp.report.show import print_release
    from nlp.report.table import make_console

    failed = False
    for result in _score_files(files, filer, model, drugs):
        failed |= result.status == "failed"
        print_release(result, make_console())
    raise typer.Exit(SOME_FAILED if failed else OK)


@app.command()
def explain(files: Files, model: Model = None) -> None:
    """Print the strongest features for and against each event that is tagged or nearly so.

    Example: ex99 explain data/samples/exhibits/aldridge-cove-ex99-1.txt
    """
    from nlp.classifier import Classifier

    classifier = Classifier(model)
    for path, raw in _contents(files):
        explained = classifier.explain_bytes(raw)
        if not explained:
            reasons = {result.source.exhibit_reason for result in classifier.score_bytes(raw)}
            typer.echo(f"{path}: no press release: {'; '.join(filter(None, reasons))}")
        for headline, explanations in explained:
            typer.echo(headline or "(no headline)")
            for event in explanations:
                if event.accepted or event.probability >= 0.05:
                    typer.echo(
                        f"  {event.type} {event.probability:.2f}{' (tagged)' if event.accepted else ''}"
                    )
                    for field, term, share in event.features:
                        typer.echo(f"    {share:+.2f}  {field}: {term}")


@app.command()
def train(
    texts: Annotated[Path, typer.Option(help="JSON Lines of releases, or a folder with releases.jsonl.")],
    labels: Annotated[Path, typer.Option(help="JSON Lines of labels, or a folder with labels.jsonl.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of models; the new one goes into events-VERSION.")
    ] = Path("models"),
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
        say=_say,
    )
    typer.echo(f"{folder}: trained; its figures are in {folder / 'CARD.md'}")


@app.command()
def evaluate(
    labels: Annotated[Path, typer.Option(help="The folder of labels, or one of its files.")],
    texts: Annotated[
        Path | None,
        typer.Option(help="JSON Lines of releases, or a folder with releases.jsonl (not for --filings)."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the report goes.")] = Path("out/evaluation"),
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
    report = measure(
        texts, labels, out, authored=authored if authored.is_dir() else None, quick=quick, say=_say
    )
    typer.echo(format_report(report.figures))
    typer.echo(f"Full report: {report.page_path} and {report.json_path}")


@app.command()
def report(
    results: Annotated[Path, typer.Argument(help="A folder that ex99 score wrote, or its releases.jsonl.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The page to write; report.html beside the results when left out."),
    ] = None,
) -> None:
    """Write one self-contained HTML page of scored releases.

    Example: ex99 score filings/ --out results --with-text && ex99 report results --out report.html
    """
    from nlp.report.page import write_page

    page = out or (results if results.is_dir() else results.parent) / "report.html"
    count = write_page(results, page)
    typer.echo(f"{page}: {count:,} records")


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


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _check_date(value: str | None) -> None:
    try:
        if value is not None:
            date.fromisoformat(value)
    except ValueError:
        _wrong_use(f"--since {value}: not a date; write it like 2026-01-31")


def _check_events(names: Sequence[str]) -> None:
    from nlp.rulebook import default_rulebook

    known = [event.id for event in default_rulebook().event_types]
    for name in names:
        if name not in known:
            _wrong_use(f"--event {name}: not an event type; these are: {', '.join(known)}")


def _contents(files: Sequence[str]) -> Iterator[tuple[str | None, bytes]]:
    """Path and bytes of each input; an archive is its members."""
    from nlp.containers import open_unit

    for file in files:
        if file == "-":
            yield None, sys.stdin.buffer.read()
            continue
        if Path(file).is_dir():
            _wrong_use(f"{file}: a folder; ex99 score takes folders")
        try:
            for source in open_unit(file):
                yield source.label, source.read()
        except InputError as error:
            _wrong_use(str(error))


def _score_files(
    files: Sequence[str], filer: str | None, model: Path | None, drugs: Path | None
) -> Iterator[Classification]:
    from nlp.classification import Source
    from nlp.classifier import Classifier
    from nlp.rulebook import read_drug_names

    add, remove = read_drug_names(drugs) if drugs else ((), ())
    classifier = Classifier(model, add_drugs=add, remove_drugs=remove)
    for path, raw in _contents(files):
        try:
            yield from classifier.score_bytes(raw, path=path, filer=filer)
        except Ex99Error as error:
            yield classifier.failure(Source(path, hashlib.sha256(raw).hexdigest()), error, "read")


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
