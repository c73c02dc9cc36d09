"""Cities for the site's tests: the sample, founded once a run, and a tiny one of four squares for each."""

from __future__ import annotations

import importlib
import io
import logging
import logging.config
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase

from mahalleh_site import logs
from mahalleh_site.city import City
from mahalleh_site.people import audit, outside
from tests import city as cities
from tests.settings import VAR


@pytest.fixture(autouse=True, scope="session")
def _flushable() -> Iterator[None]:
    """A test with real transactions ends by emptying the tables, which the audit log's triggers refuse."""
    names = ("0002_audit_triggers", "0005_audit_keyed")
    triggers = [importlib.import_module(f"mahalleh_site.people.migrations.{name}") for name in names]
    flush = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
        with connection.schema_editor() as editor:
            for each in reversed(triggers):
                each.remove(None, editor)
        flush(self)
        (VAR / "private" / outside.FILE).unlink(missing_ok=True)  # it would tell that the log was emptied
        with connection.schema_editor() as editor:
            for each in triggers:
                each.add(None, editor)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


@pytest.fixture(autouse=True)
def _routes_found_anew() -> None:
    """Who receives reports is kept by the audit log's head, and under one clock tests share heads."""
    from mahalleh_site.listen.queries import routing

    routing._receiving.cache_clear()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the house's handler writes, under the levels and ways that the settings give."""
    logging.config.dictConfig(settings.LOGGING)
    told = io.StringIO()
    handler = logging.StreamHandler(told)
    handler.setFormatter(logs.Formatter())
    logging.getLogger().addHandler(handler)
    yield told
    logging.getLogger().removeHandler(handler)


@pytest.fixture(scope="session")
def sample_rows(django_db_setup, django_db_blocker) -> str:
    """The sample city in the settings' folder and database; its rows as text, to put back after a flush."""
    with django_db_blocker.unblock():
        cities.found_sample()
        return connection.creation.serialize_db_to_string()


@pytest.fixture
def city(db, sample_rows, settings) -> City:
    """The sample city: 16 areas, 60 weeks, published once."""
    from django.contrib.contenttypes.models import ContentType

    from mahalleh_site.places.models import Area

    if not Area.objects.exists():  # a test with real transactions has emptied the database
        ContentType.objects.all().delete()  # Django has made them anew, under other numbers
        connection.creation.deserialize_db_from_string(sample_rows)
        ContentType.objects.clear_cache()
    (VAR / "private" / outside.FILE).unlink(missing_ok=True)  # a test whose rows went may have led it on
    audit.follow()
    return settings.CITY


@pytest.fixture
def squares(db, tmp_path, settings, monkeypatch) -> City:
    """A city of four squares in a folder of its own, without events; the command works on it too."""
    from mahalleh_site.places.actions import found_city
    from mahalleh_site.places.models import Area, Basemap, District, Topic
    from mahalleh_site.releases import tasks
    from mahalleh_site.releases.models import Load, Release

    # the sample's rows go; they are back when the test's transaction ends
    for model in (Area, District, Basemap, Load, Release, Topic):
        model.objects.all().delete()
    folder = tmp_path / "city"
    folder.mkdir()
    settings.VAR = folder
    settings.CITY = City(calendar="gregorian", week_start="monday", timezone="Europe/London", contact="a@b.c")
    monkeypatch.setenv("MAHALLEH_VAR", str(folder))
    monkeypatch.setattr(tasks, "draw_charts", lambda: 0)  # seconds that tests of charts spend elsewhere
    cities.write_city(folder, settings.CITY)
    found_city(cities.squares(), by="system:test")
    audit.follow()
    return settings.CITY


@pytest.fixture
def aside(tmp_path, django_db_blocker, monkeypatch):
    """The name of an empty database in a file of its own."""
    from django.db import connections

    name = "aside"
    settings = {**connections.settings["default"], "ENGINE": "django.db.backends.sqlite3"}
    settings |= {"NAME": tmp_path / "old.sqlite3", "OPTIONS": {}, "HOST": "", "PORT": "", "USER": ""}
    monkeypatch.setitem(connections.settings, name, settings)
    with django_db_blocker.unblock():
        yield name
        connections[name].close()
        del connections[name]
