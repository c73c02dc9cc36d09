"""`mahalleh demo` and `mahalleh init`: a city in one command."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from mahalleh.cli import put, say
from mahalleh.errors import CityError, Faults, InputError
from mahalleh_site import terminal
from mahalleh_site.commands import workshop
from mahalleh_site.house import rooms

if TYPE_CHECKING:
    import geopandas as gpd

    from mahalleh_site.city import City
    from mahalleh_site.house.manifest import Step
    from mahalleh_site.places.actions import Counted

R = TypeVar("R")

OPENING_STEPS, INIT_STEPS = 2, 3
SAMPLE_AREAS, SAMPLE_WEEKS = 48, 156
SAMPLE_LAG = 2  # weeks: by then nearly all of its reports are in
IRAN = (44.0, 24.5, 63.5, 40.0)  # west, south, east, north; degrees
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")


@terminal.worded
def demo(
    address: Annotated[str, typer.Option(help="Where to serve: host:port.")] = "127.0.0.1:8000",
    serve: Annotated[bool, typer.Option(help="Serve the city when it stands.")] = True,
    seed: Annotated[int, typer.Option(help="Which sample city: the same number gives the same city.")] = 1,
    areas: Annotated[int, typer.Option(min=6, max=1000, help="Its neighbourhoods.")] = SAMPLE_AREAS,
    weeks: Annotated[int, typer.Option(min=53, max=520, help="The length of its past.")] = SAMPLE_WEEKS,
    past: Annotated[
        bool, typer.Option(help="Let the worker watch the past as well, for the page about accuracy.")
    ] = True,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 2,
) -> None:
    """Build the sample city, once, and serve it: everything in it is invented."""
    from mahalleh_site.city import city_path, read_city

    target = terminal.folder()
    founded = not city_path(target).exists()
    if founded:
        _found_demo(target, seed=seed, areas=areas, weeks=weeks, past=past)
    elif not read_city(target).is_demo:
        raise CityError("cli.demo-exists-live", path=target)
    if not (serve and founded):
        say("cli.demo-ready", path=target)
    if serve and founded:
        # this process's Django began in the workshop, which has moved; a new one begins where the city is
        again = ["-m", "mahalleh.cli", "demo", "--address", address, "--workers", str(workers)]
        os.environ["MAHALLEH_VAR"] = str(target)
        os.execv(sys.executable, [sys.executable, *again])  # noqa: S606  (our own program)
    if serve:
        from mahalleh_site.commands import serving

        serving.run(address, workers=workers, refresh=True)


@terminal.worded
def init(
    paths: Annotated[
        list[Path], typer.Argument(help="The boundary file, or with --from-points the point files.")
    ],
    id: Annotated[str, typer.Option(help="The column of the areas' ids.")] = "",
    name: Annotated[str, typer.Option(help="The column of the areas' names.")] = "",
    name_fa: Annotated[str, typer.Option(help="The column of Persian names.")] = "",
    name_en: Annotated[str, typer.Option(help="The column of English names.")] = "",
    population: Annotated[str, typer.Option(help="The column of residents.")] = "",
    parent: Annotated[str, typer.Option(help="The column of the district.")] = "",
    from_points: Annotated[
        str, typer.Option(help="Where no boundaries are at hand: the format of files with labelled points.")
    ] = "",
    lon: Annotated[str, typer.Option(help="With --from-points table: the column of longitudes.")] = "",
    lat: Annotated[str, typer.Option(help="With --from-points table: the column of latitudes.")] = "",
    city_name_fa: Annotated[str, typer.Option(help="The city's name in Persian.")] = "",
    city_name_en: Annotated[str, typer.Option(help="The city's name in English.")] = "",
    calendar: Annotated[str, typer.Option(help="persian or gregorian.")] = "persian",
    timezone: Annotated[str, typer.Option(help="Such as Asia/Tehran.")] = "Asia/Tehran",
    country: Annotated[
        str, typer.Option(help='Whose holidays are usual: ISO 3166, or "none"; empty: by time zone.')
    ] = "",
    week_start: Annotated[str, typer.Option(help="saturday, sunday or monday.")] = "saturday",
    language: Annotated[str, typer.Option(help="Of the first page: fa or en.")] = "fa",
    contact: Annotated[str, typer.Option(help="Whom residents write to; shown on public pages.")] = "",
    admin: Annotated[str, typer.Option(help="E-mail of the first administrator.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Found a city from its boundaries: GeoJSON, GeoPackage or Shapefile."""
    from mahalleh_site.city import City, helplines_of

    _check_options(paths, from_points=from_points, id=id, name=name, admin=admin)
    default = City()
    names = {
        "fa": city_name_fa or city_name_en or default.names["fa"],
        "en": city_name_en or city_name_fa or default.names["en"],
    }
    city = City(
        names=names,
        language=language,
        calendar=calendar,
        timezone=timezone,
        country=country,
        week_start=week_start,
        contact=contact,
        helplines=helplines_of(timezone),
    )
    target = terminal.folder()
    with workshop.workshop(target) as path, terminal.steps(INIT_STEPS) as step:
        write_city(path, city)
        step("cli.step-places")
        columns = {
            "id": id, "name": name, "name_fa": name_fa, "name_en": name_en,
            "population": population, "parent": parent, "lon": lon, "lat": lat,
        }  # fmt: skip
        places = _read(paths, from_points, columns)
        _check_country(places, timezone)
        _open(path, step)

        def found() -> tuple[Counted, str]:
            from mahalleh_site.places.actions import found_city

            counted = found_city(places, by="system:init")
            return counted, _first_administrator(admin) if admin else ""

        counted, link = _settle(path, target, found)
    if json:
        put(
            {
                "folder": target,
                "areas": counted.areas,
                "districts": counted.districts,
                "admin_link": link or None,
            }
        )
        return
    say(
        "cli.founded",
        path=target,
        areas=terminal.number(counted.areas),
        districts=terminal.number(counted.districts),
    )
    if not city.helplines:
        say("cli.no-helplines", path=target / "city.toml")
    if link:
        say("cli.admin-link", link=link)


def write_city(path: Path, city: City) -> None:
    """Write `city.toml` and read it back, so that a value out of range is refused before anything is built.

    Raises:
        CityError: with every value that is not allowed.
    """
    from mahalleh_site.city import city_path, read_city
    from mahalleh_site.commands.city_file import city_toml

    city_path(path).write_text(city_toml(city), encoding="utf-8")
    read_city(path)


def _found_demo(target: Path, *, seed: int, areas: int, weeks: int, past: bool) -> None:
    from datetime import date

    from mahalleh.simulate.names import CITY
    from mahalleh_site.city import City

    names = dict(zip(("fa", "en"), CITY, strict=True))
    city = City(mode="demo", names=names, contact="mahalleh@example.org", lag_weeks=SAMPLE_LAG)
    with (
        workshop.workshop(target) as path,
        terminal.steps(OPENING_STEPS + sum(len(each.room.sample) for each in rooms.rooms())) as step,
    ):
        write_city(path, city)
        _open(path, step)

        def found() -> None:
            from mahalleh_site.house import sample
            from mahalleh_site.house.manifest import Sample
            from mahalleh_site.places.rules import last_week_end

            end = last_week_end(date.today(), city.week_start)
            wanted = Sample("system:demo", seed=seed, areas=areas, weeks=weeks, end=end, past=past)
            sample.furnish(wanted, step=step)

        _settle(path, target, found)


def _open(path: Path, step: Step) -> None:
    """Start Django in the workshop, on a database that holds no city, with all its tables and pages' files.

    Raises:
        CityError: where a database that was named in the environment holds one.
    """
    step("cli.step-database")
    terminal.start(path, founding=True)
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    from mahalleh_site.places.models import Area

    if Area.objects.exists():
        raise CityError("cli.database-not-empty")
    step("cli.step-static")
    from mahalleh_site.commands import static

    static.collect()


def _settle(path: Path, target: Path, found: Callable[[], R]) -> R:
    """Do the founding in one transaction, and move the folder into place with it."""
    from django.conf import settings
    from django.db import connection, transaction

    own_file = connection.vendor == "sqlite"
    with transaction.atomic():
        result = found()
        if not own_file:  # the rows stand elsewhere: they are kept only if the folder arrives
            workshop.move_in(path, target)
            settings.VAR = target  # where the audit log's head is written when this transaction ends
    connection.close()
    if own_file:
        workshop.move_in(path, target)
    os.environ["MAHALLEH_VAR"] = str(target)
    return result


def _first_administrator(email: str) -> str:
    """The address at which the first administrator sets a password, where the city will be served."""
    from django.conf import settings
    from django.urls import reverse
    from django.utils import translation

    from mahalleh_site.people.actions import first_administrator
    from mahalleh_site.ui import address

    invitation = first_administrator(by="system:init", email=email)
    base = address.origin() if settings.ADDRESS or settings.HTTPS else f"{address.origin()}:8000"
    with translation.override(settings.CITY.language):
        return base + reverse("welcome", args=[invitation.uid, invitation.token])


def _check_options(paths: list[Path], *, from_points: str, id: str, name: str, admin: str) -> None:
    faults = Faults(InputError)
    if not from_points:
        if len(paths) != 1:
            faults.add("cli.one-of")
        for option, given in (("--id", id), ("--name", name)):
            if not given:
                faults.add("cli.needs-column", option=option)
    for path in paths:
        if not path.exists():
            faults.add("cli.no-file", path=path)
    if admin and not _EMAIL.fullmatch(admin):
        faults.add("cli.bad-email", given=admin)
    faults.raise_if_any()


def _check_country(places: gpd.GeoDataFrame, timezone: str) -> None:
    """Refuse boundaries that lie elsewhere than the time zone says: then they are swapped, or it is wrong.

    Swapped coordinates of an Iranian city are a place on the globe too, so that nothing else would notice.

    Raises:
        PlacesError: with where they lie. Of other countries nothing is known here.
    """
    from mahalleh.errors import PlacesError

    if timezone != "Asia/Tehran":
        return
    west, south, east, north = places.total_bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    if not (IRAN[0] <= lon <= IRAN[2] and IRAN[1] <= lat <= IRAN[3]):
        raise PlacesError("cli.elsewhere", lon=f"{lon:.2f}", lat=f"{lat:.2f}")


def _read(paths: list[Path], from_points: str, columns: dict[str, str]) -> gpd.GeoDataFrame:
    """The places frame, from boundaries or from labelled points."""
    if from_points:
        from mahalleh_site.commands.from_points import places_from

        return places_from(from_points, paths, columns=columns)
    from mahalleh.places import read_places

    names = {
        language: columns[f"name_{language}"] for language in ("fa", "en") if columns[f"name_{language}"]
    }
    return read_places(
        paths[0],
        id=columns["id"],
        name=columns["name"],
        population=columns["population"] or None,
        parent=columns["parent"] or None,
        names=names or None,
    )
