"""Who may do what: the truth table, and what must hold of every combination of roles."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import given
from hypothesis import strategies as st

from mahalleh_site.people import permissions, rules
from mahalleh_site.people.models import Membership, Organisation

some_roles = st.sets(st.sampled_from(rules.ROLES))


def table():
    """The table in the module's own docstring: (capability, role) -> yes or no."""
    lines = [line for line in rules.__doc__.splitlines() if line.startswith("| ")]
    heads = [cell.strip().replace(" ", "-") for cell in lines[0].strip("|").split("|")][1:]
    rows = {}
    for line in lines[2:]:
        name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        for role, cell in zip(heads, cells, strict=True):
            rows[name, role] = cell == "yes"
    return rows


NAMES = {
    "see today": "see-today",
    "see exact counts": "see-exact-counts",
    "read the audit log": "read-audit",
    "manage people": "manage-people",
}


def test_rules__are_the_table_that_stands_above_them():
    told = {(NAMES[name], role): yes for (name, role), yes in table().items()}
    assert told == {
        (capability, role): rules.may([role], capability)
        for capability in rules.CAPABILITIES
        for role in rules.ROLES
    }


@given(roles=some_roles, more=some_roles)
def test_may__another_role_takes_nothing_away_but_exact_counts_from_who_manages_people(roles, more):
    for capability in rules.CAPABILITIES:
        if rules.may(roles, capability) and not rules.may(roles | more, capability):
            assert capability == "see-exact-counts"
            assert "administrator" in more


@given(roles=some_roles)
def test_may__nobody_both_manages_people_and_sees_exact_counts(roles):
    assert not (rules.may(roles, "manage-people") and rules.may(roles, "see-exact-counts"))


@pytest.mark.parametrize("capability", list(rules.CAPABILITIES))
def test_may__nothing_without_a_role(capability):
    assert not rules.may([], capability)


def test_fits__keeps_officers_in_the_police_and_social_workers_out_of_it():
    assert rules.fits("officer", "police")
    assert not rules.fits("officer", "ngo")
    assert not rules.fits("social-worker", "police")
    assert not rules.fits("king", "other")


def test_models_and_rules__know_the_same_roles_and_kinds():
    assert tuple(Membership.Role.values) == rules.ROLES
    assert tuple(Organisation.Kind.values) == rules.ORGANISATION_KINDS


def test_permissions__come_in_pairs_with_a_sentence_that_refuse_strangers():
    names = [name.removeprefix("check_") for name in vars(permissions) if name.startswith("check_")]
    assert len(names) == 5
    for name in names:
        assert getattr(permissions, name)(AnonymousUser()) is False
        with pytest.raises(permissions.Refused) as refused:
            getattr(permissions, f"check_{name}")(AnonymousUser())
        assert str(refused.value)
