"""The standing of the day, and the tables that leave by the week: what the public reads of reports."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from mahalleh_site.listen import daily
from mahalleh_site.listen.actions import intake, standing
from mahalleh_site.listen.alerts import queries as alerts
from mahalleh_site.listen.desk.actions import handling
from mahalleh_site.listen.models import NeedCount, Report, ShownReport
from mahalleh_site.listen.queries import published
from mahalleh_site.listen.queries import standing as queries
from mahalleh_site.listen.telling.actions import own_report
from mahalleh_site.places.models import Promise, ShownPromise
from mahalleh_site.releases.models import Tally
from mahalleh_site.sealed import form_token
from tests.site.listen.moderating import publish

TODAY = timezone.localdate
DAY = timedelta(days=1)


def told(**by_channel):
    """A year's table of channels, as it was drawn."""
    week = date(2026, 10, 31)
    Tally.objects.bulk_create(
        Tally(
            table="channels",
            what=channel,
            start=week,
            end=week + 7 * DAY,
            value=by_channel.get(channel, 0),
            epsilon=1.0,
        )
        for channel in Report.Channel.values
    )


def test_channels__are_told_in_twentieths_the_largest_first(town):
    told(web=390, spoken=90, paper=20)
    assert [share for _name, share in queries.channels()] == [0.8, 0.2, 0.05]


@pytest.mark.parametrize(("language", "said"), [("en", "told to a partner: about 20%"), ("fa", "حدود ۲۰٪")])
def test_channels__stand_on_the_page_of_what_is_done(town, language, said):
    told(web=390, spoken=90, paper=20)
    page = Client(SERVER_NAME="localhost").get(f"/{language}/done/").content.decode()
    assert said in " ".join(page.split())


def test_channels__are_told_whole_where_noise_is_below_nought(town):
    told(web=400, spoken=100, paper=-3)
    assert [share for _name, share in queries.channels()] == [0.8, 0.2]


@pytest.mark.parametrize("web", [0, 40, 49])
def test_channels__of_few_reports_are_not_told(town, web):
    told(web=web)
    assert queries.channels() == []


def test_channels__that_noise_could_turn_are_not_told(town):
    told(web=60)
    assert queries.channels()
    Tally.objects.update(epsilon=0.1)
    assert queries.channels() == []


def test_channels__before_the_first_drawing_are_not_told(town):
    assert queries.channels() == []


def test_ways__count_each_channel_of_a_week_and_take_back_what_was_taken_back(send):
    mine = send(channel="web")
    send(channel="paper")
    send("quarrel", channel="web")  # careful
    week = queries.ways(TODAY(), TODAY() + 7 * DAY)
    assert week == {("", "web"): 1, ("", "paper"): 1, ("", "spoken"): 0, ("", "open311"): 0}
    own_report.withdraw(mine.report)
    assert NeedCount.objects.filter(topic="lighting").count() == 3
    assert queries.ways(TODAY(), TODAY() + 7 * DAY)["", "web"] == 0
    assert set(queries.ways(TODAY() + DAY, TODAY() + 8 * DAY).values()) == {0}


@pytest.fixture
def shown(send, town):
    """A report that is shown, before any drawing."""
    sent = send(may_publish=True)
    publish(by=town.people["coordinator"], report=sent.report, text="A lamp.", edited=True)
    return sent


def test_votes__are_those_of_the_week_for_each_shown_report(shown, send):
    send()
    for _ in range(2):
        leading = Report.objects.get(pk=shown.report.pk)
        intake.also(leading, token=form_token.new(Report.ROOM), language="en")
    assert queries.votes(TODAY(), TODAY() + 7 * DAY) == {(shown.report.number, ""): 2}
    assert queries.votes(TODAY() - 7 * DAY, TODAY()) == {(shown.report.number, ""): 0}


def test_votes__are_shown_from_the_threshold_on_with_their_error(shown):
    week = {"table": "also", "place": shown.report.number, "end": TODAY(), "epsilon": 1.0}
    Tally.objects.create(**week, start=TODAY() - 7 * DAY, value=4)
    assert not published.report(shown.report.number).also.exists
    Tally.objects.create(**week, start=TODAY() - 14 * DAY, value=8)
    also = published.report(shown.report.number).also
    assert (also.shown, also.give_or_take) == (12, 4)
    assert published.lately(shown.report.area)[0].also == also


def test_draw__is_done_once_a_day(shown):
    assert standing.draw(today=TODAY()) is True
    own_report.withdraw(shown.report)
    assert standing.draw(today=TODAY()) is False
    assert standing.draw(today=TODAY() - DAY) is False  # a clock that goes back shows nothing new
    assert published.report(shown.report.number).report.public_text == "A lamp."
    assert standing.draw(today=TODAY() + DAY) is True
    assert published.report(shown.report.number) is None
    assert not ShownPromise.objects.exists()


def test_daily_work__draws_what_is_forgotten_away(shown, town):
    handling.answer(
        by=town.people["coordinator"], report=shown.report, member_key=town.member_key("coordinator"),
        verb="answer", words="Done.", public_words="Mended.",
    )  # fmt: skip
    assert ShownPromise.objects.get().words == "Mended."
    later = TODAY() + 4000 * DAY
    daily.work(by="system:test", today=later)
    assert not ShownReport.objects.exists()
    assert not ShownPromise.objects.exists()


def test_shown_report__holds_what_may_be_shown_of_its_history(shown, town):
    handling.take(by=town.people["coordinator"], report=shown.report)
    assert [step.verb for step in published.report(shown.report.number).steps] == []
    standing.draw(today=TODAY())
    page = published.report(shown.report.number)
    assert [(step.verb, step.organisation) for step in page.steps] == [("take", town.homes["municipality"])]
    assert page.open
    assert page.owed is not None


def test_news__are_told_of_what_is_shown_or_late_alone(send, town):
    mine = send(area="b").report
    handling.answer(
        by=town.people["coordinator"], report=mine, member_key=town.member_key("coordinator"),
        verb="answer", words="Done.",
    )  # fmt: skip
    late = send(area="c").report
    Promise.objects.filter(subject=f"report:{late.number}").update(due_on=TODAY() - 3 * DAY)
    standing.draw(today=TODAY())
    assert alerts.latest(TODAY() + 9 * DAY) == {"c": TODAY() - 2 * DAY}
