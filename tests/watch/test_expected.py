"""Expected counts: found again where the truth is known, unmoved by rises, defined at every edge."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr

from mahalleh.errors import WatchError
from mahalleh.watch import expected_counts
from mahalleh.watch._regression import fit_shrunk
from mahalleh.watch.expected import LEAST_PERIODS
from tests.days import WEEK

YEAR = 365.2425 / 7  # weeks
GUARD = 8


def panel(counts, *, first="2021-01-04", step=WEEK):
    """Counts (topics, areas, periods) as `mahalleh.panel` labels them."""
    counts = np.asarray(counts)
    topics, areas, periods = counts.shape
    start = np.datetime64(first) + step * np.arange(periods)
    return xr.DataArray(
        counts,
        dims=("topic", "area", "period"),
        coords={
            "topic": [f"t{i}" for i in range(topics)],
            "area": np.array([f"a{i}" for i in range(areas)], dtype=object),
            "period": start.astype("datetime64[ns]"),
            "period_end": ("period", (start + step).astype("datetime64[ns]")),
        },
    )


def truth(seed, *, areas=60, weeks=156, level=4.0, height=0.2, own=0.0):
    """Means (areas, weeks): levels that differ, a season of all and, where `own`, one of each."""
    rng = np.random.default_rng(seed)
    week = 2 * np.pi * np.arange(weeks) / YEAR
    base = level * rng.lognormal(0, 0.5, (areas, 1))
    phase = rng.uniform(0, 2 * np.pi, (areas, 1))
    return base * np.exp(height * np.cos(week) + own * np.sin(week + phase))


def drawn(mean, seed, *, over=1.0):
    """Counts with variance `over` times the mean."""
    rng = np.random.default_rng(seed)
    return rng.poisson(mean if over == 1 else rng.gamma(mean / (over - 1), over - 1))


def fitted(counts, **settings):
    """The baseline of a single topic."""
    return expected_counts(panel(counts[None]), **settings).of("t0")


def off(found, mean):
    """Typical error of the newest weeks' means, as a share."""
    return np.sqrt(np.mean(np.log(found.mean[:, -GUARD:] / mean[:, -GUARD:]) ** 2))


@pytest.mark.parametrize("over", [1.0, 1.5, 2.0])
def test_expected_counts__finds_means_and_dispersion_again(over):
    mean = truth(1, own=0.3)
    found = fitted(drawn(mean, 2, over=over))
    # a level alone, of 148 weeks of about 4, is unsure by sqrt(over / (148 * 4)); a slope and waves add to it
    assert off(found, mean) < 4 * np.sqrt(over / (148 * 4))
    assert np.median(found.dispersion) == pytest.approx(over, abs=0.08)
    assert (found.dispersion >= 1).all()


def test_expected_counts__is_better_than_each_area_alone_where_areas_are_alike():
    """148 weeks of 0.5 leave a level unsure by 12% alone; areas that differ by 5% say more together."""
    rng = np.random.default_rng(3)
    mean = 0.5 * np.exp(0.05 * rng.standard_normal((100, 1))) * np.ones((1, 156))
    counts = drawn(mean, 4)
    level = fitted(counts).mean[:, -1]
    alone = counts[:, :-GUARD].mean(axis=1)
    ours, theirs = (np.std(np.log(one / mean[:, -1])) for one in (level, alone))
    assert theirs == pytest.approx(1 / np.sqrt(148 * 0.5), abs=0.03)
    assert ours < 0.7 * theirs


def test_expected_counts__says_how_unsure_it_is():
    """Standardised errors of the areas' log means have a variance of 1 at most."""
    z = []
    for seed in range(6):
        mean = truth(seed, own=0.2)
        found = fitted(drawn(mean, seed + 50, over=1.5))
        error = np.log(found.mean[:, -1] / mean[:, -1])
        z += list((error - np.median(error)) / np.sqrt((found.spread[:, -1] ** 2).sum(axis=1)))
    assert 0.4 < np.mean(np.square(z)) < 1.15  # 360 areas: a standard error of 0.07


def test_expected_counts__covers_what_comes():
    """Of what comes, about 5% lies above the 95% quantile of the prediction."""
    above, cells = 0, 0
    rng = np.random.default_rng(9)
    for seed in range(4):
        counts = drawn(truth(seed, own=0.2), seed + 20, over=1.5)
        found = fitted(counts)
        newest = slice(-GUARD, None)
        spread = found.spread[:, newest]
        draws = []
        for _ in range(400):
            z = rng.standard_normal((len(counts), 1, spread.shape[2]))
            mean = found.mean[:, newest] * np.exp((spread * z).sum(axis=2) - (spread**2).sum(axis=2) / 2)
            over = np.maximum(found.dispersion[:, newest], 1.0001)
            draws.append(rng.negative_binomial(mean / (over - 1), 1 / over))
        ordered = np.sort(draws, axis=0)
        above += (counts[:, newest] > ordered[379]).sum()
        cells += counts[:, newest].size
    # counts are whole, so a little less than 5%: 1,920 cells have a standard error of 0.5 points
    assert 0.02 < above / cells < 0.055


def test_expected_counts__forgets_a_past_rise():
    mean = truth(5)
    counts = drawn(mean, 6)
    risen = counts.copy()
    risen[:3, 120:126] = drawn(mean * 4, 7)[:3, 120:126]
    calm, after = fitted(counts), fitted(risen)
    np.testing.assert_allclose(after.mean[:3, -GUARD:], calm.mean[:3, -GUARD:], rtol=0.06)
    assert after.dispersion.max() < calm.dispersion.max() + 0.2
    # held against a fit that believed it: 6 of 148 weeks fourfold raise a level by 12%
    assert risen[:3, :-GUARD].mean() > 1.1 * counts[:3, :-GUARD].mean()


def test_expected_counts__of_a_rising_area_does_not_rise():
    mean = truth(8)
    counts = drawn(mean, 9)
    risen = counts.copy()
    risen[4, -6:] *= 5
    np.testing.assert_allclose(fitted(risen).mean[4, -6:], fitted(counts).mean[4, -6:], rtol=0.03)


def test_expected_counts__follows_the_city_as_it_now_is():
    mean = truth(10)
    counts = drawn(mean, 11)
    doubled = counts.copy()
    doubled[:, -5:] = drawn(2 * mean, 12)[:, -5:]
    ratio = fitted(doubled).mean[:, -5:] / fitted(counts).mean[:, -5:]
    # 270 a week meet a city that usually drifts by 10%: log 2 is followed by about 0.77 to 0.9 of itself
    assert (ratio > 2**0.75).all()
    assert (ratio < 2.1).all()


def test_expected_counts__keeps_topics_apart():
    two = np.stack([drawn(truth(1), 1), drawn(truth(2, level=9), 2)])
    both = expected_counts(panel(two))
    np.testing.assert_array_equal(both.of("t1").mean, fitted(two[1]).mean)
    assert dict(both.method) == {"t0": "regression", "t1": "regression"}


def test_expected_counts__does_not_depend_on_the_order_of_areas():
    counts = drawn(truth(13), 14)
    order = np.random.default_rng(0).permutation(len(counts))
    np.testing.assert_allclose(fitted(counts[order]).mean, fitted(counts).mean[order], rtol=1e-6)


def test_expected_counts__with_96_weeks_tells_seasons_that_differ():
    mean = truth(15, weeks=104, own=0.4, height=0.0)
    found = expected_counts(panel(drawn(mean, 16)[None]))
    assert found.method["t0"] == "regression"
    flat = np.sqrt(np.mean(np.log(mean[:, -GUARD:] / mean.mean(axis=1, keepdims=True)) ** 2))
    assert off(found.of("t0"), mean) < 0.7 * flat


def test_expected_counts__of_a_short_history_has_no_season_and_says_so():
    mean = truth(17, weeks=52, height=0.0)
    found = expected_counts(panel(drawn(mean, 18)[None]))
    assert found.method["t0"] == "short-history"
    assert off(found.of("t0"), mean) < 0.15


def test_expected_counts__of_too_little_history_is_refused():
    counts = drawn(truth(19, weeks=LEAST_PERIODS + GUARD), 20)
    fitted(counts)
    with pytest.raises(WatchError) as error:
        fitted(counts[:, 1:])
    assert error.value.faults[0].code == "watch.too-little-history"


def test_expected_counts__of_months_works():
    month = np.arange(48)
    mean = truth(21, weeks=48, level=20.0, height=0) * (1 + 0.3 * np.cos(2 * np.pi * month / 12))
    months = np.datetime64("2019-01", "M") + np.timedelta64(1, "M") * np.arange(49)
    days = months.astype("datetime64[D]").astype("datetime64[ns]")
    counts = panel(drawn(mean, 22)[None]).assign_coords(period=days[:-1], period_end=("period", days[1:]))
    found = expected_counts(counts, guard=3)
    assert found.method["t0"] == "regression"
    assert np.abs(np.log(found.of("t0").mean[:, -3:] / mean[:, -3:])).mean() < 0.1


def test_expected_counts__thins_what_is_not_yet_on_record():
    counts = drawn(truth(23), 24, over=2.0)
    share, doubt = np.ones(156), np.zeros(156)
    share[-2:], doubt[-2:] = [0.8, 0.5], [0.02, 0.05]
    early = counts.copy()
    early[:, -2:] = np.random.default_rng(1).binomial(counts[:, -2:], share[-2:])
    whole = fitted(counts)
    known = expected_counts(panel(early[None]), completeness={"t0": (share, doubt)})
    np.testing.assert_allclose(known.of("t0").mean[:, -1] / whole.mean[:, -1], 0.5, rtol=0.12)
    np.testing.assert_allclose(known.of("t0").mean[:, -2] / whole.mean[:, -2], 0.8, rtol=0.12)
    over = known.of("t0").dispersion
    np.testing.assert_allclose(over[:, -1], 1 + 0.5 * (over[:, 0] - 1))  # a thinned NB1
    np.testing.assert_array_equal(known.completeness.sel(topic="t0"), share)


def test_expected_counts__learns_nowruz():
    """Where few report in the weeks of Nowruz, few are expected in the next one."""
    first = np.datetime64("2020-03-30")  # 260 weeks, the newest of which hold Nowruz of 1404
    start = first + WEEK * np.arange(260)
    spring = np.array([str(day)[5:] in {f"03-{d}" for d in range(17, 32)} for day in start])
    mean = truth(25, weeks=260, level=6, height=0) * np.where(spring, 0.4, 1.0)
    assert spring[-GUARD:].any()
    counts = drawn(mean, 26)
    counts[:, -GUARD:] = drawn(np.where(spring, mean / 0.4, mean), 27)[
        :, -GUARD:
    ]  # this year they do not stay away
    newest = np.flatnonzero(spring)[-1]
    told = {
        name: expected_counts(panel(counts[None], first=str(first)), calendar=name) for name in (None, "iran")
    }
    week = {name: one.of("t0").mean[:, newest].sum() for name, one in told.items()}
    assert week["iran"] < week[None]


def test_expected_counts__knows_populations():
    """An area of which nothing is known yet is expected to be as others of its size."""
    people = np.random.default_rng(3).lognormal(8, 0.8, 40)
    mean = 0.002 * people[:, None] * np.ones((1, 120))
    counts = drawn(mean, 28)
    table = panel(counts[None])
    places = gpd.GeoDataFrame({"population": people}, index=table["area"].to_numpy())
    with_people = expected_counts(table, places).of("t0")
    lone = counts.copy()
    lone[5] = 0
    lone[5, -1] = 3
    blank = expected_counts(panel(lone[None]), places).of("t0")
    assert off(with_people, mean) < 0.1
    assert 0 < blank.mean[5, -1] < mean[5, -1]
    places["population"] = np.where(np.arange(40) == 5, np.nan, people)  # one unknown: all count as alike
    assert np.isfinite(expected_counts(table, places).of("t0").mean).all()


@pytest.mark.parametrize(
    "counts",
    [
        np.zeros((5, 120), dtype=int),
        np.ones((1, 120), dtype=int),
        np.eye(6, 120, 60, dtype=int) * 50,
        np.pad(np.full((1, 120), 9), ((0, 5), (0, 0))),
        np.pad(np.full((4, 8), 30), ((0, 0), (112, 0))),
        np.full((3, 30), 10**7),
    ],
    ids=["no-cases", "one-area", "all-in-one-cell", "one-area-tells", "only-the-newest", "huge"],
)
def test_expected_counts__has_a_defined_answer_at_the_edges(counts):
    found = fitted(counts)
    for part in (found.mean, found.dispersion, found.spread, found.shared):
        assert np.isfinite(part).all()
    assert (found.mean > 0).all()
    assert (found.dispersion >= 1).all()


def test_expected_counts__takes_corrections_below_zero_for_zero():
    counts = drawn(truth(30), 31)
    corrected = counts.copy()
    corrected[2, 40] = -7
    counts[2, 40] = 0
    np.testing.assert_array_equal(fitted(corrected).mean, fitted(counts).mean)


@pytest.mark.parametrize(
    ("change", "settings", "code"),
    [
        (lambda table: table.where(table["area"] != "a1"), {}, "watch.not-counts"),
        (lambda table: table.isel(topic=0), {}, "watch.not-a-panel"),
        (lambda table: table.drop_vars("period_end"), {}, "watch.not-a-panel"),
        (lambda table: table.to_numpy(), {}, "watch.not-a-panel"),
        (lambda table: table, {"guard": 0}, "watch.bad-setting"),
        (lambda table: table, {"guard": 60}, "watch.too-little-history"),
        (lambda table: table, {"calendar": "atlantis"}, "watch.unknown-calendar"),
        (lambda table: table, {"calendar": "GB-XYZ"}, "watch.unknown-calendar"),
    ],
)
def test_expected_counts__refuses_what_it_cannot_use(change, settings, code):
    table = panel(np.ones((1, 4, 60), dtype=int))
    with pytest.raises(WatchError) as error:
        expected_counts(change(table), **settings)
    assert error.value.faults[0].code == code


def test_expected_counts__finds_the_dispersion_of_sparse_counts_that_it_fitted_itself():
    """0.3 reports a week: Pearson's estimate round means that follow the counts is a tenth too low."""
    found = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        mean = 0.3 * rng.lognormal(0, 0.3, (200, 1)) * np.ones((1, 104))
        found.append(fitted(drawn(mean, seed + 10, over=2.5)).dispersion[:, 0].mean())
    assert np.mean(found) == pytest.approx(2.5, rel=0.05)


def test_expected_counts__are_means_over_all_that_is_unsure_and_not_its_middle(monkeypatch):
    """Against 20,000 draws of the coefficients from their posterior, where levels are known to 30%."""
    kept = []

    def seen(counts, offset, design, prior, **named):
        fit = fit_shrunk(counts, offset, design, prior, **named)
        kept[:] = [offset, design, fit]
        return fit

    monkeypatch.setattr("mahalleh.watch.expected.fit_shrunk", seen)
    rng = np.random.default_rng(4)
    counts = rng.poisson(0.2 * rng.lognormal(0, 0.7, (40, 1)) * np.ones((1, 40)))
    found = fitted(counts).mean[:, :-GUARD]  # the newest are also moved by the city's totals
    offset, design, fit = kept
    above = []
    for area in range(40):
        levels = rng.multivariate_normal(fit.coefficients[area], fit.covariance[area], 20_000)
        mean = offset[area] * np.exp(levels @ design.T).mean(axis=0)
        above.append(mean / (offset[area] * np.exp(fit.coefficients[area] @ design.T)))
        assert found[area] == pytest.approx(mean, rel=0.015)  # six standard errors
    assert np.mean(above) > 1.05  # so that the two can be told apart


def test_expected_counts__of_a_city_are_not_raised_by_what_rises_in_one_place():
    """One area of 25 tells two and a half times as much for eight weeks: 13 standard deviations."""
    mean = np.full((25, 104), 10.0)
    ratio = []
    for seed in range(8):
        counts = drawn(mean, seed)
        risen = counts.copy()
        risen[0, -GUARD:] = np.round(2.5 * risen[0, -GUARD:])
        before, after = (fitted(one).mean[1:, -GUARD:].sum() for one in (counts, risen))
        ratio.append(after / before)
    assert np.mean(ratio) < 1.01  # believing all areas alike, the city would be followed by 1.5 / 25 = 6%


def test_expected__of_damped_counts_is_that_of_the_same_whole_numbers():
    """Damping gives fractions, so counts may be floats."""
    counts = drawn(truth(3, areas=12, weeks=60), 4)
    np.testing.assert_array_equal(fitted(counts.astype(float)).mean, fitted(counts).mean)
