"""What is read."""

from datetime import date

from mahalleh.disclose import empty_ledger
from mahalleh_site.house.manifest import Waiting


def waiting(user):
    """A guest at the door."""
    yield Waiting(date(2026, 11, 28), "A guest waits", "/en/guest/")


def ledger():
    """Nobody was counted yet."""
    return empty_ledger()


def public_version():
    """Never another."""
    return "1"


def by_week(start, end):
    """Two guests a week, in one cell."""
    return {("", "guest"): 2}
