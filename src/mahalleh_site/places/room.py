"""The places room's manifest: the city's map, its neighbourhoods and topics, and what is owed to them."""

from django.utils.translation import gettext_lazy as _

from mahalleh_site.house.manifest import Published, Retention, Room

ROOM = Room(
    name="places",
    title=_("Places"),
    verbs={
        "city.found": _("founded the city"),
        "places.import": _("brought in the neighbourhoods"),
        "topic.add": _("added a topic"),
        "topic.change": _("changed a topic"),
    },
    public_version="queries:public_version",
    published={
        "answers": Published(
            _("Answers given and whether in time, by neighbourhood and week; each answer once"),
            weekly="queries.promises:answers",
        )
    },
    daily="daily:sweep",
    sample={"cli.step-city": "demo:simulate", "cli.step-places": "demo:found"},
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
        "Promise.subject": Retention.RECORD,
        "Promise.words": Retention.PUBLISHED,
        "Promise.mark": Retention.PUBLISHED,
        "ShownPromise.subject": Retention.PUBLISHED,
        "ShownPromise.words": Retention.PUBLISHED,
        "ShownPromise.mark": Retention.PUBLISHED,
        "Standing.late": Retention.STATISTIC,
    },
)
