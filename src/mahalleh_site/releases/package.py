"""A release as files for others: counts as CSV and Parquet, areas, topics, and what each column means.

The description is a Frictionless Data Package (profile `data-package`, version 1).
"""

from __future__ import annotations

import csv as csv_module
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

import polars as pl

from mahalleh_site.city import City
from mahalleh_site.places.models import Area, Topic

COUNTS_CSV: Final = "counts.csv"
COUNTS_PARQUET: Final = "counts.parquet"
AREAS: Final = "areas.geojson"
TOPICS: Final = "topics.csv"
DESCRIPTION: Final = "datapackage.json"

LICENCE: Final = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}
COUNT_FIELDS: Final = (
    ("topic", "string", "What is counted: the id of a row of topics.csv."),
    ("level", "string", "The kind of place: area (a neighbourhood) or district."),
    ("place", "string", "The id of the neighbourhood (see areas.geojson) or of the district."),
    ("start", "date", "First day of the period (Gregorian)."),
    ("end", "date", "The day after the last day of the period (Gregorian)."),
    ("freq", "string", "The period: W a week, M a month of the city's calendar."),
    (
        "value",
        "integer",
        "Events counted, plus random noise that protects every single event; empty where it is small. ",
    ),
    (
        "half_width",
        "number",
        "In events: with 95% probability the true count lies within value plus or minus this.",
    ),
    (
        "hidden",
        "string",
        "Why there is no value: small (below the threshold; the totals of the pages hold it all the same) or "
        "unknown (no file told of the period: this is no nought).",
    ),
)
TOPIC_FIELDS: Final = (
    ("id", "string", "The topic's id in counts.csv."),
    ("name_fa", "string", "Its name in Persian."),
    ("name_en", "string", "Its name in English."),
    ("group", "string", "The heading under which pages list it."),
    ("kind", "string", "need: residents ask, suffer or report; activity: police or partners went looking."),
    ("sensitivity", "string", "open: by neighbourhood and period; careful: by district and month only."),
    ("direction", "string", "Which way is better: less, more or none."),
)


def csv(public: pl.DataFrame) -> bytes:
    """The public counts as CSV (UTF-8), in a fixed order, so that equal counts are equal bytes."""
    return public.with_columns(pl.col("half_width").round(3)).write_csv().encode()


def contents(
    counts: bytes,
    parquet: bytes,
    *,
    city: City,
    facts: Mapping[str, Any],
    areas: Iterable[Area],
    topics: Iterable[Topic],
) -> dict[str, bytes]:
    """File name -> bytes of a whole release. `facts`: the fields of its database row."""
    made = {
        COUNTS_CSV: counts,
        COUNTS_PARQUET: parquet,
        AREAS: _areas(areas),
        TOPICS: _topics(topic for topic in topics if topic.sensitivity != "sealed"),
    }
    made[DESCRIPTION] = _json(_description(made, city, facts))
    return made


def _description(made: Mapping[str, bytes], city: City, facts: Mapping[str, Any]) -> dict[str, Any]:
    kinds = {
        COUNTS_CSV: ("counts", "text/csv", "Counts by topic, place and period.", COUNT_FIELDS),
        COUNTS_PARQUET: ("counts-parquet", "application/vnd.apache.parquet", "The same counts.", None),
        AREAS: ("areas", "application/geo+json", "Neighbourhoods, simplified for drawing (WGS84).", None),
        TOPICS: ("topics", "text/csv", "Topics.", TOPIC_FIELDS),
    }
    return {
        "profile": "data-package",
        "name": f"mahalleh-release-{facts['number']}",
        "title": f"{city.names['en']}: release {facts['number']}",
        "description": (
            "Community-safety counts by neighbourhood. Every count carries random noise (discrete Laplace, "
            f"epsilon {facts['epsilon']}), drawn once and frozen; values below {facts['threshold']} stand "
            "as small. "
            "Sensitive topics stand by district and month only; some are never published. "
            "Counts say what was told or recorded, not all that happened."
        ),
        "version": str(facts["number"]),
        "licenses": [LICENCE],
        "contributors": [{"title": city.names["en"], "role": "publisher"}],
        "temporal": {"start": facts["first"], "end": facts["last"]},
        "privacy": {
            "mechanism": "discrete Laplace",
            "epsilon": facts["epsilon"],
            "unit": "one event",
            "threshold": facts["threshold"],
        },
        "resources": [
            {
                "name": name,
                "path": file,
                "mediatype": mediatype,
                "description": description,
                "bytes": len(made[file]),
                "hash": f"sha256:{hashlib.sha256(made[file]).hexdigest()}",
            }
            | (_schema(fields) if fields else {})
            for file, (name, mediatype, description, fields) in kinds.items()
        ],
    }


def _schema(fields: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "encoding": "utf-8",
        "schema": {
            "fields": [
                {"name": name, "type": kind, "description": description} for name, kind, description in fields
            ],
            "missingValues": [""],
        },
    }


def _areas(areas: Iterable[Area]) -> bytes:
    return _json(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "id": area.pk,
                    "properties": {
                        "id": area.pk,
                        "name_fa": area.name_fa,
                        "name_en": area.name_en,
                        "district": area.district_id,
                        "population": area.population,
                    },
                    "geometry": area.boundary,
                }
                for area in areas
            ],
        }
    )


def _topics(topics: Iterable[Topic]) -> bytes:
    text = io.StringIO()
    names = [name for name, _, _ in TOPIC_FIELDS]
    writer = csv_module.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([getattr(topic, name) for name in names] for topic in topics)
    return text.getvalue().encode()


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str).encode()
