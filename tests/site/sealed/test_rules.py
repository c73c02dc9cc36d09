"""The rules that all sealed conversations share: their states, and how long things are kept."""

from datetime import date, timedelta

import pytest

from mahalleh_site.sealed.rules import Course, Keeping, NotPossibleError

DAY = date(2026, 11, 28)
COURSE = Course({"new": {"answer": "closed", "refuse": "refused"}}, ended=frozenset({"closed", "refused"}))


def test_course__leads_on_where_the_table_says_and_nowhere_else():
    assert COURSE.after("new", "answer") == "closed"
    for status, verb in (("new", "reopen"), ("closed", "answer"), ("unheard-of", "answer")):
        with pytest.raises(NotPossibleError):
            COURSE.after(status, verb)


@pytest.mark.parametrize(
    ("status", "ended", "words", "contact"),
    [
        ("new", None, None, None),
        ("new", DAY, None, None),  # a day that stayed behind ends nothing
        ("closed", None, None, None),
        ("closed", DAY, 60, 20),
        ("refused", DAY, 14, 14),  # what was none goes sooner ...
    ],
)
def test_keeping__counts_from_the_end(status, ended, words, contact):
    keeping = Keeping(COURSE, words=60, contact=20, refused=14)
    for until, days in ((keeping.words_until, words), (keeping.contact_until, contact)):
        assert until(status, ended) == (None if days is None else DAY + timedelta(days))


def test_keeping__of_what_was_none_is_never_longer():
    keeping = Keeping(COURSE, words=10, contact=5, refused=14)
    assert keeping.words_until("refused", DAY) == DAY + timedelta(10)
    assert keeping.contact_until("refused", DAY) == DAY + timedelta(5)
