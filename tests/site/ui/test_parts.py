"""Parts: a later room shows something on an earlier room's page without being imported by it."""

from __future__ import annotations

import pytest
from django.template import engines

from mahalleh_site.ui import parts


@pytest.fixture
def empty(monkeypatch):
    monkeypatch.setattr(parts, "_FILLERS", {})


def shown(place, **about):
    text = "{% load mahalleh %}{% part place what=what %}"
    return engines["django"].from_string(text).render({"place": place, **about})


def test_part__shows_what_rooms_fill_in_the_order_in_which_they_came(empty):
    parts.fill("here", "first", lambda what: ("ui/components/tag.html", {"text": f"<{what}>"}))
    parts.fill("here", "second", lambda what: ("ui/components/tag.html", {"text": "more", "kind": "look"}))
    assert shown("here", what="x") == (
        '<span class="tag ">&lt;x&gt;</span><span class="tag look">more</span>'
    )


def test_part__is_empty_where_nobody_fills_it_or_a_room_has_nothing_to_say(empty):
    parts.fill("here", "silent", lambda what: None)
    assert shown("here", what="x") == shown("elsewhere", what="x") == ""


def test_part__of_a_room_is_filled_once_however_often_it_says_so(empty):
    for _ in range(2):
        parts.fill("here", "room", lambda: ("ui/components/mark.html", {}))
    assert len(parts.filled("here")) == 1
