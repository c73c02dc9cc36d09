"""The standing of the day as the places room draws it: late promises, and copies of those that are shown."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from mahalleh_site.people.models import Organisation
from mahalleh_site.places import queries
from mahalleh_site.places.actions import promises, standing
from mahalleh_site.places.models import Area, Promise, ShownPromise, Standing, Topic
from mahalleh_site.places.queries.promises import AFTER, IN_TIME, answers, ledger

TODAY = date(2026, 11, 28)
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def promise(town):
    """Makes a promise: `promise(due_on, area="a", topic="lamps", shown=True)`."""
    home = Organisation.objects.create(name_fa="ش", name_en="S", kind="municipality")
    made = []

    def make(due_on, *, area="a", topic="lamps", shown=False, what="answer"):
        made.append(
            promises.make(
                subject=f"report:{len(made)}",
                area=Area.objects.get(pk=area),
                topic=Topic.objects.get(pk=topic),
                what=what,
                organisation=home,
                on=TODAY - 30 * DAY,
                due_on=due_on,
                open_to_all=shown,
            )
        )
        return made[-1]

    return make


def end(promise, on, outcome="done"):
    promises.end(subject=promise.subject, outcome=outcome, on=on)


def test_ledger__before_the_first_drawing_tells_nothing(promise):
    promise(TODAY - DAY, shown=True)
    assert ledger(None) == ledger(Area.objects.get(pk="a"))
    assert (ledger(None).day, ledger(None).late, ledger(None).listed) == (None, 0, ())


def test_late__is_counted_by_area_as_of_the_drawing(promise):
    promise(TODAY - 3 * DAY)
    promise(TODAY - DAY)
    promise(TODAY - 9 * DAY, area="b")
    promise(TODAY - 9 * DAY, topic="quarrel")  # careful: in no ledger
    promise(TODAY)  # due today is not late yet
    kept = promise(TODAY - 5 * DAY)
    end(kept, TODAY - 2 * DAY)
    assert standing.draw(today=TODAY)
    assert Standing.objects.get().late == {
        "a": [2, "2026-11-25", "2026-11-25"], "b": [1, "2026-11-19", "2026-11-19"],
    }  # fmt: skip
    assert (ledger(None).late, ledger(None).oldest_late) == (3, TODAY - 9 * DAY)
    here = ledger(Area.objects.get(pk="a"))
    assert (here.day, here.late, here.oldest_late) == (TODAY, 2, TODAY - 3 * DAY)
    assert ledger(Area.objects.get(pk="c")).oldest_late is None


def test_listed__are_late_ones_then_due_ones_then_what_was_given_lately(promise):
    due = promise(TODAY + 2 * DAY, shown=True)
    late = promise(TODAY - DAY, shown=True)
    given, before = promise(TODAY, shown=True), promise(TODAY, shown=True)
    end(given, TODAY - DAY)
    end(before, TODAY - 4 * DAY)
    end(promise(TODAY, shown=True), TODAY - 91 * DAY)  # too long ago
    end(promise(TODAY, shown=True), TODAY - DAY, outcome="dropped")
    end(promise(TODAY, shown=True, what="act"), TODAY - DAY, outcome="promised")  # put off
    promise(TODAY + DAY)  # shown to nobody
    promise(TODAY + DAY, topic="quarrel", shown=True)  # careful: in no ledger
    standing.draw(today=TODAY)
    assert [each.number for each in ledger(None).listed] == [late.pk, due.pk, given.pk, before.pk]
    assert [each.late for each in ledger(None).listed] == [True, False, False, False]


def test_draw__changes_nothing_twice_a_day(promise):
    made = promise(TODAY - DAY, shown=True)
    assert standing.draw(today=TODAY)
    end(made, TODAY)
    version = queries.public_version()
    assert not standing.draw(today=TODAY)
    assert queries.public_version() == version
    assert ledger(None).late == 1
    assert standing.draw(today=TODAY + DAY)
    assert queries.public_version() != version
    assert ledger(None).late == 0


def test_show_now__is_of_one_subject_alone(promise):
    one, other = promise(TODAY + DAY, shown=True), promise(TODAY + DAY, shown=True)
    standing.draw(today=TODAY)
    end(one, TODAY)
    end(other, TODAY)
    version = queries.public_version()
    standing.show_now(subject=one.subject, today=TODAY)
    assert queries.public_version() != version
    ended = dict(ShownPromise.objects.values_list("number", "ended_on"))
    assert ended == {one.pk: TODAY, other.pk: None}


def test_answers__stand_once_each_by_area_and_whether_in_time(promise):
    start, past = TODAY - 7 * DAY, TODAY
    end(promise(TODAY), start)
    end(promise(TODAY), past)  # the next week's
    end(promise(start, area="b"), start + DAY, outcome="declined")  # a day late
    end(promise(TODAY, area="b"), start, outcome="dropped")
    end(promise(TODAY, area="b", what="act"), start, outcome="promised")
    end(promise(TODAY, area="b"), start, outcome="promised")  # an answer all the same
    end(promise(TODAY, topic="quarrel"), start)
    counted = answers(start, past)
    assert counted == {
        ("a", IN_TIME): 1,
        ("a", AFTER): 0,
        ("b", IN_TIME): 1,
        ("b", AFTER): 1,
        ("c", IN_TIME): 0,
        ("c", AFTER): 0,
    }
    assert Promise.objects.count() == 7
