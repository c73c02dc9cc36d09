"""The audit log in words: what each verb means, and who an entry is by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mahalleh_site.people.models import AuditEntry, Organisation, User

LONGEST_FACT = 16  # characters: enough to tell two digests apart

# A verb of the log stays for ever; its words may become better. Other rooms add theirs with `name_verbs`.
_VERBS: dict[str, Any] = {
    "make-account": gettext_lazy("made an account"),
    "change-account": gettext_lazy("changed name or language of an account"),
    "close-account": gettext_lazy("closed an account"),
    "open-account": gettext_lazy("opened an account again"),
    "erase-account": gettext_lazy("erased who an account belonged to"),
    "make-link": gettext_lazy("made a new link to set a password"),
    "set-password": gettext_lazy("set a password by a link"),
    "change-password": gettext_lazy("changed the own password"),
    "add-factor": gettext_lazy("added a second factor"),
    "remove-factor": gettext_lazy("took away a second factor"),
    "make-codes": gettext_lazy("made new recovery codes"),
    "forget-factors": gettext_lazy("took away all second factors of an account"),
    "end-sessions": gettext_lazy("signed an account out everywhere"),
    "make-organisation": gettext_lazy("added an organisation"),
    "change-organisation": gettext_lazy("changed an organisation"),
    "give-role": gettext_lazy("gave a role"),
    "end-role": gettext_lazy("ended a role"),
    "make-key": gettext_lazy("made the own key for sealed messages"),
    "recover-key": gettext_lazy("opened the own key with the recovery code"),
    "new-key": gettext_lazy("a new key began for an organisation"),
    "give-access": gettext_lazy("gave a colleague access to sealed messages"),
}


def name_verbs(verbs: Mapping[str, Any]) -> None:
    """Tell the words of another room's verbs, when its app starts."""
    _VERBS.update(verbs)


def verb(code: str) -> str:
    """A verb in words; the code itself where nobody has named it."""
    return str(_VERBS.get(code, code))


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
