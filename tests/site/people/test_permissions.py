"""Who may: a closed account may nothing, and a refusal looks like a page that is not there."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.utils.translation import override

from mahalleh_site.people import permissions, police, rules
from mahalleh_site.people.permissions import Refused, requires

CHECKS = sorted(name for name in vars(permissions) if name.startswith("check_"))


@pytest.fixture(autouse=True)
def _no_police(monkeypatch):
    """Nobody here has a row, by which somebody belongs to the police (`test_police`)."""
    monkeypatch.setattr(police, "belongs", lambda user: False)


def holder(*roles, active=True, known=True):
    """Somebody with these roles."""
    return SimpleNamespace(is_authenticated=known, is_active=active, roles=lambda: frozenset(roles))


def asked(view, user):
    request = RequestFactory().get("/en/audit/?page=2")
    request.user = user
    return view(request)


@requires(permissions.check_read_audit)
def page(request):
    return HttpResponse("the log")


@pytest.mark.parametrize("name", CHECKS)
def test_closed_account__may_nothing_whatever_roles_it_has(name):
    with pytest.raises(Refused):
        getattr(permissions, name)(holder(*rules.ROLES, active=False))
    assert getattr(permissions, name.removeprefix("check_"))(holder(*rules.ROLES, active=False)) is False


@pytest.mark.parametrize("name", sorted(set(CHECKS) - {"check_signed_in"}))
def test_account_without_a_role__may_nothing_but_sign_in(name):
    with pytest.raises(Refused):
        getattr(permissions, name)(holder())
    permissions.check_signed_in(holder())


def test_requires__sends_strangers_to_sign_in_and_back():
    with override("en"):
        answer = asked(page, holder(known=False, active=False))
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/en/accounts/login/?next=/en/audit/%3Fpage%3D2"


def test_requires__says_nothing_of_what_is_refused():
    with pytest.raises(Http404):
        asked(page, holder("coordinator"))


def test_requires__shows_the_page_to_who_may_and_lets_nobody_keep_it():
    answer = asked(page, holder("auditor"))
    assert answer.content == b"the log"
    assert "no-store" in answer.headers["Cache-Control"]


def test_requires__holds_up_no_fault_of_the_view_as_a_refusal():
    @requires(permissions.check_signed_in)
    def broken(request):
        raise Refused("inside")

    with pytest.raises(Refused, match="inside"):
        asked(broken, holder())
