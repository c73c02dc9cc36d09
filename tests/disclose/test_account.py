"""The account, against sums by hand, against a slow obvious twin, and against OpenDP's own."""

from __future__ import annotations

import math
import sys
from datetime import date, timedelta
from itertools import product

import numpy as np
import opendp.prelude as dp
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mahalleh.disclose import release
from mahalleh.disclose.account import Table, check_cap, spent
from mahalleh.disclose.cost import DELTA, Cost, best_guess, epsilon_of
from mahalleh.disclose.drawn import check_cells, check_noise
from mahalleh.disclose.noise import draw
from mahalleh.errors import DisclosureError
from tests.disclose.conftest import make_panel

DAY = date(2024, 1, 6)


def draws(text: str) -> pl.DataFrame:
    """A ledger drawn: `topic place first-week weeks draw epsilon` a line; districts in capitals."""
    rows = []
    for line in text.strip().splitlines():
        topic, place, first, weeks, number, epsilon = line.split()
        start = DAY + timedelta(weeks=int(first))
        end = start + timedelta(weeks=int(weeks))
        level = "district" if place.isupper() else "area"
        rows.append((topic, level, place, start, end, int(number), float(epsilon)))
    columns = ["topic", "level", "place", "start", "end", "draw", "epsilon"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def event(text: str, **kwargs: object) -> float:
    return spent([Table("t", "event", draws(text), **kwargs)])["event"].one.epsilon  # type: ignore[arg-type]


def test_event__is_in_one_cell_and_under_one_draw() -> None:
    assert event("noise a 0 1 1 0.5\n noise b 0 1 1 1\n noise a 1 1 1 0.25\n litter a 0 1 1 0.75") == 1
    assert event("noise a 0 1 1 0.5\n noise a 0 1 2 2\n noise a 0 1 3 1") == 2  # whichever draw it is under


def test_event__of_cells_that_overlap_pays_for_each() -> None:
    assert event("noise a 0 1 1 1\n noise a 0 4 1 0.5") == 1.5  # a week, and the month that holds it
    assert event("noise a 0 1 1 1\n noise A 0 4 1 0.5") == 1.5  # an area, and a district that may hold it
    assert event("noise a 0 1 1 1\n noise A 1 4 1 0.5") == 1  # one after the other
    assert event("noise a 0 1 1 1\n litter A 0 4 1 0.5") == 1  # an event has one topic


def test_event__pays_for_every_cell_that_units_are_not_apart_by() -> None:
    text = "open a 0 1 1 0.5\n open a 1 1 1 0.5\n open b 1 1 1 0.25\n late a 1 1 1 0.125"
    assert event(text) == 0.5
    assert event(text, apart=("topic", "place")) == 1  # counted again each week
    assert event(text, apart=("place", "time")) == 0.625  # open and late in one week
    assert event(text, apart=("topic", "time")) == 0.75
    assert event(text, apart=()) == 0.5 + 0.5 + 0.25 + 0.125
    assert event(text, sensitivity=3) == 1.5


def test_corrected__is_under_its_own_draw_that_of_its_taking_back_and_that_of_its_new_cell() -> None:
    account = spent([Table("t", "event", draws("noise a 0 1 1 1\n noise a 0 1 2 0.5\n litter b 3 1 1 0.25"))])
    assert account["event"].one.epsilon == 1
    assert account["event"].corrected.epsilon == 1 + 0.5 + 1
    assert account["event"].corrected.rho == 1 / 2 + 0.25 / 2 + 1 / 2


def test_tables__of_one_unit_add_up_and_those_of_others_do_not() -> None:
    one = draws("noise a 0 1 1 1")
    account = spent([Table("x", "event", one), Table("y", "event", one), Table("z", "answer", one)])
    assert {unit: cost.one.epsilon for unit, cost in account.items()} == {
        "event": 2,
        "answer": 1,
        "referral": 0,
    }
    assert {name: cost.epsilon for name, cost in account["event"].tables.items()} == {"x": 1, "y": 1}
    assert account["event"].person(10) == Cost(20, 100 * (0.5 + 0.5))


def test_account__of_nothing_is_nought() -> None:
    account = spent([Table("t", "event", draws("noise a 0 1 1 1").clear())])
    assert account["event"].one == account["event"].corrected == Cost()
    assert account["event"].one.guess == 0.5
    check_cap(account, 0.01)


def slow(rows: list[tuple], apart: tuple[str, ...]) -> float:
    """The slow obvious twin: for each topic, places and week, add up the cells that may hold one unit."""
    topics = {row[0] for row in rows}
    places = {level: {row[2] for row in rows if row[1] == level} or {None} for level in ("area", "district")}
    weeks = {DAY + timedelta(weeks=i) for i in range(8)}
    worst = 0.0
    for topic, area, district, week in product(topics, places["area"], places["district"], weeks):
        cells: dict[tuple, float] = {}
        for row in rows:
            t, level, place, start, end, _, epsilon = row
            mine = (
                (t == topic or "topic" not in apart)
                and (place == (area if level == "area" else district) or "place" not in apart)
                and (start <= week < end or "time" not in apart)
            )
            if mine:
                key = (t, level, place, start, end)
                cells[key] = max(cells.get(key, 0.0), epsilon)
        worst = max(worst, sum(cells.values()))
    return worst


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["noise", "litter"]), st.sampled_from(["a", "b", "A", "B"]), st.integers(0, 4),
        st.integers(1, 3), st.integers(1, 2), st.sampled_from([0.25, 0.5, 1.0]),
    ),
    min_size=1, max_size=9,
)  # fmt: skip


@hypothesis_settings(max_examples=40, deadline=None)
@given(ROWS, st.sets(st.sampled_from(["topic", "place", "time"])))
def test_account__equals_its_slow_twin(rows: list[tuple], apart: set[str]) -> None:
    table = draws("\n".join(" ".join(map(str, row)) for row in rows))
    given = tuple(sorted(apart))
    found = spent([Table("t", "event", table, apart=given)])["event"].one.epsilon
    assert found == pytest.approx(slow(table.rows(), given))


def test_account__of_a_release_is_its_epsilon_however_often_it_is_revised(settings: dict) -> None:
    panel = make_panel(np.random.default_rng(1).poisson(9, (1, 6, 20)).astype(np.int64))
    ledger = release(panel, **settings).ledger
    for _ in range(3):
        ledger = release(panel, ledger=ledger, revise=True, **settings).ledger
    account = spent([Table("counts", "event", ledger)])["event"]
    assert (account.one.epsilon, account.corrected.epsilon) == (1, 3)


def refused(code: str, call, *args, **kwargs) -> str:
    with pytest.raises(DisclosureError) as caught:
        call(*args, **kwargs)
    assert [fault.code for fault in caught.value.faults] == [f"disclose.{code}"]
    assert caught.value.text("fa") != caught.value.text("en")
    return caught.value.text("en")


def test_cap__refuses_a_table_that_costs_an_event_more() -> None:
    one = draws("noise a 0 1 1 0.1")
    tables = [Table(str(i), "event", one) for i in range(3)]
    check_cap(spent(tables), 0.3)  # 0.1 + 0.1 + 0.1 is 0.30000000000000004
    text = refused("above-cap", check_cap, spent(tables), 0.29)
    assert "0.3" in text
    assert "0.29" in text


def test_account__refuses_what_is_no_table() -> None:
    one = draws("noise a 0 1 1 1")
    refused("unknown-unit", spent, [Table("t", "person", one)])
    refused("bad-apart", spent, [Table("t", "event", one, apart=("hour",))])
    refused("bad-columns", spent, [Table("t", "event", one.drop("epsilon"))])
    refused("table-twice", spent, [Table("t", "event", one), Table("t", "event", one)])
    for units in (0, -1, 2.5, True):
        refused("bad-units", Cost(1, 0.5).times, units)
    for delta in (0.0, 1.0):
        refused("bad-level", epsilon_of, 1.0, delta)
        refused("bad-level", best_guess, 1.0, delta)


# --- against OpenDP's own accounting


@pytest.mark.parametrize("epsilon", [0.01, 0.1, 1.0, 3.0])
@pytest.mark.parametrize("count", [1, 3, 40])
def test_cost__is_what_opendp_says_of_the_same_draws(epsilon: float, count: int) -> None:
    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
    pure = dp.m.make_laplace(*space, scale=1.0 / epsilon)
    mine = Cost(epsilon, epsilon**2 / 2)
    for _ in range(count - 1):
        mine = mine + Cost(epsilon, epsilon**2 / 2)
    assert mine.epsilon == pytest.approx(dp.c.make_composition([pure] * count).map(1), rel=1e-9)
    concentrated = dp.c.make_composition([dp.c.make_pureDP_to_zCDP(pure)] * count)
    assert mine.rho == pytest.approx(concentrated.map(1), rel=1e-9)
    theirs = dp.c.make_zCDP_to_approxDP(concentrated).map(1).epsilon(DELTA)
    assert epsilon_of(mine.rho) == pytest.approx(theirs, rel=1e-6)


def test_least__is_the_pure_way_for_few_draws_and_the_other_for_many() -> None:
    assert Cost(1.0, 0.5).least == (1.0, 0.0)
    few, many = Cost(0.1, 0.005), Cost(0.1 * 400, 0.005 * 400)
    assert few.least == (0.1, 0.0)
    epsilon, delta = many.least
    assert (epsilon < 40, delta) == (True, DELTA)


# --- whether the ledger tells the truth


@pytest.mark.parametrize("epsilon", [0.1, 0.5, 1.0])
def test_noise__of_a_ledger_is_refused_where_epsilon_was_50_times_what_it_says(
    epsilon: float, monkeypatch, settings: dict
) -> None:
    panel = make_panel(np.random.default_rng(1).poisson(9, (1, 6, 40)).astype(np.int64))
    check_noise(release(panel, **{**settings, "epsilon": epsilon}).ledger)
    monkeypatch.setattr("mahalleh.disclose.noise.MAX_EPSILON", 100.0)
    module = sys.modules[release.__module__]  # the package has a function of the same name
    monkeypatch.setattr(module, "draw", lambda exact, *, epsilon: draw(exact, epsilon=50 * epsilon))
    wrong = release(panel, **{**settings, "epsilon": epsilon}).ledger
    assert wrong["epsilon"].unique().to_list() == [epsilon]
    text = refused("noise-too-small", check_noise, wrong)
    assert f"{epsilon:g}" in text


def test_noise__is_right_in_two_thousand_ledgers_of_fifty_draws() -> None:
    counted = np.zeros(100_000, dtype=np.int64)
    noisy = draw(counted, epsilon=1.0).reshape(2_000, 50)
    for row in noisy:
        check_noise(pl.DataFrame({"epsilon": 1.0, "counted": counted[:50], "noisy": row}))


def test_cells__that_are_not_the_sum_of_their_draws_are_refused(settings: dict) -> None:
    made = release(make_panel(np.full((1, 6, 4), 30, dtype=np.int64)), **settings)
    check_cells(made.cells, made.ledger)
    refused("unaccounted", check_cells, made.cells, made.ledger.tail(-1))
    unknown = made.cells.with_columns(value=pl.lit(None, dtype=pl.Int64))  # of periods that nobody told of
    check_cells(unknown, made.ledger.clear())
    refused("unaccounted", check_cells, made.cells.with_columns(pl.col("value") + 1), made.ledger)


def test_guess__is_a_coin_without_cost_and_what_the_prior_gives_where_that_is_more() -> None:
    assert best_guess(0.0) == 0.5
    assert best_guess(1.0) == pytest.approx(math.e / (1 + math.e))
    assert best_guess(0.5, prior=0.9) == best_guess(0.5, prior=0.1) == 0.9
