"""What other programs ask for: places by name, days, lists, and how a resident can be reached."""

from datetime import date, timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from mahalleh_site.listen.open311 import params, views
from mahalleh_site.listen.queries import placing
from mahalleh_site.places.models import Area, District


def days(**given):
    filters = params.wanted(given).filters
    return filters["start"], filters["end"]


@pytest.mark.parametrize("name", ["Dal", "dal", " DAL ", "دال", "d"])
def test_named__knows_a_neighbourhood_by_its_whole_name_in_any_spelling(squares, name):
    assert placing.named(name).pk == "d"


@pytest.mark.parametrize("name", ["Da", "al", "west", "Dal, by the school", "", " ", "x" * 5000])
def test_named__takes_no_part_of_a_name_and_no_district(squares, name):
    assert placing.named(name) is None


def test_named__does_not_choose_between_two_that_are_called_alike(squares):
    Area.objects.filter(pk="a").update(name_en="Dal")
    assert placing.named("Dal") is None


def test_named__is_not_misled_by_a_district_of_that_name(squares):
    District.objects.filter(pk="west").update(name_en="Dal")
    assert placing.named("Dal").pk == "d"


def test_days__are_the_last_ninety_where_none_are_given(squares):
    today = timezone.localdate()
    assert days() == (today - timedelta(90), today)
    assert days(end_date="2026-04-01") == (date(2026, 1, 1), date(2026, 4, 1))
    assert days(start_date="2026-01-01") == (date(2026, 1, 1), date(2026, 4, 1))


def test_days__are_those_of_the_city(squares, settings):
    settings.TIME_ZONE = "Asia/Tehran"  # 3.5 hours ahead of Greenwich
    one = {"start_date": "2026-01-01T20:29:00Z", "end_date": "2026-01-01T20:31:00Z"}
    assert days(**one) == (date(2026, 1, 1), date(2026, 1, 2))
    naive = {"start_date": "2026-01-01T20:29:00", "end_date": "2026-01-01 20:31:00"}
    assert days(**naive) == (date(2026, 1, 1), date(2026, 1, 1))
    unescaped = {"start_date": "2026-01-02T00:00:00 03:30", "end_date": "2026-01-02T00:00:00+03:30"}
    assert days(**unescaped) == (date(2026, 1, 2), date(2026, 1, 2))


@pytest.mark.parametrize(
    "given",
    [
        # clocks change on 2026-03-29 and 2026-10-25 in London: 90 days of 24 hours, and 90 by the calendar
        {"start_date": "2026-01-01T23:30:00Z", "end_date": "2026-04-01T23:30:00Z"},
        {"start_date": "2026-08-01", "end_date": "2026-10-30"},
    ],
)
def test_days__may_be_ninety_apart_by_either_way_of_counting(squares, settings, given):
    settings.TIME_ZONE = "Europe/London"
    first, last = days(**given)
    assert last - first in (timedelta(90), timedelta(91))


def test_days__more_than_ninety_apart_are_refused(squares, settings):
    settings.TIME_ZONE = "Europe/London"
    with pytest.raises(params.BadRequestError, match="start_date"):
        days(start_date="2026-05-01", end_date="2026-07-31")  # 30 + 30 + 31 = 91


def test_numbers__override_all_else(squares):
    found = params.wanted({"service_request_id": " abc , ,DEF", "start_date": "never", "status": "half"})
    assert found.filters["numbers"] == ["ABC", "DEF"]


def test_lists__may_be_repeated_or_joined_by_commas():
    given = QueryDict("status=open&status=closed&service_code=a,b&service_code=&page=1&page=2&x=")
    assert views._flat(given, lists=params.LISTS) == {
        "status": "open,closed", "service_code": "a,b,", "page": "2",
    }  # fmt: skip
    assert params._list({"service_code": "a,b,"}, "service_code") == ["a", "b"]


def test_contact__is_refused_rather_than_cut_short():
    whole = {"first_name": " N", "last_name": "M ", "phone": "0900", "email": "n@example.org"}
    assert params._contact(whole) == "N M 0900 n@example.org"
    assert len(params._contact({"phone": "1", "email": "x" * 298})) == 300
    with pytest.raises(params.BadRequestError, match="first_name"):
        params._contact({"phone": "1", "email": "x" * 299})
