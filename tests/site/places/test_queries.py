"""Finding places, and when their map is another."""

from __future__ import annotations

import pytest

from mahalleh_site.places import queries
from mahalleh_site.places.models import Basemap

pytestmark = pytest.mark.django_db


def test_find__knows_both_languages_and_districts(town):
    assert [found.name for found in queries.find("شمال")] == ["شمال"]
    assert [found.kind for found in queries.find("jim")] == ["area"]
    assert queries.find("nowhere at all") == []


def test_public_version__changes_when_a_city_is_founded_anew(town):
    before = queries.public_version()
    founded = Basemap.objects.get()
    Basemap.objects.all().delete()
    founded.pk += 1
    founded.save(force_insert=True)
    assert queries.public_version() != before
