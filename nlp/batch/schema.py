"""The record as Arrow types: the same columns, in the same order, as ``Classification.to_dict()``."""

from __future__ import annotations

import pyarrow as pa

__all__ = ["FLAT", "RELEASES", "releases_schema"]

_SPAN = pa.struct([("text", pa.string()), ("start", pa.int64()), ("end", pa.int64())])
_NOTICE = pa.struct([("code", pa.string()), ("message", pa.string())])

# The columns of one entry, nested in a release and in the flat tables alike.
_ENTRY: dict[str, list[tuple[str, pa.DataType]]] = {
    "events": [
        ("type", pa.string()),
        ("probability", pa.float64()),
        ("accepted", pa.bool_()),
        ("subtypes", pa.list_(pa.string())),
    ],
    "counterparties": [
        ("name", pa.string()),
        ("canonical", pa.string()),
        ("role", pa.string()),
        ("rule", pa.string()),
    ],
    "drugs": [
        ("name", pa.string()),
        ("kind", pa.string()),
        ("aliases", pa.list_(pa.string())),
        ("rule", pa.string()),
    ],
    "terms": [
        ("family", pa.string()),
        ("kind", pa.string()),
        ("value", pa.string()),
        ("number", pa.float64()),
        ("unit", pa.string()),
        ("rule", pa.string()),
    ],
}


def _nested(name: str) -> tuple[str, pa.DataType]:
    spans = "evidence" if name == "events" else "mentions"
    return name, pa.list_(pa.struct([*_ENTRY[name], (spans, pa.list_(_SPAN))]))


RELEASES = pa.schema(
    [
        ("schema", pa.int32()),
        ("release_id", pa.string()),
        ("path", pa.string()),
        ("sha256", pa.string()),
        ("accession_number", pa.string()),
        ("form_type", pa.string()),
        ("filed_on", pa.string()),
        ("cik", pa.string()),
        ("company", pa.string()),
        ("sic", pa.string()),
        ("items", pa.list_(pa.string())),
        ("exhibit", pa.string()),
        ("exhibit_reason", pa.string()),
        ("exhibit_start", pa.int64()),
        ("exhibit_end", pa.int64()),
        ("headline", pa.string()),
        ("status", pa.string()),
        ("warnings", pa.list_(_NOTICE)),
        ("error", pa.struct([("code", pa.string()), ("stage", pa.string()), ("message", pa.string())])),
        ("primary_event", pa.string()),
        *map(_nested, _ENTRY),
        ("trial_outcome", pa.string()),
        ("text_chars", pa.int64()),
        ("model_version", pa.string()),
        ("rules_version", pa.string()),
    ]
)


def releases_schema(*, with_text: bool = False) -> pa.Schema:
    """The schema of ``releases.parquet``; ``with_text`` adds the release's text and its sections at the end."""
    if not with_text:
        return RELEASES
    sections = pa.list_(pa.struct([("kind", pa.string()), ("start", pa.int64()), ("end", pa.int64())]))
    return RELEASES.append(pa.field("text", pa.string())).append(pa.field("sections", sections))


def _flat(name: str) -> pa.Schema:
    keys = ("release_id", "path", "accession_number", "exhibit", "filed_on", "company")
    first = ("mentions", "start", "end")
    spans = [("evidence", pa.string())] if name == "events" else [(key, pa.int64()) for key in first]
    return pa.schema([*((key, pa.string()) for key in keys), *_ENTRY[name], *spans])


# Flat tables, one row an entry, keyed by ``release_id``; ``start`` and ``end`` are those of the first mention.
FLAT = {name: _flat(name) for name in _ENTRY}
