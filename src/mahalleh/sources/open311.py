"""Another city's Open311 GeoReport v2 server as a source: its residents' requests become events.

    reading = read(url, places=places, topics=topics, until=date(2024, 6, 30), spool=folder, zone=zone)
    store.append_all(reading.batches())
    forget(url, spool=folder)

A request is an event of its own, at the moment and point that the server tells; its service's code, or else
name, is the category. Of the rest (texts, addresses, names, pictures, status) nothing is kept. The server's
host is the source. Read = kept + refused, where a request that was given several times is read once.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import geopandas as gpd
import httpx
import polars as pl

from mahalleh.errors import SourceError
from mahalleh.events import SCHEMA
from mahalleh.sources import open311_pull
from mahalleh.sources._placing import Placer
from mahalleh.sources.open311_client import Server, address
from mahalleh.sources.open311_pull import Pull
from mahalleh.sources.open311_windows import DAY, UNASKED, Span, batches, server_name, spans_of
from mahalleh.sources.reading import LINE, REASON, Part, Reading
from mahalleh.topics import Topic


def read(
    url: str,
    *,
    places: gpd.GeoDataFrame,
    topics: Sequence[Topic] | None = None,
    since: date | None = None,
    until: date,
    spool: Path,
    zone: str,
    loaded: Iterable[str] = (),
    replace: bool = False,
    transport: httpx.BaseTransport | None = None,
    wait: Callable[[float], None] = time.sleep,
    told: open311_pull.Told | None = None,
) -> Reading:
    """Pull the requests of the days `since` to `until`, both included, and make ready to read them.

    Parameters
    ----------
    url : str
        Below it stand `services` and `requests`; its parameters, such as `jurisdiction_id`, go along.
    places : geopandas.GeoDataFrame
        Places.
    topics : sequence of Topic, optional
        Their categories are service codes or names.
    since : datetime.date, optional
        Where left out, the day after the last one that is loaded, or 89 days before `until`, as far back as
        the standard lets one ask at once.
    until : datetime.date
        The last day.
    spool : pathlib.Path
        A folder for what was pulled, until `forget`.
    zone : str
        The city's time zone.
    loaded : iterable of str
        Names of the event store's batches; their days are left out.
    replace : bool
        Whether loaded days are asked for again, in whole batches.
    transport : httpx.BaseTransport, optional
        A way around the network.
    wait : callable
        A way around sleep: takes seconds.
    told : callable, optional
        Called with number, total and days before each window.

    Returns
    -------
    Reading
        Ready to be read.

    Raises
    ------
    SourceError
        Where the address or the days cannot be used, everything is loaded, topics are missing (the server's
        services are named), or the server's answers cannot be used. What was pulled until then stays in
        `spool`, and the same call goes on from there.
    """
    place = address(url)
    name = server_name(place.shown)
    asked, wanted = _planned(
        spans_of(name, loaded), since=since, until=until, replace=replace, url=place.shown
    )
    folder = spool / name
    server = Server(place, transport=transport, wait=wait)
    try:
        services = server.services()
        if topics is None:
            raise _topicless(server, [f"{one.code} ({one.name})" for one in services])
        names = {service.code: service.name for service in services}
        windows = open311_pull.windows(wanted)
        Pull(server, ZoneInfo(zone), names).run(windows, folder, told=told)
    finally:
        server.close()
    if not any(_rows(folder, [window]) for window in windows):
        forget(url, spool=spool)
        raise SourceError("open311.no-requests", url=place.shown, first=asked.first, last=asked.last)
    placer = Placer(places)
    parts = []
    for batch in wanted:
        near = [window for window in windows if window.overlaps(Span(batch.first - DAY, batch.last + DAY))]
        make = partial(_frames, batch=batch, near=near, placer=placer, topics=topics, source=place.host)
        path = folder / f"{name}_{batch}"
        days = (place.host, batch.first, batch.last)
        parts.append(Part(path, _digest(path, near), make, speaks_for=days))
    return Reading(tuple(parts), tuple(topics))


def forget(url: str, *, spool: Path) -> None:
    """Take away what was pulled from a server: its events are stored, or nobody wants them any more.

    Parameters
    ----------
    url : str
        The server's address.
    spool : pathlib.Path
        The folder that `read` was given.

    Raises
    ------
    SourceError
        Where the address is none.
    """
    folder = spool / server_name(address(url).shown)
    if folder.exists():
        shutil.rmtree(folder)


def _planned(
    held: Sequence[Span], *, since: date | None, until: date, replace: bool, url: str
) -> tuple[Span, list[Span]]:
    """The days asked for, and the batches to make of them."""
    after = max((span.last for span in held), default=None)
    if since is None:
        since = until - UNASKED if after is None or replace else min(after + DAY, until)
    asked = Span(since, until)
    if asked.first > asked.last:
        raise SourceError("open311.bad-span", first=asked.first, last=asked.last)
    if wanted := batches(asked, held, replace=replace):
        return asked, wanted
    raise SourceError("open311.all-loaded", url=url, first=asked.first, last=asked.last)


def _topicless(server: Server, services: list[str]) -> SourceError:
    if not services:
        return SourceError("open311.no-services", url=server.shown)
    return SourceError("open311.no-topics", url=server.shown, services=services)


def _rows(folder: Path, windows: Iterable[Span]) -> int:
    files = [open311_pull.window_file(folder, window) for window in windows]
    return int(pl.scan_parquet(files).select(pl.len()).collect().item())


def _digest(path: Path, windows: Iterable[Span]) -> str:
    """SHA-256 of the batch's name and of what was pulled: two empty months are still two."""
    digest = sha256(path.name.encode())
    for window in windows:
        digest.update(open311_pull.window_file(path.parent, window).read_bytes())
    return digest.hexdigest()


def _frames(
    part: Part, *, batch: Span, near: Sequence[Span], placer: Placer, topics: Sequence[Topic], source: str
) -> Iterator[pl.DataFrame]:
    """One frame: a batch is a month at most, and a month of the largest city's requests fits in memory."""
    pulled = []
    for window in near:
        frame = pl.read_parquet(open311_pull.window_file(part.path.parent, window))
        # a request without a day belongs to the batch whose window brought it
        day, own = pl.col("time").dt.date(), window.overlaps(batch)
        pulled.append(frame.filter(day.is_between(batch.first, batch.last).fill_null(own)))
    rows = pl.concat(pulled).unique("key", keep="first", maintain_order=True)
    if rows.is_empty():
        return
    rows = placer.place(_sorted(rows, topics)).with_columns(
        pl.col("time").dt.date().alias("recorded"),
        pl.lit(1, dtype=pl.Int32).alias("n"),
        pl.lit(source, dtype=pl.String).alias("source"),
        pl.int_range(1, pl.len() + 1).alias(LINE),
        _reason().alias(REASON),
    )
    yield part.account(rows.select(*SCHEMA, REASON, LINE))


def _sorted(rows: pl.DataFrame, topics: Sequence[Topic]) -> pl.DataFrame:
    """Adds `topic` and `kind`, by the service's code or else by its name, compared without case."""
    known = {word.casefold(): topic for topic in topics for word in topic.categories}
    pairs = rows.select("code", "name").unique().rows()
    found = [known.get(code.casefold()) or known.get(name.casefold()) for code, name in pairs]
    table = pl.DataFrame(
        [
            (code, name, topic.id if topic else None, topic.kind if topic else None)
            for (code, name), topic in zip(pairs, found, strict=True)
        ],
        schema={"code": pl.String, "name": pl.String, "topic": pl.String, "kind": SCHEMA["kind"]},
        orient="row",
    )
    return rows.join(table, on=["code", "name"], how="left", maintain_order="left")


def _reason() -> pl.Expr:
    return (
        pl.when((pl.col("code") == "") & (pl.col("name") == "")).then(pl.lit("no-category"))
        .when(pl.col("topic").is_null()).then(pl.lit("unknown-category"))
        .when(pl.col("dateless")).then(pl.lit("no-date"))
        .when(pl.col("time").is_null()).then(pl.lit("bad-date"))
        .when(~pl.col("pointed")).then(pl.lit("no-place"))
        .when(pl.col("area").is_null()).then(pl.lit("outside"))
    )  # fmt: skip
