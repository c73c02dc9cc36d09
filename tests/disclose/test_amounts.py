"""How a published count is read."""

from __future__ import annotations

import polars as pl

from mahalleh.disclose import NOTHING, Amount, amounts, half_width

HIDDEN = Amount(None, 3.0, "small")


def test_amount__never_shows_less_than_nought_nor_more_certainty_than_there_is():
    assert Amount(-3, 2.2).shown == 0
    assert Amount(-3, 2.2).give_or_take == 3
    assert HIDDEN.shown is None
    assert HIDDEN.give_or_take is None
    assert HIDDEN.exists
    assert not NOTHING.exists


def test_amount__is_unsure_when_its_error_exceeds_half_of_it():
    assert Amount(10, 5.1).unsure
    assert not Amount(10, 5.0).unsure


def test_amounts__are_keyed_by_one_column_or_by_several():
    cells = pl.DataFrame(
        {
            "topic": ["noise", "noise", "lamps"],
            "place": ["a", "b", "a"],
            "value": [10, 20, 2],
            "hidden": [None, None, "small"],
            "epsilon": 1.0,
            "draws": 1,
        },
        schema_overrides={"hidden": pl.Enum(("small",))},
    )
    assert amounts(cells, by=["topic"], threshold=5) == {
        "noise": Amount(30, half_width(1.0, draws=2)),
        "lamps": Amount(None, half_width(1.0), "small"),
    }
    assert amounts(cells, by=["topic", "place"], threshold=5)["noise", "b"] == Amount(20, half_width(1.0))
    assert amounts(cells.clear(), by=["topic"], threshold=5) == {}
