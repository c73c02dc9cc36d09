"""What may be written in the watch, by whom, and what stays as it was written."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, models, transaction

from mahalleh_site.people.models import AuditEntry, Membership, Organisation, User
from mahalleh_site.people.permissions import NotAllowedError, Refused
from mahalleh_site.watch import actions, permissions, register
from mahalleh_site.watch.models import Decision, Method, Run, Sighting, Signal
from tests import clock

ROLES = ("coordinator", "officer", "social-worker", "partner", "analyst", "auditor", "administrator")
WEEK, EXPIRY = timedelta(weeks=1), timedelta(days=28)
NOW = clock.TODAY
MONDAY = NOW - timedelta(days=NOW.weekday()) - 2 * WEEK  # the first day of the period that is looked at
TODAY = MONDAY + WEEK + timedelta(days=1)  # the day of the look; what it opens still waits now
ID = "street-lighting-m01-2026-10-19"
REASON = "Three lamps along the canal are dark."
GOOD = {"verb": "watch", "reason": REASON, "considered": ["lighting"]}


@pytest.fixture
def method(city):
    """The watch's entry of the register, complete and in use."""
    entry = dict(register.entries()["watch"])
    entry["errors"] = {"rate": 2.0, "false_a_year": 2.1}
    entry["expires_on"] = date(2999, 1, 1)
    return actions.register_method(by="system:test", id="watch", entry=entry)


@pytest.fixture
def areas(city):
    """Ids of four neighbourhoods."""
    from mahalleh_site.places.models import Area

    return tuple(Area.objects.order_by("pk").values_list("pk", flat=True)[:4])


@pytest.fixture
def signal(method, areas):
    """A signal that one look has opened."""
    look([seen(areas[:2])])
    return Signal.objects.get()


def seen(areas, id=ID, **changes):
    """A rise as a look hands it over: 61 reports where 27 were expected, once in 300 weeks."""
    one = actions.Seen(
        id=id,
        topic="street-lighting",
        areas=tuple(areas),
        start=MONDAY - WEEK,
        end=MONDAY + WEEK,
        observed=61,
        expected=27.0,
        ratio=16.5,
        p_value=1 / 300,
        recurrence=300.0,
        seed=2**53 - 1,
    )
    return replace(one, **changes)


def look(found, *, start=MONDAY, today=TODAY, live=True, evidence=()):
    facts = {
        "method_id": "watch",
        "freq": "W",
        "start": start,
        "end": start + WEEK,
        "as_of": start + WEEK + timedelta(days=1),
        "live": live,
        "data_version": "d" * 64,
        "model_version": "0.2.0+abcdef01",
        "parameters": {"rate": 2.0, "model": "negative-binomial", "replicates": 999},
        "state": {"open": [one.id for one in found]},
        "topics": {"street-lighting": "regression"},
        "started_at": datetime(2026, 11, 3, 3, tzinfo=UTC),
    }
    return actions.record_look(by="system:watch", facts=facts, seen=found, evidence=evidence, today=today)


def account(role) -> User:
    return User.objects.get(email=f"{role}@demo.invalid")


def logged(verb) -> list[str]:
    """What was done with a verb, the oldest first, by the audit log."""
    return list(AuditEntry.objects.filter(verb=verb).order_by("number").values_list("object", flat=True))


def test_look__opens_a_signal_that_waits_28_days(signal, areas):
    assert (signal.status, signal.live) == ("open", True)
    assert signal.opened_on == TODAY
    assert signal.expires_on == TODAY + EXPIRY
    assert signal.areas_order == list(areas[:2])
    assert {area.pk for area in signal.areas.all()} == set(areas[:2])
    assert (signal.observed, signal.expected, signal.recurrence) == (61, 27.0, 300.0)
    assert signal.sightings.get().seed == 2**53 - 1
    run = Run.objects.get()
    assert (run.opened, run.seen, run.state) == (1, 1, {"open": [ID]})
    assert logged("watch-run") == [f"W {MONDAY}"]
    assert logged("open-signal") == [ID]


def test_look__counts_the_time_to_decide_from_when_it_was_done(method, areas):
    """A look that was done ten days late gives people as long as any other."""
    late = TODAY + timedelta(days=10)
    look([seen(areas)], today=late)
    assert Signal.objects.get().expires_on == late + EXPIRY


def test_look__over_the_past_opens_what_ran_out_before_anyone_was_asked(method, areas):
    look([seen(areas)], today=TODAY + EXPIRY, live=False)
    signal = Signal.objects.get()
    assert (signal.status, signal.live, signal.opened_on) == ("expired", False, TODAY)


def test_look__over_the_near_past_leaves_the_days_that_remain(method, areas):
    look([seen(areas)], today=TODAY + EXPIRY - timedelta(days=1), live=False)
    signal = Signal.objects.get()
    assert (signal.status, signal.live, signal.expires_on) == ("open", True, TODAY + EXPIRY)


def test_look__that_sees_a_signal_again_brings_its_figures_and_areas_up_to_date(signal, areas):
    again = seen(areas[1:4], end=MONDAY + 2 * WEEK, observed=102, expected=41.2, burst=True)
    run = look([again], start=MONDAY + WEEK, today=TODAY + WEEK)
    signal.refresh_from_db()
    assert (run.opened, run.seen) == (0, 1)
    assert (signal.observed, signal.expected, signal.burst) == (102, 41.2, True)
    assert {area.pk for area in signal.areas.all()} == set(areas[1:4])
    assert signal.areas_order == list(areas[1:4])
    assert (signal.opened_on, signal.expires_on) == (TODAY, TODAY + EXPIRY)
    assert [sighting.areas for sighting in signal.sightings.all()] == [list(areas[1:4]), list(areas[:2])]
    assert logged("open-signal") == [ID]


def test_look__at_an_earlier_period_adds_a_sighting_and_leaves_the_newest_figures(signal, areas):
    look([seen(areas[:1], observed=12)], start=MONDAY - WEEK, live=False)
    signal.refresh_from_db()
    assert (signal.observed, signal.areas.count(), signal.sightings.count()) == (61, 2, 2)


@pytest.mark.parametrize("status", Signal.Status.values)
def test_look__never_moves_a_signal_that_stands(signal, areas, status):
    """Guard-rail 5: a method opens, people move."""
    Signal.objects.update(status=status)
    look([seen(areas, observed=500, recurrence=9e9)], start=MONDAY + WEEK)
    look([], start=MONDAY + 2 * WEEK, today=TODAY + 99 * EXPIRY)
    assert Signal.objects.get().status == status


def test_look__keeps_the_first_lead_and_the_newest_evidence(signal):
    point = {"start": "2026-10-26", "end": "2026-11-02", "observed": 9}
    for weeks, lead in enumerate([None, 3, 5], start=1):
        known = actions.Evidence(signal_id=ID, curve=[point] * weeks, nearby=[], lead=lead)
        look([], start=MONDAY + weeks * WEEK, evidence=[known])
    signal.refresh_from_db()
    assert (signal.lead, len(signal.curve)) == (3, 3)


def test_look__at_a_period_that_was_looked_at_is_refused_whole(signal, areas):
    with pytest.raises(IntegrityError), transaction.atomic():
        look([seen(areas, id="another")])
    assert (Run.objects.count(), Signal.objects.count(), Sighting.objects.count()) == (1, 1, 1)


def test_look__that_breaks_in_the_middle_leaves_nothing(method, areas):
    before = AuditEntry.objects.count()
    with pytest.raises(IntegrityError), transaction.atomic():
        look([seen(areas), seen(areas, id="broken", observed=None)])
    assert (Run.objects.count(), Signal.objects.count(), AuditEntry.objects.count()) == (0, 0, before)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"switched_on": False}, "off"),
        ({"expires_on": date(2026, 1, 1)}, "expired"),
        ({"errors": {}}, "incomplete"),
        ({"errors": {"rate": 2.0}}, "incomplete"),
        ({"owner": {"en": "Somebody", "fa": " "}}, "incomplete"),
        ({"reviewed_on": None}, "incomplete"),
    ],
)
def test_look__is_refused_while_the_register_does_not_allow_it(method, areas, change, code):
    """Guard-rail 9."""
    Method.objects.filter(pk="watch").update(**change)
    with pytest.raises(actions.NotInUseError) as refused:
        look([seen(areas)])
    assert refused.value.faults[0].code == f"watching.{code}"
    assert "Nothing was computed." in str(refused.value)
    assert (Run.objects.count(), Signal.objects.count()) == (0, 0)


def test_look__is_refused_without_an_entry(city, areas):
    with pytest.raises(actions.NotInUseError) as refused:
        look([seen(areas)])
    assert refused.value.faults[0].code == "watching.absent"


@pytest.mark.parametrize("role", ROLES)
def test_decide__is_for_coordinators(signal, role):
    if role == "coordinator":
        actions.decide(by=account(role), id=ID, **GOOD)
        assert Signal.objects.get().status == "watching"
        return
    with pytest.raises(Refused):
        actions.decide(by=account(role), id=ID, **GOOD)
    assert (Signal.objects.get().status, Decision.objects.count()) == ("open", 0)


def test_decide__is_kept_under_the_role_that_decides(signal):
    """Whoever was a coordinator elsewhere once, and is an analyst too, decides as the coordinator of here."""
    who = account("coordinator")
    held = who.memberships.get()
    elsewhere = Organisation.objects.exclude(pk=held.organisation_id).first()
    for role, ended in (("analyst", None), ("coordinator", held.since)):
        more = Membership.objects.create(user=who, organisation=elsewhere, role=role, ended_at=ended)
        Membership.objects.filter(pk=more.pk).update(since=held.since - 99 * WEEK)
    decision = actions.decide(by=who, id=ID, **GOOD)
    assert (decision.role, decision.organisation) == ("coordinator", held.organisation)


def test_decide__is_not_for_an_account_that_is_closed(signal):
    coordinator = account("coordinator")
    coordinator.is_active = False
    with pytest.raises(Refused):
        actions.decide(by=coordinator, id=ID, **GOOD)


@pytest.mark.parametrize("role", ROLES)
def test_permissions__are_those_of_the_table(city, role):
    staff = role in ("coordinator", "analyst", "auditor")
    who = account(role)
    assert permissions.see_signals(who) is permissions.see_calibration(who) is staff
    assert permissions.decide_signals(who) is (role == "coordinator")


@pytest.mark.parametrize(
    ("verb", "status"), [("watch", "watching"), ("dismiss", "dismissed"), ("open_problem", "problem")]
)
def test_decide__moves_the_signal_and_says_who_decided_as_what(signal, verb, status):
    decision = actions.decide(by=account("coordinator"), id=ID, **GOOD | {"verb": verb}, other=" A walk ")
    signal.refresh_from_db()
    assert signal.status == status
    assert (decision.verb, decision.before, decision.reason) == (verb, "open", REASON)
    assert (decision.considered, decision.other) == (["lighting"], "A walk")
    assert (decision.by, decision.role) == (account("coordinator"), "coordinator")
    entry = AuditEntry.objects.first()
    assert (entry.verb, entry.object, entry.facts) == ("decide-signal", ID, {"verb": verb, "before": "open"})
    assert entry.by == f"user:{decision.by.pk}"


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": ""},
        {"reason": "  because  "},
        {"considered": []},
        {"considered": ["", " "]},
        {"verb": "assign"},
        {"verb": "expire"},
    ],
)
def test_decide__wants_a_reason_an_option_and_a_known_verb(signal, wrong):
    with pytest.raises(NotAllowedError):
        actions.decide(by=account("coordinator"), id=ID, **GOOD | wrong)
    assert (Signal.objects.get().status, Decision.objects.count()) == ("open", 0)
    assert logged("decide-signal") == []


def test_decide__follows_the_state_as_it_stands_now(signal):
    coordinator = account("coordinator")
    for verb in ("dismiss", "watch", "watch", "open_problem"):
        actions.decide(by=coordinator, id=ID, **GOOD | {"verb": verb})
    for verb in ("watch", "dismiss", "open_problem"):
        with pytest.raises(NotAllowedError):
            actions.decide(by=coordinator, id=ID, **GOOD | {"verb": verb})
    kept = list(Decision.objects.values_list("before", "verb"))
    assert kept == [
        ("watching", "open_problem"),
        ("watching", "watch"),
        ("dismissed", "watch"),
        ("open", "dismiss"),
    ]


def test_decide__late_says_that_the_signal_had_run_out(signal):
    """Pages show it as expired from its day on, whether or not the loop has come round since."""
    Signal.objects.update(expires_on=NOW)
    decision = actions.decide(by=account("coordinator"), id=ID, **GOOD)
    assert (decision.before, Signal.objects.get().status) == ("expired", "watching")
    assert AuditEntry.objects.first().facts["before"] == "expired"


def test_decision__stays_as_it_was_made(signal):
    decision = actions.decide(by=account("coordinator"), id=ID, **GOOD)
    for change in (
        decision.save,
        decision.delete,
        Decision.objects.all().delete,
        lambda: Decision.objects.update(reason="Another reason."),
        lambda: Decision.objects.bulk_update([decision], ["reason"]),
    ):
        with pytest.raises(TypeError, match="stays as it was made"):
            change()
    with pytest.raises(models.ProtectedError):
        signal.delete()
    assert Decision.objects.get().reason == REASON


def test_expire__lets_open_signals_run_out_on_their_day(signal, areas):
    look([seen(areas, id="younger")], start=MONDAY + WEEK, today=TODAY + WEEK)
    assert actions.expire(by="system:watch", today=TODAY + EXPIRY - timedelta(days=1)) == []
    assert actions.expire(by="system:watch", today=TODAY + EXPIRY) == [ID]
    assert actions.expire(by="system:watch", today=TODAY + EXPIRY) == []
    assert dict(Signal.objects.values_list("id", "status")) == {ID: "expired", "younger": "open"}
    assert logged("expire-signal") == [ID]


def test_expire__leaves_what_somebody_decided_on(signal):
    actions.decide(by=account("coordinator"), id=ID, **GOOD)
    assert actions.expire(by="system:watch", today=TODAY + 10 * EXPIRY) == []
    assert Signal.objects.get().status == "watching"


def test_join__makes_one_of_two_and_keeps_the_later_with_its_decisions(signal, areas):
    before = seen(areas[2:4], id="earlier", start=MONDAY - 3 * WEEK, end=MONDAY)
    look([before], start=MONDAY - WEEK, today=TODAY + EXPIRY, live=False)
    actions.decide(by=account("coordinator"), id=ID, **GOOD)
    actions.join_signals(by="system:watch", earlier="earlier", later=ID)
    joined = Signal.objects.get()
    assert (joined.id, joined.status, joined.decisions.count()) == (ID, "watching", 1)
    assert joined.first_start == MONDAY - 3 * WEEK
    assert joined.opened_on == TODAY - WEEK
    assert (joined.sightings.count(), joined.observed) == (2, 61)
    assert logged("join-signals") == [ID]


def test_join__leaves_both_where_the_earlier_was_decided_on(signal, areas):
    look([seen(areas, id="earlier")], start=MONDAY - WEEK)
    actions.decide(by=account("coordinator"), id="earlier", **GOOD)
    actions.join_signals(by="system:watch", earlier="earlier", later=ID)
    assert Signal.objects.count() == 2
    assert logged("join-signals") == []


def test_verbs__all_have_words_for_the_audit_log():
    from pathlib import Path

    from mahalleh_site.people import audit_wording

    written = set(re.findall(r'verb="([a-z-]+)"', Path(actions.__file__).read_text(encoding="utf-8")))
    assert len(written) == 7
    assert {verb for verb in written if audit_wording.verb(verb) == verb} == set()
