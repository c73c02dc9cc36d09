"""Mail, by the worker: nobody waits for a mail server, and how long it takes tells nothing about an address.

A task carries the number of a row alone; the address stays sealed until the mail is made.
"""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from django_tasks import task

from mahalleh_site import logs
from mahalleh_site.listen.alerts import actions, mail

log = logs.get("listen")


def tell(today: date) -> int:
    """A day's work: addresses that nobody confirmed go, news are mailed; how many mails went out."""
    actions.sweep(today=today)
    return mail.tell(today)


@task()
def tell_alerts() -> int:
    """A day's work, by the worker."""
    sent = tell(timezone.localdate())
    log.info("news mailed", extra={"event": "alerts", "count": sent})
    return sent


@task()
def confirm_alert(number: int) -> int:
    """Mail the link that confirms an address."""
    return mail.send_confirmation(number)
