"""The manifest."""

from django.utils.translation import gettext_lazy as _
from mahalleh_site.guest.city_section import Guest

from mahalleh_site.house.manifest import Entry, Phase, PublicEntry, Published, Retention, Room, Section

ROOM = Room(
    name="guest",
    title=_("Today"),
    pages=("urls",),
    roles={"guest": frozenset({"coordinator"})},
    staff_menu=(Entry("guest", _("Today"), may="see_guests"),),
    public_menu=(PublicEntry("guest-book", _("Data")),),
    waiting="queries:waiting",
    verbs={"welcome-guest": _("Today")},
    public_version="queries:public_version",
    published={
        "book": Published(_("Today"), ledger="queries:ledger", unit="answer"),
        "guests": Published(_("Today"), weekly="queries:by_week", unit="answer"),
    },
    daily="daily:work",
    checks={"guest.bad": "doctor:book"},
    turn={Phase.READ: "loop:greet"},
    sample={"guest.step": "demo:furnish"},
    city=(Section("guest", Guest, {"beds": "in the room"}),),
    retention={"Visit.by": Retention.RECORD, "Visit.words": Retention.WORDS},
    register="register.toml",
    untold=("Visit.words",),
)
