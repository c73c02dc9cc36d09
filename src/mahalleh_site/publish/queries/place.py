"""The pages of a neighbourhood and of a district: what each room has to tell about a place, put together."""

from __future__ import annotations

from dataclasses import dataclass

from mahalleh.disclose import NOTHING, Amount, Change
from mahalleh_site.listen.queries import published as listen
from mahalleh_site.places.models import Area, District
from mahalleh_site.publish.queries.doing import Doing, doing
from mahalleh_site.releases.queries.numbers import PlaceNumbers, ids, place_numbers
from mahalleh_site.releases.queries.tables import current_table
from mahalleh_site.releases.queries.totals import Part, totals
from mahalleh_site.watch import queries as watch
from mahalleh_site.watch.pages import PublicSignal


@dataclass(frozen=True, slots=True)
class AreaPage:
    """A neighbourhood's page. `numbers` is None before the first release.

    `noticed`: decided and expired signals; None where there are none and none can come. `told`: reports that
    may be shown. `watched`: whether a method looks for rises.
    """

    area: Area
    numbers: PlaceNumbers | None
    around: tuple[Area, ...]
    noticed: list[PublicSignal] | None
    told: list[listen.Told]
    doing: Doing
    watched: bool


@dataclass(frozen=True, slots=True)
class DistrictPage:
    """A district's page, with its neighbourhoods. `noticed` and `watched`: as of an AreaPage."""

    district: District
    areas: tuple[tuple[Area, Amount, Amount, Change], ...]
    numbers: PlaceNumbers | None
    population: float | None
    noticed: list[PublicSignal] | None
    watched: bool


def area_page(area_id: str, *, topic: str = "") -> AreaPage:
    """The page of a neighbourhood, with the curve of a topic, or of all of residents' topics.

    Raises:
        Area.DoesNotExist: where there is no such neighbourhood.
    """
    area = Area.objects.select_related("district").get(pk=area_id)
    around = tuple(
        Area.objects.filter(district=area.district)
        .exclude(pk=area.pk)
        .only("id", "name_fa", "name_en")
        .order_by("id")
        if area.district_id
        else ()
    )
    table = current_table()
    numbers = None
    if table is not None:
        numbers = place_numbers(table, (area.pk,), district=area.district_id, topic=topic)
    watched = watch.any_method_in_use()
    return AreaPage(
        area=area,
        numbers=numbers,
        around=around,
        noticed=_noticed(area, watched=watched),
        told=listen.lately(area),
        doing=doing(area),
        watched=watched,
    )


def district_page(district_id: str, *, topic: str = "") -> DistrictPage:
    """The page of a district.

    Raises:
        District.DoesNotExist: where there is no such district.
    """
    district = District.objects.get(pk=district_id)
    areas = list(district.areas.only("id", "name_fa", "name_en", "population", "district"))
    known = [area.population for area in areas if area.population is not None]
    population = sum(known) if known and len(known) == len(areas) else None
    watched = watch.any_method_in_use()
    numbers, rows = _district_numbers(district, areas, topic)
    return DistrictPage(
        district=district,
        areas=rows,
        numbers=numbers,
        population=population,
        noticed=_noticed(district, watched=watched),
        watched=watched,
    )


def _district_numbers(
    district: District, areas: list[Area], topic: str
) -> tuple[PlaceNumbers | None, tuple[tuple[Area, Amount, Amount, Change], ...]]:
    """What is published about a district, and of each of its neighbourhoods the sum of residents' topics."""
    table = current_table()
    if table is None:
        return None, tuple((area, NOTHING, NOTHING, Change("unknown")) for area in areas)
    places = tuple(area.pk for area in areas)
    numbers = place_numbers(table, places, district=district.pk, topic=topic)
    told = totals(table, Part("area", places, ids(numbers.needs)), by="place")
    return numbers, tuple((area, *told.of(area.pk)) for area in areas)


def _noticed(place: Area | District, *, watched: bool) -> list[PublicSignal] | None:
    """Signals of a place that anyone may see; None where there are none and none can come."""
    signals = watch.public_signals(place)
    return signals if signals or watched else None
