"""What is read of places, and of the newest release."""

from __future__ import annotations

import pytest

from mahalleh_site.places import queries
from mahalleh_site.places.models import Release
from mahalleh_site.places.queries.board import current_board, public_version
from tests.site.town import NUMBER, SECRET

pytestmark = pytest.mark.django_db


def test_public_version__changes_with_a_release_and_with_a_load(unpublished, town):
    before = public_version()
    Release.objects.filter(number=NUMBER).update(number=NUMBER + 1)
    assert public_version() != before


def test_find__knows_both_languages_and_districts(town):
    assert [found.name for found in queries.find("شمال")] == ["شمال"]
    assert [found.kind for found in queries.find("jim")] == ["area"]
    assert queries.find("nowhere at all") == []


def test_board__holds_the_secret_so_that_the_tests_can_fail(town):
    assert SECRET in current_board().area("b")["value"].to_list()
