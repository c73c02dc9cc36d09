"""The ways of an administrator who means harm (threat model): what each gives, and that each is seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mahalleh_site.people import actions
from mahalleh_site.people.keys import actions as key_actions
from mahalleh_site.people.keys import holding, seal
from mahalleh_site.people.models import AuditEntry, KeyShare, User
from tests.site.people.keys.test_actions import centre, end, give, in_use, with_key

__all__ = ["centre"]  # a fixture
pytestmark = pytest.mark.django_db
NEW = "another four quiet words"


@pytest.fixture
def admin(centre) -> User:
    return with_key(centre, "admin", "administrator")


def told(deed: Callable[[], object]) -> list[tuple[str, str]]:
    """What a deed leaves in the audit log: verbs, and who did it."""
    before = AuditEntry.objects.count()
    deed()
    return list(AuditEntry.objects.filter(number__gt=before).order_by("number").values_list("verb", "by"))


def taken_over(admin, victim) -> None:
    """A new link, no second factor, another password; then signing in as that member."""
    actions.renew_link(by=admin, user=victim)
    actions.forget_factors(by=admin, user=victim)
    actions.set_first_password(by=victim, user=victim, password=NEW)


def test_account_that_is_taken_over__opens_no_words_and_every_step_is_seen(centre, admin):
    victim = with_key(centre, "victim")
    me, them = f"user:{admin.pk}", f"user:{victim.pk}"
    seen = told(lambda: taken_over(admin, victim))
    assert seen == [("make-link", me), ("forget-factors", me), ("set-password", them)]
    with pytest.raises(seal.SealError):
        holding.open_key(victim, NEW)


def test_new_key_for_an_account_that_was_taken_over__opens_nothing_until_a_colleague_gives_access(
    centre, admin
):
    victim, colleague = with_key(centre, "victim"), with_key(centre, "colleague")
    give(victim, colleague, centre)
    taken_over(admin, victim)
    seen = told(lambda: key_actions.make_key(by=victim, password=NEW))
    assert seen == [("make-key", f"user:{victim.pk}")]
    assert not KeyShare.objects.filter(user=victim).exists()
    assert [each.user for each in holding.newcomers(colleague)] == [victim]
    assert told(lambda: give(colleague, victim, centre)) == [("give-access", f"user:{colleague.pk}")]


def test_new_account_with_a_reading_role__opens_nothing_and_is_seen(centre, admin):
    with_key(centre, "colleague")
    given = {"email": "new@city.example", "name": "New", "organisation": centre, "role": "partner"}
    seen = told(lambda: actions.invite(by=admin, **given))
    assert seen == [("make-account", f"user:{admin.pk}"), ("give-role", f"user:{admin.pk}")]
    user = User.objects.get(email="new@city.example")
    key_actions.make_key(by=user, password=NEW)
    assert not KeyShare.objects.filter(user=user).exists()


def test_roles_ended_so_that_another_begins_the_key__give_nothing_older_and_are_seen(centre, admin):
    holder, friend = with_key(centre, "holder"), with_key(centre, "friend")
    old = in_use(centre)
    verbs = [verb for verb, _by in told(lambda: end(holder, centre))]
    assert verbs[0] == "end-role"
    key_actions.make_key(by=friend, password=NEW)
    assert AuditEntry.objects.filter(verb="new-key", facts__members=1).exists()
    assert not KeyShare.objects.filter(key=old).exists()
    assert {share.user for share in KeyShare.objects.filter(key=in_use(centre))} == {friend}


def test_organisation__that_is_made_or_changed_is_seen_with_its_kind(admin):
    def named(kind, organisation=None):
        return actions.save_organisation(
            by=admin, name_fa="x", name_en="x", kind=kind, organisation=organisation
        )

    made = named("ngo")
    assert told(lambda: named("counselling", made)) == [("change-organisation", f"user:{admin.pk}")]
    kinds = AuditEntry.objects.filter(verb__endswith="-organisation", object=f"organisation:{made.pk}")
    assert list(kinds.order_by("number").values_list("verb", "facts__kind")) == [
        ("make-organisation", "ngo"),
        ("change-organisation", "counselling"),
    ]
