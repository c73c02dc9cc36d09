"""A method's entry in the public register, worded: what was measured becomes sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mahalleh_site.ui.templatetags.mahalleh import percent
from mahalleh_site.watch.wording import about


def _hundredths(share: float) -> str:
    return about(share * 100)


# code -> (how its number is shown, what it means)
MEASURED: Final = {
    "rate": (about, gettext_lazy("It is set to give %(n)s signals a year where nothing is rising.")),
    "false_a_year": (
        about,
        gettext_lazy("Tried on invented cities in which nothing rose, it gave %(n)s signals a year."),
    ),
    "size": (
        _hundredths,
        gettext_lazy("A look that may be wrong in 5 of 100 cases was wrong in %(n)s of 100."),
    ),
    "found": (
        percent,
        gettext_lazy("Of rises to one and a half times the usual that last four weeks, it finds %(n)s."),
    ),
    "found_twice": (
        percent,
        gettext_lazy(
            "Of rises to twice the usual that last four weeks, it finds %(n)s; it misses the others."
        ),
    ),
    "weeks": (about, gettext_lazy("It needs %(n)s weeks to find half of those.")),
}


def errors(measured: Mapping[str, float | str]) -> list[str]:
    """What was measured, a sentence each, in a fixed order; where it was measured comes last."""
    said = [
        str(text) % {"n": show(float(measured[code]))}
        for code, (show, text) in MEASURED.items()
        if isinstance(measured.get(code), int | float)
    ]
    if said and measured.get("benchmark"):
        said.append(_("Measured by: %(where)s") % {"where": measured["benchmark"]})
    return said
