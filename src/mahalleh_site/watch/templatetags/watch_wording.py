"""Words for codes and numbers on the pages of the watch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django import template
from django.utils import timezone

from mahalleh_site.places.models import Area, District
from mahalleh_site.watch import wording
from mahalleh_site.watch.pages import Rise, SourceShare

register = template.Library()
register.filter("signal_status", wording.status)
register.filter("signal_kind", wording.status_kind)
register.filter("decision", wording.verb)
register.filter("source_name", wording.source)
register.filter("option_names", wording.option_names)
register.filter("step_words", wording.step)
register.filter("rise_sentence", wording.sentence)
register.filter("rise_times", wording.times)
register.filter("about", wording.about)

USUAL, LONGEST = 40, 160  # of the component `versus`


@register.filter
def place_names(places: Sequence[Area | District]) -> str:
    """Neighbourhoods in a sentence."""
    return wording.places([place.name for place in places])


@register.filter
def seldom(rise: Rise) -> str:
    """How often chance alone does that."""
    return wording.seldom(rise.recurrence, rise.freq)


@register.simple_tag
def seldom_without(share: SourceShare, freq: str) -> str:
    """How often chance alone leaves what remains without a source."""
    return wording.seldom(share.left_recurrence, freq)


@register.filter
def since(day: date) -> str:
    """How long something has waited until today."""
    return wording.ago((timezone.localdate() - day).days)


@register.filter
def bar(rise: Rise) -> int:
    """The bar's length: usual at 40, 160 at most."""
    if rise.expected <= 0:
        return LONGEST
    return min(LONGEST, round(USUAL * rise.observed / rise.expected))


@register.filter
def bar_over(rise: Rise) -> bool:
    """Whether the bar is longer than can be drawn."""
    return rise.expected <= 0 or USUAL * rise.observed > LONGEST * rise.expected
