"""A room that forgets something is refused with a sentence, in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils.translation import gettext_lazy as _

from mahalleh_site.house import checking, rooms
from mahalleh_site.house.manifest import Entry, Phase, Published, Retention, Section


def refused(monkeypatch, room, /, **changes):
    """The sentences with which the house refuses to start when one of its rooms is changed."""
    changed = tuple(
        replace(each, room=replace(each.room, **changes)) if each.room.name == room else each
        for each in rooms.rooms()
    )
    monkeypatch.setattr(rooms, "rooms", lambda: changed)
    with pytest.raises(checking.HouseError) as raised:
        checking.check()
    assert raised.value.text("fa") != raised.value.text("en")
    return raised.value.text("en")


def of(name):
    return next(each.room for each in rooms.rooms() if each.room.name == name)


def test_house__as_it_stands_is_whole():
    checking.check()


def test_app__without_a_manifest(monkeypatch):
    monkeypatch.setattr(rooms, "packages", lambda: iter(["mahalleh_site.house"]))
    with pytest.raises(checking.HouseError, match=r"has no room\.py"):
        checking.check()


def test_name__that_another_room_has(monkeypatch):
    assert "Two rooms have one name: listen" in refused(monkeypatch, "watch", name="listen")


def test_verb__that_another_room_states(monkeypatch):
    verbs = {**of("watch").verbs, "make-account": _("watched a period")}
    assert "one verb of the audit log: make-account" in refused(monkeypatch, "watch", verbs=verbs)


@pytest.mark.parametrize("words", ["plain text", _("nobody translated this sentence"), _("")])
def test_verb__that_is_not_worded_in_both_languages(monkeypatch, words):
    verbs = {**of("watch").verbs, "dance": words}
    assert "“dance” of the room watch is not worded" in refused(monkeypatch, "watch", verbs=verbs)


def test_table__that_another_room_publishes(monkeypatch):
    table = {"counts": Published(_("Signals"), ledger="rules:__name__")}
    assert "published table stands in manifests twice: counts" in refused(
        monkeypatch, "watch", published=table
    )


def test_permission__that_does_not_exist(monkeypatch):
    menu = (Entry("signals", _("Signals"), may="see_nothing"),)
    assert "no such function" in refused(monkeypatch, "watch", staff_menu=menu)


def test_address__of_the_menu_whose_roles_are_not_stated(monkeypatch):
    assert "which roles open the address signals" in refused(monkeypatch, "watch", roles={})


@pytest.mark.parametrize(
    "changes",
    [
        {"waiting": "queries:nothing"},
        {"public_version": "nothing:at_all"},
        {"daily": "daily:nothing"},
        {"checks": {"watching.doctor-bad": "doctor:nothing"}},
        {"turn": {Phase.READ: "loop:nothing"}},
        {"sample": {"watching.step-demo": "demo:nothing"}},
        {"published": {"signals": Published(_("Signals"), ledger="demo:nothing")}},
    ],
)
def test_reference__to_what_is_not_there(monkeypatch, changes):
    assert "which was not found" in refused(monkeypatch, "watch", **changes)


@pytest.mark.parametrize(
    "changes", [{"pages": ("no_urls",)}, {"files": ("no_urls",)}, {"register": "no.toml"}]
)
def test_file__that_is_not_there(monkeypatch, changes):
    assert "not in its folder" in refused(monkeypatch, "watch", **changes)


def test_section__that_another_room_has(monkeypatch):
    section = (Section("listen", type("Other", (), {}), {}),)
    assert "one table of city.toml: listen" in refused(monkeypatch, "watch", city=section)


def test_method__that_another_room_enters_in_the_register(monkeypatch):
    told = refused(monkeypatch, "listen", register="../watch/register.toml")
    assert "one method in the public register: watch" in told


@pytest.mark.parametrize("field", ["Decision.reason", "Decision.by"])
def test_field__about_a_person_without_a_class_of_retention(monkeypatch, field):
    kept = {name: kind for name, kind in of("watch").retention.items() if name != field}
    assert f"how long these are kept: {field}" in refused(monkeypatch, "watch", retention=kept)


def test_field__that_no_model_has(monkeypatch):
    kept = {**of("watch").retention, "Signal.suspect": Retention.WORDS}
    assert "Signal.suspect" in refused(monkeypatch, "watch", retention=kept)


def test_untold__that_no_model_has(monkeypatch):
    assert "Signal.mood" in refused(monkeypatch, "watch", untold=("Signal.mood",))
