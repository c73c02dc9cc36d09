"""Showing a report to the public, as a moderator does who opens it."""

from __future__ import annotations

from mahalleh_site.listen.desk.actions import handling
from mahalleh_site.listen.models import Report
from mahalleh_site.people import demo
from mahalleh_site.people.keys import holding
from mahalleh_site.people.models import User


def publish(*, by: User, report: Report, text: str, edited: bool) -> None:
    """`handling.publish`, by one of the invented people."""
    member_key = holding.open_key(by, demo.OPEN_TO_ALL)
    handling.publish(by=by, report=report, member_key=member_key, text=text, edited=edited)
