"""The watch in words: numbers become sentences that claim no more than they know."""

from __future__ import annotations

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from mahalleh_site.watch import forms, wording
from mahalleh_site.watch.pages import Rise
from tests.site.watch import samples

YEAR = 365.2425 / 7  # weeks

RISE = Rise((), samples.START, samples.END, 102, 41.2, 19 * YEAR, "W")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "102 reports came in where about 41 were expected. "
            "By chance alone a rise like this would come up about once in 19 years.",
        ),
        (
            "fa",
            "۱۰۲ گزارش رسید، در حالی که حدود ۴۱ گزارش انتظار می‌رفت. "
            "چنین افزایشی به‌طور تصادفی تقریباً هر ۱۹ سال یک‌بار رخ می‌دهد.",
        ),
    ],
)
def test_sentence__says_what_came_what_was_expected_and_how_seldom_chance_does_that(language, said):
    with override(language):
        assert wording.sentence(RISE) == said


@pytest.mark.parametrize(
    ("periods", "freq", "said"),
    [
        (float("inf"), "W", "less than once in 100 years"),
        (101 * YEAR, "W", "less than once in 100 years"),
        (100 * YEAR, "W", "about once in 100 years"),
        (2 * YEAR, "W", "about once in 2 years"),
        (1.2 * YEAR, "W", "about once a year"),
        (YEAR / 2, "W", "about once in 6 months"),
        (3, "W", "about once in 3 weeks"),
        (1, "W", "about once a week"),
        (24, "M", "about once in 2 years"),
        (3, "M", "about once in 3 months"),
    ],
)
def test_seldom__grows_coarser_with_time(periods, freq, said):
    with override("en"):
        assert wording.seldom(periods, freq) == said


@given(st.floats(min_value=1, allow_nan=False), st.sampled_from("WM"))
def test_seldom__has_words_for_every_recurrence_in_both_languages(periods, freq):
    for language in ("fa", "en"):
        with override(language):
            said = wording.seldom(periods, freq)
        assert said
        assert "%" not in said


def test_places__names_three_and_counts_more():
    with override("en"):
        assert wording.places(["A"]) == "A"
        assert wording.places(["A", "B"]) == "A and B"
        assert wording.places(["A", "B", "C"]) == "A, B and C"
        assert wording.places(["A", "B", "C", "D"]) == "A, B and 2 more neighbourhoods"
        assert wording.places([]) == ""


def test_about__shows_no_more_digits_than_are_known():
    with override("en"):
        assert [wording.about(value) for value in (41.2, 9.94, 4.12, 2.0, 0.34)] == [
            "41", "9.9", "4.1", "2", "0.3",
        ]  # fmt: skip


@pytest.mark.parametrize("group", [*wording.BY_GROUP, "a group of tomorrow"])
def test_options__offer_each_way_to_help_once_the_likeliest_first(group):
    codes = [code for code, _ in wording.options(group)]
    assert sorted(codes) == sorted(wording.OPTIONS)
    assert codes[0] in wording.BY_GROUP.get(group, ("talk",))


def test_options__hold_nothing_that_enforces():
    """Guard-rail 4: what is considered here needs no police."""
    with override("en"):
        words = " ".join(str(option) for option in wording.OPTIONS.values()).lower()
    for forbidden in ("patrol", "arrest", "police", "stop and", "fine", "officer", "camera"):
        assert forbidden not in words


GOOD = {"verb": "watch", "reason": "The works at the canal explain part of it.", "considered": ["lighting"]}


def form(**changes):
    return forms.DecideForm({**GOOD, **changes}, group="surroundings", verbs=["watch", "dismiss"])


def test_decision__needs_a_choice_a_reason_and_something_without_enforcement():
    assert form().is_valid()
    assert form(considered=[], other="Ask the shopkeepers").is_valid()
    assert set(form(verb="").errors) == {"verb"}
    assert set(form(reason="no").errors) == {"reason"}
    assert set(form(reason="          ").errors) == {"reason"}
    assert set(form(considered=[]).errors) == {"considered"}
    assert set(form(considered=[], other="   ").errors) == {"considered"}
    assert set(form(considered=["patrol"]).errors) == {"considered"}


def test_decision__takes_only_what_may_become_of_the_signal():
    assert form(verb="dismiss").is_valid()
    assert set(form(verb="open_problem").errors) == {"verb"}
    assert set(form(verb="dispatch").errors) == {"verb"}


def test_decision__has_no_field_to_send_anyone():
    assert set(forms.DecideForm(group="crime", verbs=wording.VERBS).fields) == {
        "verb", "reason", "considered", "other",
    }  # fmt: skip
    assert set(wording.VERBS) == {"watch", "dismiss", "open_problem"}
