"""The watch in words: rises, chance, states, sources, and what could be done instead of enforcement."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from mahalleh_site.ui.choices import Choice
from mahalleh_site.ui.templatetags.mahalleh import number
from mahalleh_site.watch.pages import Calibration, Rise, SignalRow

PERIODS_A_YEAR: Final = {"W": 365.2425 / 7, "M": 12.0, "D": 365.2425}
WEEKS_A_MONTH: Final = 365.2425 / 12 / 7
LONGEST_YEARS: Final = 100  # beyond, the tail of the draws says no more than 'very seldom'
LEAST_DECIDED: Final = 5  # below, a share or a median of them would say more than is known
NAMED: Final = 2  # neighbourhoods that a sentence names before it counts the rest

STATUSES = {
    "open": gettext_lazy("waits for a decision"),
    "watching": gettext_lazy("is being watched"),
    "dismissed": gettext_lazy("was set aside"),
    "problem": gettext_lazy("became a problem to work on"),
    "expired": gettext_lazy("ran out undecided"),
}
STATUS_KINDS = {"open": "look", "watching": "", "dismissed": "quiet", "problem": "better", "expired": "quiet"}
VERBS = {
    "watch": gettext_lazy("Watch on"),
    "dismiss": gettext_lazy("Set aside"),
    "open_problem": gettext_lazy("Open a problem"),
}
VERB_HELP = {
    "watch": gettext_lazy("It may be real. We look again each week and decide later."),
    "dismiss": gettext_lazy("It is explained, or it needs nothing. Say by what."),
    "open_problem": gettext_lazy("It is real and needs work: the partners find out why, and plan together."),
}
SOURCES = {
    "line-137": gettext_lazy("the city's line 137"),
    "web": gettext_lazy("the website"),
    "app": gettext_lazy("the telephone app"),
    "phone": gettext_lazy("telephone"),
    "counter": gettext_lazy("the counter"),
    "partner": gettext_lazy("partners' records"),
    "police-uk": gettext_lazy("what was reported to the police"),
}
# What can help without enforcement; a decision names at least one that was thought of.
OPTIONS = {
    "talk": gettext_lazy("Talk with residents, or walk through the place with them"),
    "lighting": gettext_lazy("Better lighting"),
    "cleaning": gettext_lazy("Clean and repair the street"),
    "design": gettext_lazy("Change the place: paths, benches, hedges, crossings"),
    "youth": gettext_lazy("Youth work: sport, places to meet"),
    "mediation": gettext_lazy("Mediation between neighbours"),
    "counselling": gettext_lazy("Counselling and social work"),
    "family": gettext_lazy("Support for families"),
    "health": gettext_lazy("Outreach and treatment for people who use drugs"),
    "protect": gettext_lazy("Advice to homes and shops on protecting themselves"),
    "victims": gettext_lazy("Support for those who were harmed"),
    "school": gettext_lazy("Work with schools"),
}
BY_GROUP: Final = {
    "surroundings": ("talk", "lighting", "cleaning", "design"),
    "order": ("talk", "mediation", "youth", "design"),
    "crime": ("talk", "lighting", "protect", "youth", "health", "victims"),
    "property": ("talk", "lighting", "protect", "youth", "victims"),
    "violence": ("talk", "youth", "mediation", "victims", "counselling"),
    "traffic": ("talk", "design", "school"),
    "family": ("counselling", "family", "victims", "school"),
    "health": ("health", "counselling", "family"),
}
STEPS = {
    "some": gettext_lazy("somewhat more than usual"),
    "half": gettext_lazy("about half as much again as usual"),
    "twice": gettext_lazy("about twice as much as usual"),
    "thrice": gettext_lazy("about three times as much as usual"),
    "many": gettext_lazy("many times as much as usual"),
}


def status(row: SignalRow) -> str:
    """The state of a signal."""
    if row.status == "expired" and not row.live:
        return _("found afterwards")
    return str(STATUSES[row.status])


def status_kind(row: SignalRow) -> str:
    """The tag's colour that helps the word."""
    return STATUS_KINDS[row.status]


def verb(code: str) -> str:
    """What was decided."""
    return str(VERBS[code])


def source(code: str) -> str:
    """A source of reports; its own name where there are no words for it."""
    return str(SOURCES.get(code, code))


def option(code: str) -> str:
    """Something that can help; what was written where it is no code of ours."""
    return str(OPTIONS.get(code, code))


def option_names(codes: Sequence[str]) -> str:
    """Several things that can help, in one sentence."""
    return pgettext("between two half sentences", "; ").join(map(option, codes))


def step(code: str) -> str:
    """How much more, in coarse words."""
    return str(STEPS.get(code, code))


def options(group: str) -> list[Choice]:
    """What can help with topics of a group, the likeliest first, then all else: (code, words)."""
    first = BY_GROUP.get(group, ("talk",))
    return [(code, OPTIONS[code]) for code in (*first, *(code for code in OPTIONS if code not in first))]


def seldom(recurrence: float, freq: str) -> str:
    """How often chance alone does such a thing: `recurrence` periods lie between two on average.

    | recurrence | weeks | words |
    | --- | --- | --- |
    | over 100 years | 5,219 | less than once in 100 years |
    | from 1.5 years | 79 | about once in 2 years (whole years) |
    | from 9 months | 40 | about once a year |
    | from 1.5 months | 7 | about once in 2 months |
    | below | 3 | about once in 3 weeks |
    """
    years = recurrence / PERIODS_A_YEAR[freq]
    if not math.isfinite(years) or years > LONGEST_YEARS:
        return _("less than once in %(n)s years") % {"n": number(LONGEST_YEARS)}
    if years >= 1.5:
        return _("about once in %(n)s years") % {"n": number(round(years))}
    months = years * 12
    if months >= 9:
        return _("about once a year")
    if months >= 1.5:
        return _("about once in %(n)s months") % {"n": number(round(months))}
    weeks = max(1, round(months * WEEKS_A_MONTH))
    return ngettext("about once a week", "about once in %(n)s weeks", weeks) % {"n": number(weeks)}


def sentence(rise: Rise) -> str:
    """The answer: how much came, how much was expected, and how seldom chance does that."""
    return _(
        "%(observed)s reports came in where about %(expected)s were expected. "
        "By chance alone a rise like this would come up %(seldom)s."
    ) % {
        "observed": number(rise.observed),
        "expected": about(rise.expected),
        "seldom": seldom(rise.recurrence, rise.freq),
    }


def caption(topic: str, freq: str) -> str:
    """What a signal's curve shows, with its unit."""
    if freq == "M":
        return _("%(topic)s in these neighbourhoods together: reports a month") % {"topic": topic}
    return _("%(topic)s in these neighbourhoods together: reports a week") % {"topic": topic}


def about(value: float | None) -> str:
    """An expected number: whole, with one decimal below ten where that is not nought."""
    whole = value is None or value >= 9.95 or abs(value - round(value)) < 0.05
    return number(value, 0 if whole else 1)


def times(rise: Rise) -> str:
    """How many times the usual."""
    if rise.expected <= 0:
        return ""
    return _("%(n)s times the usual") % {"n": number(rise.observed / rise.expected, 1)}


def places(names: Sequence[str]) -> str:
    """Names in a sentence: all where they are few, else the first and how many more."""
    comma, last = pgettext("between list items", ", "), pgettext("between the last two list items", " and ")
    if len(names) <= NAMED + 1:
        return last.join([comma.join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
    more = len(names) - NAMED
    return _("%(names)s and %(n)s more neighbourhoods") % {
        "names": comma.join(names[:NAMED]),
        "n": number(more),
    }


def ago(days: int) -> str:
    """How long something has waited."""
    if days <= 0:
        return _("since today")
    return ngettext("for one day", "for %(n)s days", days) % {"n": number(days)}


def calibration(page: Calibration) -> dict[str, Any]:
    """What the calibration page says besides its numbers: outcomes with their shares, median lead, months."""
    afterwards = page.signals - page.decided - page.expired - page.waiting
    enough = page.decided >= LEAST_DECIDED
    outcomes = [
        (_("confirmed: became a problem to work on"), page.confirmed, True),
        (_("watched on: not settled yet"), page.watched, True),
        (_("set aside"), page.dismissed, True),
        (_("ran out undecided"), page.expired, False),
        (_("waits for a decision"), page.waiting, False),
        (_("found afterwards, so that nobody was asked"), afterwards, False),
    ]
    return {
        "outcomes": [
            (name, count, count / page.decided if decided and enough else None)
            for name, count, decided in outcomes
        ],
        "few": not enough,
        "few_leads": len(page.leads) < LEAST_DECIDED,
        "late": sum(lead <= 0 for lead in page.leads),
        "lead": median(page.leads) if page.leads else None,
        "months": sorted(page.months.items(), reverse=True),
    }
