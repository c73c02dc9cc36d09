"""The design system's manifest: error pages, the gallery, the root of the site."""

from django.utils.translation import gettext_lazy as _

from mahalleh_site.house.manifest import Room

ROOM = Room(
    name="ui",
    title=_("Design"),
    of_the_house=True,
    pages=("urls",),
    files=("root_urls",),
)
