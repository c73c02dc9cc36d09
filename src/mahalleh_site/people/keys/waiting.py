"""What waits about keys: making one's own, and colleagues who cannot open what came before them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from mahalleh_site.house.manifest import Waiting
from mahalleh_site.people.keys import holding
from mahalleh_site.people.models import User

DAYS = 3  # after which a colleague should have access


def waiting(user: User) -> Iterable[Waiting]:
    """The own key, and colleagues without access."""
    due, page = timezone.localdate() + timedelta(days=DAYS), reverse("my-key")
    if holding.needs_key(user):
        yield Waiting(due, _("Make your key, so that you can open what residents send you."), page)
    for newcomer in holding.newcomers(user):
        name = {"name": newcomer.user.name, "organisation": newcomer.organisation.name}
        yield Waiting(
            due, _("%(name)s (%(organisation)s) cannot open sealed messages yet. Give access?") % name, page
        )
