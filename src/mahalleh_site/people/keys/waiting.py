"""What waits about keys: making one's own, and colleagues who cannot open what came before them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from mahalleh_site.people.keys import holding
from mahalleh_site.people.rooms import Waiting, tell_waiting

DAYS = 3  # after which a colleague should have access


def register() -> None:
    """Tell the page of what waits; called once, when the app starts."""
    tell_waiting("keys", _waiting)


def _waiting(user: Any) -> Iterable[Waiting]:
    due, page = timezone.localdate() + timedelta(days=DAYS), reverse("my-key")
    if holding.needs_key(user):
        yield Waiting(due, _("Make your key, so that you can open what residents send you."), page)
    for newcomer in holding.newcomers(user):
        name = {"name": newcomer.user.name, "organisation": newcomer.organisation.name}
        yield Waiting(
            due, _("%(name)s (%(organisation)s) cannot open sealed messages yet. Give access?") % name, page
        )
