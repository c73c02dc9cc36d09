"""Nobody reads for the police and for others too, and no organisation crosses that line with its keys."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone

from mahalleh_site.people import actions, audit, demo, permissions, refusals
from mahalleh_site.people.keys import actions as key_actions
from mahalleh_site.people.keys import holding
from mahalleh_site.people.models import (
    AuditEntry,
    KeyShare,
    Membership,
    Organisation,
    OrganisationKey,
    User,
)
from mahalleh_site.people.permissions import NotAllowedError
from mahalleh_site.people.refusals import ForbiddenError, written_down
from tests.site.people.test_accounts import member, office, signed_in

__all__ = ["office"]  # a fixture
pytestmark = pytest.mark.django_db
BY = "system:test"
PASSWORD = demo.OPEN_TO_ALL


def home(kind, name="Home") -> Organisation:
    return actions.save_organisation(by=BY, name_fa=name, name_en=name, kind=kind)


def person(organisation=None, role="") -> User:
    """An account with a key, and perhaps a role."""
    user = User.objects.create(email=f"u{User.objects.count()}@city.example", name="Somebody")
    if organisation is not None:
        actions.give_role(by=BY, user=user, organisation=organisation, role=role)
    key_actions.make_key(by=user, password=PASSWORD)
    return user


def turn(organisation, kind) -> Organisation:
    return actions.save_organisation(
        by=BY, name_fa="x", name_en="x", kind=kind, organisation=Organisation.objects.get(pk=organisation.pk)
    )


def newest() -> AuditEntry:
    found = AuditEntry.objects.order_by("-number").first()
    assert found is not None
    return found


def left(user, days) -> None:
    """The police role of somebody ended so many days ago."""
    Membership.objects.filter(user=user).update(ended_at=timezone.now() - timedelta(days=days))


# --- organisations


@pytest.mark.parametrize("kind", ["ngo", "counselling", "other"])
def test_police__with_keys_stays_police_and_the_refusal_is_written_down(kind, settings, tmp_path):
    settings.VAR = tmp_path
    police = home("police")
    user = person(police, "officer")
    actions.end_role(
        by=BY, membership=Membership.objects.get(user=user)
    )  # nobody is an officer here any more
    assert OrganisationKey.objects.filter(organisation=police).exists()
    before = AuditEntry.objects.count()
    with pytest.raises(ForbiddenError):
        turn(police, kind)
    assert Organisation.objects.get(pk=police.pk).kind == "police"
    entry = newest()
    assert AuditEntry.objects.count() == before + 1
    assert (entry.verb, entry.object) == ("refused-organisation", f"organisation:{police.pk}")
    assert entry.facts == {"from": "police", "kind": kind}
    audit.follow()  # no test commits, and only then is the head outside led on
    assert audit.verify().broken_at is None


def test_organisation_with_keys__does_not_become_police():
    centre = home("university")
    person(centre, "coordinator")
    with pytest.raises(ForbiddenError):
        turn(centre, "police")
    assert newest().verb == "refused-organisation"


def test_organisation__of_the_wrong_kind_by_mistake_can_be_put_right_while_it_has_nothing():
    assert turn(home("police"), "ngo").kind == "ngo"
    assert turn(home("ngo"), "police").kind == "police"


def test_organisation_with_keys__changes_among_the_kinds_that_are_not_police():
    centre = home("ngo")
    person(centre, "partner")
    assert turn(centre, "counselling").kind == "counselling"


def test_organisation__whose_member_reads_elsewhere_does_not_become_police():
    unit, ngo = home("other"), home("ngo", "NGO")
    user = person(ngo, "partner")
    actions.give_role(by=BY, user=user, organisation=unit, role="analyst")
    with pytest.raises(ForbiddenError):
        turn(unit, "police")


def test_roles_given_before_an_organisation_becomes_police__count_from_then_on():
    unit, ngo = home("other"), home("ngo", "NGO")
    user = person(unit, "analyst")
    turn(unit, "police")
    with pytest.raises(ForbiddenError):
        actions.give_role(by=BY, user=user, organisation=ngo, role="partner")


def test_page_of_an_organisation__says_why_and_keeps_its_kind(office):
    """A form changes the object that it was given before the action sees it."""
    admin, secret = member(office, "administrator")
    police = home("police")
    person(police, "officer")
    client = signed_in(admin.email, secret)
    told = {"name_fa": "x", "name_en": "x", "kind": "ngo"}
    answer = client.post(reverse("change-organisation", args=[police.pk]), told)
    assert answer.status_code == 200
    assert Organisation.objects.get(pk=police.pk).kind == "police"
    assert (newest().verb, newest().by) == ("refused-organisation", f"user:{admin.pk}")


# --- people


@pytest.mark.parametrize("role", ["partner", "social-worker"])
def test_member_of_the_police__is_made_nothing_that_reads_as_others_do(role):
    police = home("police")
    user = person(police, "officer")
    with pytest.raises(ForbiddenError):
        actions.give_role(by=BY, user=user, organisation=police, role=role)
    assert newest().verb == "refused-role"
    held = Membership.objects.get(user=user)
    with pytest.raises(ForbiddenError):
        actions.change_role(by=BY, membership=held, role=role)
    assert Membership.objects.get(user=user).role == "officer"


@pytest.mark.parametrize("role", ["partner", "social-worker", "coordinator"])
@pytest.mark.parametrize("days", [None, 1, 364])
def test_police_role__now_or_within_a_year_keeps_from_reading_elsewhere(role, days):
    user, ngo = person(home("police"), "officer"), home("ngo", "NGO")
    if days is not None:
        left(user, days)
    with pytest.raises(ForbiddenError):
        actions.give_role(by=BY, user=user, organisation=ngo, role=role)
    assert not Membership.objects.filter(user=user, organisation=ngo).exists()
    entry = newest()
    assert (entry.verb, entry.object) == ("refused-role", f"user:{user.pk}")
    assert entry.facts == {"organisation": ngo.pk, "role": role}


def test_police_role__of_more_than_a_year_ago_counts_no_more():
    user, ngo = person(home("police"), "officer"), home("ngo", "NGO")
    left(user, 366)
    actions.give_role(by=BY, user=user, organisation=ngo, role="partner")
    assert KeyShare.objects.filter(user=user, key__organisation=ngo).count() == 2


def test_who_reads_for_others__is_given_no_role_in_the_police_until_that_ends():
    ngo, police = home("ngo", "NGO"), home("police")
    user = person(ngo, "partner")
    for role in ("officer", "analyst"):
        with pytest.raises(ForbiddenError):
            actions.give_role(by=BY, user=user, organisation=police, role=role)
    actions.end_role(by=BY, membership=Membership.objects.get(user=user))
    actions.give_role(by=BY, user=user, organisation=police, role="officer")
    assert {key.key.organisation for key in KeyShare.objects.filter(user=user)} == {police}


def test_invitation__of_a_police_member_is_refused_and_written_down_once():
    user, ngo = person(home("police"), "officer"), home("ngo", "NGO")
    before = AuditEntry.objects.count()
    with pytest.raises(ForbiddenError):
        actions.invite(by=BY, email=user.email.upper(), name="Another", organisation=ngo, role="partner")
    assert AuditEntry.objects.count() == before + 1


def test_invitation__of_a_partner_in_the_police_makes_no_account():
    police = home("police")
    with pytest.raises(ForbiddenError):
        actions.invite(by=BY, email="new@city.example", name="New", organisation=police, role="partner")
    assert not User.objects.filter(email="new@city.example").exists()
    assert (newest().verb, newest().object) == ("refused-role", f"organisation:{police.pk}")


def slipped(user, organisation, role="partner") -> Membership:
    """A role that came about past all rules, as before they were made."""
    return Membership.objects.create(user=user, organisation=organisation, role=role)


@pytest.mark.parametrize("purpose", ["reports", "help"])
def test_police_role__opens_nothing_elsewhere_by_whatever_way_the_role_came(purpose):
    ngo, user = home("ngo", "NGO"), person(home("police"), "officer")
    colleague = person(ngo, "partner")
    slipped(user, ngo)
    assert user not in holding.entitled(ngo, purpose)
    assert [each.name for each in holding.organisations(user)] == ["Home"]
    key_actions.settle(by=BY, organisation=ngo)
    member_key = holding.open_key(colleague, PASSWORD)
    assert holding.newcomers(colleague) == []
    key_actions.grant(by=colleague, member_key=member_key, user=user, organisation=ngo)
    key_actions.make_key(by=user, password=PASSWORD)
    assert not KeyShare.objects.filter(user=user, key__organisation=ngo).exists()


def test_police_role__takes_shares_that_somebody_held_elsewhere():
    ngo, police = home("ngo", "NGO"), home("police")
    user, colleague = person(ngo, "partner"), person(ngo, "partner")
    member_key = holding.open_key(user, PASSWORD)
    key_actions.grant(by=user, member_key=member_key, user=colleague, organisation=ngo)
    Membership.objects.create(user=user, organisation=police, role="officer", in_police=True)
    key_actions.settle(by=BY, organisation=ngo)
    in_use = OrganisationKey.objects.filter(organisation=ngo, retired_on=None)
    assert {share.user for key in in_use for share in key.shares.all()} == {colleague}
    assert not KeyShare.objects.filter(user=user, key__organisation=ngo).exists()


def test_role_in_an_organisation_that_was_police__still_counts():
    unit, ngo = home("police"), home("ngo", "NGO")
    user = User.objects.create(email="was@city.example", name="Was")
    actions.give_role(by=BY, user=user, organisation=unit, role="analyst")
    turn(unit, "university")
    with pytest.raises(ForbiddenError):
        actions.give_role(by=BY, user=user, organisation=ngo, role="partner")


# --- refusals


def test_refusal__inside_another_transaction_is_not_lost_in_silence(monkeypatch):
    """What would be rolled back with somebody else's deed is an error of the program, said loudly."""
    asked = {}

    @contextlib.contextmanager
    def atomic(**how):
        asked.update(how)
        yield

    @written_down
    def deed():
        raise ForbiddenError("no", by=BY, verb="refused-role", object="user:1", facts={})

    monkeypatch.setattr(refusals, "transaction", SimpleNamespace(atomic=atomic))
    monkeypatch.setattr(refusals.audit, "record", lambda **entry: None)
    with pytest.raises(ForbiddenError):
        deed()
    assert asked == {"durable": True}


def test_other_refusals__are_not_written_down():
    before = AuditEntry.objects.count()
    with pytest.raises(NotAllowedError):
        actions.give_role(by=BY, user=person(), organisation=home("ngo"), role="officer")
    assert AuditEntry.objects.filter(verb__startswith="refused").count() == 0
    assert AuditEntry.objects.count() > before


@pytest.mark.parametrize("role", ["auditor", "analyst", "coordinator"])
def test_police__sees_no_exact_count_and_no_audit_log_in_whatever_role(role):
    """Careful topics stand in both, and residents are told that no officer knows of them without a tick."""
    unit = home("police")
    at_home = person(unit, role)
    assert not permissions.see_exact_counts(at_home)
    assert not permissions.read_audit(at_home)
    left(at_home, 100)
    elsewhere = home("university")
    actions.give_role(by=BY, user=at_home, organisation=elsewhere, role="auditor")
    assert not permissions.read_audit(at_home)
    assert not permissions.see_exact_counts(at_home)
    Membership.objects.filter(user=at_home, organisation=unit).update(
        ended_at=timezone.now() - timedelta(days=366)
    )
    assert permissions.read_audit(User.objects.get(pk=at_home.pk))
