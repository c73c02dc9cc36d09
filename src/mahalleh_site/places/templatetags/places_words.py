"""Words for codes on the pages of places."""

from django import template

from mahalleh_site.places import wording
from mahalleh_site.ui.templatetags.mahalleh import number

register = template.Library()
register.filter("reason", wording.reason)
register.filter("show_name", wording.show)
register.filter("group_name", wording.group)
register.filter("promise_title", wording.promise_title)
register.filter("promise_sentence", wording.promise_sentence)
register.simple_tag(wording.value, name="map_value")


@register.filter
def size(value: int) -> str:
    """A file's size in kB, at least 1."""
    return number(max(1, round(value / 1000)))
