"""The record as Arrow types: the same columns, in the same order, as ``Classification.to_dict()``."""

from __future__ import annotations

import pyarrow as pa

__all__ = ["FLAT", "RELEASES", "releases_schema"]

_SPAN = pa.struct([("text", pa.string()), ("start", pa.int64()), ("end", pa.int64())])
_NOTICE = pa.struct([("code", pa.string()), ("message", pa.string())])

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
        (
            "events",
            pa.list_(
                pa.struct(
                    [
                        ("type", pa.string()),
                        ("probability", pa.float64()),
                        ("accepted", pa.bool_()),
                        ("subtypes", pa.list_(pa.string())),
                        ("evidence", pa.list_(_SPAN)),
                    ]
                )
            ),
        ),
        (
            "counterparties",
            pa.list_(
                pa.struct(
                    [
                        ("name", pa.string()),
                        ("canonical", pa.string()),
                        ("role", pa.string()),
                        ("rule", pa.string()),
                        ("mentions", pa.list_(_SPAN)),
                    ]
                )
            ),
        ),
        (
            "drugs",
            pa.list_(
                pa.struct(
                    [
                        ("name", pa.string()),
                        ("kind", pa.string()),
                        ("aliases", pa.list_(pa.string())),
                        ("rule", pa.string()),
                        ("mentions", pa.list_(_SPAN)),
                    ]
                )
            ),
        ),
        (
            "terms",
            pa.list_(
                pa.struct(
                    [
                        ("family", pa.string()),
                        ("kind", pa.string()),
                        ("value", pa.string()),
                        ("number", pa.float64()),
                        ("unit", pa.string()),
                        ("rule", pa.string()),
                        ("mentions", pa.list_(_SPAN)),
                    ]
                )
            ),
        ),
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


def _flat(*columns: tuple[str, pa.DataType]) -> pa.Schema:
    keys = ("release_id", "path", "accession_number", "exhibit", "filed_on", "company")
    return pa.schema([*((key, pa.string()) for key in keys), *columns])


# Flat tables, one row an entry, keyed by ``release_id``; ``start`` and ``end`` are those of the first mention.
_FIRST_MENTION = (("mentions", pa.int64()), ("start", pa.int64()), ("end", pa.int64()))
FLAT = {
    "events": _flat(
        ("type", pa.string()),
        ("probability", pa.float64()),
        ("accepted", pa.bool_()),
        ("subtypes", pa.list_(pa.string())),
        ("evidence", pa.string()),
    ),
    "counterparties": _flat(
        ("name", pa.string()),
        ("canonical", pa.string()),
        ("role", pa.string()),
        ("rule", pa.string()),
        *_FIRST_MENTION,
    ),
    "drugs": _flat(
        ("name", pa.string()),
        ("kind", pa.string()),
        ("aliases", pa.list_(pa.string())),
        ("rule", pa.string()),
        *_FIRST_MENTION,
    ),
    "terms": _flat(
        ("family", pa.string()),
        ("kind", pa.string()),
        ("value", pa.string()),
        ("number", pa.float64()),
        ("unit", pa.string()),
        ("rule", pa.string()),
        *_FIRST_MENTION,
    ),
}
