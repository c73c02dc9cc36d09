"""Who may."""

from mahalleh_site.people.permissions import Refused, check_signed_in, holds


def check_see_guests(user):
    """Coordinators."""
    check_signed_in(user)
    if "coordinator" not in user.roles():
        raise Refused("Guests are welcomed by coordinators.")


def see_guests(user):
    """Whether somebody may see the page."""
    return holds(check_see_guests, user)
