"""Who can open what is sealed to an organisation, from the first member to the last one who leaves."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from mahalleh_site.people import actions, audit
from mahalleh_site.people.keys import actions as key_actions
from mahalleh_site.people.keys import holding, seal
from mahalleh_site.people.keys.waiting import waiting
from mahalleh_site.people.models import (
    AuditEntry,
    KeyShare,
    MemberKey,
    Membership,
    Organisation,
    OrganisationKey,
    User,
)
from tests.site import kept as stored

pytestmark = pytest.mark.django_db
PASSWORD = "four quiet words together"
BOX = b"what a resident wrote"


@pytest.fixture
def centre() -> Organisation:
    return actions.save_organisation(by="system:test", name_fa="مرکز", name_en="Centre", kind="counselling")


def member(organisation, name, role="partner") -> User:
    """An account with a role and a password; no key yet."""
    made = actions.invite(
        by="system:test", email=f"{name}@city.example", name=name, organisation=organisation, role=role
    )
    actions.set_first_password(by=made.user, user=made.user, password=PASSWORD)
    return made.user


def with_key(organisation, name, role="partner") -> User:
    """As `member`, with a key that PASSWORD opens."""
    user = member(organisation, name, role)
    key_actions.make_key(by=user, password=PASSWORD)
    return user


def give(by, user, organisation) -> int:
    member_key = holding.open_key(by, PASSWORD)
    return key_actions.grant(by=by, member_key=member_key, user=user, organisation=organisation)


def end(user, organisation) -> None:
    for membership in Membership.objects.filter(user=user, organisation=organisation, ended_at=None):
        actions.end_role(by="system:test", membership=membership)


def change(user, role) -> None:
    held = Membership.objects.get(user=user, ended_at=None)
    actions.change_role(by="system:test", membership=held, role=role)


def in_use(organisation, purpose="reports") -> OrganisationKey:
    return holding.current([organisation], purpose)[0]


def opens(user, key, box) -> bool:
    """Whether a member can open, with the password and what the database holds, a box sealed to a key."""
    held = holding.opened(user, holding.open_key(user, PASSWORD), [key.pk])
    return key.pk in held and seal.open_sealed(box, held[key.pk]) == BOX


# --- beginning


def test_first_member__makes_the_organisations_keys(centre):
    assert holding.current([centre], "reports") == []
    user = with_key(centre, "a")
    for purpose in ("reports", "help"):
        key = in_use(centre, purpose)
        assert opens(user, key, seal.seal(BOX, key.public))


def test_coordinator__opens_reports_and_no_help(centre):
    with_key(centre, "a", "coordinator")
    assert len(holding.current([centre], "reports")) == 1
    assert holding.current([centre], "help") == []


@pytest.mark.parametrize("role", ["administrator", "auditor", "analyst"])
def test_role_that_reads_nothing__begins_no_key_and_holds_no_share(centre, role):
    user = with_key(centre, "a", role)
    assert holding.current([centre], "reports") == []
    with_key(centre, "b")
    key = in_use(centre)
    assert not opens(user, key, seal.seal(BOX, key.public))
    assert not KeyShare.objects.filter(user=user).exists()
    assert holding.newcomers(User.objects.get(name="b")) == []


def test_needs_key__is_asked_of_readers_until_they_have_one(centre):
    reader, clerk = member(centre, "a"), member(centre, "b", "analyst")
    assert holding.needs_key(reader)
    assert not holding.needs_key(clerk)
    key_actions.make_key(by=reader, password=PASSWORD)
    assert not holding.needs_key(reader)


def test_waiting__names_a_colleague_without_access_for_three_days_from_today(centre):
    first = with_key(centre, "a")
    assert list(waiting(first)) == []
    with_key(centre, "b")
    (item,) = waiting(first)
    assert item.due == timezone.localdate() + timedelta(days=3)
    assert f"b ({centre.name})" in item.text


# --- giving access


def test_second_member__opens_nothing_until_a_colleague_gives_access(centre):
    first, second = with_key(centre, "a"), with_key(centre, "b")
    key = in_use(centre)
    box = seal.seal(BOX, key.public)
    assert not opens(second, key, box)
    assert holding.newcomers(first) == [holding.Newcomer(second, centre)]
    assert give(first, second, centre) == 2  # reports and help
    assert opens(second, key, box)
    assert holding.newcomers(first) == []
    assert give(first, second, centre) == 0


def test_grant__gives_what_is_older_too(centre):
    first, leaver = with_key(centre, "a"), with_key(centre, "b")
    old = in_use(centre)
    box = seal.seal(BOX, old.public)
    give(first, leaver, centre)
    end(leaver, centre)
    third = with_key(centre, "c")
    assert give(first, third, centre) == 4  # two purposes, the keys before and after
    assert opens(third, old, box)


def test_grant__gives_each_role_its_purposes_alone(centre):
    first, coordinator = with_key(centre, "a"), with_key(centre, "b", "coordinator")
    assert give(first, coordinator, centre) == 1
    assert set(coordinator.key_shares.values_list("key__purpose", flat=True)) == {"reports"}


def test_grant__by_somebody_with_another_key_fails_and_gives_nothing(centre):
    first, second = with_key(centre, "a"), with_key(centre, "b")
    with pytest.raises(seal.SealError):
        key_actions.grant(by=first, member_key=seal.new_pair().private, user=second, organisation=centre)
    assert not second.key_shares.exists()


def test_grant__by_somebody_without_access_gives_nothing(centre):
    with_key(centre, "a")
    second, third = with_key(centre, "b"), with_key(centre, "c")
    assert holding.newcomers(second) == []
    assert give(second, third, centre) == 0
    assert not third.key_shares.exists()


def test_grant__to_somebody_of_another_organisation_gives_nothing(centre):
    other = actions.save_organisation(by="system:test", name_fa="د", name_en="Other", kind="ngo")
    first, stranger = with_key(centre, "a"), with_key(other, "b")
    assert give(first, stranger, centre) == 0
    assert not KeyShare.objects.filter(user=stranger, key__organisation=centre).exists()


# --- standing or falling whole


@pytest.mark.parametrize("deed", ["make_key", "recover", "grant", "settle"])
def test_deed__that_cannot_be_written_down_changes_nothing(centre, monkeypatch, deed):
    first, second = with_key(centre, "a"), member(centre, "b")
    code = key_actions.make_key(by=second, password=PASSWORD)
    member_key = holding.open_key(first, PASSWORD)
    deeds = {
        "make_key": lambda: key_actions.make_key(by=first, password=PASSWORD),
        "recover": lambda: key_actions.recover(by=second, code=code, password="other quiet words"),
        "grant": lambda: key_actions.grant(by=first, member_key=member_key, user=second, organisation=centre),
        "settle": lambda: key_actions.settle(by="system:test", organisation=centre),
    }
    if deed == "settle":  # the role has ended, and the keys do not follow yet
        Membership.objects.filter(user=first).update(ended_at=timezone.now())
    before = kept()

    def refuse(**_entry):
        raise RuntimeError("the log is full")

    monkeypatch.setattr(audit, "record", refuse)
    with pytest.raises(RuntimeError, match="full"):
        deeds[deed]()
    assert kept() == before


def kept():
    """Every key and share."""
    models = (MemberKey, OrganisationKey, KeyShare)
    return [sorted(map(repr, model.objects.values_list())) for model in models]


# --- leaving


def test_ended_role__takes_the_shares_and_begins_a_new_key_for_those_who_stay(centre):
    stays, leaves = with_key(centre, "a"), with_key(centre, "b")
    give(stays, leaves, centre)
    old = in_use(centre)
    before = seal.seal(BOX, old.public)
    end(leaves, centre)
    new = in_use(centre)
    after = seal.seal(BOX, new.public)
    assert bytes(new.public) != bytes(old.public)
    old.refresh_from_db()
    assert old.retired_on == new.made_on
    assert (opens(stays, old, before), opens(stays, new, after)) == (True, True)
    assert not leaves.key_shares.exists()
    assert holding.opened(leaves, holding.open_key(leaves, PASSWORD), [old.pk, new.pk]) == {}


def test_ended_role__leaves_what_the_leaver_kept_unable_to_open_what_comes_later(centre):
    stays, leaves = with_key(centre, "a"), with_key(centre, "b")
    give(stays, leaves, centre)
    kept = holding.opened(leaves, holding.open_key(leaves, PASSWORD), [in_use(centre).pk])
    end(leaves, centre)
    box = seal.seal(BOX, in_use(centre).public)
    for member_key in (*kept.values(), holding.open_key(leaves, PASSWORD)):
        with pytest.raises(seal.SealError):
            seal.open_sealed(box, member_key)


def test_ended_role__of_somebody_without_access_changes_no_key(centre):
    with_key(centre, "a")
    newcomer = with_key(centre, "b")
    key = in_use(centre)
    end(newcomer, centre)
    assert in_use(centre) == key


def test_ended_role__gives_a_newcomer_nothing(centre):
    stays, leaves, newcomer = (with_key(centre, name) for name in "abc")
    give(stays, leaves, centre)
    end(leaves, centre)
    assert not newcomer.key_shares.exists()


def test_role__from_coordinator_to_partner_and_back_gives_and_takes_help(centre):
    user = with_key(centre, "a", "coordinator")
    change(user, "partner")
    key = in_use(centre, "help")
    assert opens(user, key, seal.seal(BOX, key.public))
    reports = in_use(centre)
    change(user, "coordinator")
    assert not KeyShare.objects.filter(user=user, key__purpose="help").exists()
    assert holding.current([centre], "help") == []  # nobody is left who may open any
    assert in_use(centre) == reports
    assert opens(user, reports, seal.seal(BOX, reports.public))


def test_role__of_a_second_organisation_begins_its_keys_where_it_had_none(centre):
    user = with_key(centre, "a")
    other = actions.save_organisation(by="system:test", name_fa="د", name_en="Other", kind="ngo")
    actions.give_role(by="system:test", user=user, organisation=other, role="partner")
    key = in_use(other)
    assert opens(user, key, seal.seal(BOX, key.public))


def test_two_roles__keep_the_share_until_the_last_one_ends(centre):
    user = with_key(centre, "a")
    held = Membership.objects.get(user=user)
    actions.give_role(by="system:test", user=user, organisation=centre, role="social-worker")
    key = in_use(centre)
    actions.end_role(by="system:test", membership=held)
    assert opens(user, key, seal.seal(BOX, key.public))
    assert in_use(centre) == key


def test_closed_account__loses_its_shares_and_is_a_newcomer_when_it_opens_again(centre):
    stays, closed = with_key(centre, "a"), with_key(centre, "b")
    give(stays, closed, centre)
    old = in_use(centre)
    actions.set_active(by="system:test", user=closed, active=False)
    assert not closed.key_shares.exists()
    assert in_use(centre) != old
    actions.set_active(by="system:test", user=closed, active=True)
    assert not closed.key_shares.exists()
    assert holding.newcomers(stays) == [holding.Newcomer(closed, centre)]


def test_erased_account__has_no_key_any_more(centre):
    user = with_key(centre, "a")
    actions.set_active(by="system:test", user=user, active=False)
    actions.erase_account(by="system:test", user=User.objects.get(pk=user.pk))
    assert not MemberKey.objects.filter(user=user).exists()
    assert not KeyShare.objects.filter(user=user).exists()
    with pytest.raises(seal.SealError):
        holding.open_key(User.objects.get(pk=user.pk), PASSWORD)


def test_all_holders_gone__the_next_member_begins_anew_and_nobody_opens_what_was_before(centre):
    first, second = with_key(centre, "a"), with_key(centre, "b")  # the second never got access
    old = in_use(centre)
    box = seal.seal(BOX, old.public)
    end(first, centre)
    new = in_use(centre)
    assert opens(second, new, seal.seal(BOX, new.public))
    assert not KeyShare.objects.filter(key=old).exists()
    for user in (first, second):
        assert not opens(user, old, box)


def test_all_gone__no_key_is_in_use_until_somebody_has_one_again(centre):
    end(with_key(centre, "a"), centre)
    assert holding.current([centre], "reports") == []
    member(centre, "b")
    assert holding.current([centre], "reports") == []
    key_actions.make_key(by=User.objects.get(name="b"), password=PASSWORD)
    assert len(holding.current([centre], "reports")) == 1


# --- forgotten and changed passwords


def test_changed_password__opens_the_key_and_the_old_one_no_longer(centre):
    user = with_key(centre, "a")
    member_key = holding.open_key(user, PASSWORD)
    key_actions.follow_password(by=user, old=PASSWORD, new="another four quiet words")
    assert holding.open_key(user, "another four quiet words") == member_key
    with pytest.raises(seal.SealError):
        holding.open_key(user, PASSWORD)


def test_changed_password__with_a_wrong_old_one_changes_nothing(centre):
    user = with_key(centre, "a")
    with pytest.raises(seal.SealError):
        key_actions.follow_password(by=user, old="wrong", new="another four quiet words")
    assert holding.open_key(user, PASSWORD)
    key_actions.follow_password(by=member(centre, "b"), old="wrong", new="right")  # has no key: nothing to do


def test_recovery_code__opens_the_key_once_and_gives_a_new_one(centre):
    user = member(centre, "a")
    code = key_actions.make_key(by=user, password=PASSWORD)
    key = in_use(centre)
    box, member_key = seal.seal(BOX, key.public), holding.open_key(user, PASSWORD)
    found, renewed = key_actions.recover(
        by=user, code=seal.grouped(code).lower(), password="set anew by a link"
    )
    assert found == member_key == holding.open_key(user, "set anew by a link")
    assert seal.open_sealed(box, holding.opened(user, found, [key.pk])[key.pk]) == BOX
    assert renewed != code
    with pytest.raises(seal.SealError):
        key_actions.recover(by=user, code=code, password="x")
    assert key_actions.recover(by=user, code=renewed, password=PASSWORD)[0] == member_key


@pytest.mark.parametrize("wrong", ["", "no code", "7KQ2-M0ZD-9ABC-3FGH-4JKN-PRST", PASSWORD])
def test_recovery__with_another_code_changes_nothing(centre, wrong):
    user = with_key(centre, "a")
    with pytest.raises(seal.SealError):
        key_actions.recover(by=user, code=wrong, password="another")
    assert holding.open_key(user, PASSWORD)


def test_recovery_code__of_a_colleague_opens_nothing(centre):
    first, second = member(centre, "a"), with_key(centre, "b")
    code = key_actions.make_key(by=first, password=PASSWORD)
    with pytest.raises(seal.SealError):
        key_actions.recover(by=second, code=code, password=PASSWORD)


def test_wrapped_key__put_into_a_colleagues_row_opens_for_nobody(centre):
    first, second = with_key(centre, "a"), with_key(centre, "b")
    stolen = MemberKey.objects.get(user=first)
    MemberKey.objects.filter(user=second).update(by_password=stolen.by_password, public=stolen.public)
    with pytest.raises(seal.SealError):
        holding.open_key(second, PASSWORD)  # though both have the same password


def test_password_set_anew__without_the_code_loses_access_until_a_colleague_gives_it(centre):
    first, second = with_key(centre, "a"), with_key(centre, "b")
    give(first, second, centre)
    key = in_use(centre)
    box = seal.seal(BOX, key.public)
    actions.set_first_password(by=second, user=second, password="set anew by a link")
    with pytest.raises(seal.SealError):
        holding.open_key(second, "set anew by a link")
    key_actions.make_key(by=second, password=PASSWORD)
    assert not opens(second, key, box)
    assert in_use(centre) == key  # a colleague still holds it
    give(first, second, centre)
    assert opens(second, key, box)


def test_password_set_anew__of_the_only_holder_begins_a_new_key_and_the_old_box_stays_shut(centre):
    user = with_key(centre, "a")
    old = in_use(centre)
    box = seal.seal(BOX, old.public)
    key_actions.make_key(by=user, password=PASSWORD)
    new = in_use(centre)
    assert new != old
    assert not opens(user, old, box)
    assert opens(user, new, seal.seal(BOX, new.public))


def test_recovery_code__is_another_one_each_time_and_follows_from_nothing_that_stays(centre):
    user = member(centre, "a")
    assert key_actions.make_key(by=user, password=PASSWORD) != key_actions.make_key(
        by=user, password=PASSWORD
    )


# --- what the store gives away


def everything() -> bytes:
    """All that the database holds, as it lies there: every table's every value, and SQLite's own pages."""
    found = b""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                found += b"|".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
    if isinstance(connection.connection, sqlite3.Connection):
        found += connection.connection.serialize()
    return found + connection.creation.serialize_db_to_string().encode()


def test_dump__holds_no_private_key_no_password_and_no_recovery_code(centre):
    first, second = member(centre, "a"), with_key(centre, "b")
    code = key_actions.make_key(by=first, password=PASSWORD)
    give(second, first, centre)
    member_key = holding.open_key(first, PASSWORD)
    held = holding.opened(first, member_key, OrganisationKey.objects.values_list("pk", flat=True))
    _private, renewed = key_actions.recover(by=first, code=code, password=PASSWORD)
    dump = everything()
    assert bytes(MemberKey.objects.get(user=first).public) in dump  # so what follows would be found
    assert len(held) == 2
    for secret in (member_key, *held.values()):
        assert secret not in dump
        assert secret.hex().encode() not in dump.lower()
    for word in (PASSWORD, code, renewed, seal.grouped(code), seal.grouped(renewed)):
        assert word.encode() not in dump
        assert word.lower().encode() not in dump.lower()


def test_keys__of_an_organisation_exist_in_its_members_shares_and_in_no_third_place(
    centre, settings, tmp_path
):
    """Every byte that keys bring is accounted for: a copy for emergencies would be one too many."""
    settings.VAR = tmp_path
    with_key(centre, "boss", "administrator")
    values, files = stored.values(), stored.files()
    first, second = with_key(centre, "a"), with_key(centre, "b", "coordinator")
    give(first, second, centre)
    end(second, centre)
    brought = stored.by_column(stored.values() - values, bytes)
    wrapped = 13 + 16 + 24 + 256 + 16  # cost, salt; nonce, padded key, mac
    assert {name: sorted(map(len, found.elements())) for name, found in brought.items()} == {
        "people_memberkey.public": [32, 32],
        "people_memberkey.by_password": [wrapped] * 2,
        "people_memberkey.by_recovery": [wrapped] * 2,
        "people_organisationkey.public": [32, 32, 32],  # reports, help; reports after one has left
        "people_keyshare.box": [80, 80, 80],  # the first one's: ephemeral key, key, mac
    }
    ours = KeyShare.objects.filter(key__organisation=centre)  # the sample city's people have theirs
    assert set(ours.values_list("user", flat=True)) == {first.pk}
    assert stored.files() == files


def test_administrator__with_all_rows_and_a_key_of_one_s_own_opens_nothing(centre):
    user, admin = with_key(centre, "a"), with_key(centre, "b", "administrator")
    key = in_use(centre)
    member_key = holding.open_key(admin, PASSWORD)
    KeyShare.objects.create(key=key, user=admin, box=user.key_shares.get(key=key).box)  # written by hand
    with pytest.raises(seal.SealError):
        holding.opened(admin, member_key, [key.pk])


def test_audit__names_each_step_and_holds_no_secret(centre):
    before = AuditEntry.objects.count()
    first, second = with_key(centre, "a"), with_key(centre, "b")
    give(first, second, centre)
    end(second, centre)
    told = AuditEntry.objects.filter(number__gt=before, verb__in=["make-key", "new-key", "give-access"])
    told = told.order_by("number")
    verbs = [entry.verb for entry in told]
    assert verbs == ["make-key", "new-key", "new-key", "make-key", "give-access", "new-key", "new-key"]
    assert {name for entry in told for name in entry.facts} == {"purpose", "members", "user", "keys"}


# --- whoever manages people opens nothing, in whatever other role


def also(user, role, organisation) -> Membership:
    return actions.give_role(by="system:test", user=user, organisation=organisation, role=role)


@pytest.fixture
def office() -> Organisation:
    return actions.save_organisation(by="system:test", name_fa="اداره", name_en="Office", kind="municipality")


@pytest.mark.parametrize("elsewhere", [False, True])
def test_administrator__with_a_second_role_begins_no_key(centre, office, elsewhere):
    user = member(centre, "a")
    also(user, "administrator", office if elsewhere else centre)
    assert not holding.needs_key(user)
    key_actions.make_key(by=user, password=PASSWORD)
    assert not KeyShare.objects.filter(user=user).exists()
    assert not OrganisationKey.objects.filter(organisation__in=[centre, office]).exists()


@pytest.mark.parametrize("elsewhere", [False, True])
def test_administrator__with_a_second_role_gets_no_share_of_the_next_key(centre, office, elsewhere):
    first, second = with_key(centre, "a"), with_key(centre, "b")
    also(first, "administrator", office if elsewhere else centre)
    assert holding.current([centre], "reports")[0].shares.get().user == second


@pytest.mark.parametrize("elsewhere", [False, True])
def test_administrator__with_a_second_role_is_no_newcomer_and_is_given_nothing(centre, office, elsewhere):
    first, second = with_key(centre, "a"), with_key(centre, "b")
    also(second, "administrator", office if elsewhere else centre)
    assert holding.newcomers(first) == []
    assert give(first, second, centre) == 0
    assert not second.key_shares.exists()


@pytest.mark.parametrize("elsewhere", [False, True])
def test_colleague_who_becomes_administrator__loses_the_shares_at_once(centre, office, elsewhere):
    first, second = with_key(centre, "a"), with_key(centre, "b")
    give(first, second, centre)
    before = in_use(centre)
    also(second, "administrator", office if elsewhere else centre)
    assert not second.key_shares.exists()
    assert in_use(centre) != before
    assert not opens(second, in_use(centre), seal.seal(BOX, in_use(centre).public))


def test_administrator__who_is_one_no_longer_is_a_newcomer_again(centre, office):
    first, second = with_key(centre, "a"), with_key(centre, "b")
    member(office, "c", "administrator")  # the last one may not leave
    managing = also(second, "administrator", office)
    assert holding.newcomers(first) == []
    actions.end_role(by="system:test", membership=managing)
    assert [each.user for each in holding.newcomers(first)] == [second]


# --- one change at a time


@pytest.mark.parametrize("deed", ["settle", "grant", "make_key"])
def test_change_of_keys__holds_the_organisation_before_it_looks_at_shares(centre, monkeypatch, deed):
    """Else a share given while a role ends would outlive it. SQLite takes one writer at a time anyway."""
    first, second = with_key(centre, "a"), with_key(centre, "b")
    member_key = holding.open_key(first, PASSWORD)
    looked = []
    held, read = QuerySet.select_for_update, QuerySet.__iter__
    monkeypatch.setattr(
        QuerySet,
        "select_for_update",
        lambda self, **how: looked.append(("held", self.model)) or held(self, **how),
    )
    monkeypatch.setattr(QuerySet, "__iter__", lambda self: looked.append(("read", self.model)) or read(self))
    given = {
        "settle": {"by": first, "organisation": centre},
        "grant": {"by": first, "member_key": member_key, "user": second, "organisation": centre},
        "make_key": {"by": second, "password": PASSWORD},
    }
    getattr(key_actions, deed)(**given[deed])
    locking = looked.index(("held", Organisation))
    assert looked[locking + 1] == ("read", Organisation)  # what is not read is not locked
    assert ("read", KeyShare) not in looked[:locking]
    assert ("held", OrganisationKey) not in looked[:locking]


# --- whose key it is


def test_opened__gives_the_keys_that_were_asked_for_and_no_others(centre):
    user = with_key(centre, "a")
    member_key, reports = holding.open_key(user, PASSWORD), in_use(centre)
    assert set(holding.opened(user, member_key, [reports.pk])) == {reports.pk}
    assert holding.opened(user, member_key, []) == {}


def test_fits__an_earlier_key_of_the_same_account_no_longer(centre):
    user = with_key(centre, "a")
    earlier = holding.open_key(user, PASSWORD)
    assert holding.fits(user, earlier)
    key_actions.make_key(by=user, password=PASSWORD)
    assert not holding.fits(user, earlier)


def test_current__is_of_the_organisations_and_the_purpose_that_were_asked_for(centre, office):
    with_key(centre, "a")
    with_key(office, "b", "coordinator")
    assert {key.organisation for key in holding.current([centre, office], "reports")} == {centre, office}
    assert [key.organisation for key in holding.current([centre], "reports")] == [centre]
    assert [key.organisation for key in holding.current([centre, office], "help")] == [centre]


def test_role_in_a_second_organisation__gives_no_share_of_the_first_ones_key(centre, office):
    first = with_key(centre, "a")
    second = with_key(office, "b", "coordinator")
    assert not second.key_shares.filter(key__organisation=centre).exists()
    assert give(first, second, centre) == 0


def test_closed_account__is_no_newcomer(centre):
    first, second = with_key(centre, "a"), with_key(centre, "b")
    actions.set_active(by="system:test", user=second, active=False)
    assert holding.newcomers(first) == []
    assert give(first, User.objects.get(pk=second.pk), centre) == 0
