"""What the listen room reads."""

from __future__ import annotations

from django.db.models import Max
from django.utils import timezone

from mahalleh_site.listen.models import Step
from mahalleh_site.places.models import Promise


def public_version() -> str:
    """Changes when public pages about reports and promises do: with each step, promise and day."""
    step = Step.objects.aggregate(newest=Max("id"))["newest"] or 0
    promise = Promise.objects.aggregate(newest=Max("id"))["newest"] or 0
    return f"{timezone.localdate().toordinal()}.{step}.{promise}"
