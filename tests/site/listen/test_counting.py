"""Reports in the event store: each once, and gone when it is withdrawn, whatever breaks in between."""

from datetime import date

import polars as pl
import pytest
from django.conf import settings
from django.utils import timezone

from mahalleh.errors import EventsError
from mahalleh.events import EventStore
from mahalleh_site.listen.actions import counting
from mahalleh_site.listen.desk.actions import handling
from mahalleh_site.listen.models import NeedCount, Report
from mahalleh_site.listen.telling.actions import own_report
from mahalleh_site.people.models import AuditEntry
from mahalleh_site.places import files
from mahalleh_site.places.models import Area, Promise, Topic
from mahalleh_site.releases.models import Load


def store() -> EventStore:
    return EventStore(files.events_path(settings.VAR))


def events() -> pl.DataFrame:
    return store().scan().collect()


def test_report__becomes_one_need_event_of_its_topic_cell_and_day(send):
    report = send().report
    assert counting.count(by="system:test") == 1
    (row,) = events().to_dicts()
    assert (row["topic"], row["area"], row["cell"], row["n"]) == ("lighting", "a", report.cell, 1)
    assert (row["kind"], row["resolution"], row["source"]) == ("need", "day", "reports:web")
    assert row["time"].date() == row["recorded"] == report.day


def test_counts__say_nothing_of_which_report_they_are_of(send):
    """Two of one day, topic and place are alike but for the number of their row."""
    send(words="One."), send(words="Another.")
    one, other = ({**row, "id": None} for row in NeedCount.objects.values())
    assert one == other


def test_second_count__writes_nothing(send):
    send()
    counting.count(by="system:test")
    before = store().batches()
    assert counting.count(by="system:test") == 0
    assert store().batches() == before


def test_withdrawn_on_the_same_day__leaves_nothing_behind(send):
    sent = send()
    counting.count(by="system:test")
    own_report.withdraw(sent.report)
    assert counting.count(by="system:test") == 1
    assert (events().height, store().batches(), Load.objects.count()) == (0, (), 0)
    loaded, removed = AuditEntry.objects.order_by("number").filter(
        verb__in=["load", "remove-load"], object__startswith="reports "
    )
    assert (removed.verb, removed.object) == ("remove-load", loaded.object)
    assert removed.facts["digest"] == loaded.facts["digest"]


def test_withdrawn_in_a_later_month__is_a_correction_of_then(send):
    sent = send()
    NeedCount.objects.update(day=date(2026, 9, 5), recorded=date(2026, 9, 5))
    own_report.withdraw(sent.report)
    NeedCount.objects.filter(n=-1).update(day=date(2026, 9, 5), recorded=date(2026, 10, 2))
    counting.count(by="system:test")
    assert [batch.name for batch in store().batches()] == ["reports 2026-09", "reports 2026-10"]
    assert events()["n"].to_list() == [1, -1]


def test_many_reports__are_as_many_events(town):
    lamp, area = Topic.objects.get(pk="lighting"), Area.objects.get(pk="a")
    day = date(2026, 11, 2)
    rows = [
        NeedCount(topic=lamp, area=area, day=day, recorded=day, channel="web", n=1) for _ in range(10_000)
    ]
    NeedCount.objects.bulk_create(rows)
    counting.count(by="system:test")
    assert events()["n"].sum() == 10_000
    load = Load.objects.get()
    assert load.rows_read == load.rows_kept == 1


def test_sealed__never_reaches_the_store(send):
    for _ in range(20):
        send("harm")
    assert counting.count(by="system:test") == 0
    assert events().height == 0


def test_sealed__is_counted_and_promised_nowhere_whatever_becomes_of_it(send, town):
    """Guard-rail 6: no row that names no report tells of one either."""
    before = NeedCount.objects.count(), Promise.objects.count(), Load.objects.count()
    sent = send("harm")
    helper = {"by": town.people["social-worker"], "member_key": town.member_key("social-worker")}
    handling.answer(
        **helper, report=sent.report, verb="promise", words="Soon.", due_on=timezone.localdate(),
        public_words="x",
    )  # fmt: skip
    handling.answer(**helper, report=Report.objects.get(), verb="answer", words="Done.")
    own_report.say_better(Report.objects.get(), better="no")
    own_report.withdraw(Report.objects.get())
    counting.count(by="system:test")
    assert (NeedCount.objects.count(), Promise.objects.count(), Load.objects.count()) == before


@pytest.mark.parametrize(
    "step", ["mahalleh.events.EventStore.append", "mahalleh_site.releases.actions.record_load"]
)
def test_crash__is_put_right_by_the_next_count(send, monkeypatch, step):
    send()

    def fail(*_args, **_kwargs):
        raise EventsError("events.not-writable", path="x", reason="crash")

    with monkeypatch.context() as patch:
        patch.setattr(step, fail)
        with pytest.raises(EventsError):
            counting.count(by="system:test")
    send()
    assert counting.count(by="system:test") == 1
    assert events()["n"].sum() == 2
    assert [load.digest for load in Load.objects.all()] == [batch.digest for batch in store().batches()]


def test_other_batches__are_left_alone(send):
    given = counting._events(date(2026, 11, 1))
    send()
    counting.count(by="system:test")
    other = events().with_columns(source=pl.lit("elsewhere")).cast(dict(given.schema))
    store().append([other], digest="d" * 64, name="reports of elsewhere")
    send()
    counting.count(by="system:test")
    assert {batch.name[:10] for batch in store().batches()} == {"reports 20", "reports of"}
    assert events()["n"].sum() == 3
