"""The sample city: its map, its events, and a first release."""

from __future__ import annotations

import hashlib

import shapely
from django.conf import settings

from mahalleh.events import EventStore
from mahalleh_site.house.manifest import Sample, Step
from mahalleh_site.places import actions, files, founding, releases, tasks


def simulate(sample: Sample, step: Step) -> None:
    """Invent the city, for this and the later steps."""
    from mahalleh.simulate import simulate_city  # slow to import, and only the sample needs it

    sample.shared["city"] = simulate_city(
        sample.seed,
        areas=sample.areas,
        weeks=sample.weeks,
        end=sample.end,
        week_start=settings.CITY.week_start,
    )


def found(sample: Sample, step: Step) -> None:
    """Its map."""
    city = sample.shared["city"]
    founding.found_city(
        city.places,
        by=sample.by,
        districts={
            district.id: {"fa": district.name_fa, "en": district.name_en} for district in city.districts
        },
        water=shapely.get_parts(city.river),
        green=shapely.get_parts(city.parks),
    )


def load(sample: Sample, step: Step) -> None:
    """Its events."""
    city = sample.shared["city"]
    about = f"sample {sample.seed} {sample.areas} {sample.weeks} {sample.end}"
    digest = hashlib.sha256(about.encode()).hexdigest()
    store = EventStore(files.events_path(settings.VAR))
    store.append([city.events], digest=digest, name="sample city")
    rows = len(city.events)
    actions.import_topics(city.topics, by=sample.by)
    actions.record_load(
        by=sample.by,
        name="sample city",
        format="simulated",
        digest=digest,
        read=rows,
        kept=rows,
        refused={},
        first=city.events["time"].min().date(),
        last=city.events["time"].max().date(),
    )


def publish(sample: Sample, step: Step) -> None:
    """Its first release."""
    releases.publish(by=sample.by)


def draw(sample: Sample, step: Step) -> None:
    """The charts of it."""
    tasks.draw_charts()
