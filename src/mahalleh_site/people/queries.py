"""What the people room reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from allauth.mfa.utils import is_mfa_enabled
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from mahalleh_site.people.models import AuditEntry, Membership, Organisation, User


def running_memberships(user: User) -> QuerySet[Membership]:
    """The roles that somebody holds now."""
    return user.memberships.filter(ended_at=None).select_related("organisation")


def organisations() -> QuerySet[Organisation]:
    """All organisations, with `members`: how many roles are held there now."""
    running = Count("memberships", filter=Q(memberships__ended_at=None))
    return Organisation.objects.annotate(members=running).order_by("kind", "name_en")


def members(organisation: Organisation) -> QuerySet[Membership]:
    """The roles held in an organisation now."""
    return organisation.memberships.filter(ended_at=None).select_related("user")


def without_role() -> QuerySet[User]:
    """Accounts that hold no role now and are not erased: they belong to no organisation's page."""
    running = Membership.objects.filter(user=OuterRef("pk"), ended_at=None)
    return User.objects.filter(~Exists(running)).exclude(email__endswith="@erased.invalid")


def is_safe(user: User) -> bool:
    """Whether the account has a second factor."""
    return bool(is_mfa_enabled(user))


def audit_entries(*, verb: str = "", day: date | None = None) -> QuerySet[AuditEntry]:
    """Entries of the audit log, newest first."""
    entries = AuditEntry.objects.all()
    if verb:
        entries = entries.filter(verb=verb)
    if day:
        entries = entries.filter(at__date=day)
    return entries


def audit_verbs() -> list[str]:
    """The verbs that occur in the audit log."""
    return list(AuditEntry.objects.order_by("verb").values_list("verb", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class PublishedHead:
    """The head of the audit log as it was published on a day."""

    day: date
    hash: str


def published_heads(*, most: int) -> list[PublishedHead]:
    """The published heads of the audit log, the newest first: days and hashes, and not how much was done."""
    rows = AuditEntry.objects.filter(verb="publish-head").values_list("object", "hash")
    return [PublishedHead(date.fromisoformat(day), hash) for day, hash in rows[:most]]


def public_version() -> str:
    """Changes once a day, when a head is published."""
    return "".join(head.hash[:16] for head in published_heads(most=1))
