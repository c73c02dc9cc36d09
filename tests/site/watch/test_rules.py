"""The rules of signals, row by row of their tables."""

from __future__ import annotations

import inspect
from datetime import date, timedelta
from itertools import product

import pytest

from mahalleh_site.watch import rules

OPENED = date(2026, 4, 30)
DUE = date(2026, 5, 28)  # 30 April and 28 days
VERBS = ("watch", "dismiss", "open_problem")
# The table of the module's docstring, cell by cell; None: may not be decided.
TABLE = {
    "open": ("watching", "dismissed", "problem"),
    "watching": ("watching", "dismissed", "problem"),
    "dismissed": ("watching", None, "problem"),
    "expired": ("watching", "dismissed", "problem"),
    "problem": (None, None, None),
}


@pytest.mark.parametrize(("status", "leads"), TABLE.items())
def test_after__is_the_table(status, leads):
    assert tuple(rules.after(status, verb) for verb in VERBS) == leads


def test_after__knows_no_other_state_or_verb():
    for status, verb in product([*rules.STATUSES, "sent", ""], ["assign", "dispatch", "expire", "", "open"]):
        assert rules.after(status, verb) is None
    assert rules.after("sent", "watch") is None


@pytest.mark.parametrize(("status", "leads"), TABLE.items())
def test_allowed__names_the_decisions_that_lead_somewhere(status, leads):
    expected = tuple(verb for verb, after in zip(VERBS, leads, strict=True) if after)
    assert rules.allowed(status) == expected


def test_table__is_the_one_that_the_docstring_shows():
    lines = [line.split("|")[1:-1] for line in inspect.getdoc(rules).splitlines() if line[:1] == "|"]
    shown = {cells[0].strip(): tuple(cell.strip() or None for cell in cells[1:4]) for cells in lines[2:]}
    assert shown == TABLE


def test_no_decision__leads_back_to_open_and_none_to_expired():
    """A signal waits once; only time lets it run out."""
    assert set(rules.TRANSITIONS.values()) == {"watching", "dismissed", "problem"}


def test_statuses_and_verbs__are_those_of_the_database():
    from mahalleh_site.watch.models import Decision, Signal

    assert set(rules.STATUSES) == set(Signal.Status.values)
    assert set(rules.VERBS) == set(Decision.Verb.values)


def test_expires_on__is_28_days_later():
    assert rules.expires_on(OPENED) == DUE


@pytest.mark.parametrize(
    ("status", "today", "expired"),
    [
        ("open", DUE - timedelta(days=1), False),
        ("open", DUE, True),
        ("open", DUE + timedelta(days=400), True),
        *((status, DUE, False) for status in ("watching", "dismissed", "problem", "expired")),
    ],
)
def test_is_expired__only_of_what_nobody_decided_on(status, today, expired):
    assert rules.is_expired(status, DUE, today) is expired


@pytest.mark.parametrize(
    ("considered", "other", "enough"),
    [
        (["lighting"], "", True),
        ([], "Ask the school", True),
        (["lighting", "talk"], "Ask the school", True),
        ([], "", False),
        (["", "  "], " \n", False),
    ],
)
def test_weighed__wants_one_option_without_enforcement(considered, other, enough):
    assert rules.weighed(considered, other) is enough


@pytest.mark.parametrize(
    ("observed", "expected", "step"),
    [
        (129, 100, "some"),
        (130, 100, "half"),
        (174, 100, "half"),
        (175, 100, "twice"),
        (249, 100, "twice"),
        (250, 100, "thrice"),
        (399, 100, "thrice"),
        (400, 100, "many"),
        (3, 0, "many"),
        (0, 0, "many"),
    ],
)
def test_step__is_coarse(observed, expected, step):
    assert rules.step(observed, expected) == step


def test_step__has_words_for_each():
    from mahalleh_site.watch import wording

    assert set(wording.STEPS) == {code for _limit, code in rules.STEPS} | {"many"}


# printf 'watch:noise:W:2026-05-04' | sha256sum, the first 16 digits; of its 64 bits the first 53
SEED = 0xB764899C79C28ADA >> 11


def test_seed__is_the_same_everywhere_and_another_for_each_look():
    looks = product(["noise", "litter"], ["W", "M"], [date(2026, 5, 4), date(2026, 5, 11)])
    seeds = [rules.seed(*look) for look in looks]
    assert len(set(seeds)) == len(seeds)
    assert rules.seed("noise", "W", date(2026, 5, 4)) == SEED
    assert all(0 <= seed < 2**53 for seed in seeds)


@pytest.mark.parametrize("on", [True, False])
@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize(
    ("expires", "lasts"),
    [(DUE + timedelta(days=1), True), (DUE, False), (DUE - timedelta(days=1), False), (None, False)],
)
def test_in_use__only_what_is_switched_on_complete_and_not_run_out(on, complete, expires, lasts):
    found = rules.in_use(switched_on=on, expires=expires, complete=complete, today=DUE)
    assert found is (on and complete and lasts)
