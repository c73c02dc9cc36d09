"""What anyone may see of the watch: signals on pages of places, and the public register of methods."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.cache import caches

from mahalleh_site.places.models import Topic
from mahalleh_site.watch import queries
from mahalleh_site.watch.models import Signal
from mahalleh_site.watch.queries import lists
from tests.site.watch import samples
from tests.site.watch.browsing import GOOD, entered, public
from tests.site.watch.conftest import TODAY


@pytest.fixture(autouse=True)
def _day(monkeypatch):
    """Pages are looked at on TODAY, whenever the tests run."""
    monkeypatch.setattr(lists, "today", lambda: TODAY)


def test_neighbourhood__shows_decided_signals_in_coarse_words_and_never_a_count(signal, in_use):
    area = signal.areas_order[0]
    assert (
        "102" not in public(f"/en/areas/{area}/").split("What was noticed here")[1].split("What is being")[0]
    )
    entered().post(f"/en/signals/{signal.id}/decide/", GOOD)
    for language in ("en", "fa"):
        page = public(f"/{language}/areas/{area}/")
        heading, after = {
            "en": ("What was noticed here", "What is being done"),
            "fa": ("آنچه در اینجا به چشم آمد", "چه کاری"),
        }[language]
        part = page.split(heading)[1].split(after)[0][:1500]
        for number in ("102", "41", "991", "۱۰۲", "۴۱"):
            assert number not in part
        assert GOOD["reason"] not in page
        assert "Nasrin" not in page
    part = public(f"/en/areas/{area}/").split("What was noticed here")[1]
    assert "about twice as much as usual" in part
    assert "is being watched" in part
    assert "Decided by: coordinator" in part
    assert "Better lighting" in part


def test_neighbourhood__claims_no_more_than_was_found(demo):
    """A rise of four neighbourhoods is not each one's own, and one of a neighbourhood not its district's."""
    here = samples.areas(1)[0]
    samples.stored(status="watching")
    assert "and neighbourhoods around it, taken together, about twice" in public(f"/en/areas/{here.pk}/")
    assert f"In a part of {here.district.name_en}, about twice" in public(
        f"/en/districts/{here.district_id}/"
    )
    samples.stored("noise-here", topic="noise", at=(here.pk,), status="dismissed")
    caches["pages"].clear()
    assert f"In {here.name_en}, about twice" in public(f"/en/areas/{here.pk}/")


def test_neighbourhood__promises_nothing_where_no_method_works(demo):
    page = public(f"/en/areas/{samples.areas(1)[0].pk}/")
    assert "What was noticed here" not in page
    assert "whether far more came in than chance explains" not in page


def test_neighbourhood__says_what_is_computed_where_one_does(demo, in_use):
    page = public(f"/en/areas/{samples.areas(1)[0].pk}/")
    assert "whether far more came in than chance explains" in page
    assert "Nothing has been decided" in page


def test_neighbourhood__keeps_an_open_signal_to_itself_and_shows_one_that_ran_out(signal, in_use):
    area = signal.areas_order[0]
    assert "Nothing has been decided" in public(f"/en/areas/{area}/")
    Signal.objects.filter(pk=signal.pk).update(status="expired")
    assert "Nobody decided about it in time." in public(f"/en/areas/{area}/")


def test_neighbourhood__says_nothing_of_careful_or_sealed_topics(demo, in_use):
    at = samples.areas(1)[0]
    Topic.objects.filter(pk="family-conflict").update(sensitivity="careful")
    samples.stored("family", topic="family-conflict", at=(at.pk,), status="watching")
    page = public(f"/en/areas/{at.pk}/")
    assert "Nothing has been decided" in page
    assert "about twice as much" in public(f"/en/districts/{at.district_id}/")
    Topic.objects.filter(pk="family-conflict").update(sensitivity="sealed")
    caches["pages"].clear()
    assert "about twice as much" not in public(f"/en/districts/{at.district_id}/")


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Signals are not in this account"), ("fa", "هشدارها در این حساب نیست")],
)
def test_register__says_that_signals_follow_from_exact_counts_and_stand_in_no_account(demo, language, said):
    assert said in public(f"/{language}/methods/")


def test_register__is_public_and_says_what_is_in_use_and_how_it_errs(demo, monkeypatch):
    assert "The register is empty" in public("/en/methods/") or "What it is for" in public("/en/methods/")
    entry = samples.method()
    monkeypatch.setattr(
        queries, "methods", lambda: [entry, replace(entry, name="b", errors={}, in_use=False)]
    )
    caches["pages"].clear()
    page = public("/en/methods/")
    assert "One method computes something about this city. No method decides: people do." in page
    assert "It is set to give 2 signals a year where nothing is rising." in page
    assert "finds 62%" in page
    assert "Not measured yet" in page
    assert "in use" in page
    assert public("/fa/methods/")


def test_register__tells_how_often_people_set_a_signal_aside_and_how_many_ran_out(demo):
    """Guard-rail 5: both are seen, a method that is often wrong and people who never contradict it."""
    for number, status in enumerate(["dismissed"] * 3 + ["problem", "watching"] + ["expired"] * 2):
        samples.stored(f"noise-{number}", topic="noise", weeks_ago=number, status=status)
    page = public("/en/methods/")
    for words in ("became a problem to work on: 1", "set aside: 3", "ran out undecided: 2"):
        assert words in page


def test_register__lists_what_people_decided_whatever_the_numbers(demo, monkeypatch):
    one = replace(samples.calibration(), signals=2, decided=1, confirmed=0, dismissed=0, expired=1)
    monkeypatch.setattr(queries, "calibration", lambda: one)
    for language, said in {
        "en": (
            "confirmed: became a problem to work on: 0", "set aside: 0", "watched on: not settled yet: 1",
            "ran out undecided: 1",
        ),
        "fa": ("کنار گذاشته شد: ۰", "هنوز روشن نیست: ۱", "مهلت گذشته: ۱"),
    }.items():  # fmt: skip
        caches["pages"].clear()
        page = public(f"/{language}/methods/")
        for words in said:
            assert words in page
