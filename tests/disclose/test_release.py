"""What a release holds, and what it holds for ever."""

from datetime import date

import numpy as np
import polars as pl
import pytest
import xarray as xr

from mahalleh.disclose import empty_ledger, release, total
from mahalleh.disclose.tables import LEDGER, PUBLIC_COLUMNS, cells_of
from mahalleh.errors import DisclosureError
from tests.disclose.conftest import AREAS, PARENTS, SENSITIVITY, make_panel

KEY = ["topic", "level", "place", "start"]


def plus(panel: xr.DataArray, more: int) -> xr.DataArray:
    return panel.copy(data=panel.values + more)


def test_release__has_one_cell_for_each_open_area_week_and_careful_district_month(
    weekly: xr.DataArray, monthly: xr.DataArray, settings: dict
) -> None:
    made = release(weekly, monthly=monthly, **settings)
    sizes = made.cells.group_by("topic", "level", "freq").len().sort("topic").rows()
    assert sizes == [
        ("family", "district", "M", 2 * 6),
        ("litter", "area", "W", 6 * 20),
        ("noise", "area", "W", 6 * 20),
    ]
    assert made.cells.select(PUBLIC_COLUMNS).columns == made.public().columns
    assert made.cells.schema["value"] == pl.Int64
    assert made.cells["start"].min() == date(2024, 1, 1)
    first = made.cells.filter(pl.col("topic") == "noise").row(0, named=True)
    assert (first["start"], first["end"]) == (date(2024, 1, 6), date(2024, 1, 13))


def test_release__values_are_the_counts_with_noise(weekly: xr.DataArray, settings: dict) -> None:
    made = release(weekly, **settings)
    error = made.ledger["noisy"] - made.ledger["counted"]
    assert error.abs().max() < 30  # e^-30 a cell
    assert error.n_unique() > 3
    exact = made.ledger.filter((pl.col("topic") == "litter") & (pl.col("place") == "b1")).sort("start")
    assert exact["counted"].to_list() == weekly.sel(topic="litter", area="b1").values.tolist()


@pytest.mark.parametrize(("noisy", "hidden"), [(4, "small"), (5, None)])
def test_cells__are_hidden_below_the_threshold_and_not_at_it(noisy, hidden):
    week = {"start": date(2024, 1, 6), "end": date(2024, 1, 13), "freq": "W", "kind": "need", "draw": 1}
    one = {"topic": "noise", "level": "area", "place": "a1", "epsilon": 1.0, "counted": 5}
    made = cells_of(pl.DataFrame([one | week | {"noisy": noisy}], schema=dict(LEDGER)), threshold=5)
    assert made["hidden"].to_list() == [hidden]


def test_release__of_careful_topics_is_by_district_and_month_alone(
    monthly: xr.DataArray, settings: dict
) -> None:
    made = release(None, monthly=monthly, **settings)
    assert set(made.cells["topic"]) == {"family"}
    assert set(made.cells["place"]) == {"A", "B"}
    assert set(made.cells["freq"]) == {"M"}
    districts = monthly.sel(topic="family", area=["a1", "a2", "a3"]).sum("area").values
    found = made.ledger.filter(pl.col("place") == "A").sort("start")
    assert found["counted"].to_list() == districts.tolist()


def test_release__withholds_careful_topics_of_areas_without_a_district(
    monthly: xr.DataArray, settings: dict
) -> None:
    made = release(None, monthly=monthly, **settings)
    assert made.withheld == ("c1",)
    inside = monthly.sel(topic="family", area=list(AREAS[:5])).values.sum()
    assert made.ledger["counted"].sum() == inside


def test_release__refuses_careful_topics_by_week(settings: dict) -> None:
    panel = make_panel(np.ones((2, 6, 3), dtype=np.int64), topics=("noise", "family"))
    with pytest.raises(DisclosureError) as caught:
        release(panel, **settings)
    assert caught.value.faults[0].code == "disclose.careful-needs-months"
    assert "family" in caught.value.text("fa")


def test_release__takes_careful_topics_from_months_where_weeks_hold_them_too(
    monthly: xr.DataArray, settings: dict
) -> None:
    panel = make_panel(np.full((2, 6, 3), 40, dtype=np.int64), topics=("noise", "family"))
    made = release(panel, monthly=monthly, **settings)
    assert made.cells.filter(pl.col("topic") == "family")["freq"].unique().to_list() == ["M"]
    assert made.cells.filter(pl.col("topic") == "litter").is_empty()  # open ones come from counts alone


def test_release__never_holds_a_sealed_topic_anywhere(monthly: xr.DataArray, settings: dict) -> None:
    made = release(monthly, **settings)
    for table in (made.cells, made.ledger, made.public(), total(made.cells, by=["topic"])):
        assert "harm" not in table["topic"].to_list()
    alone = total(made.cells, by=[])["value"].item()
    kept = total(made.cells.filter(pl.col("topic") != "harm"), by=[])["value"].item()
    assert alone == kept
    open_and_careful = (
        monthly.sel(topic=["noise", "litter"]).sum() + monthly.sel(topic="family", area=list(AREAS[:5])).sum()
    )
    assert made.ledger["counted"].sum() == int(open_and_careful)


def test_release__monthly_counts_serve_open_and_careful_topics_alike(
    monthly: xr.DataArray, settings: dict
) -> None:
    made = release(monthly, **settings)
    levels = made.cells.select("topic", "level").unique().sort("topic").rows()
    assert levels == [("family", "district"), ("litter", "area"), ("noise", "area")]


def test_release__is_frozen_however_often_it_is_published(weekly: xr.DataArray, settings: dict) -> None:
    """The averaging attack: 200 releases of one table give one value, not 200 to average."""
    made = release(weekly, **settings)
    ledger, values = made.ledger, {tuple(made.cells["value"])}
    for _ in range(200):
        again = release(weekly, ledger=ledger, **settings)
        ledger = again.ledger
        values.add(tuple(again.cells["value"]))
        if len(values) > 1:
            break
    assert len(values) == 1
    assert ledger.height == made.ledger.height


def test_release__does_not_change_when_exact_counts_do(weekly: xr.DataArray, settings: dict) -> None:
    made = release(weekly, **settings)
    assert release(plus(weekly, 5), ledger=made.ledger, **settings).cells.equals(made.cells)


def test_release__draws_for_new_periods_only(weekly: xr.DataArray, settings: dict) -> None:
    first = release(weekly.isel(period=slice(0, 12)), **settings)
    second = release(weekly, ledger=first.ledger, **settings)
    both = second.cells.join(first.cells, on=KEY, suffix="_old")
    assert both["value"].equals(both["value_old"], check_names=False)
    assert second.cells.height == 2 * 6 * 20
    assert second.ledger.head(first.ledger.height).equals(first.ledger)


def test_release__shows_only_the_panel_asked_for_and_keeps_the_whole_ledger(
    weekly: xr.DataArray, settings: dict
) -> None:
    first = release(weekly, **settings)
    later = release(weekly.isel(period=slice(15, 20)), ledger=first.ledger, **settings)
    assert later.cells.height == 2 * 6 * 5
    assert later.ledger.height == first.ledger.height


def test_revision__counts_each_event_once(weekly: xr.DataArray, settings: dict) -> None:
    ledger = release(weekly, **settings).ledger
    rng = np.random.default_rng(5)
    now = weekly
    for _ in range(3):
        now = weekly.copy(data=now.values + rng.integers(-2, 4, now.shape))  # late ones and corrections
        made = release(now, ledger=ledger, revise=True, **settings)
        ledger = made.ledger
    counted = ledger.group_by("topic", "place", "start").agg(pl.col("counted").sum(), pl.len())
    assert set(counted["len"]) == {4}
    for topic, place, start, exact, _ in counted.iter_rows():
        at = now.sel(topic=topic, area=place, period=np.datetime64(start))
        assert exact == int(at)
    assert (ledger["counted"] < 0).any()
    wide = made.cells["half_width"].unique().to_list()
    assert wide == [5.0]  # four draws of epsilon 1: sd 1.357 * 2; up to 5 is within 5.5 / 2.71 = 2.03 sd


def test_revision__does_not_tell_by_its_half_width_which_cells_changed(
    weekly: xr.DataArray, settings: dict
) -> None:
    first = release(weekly, **settings)
    changed = weekly.copy()
    changed[0, 0, 0] += 1
    made = release(changed, ledger=first.ledger, revise=True, **settings)
    assert made.cells["half_width"].n_unique() == 1
    assert made.cells["draws"].unique().to_list() == [2]


def test_revision__takes_its_own_epsilon_and_promises_the_wider_error(
    weekly: xr.DataArray, settings: dict
) -> None:
    first = release(weekly, **settings)
    made = release(weekly, ledger=first.ledger, revise=True, **{**settings, "epsilon": 0.25})
    assert made.ledger["epsilon"].unique().sort().to_list() == [0.25, 1.0]
    assert made.cells["epsilon"].unique().to_list() == [0.25]
    assert made.cells["half_width"].min() > first.cells["half_width"].max()


def test_release__keeps_half_widths_of_cells_drawn_before_epsilon_changed(
    weekly: xr.DataArray, settings: dict
) -> None:
    first = release(weekly.isel(period=slice(0, 10)), **settings)
    made = release(weekly, ledger=first.ledger, **{**settings, "epsilon": 0.5})
    old = made.cells.filter(pl.col("start") < date(2024, 3, 16))
    new = made.cells.filter(pl.col("start") >= date(2024, 3, 16))
    assert (old["half_width"].unique().to_list(), new["half_width"].unique().to_list()) == ([3.0], [6.0])


def test_public__has_no_value_where_hidden(settings: dict) -> None:
    panel = make_panel(np.random.default_rng(3).poisson(5, (1, 6, 30)).astype(np.int64))
    made = release(panel, **settings)
    table = made.public()
    hidden = table["hidden"].is_not_null()
    assert 0 < hidden.sum() < table.height
    assert table.filter(hidden)["value"].null_count() == hidden.sum()
    assert table.filter(hidden)["half_width"].null_count() == hidden.sum()
    assert table.filter(~hidden)["value"].min() >= 5
    assert set(table.columns).isdisjoint({"epsilon", "draws", "counted", "noisy"})


def test_ledger__goes_through_parquet_unchanged(weekly: xr.DataArray, settings: dict, tmp_path) -> None:
    made = release(weekly, **settings)
    made.ledger.write_parquet(tmp_path / "ledger.parquet")
    back = pl.read_parquet(tmp_path / "ledger.parquet")
    assert release(weekly, ledger=back, **settings).cells.equals(made.cells)
    assert dict(empty_ledger().schema) == dict(LEDGER)


def test_release__keeps_need_and_activity_in_one_ledger(weekly: xr.DataArray, settings: dict) -> None:
    first = release(weekly, **settings)
    stops = make_panel(np.full((1, 6, 20), 9, dtype=np.int64), topics=("stops",), kind="activity")
    care = {**settings, "sensitivity": {"stops": "open"}}
    made = release(stops, ledger=first.ledger, **care)
    assert set(made.cells["topic"]) == {"stops"}
    assert set(made.ledger["kind"]) == {"need", "activity"}


def test_release__goes_on_from_a_ledger_with_the_column_that_went(
    weekly: xr.DataArray, settings: dict
) -> None:
    made = release(weekly, **settings)
    old = made.ledger.with_columns(pl.lit(value=True).alias("complement"))
    again = release(weekly, ledger=old, **settings)
    assert again.ledger.equals(made.ledger)
    assert again.cells.equals(made.cells)


# --- what would count an event under a second draw


def refused(code: str, *args: object, **kwargs: object) -> str:
    with pytest.raises(DisclosureError) as caught:
        release(*args, **kwargs)  # type: ignore[arg-type]
    assert f"disclose.{code}" in [fault.code for fault in caught.value.faults]
    assert caught.value.exit_code == 4
    return caught.value.text("fa")


def test_release__refuses_the_same_events_by_other_weeks(weekly: xr.DataArray, settings: dict) -> None:
    ledger = release(weekly, **settings).ledger
    monday = make_panel(weekly.values, topics=("noise", "litter"), start="2024-01-08")
    refused("counted-before", monday, ledger=ledger, **settings)


def test_release__refuses_the_same_events_by_month(weekly: xr.DataArray, settings: dict) -> None:
    ledger = release(weekly, **settings).ledger
    months = make_panel(weekly.values[:, :, :3], topics=("noise", "litter"), freq="M")
    text = refused("counted-before", months, ledger=ledger, **settings)
    assert "2024-05-25" in text  # from when on it may be done


def test_release__refuses_a_careful_topic_that_becomes_open(monthly: xr.DataArray, settings: dict) -> None:
    ledger = release(monthly, **settings).ledger
    opened = {**settings, "sensitivity": {**SENSITIVITY, "family": "open"}}
    refused("counted-before", monthly, ledger=ledger, **opened)


def test_release__goes_on_where_a_new_grid_starts_after_the_old(weekly: xr.DataArray, settings: dict) -> None:
    ledger = release(weekly, **settings).ledger
    later = make_panel(weekly.values, topics=("noise", "litter"), start="2024-05-27")
    assert release(later, ledger=ledger, **settings).cells.height == 2 * 6 * 20


def test_release__refuses_new_places_in_periods_published(weekly: xr.DataArray, settings: dict) -> None:
    ledger = release(weekly, **settings).ledger
    renamed = weekly.assign_coords(area=["x1", *AREAS[1:]])
    text = refused(
        "places-changed", renamed, ledger=ledger, **{**settings, "parents": {**PARENTS, "x1": "A"}}
    )
    assert "x1" in text


def test_release__refuses_a_topic_that_changes_its_kind(weekly: xr.DataArray, settings: dict) -> None:
    ledger = release(weekly, **settings).ledger
    refused("kind-changed", weekly.assign_attrs(kind="activity"), ledger=ledger, **settings)


# --- what is no table of counts


def test_release__refuses_what_is_no_count(weekly: xr.DataArray, settings: dict) -> None:
    refused("bad-dims", weekly.transpose("period", "area", "topic"), **settings)
    refused("bad-dtype", weekly.astype(float), **settings)
    refused("bad-freq", weekly.assign_attrs(freq="D"), **settings)
    refused("bad-freq", weekly.drop_vars("period_end"), **settings)
    refused("bad-periods", weekly.assign_attrs(freq="M"), **settings)
    refused("label-twice", weekly.assign_coords(topic=["noise", "noise"]), **settings)
    refused("not-monthly", None, monthly=weekly, **settings)
    refused("no-counts", None, **settings)
    refused("nothing-open", None, monthly=make_panel(weekly.values[:1, :, :3], freq="M"), **settings)
    refused(
        "mixed-kinds", weekly, monthly=make_panel(weekly.values[:1], freq="M", kind="activity"), **settings
    )


def test_release__refuses_topics_that_nobody_classed_and_areas_it_does_not_know(
    weekly: xr.DataArray, settings: dict
) -> None:
    refused("no-sensitivity", weekly, **{**settings, "sensitivity": {"noise": "open"}})
    refused("bad-sensitivity", weekly, **{**settings, "sensitivity": {**SENSITIVITY, "noise": "public"}})
    refused("unknown-areas", weekly, **{**settings, "parents": {"a1": "A"}})


@pytest.mark.parametrize("threshold", [2, 0, -5, 4.5, True, None])
def test_release__refuses_a_threshold_that_shows_single_people(
    weekly: xr.DataArray, settings: dict, threshold: object
) -> None:
    refused("bad-threshold", weekly, **{**settings, "threshold": threshold})


def test_release__refuses_a_ledger_that_is_none(weekly: xr.DataArray, settings: dict) -> None:
    ledger = release(weekly, **settings).ledger
    refused("bad-ledger", weekly, ledger=ledger.drop("noisy"), **settings)
    refused("bad-ledger", weekly, ledger=ledger.with_columns(other=pl.lit(1)), **settings)
    refused("ledger-twice", weekly, ledger=pl.concat([ledger, ledger.head(1)]), **settings)


def test_release__of_a_city_without_districts_withholds_all_careful_counts(
    monthly: xr.DataArray, settings: dict
) -> None:
    nowhere = {**settings, "parents": dict.fromkeys(AREAS)}
    made = release(None, monthly=monthly, **nowhere)
    assert made.cells.is_empty()
    assert made.ledger.is_empty()
    assert made.withheld == AREAS
    assert made.public().columns == list(PUBLIC_COLUMNS)
    assert total(made.cells, by=["topic"]).is_empty()


def test_release__of_no_period_is_empty(weekly: xr.DataArray, settings: dict) -> None:
    made = release(weekly.isel(period=slice(0, 0)), **settings)
    assert made.cells.is_empty()


def test_release__publishes_sums_of_corrections_below_zero_as_hidden(settings: dict) -> None:
    made = release(make_panel(np.full((1, 6, 4), -20, dtype=np.int64)), **settings)
    assert made.cells["value"].max() < 0
    assert made.cells["hidden"].cast(pl.String).unique().to_list() == ["small"]
    assert made.public()["value"].null_count() == 24
