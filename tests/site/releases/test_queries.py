"""What is read of the newest release."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from django.utils import timezone

from mahalleh_site.releases import frozen, queries
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


def test_board__of_a_release_made_before_shows_what_was_hidden_as_a_complement(town, settings):
    path = frozen.cells_path(settings.VAR, NUMBER)
    table = pl.read_parquet(path, memory_map=False)
    reason = pl.col("hidden").cast(pl.String)
    old = table.with_columns(
        pl.when(pl.col("topic") == "stops").then(pl.lit("complement")).otherwise(reason).alias("hidden")
    )
    old.write_parquet(path)
    assert frozen.cells(settings.VAR, NUMBER).equals(table)
