"""Weekly tables beside the releases: each week of each is drawn once, with the city's epsilon."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from mahalleh.disclose import NOTHING, half_width, noise
from mahalleh.errors import DisclosureError
from mahalleh_site.house import rooms
from mahalleh_site.house.manifest import Published
from mahalleh_site.people.models import AuditEntry
from mahalleh_site.releases import account, loop, queries, tallies
from mahalleh_site.releases.models import Tally
from mahalleh_site.releases.queries import account as pages
from mahalleh_site.releases.queries import tallies as read

TODAY = date(2026, 11, 28)  # a Saturday
WEEK = timedelta(weeks=1)
LAST = date(2026, 11, 23)  # the Monday on which the squares' last whole week ended


@pytest.fixture
def table(squares, monkeypatch):
    """One table, whose exact counts a test may change."""
    exact = {("a", "yes"): 40, ("a", "no"): 0, ("b", "yes"): 3, ("b", "no"): 0}
    asked = []

    def count(start, end):
        asked.append((start, end))
        return dict(exact)

    monkeypatch.setattr(rooms, "tables", lambda: {"test": count})
    named = {"test": (Published("Test", weekly="queries:none"), None)}
    monkeypatch.setattr(rooms, "published", lambda: named)
    count.exact, count.asked = exact, asked
    return count


@pytest.fixture
def quiet(monkeypatch):
    """Noise that is none, and what it was asked for."""
    asked = []

    def draw(exact, *, epsilon):
        asked.append((len(exact), epsilon))
        return np.asarray(exact)

    monkeypatch.setattr(noise, "draw", draw)
    monkeypatch.setattr(tallies.disclose, "check_noise", lambda draws: None)
    return asked


def test_draw__takes_each_whole_week_once(table, quiet):
    assert tallies.draw(by="system:test", today=TODAY) == 13
    assert table.asked[0] == (LAST - 13 * WEEK, LAST - 12 * WEEK)
    assert table.asked[-1] == (LAST - WEEK, LAST)
    assert tallies.draw(by="system:test", today=TODAY) == 0
    assert tallies.draw(by="system:test", today=TODAY + 3 * timedelta(days=1)) == 1
    assert Tally.objects.count() == 14 * 4
    assert AuditEntry.objects.filter(verb="draw-tables", object="test").count() == 2


def test_draw__keeps_what_was_drawn_whatever_the_counts_become(table):
    tallies.draw(by="system:test", today=TODAY)
    before = list(Tally.objects.values_list("place", "what", "start", "value"))
    table.exact["a", "yes"] = 4000
    for _ in range(3):
        tallies.draw(by="system:test", today=TODAY)
    assert list(Tally.objects.values_list("place", "what", "start", "value")) == before


def test_draw__adds_noise_of_the_citys_epsilon_to_every_cell(table, quiet, settings):
    settings.CITY = replace(settings.CITY, epsilon=0.25)
    tallies.draw(by="system:test", today=TODAY)
    assert quiet == [(4, 0.25)] * 13  # a draw for each cell of each week, noughts included
    assert set(Tally.objects.values_list("epsilon", flat=True)) == {0.25}


def test_draw__has_noise(table):
    tallies.draw(by="system:test", today=TODAY)
    errors = [tally.value - table.exact[tally.place, tally.what] for tally in Tally.objects.all()]
    assert 0.2 < sum(error != 0 for error in errors) / len(errors) < 0.9  # 0.54 with epsilon 1; 52 cells
    exact = [table.exact[tally.place, tally.what] for tally in Tally.objects.all()]
    assert {count > 0 for count, error in zip(exact, errors, strict=True) if error} == {True, False}


def test_lately__adds_up_with_the_error_of_its_draws(table, quiet):
    tallies.draw(by="system:test", today=TODAY)
    here = read.lately("test", place="a")
    assert (here.start, here.end, here.all.value) == (LAST - 13 * WEEK, LAST, 13 * 40)
    assert here.all.half_width == half_width(1.0, draws=26)
    assert here.by_what["yes"].half_width == half_width(1.0, draws=13)
    assert read.lately("test", weeks=2).all.value == 2 * 43
    assert here.share("yes", at_most=0.25) == 1.0
    assert read.lately("test", place="b").share("yes", at_most=0.25) is None  # 39, give or take 14


def test_lately__of_a_table_that_was_never_drawn_is_nothing(squares):
    nothing = read.lately("test", place="a")
    assert (nothing.start, nothing.all, nothing.share("yes", at_most=1)) == (None, NOTHING, None)


def test_share__is_between_nothing_and_all(table, quiet):
    table.exact["a", "no"] = -30
    tallies.draw(by="system:test", today=TODAY)
    here = read.lately("test", place="a")
    assert here.share("yes", at_most=10) == 1.0
    assert here.share("no", at_most=10) == 0.0


def test_public_version__changes_with_what_is_drawn_and_only_then(table, quiet):
    before = queries.public_version()
    tallies.draw(by="system:test", today=TODAY)
    after = queries.public_version()
    assert after != before
    tallies.draw(by="system:test", today=TODAY)
    assert queries.public_version() == after


def test_loop__draws_the_tables_of_every_room(squares, monkeypatch):
    monkeypatch.setattr(loop.turn, "publish", lambda **how: None)
    loop.publish(by="system:test", revise=False)
    assert set(Tally.objects.values_list("table", flat=True)) == {"answers", "channels"}  # no report is shown


def test_draw__stands_in_the_account(table, settings):
    tallies.draw(by="system:test", today=TODAY)
    event = account.draw_up()["event"]
    assert (event.one.epsilon, event.corrected.epsilon) == (1, 2)
    assert pages.current().event.epsilon == 1
    settings.CITY = replace(settings.CITY, epsilon=0.5)
    tallies.draw(by="system:test", today=TODAY + WEEK)
    assert pages.current().event.epsilon == 1  # weeks are apart, and the dearer ones stand


def test_draw__of_a_table_that_costs_more_than_the_city_states_keeps_nothing(table, settings):
    settings.CITY = replace(settings.CITY, event_cap=0.5)
    with pytest.raises(DisclosureError, match="event_cap"):
        tallies.draw(by="system:test", today=TODAY)
    assert not Tally.objects.exists()
    assert pages.current() is None


def test_draw__of_a_table_that_no_account_knows_keeps_nothing(table, monkeypatch):
    monkeypatch.setattr(rooms, "published", dict)
    with pytest.raises(DisclosureError, match="No account knows"):
        tallies.draw(by="system:test", today=TODAY)
    assert not Tally.objects.exists()


def test_draw__with_less_noise_than_stated_keeps_nothing(table, monkeypatch):
    for week in range(100):
        table.exact["a", f"more-{week}"] = 10  # enough cells for noise to be seen to be missing
    monkeypatch.setattr(noise, "draw", lambda exact, *, epsilon: np.asarray(exact))
    with pytest.raises(DisclosureError, match="smaller than its epsilon"):
        tallies.draw(by="system:test", today=TODAY)
    assert not Tally.objects.exists()
