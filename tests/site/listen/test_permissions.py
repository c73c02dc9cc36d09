"""Who knows of which report: by role, organisation, topic, the resident's leave and the mark “private”."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mahalleh_site.listen import permissions
from mahalleh_site.listen.desk.actions import handling, setup
from mahalleh_site.listen.models import Envelope, Report, Route
from mahalleh_site.listen.queries import routing
from mahalleh_site.people.actions import end_role, give_role, save_organisation
from mahalleh_site.people.keys import holding
from mahalleh_site.people.models import Membership, Organisation, User
from mahalleh_site.people.permissions import Refused
from mahalleh_site.people.refusals import ForbiddenError
from mahalleh_site.places.models import Topic
from mahalleh_site.sealed import sealing

READERS = ("coordinator", "officer", "social-worker", "partner")
OTHERS = ("analyst", "auditor", "administrator")


def knows(town, role):
    """The topics of the reports that somebody knows of."""
    return set(permissions.visible(town.people[role]).values_list("topic", flat=True))


def seen_by(town, report):
    return {role for role in town.people if permissions.visible(town.people[role]).filter(pk=report.pk)}


def give_envelope(report, home, purpose):
    """As a fault would: the report's key, whatever it is, sealed to an organisation."""
    given = holding.current([home], purpose)
    Envelope.objects.bulk_create(sealing.envelopes(report, b"k" * 32, given))


def test_room__is_for_those_who_read_reports(town):
    assert {role for role in town.people if permissions.see_reports(town.people[role])} == set(READERS)
    assert {role for role in town.people if permissions.manage_routes(town.people[role])} == {"coordinator"}
    with pytest.raises(Refused):
        permissions.check_see_reports(town.people["auditor"])


@pytest.mark.parametrize(
    ("topic", "readers"),
    [
        ("lighting", {"coordinator"}),
        ("theft", {"coordinator", "officer"}),
        ("quarrel", {"coordinator", "partner"}),
        ("harm", {"social-worker"}),
    ],
)
def test_report__is_known_to_its_receiver_and_unless_sealed_to_coordinators(town, send, topic, readers):
    assert seen_by(town, send(topic).report) == readers


def test_report__of_others_is_refused_to_whoever_knows_of_reports_of_their_own(town, send):
    officer = town.people["officer"]
    permissions.check_see_report(officer, send("theft").report)
    with pytest.raises(Refused):
        permissions.check_see_report(officer, send("quarrel").report)


@pytest.mark.parametrize("leave", [False, True])
def test_careful__reaches_an_officer_with_the_residents_leave_alone(town, send, leave):
    setup.add_route(
        by="system:test", organisation=town.homes["police"], topic=Topic.objects.get(pk="quarrel")
    )
    user = User.objects.create(email="c@police.example", name="C")
    give_role(by="system:test", user=user, organisation=town.homes["police"], role="coordinator")
    report = send("quarrel", police_may_read=leave).report
    homes = set(report.envelopes.values_list("organisation__kind", flat=True))
    assert homes == {"municipality", "ngo"} | ({"police"} if leave else set())
    assert ("officer" in seen_by(town, report)) is leave
    assert permissions.visible(user).filter(pk=report.pk).exists() is leave
    assert report.lead == town.homes["ngo"]


def test_careful__is_hidden_from_an_officer_even_where_the_police_hold_an_envelope(town, send):
    report = send("quarrel").report
    give_envelope(report, town.homes["police"], "reports")
    assert "officer" not in seen_by(town, report)


def test_careful__that_only_the_police_receive_is_not_offered(town):
    quarrel = Topic.objects.get(pk="quarrel")
    assert quarrel in routing.offered()
    Route.objects.filter(topic=quarrel).delete()
    setup.add_route(by="system:test", organisation=town.homes["police"], topic=quarrel)
    assert quarrel not in routing.offered()
    assert quarrel in routing.unheard()


@pytest.mark.parametrize("leave", [False, True])
def test_sealed__reaches_an_officer_with_the_residents_leave_alone(town, send, leave):
    harm = Topic.objects.get(pk="harm")
    setup.add_route(by="system:test", organisation=town.homes["police"], topic=harm)
    report = send("harm", police_may_read=leave).report
    assert report.envelopes.filter(organisation=town.homes["police"]).exists() is leave
    assert seen_by(town, report) == ({"social-worker", "officer"} if leave else {"social-worker"})


def test_sealed__is_unknown_to_an_officer_even_where_the_police_hold_an_envelope(town, send):
    report = send("harm").report
    give_envelope(report, town.homes["police"], "help")
    assert "officer" not in seen_by(town, report)
    partner = town.people["partner"]
    give_role(by="system:test", user=partner, organisation=town.homes["municipality"], role="coordinator")
    give_envelope(report, town.homes["municipality"], "reports")
    assert seen_by(town, report) == {"social-worker"}


def test_other_role_in_the_police__opens_no_way_round_the_leave(town, send):
    """Whoever belongs to the police does so in whatever role, given by whatever hand."""
    police = town.homes["police"]
    report = send("harm").report
    give_envelope(report, police, "help")
    for role in ("partner", "social-worker", "coordinator"):
        user = User.objects.create(email=f"{role}@police.example", name=role)
        Membership.objects.create(user=user, organisation=police, role=role, in_police=True)
        assert not permissions.visible(user).filter(pk=report.pk).exists(), role


def test_role_in_the_police_within_a_year__knows_of_nothing_sealed_elsewhere(town, send):
    report, user = send("harm").report, town.people["social-worker"]
    assert permissions.visible(user).filter(pk=report.pk).exists()
    Membership.objects.create(
        user=user,
        organisation=town.homes["police"],
        role="officer",
        in_police=True,
        ended_at=timezone.now() - timedelta(days=364),
    )
    assert not permissions.visible(user).filter(pk=report.pk).exists()
    Membership.objects.filter(user=user, role="officer").update(ended_at=timezone.now() - timedelta(days=366))
    assert permissions.visible(user).filter(pk=report.pk).exists()


@pytest.mark.parametrize("what", ["route", "envelope"])
def test_organisation_that_receives__does_not_become_police(town, send, what):
    """With a route or an envelope and no key of its own: what comes later would be the police's."""
    home = save_organisation(by="system:test", name_fa="x", name_en="x", kind="other")
    if what == "route":
        setup.add_route(by="system:test", organisation=home, topic=Topic.objects.get(pk="quarrel"))
    else:
        (envelope,) = send().report.envelopes.all()
        Envelope.objects.filter(pk=envelope.pk).update(organisation=home)
    with pytest.raises(ForbiddenError):
        save_organisation(by="system:test", name_fa="x", name_en="x", kind="police", organisation=home)
    assert Organisation.objects.get(pk=home.pk).kind == "other"


def test_report_of_another_organisation__is_as_if_it_were_not(town, send):
    report = send("theft").report
    for role in ("social-worker", "partner", *OTHERS):
        user = town.people[role]
        assert permissions.visible(user).count() == 0, role
        with pytest.raises(Refused):
            permissions.check_see_report(user, report)
        with pytest.raises(Refused):
            permissions.check_work(user, report)


def test_work__is_for_the_leading_organisation_and_handing_on_for_coordinators_too(town, send):
    report = send("theft").report
    officer, coordinator = town.people["officer"], town.people["coordinator"]
    permissions.check_work(officer, report)
    permissions.check_forward(officer, report)
    permissions.check_forward(coordinator, report)
    with pytest.raises(Refused):
        permissions.check_work(coordinator, report)


def test_forwarded__is_worked_on_by_the_new_one_and_still_known_to_the_old(town, send):
    report = send("theft").report
    officer, member_key = town.people["officer"], town.member_key("officer")
    handling.forward(by=officer, report=report, member_key=member_key, to=town.homes["ngo"], reason="Theirs.")
    report = Report.objects.get()
    assert seen_by(town, report) == {"coordinator", "officer", "partner"}
    assert [permissions.work(town.people[role], report) for role in ("officer", "partner")] == [False, True]


def test_marking_private__is_not_seeing_it(town, send):
    report = send("quarrel").report
    partner = town.people["partner"]
    handling.mark_private(by=partner, report=report, is_private=True)
    assert seen_by(town, report) == {"coordinator"}
    with pytest.raises(Refused):
        handling.mark_private(by=partner, report=report, is_private=False)
    handling.mark_private(by=town.people["coordinator"], report=report, is_private=False)
    assert seen_by(town, report) == {"coordinator", "partner"}


def test_seeing_private__is_not_marking_it(town, send):
    report = send("theft").report
    officer = town.people["officer"]
    with pytest.raises(Refused):
        handling.mark_private(by=officer, report=report, is_private=True)
    handling.mark_private(by=town.people["coordinator"], report=report, is_private=True)
    assert seen_by(town, report) == {"coordinator", "officer"}
    with pytest.raises(Refused):
        handling.mark_private(by=officer, report=report, is_private=False)


def test_private__is_judged_by_the_role_held_where_the_report_is(town, send):
    """A social worker elsewhere who is a partner here does not see private ones here."""
    report = send("quarrel").report
    worker = town.people["social-worker"]
    give_role(by="system:test", user=worker, organisation=town.homes["ngo"], role="partner")
    assert permissions.visible(worker).filter(pk=report.pk).exists()
    handling.mark_private(by=town.people["coordinator"], report=report, is_private=True)
    assert not permissions.visible(worker).filter(pk=report.pk).exists()


def test_role_that_ended__knows_nothing_any_more(town, send):
    send("theft")
    assert knows(town, "officer") == {"theft"}
    membership = Membership.objects.get(user=town.people["officer"], ended_at=None)
    end_role(by="system:test", membership=membership)
    assert knows(town, "officer") == set()


def close(user):
    """The account works no longer; its roles stay as they were."""
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    user.refresh_from_db()


def test_closed_account__works_on_nothing(town, send):
    report, coordinator = send().report, town.people["coordinator"]
    close(coordinator)
    assert not permissions.see_reports(coordinator)
    assert not permissions.manage_routes(coordinator)
    assert not permissions.see_private(coordinator)
    for check in (permissions.check_see_report, permissions.check_work, permissions.check_forward):
        with pytest.raises(Refused):
            check(coordinator, report)


def test_sees_private__asks_for_a_running_role_and_an_open_account(town):
    police, ngo = town.homes["police"], town.homes["ngo"]
    assert permissions.sees_private(police)
    assert not permissions.sees_private(ngo)  # a partner alone
    close(town.people["officer"])
    assert not permissions.sees_private(police)
    worker = Membership.objects.get(user=town.people["social-worker"], ended_at=None)
    assert permissions.sees_private(worker.organisation)
    end_role(by="system:test", membership=worker)
    assert not permissions.sees_private(worker.organisation)


def test_homes__are_those_of_running_roles_that_read(town):
    partner, university = town.people["partner"], town.homes["university"]
    give_role(by="system:test", user=partner, organisation=university, role="analyst")
    assert permissions.homes(partner) == [town.homes["ngo"].pk]
    end_role(by="system:test", membership=Membership.objects.get(user=partner, role="partner", ended_at=None))
    assert permissions.homes(partner) == []


def test_role_elsewhere__lets_nobody_work_on_a_report_that_is_seen_by_another_role(town, send):
    """A coordinator of the municipality who is an analyst in the NGO answers for none of the NGO's."""
    report, coordinator = send("quarrel").report, town.people["coordinator"]
    give_role(by="system:test", user=coordinator, organisation=town.homes["ngo"], role="analyst")
    assert permissions.visible(coordinator).filter(pk=report.pk).exists()
    assert not permissions.work(coordinator, report)


def test_forward__is_for_no_coordinator_who_may_not_see_it(town, send):
    report = send("harm").report
    with pytest.raises(Refused):
        permissions.check_forward(town.people["coordinator"], report)
