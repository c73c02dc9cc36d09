"""What pages read of the watch: in which order, of which signals, and what the public never gets."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mahalleh_site.people.models import User
from mahalleh_site.places.models import Area, District, Topic
from mahalleh_site.watch import actions, queries
from mahalleh_site.watch.models import Run, Signal
from tests.site.watch import samples

OPEN, CAREFUL = "street-lighting", "public-drug-use"
REASON = "Three lamps along the canal are dark."


@pytest.fixture
def ids(city):
    """Ids of four neighbourhoods. One topic of residents is careful, as none of the sample city is."""
    Topic.objects.filter(pk=CAREFUL).update(sensitivity="careful")
    return [area.pk for area in samples.areas(4)]


def decide(id, verb="watch"):
    who = User.objects.get(email="coordinator@demo.invalid")
    return actions.decide(by=who, id=id, verb=verb, reason=REASON, considered=["lighting"], other="Walk")


def ids_of(rows):
    return [row.id for row in rows]


def test_signals__come_newest_first_and_of_one_week_the_strongest(ids):
    samples.stored("old", weeks_ago=9, p_value=0.0001)
    samples.stored("weak", p_value=0.02)
    samples.stored("strong", p_value=0.001, ratio=40.0)
    samples.stored("strongest", p_value=0.001, ratio=50.0)
    assert ids_of(queries.signals()) == ["strongest", "strong", "weak", "old"]


def test_signals__are_narrowed_and_each_stands_once(ids):
    west, other = samples.areas(1)[0].district_id, District.objects.last().pk
    here = [area.pk for area in Area.objects.filter(district=west)]
    there = [area.pk for area in Area.objects.filter(district=other)]
    samples.stored("here", at=tuple(here), status="watching")
    samples.stored("there", at=tuple(there), topic="litter")
    assert west != other
    assert len(here) > 1
    assert ids_of(queries.signals(district=west)) == ["here"]
    assert ids_of(queries.signals(topic="litter")) == ["there"]
    assert ids_of(queries.signals(status="watching")) == ["here"]
    assert queries.signals(topic="litter", status="watching") == []
    assert set(ids_of(queries.signals())) == {"here", "there"}


def test_signals__cost_as_many_questions_however_many_they_are(ids):
    def asked():
        with CaptureQueriesContext(connection) as context:
            assert queries.signals()
        return len(context)

    samples.stored("first")
    one = asked()
    for number in range(5):
        samples.stored(f"more-{number}")
    assert asked() == one


def test_signal__names_its_areas_centre_first_and_its_districts_once(ids):
    at = (ids[2], ids[0], ids[3])
    samples.stored(at=at)
    (row,) = queries.signals()
    assert tuple(area.pk for area in row.newest.areas) == at
    assert len({district.pk for district in row.districts}) == len(row.districts)
    assert {district.pk for district in row.districts} == {area.district_id for area in row.newest.areas}


def test_waiting__is_what_is_open_the_oldest_promise_first(ids):
    for id, days, status in (("late", 9, "open"), ("soon", 2, "open"), ("seen", 1, "watching")):
        samples.stored(id, status=status, expires_on=timezone.localdate() + timedelta(days=days))
    rows = queries.undecided()
    assert ids_of(rows) == ["soon", "late"]
    assert all(row.waits for row in rows)


def test_verdict__is_the_newest_and_a_decided_signal_has_no_date_to_run_out(ids):
    due = timezone.localdate() + timedelta(days=3)
    samples.stored("one", expires_on=due)
    before = queries.signal_row("one")
    decide("one", "dismiss")
    decide("one", "watch")
    after = queries.signal_row("one")
    assert (before.verdict, before.expires_on) == (None, due)
    assert (after.verdict.verb, after.expires_on) == ("watch", None)
    assert [verdict.verb for verdict in queries.signal("one").verdicts] == ["watch", "dismiss"]


def test_signal__tells_all_that_its_runs_stored(ids):
    samples.stored("one")
    page = queries.signal("one")
    assert sum(point.inside for point in page.curve) == 5
    assert all(
        page.row.newest.start <= point.start < page.row.newest.end for point in page.curve if point.inside
    )
    assert [(near.topic.pk, near.observed, near.usual) for near in page.nearby] == [("litter", 61, 55.0)]
    assert page.computed.seed == 20261031
    assert page.computed.as_of == samples.END + timedelta(days=1)
    assert len(page.sightings) == 1


def test_signal__names_no_sealed_topic_nearby(ids):
    samples.stored("one")
    Topic.objects.filter(pk="litter").update(sensitivity="sealed")
    assert queries.signal("one").nearby == ()


def test_similar__are_earlier_ones_of_the_topic_that_share_a_neighbourhood(ids):
    samples.stored("now", at=tuple(ids[:2]))
    samples.stored("before", at=tuple(ids[1:3]), weeks_ago=20)
    samples.stored("long-before", at=tuple(ids[:2]), weeks_ago=40)
    samples.stored("elsewhere", at=(ids[3],), weeks_ago=20)
    samples.stored("other", at=tuple(ids[:2]), weeks_ago=20, topic="litter")
    assert ids_of(queries.signal("now").similar) == ["before", "long-before"]
    assert ids_of(queries.signal("before").similar) == ["long-before"]


@pytest.mark.parametrize("query", [queries.signal, queries.signal_row])
def test_signal__that_is_not_there_says_so(city, query):
    with pytest.raises(Signal.DoesNotExist):
        query("nothing")


def test_public__has_decided_signals_without_a_number_a_name_or_a_reason(ids):
    samples.stored("one", at=tuple(ids))
    area = Area.objects.get(pk=ids[0])
    assert queries.public_signals(area) == []
    decide("one")
    (shown,) = queries.public_signals(area)
    assert (shown.step, shown.status) == ("twice", "watching")  # 102 / 41.2 = 2.48
    assert (shown.verdict.by, shown.verdict.reason, shown.verdict.other) == ("", "", "")
    assert shown.verdict.considered == ("lighting",)
    held = asdict(replace(shown, topic=None, place=None))
    assert not any(isinstance(value, int | float) for value in [*held.values(), *held["verdict"].values()])


def test_public__of_an_open_topic_names_its_weeks(ids):
    samples.stored("one", at=tuple(ids), status="watching")
    (shown,) = queries.public_signals(Area.objects.get(pk=ids[0]))
    assert (shown.start, shown.end) == (samples.START, samples.END)


@pytest.mark.parametrize(
    ("calendar", "start", "end"),
    [
        ("gregorian", date(2026, 9, 1), date(2026, 11, 1)),
        ("persian", date(2026, 9, 23), date(2026, 11, 22)),  # Mehr and Aban 1405
    ],
)
def test_public__of_a_careful_topic_names_districts_and_whole_months_alone(
    ids, settings, calendar, start, end
):
    """From 26 September, 4 Mehr, to 30 October, 8 Aban."""
    settings.CITY = replace(settings.CITY, calendar=calendar)
    samples.stored("one", topic=CAREFUL, at=tuple(ids), status="watching")
    area = Area.objects.get(pk=ids[0])
    assert queries.public_signals(area) == []
    (shown,) = queries.public_signals(area.district)
    assert (shown.start, shown.end) == (start, end)


def test_public__never_has_a_sealed_topic(ids):
    samples.stored("one", topic=CAREFUL, at=tuple(ids), status="watching")
    Topic.objects.filter(pk=CAREFUL).update(sensitivity="sealed")
    area = Area.objects.get(pk=ids[0])
    assert queries.public_signals(area) == queries.public_signals(area.district) == []


def test_public__has_what_ran_out_while_people_were_asked(ids):
    """What a look over the past found long afterwards ran out without anyone having been asked."""
    samples.stored("asked", at=tuple(ids), status="expired")
    samples.stored("never-asked", at=tuple(ids), status="expired", live=False)
    (shown,) = queries.public_signals(Area.objects.get(pk=ids[0]))
    assert (shown.status, shown.verdict) == ("expired", None)
    assert shown.decided_on == samples.END + timedelta(days=1 + 28)


def test_public_version__changes_with_each_verb_that_changes_a_page(ids):
    versions = [queries.public_version()]
    samples.stored("one", at=tuple(ids))
    decide("one")
    versions.append(queries.public_version())
    samples.stored("two", at=tuple(ids), expires_on=samples.END)
    actions.expire(by="system:test", today=samples.END)
    versions.append(queries.public_version())
    assert len(set(versions)) == 3
    assert queries.public_version() == versions[-1]


def test_calibration__is_none_before_the_first_look(city):
    assert queries.calibration() is None
    assert queries.last_look() is None
    assert queries.stated_rate() is None


def test_calibration__counts_states_and_months(ids):
    for id, weeks, status in (
        ("a", 0, "problem"),
        ("b", 0, "dismissed"),
        ("c", 52, "expired"),
        ("d", 4, "open"),
    ):
        samples.stored(id, weeks_ago=weeks, status=status)
    Signal.objects.filter(pk="a").update(lead=3)
    Signal.objects.filter(pk="b").update(lead=-1)
    page = queries.calibration()
    assert (page.looks, page.signals, page.decided) == (3, 4, 2)
    assert (page.confirmed, page.dismissed, page.expired, page.waiting) == (1, 1, 1, 1)
    assert page.a_year == pytest.approx(4 / (53 * 7 / 365.2425))
    assert sorted(page.leads) == [-1.0, 3.0]
    assert sum(page.months.values()) == 4
    assert len(page.months) >= 12  # months without a signal stand there too
    assert Run.objects.count() == 3
