"""What is read of the newest release."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from mahalleh_site.releases import queries
from mahalleh_site.releases.models import Load, Release
from tests.site.town import NUMBER, SECRET

pytestmark = pytest.mark.django_db


def test_public_version__changes_with_a_release_and_with_a_load(town):
    before = queries.public_version()
    Release.objects.filter(number=NUMBER).update(number=NUMBER + 1)
    between = queries.public_version()
    assert between != before
    Load.objects.update(loaded_at=timezone.now() + timedelta(seconds=1))
    assert queries.public_version() not in (before, between)


def test_board__holds_the_secret_so_that_the_tests_can_fail(town):
    assert SECRET in queries.current_table().area("b")["value"].to_list()
