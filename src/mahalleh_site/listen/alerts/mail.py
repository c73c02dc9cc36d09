"""Mail about what is new: a link to confirm an address, and one line when there is something to read.

No mail names a place, a topic or a word of anyone: whoever looks over a shoulder, or reads along at a mail
server, learns that somebody asked the city for news.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from mahalleh_site import logs
from mahalleh_site.listen.alerts import actions, queries
from mahalleh_site.listen.models import Alert
from mahalleh_site.people.keys import seal
from mahalleh_site.ui import address

log = logs.get("listen")
# SMTP's errors are OSErrors; an address may not be a name that mail knows (`idna`)
FAULTS: Final = (OSError, UnicodeError, seal.SealError)
GIVE_UP: Final = 3  # mails that fail one after the other: the mail server is not there


def can_mail() -> bool:
    """Whether mail is set up, and the city knows its own address to put into one."""
    return bool(settings.HAS_MAIL) and address.is_known()


def confirmation(alert: Alert) -> EmailMessage:
    """Asks the owner of an address whether it was they who entered it.

    Raises:
        SealError: where the address was sealed by another key.
    """
    with translation.override(alert.language):
        body = _(
            "Hello,\n\nsomebody, perhaps you, asked us to write to this address when there is something new "
            "about a neighbourhood. If it was you, open this link and press the button:\n\n%(link)s\n\n"
            "If it wasn't, you need do nothing: the address is deleted after seven days.\n"
        ) % {"link": _link("alert-confirm", alert)}
        return _message(alert, body)


def notice(alert: Alert) -> EmailMessage:
    """Says that there is something new, and nothing else; mail programs can end it by one click (RFC 8058).

    Raises:
        SealError: where the address was sealed by another key.
    """
    with translation.override(alert.language):
        stop = _link("alert-stop", alert)
        body = _(
            "Hello,\n\nthere is something new. Read it here:\n\n%(link)s\n\n"
            "No more of these mails:\n\n%(stop)s\n"
        ) % {"link": _link("alert-read", alert), "stop": stop}
        message = _message(alert, body)
    message.extra_headers["List-Unsubscribe"] = f"<{stop}>"
    message.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return message


def send_confirmation(number: int) -> int:
    """Mail the link that confirms an alert, unless that was done already; how many mails went out."""
    alert = Alert.objects.filter(pk=number, confirmed_on=None).first()
    if alert is None or not can_mail():
        return 0
    try:
        return int(confirmation(alert).send())
    except FAULTS as error:  # no address goes to the log
        log.warning("no mail sent", extra={"event": type(error).__name__})
        return 0


def tell(today: date) -> int:
    """Write to everyone whose area has news that they were not told of; how many mails went out.

    Once a day at most: news up to yesterday, since the day of the last mail or of confirming. A mail that
    could not be sent is tried again on the next day.
    """
    if not can_mail():
        return 0
    sent = failed = 0
    connection = get_connection()  # opened by the first mail, and once more after each that failed
    for alert in _waiting(today):
        if failed == GIVE_UP:
            break
        if not actions.claim(alert, today=today):
            continue
        try:
            connection.open()
            sent += connection.send_messages([notice(alert)]) or 0
            failed = 0
        except FAULTS as error:
            actions.unclaim(alert, today=today)
            if isinstance(error, OSError):
                failed += 1
                connection.close()  # what is left of it; the next mail opens another
            log.warning("no mail sent", extra={"event": type(error).__name__})
    connection.close()
    return sent


def _waiting(today: date) -> list[Alert]:
    """Whom to write to. A list: nothing reads from the database while the mail server takes its time."""
    newest = queries.latest(today)
    confirmed = Alert.objects.filter(area__in=newest).exclude(confirmed_on=None)
    return [
        alert
        for alert in confirmed.order_by("id")
        if (since := alert.told_on or alert.confirmed_on) and since < today and newest[alert.area_id] >= since
    ]


def _message(alert: Alert, body: str) -> EmailMessage:
    return EmailMessage(
        subject=settings.CITY.names[translation.get_language()],
        body=body,
        to=[actions.address_of(alert)],
        headers={"Auto-Submitted": "auto-generated"},
    )


def _link(name: str, alert: Alert) -> str:
    return address.absolute(reverse(name, args=[seal.grouped(actions.word_of(alert.digest))]))
