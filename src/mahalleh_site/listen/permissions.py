"""Who may read reports, work on them, see private ones, mark one as private, and say who receives what.

Reading takes three things: a role, an envelope for the organisation in which it is held, and that
organisation's key. Permissions rule the first two; the third is the seal's and cannot be granted here.
Whoever belongs to the police (`people.police`), in whatever role, is an officer in this.

| | coordinator | officer | social worker | partner |
| --- | --- | --- | --- | --- |
| read reports that reached the own organisation | yes | yes | yes | yes |
| ... careful ones | yes | with the resident's leave | yes | yes |
| ... sealed ones | no | with the resident's leave | yes | yes |
| ... private ones | yes | yes | yes | no |
| mark one as private | yes | no | yes | yes |
| work on them | the own organisation's | same | same | same |
| say who receives what | yes | no | no | no |
"""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from mahalleh_site.listen.models import Envelope, Report
from mahalleh_site.people import police
from mahalleh_site.people import rules as people_rules
from mahalleh_site.people.models import Organisation, User
from mahalleh_site.people.permissions import Anyone, Refused, check_signed_in, holds, roles_of
from mahalleh_site.places.models import Topic

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

READERS: frozenset[str] = frozenset().union(*people_rules.READERS.values())
SEE_PRIVATE = frozenset({"coordinator", "officer", "social-worker"})
MARK_PRIVATE = frozenset({"coordinator", "social-worker", "partner"})
OPEN, SEALED = Topic.Sensitivity.OPEN, Topic.Sensitivity.SEALED


def check_see_reports(user: Anyone) -> None:
    """The room: those who read reports."""
    _check(user, READERS, _("Reports are for coordinators, officers, social workers and partners."))


def see_reports(user: Anyone) -> bool:
    """Whether somebody may enter the room."""
    return holds(check_see_reports, user)


def check_manage_routes(user: Anyone) -> None:
    """Who receives what, answers to begin with, programs that may send reports: coordinators."""
    _check(user, {"coordinator"}, _("Coordinators say who receives what."))


def manage_routes(user: Anyone) -> bool:
    """Whether somebody may say who receives what."""
    return holds(check_manage_routes, user)


def homes(user: User) -> list[int]:
    """The organisations in which somebody reads reports."""
    held = user.memberships.filter(ended_at=None, role__in=READERS)
    return list(held.values_list("organisation_id", flat=True).distinct())


def visible(user: User) -> QuerySet[Report]:
    """The reports that somebody may know of. All others are as if they were not."""
    running = user.memberships.filter(ended_at=None)
    held = list(running.values_list("organisation_id", "role", "organisation__kind"))
    of_police = {home for home, _role, kind in held if kind == Organisation.Kind.POLICE}
    if police.belongs(user):  # who belongs to the police reads for the police alone
        held = [each for each in held if each[0] in of_police]
    reading = _homes(held, people_rules.READERS["reports"])
    helping = _homes(held, people_rules.READERS["help"])
    seeing_private = _homes(held, SEE_PRIVATE)
    is_open, is_sealed = Q(report__topic__sensitivity=OPEN), Q(report__topic__sensitivity=SEALED)
    leave = Q(report__police_may_read=True) | ~Q(organisation__in=of_police)
    allowed = Envelope.objects.filter(
        (~is_sealed & Q(organisation__in=reading) & (is_open | leave))
        | (is_sealed & Q(organisation__in=helping) & leave)
    ).filter(Q(report__is_private=False) | Q(organisation__in=seeing_private))
    return Report.objects.filter(pk__in=allowed.values("report"))


def check_see_report(user: User, report: Report) -> None:
    """One report."""
    check_see_reports(user)
    if not visible(user).filter(pk=report.pk).exists():
        raise Refused(_("This report is not for your organisation."))


def check_work(user: User, report: Report) -> None:
    """Take, answer, forward, merge, refuse: members of the organisation that leads it.

    Coordinators may also forward what is not theirs, since someone must when it went the wrong way.
    """
    check_see_report(user, report)
    if not work(user, report):
        raise Refused(_("Another organisation answers for this report."))


def work(user: User, report: Report) -> bool:
    """Whether somebody may work on a report that they see."""
    return bool(_roles_at(user, report.lead_id) & READERS)


def check_forward(user: User, report: Report) -> None:
    """Hand it to another organisation: who leads it, and coordinators."""
    check_see_report(user, report)
    if not forward(user, report):
        raise Refused(_("Another organisation answers for this report."))


def forward(user: User, report: Report) -> bool:
    """Whether somebody may hand on a report that they see."""
    return work(user, report) or "coordinator" in user.roles()


def check_mark_private(user: User, report: Report) -> None:
    """Take a report out of sight of those who don't see private ones; marking is not seeing."""
    check_see_report(user, report)
    if not mark_private(user):
        raise Refused(_("Your role does not mark reports as private."))


def mark_private(user: User) -> bool:
    """Whether the role may mark reports as private."""
    return bool(user.roles() & MARK_PRIVATE)


def check_see_private(user: Anyone) -> None:
    """Private reports: also needed to make one public again."""
    _check(user, SEE_PRIVATE, _("Your role does not see private reports."))


def see_private(user: Anyone) -> bool:
    """Whether the role sees private reports."""
    return holds(check_see_private, user)


def _roles_at(user: User, organisation: int | None) -> set[str]:
    held = user.memberships.filter(ended_at=None, organisation=organisation)
    return set(held.values_list("role", flat=True))


def _homes(held: list[tuple[int, str, str]], roles: Set[str]) -> list[int]:
    return [organisation for organisation, role, _kind in held if role in roles]


def _check(user: Anyone, roles: Set[str], sentence: _StrPromise) -> None:
    check_signed_in(user)
    if not roles_of(user) & roles:
        raise Refused(sentence)


def sees_private(organisation: Organisation) -> bool:
    """Whether anybody in an organisation sees private reports."""
    held = organisation.memberships.filter(ended_at=None, user__is_active=True, role__in=SEE_PRIVATE)
    return bool(held.exists())
