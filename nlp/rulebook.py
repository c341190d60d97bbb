"""Read and validate what lies in ``nlp/resources/``: taxonomy, rules, cues and lexicons.

Rules are data. A ``*.jsonl`` rule is ``{"id", "label", "pattern", "example", "note"}``; its pattern is compiled by RE2
(linear time whatever the input) and must match its own example, so each rule is its own first test. A lexicon is a
``*.tsv`` with a header row. Unknown keys, duplicate ids, wrong column counts: each is a ``RuleError`` that names file and line.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

import re2

from nlp.errors import RuleError

__all__ = [
    "EventType",
    "PatternSet",
    "Rule",
    "Rulebook",
    "default_rulebook",
    "read_columns",
    "read_drug_names",
    "read_event_types",
    "read_lexicon",
    "read_rules",
]

RESOURCES = Path(__file__).parent / "resources"
_MAX_FILE = 32_000_000  # bytes; our largest lexicon is far below
_FOLDED = ("counterparties", "terms")  # rule files whose patterns are asked of folded text
_RULE_KEYS = frozenset({"id", "label", "pattern", "example", "note"})
_EVENT_KEYS = frozenset({"id", "title", "definition", "includes", "excludes", "status", "subtypes"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a rule file. ``pattern`` is an RE2 pattern; named groups carry what it captures. ``where``: file and
    line, for messages.

    >>> import re2
    >>> from nlp.rulebook import default_rulebook
    >>> rule = default_rulebook().rules("selection")[0]
    >>> re2.search(rule.pattern, rule.example) is not None
    True
    """

    id: str
    label: str
    pattern: str
    example: str
    note: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class EventType:
    """An event of the taxonomy: what it includes and excludes, its subtypes, ``status`` ``stable`` or ``trial``.

    >>> from nlp.rulebook import default_rulebook
    >>> {event.id: event.title for event in default_rulebook().event_types}["licensing"]
    'Licence or partnership'
    """

    id: str
    title: str
    definition: str
    includes: str
    excludes: str
    status: str
    subtypes: tuple[str, ...]


def _lines(path: Path) -> list[str]:
    try:
        if path.stat().st_size > _MAX_FILE:
            raise RuleError(f"{path}: larger than {_MAX_FILE:,} bytes; split the file")
        return path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise RuleError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise RuleError(f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8") from error


def compile_pattern(pattern: str) -> Any:
    """Compile with RE2; raises ``RuleError`` for what RE2 cannot promise to match in linear time."""
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise RuleError(_refusal(pattern, error)) from error


def one_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, whole but for an ending that a ``*`` leaves open; in order, so that RE2 joins what
    begins alike.

    >>> one_of(["royalt*", "fee"])
    '(?:fee|royalt\\\\w*)\\\\b'
    """
    either = [re.escape(w.removesuffix("*")) + (r"\w*" if w.endswith("*") else "") for w in sorted(words)]
    return rf"(?:{'|'.join(either)})\b"


def compile_together(patterns: Iterable[str], *, one_byte: bool = False) -> tuple[Any, tuple[Any, ...]]:
    """RE2's filter of the patterns (``None`` of none), and each of them compiled: once for both, which halves the time.

    ``one_byte``: they are plain ASCII and asked of bytes only, one for each character (Latin-1); the automata are smaller
    then, as no character is a row of bytes. Raises ``RuleError`` for what RE2 does not take.
    """
    options = re2.Options()
    options.log_errors = False
    if one_byte:
        options.encoding = re2.Options.Encoding.LATIN1
    together = re2.Filter()
    places = []
    for pattern in patterns:
        try:
            places.append(together.Add(pattern.encode() if one_byte else pattern, options))
        except re2.error as error:
            compile_pattern(pattern)  # says why
            raise RuleError(_refusal(pattern, error)) from error
    if not places:
        return None, ()
    together.Compile()
    return together, tuple(map(together.re, places))


def _refusal(pattern: str, error: Exception) -> str:
    reason = error.args[0] if error.args else error
    reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    return f"pattern {pattern[:200]!r} does not compile: {reason}; ex99 verify names its file and line"


class PatternSet:
    """Many RE2 patterns asked at once: which of them match a text, not where.

    One automaton finds the words and parts of words that the patterns need, and only patterns whose parts are
    there are tried. That is quicker than one search after the other, and on texts not seen before than RE2's sets,
    which build an automaton of the whole patterns. ``compiled``: each pattern by itself. Raises ``RuleError`` for what
    RE2 does not take.

    >>> PatternSet([r"(?i)\\bpublic offering\\b", r"warrants?", r"\\d"]).match("Acme prices public offering of 5 units")
    [0, 2]
    """

    def __init__(self, patterns: Iterable[str], *, one_byte: bool = False) -> None:
        self._filter, self.compiled = compile_together(patterns, one_byte=one_byte)
        self._match: Any = self._filter.Match if self._filter is not None else lambda _: None

    def match(self, text: str | bytes) -> list[int]:
        """Positions of the patterns that match, in order."""
        # in order already: the filter tries what passes it one after the other
        found: list[int] | None = self._match(text)
        return found or []


def read_rules(
    path: Path,
    labels: Collection[str] | None = None,
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    examples: bool = True,
) -> tuple[Rule, ...]:
    """Read a rule file. ``labels``: the labels allowed in it (any when ``None``); ``groups``: named groups that the
    patterns of a label (``*``: of all) must have; ``examples``: whether each pattern is compiled and tried on its own
    example. Raises ``RuleError``.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from nlp.rulebook import read_rules
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "mine.jsonl")
    ...     _ = path.write_text('{"id": "a", "label": "trial", "pattern": "dosed", "example": "Acme dosed one", "note": ""}')
    ...     [(rule.id, rule.where) for rule in read_rules(path, labels=["trial"])]
    [('a', 'mine.jsonl, line 1')]
    """
    rules: dict[str, Rule] = {}
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        where = f"{path.name}, line {number}"
        try:
            entry = json.loads(line)
        except ValueError as error:
            raise RuleError(f"{where}: not JSON ({error})") from error
        if (
            not isinstance(entry, dict)
            or set(entry) != _RULE_KEYS
            or not all(isinstance(v, str) for v in entry.values())
        ):
            raise RuleError(f"{where}: needs exactly the keys {', '.join(sorted(_RULE_KEYS))}, each a string")
        rule = Rule(**entry, where=where)
        if rule.id in rules:
            raise RuleError(f"{where}: the id {rule.id!r} is taken by an earlier line")
        if labels is not None and rule.label not in labels:
            raise RuleError(f"{where}: unknown label {rule.label!r}; known are {', '.join(sorted(labels))}")
        for group in (*(groups or {}).get("*", ()), *(groups or {}).get(rule.label, ())):
            if f"(?P<{group}" not in rule.pattern:
                raise RuleError(f"{where}: the pattern of {rule.id!r} needs a group named {group}")
        if examples:
            _try_example(rule, where)
        rules[rule.id] = rule
    return tuple(rules.values())


def _try_example(rule: Rule, where: str) -> None:
    try:
        matched = compile_pattern(rule.pattern).search(rule.example)
    except RuleError as error:
        raise RuleError(f"{where}: rule {rule.id!r}: {str(error).rsplit(';', 1)[0]}") from error
    if not matched:
        raise RuleError(f"{where}: rule {rule.id!r} does not match its own example {rule.example!r}")


def read_lexicon(path: Path) -> tuple[Mapping[str, str], ...]:
    """Read a TSV with a header row; one read-only mapping a line. Raises ``RuleError``.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from nlp.rulebook import read_lexicon
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "brands.tsv")
    ...     _ = path.write_text("name\\towner\\nAcmevra\\tAcme Bio\\n")
    ...     [row["owner"] for row in read_lexicon(path)]
    ['Acme Bio']
    """
    columns = read_columns(path)
    names = tuple(columns)
    return tuple([MappingProxyType(dict(zip(names, cells))) for cells in zip(*columns.values())])  # noqa: B905


def read_columns(path: Path) -> Mapping[str, tuple[str, ...]]:
    """The same by column: a tenth of the time and memory where only some columns are asked for.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from nlp.rulebook import read_columns
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "brands.tsv")
    ...     _ = path.write_text("name\\towner\\nAcmevra\\tAcme Bio\\nBetaza\\tBeta Pharma\\n")
    ...     read_columns(path)["name"]
    ('Acmevra', 'Betaza')
    """
    lines = _lines(path)
    if not lines:
        raise RuleError(f"{path.name}: empty; the first line must name the columns")
    names = lines[0].split("\t")
    if len(set(names)) != len(names):
        raise RuleError(f"{path.name}, line 1: a column is named twice")
    lines = [line for line in lines if line]
    cells = "\t".join(lines).split("\t")
    width = len(names)
    columns = {name: tuple(cells[width + i :: width]) for i, name in enumerate(names)}
    if {line.count("\t") + 1 for line in lines} != {width} or not all(map(str.strip, columns[names[0]])):
        _refuse_row(path, width)
    return MappingProxyType(columns)


def _refuse_row(path: Path, width: int) -> NoReturn:
    """Say which line of a lexicon is wrong."""
    for number, line in enumerate(_lines(path), 1):
        cells = line.split("\t")
        if line and len(cells) != width:
            raise RuleError(f"{path.name}, line {number}: {len(cells)} cells where the header names {width}")
        if line and not cells[0].strip():
            raise RuleError(f"{path.name}, line {number}: the first cell is empty")
    raise RuleError(f"{path.name}: changed while it was read")


def _refuse_class(path: Path, classes: Collection[str]) -> NoReturn:
    """Say which line of a lexicon has a class that nobody asks for."""
    lines = _lines(path)
    column = lines[0].split("\t").index("class") if "class" in lines[0].split("\t") else None
    if column is None:
        raise RuleError(f"{path.name}, line 1: the columns need one named class")
    number, seen = next(
        (number, cell)
        for number, line in enumerate(lines[1:], 2)
        if line and (cell := line.split("\t")[column]) not in classes
    )
    raise RuleError(
        f"{path.name}, line {number}: unknown class {seen!r}; known are {', '.join(sorted(classes))}"
    )


def read_drug_names(path: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A user's own drug names: a TSV with the columns ``name`` and ``action``; returns names to add and names to remove.

    Raises ``RuleError`` where the columns are others or an action is neither ``add`` nor ``remove``.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from nlp.rulebook import read_drug_names
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "drugs.tsv")
    ...     _ = path.write_text("name\\taction\\nAcmevra\\tadd\\nCOVID-19\\tremove\\n")
    ...     read_drug_names(path)
    (('Acmevra',), ('COVID-19',))
    """
    chosen: dict[str, list[str]] = {"add": [], "remove": []}
    for number, row in enumerate(read_lexicon(path), 2):
        if set(row) != {"name", "action"}:
            raise RuleError(f"{path.name}, line 1: the columns must be name and action, not {', '.join(row)}")
        if row["action"] not in chosen:
            raise RuleError(f"{path.name}, line {number}: action {row['action']!r}; write add or remove")
        chosen[row["action"]].append(row["name"])
    return tuple(chosen["add"]), tuple(chosen["remove"])


def _read_labels(folder: Path) -> dict[str, Any]:
    path = folder / "rules" / "labels.toml"
    try:
        known = tomllib.loads("\n".join(_lines(path)))
        roles = known["counterparties"]["labels"]
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{path.name}: not TOML ({error})") from error
    except (KeyError, TypeError) as error:
        raise RuleError(
            f"{path.name}: no [counterparties.labels] in it, the roles and what they mean"
        ) from error
    for role, meaning in roles.items() if isinstance(roles, dict) else [(roles, None)]:
        if not re.fullmatch(r"[a-z][a-z_]{1,39}", str(role)) or not isinstance(meaning, str):
            raise RuleError(f'{path.name}: role {str(role)[:80]!r}; write lower_case = "what it means"')
    return known


def read_event_types(path: Path) -> tuple[EventType, ...]:
    """Read the taxonomy (TOML, one ``[[event]]`` table a type, in column order). Raises ``RuleError``.

    >>> from nlp.rulebook import default_rulebook, read_event_types
    >>> path = default_rulebook().folder / "event_types.toml"
    >>> "trial" in [event.id for event in read_event_types(path)]
    True
    """
    try:
        entries = tomllib.loads("\n".join(_lines(path))).get("event", [])
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{path.name}: not TOML ({error})") from error
    types: dict[str, EventType] = {}
    for entry in entries:
        if set(entry) != _EVENT_KEYS:
            raise RuleError(
                f"{path.name}: event {entry.get('id')!r} needs exactly the keys {', '.join(sorted(_EVENT_KEYS))}"
            )
        if entry["id"] in types:
            raise RuleError(f"{path.name}: the event {entry['id']!r} is defined twice")
        types[entry["id"]] = EventType(**{**entry, "subtypes": tuple(entry["subtypes"])})
    if not types:
        raise RuleError(f"{path.name}: no [[event]] in it")
    return tuple(types.values())


@dataclass(frozen=True, eq=False)  # compared by identity: what one has read, another reads for itself
class Rulebook:
    """Everything under one resources folder, read when first asked for; ``digest`` covers every byte of it.

    >>> from nlp.rulebook import default_rulebook
    >>> default_rulebook().event_types[0].id
    'licensing'
    """

    folder: Path = RESOURCES

    @cached_property
    def event_types(self) -> tuple[EventType, ...]:
        """The taxonomy, in the order of the model's columns."""
        return read_event_types(self.folder / "event_types.toml")

    @cache  # noqa: B019 - a rulebook lives as long as the process
    def rules(self, name: str) -> tuple[Rule, ...]:
        """The rules of ``rules/<name>.jsonl``. Examples of the rules that ship were tried by our tests: at every start
        that would cost a quarter of a second."""
        return self._read(name, examples=self.folder != RESOURCES)

    def _read(self, name: str, *, examples: bool) -> tuple[Rule, ...]:
        path = self.folder / "rules" / f"{name}.jsonl"
        if name == "events":
            return read_rules(path, [event.id for event in self.event_types], examples=examples)
        known = self._labels.get(name, {})
        rules = read_rules(path, known.get("labels"), groups=known.get("groups"), examples=examples)
        if name.startswith(_FOLDED) and (odd := next((r for r in rules if not r.pattern.isascii()), None)):
            raise RuleError(
                f"{odd.where}: rule {odd.id!r} has {ascii(odd.pattern)[1:-1][:200]}: only ASCII can match, as the texts it "
                "is asked of are folded to it; write ' for quotes and - for dashes"
            )
        return rules

    @cached_property
    def _labels(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        known = _read_labels(RESOURCES)  # what code asks for, whoever's rules they are
        if self.folder != RESOURCES and (self.folder / "rules" / "labels.toml").exists():
            # but a role is whatever rules make of an organisation
            known["counterparties"]["labels"] |= _read_labels(self.folder)["counterparties"]["labels"]
        return known

    @property
    def roles(self) -> Mapping[str, str]:
        """The roles a counterparty may have, and what each means."""
        return MappingProxyType(self._labels["counterparties"]["labels"])

    @cache  # noqa: B019
    def lexicon(self, name: str) -> tuple[Mapping[str, str], ...]:
        """The rows of ``lexicons/<name>.tsv``; a ``class`` is one of those that ``labels.toml`` names for it, if any."""
        path = self.folder / "lexicons" / f"{name}.tsv"
        rows = read_lexicon(path)
        classes = self._labels.get(name, {}).get("classes")
        if classes and any(row.get("class") not in classes for row in rows):
            _refuse_class(path, classes)
        return rows

    @cache  # noqa: B019
    def columns(self, name: str) -> Mapping[str, tuple[str, ...]]:
        """The columns of ``lexicons/<name>.tsv``, by name."""
        return read_columns(self.folder / "lexicons" / f"{name}.tsv")

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the names and bytes of all resource files."""
        total = hashlib.sha256()
        for path in sorted(p for p in self.folder.rglob("*") if p.suffix in {".toml", ".jsonl", ".tsv"}):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{path.relative_to(self.folder).as_posix()}\0{content}\n".encode())
        return total.hexdigest()

    @property
    def version(self) -> str:
        """Short name of the rule set for records: ``rules-`` and twelve digits of the digest."""
        return f"rules-{self.digest[:12]}"

    def check(self) -> None:
        """Read every file and try every example. Raises ``RuleError`` at the first thing that is wrong."""
        _ = self.event_types
        for path in sorted((self.folder / "rules").glob("*.jsonl")):
            self._read(path.stem, examples=True)
        for path in sorted((self.folder / "lexicons").glob("*.tsv")):
            self.lexicon(path.stem)


@cache
def default_rulebook() -> Rulebook:
    """The rulebook that ships with the package.

    >>> from nlp.rulebook import default_rulebook
    >>> default_rulebook().version
    'rules-...'
    """
    return Rulebook()
