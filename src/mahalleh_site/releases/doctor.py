"""What `mahalleh doctor` asks about events and what was published of them."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from mahalleh import disclose
from mahalleh.events import EventStore
from mahalleh_site.house.doctor import Finding
from mahalleh_site.places import files
from mahalleh_site.releases import account, frozen, verifying
from mahalleh_site.releases.models import Load, Release


def store() -> Iterator[Finding]:
    """The event store is whole, and holds what the database says was loaded."""
    events = EventStore(files.events_path(settings.VAR))
    events.check()
    batches = {batch.digest: batch.name for batch in events.batches()}
    loads = dict(Load.objects.values_list("digest", "name"))
    for digest in sorted(batches.keys() - loads.keys()):
        yield Finding(False, "doctor.unrecorded", {"name": batches[digest]})
    for digest in sorted(loads.keys() - batches.keys()):
        yield Finding(False, "doctor.unstored", {"name": loads[digest]})
    if batches.keys() == loads.keys():
        yield Finding(True, "doctor.store-good", {"count": len(batches)})


def published() -> Iterator[Finding]:
    """Each release is what was published."""
    numbers = list(Release.objects.values_list("number", flat=True))
    wrong = {number: names for number in numbers if (names := verifying.verify(number))}
    for number, names in wrong.items():
        yield Finding(False, "doctor.release-changed", {"number": number, "files": names})
    if numbers and not wrong:
        frozen.cells(settings.VAR, numbers[0])
        yield Finding(True, "doctor.release-good", {"count": len(numbers)})
    elif not numbers:
        yield Finding(True, "doctor.release-none")


def accounted() -> Iterator[Finding]:
    """What was published has cost no more than the city has stated, and nothing lies outside the account."""
    drawn_up = account.draw_up()
    disclose.check_cap(drawn_up, settings.CITY.event_cap)
    cost = f"{drawn_up['event'].one.epsilon:g}"
    yield Finding(True, "doctor.account-good", {"cost": cost, "cap": f"{settings.CITY.event_cap:g}"})


def readable() -> str:
    """For `/readyz`: the newest release can be read."""
    newest = Release.objects.first()
    if newest is None:
        return "none"
    return "ok" if len(frozen.cells(settings.VAR, newest.number)) == newest.rows else "failed"
