"""Who hears of an area by mail: asked for, confirmed, told, ended. The address is sealed.

Nobody who does this is signed in, and there is nobody to name: none of it goes to the audit log. The word in
a mail's links follows from the row and a key of the city, so that each mail can carry it and no row holds it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django.db import transaction

from mahalleh_site.listen.models import Alert, Report
from mahalleh_site.people.keys import seal
from mahalleh_site.places.models import Area
from mahalleh_site.sealed import digests

WAIT_DAYS: Final = 7  # that an address waits for its owner to confirm it


def digest_of(area: Area, address: str) -> bytes:
    """Under which hash an address is found for an area."""
    return _digest(f"{area.pk}\n{address.casefold()}", "alert place")


def who(address: str) -> str:
    """What mails to an address are counted by: a keyed hash."""
    return _digest(address.casefold(), "alert mails").hex()


def word_of(alert_digest: seal.Box) -> str:
    """The word in the links of an alert: 24 letters that only the city's key makes."""
    return seal.receipt(bytes(alert_digest), key=_key("alert words"))


def address_of(alert: Alert) -> str:
    """The address of an alert.

    Raises:
        SealError: sealed by another key.
    """
    return seal.unlock_text(alert.box, _key("alerts"), about=_about(alert.digest))


def found(word: str) -> Alert | None:
    """The alert of a word, as it was mailed; None for any other."""
    link_digest = _digest(seal.read_code(word) or "", "alert")
    return Alert.objects.select_related("area").filter(link_digest=link_digest).first()


@transaction.atomic
def ask(*, area: Area, address: str, language: str, today: date) -> Alert:
    """Enter an address for an area, to be confirmed. One that is known already is not entered twice."""
    digest = digest_of(area, address)
    new = {
        "area": area,
        "language": language,
        "link_digest": _digest(word_of(digest), "alert"),
        "box": seal.lock_text(address, _key("alerts"), about=_about(digest)),
        "asked_on": today,
    }
    alert, is_new = Alert.objects.get_or_create(digest=digest, defaults=new)
    if not is_new and alert.confirmed_on is None:
        alert.language, alert.asked_on = language, today
        alert.save(update_fields=["language", "asked_on"])
    return alert


@transaction.atomic
def confirm(*, word: str, today: date) -> Alert | None:
    """The owner of the address wants to hear of it; None where the word is not ours, or no longer."""
    alert = found(word)
    if alert is not None and alert.confirmed_on is None:
        alert.confirmed_on = today
        alert.save(update_fields=["confirmed_on"])
    return alert


@transaction.atomic
def stop(*, word: str) -> None:
    """Forget an address; nothing of it stays. A word that is not ours changes nothing."""
    alert = found(word)
    if alert is not None:
        alert.delete()


def claim(alert: Alert, *, today: date) -> bool:
    """Let this process, and no other one, tell an alert on this day; whether it may."""
    same = Alert.objects.filter(pk=alert.pk, told_on=alert.told_on)
    return bool(same.update(told_on=today))


def unclaim(alert: Alert, *, today: date) -> None:
    """The mail could not be sent: it is tried again on the next day, with the news of both."""
    Alert.objects.filter(pk=alert.pk, told_on=today).update(told_on=alert.told_on)


@transaction.atomic
def sweep(*, today: date) -> int:
    """Forget addresses that nobody confirmed within `WAIT_DAYS`; how many."""
    late = Alert.objects.filter(confirmed_on=None, asked_on__lt=today - timedelta(days=WAIT_DAYS))
    return int(late.delete()[0])


def _about(alert_digest: seal.Box) -> str:
    return f"alert:{bytes(alert_digest).hex()}"


def _digest(text: str, purpose: str) -> bytes:
    return digests.digest(text.encode(), room=Report.ROOM, purpose=purpose)


def _key(purpose: str) -> bytes:
    return digests.city_key(purpose)
