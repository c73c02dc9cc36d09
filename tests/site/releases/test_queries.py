"""What is read of the newest release."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from django.utils import timezone, translation

from mahalleh.disclose import Series
from mahalleh.disclose.curves import COARSER
from mahalleh_site.places.models import Topic
from mahalleh_site.releases import frozen, queries
from mahalleh_site.releases.figures import each
from mahalleh_site.releases.models import Load, Release
from mahalleh_site.releases.queries import tables
from tests.site.town import END, MONTHS, NUMBER, SECRET

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


def test_summary__names_no_topic_of_which_nothing_is_known(town):
    numbers = queries.place_numbers(queries.current_table(), ("c",), district="south")
    assert [topic.pk for topic in numbers.summary.most] == ["lamps"]  # noise is 0 there


def test_topic_numbers__have_the_curve_of_all_places(town):
    table, lamps = queries.current_table(), Topic.objects.get(pk="lamps")
    now = [point.now.value for point in queries.topic_numbers(table, lamps).curve.points]
    assert [*now[:-3], now[-1]] == [10 + 30 + 50] * 50  # the two weeks between hold SECRET
    quarrel = queries.topic_numbers(table, Topic.objects.get(pk="quarrel"))
    assert (quarrel.level, quarrel.curve.freq) == ("district", "M")


@pytest.mark.parametrize("freq", sorted(COARSER))
def test_each__says_what_a_point_of_every_span_holds(freq):
    told = {"W": ["by week", "four weeks together", "by quarter of a year"],
            "M": ["by month", "three months together", "by year"]}[freq]  # fmt: skip
    with translation.override("en"):
        assert [each(Series(freq, span, (), compared=False)) for span in COARSER[freq]] == told


def test_table__ends_topics_by_neighbourhood_with_weeks_and_careful_ones_with_months(town):
    table = queries.current_table()
    assert (table.freq, table.end, table.careful_window.end) == ("W", END, MONTHS[-1])
    assert table.careful_window.end != table.end


def test_table__of_a_monthly_city_has_no_neighbourhood_among_its_districts(town, settings):
    """A neighbourhood's months begin earlier than careful topics': they lend them none."""
    cells = frozen.cells(settings.VAR, NUMBER)
    careful = cells.filter(pl.col("level") == "district")
    early = careful.with_columns(level=pl.lit("area"), topic=pl.lit("lamps"), place=pl.lit("a"))
    early = early.with_columns(pl.col("start", "end").dt.offset_by("-1y"))
    pl.concat([careful, early]).write_parquet(frozen.cells_path(settings.VAR, NUMBER + 1))
    table = tables.release_table(settings.VAR, NUMBER + 1)
    assert table.freq == "M"
    assert list(table.months) == MONTHS[:-1]
    assert table.starts[0] < MONTHS[0]


def test_table__without_a_single_period_is_refused(town, settings):
    frozen.cells(settings.VAR, NUMBER).clear().write_parquet(frozen.cells_path(settings.VAR, NUMBER + 2))
    with pytest.raises(ValueError, match="no period"):
        tables.release_table(settings.VAR, NUMBER + 2)
