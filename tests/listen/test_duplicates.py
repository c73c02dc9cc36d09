"""Reports that tell of the same thing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import h3.api.basic_int as h3
import pytest

from mahalleh.errors import EventsError, InputError
from mahalleh.listen import THRESHOLD, Note, compare, groups, similar
from tests.listen.pairs import CHOOSE, DAY, HELD, ORIGIN, read

LAMP = Note("lamp", "lamp out Laleh", ORIGIN, "a0", "L", DAY)


def ring(steps):
    return sorted(h3.grid_ring(ORIGIN, steps))[0]


def measured(pairs):
    """Precision and recall at the threshold."""
    told = [(same, compare(one, other).score >= THRESHOLD) for same, one, other in read(pairs)]
    right = sum(same and found for same, found in told)
    return right / sum(found for _, found in told), right / sum(same for same, _ in told)


def test_threshold__separates_the_pairs_it_was_chosen_on():
    precision, recall = measured(CHOOSE)
    assert precision >= 22 / 23
    assert recall == 1


def test_threshold__holds_on_pairs_it_was_not_chosen_on():
    precision, recall = measured(HELD)
    assert precision >= 23 / 27
    assert recall >= 23 / 24


def test_pairs__are_as_many_in_both_languages_and_different_in_both_sets():
    texts = [tuple((one.text, other.text) for _same, one, other in read(pairs)) for pairs in (CHOOSE, HELD)]
    assert not set(texts[0]) & set(texts[1])
    for told in texts:
        english = sum(one.isascii() for one, _other in told)
        assert len(told) >= 40
        assert min(english, len(told) - english) >= 15


def test_compare__multiplies_its_parts():
    other = Note("other", "lamp Laleh", ring(1), "a1", "N", DAY + timedelta(days=12))
    match = compare(LAMP, other)
    assert (match.key, match.steps, match.days, match.other_names) == ("other", 1, 12, False)
    assert match.text == pytest.approx((2 + 2) / (3 + 2))  # both words of one, two of the other's three
    assert (match.place, match.topic) == (0.9, 0.8)
    assert match.time == pytest.approx(1 - 0.5 * 12 / 120)
    assert match.score == pytest.approx(0.8 * 0.9 * 0.95 * 0.8)


def test_compare__counts_little_words_a_quarter():
    match = compare(LAMP, replace(LAMP, text="the lamp is out in Laleh"))
    assert match.text == pytest.approx((3 + 3) / (3 + 3 + 3 * 0.25))


@pytest.mark.parametrize(
    ("one", "other", "place", "steps"),
    [
        ((ORIGIN, "a0"), (ORIGIN, "a1"), 1.0, 0),  # the cell is surer than the neighbourhood
        ((ORIGIN, "a0"), (ring(2), "a0"), 0.7, 2),
        ((ORIGIN, "a0"), (ring(3), "a0"), 0.5, 3),
        ((ORIGIN, "a0"), (ring(4), "a0"), 0.0, None),
        ((ORIGIN, "a0"), (h3.latlng_to_cell(-33.9, 151.2, 9), "a0"), 0.0, None),
        ((ORIGIN, "a0"), (None, "a0"), 0.8, None),
        ((None, "a0"), (None, "a0"), 0.8, None),
        ((None, "a0"), (None, "a1"), 0.0, None),
        ((ORIGIN, None), (None, "a1"), 0.6, None),
    ],
)
def test_compare__place_goes_by_cells_then_neighbourhoods(one, other, place, steps):
    notes = [replace(LAMP, cell=cell, area=area) for cell, area in (one, other)]
    assert (compare(*notes).place, compare(*notes).steps) == (place, steps)
    assert (compare(*notes[::-1]).place, compare(*notes[::-1]).steps) == (place, steps)


@pytest.mark.parametrize(("days", "time"), [(0, 1.0), (60, 0.75), (120, 0.5), (121, 0.0)])
def test_compare__time_falls_by_half_in_120_days_and_then_to_nought(days, time):
    assert compare(LAMP, replace(LAMP, day=DAY - timedelta(days=days))).time == time


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("lamp out in Laleh street", "lamp out in Narges street", True),
        ("lamp out in Laleh street", "lamp out in Lale st", False),  # spelt differently
        ("lamp out in Laleh street", "lamp out in Laleh", False),
        ("lamp out in Laleh street", "the street lamp is out", False),  # names none
        ("lamp out, Laleh street, lane 4", "lamp out, Laleh street, lane 5", True),
        ("چراغ کوچهٔ ۱۲", "چراغ كوچه 12م", False),
        ("چراغ کوچه ۱۲", "چراغ کوچه ۱۴", True),
        ("چراغ کوچه شهید رضایی", "چراغ کوچه رضایی", False),
        ("چراغ پلاک ۷", "چراغ پلاک ۷۰", True),
        ("چراغ خیابان سوخته", "چراغ سوخته خیابان لاله", False),  # «سوخته» is no name: both have it
    ],
)
def test_compare__halves_texts_that_name_different_places(one, other, differ):
    there, back = replace(LAMP, text=one), replace(LAMP, text=other)
    assert compare(there, back).other_names is differ
    assert compare(back, there).other_names is differ


def test_compare__other_names_halve_the_likeness_of_the_words():
    match = compare(replace(LAMP, text="lamp Laleh street"), replace(LAMP, text="lamp Narges street"))
    assert match.text == pytest.approx((2 + 2) / (3 + 3) / 2)


@pytest.mark.parametrize("text", ["", "!!!", "🔥"])
def test_compare__finds_nothing_alike_without_words(text):
    blank = replace(LAMP, text=text)
    assert compare(blank, blank).score == compare(blank, LAMP).score == compare(LAMP, blank).score == 0


def test_compare__numbers_are_alike_only_when_they_are_the_same():
    assert compare(replace(LAMP, text="1402"), replace(LAMP, text="1403")).text == 0
    assert compare(replace(LAMP, text="۱۴۰۲"), replace(LAMP, text="1402")).text == 1


def test_similar__ranks_the_likest_first_and_keeps_to_what_was_asked():
    among = [
        replace(LAMP, key="far", cell=ring(4)),
        replace(LAMP, key="near", cell=ring(1)),
        replace(LAMP, key="b"),
        replace(LAMP, key="a"),
        replace(LAMP, key="older", day=DAY - timedelta(days=30)),
        replace(LAMP, key="else", text="dog barks"),
        LAMP,
    ]
    assert [match.key for match in similar(LAMP, among)] == ["a", "b", "near", "older"]
    assert [match.key for match in similar(LAMP, among, most=2)] == ["a", "b"]
    assert [match.key for match in similar(LAMP, among, at_least=0.89)] == ["a", "b", "near"]
    assert {match.key for match in similar(LAMP, among, at_least=0)} >= {"far", "else"}
    assert similar(LAMP, []) == []


def test_groups__are_chains_of_likeness_the_largest_first():
    chain = [replace(LAMP, key=f"c{i}", day=DAY - timedelta(days=100 * i)) for i in range(3)]
    pair = [replace(LAMP, key=f"p{i}", text="dog barks", day=DAY + timedelta(days=i)) for i in range(2)]
    alone = replace(LAMP, key="alone", cell=ring(4))
    assert compare(chain[0], chain[2]).score == 0
    found = groups([*pair, alone, *chain])
    assert found == [("c2", "c1", "c0"), ("p0", "p1")]
    assert groups([alone, chain[0], chain[0]]) == groups([]) == []


@pytest.mark.parametrize("cell", [0, 12345, h3.latlng_to_cell(35.7, 51.4, 8), -1])
def test_cells__of_another_kind_are_refused(cell):
    wrong = replace(LAMP, key="wrong", cell=cell)
    for call in (lambda: compare(LAMP, wrong), lambda: similar(LAMP, [wrong]), lambda: groups([wrong])):
        with pytest.raises(EventsError) as caught:
            call()
        assert [fault.code for fault in caught.value.faults] == ["events.bad-cell"]


@pytest.mark.parametrize("at_least", [-0.1, 1.1, float("nan")])
def test_at_least__is_a_share(at_least):
    with pytest.raises(InputError, match="at_least"):
        similar(LAMP, [], at_least=at_least)
    with pytest.raises(InputError, match="at_least"):
        groups([], at_least=at_least)
