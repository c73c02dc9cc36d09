"""The publish room's manifest: what anyone may see, on pages and as files."""

from django.utils.translation import gettext_lazy as _

from mahalleh_site.house.manifest import Place, PublicEntry, Room

ROOM = Room(
    name="publish",
    title=_("Publish"),
    pages=("urls",),
    files=("data_urls",),
    public_menu=(
        PublicEntry("help", _("Find help"), Place.DOOR),
        PublicEntry("done", _("See what is done"), Place.DOOR),
        PublicEntry("topics", _("Topics")),
        PublicEntry("data", _("Data")),
        PublicEntry("method", _("How we count, and privacy")),
        PublicEntry("methods", _("Methods in use")),
    ),
    search="find",
)
