"""Words for codes: why a row was refused, what a map shows and what its colours mean."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mahalleh_site.publish.queries.city import CityMap, MapRow
from mahalleh_site.publish.rules import step
from mahalleh_site.releases.queries.account import Account, Line
from mahalleh_site.ui.templatetags.mahalleh import fewer, number, percent

REASONS = {
    "no-category": gettext_lazy("the kind of event was missing"),
    "unknown-category": gettext_lazy("the kind of event is not in our list of topics"),
    "no-date": gettext_lazy("the day was missing"),
    "bad-date": gettext_lazy("the day could not be read"),
    "other-month": gettext_lazy("it was of another month than its file"),
    "recorded-early": gettext_lazy("it was recorded before it is said to have happened"),
    "no-count": gettext_lazy("the number of events was missing or nought"),
    "bad-count": gettext_lazy("the number of events could not be read"),
    "replaced": gettext_lazy("a later file told its day anew"),
    "no-place": gettext_lazy("the place was missing"),
    "unknown-area": gettext_lazy("the neighbourhood's name or number is not known here"),
    "outside": gettext_lazy("the place lies outside every neighbourhood"),
}
SHOWS = {
    "rate": gettext_lazy("for every 1,000 residents"),
    "count": gettext_lazy("how many"),
    "change": gettext_lazy("change against the year before"),
}


@dataclass(frozen=True, slots=True)
class LegendItem:
    """A colour and what it means."""

    css: str
    text: str


def reason(code: str) -> str:
    """Why a row was refused; the code itself where there are no words for it."""
    return str(REASONS.get(code, code))


def show(code: str) -> str:
    """What a map shows."""
    return str(SHOWS[code])


def cost_of(line: Line, account: Account) -> str:
    """Whom a line of the account is about."""
    return {
        "event": _("one report, or another happening that was counted"),
        "corrected": _("one that was taken back later and counted elsewhere instead"),
        "person": _("a person who is behind %(n)s of them") % {"n": number(account.several)},
        "answer": _("one answer in a survey"),
        "referral": _("one person referred to help"),
    }[line.of]


def value(row: MapRow, show: str) -> str:
    """What a neighbourhood's colour means, in words. `show`: rate, count or change."""
    if show == "change":
        return _change(row)
    if row.now.value is None:
        if row.now.hidden is None:
            return _("not counted")
        if row.now.hidden == "unknown":
            return _("unknown: no data came")
        return fewer()
    return _counted(row, show) + _partly(row)


def _partly(row: MapRow) -> str:
    """From how many periods a number is made, where some are unknown."""
    if not row.now.unknown:
        return ""
    given = {"n": number(row.now.known), "all": number(row.now.periods)}
    return _(" (from %(n)s of %(all)s periods)") % given


def _counted(row: MapRow, show: str) -> str:
    if show == "count":
        given = {"n": number(row.now.shown), "e": number(row.now.give_or_take)}
        return _("about %(n)s, give or take %(e)s") % given
    if row.rate is None:
        return _("nobody knows how many live here")
    given = {"n": number(row.rate, 1), "e": number(row.rate_give, 1)}
    return _("about %(n)s for every 1,000 residents, give or take %(e)s") % given


def _change(row: MapRow) -> str:
    if row.change.kind == "same":
        return _("no clear change")
    if row.change.kind == "unknown":
        return _("can't be compared")
    text = _("%(n)s more") if row.change.kind == "more" else _("%(n)s fewer")
    return text % {"n": percent(row.change.share)}


def legend(city: CityMap) -> list[LegendItem]:
    """What the colours of a map mean, hatching and blanks included where it has any."""
    items = _change_legend() if city.show == "change" else _step_legend(city.limits, city)
    if city.any_unsure:
        items.append(LegendItem("unsure", _("uncertain: few counted, so the error is large")))
    if city.any_hidden:
        items.append(
            LegendItem(
                "hidden-value",
                _("fewer than %(n)s, or nothing to compare") % {"n": number(settings.CITY.threshold)},
            )
        )
    return items


def _change_legend() -> list[LegendItem]:
    return [
        LegendItem("l2", _("at least a quarter fewer")),
        LegendItem("l1", _("fewer")),
        LegendItem("e0", _("no clear change")),
        LegendItem("m1", _("more")),
        LegendItem("m2", _("at least a quarter more")),
    ]


def _step_legend(limits: tuple[float, ...], city: CityMap) -> list[LegendItem]:
    used = sorted({row.css for row in city.rows if row.css != "hidden-value"})
    if not limits:
        return [LegendItem(css, _("all alike")) for css in used]
    texts = [_("under %(limit)s") % {"limit": _short(limits[0])}]
    texts += [
        _("%(low)s to %(high)s") % {"low": _short(low), "high": _short(high)}
        for low, high in pairwise(limits)
    ]
    texts.append(_("%(limit)s and more") % {"limit": _short(limits[-1])})
    classes = [step(value, limits) for value in (limits[0] - 1e-9, *limits)]
    return [LegendItem(f"s{each}", text) for each, text in zip(classes, texts, strict=True)]


def _short(value: float) -> str:
    return number(value, 0 if value == int(value) else 1 if round(value, 1) == value else 2)
