"""Load, verify, save and apply the event model: calibrated probability and threshold per event.

A model is a folder of arrays and JSON, scored with numpy alone: TF-IDF per field (``nlp.features``), one
logistic regression an event, its decision calibrated by a second logistic. Nothing in the folder is executed;
sizes, digests and shapes are checked before anything is used. The scores equal those of the scikit-learn
pipeline the arrays came from.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.errors import ModelError, RuleError
from nlp.features import FIELDS, RUNS, Cues, Passage, RunLookup, passages
from nlp.release import Release
from nlp.text import Span

__all__ = ["EventModel", "EventScore", "Explanation", "certainty", "current_folder"]

FORMAT = 2
_MAX_FILE = 20_000_000  # bytes; the bound on a whole model folder
_MAX_TERMS = 1_000_000
_ARRAYS = ("calibration", "coef", "idf", "intercept", "threshold")
_EVIDENCE = 3  # sentences shown for an event
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class EventScore:
    """One event type: calibrated ``probability`` in [0, 1], whether it is tagged, and the sentences that
    spoke for it (strongest first).

    >>> from nlp.model import EventScore
    >>> score = EventScore("trial", 0.97, accepted=True)
    >>> f"{score.type}: {score.probability:.0%}"
    'trial: 97%'
    """

    type: str
    probability: float
    accepted: bool
    subtypes: tuple[str, ...] = ()
    evidence: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an event scored as it did: its strongest features, ``(field, term, contribution to the
    decision)``.

    >>> from nlp.model import Explanation
    >>> why = Explanation("trial", 0.97, True, (("cue", "trial.dosing", 1.9), ("opening", "patient", 0.9)))
    >>> max(why.features, key=lambda feature: feature[2])[1]
    'trial.dosing'
    """

    type: str
    probability: float
    accepted: bool
    features: tuple[tuple[str, str, float], ...]


def certainty(probabilities: Floats) -> Floats:
    """Share of the strongest event in the odds of the two strongest, in [0.5, 1].

    ``probabilities``: shape (..., n_events) gives shape (...). Both doubt between events and a second event beside
    the first lower it.

    >>> import numpy as np
    >>> certainty(np.array([0.9, 0.5, 0.1]))
    array(0.9)
    """
    strongest = np.clip(np.sort(probabilities, axis=-1)[..., -2:], 1e-12, 1 - 1e-12)
    odds = strongest / (1.0 - strongest)
    result: Floats = np.asarray(odds[..., -1] / odds.sum(axis=-1))
    return result


def current_folder() -> Path:
    """The folder of the model in use: packaged with the wheel, or ``models/`` of a checkout. Raises
    ``ModelError``.

    >>> from nlp.model import current_folder
    >>> (current_folder() / "manifest.json").is_file()
    True
    """
    here = Path(__file__).parent
    for models in (here / "_models", here.parent / "models"):
        pointer = models / "CURRENT"
        if pointer.is_file():
            name = pointer.read_text(encoding="utf-8").strip()
            if not name or Path(name).name != name:
                raise ModelError(f"{pointer}: holds {name!r}; it must name one folder beside it")
            return models / name
    raise ModelError(
        f"no model: neither {here / '_models'} nor {here.parent / 'models'} has a CURRENT file; run ex99 "
        f"train"
    )


class EventModel:
    """The event tagger. Load one with ``EventModel.load()``; training makes one from arrays.

    Parameters
    ----------
    columns : mapping of (field, term) to column
    idf : array of shape (n_columns,)
    coef : array of shape (n_columns, n_events)
    intercept, threshold : arrays of shape (n_events,)
    calibration : array of shape (2, n_events)
        Slope and offset: probability = 1 / (1 + exp(-(slope * decision + offset))).
    cues : Cues
        The cues it was trained with; they travel with it, so that a new rule doesn't move a trained model's
        scores.
    settings : mapping
        ``version``, ``event_types``, ``field_weights``, ``review_below`` and whatever the manifest tells
        besides.

    >>> from nlp.model import EventModel
    >>> from nlp.release import read_release
    >>> best = EventModel.load().score(read_release("Acme Bio Doses First Patient in Phase 2 Trial"))[0]
    >>> best.type, best.accepted
    ('trial', True)
    """

    def __init__(
        self,
        columns: Mapping[tuple[str, str], int],
        *,
        idf: Floats,
        coef: Floats,
        intercept: Floats,
        threshold: Floats,
        calibration: Floats,
        cues: Cues,
        settings: Mapping[str, Any],
    ) -> None:
        self.columns = dict(columns)
        self.cues = cues
        self._lookup: dict[str, dict[str, int]] = {field: {} for field in FIELDS}
        self._field = np.zeros(len(self.columns), dtype=np.int8)  # position in FIELDS of each column
        for (field, term), column in self.columns.items():
            self._lookup[field][term] = column
            self._field[column] = FIELDS.index(field)
        self._runs = RunLookup({field: self._lookup[field] for field in RUNS})
        self.idf, self.coef, self.intercept = idf, np.ascontiguousarray(coef), intercept
        # what scoring needs of a column lies together: a release takes a few hundred rows out of a large table,
        # and fetching them from memory is what costs
        self._rows = np.column_stack([idf, coef])
        self.threshold, self.calibration = threshold, calibration
        self.settings = dict(settings)
        self.version = str(settings["version"])
        self.event_types: tuple[str, ...] = tuple(settings["event_types"])
        self.field_weights = {field: float(settings["field_weights"][field]) for field in FIELDS}
        self._weights = np.array([self.field_weights[field] for field in FIELDS])
        self.review_below = float(settings["review_below"])

    # -- scoring
    # -------------------------------------------------------------------------------------------------

    def score(self, release: Release, *, items: Sequence[str] = ()) -> tuple[EventScore, ...]:
        """All event types by falling probability; at least one is accepted, unless the model knows no word or cue of
        the release. Accepted ones name their evidence.

        ``items`` (of the 8-K) are not used: no labelled text came with them, so there was nothing to learn
        from.
        """
        said = passages(release, self.cues)
        found, owner = self._columns(said)
        columns, counts, values, coef = self._vector(found)
        probability = self._calibrate(values @ coef + self.intercept)
        accepted = (self._accept(probability) & bool(len(found))).tolist()
        places = columns.searchsorted(found)  # of each term of the text in ``columns``
        each = values / counts
        evidence: dict[int, tuple[Span, ...]] = {}
        for e in (e for e, yes in enumerate(accepted) if yes):
            worth = np.bincount(owner, weights=(each * coef[:, e]).take(places), minlength=len(said))
            evidence[e] = self._evidence(said, worth.tolist())
        chances = probability.tolist()
        order = sorted(range(len(chances)), key=lambda e: (-chances[e], e))
        return tuple(
            [
                EventScore(self.event_types[e], chances[e], accepted[e], evidence=evidence.get(e, ()))
                for e in order
            ]
        )

    def decision(self, release: Release) -> Floats:
        """Raw decisions of shape (n_events,), before calibration, in column order."""
        _, _, values, coef = self._vector(self._columns(passages(release, self.cues))[0])
        result: Floats = values @ coef + self.intercept
        return result

    def needs_review(self, scores: Sequence[EventScore]) -> bool:
        """Whether a person should look: the ``certainty`` of the scores is under the review bar."""
        return float(certainty(np.array([score.probability for score in scores]))) < self.review_below

    def explain(
        self, release: Release, *, items: Sequence[str] = (), strongest: int = 12
    ) -> tuple[Explanation, ...]:
        """The strongest features for and against each event, in the order of ``score``."""
        columns, _, values, coef = self._vector(self._columns(passages(release, self.cues))[0])
        names = {column: key for key, column in self.columns.items()} if len(columns) else {}
        found = []
        for score in self.score(release, items=items):
            share = values * coef[:, self.event_types.index(score.type)]
            order = np.argsort(-np.abs(share), kind="stable")[:strongest]
            told = tuple((*names[int(columns[i])], float(share[i])) for i in order)
            found.append(Explanation(score.type, score.probability, score.accepted, told))
        return tuple(found)

    def _calibrate(self, decision: Floats) -> Floats:
        slope, offset = self.calibration
        bounded = np.maximum(
            np.minimum(slope * decision + offset, 500.0), -500.0
        )  # np.clip, without its checks
        result: Floats = 1.0 / (1.0 + np.exp(-bounded))
        return result

    def _accept(self, probability: Floats) -> npt.NDArray[np.bool_]:
        """The most probable event always, as every release announces something; others from their
        threshold on."""
        accepted: npt.NDArray[np.bool_] = probability >= self.threshold
        accepted[int(probability.argmax())] = True
        return accepted

    def _columns(self, said: Sequence[Passage]) -> tuple[Ints, Ints]:
        """Columns of all terms of the passages, repeats included, and the passage that each is of."""
        found: list[int] = []
        owner: list[int] = []
        for i, passage in enumerate(said):
            for field, cues in passage.cues.items():
                lookup = self._lookup[field]
                found += [lookup[cue] for cue in cues if cue in lookup]
            owner += [i] * (len(found) - len(owner))
        runs, owners = self._runs.columns(said)
        return (
            np.concatenate([np.array(found, dtype=np.int64), runs]),
            np.concatenate([np.array(owner, dtype=np.int64), owners]),
        )

    def _vector(self, found: Ints) -> tuple[Ints, Ints, Floats, Floats]:
        """Columns, counts and values of a release (sublinear tf times idf, each field scaled to its weight), and
        the coefficients of these columns."""
        every = np.sort(found)
        new = np.ones(len(every) + 1, dtype=bool)
        np.not_equal(every[1:], every[:-1], out=new[1:-1])
        bounds = new.nonzero()[0]
        columns, counts = every.take(bounds[:-1]), bounds[1:] - bounds[:-1]
        rows = self._rows.take(columns, axis=0)
        values = (1.0 + np.log(counts)) * rows[:, 0]
        field = self._field.take(columns)
        norms = np.sqrt(np.bincount(field, weights=values**2, minlength=len(FIELDS)))
        scale = self._weights / np.where(norms > 0, norms, 1.0)
        return columns, counts, values * scale.take(field), rows[:, 1:]

    def _evidence(self, said: Sequence[Passage], worth: Sequence[float]) -> tuple[Span, ...]:
        """Sentences by what their terms added to the decision (``worth``)."""
        best = sorted((i for i, total in enumerate(worth) if total > 0), key=lambda i: (-worth[i], i))
        # a sentence with less than a quarter of the strongest adds little
        return tuple([said[i].span for i in best[:_EVIDENCE] if worth[i] >= 0.25 * worth[best[0]]])

    # -- the folder
    # ----------------------------------------------------------------------------------------------

    def save(self, folder: Path, **manifest: Any) -> None:
        """Write weights, vocabulary and manifest (``manifest``: more to tell in it). Same model, same
        bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        vocabulary: dict[str, list[str]] = {field: [] for field in FIELDS}
        for field, term in sorted(self.columns, key=lambda key: self.columns[key]):
            vocabulary[field].append(term)
        text = json.dumps(vocabulary, ensure_ascii=False, indent=0) + "\n"
        (folder / "vocabulary.json").write_text(text, encoding="utf-8")
        (folder / "cues.jsonl").write_text(self.cues.to_lines(), encoding="utf-8")
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        (folder / "weights.npz").write_bytes(_pack(arrays))
        names = [
            p.name
            for p in sorted(folder.iterdir())
            if p.is_file() and p.name not in ("manifest.json", "CARD.md")
        ]
        files = {
            name: {"sha256": _sha256((folder / name).read_bytes()), "bytes": (folder / name).stat().st_size}
            for name in names
        }
        told = {"format": FORMAT, **self.settings, **manifest, "files": files}
        (folder / "manifest.json").write_text(
            json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )

    @staticmethod
    def check_files(folder: Path) -> list[str]:
        """What differs from the manifest among the files of a folder, also those that scoring doesn't
        need."""
        files = _json(folder, _read(folder, "manifest.json", None)).get("files")
        problems = []
        for name in sorted(files if isinstance(files, dict) else {}):
            if Path(name).name != name:
                problems.append(f"{folder}: manifest.json names {name!r}, which is not a file of the folder")
                continue
            try:
                _read(folder, name, files)
            except ModelError as error:
                problems.append(str(error))
        return problems

    @classmethod
    def load(cls, folder: Path | None = None) -> EventModel:
        """Read a model folder (``None``: the one in use). Raises ``ModelError`` if it is missing, changed
        or does not fit."""
        where = current_folder() if folder is None else Path(folder)
        manifest = _json(where, _read(where, "manifest.json", None))
        if manifest.get("format") != FORMAT:
            raise ModelError(f"{where}: model format {manifest.get('format')!r}; this version reads {FORMAT}")
        files = manifest.get("files")
        if not isinstance(files, dict):
            raise ModelError(f"{where}: manifest.json lists no files")
        vocabulary = _json(where, _read(where, "vocabulary.json", files))
        arrays = _unpack(where, _read(where, "weights.npz", files))
        try:
            cues = Cues.from_lines(_read(where, "cues.jsonl", files).decode("utf-8"))
            return cls._checked(where, manifest, vocabulary, arrays, cues)
        except ModelError:
            raise
        except (RuleError, KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise ModelError(
                f"{where}: the manifest does not hold what this version needs ({error!r})"
            ) from error

    @classmethod
    def _checked(
        cls,
        where: Path,
        manifest: Mapping[str, Any],
        vocabulary: Mapping[str, Any],
        arrays: dict[str, Floats],
        cues: Cues,
    ) -> EventModel:
        if set(vocabulary) != set(FIELDS) or not all(
            isinstance(t, str) for field in FIELDS for t in vocabulary[field]
        ):
            raise ModelError(
                f"{where}: vocabulary.json needs the fields {', '.join(FIELDS)}, each a list of strings"
            )
        keys = [(field, term) for field in FIELDS for term in vocabulary[field]]
        columns = {key: i for i, key in enumerate(keys)}
        events = manifest["event_types"]
        if not isinstance(events, list) or not events or not all(isinstance(e, str) for e in events):
            raise ModelError(f"{where}: event_types must be a list of names")
        n, k = len(keys), len(set(events))
        if len(columns) != n or k != len(events) or not 0 < n <= _MAX_TERMS:
            raise ModelError(f"{where}: a term or event type is named twice, or there is none")
        shapes = {"calibration": (2, k), "coef": (n, k), "idf": (n,), "intercept": (k,), "threshold": (k,)}
        for name, shape in shapes.items():
            if arrays[name].shape != shape or not np.isfinite(arrays[name]).all():
                raise ModelError(
                    f"{where}: {name} has shape {arrays[name].shape}, {shape} expected, all finite"
                )
        weights = manifest["field_weights"]
        if (
            not all(math.isfinite(float(weights[field])) for field in FIELDS)
            or not 0 <= float(manifest["review_below"]) <= 1
        ):
            raise ModelError(f"{where}: field_weights or review_below out of range")
        settings = {key: value for key, value in manifest.items() if key not in ("format", "files")}
        return cls(columns, settings=settings, cues=cues, **arrays)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(folder: Path, name: str, files: Mapping[str, Any] | None) -> bytes:
    path = folder / name
    try:
        if path.stat().st_size > _MAX_FILE:
            raise ModelError(f"{path}: over {_MAX_FILE:,} bytes; not a model of this project")
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); is it a model folder?") from error
    if files is not None:
        told = files.get(name)
        if not isinstance(told, dict) or told.get("sha256") != _sha256(content):
            raise ModelError(
                f"{path}: differs from its digest in manifest.json; the copy is damaged or was changed"
            )
    return content


def _json(folder: Path, content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{folder}: a JSON file of the model does not parse ({error})") from error
    if not isinstance(found, dict):
        raise ModelError(f"{folder}: a JSON file of the model is not an object")
    return found


def _pack(arrays: Mapping[str, Floats]) -> bytes:
    """An ``.npz`` with fixed dates, so that the same arrays give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(arrays):
            one = io.BytesIO()
            np.lib.format.write_array(
                one, np.ascontiguousarray(arrays[name], dtype="<f8"), allow_pickle=False
            )
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), one.getvalue(), zipfile.ZIP_DEFLATED
            )
    return packed.getvalue()


def _unpack(folder: Path, content: bytes) -> dict[str, Floats]:
    """The arrays, only under the expected names and sizes, never as objects."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {info.filename: info.file_size for info in archive.infolist()}
            if (
                sorted(members) != [f"{name}.npy" for name in sorted(_ARRAYS)]
                or sum(members.values()) > 10 * _MAX_FILE
            ):
                raise ModelError(
                    f"{folder / 'weights.npz'}: holds {sorted(members)[:8]}; expected the arrays "
                    f"{', '.join(_ARRAYS)}"
                )
            arrays = {
                name: np.lib.format.read_array(io.BytesIO(archive.read(f"{name}.npy")), allow_pickle=False)
                for name in _ARRAYS
            }
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"{folder / 'weights.npz'}: not an archive of plain arrays ({error})") from error
    for name, array in arrays.items():
        if array.dtype != np.dtype("<f8"):
            raise ModelError(f"{folder / 'weights.npz'}: {name} is {array.dtype}, float64 expected")
    return arrays
