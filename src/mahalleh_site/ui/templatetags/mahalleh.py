"""Filters of every page: numbers and days in the page's language and the city's calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import template
from django.conf import settings
from django.template import loader
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, pgettext

from mahalleh.calendars import month_start
from mahalleh_site.ui import formats

if TYPE_CHECKING:
    from mahalleh.disclose import Amount, Change

register = template.Library()


def language() -> str:
    """The page's language: fa or en."""
    return "fa" if (get_language() or "fa").startswith("fa") else "en"


@register.filter
def number(value: float | int | None, places: int = 0) -> str:
    """`{{ 1204|number }}`: ۱٬۲۰۴ or 1,204; `{{ 3.14|number:1 }}`: one decimal place."""
    return formats.number(value, language(), int(places))


@register.filter
def percent(value: float | None) -> str:
    """`{{ 0.12|percent }}`: ۱۲٪ or 12%."""
    return formats.percent(value, language())


@register.filter
def digits(value: object) -> str:
    """The digits of a text in the page's script; telephone numbers, versions."""
    return formats.digits(value, language())


@register.filter
def day(value: date | datetime | None) -> str:
    """A day in words; of a moment, the day on which it fell in the city."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return formats.day(value, language(), settings.CITY.calendar)


@register.filter
def last_day(end: date | None) -> str:
    """The last day of a period whose `end` lies just outside it."""
    return "" if end is None else day(end - timedelta(days=1))


@register.filter
def month(value: date | None) -> str:
    """The month that begins on this day, by its name."""
    return "" if value is None else formats.month(value, language(), settings.CITY.calendar)


@register.filter
def last_month(end: date | None) -> str:
    """The last month of a span whose `end` lies just outside it."""
    if end is None:
        return ""
    return formats.month(
        month_start(end - timedelta(days=1), settings.CITY.calendar), language(), settings.CITY.calendar
    )


@register.filter
def until(start: date, end: date) -> str:
    """`{{ start|until:end }}`: a period in words; `end` lies just outside it."""
    return formats.period(start, end, language(), settings.CITY.calendar)


@register.simple_tag
def amount(count: Amount) -> SafeString:
    """The component `amount` for tables, where thousands of them must be quick."""
    if not count.exists:
        return _soft(gettext("not counted"))
    if count.hidden:
        return _soft(gettext("unknown: no data came") if count.hidden == "unknown" else fewer())
    about = pgettext("a number with its error follows", "about %(n)s") % {"n": number(count.shown)}
    error = gettext("give or take %(n)s") % {"n": number(count.give_or_take)}
    if count.unknown:
        error = gettext("%(error)s, from %(n)s of %(all)s periods") % {
            "error": error,
            "n": number(count.known),
            "all": number(count.periods),
        }
    return format_html('<span class="number">{}</span> <span class="give">{}</span>', about, error)


@register.simple_tag
def fewer() -> str:
    """What stands for a number below the threshold."""
    return gettext("fewer than %(n)s") % {"n": number(settings.CITY.threshold)}


@register.simple_tag
def change(change: Change) -> SafeString:
    """The component `change` for tables, where thousands of them must be quick."""
    if change.kind == "unknown":
        return _soft(gettext("can't be compared"))
    if change.kind == "same":
        return _soft(gettext("no clear change"))
    words_ = gettext("%(n)s more") if change.kind == "more" else gettext("%(n)s fewer")
    return format_html('<span class="tag {}">{}</span>', change.judged, words_ % {"n": percent(change.share)})


def _soft(text: str) -> SafeString:
    return format_html('<span class="soft">{}</span>', text)


@register.simple_tag
def component(name: str, variables: Mapping[str, Any]) -> SafeString:
    """A component with a set of variables at hand: for the gallery."""
    return mark_safe(loader.render_to_string(name, dict(variables)))  # noqa: S308  (a template escaped it)


@register.filter
def at(mapping: Mapping[Any, Any], key: Any) -> Any:
    """`{{ hints|at:code }}`: what a mapping holds there; empty where it holds nothing."""
    return mapping.get(key, "")


@register.filter
def iso(value: date | datetime) -> SafeString:
    """For `<time datetime>`."""
    return mark_safe(value.isoformat())  # noqa: S308  (digits and marks only)
