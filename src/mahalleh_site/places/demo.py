"""The sample city: its people's neighbourhoods."""

from __future__ import annotations

import shapely
from django.conf import settings

from mahalleh_site.house.manifest import Sample, Step
from mahalleh_site.places import actions


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
    actions.found_city(
        city.places,
        by=sample.by,
        districts={
            district.id: {"fa": district.name_fa, "en": district.name_en} for district in city.districts
        },
        water=shapely.get_parts(city.river),
        green=shapely.get_parts(city.parks),
    )
