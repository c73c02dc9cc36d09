"""Survey answers of the invented city: counts, weights, and the truth behind them."""

import numpy as np
import polars as pl
import pytest

from mahalleh.simulate import City, simulate_city, survey


def means(city: City, item: str, *, strata: str = "") -> np.ndarray:
    """Weighted mean answer (A, V)."""
    rows = city.survey.filter((pl.col("item") == item) & pl.col("stratum").str.starts_with(strata))
    weight = pl.col("n") * pl.col("weight")
    found = rows.group_by("area", "wave").agg((weight * pl.col("option")).sum() / weight.sum())
    wide = found.pivot(on="wave", index="area", values=found.columns[-1]).sort("area")
    return wide.select(sorted(wide.columns[1:], key=int)).to_numpy()


def test_survey__holds_counts_of_answers_and_no_person(city: City) -> None:
    assert dict(city.survey.schema) == {
        "wave": pl.Int32(),
        "month": pl.Date(),
        "area": pl.String(),
        "stratum": pl.String(),
        "item": pl.String(),
        "option": pl.Int8(),
        "n": pl.Int32(),
        "weight": pl.Float64(),
    }
    assert set(city.survey["option"]) == {1, 2, 3, 4, 5}
    assert city.survey.height == 6 * 48 * 4 * len(survey.ITEMS) * 5  # waves, areas, strata, items, options


def test_survey__asks_the_same_people_every_item(city: City) -> None:
    asked = city.survey.group_by("wave", "area", "stratum", "item").agg(pl.col("n").sum())
    assert asked.group_by("wave", "area", "stratum").agg(pl.col("n").n_unique())["n"].max() == 1
    assert asked["n"].min() >= 1


def test_survey__weights_add_up_to_the_residents(city: City) -> None:
    one = city.survey.filter((pl.col("item") == "would-report") & (pl.col("wave") == 2))
    people = one.group_by("area").agg((pl.col("n") * pl.col("weight")).sum()).sort("area")
    assert people["n"].to_numpy() == pytest.approx(city.places["population"].to_numpy())


@pytest.mark.parametrize(("item", "truth"), [("safe-after-dark", "safety"), ("police-treat-fairly", "trust")])
def test_survey__answers_follow_the_true_feelings(city: City, item: str, truth: str) -> None:
    true = getattr(city.truth, truth).values
    assert np.corrcoef(means(city, item).ravel(), true.ravel())[0, 1] > 0.7


def test_survey__women_feel_less_safe_after_dark(city: City) -> None:
    gap = means(city, "safe-after-dark", strata="women") - means(city, "safe-after-dark", strata="men")
    error = gap.std() / np.sqrt(gap.size)
    # the scale ends at 1 and 5, which takes about a tenth of the shift
    assert gap.mean() == pytest.approx(0.9 * survey.WOMEN_AFTER_DARK, abs=0.1 * 0.35 + 4 * error)


def test_survey__trust_falls_where_trust_was_harmed(city: City) -> None:
    done = next(i for i in city.truth.interventions if i.effect == "harms-trust")
    trust = city.truth.trust.sel(area=list(done.areas)).values
    assert trust[:, -1].mean() < trust[:, 0].mean() - 0.3


def test_survey__of_a_short_city_has_one_wave_at_its_end() -> None:
    assert survey.waves(12) == [11]
    assert simulate_city(1, areas=6, weeks=12).survey["wave"].unique().to_list() == [1]
    assert survey.waves(52) == [25, 51]
