"""Words for codes and numbers on the public pages."""

from django import template
from django.conf import settings
from django.utils.translation import gettext

from mahalleh_site.publish import wording
from mahalleh_site.ui.templatetags.mahalleh import number

register = template.Library()
register.filter("reason", wording.reason)
register.filter("show_name", wording.show)
register.simple_tag(wording.value, name="map_value")
register.simple_tag(wording.cost_of)


@register.filter
def size(value: int) -> str:
    """A file's size in kB, at least 1."""
    return number(max(1, round(value / 1000)))


@register.filter
def few(count: int) -> str:
    """A count of promises, or that they are few where they are fewer than the city tells of anything."""
    least = settings.CITY.threshold
    return number(count) if count >= least else gettext("fewer than %(n)s") % {"n": number(least)}
