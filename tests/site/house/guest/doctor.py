"""What doctor asks."""

from django.conf import settings
from mahalleh_site.guest.city_section import Guest

from mahalleh_site.house.doctor import Finding


def book():
    """The room is ready."""
    yield Finding(True, "guest.ready", {"beds": settings.CITY.of(Guest).beds})
