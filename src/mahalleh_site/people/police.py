"""Who belongs to the police, for how long that counts, and what ties an organisation to being police or not.

A resident's leave decides whether the police read what is sealed. So nobody reads for the police and for
others too, and an organisation neither becomes police nor stops being one with anything that it can open.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import ForeignObjectRel, Q, QuerySet
from django.utils import timezone

from mahalleh_site.people import rules
from mahalleh_site.people.models import Membership, Organisation, User


def memberships() -> QuerySet[Membership]:
    """The roles by which somebody counts as police: those that run, and those that ended within a year."""
    since = timezone.now() - timedelta(days=rules.POLICE_DAYS)
    return Membership.objects.filter(Q(ended_at=None) | Q(ended_at__gt=since), in_police=True)


def belongs(user: User) -> bool:
    """Whether somebody holds a role in the police, or held one within a year."""
    return memberships().filter(user=user).exists()


def reads_elsewhere(users: QuerySet[User]) -> bool:
    """Whether one of these reads, now, for an organisation that is not the police."""
    reading = Membership.objects.filter(user__in=users, ended_at=None, role__in=rules.READ_FOR_OTHERS)
    return reading.exclude(organisation__kind=Organisation.Kind.POLICE).exists()


def is_tied(organisation: Organisation) -> bool:
    """Whether an organisation has anything by which it receives or opens: routes, keys, envelopes.

    They are found by their mark, whichever room they stand in.
    """
    tied = (
        (relation.related_model, relation.field.name)
        for relation in Organisation._meta.get_fields(include_hidden=True)
        if isinstance(relation, ForeignObjectRel)
    )
    return any(
        model._default_manager.filter(**{name: organisation.pk}).exists()
        for model, name in tied
        if isinstance(model, type) and getattr(model, "TIES_ORGANISATION", False)
    )
