"""What pages read of the watch: frozen, without words. Nothing is computed here that a run has not stored."""

from mahalleh_site.watch.queries.lists import (
    filter_choices,
    last_look,
    signal_row,
    signals,
    stated_rate,
    undecided,
)
from mahalleh_site.watch.queries.page import signal
from mahalleh_site.watch.queries.past import calibration
from mahalleh_site.watch.queries.public import any_method_in_use, methods, public_signals, public_version
from mahalleh_site.watch.queries.topics import topics_looked

__all__ = [
    "any_method_in_use",
    "calibration",
    "filter_choices",
    "last_look",
    "methods",
    "public_signals",
    "public_version",
    "signal",
    "signal_row",
    "signals",
    "stated_rate",
    "topics_looked",
    "undecided",
]
