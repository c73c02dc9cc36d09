"""What allauth changes of an account is written into the audit log in the same transaction as the change.

Signing in is not written: the log tells what was done, not when people come and go.
"""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.db import transaction
from django.dispatch import receiver

from mahalleh_site.people import audit

VERBS = {
    password_changed: "change-password",
    authenticator_added: "add-factor",
    authenticator_removed: "remove-factor",
    authenticator_reset: "make-codes",
}


@receiver(list(VERBS), dispatch_uid="people.audit")
def write_down(signal: Any, user: Any, authenticator: Any = None, **_: Any) -> None:
    """One entry about the own account."""
    facts = {} if authenticator is None else {"type": str(authenticator.type)}
    with transaction.atomic():
        audit.record(by=user, verb=VERBS[signal], object=f"user:{user.pk}", facts=facts)
