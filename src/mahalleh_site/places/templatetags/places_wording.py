"""Words for codes and promises on pages that speak of places."""

from django import template

from mahalleh_site.places import wording

register = template.Library()
register.filter("group_name", wording.group)
register.filter("promise_title", wording.promise_title)
register.filter("promise_sentence", wording.promise_sentence)
