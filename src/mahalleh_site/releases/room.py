"""The releases room's manifest: a turn from events to frozen numbers, and reading them."""

from django.utils.translation import gettext_lazy as _

from mahalleh_site.house.manifest import Phase, Published, Retention, Room

ROOM = Room(
    name="releases",
    title=_("Releases"),
    verbs={
        "load": _("loaded data"),
        "remove-load": _("took loaded data away"),
        "release": _("published counts"),
        "draw-tables": _("published counts of answers and ways to us"),
    },
    public_version="queries:public_version",
    checks={
        "doctor.store-bad": "doctor:store",
        "doctor.release-bad": "doctor:published",
        "doctor.account-bad": "doctor:accounted",
    },
    published={
        "counts": Published(
            _("Counts by topic, neighbourhood and week; of careful topics by district and month"),
            ledger="turn:ledger",
            file="ledger.parquet",
        )
    },
    ready={"release": "doctor:readable"},
    turn={Phase.PUBLISH: "loop:publish"},
    sample={
        "cli.step-events": "demo:load",
        "cli.step-publish": "demo:publish",
        "cli.step-charts": "demo:draw",
    },
    retention={
        "Load.name": Retention.RECORD,
        "Load.format": Retention.RECORD,
        "Load.digest": Retention.RECORD,
        "Load.refused": Retention.RECORD,
        "Release.freq": Retention.STATISTIC,
        "Release.digest": Retention.STATISTIC,
    },
)
