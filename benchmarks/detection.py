"""What the watch finds, and what it cries wolf about, on invented cities whose truth is known.

1. 200 cities without any rise, two topics each, watched weekly for half a year as the site does it (expected
   counts, scan, alarms): false signals a year against the stated rate. The same looks set the thresholds of
   the two rivals so that they alarm in as many looks: the conditional Poisson scan (SaTScan's model) by its
   log likelihood ratio, and Farrington's bound for each area by its exceedance score.
2. Rises of 1.3 to 3 times over 1 to 10 neighbouring areas and 2 to 8 weeks, put on top of such cities: the
   share found by the week after their end, weeks to detection, and the overlap of areas (F1).

Takes about an hour on one core. `MAHALLEH_BENCH_CACHE` keeps what is done. Writes detection.csv beside this
file, and docs/pictures/detection.svg.
"""

from __future__ import annotations

import itertools
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks._kept import kept
from benchmarks._timing import row

TABLE: Final = Path(__file__).with_name("detection.csv")
PICTURE: Final = Path(__file__).parent.parent / "docs" / "pictures" / "detection.svg"
CITIES: Final = 200
TOPICS: Final = ("noise", "family-conflict")  # about ten and about two and a half reports a week and area
AREAS, WEEKS, LOOKS = 48, 156, 26
RATE, LOOKS_A_YEAR = 2.0, 365.25 / 7
TRIALS: Final = 12  # rises a cell
RIVALS_EVERY: Final = 4  # looks: enough for a quantile, and a third of the time
FACTORS, SIZES, LENGTHS = (1.3, 1.5, 2.0, 3.0), (1, 3, 10), (2, 4, 8)
METHODS: Final = ("ours", "poisson", "farrington")
LARGEST: Final = 0.25  # of the population: ten areas of 48


def calm_city(seed: int) -> Any:
    """A city of `simulate_city` without rises or interventions: places, and reported counts (T, A, W)."""
    from mahalleh import places
    from mahalleh.simulate import build, geography, process
    from mahalleh.simulate.topics import NEED

    streams = dict(zip(build.STREAMS, np.random.SeedSequence(seed).spawn(len(build.STREAMS)), strict=True))
    rng = {name: np.random.default_rng(stream) for name, stream in streams.items()}
    land = geography.make_land(AREAS, rng["land"])
    chosen = [(topic, rhythm) for topic, rhythm in NEED if topic.id in TOPICS]
    rhythms = [rhythm for _, rhythm in chosen]
    starts = np.datetime64("2023-11-25", "D") + np.timedelta64(7, "D") * np.arange(WEEKS)
    pairs = places.adjacency(land.places)
    level, told = process.levels(rhythms, land.places["population"].to_numpy(), rng["levels"])
    branching = np.array([rhythm.branching for rhythm in rhythms])
    calm = (1 - branching)[:, None, None] * level[:, :, None] * process.season(rhythms, starts)[:, None, :]
    spread = process.spread_matrix(pairs, AREAS)
    shape = np.array([rhythm.dispersion for rhythm in rhythms])
    _, happened = process.happen(calm, spread, branching, shape, rng["process"])
    reported = rng["told"].binomial(happened, told[:, :, None])
    return land.places, pairs, starts, [topic.id for topic, _ in chosen], reported


def panel(places: Any, starts: Any, names: list[str], counts: Any) -> Any:
    """Counts with the labels of `mahalleh.panel`."""
    import xarray as xr

    begin = starts.astype("datetime64[ns]")
    return xr.DataArray(
        counts,
        dims=("topic", "area", "period"),
        coords={
            "topic": np.array(names, dtype=object),
            "area": places.index.to_numpy(dtype=object),
            "period": begin,
            "period_end": ("period", begin + np.timedelta64(7, "D")),
        },
    )


def looks(
    places: Any, counts: Any, topic: str, week: int, methods: tuple[str, ...] = METHODS
) -> dict[str, Any]:
    """One look at one topic at the end of a week, by each method: score, p-value and areas."""
    from mahalleh.watch import expected_counts, scan
    from mahalleh.watch.farrington import farrington

    seen = counts.isel(period=slice(0, week + 1)).sel(topic=[topic])
    own = seen.sel(topic=topic)
    people = places["population"].to_numpy()
    common = {"coordinates": centres(places), "population": people, "max_population": LARGEST, "seed": week}
    out: dict[str, Any] = {}
    if "ours" in methods:
        usual = expected_counts(seen, places, calendar="iran").of(topic)
        out["ours"] = scan(own, model="negative-binomial", expected=usual, **common)
    if "poisson" in methods:
        out["poisson"] = scan(own, model="poisson", replicates=1, **common)
    if "farrington" in methods:
        out["farrington"] = surprise(farrington(own.to_numpy(), newest=1, years=2))
    return out


def centres(places: Any) -> Any:
    """Centroids on the plane, (A, 2)."""
    import shapely

    from mahalleh.places import in_metres

    if "centres" not in places.attrs:  # the projection is made once a city, not once a look
        places.attrs["centres"] = shapely.get_coordinates(shapely.centroid(in_metres(places)))
    return places.attrs["centres"]


def surprise(found: Any) -> Any:
    """How far each area's count lies beyond what Farrington's law expects of it: a score that can be cut at
    any height, as the bound's own level of 5% cannot."""
    return -np.log10(np.maximum(found.p_value[:, -1], 1e-300))


def calm(seed: int) -> dict[str, Any]:
    """Half a year of looks at a city without a rise: signals a topic, and the rivals' scores."""
    from mahalleh.watch.alarms import Look, alarms

    places, _, starts, names, reported = calm_city(seed)
    counts = panel(places, starts, names, reported)
    index = clumping_of(seed)
    found, scores = [], {method: {topic: [] for topic in names} for method in METHODS[1:]}
    for week in range(WEEKS - LOOKS, WEEKS):
        methods = METHODS if week % RIVALS_EVERY == 0 else METHODS[:1]
        for topic in names:
            seen = looks(places, counts, topic, week, methods)
            found.append(Look(topic, starts[week], seen["ours"]))
            if "poisson" in methods:
                scores["poisson"][topic].append(best(seen["poisson"]))
                scores["farrington"][topic].append(float(seen["farrington"].max()))
    told = alarms(found, rate=RATE, looks_a_year=LOOKS_A_YEAR, topics=len(names), clumping=index)
    levels = [value for (_, _), value in told.levels.items()]
    alarmed = [
        min((c.p_value for c in look.result.clusters), default=1.0) <= told.levels[look.topic, look.period]
        for look in found
    ]
    return {
        "signals": len(told.signals),
        "alarmed": float(np.mean(alarmed)),
        "level": float(np.mean(levels)),
        "scores": scores,
    }


def best(result: Any) -> float:
    """The strongest ratio, 0 without a cluster."""
    return result.clusters[0].ratio if result.clusters else 0.0


def clumping_of(seed: int) -> float:
    """The extremal index, from the first city's busier topic; it hardly differs between cities."""
    del seed
    return float(kept("detection-clumping", _clumping))


def _clumping() -> float:
    from mahalleh.watch import expected_counts
    from mahalleh.watch.alarms import look_level
    from mahalleh.watch.clumping import clumping

    places, _, starts, names, reported = calm_city(0)
    usual = expected_counts(panel(places, starts, names, reported), places, calendar="iran").of(names[0])
    level = look_level(rate=RATE, looks_a_year=LOOKS_A_YEAR, topics=len(TOPICS))
    found = clumping(
        usual,
        seed=1,
        level=level,
        courses=40,
        places=places,
        population=places["population"].to_numpy(),
        max_population=LARGEST,
    )
    return float(found.index)


def rise(
    number: int, factor: float, size: int, length: int, thresholds: dict[str, Any]
) -> list[dict[str, Any]]:
    """One rise on top of a calm city, watched from its first week to the week after its last."""
    places, pairs, starts, names, reported = calm_city(10_000 + number)
    topic = names[number % len(names)]
    rng = np.random.default_rng([number, size, length])
    areas = neighbours(pairs, int(rng.integers(AREAS)), size, rng)
    begin = WEEKS - length - 1
    counts = panel(places, starts, names, reported)
    usual = reported[names.index(topic)][areas][:, begin - 52 : begin].mean(axis=1, keepdims=True)
    more = rng.poisson((factor - 1) * usual, (size, length))
    counts.loc[{"topic": topic}].values[areas, begin : begin + length] += more
    rows = {method: {"found": False, "weeks": np.nan, "f1": np.nan} for method in METHODS}
    for week in range(begin, WEEKS):
        waiting = tuple(method for method in METHODS if not rows[method]["found"])
        if not waiting:
            break
        seen = looks(places, counts, topic, week, waiting)
        for method in waiting:
            hit = alarmed_areas(method, seen[method], thresholds[method][topic])
            if hit & set(areas):  # an alarm elsewhere is not this rise
                both = len(hit & set(areas))
                rows[method] = {
                    "found": True,
                    "weeks": week - begin + 1,
                    "f1": 2 * both / (len(hit) + len(areas)),
                }
    return [{"method": method, **values} for method, values in rows.items()]


def alarmed_areas(method: str, seen: Any, threshold: float) -> set[int]:
    """Positions of the areas that a method alarms about at its threshold."""
    if method == "farrington":
        return set(np.flatnonzero(seen > threshold).tolist())
    hits = [c for c in seen.clusters if (c.p_value <= threshold if method == "ours" else c.ratio > threshold)]
    return {int(a) for c in hits for a in c.index}


def neighbours(pairs: Any, start: int, size: int, rng: np.random.Generator) -> list[int]:
    """Areas that hang together, grown from one."""
    chosen = [start]
    while len(chosen) < size:
        border = {int(b) for i, j in pairs for a, b in ((i, j), (j, i)) if a in chosen and b not in chosen}
        chosen.append(
            int(rng.choice(sorted(border))) if border else next(i for i in range(AREAS) if i not in chosen)
        )
    return chosen


def thresholds_of(calm_ones: list[dict[str, Any]]) -> dict[str, Any]:
    """Each method's bound by topic, all with the share of alarming looks that ours had without a rise."""
    share = float(np.mean([one["alarmed"] for one in calm_ones]))
    level = float(np.mean([one["level"] for one in calm_ones]))
    out: dict[str, Any] = {"ours": dict.fromkeys(TOPICS, level)}
    for method in METHODS[1:]:
        out[method] = {
            topic: float(
                np.quantile(np.concatenate([one["scores"][method][topic] for one in calm_ones]), 1 - share)
            )
            for topic in TOPICS
        }
    return out


def run() -> list[dict[str, Any]]:
    """The false-alarm rate as a claim; power as a table and a figure."""
    calm_ones = [kept(f"detection-calm-{seed}", partial(calm, seed)) for seed in range(CITIES)]
    years = CITIES * LOOKS / LOOKS_A_YEAR
    rate = sum(one["signals"] for one in calm_ones) / years
    rows = [
        row(
            f"false signals a year in {CITIES} cities without a rise, stated {RATE:g}",
            f"{rate:.2f} (standard error {np.sqrt(rate / years):.2f})",
            f"within 20%: {0.8 * RATE:.1f} to {1.2 * RATE:.1f}",
            holds=0.8 * RATE <= rate <= 1.2 * RATE,
        )
    ]
    thresholds = thresholds_of(calm_ones)
    table = []
    for factor, size, length in itertools.product(FACTORS, SIZES, LENGTHS):
        found = [
            one
            for number in range(TRIALS)
            for one in kept(
                f"detection-rise-{factor}-{size}-{length}-{number}",
                partial(rise, number, factor, size, length, thresholds),
            )
        ]
        for method in METHODS:
            own = [one for one in found if one["method"] == method]
            hits = [one for one in own if one["found"]]
            table.append(
                {
                    "factor": factor,
                    "areas": size,
                    "weeks": length,
                    "method": method,
                    "found": len(hits) / len(own),
                    "weeks_to_detection": float(np.median([one["weeks"] for one in hits])) if hits else None,
                    "f1": float(np.mean([one["f1"] for one in hits])) if hits else None,
                }
            )
    _write(table)
    rows.append(_against(table))
    return rows


def _against(table: list[dict[str, Any]]) -> dict[str, Any]:
    """In how many cells ours finds at least as many as both rivals."""
    cells: dict[tuple[Any, ...], dict[str, float]] = {}
    for one in table:
        cells.setdefault((one["factor"], one["areas"], one["weeks"]), {})[one["method"]] = one["found"]
    ahead = sum(cell["ours"] >= max(cell["poisson"], cell["farrington"]) for cell in cells.values())
    means = {method: float(np.mean([cell[method] for cell in cells.values()])) for method in METHODS}
    return row(
        f"rises found, of {TRIALS} a cell, at the same share of alarming looks",
        f"{means['ours']:.0%} ours, {means['poisson']:.0%} Poisson scan, "
        f"{means['farrington']:.0%} Farrington; "
        f"ours at least level in {ahead} of {len(cells)} cells",
        "more on the whole than either",
        holds=means["ours"] > max(means["poisson"], means["farrington"]),
    )


def _write(table: list[dict[str, Any]]) -> None:
    import altair as alt
    import polars as pl

    frame = pl.DataFrame(table)
    frame.write_csv(TABLE, float_precision=3)
    chart = (
        alt.Chart(frame)
        .mark_line(point=True)
        .encode(
            x=alt.X("factor:O", title="times the usual"),
            y=alt.Y("found:Q", title="share found", scale=alt.Scale(domain=[0, 1])),
            color=alt.Color(
                "method:N", scale=alt.Scale(domain=list(METHODS), range=["#0f766e", "#b45309", "#1d4e89"])
            ),
        )
        .properties(width=150, height=120)
        .facet(column=alt.Column("weeks:O", title="weeks"), row=alt.Row("areas:O", title="areas"))
    )
    PICTURE.parent.mkdir(exist_ok=True)
    chart.save(str(PICTURE))
