"""The sample city: its map, its people, its past, and a first release."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import shapely
from django.conf import settings

from mahalleh.events import EventStore
from mahalleh_site.places import files
from mahalleh_site.places.actions import import_topics
from mahalleh_site.places.founding import found_city
from mahalleh_site.releases import actions, tasks, turn

Step = Callable[[str], None]


def found_demo(
    *,
    by: Any,
    seed: int,
    areas: int = 48,
    weeks: int = 156,
    end: date | None = None,
    step: Step = lambda code: None,
) -> None:
    """Found the sample city: map, events, people and a first release. `end`: the day after its last event."""
    from mahalleh.simulate import simulate_city  # slow to import, and only the sample needs it

    step("cli.step-city")
    city = simulate_city(seed, areas=areas, weeks=weeks, end=end, week_start=settings.CITY.week_start)
    step("cli.step-places")
    found_city(
        city.places,
        by=by,
        districts={
            district.id: {"fa": district.name_fa, "en": district.name_en} for district in city.districts
        },
        water=shapely.get_parts(city.river),
        green=shapely.get_parts(city.parks),
    )
    step("cli.step-events")
    digest = hashlib.sha256(f"sample {seed} {areas} {weeks} {end}".encode()).hexdigest()
    store = EventStore(files.events_path(settings.VAR))
    store.append([city.events], digest=digest, name="sample city")
    rows = len(city.events)
    import_topics(city.topics, by=by)
    actions.record_load(
        by=by,
        name="sample city",
        format="simulated",
        digest=digest,
        read=rows,
        kept=rows,
        refused={},
        first=city.events["time"].min().date(),
        last=city.events["time"].max().date(),
    )
    step("cli.step-people")
    from mahalleh_site.people.demo import make_demo_people

    make_demo_people(by=by)
    step("cli.step-publish")
    turn.publish(by=by)
    step("cli.step-charts")
    tasks.draw_charts()


def last_week_end(today: date, week_start: str) -> date:
    """The first day of the week that `today` stands in: where whole weeks end."""
    first = {"monday": 0, "saturday": 5, "sunday": 6}[week_start]
    return today - timedelta(days=(today.weekday() - first) % 7)
