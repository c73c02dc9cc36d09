"""What people change of their own account on allauth's pages, written down in the same transaction.

allauth's own signals about factors come after the commit, when an entry could be lost; so the rows themselves
are listened to. What an administrator does for others is written by its action, and is not written twice.
Signing in is not written: the log tells what was done, not when people come and go. It is the moment when
sessions that ran out are swept away.
"""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed
from allauth.core import context
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from mahalleh_site.people import actions, audit
from mahalleh_site.people.models import User

CODES = Authenticator.Type.RECOVERY_CODES


@receiver(password_changed, dispatch_uid="people.audit.password")
def changed_password(user: User, **_: Any) -> None:
    """Another password."""
    with transaction.atomic():
        audit.record(by=user, verb="change-password", object=f"user:{user.pk}")


@receiver(user_logged_in, dispatch_uid="people.sessions.sweep")
def swept(**_: Any) -> None:
    """Nothing stays of a session that ran out."""
    actions.sweep_sessions()


@receiver(post_save, sender=Authenticator, dispatch_uid="people.audit.factor-added")
def added(instance: Authenticator, created: bool, **_: Any) -> None:
    """A factor, or a new set of recovery codes."""
    if created:
        _write(instance, "make-codes" if instance.type == CODES else "add-factor")


@receiver(post_delete, sender=Authenticator, dispatch_uid="people.audit.factor-removed")
def removed(instance: Authenticator, **_: Any) -> None:
    """A factor; recovery codes go with the last one or give way to new ones, which needs no entry."""
    if instance.type != CODES:
        _write(instance, "remove-factor")


def _write(factor: Authenticator, verb: str) -> None:
    request = context.request
    if request is None or getattr(request, "user", None) is None or request.user.pk != factor.user_id:
        return
    with transaction.atomic():
        facts = {"type": str(factor.type)}
        audit.record(by=request.user, verb=verb, object=f"user:{factor.user_id}", facts=facts)
