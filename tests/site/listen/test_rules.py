"""The room's rules, without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahalleh_site.listen import rules
from mahalleh_site.listen.rules import Way, receivers
from mahalleh_site.sealed.rules import Keeping, NotPossibleError

STATES = (
    "held",
    "new",
    "open",
    "promised",
    "closed",
    "declined",
    "reopened",
    "merged",
    "withdrawn",
    "refused",
)
DAY = date(2026, 11, 23)


def test_transitions__name_known_states_alone():
    assert set(rules.TRANSITIONS) == set(STATES)
    assert {after for row in rules.TRANSITIONS.values() for after in row.values()} <= set(STATES)


def test_transitions__let_a_resident_withdraw_whatever_is_followed():
    able = {status for status in STATES if "withdraw" in rules.TRANSITIONS[status]}
    assert able == set(STATES) - {"withdrawn", "refused"}


def test_transitions__reopen_only_what_was_answered():
    assert {status for status in STATES if "reopen" in rules.TRANSITIONS[status]} == {"closed", "declined"}


@given(
    st.lists(st.sampled_from(["take", "answer", "promise", "withdraw", "reopen", "merge", "part", "accept"]))
)
def test_transitions__never_leave_the_table_and_never_wake_what_was_withdrawn(verbs):
    status = "new"
    for verb in verbs:
        before = status
        try:
            status = rules.COURSE.after(status, verb)
        except NotPossibleError:
            status = before
        assert status in STATES
        assert before != "withdrawn" or status == "withdrawn"


def test_staff__never_withdraw_or_reopen_for_the_resident():
    assert all(not set(rules.staff_verbs(status)) & {"withdraw", "reopen"} for status in STATES)


WAYS = (
    Way(1, "municipality"),
    Way(2, "ngo", district="west"),
    Way(3, "police", topic="theft"),
    Way(4, "ngo", topic="theft", area="a"),
    Way(5, "counselling", topic="harm"),
    Way(6, "police", topic="harm"),
)


@pytest.mark.parametrize(
    ("topic", "area", "district", "care", "police", "expected"),
    [
        ("noise", "c", "east", "open", False, (1,)),
        ("noise", "a", "west", "open", False, (2,)),
        ("theft", "c", "east", "open", False, (3,)),
        ("theft", "a", "west", "open", False, (4,)),
        ("theft", "c", "east", "careful", False, (1,)),
        ("theft", "c", "east", "careful", True, (1, 3)),
        ("theft", "a", "west", "careful", True, (4, 3)),
        ("harm", "a", "west", "sealed", False, (5,)),
        ("harm", "a", "west", "sealed", True, (5, 6)),
        ("child", "a", "west", "sealed", False, ()),
    ],
)
def test_receivers__are_those_of_the_most_particular_way(topic, area, district, care, police, expected):
    found = receivers(WAYS, topic=topic, area=area, district=district, care=care, police=police)
    assert found == expected


def test_sealed__never_goes_by_a_way_for_any_topic():
    assert receivers(WAYS[:2], topic="harm", area="a", district="west", care="sealed", police=True) == ()


def test_promises__lie_ahead_and_within_half_a_year():
    days = (DAY - timedelta(1), DAY, DAY + timedelta(180), DAY + timedelta(181))
    assert [rules.good_promise(day, DAY) for day in days] == [False, True, True, False]


def test_keeping__ends_words_contact_and_refused_each_in_its_time():
    keeping = Keeping(rules.COURSE, words=180, contact=30, refused=14)
    assert keeping.words_until("open", None) is None
    assert keeping.words_until("closed", DAY) == DAY + timedelta(180)
    assert keeping.contact_until("closed", DAY) == DAY + timedelta(30)
    assert keeping.words_until("refused", DAY) == keeping.contact_until("refused", DAY) == DAY + timedelta(14)


NAMED = {"answer as done": "answer", "better: no": "reopen"}


def table():
    """The table in the module's own docstring: (state, verb) -> the state it leads to, or None."""
    lines = [line for line in rules.__doc__.splitlines() if line.startswith("| ")]
    heads = [cell.strip() for cell in lines[0].strip("|").split("|")][1:]
    told = {}
    for line in lines[2:]:
        states, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        for state in states.split(", "):
            for head, cell in zip(heads, cells, strict=True):
                told[state, NAMED.get(head, head)] = cell or None
    return told


def test_transitions__are_the_table_that_stands_above_them():
    told = table()
    assert len(told) > 60
    assert told == {(state, verb): rules.TRANSITIONS[state].get(verb) for state, verb in told}


def test_states__each_count_and_end_as_what_they_are():
    """What counts is one matter told once; what ended is forgotten; nothing is both open and ended."""
    assert frozenset(STATES) - rules.COUNTED == {"held", "merged", "withdrawn", "refused"}
    assert set(STATES) == rules.OPEN | rules.ENDED
    assert not rules.OPEN & rules.ENDED
    assert {"closed", "declined"} == rules.ANSWERED


@pytest.mark.parametrize(
    ("verb", "days"), [("send", 9), ("reopen", 7), ("add", 7), ("hold", 3), ("part", 9), ("answer", 9)]
)
def test_due__is_in_the_citys_days_but_for_what_cannot_wait(verb, days):
    assert rules.due(verb, DAY, answer_days=9) == DAY + timedelta(days)


def test_police__read_what_is_sealed_beside_its_service_and_never_in_its_place():
    """Even where their way is the more particular one."""
    ways = (Way(5, "counselling", topic="harm"), Way(6, "police", topic="harm", area="a"))
    where = {"topic": "harm", "area": "a", "district": "west", "care": "sealed"}
    assert receivers(ways, **where, police=True) == (5, 6)
    assert receivers(ways, **where, police=False) == (5,)


def test_receivers__of_alike_ways_are_all_and_each_once():
    ways = (Way(1, "ngo", topic="noise"), Way(2, "ngo", topic="noise"), Way(1, "ngo", topic="noise"))
    assert receivers(ways, topic="noise", area="a", district=None, care="open", police=False) == (1, 2)


def test_receivers__a_way_for_another_place_or_topic_never_fits():
    ways = (Way(1, "ngo", area="b"), Way(2, "ngo", district="east"), Way(3, "ngo", topic="theft"))
    assert receivers(ways, topic="noise", area="a", district="west", care="open", police=True) == ()


def test_keeping__of_what_was_refused_is_never_longer_than_of_what_was_not():
    keeping = Keeping(rules.COURSE, words=5, contact=3, refused=14)
    assert keeping.words_until("refused", DAY) == DAY + timedelta(5)
    assert keeping.contact_until("refused", DAY) == DAY + timedelta(3)


@pytest.mark.parametrize("status", sorted(rules.OPEN))
def test_keeping__lets_nothing_of_an_open_report_go(status):
    assert Keeping(rules.COURSE).words_until(status, DAY) is None
    assert Keeping(rules.COURSE).contact_until(status, DAY) is None
