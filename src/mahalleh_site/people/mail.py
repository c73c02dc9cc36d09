"""The one mail that the people room sends: a link for a new account. It says nothing else."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from mahalleh_site.people.models import User

log = logging.getLogger(__name__)


def send_link(user: User, link: str) -> bool:
    """Mail the link to its owner, where mail is set up and the account is real; whether that went well."""
    if not settings.HAS_MAIL or user.is_demo:
        return False
    with translation.override(user.language):
        city = settings.CITY.names[user.language]
        message = EmailMessage(
            subject=_("Your account: %(city)s") % {"city": city},
            body=_(
                "Hello,\n\nan account was made for you at %(city)s. "
                "Set your password here, within three days:\n\n%(link)s\n\n"
                "If you do not expect this, you need do nothing.\n"
            )
            % {"city": city, "link": link},
            to=[user.email],
        )
    try:
        return message.send() == 1
    except OSError as error:  # SMTP's own errors are OSErrors too; neither address nor link goes to the log
        log.warning("a link could not be mailed: %s", type(error).__name__)
        return False
