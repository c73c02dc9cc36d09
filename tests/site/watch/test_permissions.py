"""Who sees signals and who decides on them: nobody decides on what they may not see."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from mahalleh_site.people import police, rules
from mahalleh_site.people.permissions import Refused
from mahalleh_site.watch import permissions


@pytest.fixture(autouse=True)
def _no_police(monkeypatch):
    """Nobody here has a row, by which somebody belongs to the police (`test_police`)."""
    monkeypatch.setattr(police, "belongs", lambda user: False)


def holder(*roles, active=True, known=True):
    """Somebody with these roles."""
    return SimpleNamespace(is_authenticated=known, is_active=active, roles=lambda: frozenset(roles))


@given(roles=st.sets(st.sampled_from(rules.ROLES)))
def test_decide__takes_the_role_and_seeing(roles):
    may = permissions.decide_signals(holder(*roles))
    assert may is ("coordinator" in roles and permissions.see_signals(holder(*roles)))


def test_coordinator_who_manages_people__sees_no_signal_and_decides_on_none():
    both = holder("coordinator", "administrator")
    assert not permissions.see_signals(both)
    with override("en"), pytest.raises(Refused, match="Exact counts"):
        permissions.check_decide_signals(both)


@pytest.mark.parametrize("who", [holder("coordinator", active=False), holder("coordinator", known=False)])
def test_closed_accounts_and_strangers__see_and_decide_nothing(who):
    assert not permissions.see_signals(who)
    assert not permissions.see_calibration(who)
    assert not permissions.decide_signals(who)
