"""The audit log in words: what each verb means, and who an entry is by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from mahalleh_site.house import rooms
from mahalleh_site.people.models import AuditEntry, Organisation, User

LONGEST_FACT = 16  # characters: enough to tell two digests apart


def verb(code: str) -> str:
    """A verb in words; the code itself where nobody has named it."""
    return str(rooms.verbs().get(code, code))


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of the audit log as it is shown. `subject` is the object in words where it has a name."""

    number: int
    at: datetime
    by: str
    verb: str
    subject: str
    facts: str


def lines(entries: Iterable[AuditEntry]) -> list[Line]:
    """Entries in words; the names of accounts and organisations are those of today, read at once."""
    shown = list(entries)
    labels = {label for entry in shown for label in (entry.by, entry.object)}
    users = {f"user:{user.pk}": str(user) for user in User.objects.filter(pk__in=_numbers(labels, "user"))}
    homes = Organisation.objects.filter(pk__in=_numbers(labels, "organisation"))
    names = users | {f"organisation:{home.pk}": home.name for home in homes}
    return [
        Line(
            number=entry.number,
            at=entry.at,
            by=names.get(entry.by) or _command(entry.by),
            verb=verb(entry.verb),
            subject=names.get(entry.object, entry.object),
            facts=", ".join(f"{key} {str(value)[:LONGEST_FACT]}" for key, value in entry.facts.items()),
        )
        for entry in shown
    ]


def _numbers(labels: Iterable[str], kind: str) -> list[int]:
    parts = (label.partition(":") for label in labels)
    return [int(number) for name, _colon, number in parts if name == kind and number.isdecimal()]


def _command(by: str) -> str:
    kind, _colon, name = by.partition(":")
    return _("the command “%(name)s”") % {"name": name} if kind == "system" else by
