"""The places room's manifest: neighbourhoods, districts, topics, and what is published about them."""

from django.utils.translation import gettext_lazy as _

from mahalleh_site.house.manifest import Phase, Place, PublicEntry, Retention, Room

ROOM = Room(
    name="places",
    title=_("Places"),
    pages=("urls",),
    files=("data_urls",),
    public_menu=(
        PublicEntry("help", _("Find help"), Place.DOOR),
        PublicEntry("done", _("See what is done"), Place.DOOR),
        PublicEntry("topics", _("Topics")),
        PublicEntry("data", _("Data")),
        PublicEntry("method", _("How we count, and privacy")),
    ),
    search="find",
    verbs={
        "city.found": _("founded the city"),
        "places.import": _("brought in the neighbourhoods"),
        "topic.add": _("added a topic"),
        "topic.change": _("changed a topic"),
        "load": _("loaded data"),
        "release": _("published counts"),
    },
    public_version="queries:public_version",
    daily="daily:sweep",
    checks={"doctor.store-bad": "doctor:store", "doctor.release-bad": "doctor:published"},
    ready={"release": "doctor:readable"},
    turn={Phase.PUBLISH: "loop:publish"},
    sample={
        "cli.step-city": "demo:simulate",
        "cli.step-places": "demo:found",
        "cli.step-events": "demo:load",
        "cli.step-publish": "demo:publish",
        "cli.step-charts": "demo:draw",
    },
    retention={
        "District.name_fa": Retention.SETTING,
        "District.name_en": Retention.SETTING,
        "Area.name_fa": Retention.SETTING,
        "Area.name_en": Retention.SETTING,
        "Area.outline": Retention.SETTING,
        "Area.boundary": Retention.SETTING,
        "Basemap.water": Retention.SETTING,
        "Basemap.green": Retention.SETTING,
        "Topic.name_fa": Retention.SETTING,
        "Topic.name_en": Retention.SETTING,
        "Topic.example_fa": Retention.SETTING,
        "Topic.example_en": Retention.SETTING,
        "Load.name": Retention.RECORD,
        "Load.format": Retention.RECORD,
        "Load.digest": Retention.RECORD,
        "Load.refused": Retention.RECORD,
        "Release.freq": Retention.STATISTIC,
        "Release.digest": Retention.STATISTIC,
        "Promise.subject": Retention.RECORD,
        "Promise.words": Retention.PUBLISHED,
    },
)
