"""What rooms with sealed conversations stand on: it has no page, no table and no menu of its own."""

from django.utils.translation import gettext_lazy as _

from mahalleh_site.house.manifest import Room

ROOM = Room(name="sealed", title=_("Sealed conversations"), of_the_house=True)
