"""Releases one after another, in this process: for loops of one's own, and for engines that bring their own workers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp.batch.schema import releases_schema
from nlp.batch.worker import loaded_classifier, printable, score_raw
from nlp.classification import Classification, Source
from nlp.classifier import Classifier
from nlp.containers import walk
from nlp.errors import InputError

__all__ = ["Scorer", "score_many"]


def score_many(
    inputs: Iterable[str | os.PathLike[str] | tuple[str, bytes]],
    *,
    classifier: Classifier | None = None,
    seconds: float = 30.0,
) -> Iterator[Classification]:
    """Score paths (files, folders, archives) or ``(id, bytes)`` pairs as they come, in their order.

    Nothing an input does raises: at least one result each, ``failed`` where it cannot be scored. ``seconds`` bounds a
    document (in the main thread only).

    >>> [(r.source.path, r.primary_event) for r in score_many([("a", b"<p>Acme Bio Reports Fourth Quarter Results</p>")])]
    [('a', 'earnings')]
    """
    classifier = classifier or loaded_classifier(None, (), ())
    for item in inputs:
        if isinstance(item, tuple):
            yield from score_raw(classifier, item[1], item[0], seconds)
            continue
        seen = False
        try:
            for source in walk(item):
                seen = True
                label = printable(source.label)
                try:
                    raw = source.read()
                except Exception as error:
                    yield classifier.failure(Source(path=label), error, "read")
                    continue
                yield from score_raw(classifier, raw, label, seconds)
        except InputError as error:
            yield classifier.failure(Source(path=printable(os.fspath(item))), error, "read")
            continue
        if not seen:
            nothing = InputError(f"{printable(os.fspath(item))}: holds no filing", code="no-filing")
            yield classifier.failure(Source(path=printable(os.fspath(item))), nothing, "read")


@dataclass(frozen=True, slots=True)
class Scorer:
    """A small callable to send to the workers of an engine: model and rules are loaded there, once a process.

    Spark: ``df.mapInPandas(Scorer().map_frames, schema)``. Ray Data: ``ds.map_batches(Scorer().map_frame,
    batch_format="pandas")``. Dask: ``ddf.map_partitions(Scorer().map_frame)``.

    >>> import pickle
    >>> scorer = pickle.loads(pickle.dumps(Scorer()))
    >>> [record["primary_event"] for record in scorer(["Acme Bio Prices $20 Million Public Offering"])]
    ['financing']
    """

    model: str | Path | None = None
    add_drugs: tuple[str, ...] = ()
    remove_drugs: tuple[str, ...] = ()
    with_text: bool = False
    seconds: float = 30.0

    def __call__(
        self, contents: Iterable[bytes | str], ids: Iterable[str] | None = None
    ) -> list[dict[str, Any]]:
        """The records of these exhibits or submissions, in order; ``path`` is the id, or the position when left out.

        At least one record each; a submission with several releases gives several.
        """
        model = None if self.model is None else str(self.model)
        classifier = loaded_classifier(model, tuple(self.add_drugs), tuple(self.remove_drugs))
        contents = list(contents)
        names = [str(i) for i in range(len(contents))] if ids is None else [str(name) for name in ids]
        records = []
        for name, content in zip(names, contents, strict=True):
            raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else bytes(content)
            for result in score_raw(classifier, raw, name, self.seconds):
                records.append(result.to_dict(with_text=self.with_text))
        return records

    def map_frame(self, frame: Any, content: str = "content", path: str = "path") -> Any:
        """A pandas frame of records for a pandas frame with the columns ``content`` (bytes or str) and ``path`` (an id).

        The columns are those of ``releases.parquet``.
        """
        records = self(frame[content], frame[path])
        return type(frame)(records, columns=releases_schema(with_text=self.with_text).names)

    def map_frames(
        self, frames: Iterable[Any], content: str = "content", path: str = "path"
    ) -> Iterator[Any]:
        """``map_frame`` over an iterator of frames, as Spark hands them out."""
        for frame in frames:
            yield self.map_frame(frame, content, path)
