"""The room's part of a turn."""

from mahalleh_site.house.manifest import Turned


def greet(*, by, revise):
    """Say that the turn came by."""
    return Turned({"greeted": by}, (("guest.greeted", {}),))
