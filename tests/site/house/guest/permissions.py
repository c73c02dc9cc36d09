"""Who may."""

from mahalleh_site.people.permissions import check_signed_in, holds


def check_see_guests(user):
    """Coordinators."""
    check_signed_in(user)
    if "coordinator" not in user.roles():
        raise PermissionError


def see_guests(user):
    """Whether somebody may see the page."""
    return "coordinator" in user.roles() and holds(check_signed_in, user)
