"""Whatever is done with reports, in whatever order: counts and promises never drift from what they tell."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mahalleh_site.listen import rules
from mahalleh_site.listen.actions import intake
from mahalleh_site.listen.desk.actions import handling
from mahalleh_site.listen.models import NeedCount, Report
from mahalleh_site.listen.telling.actions import own_report
from mahalleh_site.people.permissions import NotAllowedError, Refused
from mahalleh_site.places.models import Promise
from mahalleh_site.sealed import form_token
from tests.site.listen.moderating import publish

ACTIONS = (
    "take", "answer", "promise", "decline", "merge", "part", "accept", "refuse", "withdraw", "no", "yes",
    "also", "private", "unprivate", "publish", "forward",
)  # fmt: skip
STEPS = st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 3), st.integers(0, 3)), max_size=14)


def do(town, action, report, other):
    """One action by the municipality, where it may; what is refused changes nothing."""
    by, member_key = town.people["coordinator"], town.member_key("coordinator")
    said = {"by": by, "report": report, "member_key": member_key}
    tomorrow = timezone.localdate() + timedelta(1)
    actions = {
        "take": lambda: handling.take(by=by, report=report),
        "answer": lambda: handling.answer(**said, verb="answer", words="x"),
        "promise": lambda: handling.answer(**said, verb="promise", words="x", due_on=tomorrow),
        "decline": lambda: handling.answer(**said, verb="decline", words="x"),
        "merge": lambda: handling.merge(**said, into=other, reason="x"),
        "part": lambda: handling.part(by=by, report=report),
        "accept": lambda: handling.accept(by=by, report=report),
        "refuse": lambda: handling.refuse(**said, reason="x"),
        "withdraw": lambda: own_report.withdraw(report),
        "no": lambda: own_report.say_better(report, better="no"),
        "yes": lambda: own_report.say_better(report, better="yes"),
        "also": lambda: intake.also(report, token=form_token.new(Report.ROOM), language="en"),
        "private": lambda: handling.mark_private(by=by, report=report, is_private=True),
        "unprivate": lambda: handling.mark_private(by=by, report=report, is_private=False),
        "publish": lambda: publish(by=by, report=report, text="x", edited=True),
        "forward": lambda: handling.forward(**said, to=town.homes["ngo"], reason="x"),
    }
    try:
        actions[action]()
    except (NotAllowedError, Refused):
        return


def check() -> None:
    """What must hold after each action."""
    reports = list(Report.objects.all())
    counted = [report for report in reports if report.status in rules.COUNTED]
    assert (NeedCount.objects.aggregate(n=Sum("n"))["n"] or 0) == len(counted)
    assert {report.pk for report in counted} == {report.pk for report in reports if report.counted}
    owing = {promise.subject for promise in Promise.objects.filter(ended_on=None)}
    assert owing == {f"report:{report.number}" for report in counted if report.status in rules.OPEN}
    for report in reports:
        assert Promise.objects.filter(subject=f"report:{report.number}", ended_on=None).count() <= 1
        assert (report.merged_into_id is not None) <= (report.status in ("merged", "withdrawn"))
        assert report.merged_into is None or report.merged_into.merged_into_id is None
        followers = [each for each in reports if each.merged_into_id == report.pk and each.status == "merged"]
        assert report.also == len(followers)
        assert (report.ended_on is not None) == (report.status in rules.ENDED)
        shown = report.public_text and not report.is_private
        assert not shown or report.status not in ("merged", "withdrawn", "refused")


@settings(max_examples=40, suppress_health_check=list(HealthCheck), derandomize=True)
@given(steps=STEPS)
def test_counts_and_promises__hold_after_any_deeds(town, send, steps):
    mark = transaction.savepoint()
    reports = [send(may_publish=True).report, send(may_publish=True).report, send(held=True).report]
    for action, first, second in steps:
        chosen = [Report.objects.get(pk=reports[number % len(reports)].pk) for number in (first, second)]
        do(town, action, *chosen)
        check()
    transaction.savepoint_rollback(mark)


@pytest.mark.parametrize("second", ["withdraw", "refuse", "merge", "answer"])
def test_leading_report_that_ends__leaves_no_follower_in_the_dark(town, send, second):
    """Who follows a report that was withdrawn or set aside goes on by itself."""
    leading, follower, third = (send().report for _ in range(3))
    by, member_key = town.people["coordinator"], town.member_key("coordinator")
    handling.merge(by=by, report=follower, member_key=member_key, into=leading, reason="x")
    do(town, second, Report.objects.get(pk=leading.pk), third)
    check()
    follower.refresh_from_db()
    if second in ("withdraw", "refuse"):
        assert (follower.status, follower.merged_into) == ("open", None)
    elif second == "merge":
        assert follower.merged_into == third
