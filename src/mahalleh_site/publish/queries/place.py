"""The pages of a neighbourhood and of a district."""

from __future__ import annotations

from dataclasses import dataclass

from mahalleh.disclose import NOTHING, Amount, Change
from mahalleh_site.places.models import Area, District
from mahalleh_site.places.queries.board import current_board
from mahalleh_site.places.queries.numbers import PlaceNumbers, ids, place_numbers
from mahalleh_site.places.queries.totals import Part, totals


@dataclass(frozen=True, slots=True)
class AreaPage:
    """A neighbourhood's page. `numbers` is None before the first release."""

    area: Area
    numbers: PlaceNumbers | None
    around: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class DistrictPage:
    """A district's page, with its neighbourhoods."""

    district: District
    areas: tuple[tuple[Area, Amount, Amount, Change], ...]
    numbers: PlaceNumbers | None
    population: float | None


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
    board = current_board()
    if board is None:
        return AreaPage(area, None, around)
    numbers = place_numbers(board, (area.pk,), district=area.district_id, topic=topic)
    return AreaPage(area, numbers, around)


def district_page(district_id: str, *, topic: str = "") -> DistrictPage:
    """The page of a district.

    Raises:
        District.DoesNotExist: where there is no such district.
    """
    district = District.objects.get(pk=district_id)
    areas = list(district.areas.only("id", "name_fa", "name_en", "population", "district"))
    known = [area.population for area in areas if area.population is not None]
    population = sum(known) if known and len(known) == len(areas) else None
    board = current_board()
    if board is None:
        return DistrictPage(
            district, tuple((a, NOTHING, NOTHING, Change("unknown")) for a in areas), None, population
        )
    places = tuple(area.pk for area in areas)
    numbers = place_numbers(board, places, district=district.pk, topic=topic)
    told = totals(board, Part("area", places, ids(numbers.needs)), by="place")
    rows = tuple((area, *told.of(area.pk)) for area in areas)
    return DistrictPage(district, rows, numbers, population)
