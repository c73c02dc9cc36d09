"""The watch's manifest: what is getting worse, where, and is it real?"""

from django.utils.translation import gettext_lazy as _

from mahalleh_site.house.manifest import Entry, Phase, Retention, Room

READERS = frozenset({"coordinator", "analyst", "auditor"})

ROOM = Room(
    name="watch",
    title=_("Watch"),
    pages=("urls",),
    roles={
        "signals": READERS,
        "signal": READERS,
        "decide-signal": frozenset({"coordinator"}),
        "calibration": READERS,
    },
    staff_menu=(
        Entry("signals", _("Signals"), may="see_signals"),
        Entry("calibration", _("Accuracy"), may="see_calibration"),
    ),
    waiting="queries.waiting:waiting",
    verbs={
        "watch-run": _("watched a period"),
        "open-signal": _("a signal was opened by the method"),
        "decide-signal": _("decided on a signal"),
        "expire-signal": _("a signal ran out undecided"),
        "join-signals": _("two signals were found to be one rise"),
        "register-method": _("entered a method in the public register"),
        "switch-method": _("switched a method on or off"),
    },
    public_version="queries:public_version",
    checks={"watching.doctor-bad": "doctor:looked"},
    turn={Phase.READ: "loop:look"},
    sample={"watching.step-demo": "demo:furnish"},
    register="register.toml",
    retention={
        "Method.version": Retention.SETTING,
        "Method.names": Retention.SETTING,
        "Method.purpose": Retention.SETTING,
        "Method.data": Retention.SETTING,
        "Method.errors": Retention.SETTING,
        "Method.owner": Retention.SETTING,
        "Run.freq": Retention.STATISTIC,
        "Run.data_version": Retention.STATISTIC,
        "Run.loads": Retention.STATISTIC,
        "Run.model_version": Retention.STATISTIC,
        "Run.parameters": Retention.STATISTIC,
        "Run.state": Retention.STATISTIC,
        "Run.topics": Retention.STATISTIC,
        "Signal.areas_order": Retention.STATISTIC,
        "Signal.freq": Retention.STATISTIC,
        "Signal.sources": Retention.STATISTIC,
        "Signal.curve": Retention.STATISTIC,
        "Signal.nearby": Retention.STATISTIC,
        "Sighting.areas": Retention.STATISTIC,
        "Sighting.sources": Retention.STATISTIC,
        "Decision.reason": Retention.RECORD,
        "Decision.considered": Retention.RECORD,
        "Decision.other": Retention.RECORD,
        "Decision.by": Retention.RECORD,
    },
)
