"""What pages read from a table that is known cell by cell (see town.value)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mahalleh import disclose
from mahalleh_site.places import outlines
from mahalleh_site.places.models import Area, Topic
from mahalleh_site.publish import queries
from mahalleh_site.publish.queries import city as city_queries
from tests.site.town import END, MONTHS, NUMBER, SECRET, STARTS

pytestmark = pytest.mark.django_db


def _row(rows, topic):
    return next(row for row in rows if row.topic.pk == topic)


def test_area_page__adds_up_the_last_year_and_the_one_before(town):
    numbers = queries.area_page("a").numbers
    lamps = _row(numbers.needs, "lamps")
    assert (lamps.now.value, lamps.before.value) == (52 * 10, 52 * 20)
    assert lamps.change.kind == "fewer"
    assert lamps.change.judged == "better"
    assert numbers.summary.span.start == STARTS[-52]
    assert numbers.summary.span.end == END


def test_area_page__shows_the_sum_of_hidden_weeks_when_it_is_large_enough(town):
    noise = _row(queries.area_page("a").numbers.needs, "noise")
    assert noise.now.value == 52 * 3  # each week's 3 is hidden, their sum is not


def test_area_page__error_is_that_of_a_sum_of_draws(town):
    lamps = _row(queries.area_page("a").numbers.needs, "lamps")
    assert lamps.now.half_width == disclose.half_width(1.0, draws=52)


def test_area_page__total_holds_its_one_small_week(town):
    lamps = _row(queries.area_page("b").numbers.needs, "lamps")
    assert lamps.now.value == 50 * 30 + SECRET + (60 - SECRET)
    assert lamps.now.hidden is None
    assert lamps.now.half_width == disclose.half_width(1.0, draws=52)


def test_district_and_city__are_the_sums_of_their_areas(town):
    of = {area: _row(queries.area_page(area).numbers.needs, "lamps").now.value for area in "abc"}
    north = _row(queries.district_page("north").numbers.needs, "lamps").now.value
    assert north == of["a"] + of["b"]
    assert queries.topic_page("lamps").now.value == sum(of.values())


def test_area_page__keeps_what_police_did_apart(town):
    numbers = queries.area_page("a").numbers
    assert [row.topic.pk for row in numbers.activities] == ["stops"]
    assert numbers.summary.now.value == 52 * (10 + 3)  # lamps and noise, no stops
    assert "stops" not in {row.topic.pk for row in numbers.needs}


def test_area_page__shows_careful_topics_of_its_district_by_month_alone(town):
    numbers = queries.area_page("a").numbers
    assert [row.topic.pk for row in numbers.careful.rows] == ["quarrel"]
    assert numbers.careful.rows[0].now.value == 12 * 12
    assert [start for start, _end, _values in numbers.careful.months] == MONTHS[-2:-14:-1]
    assert "quarrel" not in {row.topic.pk for row in (*numbers.needs, *numbers.activities)}


def test_area_page__never_names_a_sealed_topic(town):
    numbers = queries.area_page("a").numbers
    careful = numbers.careful.rows
    assert "secret" not in {row.topic.pk for row in (*numbers.needs, *numbers.activities, *careful)}


def test_area_page__curve_is_by_week_where_weeks_can_be_shown(town):
    curve = queries.area_page("a", topic="lamps").numbers.curve
    assert (curve.span, curve.compared, len(curve.points)) == (1, True, 52)
    assert {point.now.value for point in curve.points} == {10}
    assert {point.before.value for point in curve.points} == {20}


def test_area_page__curve_adds_weeks_up_where_most_are_hidden(town):
    curve = queries.area_page("a", topic="noise").numbers.curve
    assert curve.span == 13  # every single week is hidden, so a quarter is one point
    assert {point.now.value for point in curve.points} == {13 * 3}
    assert curve.points[-1].end == END
    assert all(point.end - point.start == timedelta(weeks=13) for point in curve.points)


def test_area_page__curve_leaves_a_small_week_out(town):
    points = queries.area_page("b", topic="lamps").numbers.curve.points
    assert [(point.now.value, point.now.hidden) for point in points[-2:]] == [(None, "small"), (30, None)]


def test_area_page__of_nowhere_is_refused(town):
    with pytest.raises(Area.DoesNotExist):
        queries.area_page("z")


def test_area_page__before_the_first_release_has_no_numbers(unpublished):
    page = queries.area_page("a")
    assert page.numbers is None
    assert [area.pk for area in page.around] == ["b"]


def test_district_page__adds_up_its_neighbourhoods(town):
    page = queries.district_page("south")
    lamps = _row(page.numbers.needs, "lamps")
    assert lamps.now.value == 52 * 50
    assert page.population is None  # unknown of one is unknown of all
    assert queries.district_page("north").population == 3000


def test_city_map__colours_rates_and_leaves_hidden_places_blank(town):
    rows = {row.area.pk: row for row in queries.city_map(topic="lamps").rows}
    assert rows["a"].rate == 520 / 1000 * 1000
    assert rows["b"].rate == 52 * 30 / 2000 * 1000
    assert rows["c"].css == "hidden-value"  # counted, but nobody knows how many live there
    assert rows["c"].now.value == 52 * 50


def test_city_map__falls_back_on_unknown_words(town):
    city = queries.city_map(topic="nothing", show="rank", sort="worst")
    assert (city.topic, city.show, city.sort) == (None, "rate", "name")
    assert [row.area.pk for row in city.rows] == ["a", "b", "c"]


def test_city_map__sorts_missing_numbers_last(town):
    rows = queries.city_map(topic="lamps", show="count", sort="now").rows
    assert [row.area.pk for row in rows] == ["c", "b", "a"]


def test_city_map__shows_a_clear_change_alone(town):
    rows = {row.area.pk: row.css for row in queries.city_map(topic="lamps", show="change").rows}
    assert rows == {"a": "l2", "b": "e0", "c": "e0"}


def test_city_map__bounds_put_the_drawing_where_it_is(town):
    base = queries.city_map().basemap
    frame = outlines.Frame(base.west, base.south, base.east, base.north, base.height)
    south, west, north, east = (float(edge) for edge in queries.city_map().bounds.split(","))
    assert west == pytest.approx(base.west - outlines.MARGIN * frame.unit, abs=1e-5)
    assert east == pytest.approx(base.east + outlines.MARGIN * frame.unit, abs=1e-5)
    assert north == pytest.approx(base.north + outlines.MARGIN * frame.unit * frame.squeeze, abs=1e-5)
    assert south == pytest.approx(north - base.height * frame.unit * frame.squeeze, abs=1e-5)
    assert (city_queries.DRAWN_WIDTH, city_queries.DRAWN_MARGIN) == (outlines.WIDTH, outlines.MARGIN)


def test_topic_page__of_a_careful_topic_has_districts_and_no_map(town):
    page = queries.topic_page("quarrel")
    assert page.map is None
    assert {district.pk: now.value for district, now, _before, _change in page.districts}["north"] == 12 * 12


@pytest.mark.parametrize("topic", ["secret", "none-such"])
def test_topic_page__of_a_sealed_topic_is_refused_like_one_that_is_not_there(town, topic):
    with pytest.raises(Topic.DoesNotExist):
        queries.topic_page(topic)


def test_changes__tell_the_last_week_and_only_clear_changes(town):
    changes = queries.changes()
    assert changes.latest.value == (10 + 30 + 50) + (3 + 6 + 0)  # a total holds small cells' values
    assert (changes.start, changes.end, changes.since) == (STARTS[-1], END, STARTS[-4])
    assert changes.clear == ()  # lamps and noise are as they were
    assert changes.steady == 2


def test_data_page__read_is_kept_and_refused(town):
    page = queries.data_page()
    assert page.read == page.kept + sum(row.lost for row in page.loads)
    assert [(item.reason, item.count) for item in page.loads[0].refused] == [("no-place", 30), ("outside", 4)]


def test_release_file__gives_listed_names_alone(town):
    assert queries.release_file(NUMBER, "counts.csv") is not None
    for name in ("ledger.parquet", "../7/counts.csv", "datapackage.json"):
        assert queries.release_file(NUMBER, name) is None
    assert queries.release_file(8, "counts.csv") is None
