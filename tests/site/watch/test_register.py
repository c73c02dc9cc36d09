"""Guard-rail 9: what is not entered in the public register, whole and in time, does not work."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone, translation

from mahalleh.errors import CityError
from mahalleh_site.people.models import AuditEntry
from mahalleh_site.watch import actions, queries, register, register_wording
from mahalleh_site.watch.models import Method

pytestmark = pytest.mark.django_db


def entry(**changes):
    """The project's own entry, as if measured and good for a year from today."""
    today = timezone.localdate()
    days = {"reviewed_on": today, "expires_on": today + timedelta(days=365)}
    found = register.entries()["watch"] | days
    return found | {"errors": {"rate": 2.0, "false_a_year": 2.1}} | changes


def registered(**changes) -> Method:
    return actions.register_method(by="system:test", id="watch", entry=entry(**changes))


def code(refused) -> str:
    return refused.value.faults[0].code


def test_entries__of_the_project_are_worded_in_both_languages_and_hold_a_year_at_most():
    for name, found in register.entries().items():
        assert set(found) == set(register.FIELDS), name
        for text in ("names", "purpose", "data", "owner"):
            assert all(found[text][language].strip() for language in ("en", "fa")), (name, text)
        assert found["reviewed_on"] < found["expires_on"] <= found["reviewed_on"] + timedelta(days=366)


def test_entries__name_only_errors_that_there_are_words_for():
    with translation.override("en"):
        for found in register.entries().values():
            said = register_wording.errors(found["errors"])
            assert len(said) >= len(set(found["errors"]) - {"benchmark"})


def test_entries__of_the_city_win_key_by_key(tmp_path):
    (tmp_path / "register.toml").write_text(
        'watch.owner.en = "The council"\nwatch.expires_on = 2027-05-01\n[watch.errors]\nfound = 0.7\n',
        encoding="utf-8",
    )
    ours, theirs = register.entries()["watch"], register.entries(tmp_path)["watch"]
    assert theirs["owner"] == ours["owner"] | {"en": "The council"}
    assert theirs["errors"] == ours["errors"] | {"found": 0.7}
    assert theirs["expires_on"] == date(2027, 5, 1)
    assert {name for name in ours if ours[name] != theirs[name]} == {"owner", "errors", "expires_on"}


def test_entries__of_a_city_without_a_file_are_the_projects(tmp_path):
    assert register.entries(tmp_path) == register.entries() == register.entries(None)


@pytest.mark.parametrize(
    "text",
    [
        "watch = [",
        "watch.switched_on = true",
        'watch.expires_on = "next year"',
        'watch.owner = "The council"',
        "watch.version = 2",
        "watch.expires_on = 2027-05-01T00:00:00Z",
        "watch = 3",
        "[wacth]\nexpires_on = 2027-05-01",
    ],
)
def test_entries__that_cannot_be_read_are_refused_by_name(tmp_path, text):
    (tmp_path / "register.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CityError) as refused:
        register.entries(tmp_path)
    assert code(refused) == "watching.bad-register"
    assert str(tmp_path / "register.toml") in str(refused.value)


def test_entries__in_another_encoding_are_refused_by_name(tmp_path):
    (tmp_path / "register.toml").write_bytes('watch.version = "é"'.encode("latin-1"))
    with pytest.raises(CityError) as refused:
        register.entries(tmp_path)
    assert code(refused) == "watching.bad-register"


def test_register__switches_on_what_is_complete_and_says_so_in_the_audit_log():
    method = registered()
    assert method.switched_on
    assert actions.check_in_use("watch") == method
    newest = AuditEntry.objects.first()
    assert (newest.verb, newest.object, newest.facts["on"]) == ("register-method", "watch", True)


@pytest.mark.parametrize(
    "lack",
    [
        {"errors": {}},
        {"errors": {"rate": 2.0, "benchmark": "detection.py"}},
        {"names": {"en": "Watch"}},
        {"purpose": {"en": "To see", "fa": ""}},
        {"data": {}},
        {"owner": {"fa": "شورا"}},
        {"version": ""},
        {"reviewed_on": None},
        {"expires_on": None},
    ],
)
def test_register__leaves_off_what_lacks_something(lack):
    """A rate that was chosen and a file's name are no measurement."""
    assert not registered(**lack).switched_on
    with pytest.raises(actions.NotInUseError) as refused:
        actions.switch_method(by="system:test", id="watch", on=True)
    assert code(refused) == "watching.incomplete"
    assert not Method.objects.get().switched_on


def test_register__written_again_alike_leaves_no_trace():
    registered()
    before = AuditEntry.objects.count()
    registered()
    assert AuditEntry.objects.count() == before


def test_register__brought_up_to_date_leaves_the_switch_where_it_was():
    registered()
    actions.switch_method(by="system:test", id="watch", on=False)
    method = registered(version="2")
    assert (method.version, method.switched_on) == ("2", False)


def test_register__completed_later_is_switched_on_by_a_person_alone():
    registered(errors={})
    assert not registered().switched_on
    assert actions.switch_method(by="system:test", id="watch", on=True).switched_on


def test_entry__runs_out_by_itself_on_its_day():
    today = timezone.localdate()
    registered(expires_on=today + timedelta(days=1))
    assert actions.check_in_use("watch").switched_on
    registered(expires_on=today)
    with pytest.raises(actions.NotInUseError) as refused:
        actions.check_in_use("watch")
    assert code(refused) == "watching.expired"
    with pytest.raises(actions.NotInUseError):
        actions.switch_method(by="system:test", id="watch", on=True)


def test_switch__is_in_the_audit_log_once_for_each_change():
    registered()
    for on in (False, False, True, True):
        actions.switch_method(by="system:test", id="watch", on=on)
    switched = AuditEntry.objects.filter(verb="switch-method").order_by("number")
    assert [entry.facts["on"] for entry in switched] == [False, True]


def test_switch__knows_no_method_that_is_not_entered():
    with pytest.raises(actions.NotInUseError) as refused:
        actions.switch_method(by="system:test", id="forecast", on=True)
    assert code(refused) == "watching.absent"


@pytest.mark.parametrize(("language", "name"), [("en", "Watch over rises"), ("fa", "پایش افزایش‌ها")])
def test_methods__show_the_entry_in_the_pages_language(language, name):
    registered()
    with translation.override(language):
        (shown,) = queries.methods()
    assert (shown.name, shown.title, shown.version, shown.in_use) == ("watch", name, "1", True)
    assert shown.errors == {"rate": 2.0, "false_a_year": 2.1}
    assert queries.any_method_in_use()


def test_methods__still_show_what_was_switched_off():
    registered()
    actions.switch_method(by="system:test", id="watch", on=False)
    assert [shown.in_use for shown in queries.methods()] == [False]
    assert not queries.any_method_in_use()


def test_scheme__allows_the_rate_that_the_register_tells():
    """What the public reads is what the watch is set to."""
    from mahalleh_site.watch import scheme

    assert register.entries()[scheme.METHOD]["errors"]["rate"] == scheme.RATE


def test_scheme__takes_the_feasts_of_the_citys_country():
    from mahalleh_site.city import City
    from mahalleh_site.watch.scheme import scheme_for

    zones = {"Asia/Tehran": "IR", "America/Chicago": "US", "Asia/Istanbul": "TR"}
    assert {zone: scheme_for(City(timezone=zone), "W").calendar for zone in zones} == zones
    assert scheme_for(City(country="GB-SCT"), "W").calendar == "GB-SCT"
    assert scheme_for(City(country="none"), "W").calendar is None
