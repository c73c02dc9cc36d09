"""`mahalleh load` and `mahalleh loop`: outside data in, releases out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace as dc_replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypedDict

import typer

from mahalleh.cli import put, say, word
from mahalleh.errors import Faults, InputError, SourceError
from mahalleh_site import terminal

if TYPE_CHECKING:
    import geopandas as gpd
    import polars as pl

    from mahalleh.events import Batch, SameDays, Taken
    from mahalleh.sources import Reading, ReadReport
    from mahalleh.sources.open311_windows import Span
    from mahalleh.sources.reading import Part

Reader: TypeAlias = "Callable[[gpd.GeoDataFrame], Reading]"
Refusals: TypeAlias = "dict[str, Told]"  # by reason
Days: TypeAlias = tuple[date | None, date | None]  # of a file's first and last event

FILES = ("police_uk", "table")  # formats that are read from files
BEYOND = {"outside", "no-place"}  # reasons that a file of elsewhere has
FIRST_LINES = 5  # of each reason, as many as a person looks up
DAYS = ["%Y-%m-%d"]


class Told(TypedDict):
    """Rows refused for one reason: how many, and the first as `file:line`."""

    count: int
    lines: list[str]


class Loaded(TypedDict):
    """What a load did, for people and scripts."""

    format: str
    files: list[str]
    read: int
    kept: int
    by_point: int
    taken: int
    refused: Refusals
    first: date | None
    last: date | None


@terminal.worded
def load(
    format: Annotated[str, typer.Argument(help="What the files are: police_uk, table; or open311.")],
    files: Annotated[list[str], typer.Argument(help="Files or folders; of open311 the server's address.")],
    mapping: Annotated[Path | None, typer.Option(help="What the columns of a table mean (TOML).")] = None,
    topics: Annotated[Path | None, typer.Option(help="Your own topics and categories (TOML).")] = None,
    since: Annotated[datetime | None, typer.Option(formats=DAYS, help="First day to ask for.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=DAYS, help="Last day to ask for.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Read again what was loaded before, in its place.")
    ] = False,
    replace_days: Annotated[
        bool, typer.Option("--replace-days", help="Read days anew that were loaded before.")
    ] = False,
    add_days: Annotated[
        bool, typer.Option("--add-days", help="Add to days that were loaded before: these are other events.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Take out what is replaced without asking.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Bring outside data in. Every row is kept, or refused and counted by reason."""
    options = {"mapping": mapping, "topics": topics, "since": since, "until": until}
    reader = _reader(format, files, options, replace=replace)
    if replace_days and add_days:
        raise InputError("cli.days-twice")
    same_days: SameDays = "replace" if replace_days else "add" if add_days else "refuse"
    terminal.start()
    terminal.current()
    report = _load(reader, format, replace=replace, same_days=same_days, yes=yes)
    if format == "open311":
        from mahalleh.sources import open311

        open311.forget(files[0], spool=_spool())
    if json:
        put(report)
    else:
        _show(report)


@terminal.worded
def loop(
    revise: Annotated[
        bool, typer.Option("--revise", help="Add late reports to periods that are published.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """One turn of the loop: count reports, publish what is new, watch the newest week. Safe at any time."""
    terminal.start()
    terminal.current()
    from mahalleh_site.house import rooms
    from mahalleh_site.house.manifest import Phase

    facts: dict[str, Any] = {}
    for phase in Phase:
        for turn in rooms.turns(phase):
            turned = turn(by="system:loop", revise=revise)
            facts |= turned.facts
            if not json:
                for code, said in turned.said:
                    say(code, **said)
    if json:
        put(facts)


def _reader(form: str, given: list[str], options: dict[str, Any], *, replace: bool) -> Reader:
    """A function places -> Reading; whatever is wrong with the command is named before Django starts.

    Raises:
        InputError: where the format, an option, a path or an address is wrong.
    """
    import inspect

    from mahalleh.sources import READERS

    if form not in READERS:
        raise InputError("cli.no-format", given=form, allowed=sorted(READERS))
    takes = inspect.signature(READERS[form]).parameters
    options = {key: value for key, value in options.items() if value is not None}
    faults = Faults(InputError)
    for key, value in options.items():
        if key not in takes:
            faults.add("cli.not-taken", format=form, option=f"--{key}")
        elif isinstance(value, Path) and not value.is_file():
            faults.add("cli.no-file", path=value)
    if "mapping" in takes and "mapping" not in options:
        faults.add("cli.no-mapping", format=form)
    if "url" not in takes:
        for path in given:
            if not Path(path).exists():
                faults.add("cli.no-file", path=path)
    elif len(given) > 1:
        faults.add("open311.one-url", count=len(given))
    faults.raise_if_any()
    if "topics" in options:
        from mahalleh.topics import read_topics

        options["topics"] = read_topics(options["topics"])
    if "url" not in takes:
        return lambda places: READERS[form](
            [Path(path) for path in given], places=places, **options, **_zone(takes)
        )
    _check_address(given[0])
    return lambda places: _pulled(given[0], places, options, replace=replace)


def _zone(takes: Container[str]) -> dict[str, str]:
    """The city's time zone, for a reader that turns offsets into wall time."""
    from django.conf import settings

    return {"zone": settings.CITY.timezone} if "zone" in takes else {}


def _check_address(url: str) -> None:
    from mahalleh.sources.open311_client import address

    address(url)


def _pulled(url: str, places: gpd.GeoDataFrame, options: dict[str, Any], *, replace: bool) -> Reading:
    """A Reading of a server's requests, up to the last day that is over in the city.

    Raises:
        InputError: where a day is asked for that is not over.
        SourceError: whatever is wrong with the server or its answers.
    """
    from django.conf import settings
    from django.utils import timezone

    from mahalleh.events import EventStore
    from mahalleh.sources import open311
    from mahalleh_site.places import files

    over = timezone.localdate() - timedelta(days=1)
    days = {key: options[key].date() for key in ("since", "until") if key in options}
    if (last := days.setdefault("until", over)) > over:
        raise InputError("open311.not-over", last=last, allowed=over)
    return open311.read(
        url,
        places=places,
        topics=options.get("topics"),
        spool=_spool(),
        zone=settings.CITY.timezone,
        loaded=[batch.name for batch in EventStore(files.events_path(settings.VAR)).batches()],
        replace=replace,
        told=_asking,
        **days,
    )


def _spool() -> Path:
    """Where requests wait until all are pulled: below the folder that this account alone may look in."""
    from django.conf import settings

    from mahalleh_site.places import files

    return files.private_path(settings.VAR) / "open311"


def _asking(number: int, total: int, days: Span) -> None:
    say(
        "open311.asking",
        number=terminal.number(number),
        total=terminal.number(total),
        first=terminal.day(days.first),
        last=terminal.day(days.last),
    )


def _load(reader: Reader, form: str, *, replace: bool, same_days: SameDays, yes: bool) -> Loaded:
    """Read, store and record, a batch a file, all or none; the report.

    The rows of the database are written when every event stands in its files and before the store takes them;
    their transaction ends after that, so neither stands without the other. What goes is told, and agreed to,
    before that.
    """
    from django.conf import settings

    from mahalleh.events import EventStore
    from mahalleh_site.places import files
    from mahalleh_site.releases.models import RESIDENTS

    reading = reader(files.city_places(settings.VAR))
    store = EventStore(files.events_path(settings.VAR))
    batches = reading.batches()
    days: list[Days] = []
    out: list[Taken] = []
    with ExitStack() as stack:

        def checked(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
            yield from frames
            _check_kept(reading.parts, form)

        def agree(taken: Sequence[Taken], coming: Sequence[Batch]) -> None:
            _agree(taken, coming, yes=yes)
            out.extend(taken)
            _record(stack, reading, form, days, own_topics=files.topics_path(settings.VAR), taken=taken)

        incoming = [dc_replace(batch, frames=_followed(batch.frames, days)) for batch in batches]
        incoming[-1] = dc_replace(incoming[-1], frames=checked(iter(incoming[-1].frames)))
        store.append_all(incoming, replace=replace, same_days=same_days, agree=agree, apart=f"{RESIDENTS}:")
    known = [day for pair in days for day in pair if day]
    return Loaded(
        format=form,
        files=[part.path.name for part in reading.parts],
        read=reading.report.rows_read,
        kept=reading.report.rows_kept,
        by_point=reading.report.by_point,
        taken=sum(one.rows for one in out),
        refused=_refused(reading.report),
        first=min(known, default=None),
        last=max(known, default=None),
    )


def _agree(taken: Sequence[Taken], coming: Sequence[Batch], *, yes: bool) -> None:
    """Tell what a load takes out, and ask whether it shall.

    Raises:
        InputError: where nobody can be asked and `--yes` is not set, or the answer is no.
    """
    if not taken:
        return
    for one in taken:
        say(
            "cli.takes-away" if one.left is None else "cli.takes-days",
            name=one.batch.name,
            rows=terminal.number(one.rows),
            of=terminal.number(one.batch.rows),
            first=one.batch.first,
            last=one.batch.last,
        )
    say("cli.comes-in", rows=terminal.number(sum(batch.rows for batch in coming)))
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InputError("cli.needs-yes")
    if not typer.confirm(word("cli.really"), err=True):
        raise InputError("cli.left-alone")


def _followed(frames: Iterable[pl.DataFrame], days: list[Days]) -> Iterator[pl.DataFrame]:
    """The frames as they come; once through, the first and last day of their events is noted."""
    import polars as pl

    first: date | None = None
    last: date | None = None
    day = pl.col("time").dt.date()
    for frame in frames:
        if frame.height:
            low, high = frame.select(day.min().alias("low"), day.max().alias("high")).row(0)
            first, last = min(first or low, low), max(last or high, high)
        yield frame
    days.append((first, last))


def _record(
    stack: ExitStack,
    reading: Reading,
    form: str,
    days: list[Days],
    *,
    own_topics: Path,
    taken: Sequence[Taken],
) -> None:
    """Write a row a file and the topics, in a transaction that ends with the stack; amend what loses rows."""
    from django.db import transaction

    from mahalleh_site.places.actions import import_topics
    from mahalleh_site.releases.actions import record_load, record_taken

    stack.enter_context(transaction.atomic())
    for one in taken:
        left = one.left.rows if one.left is not None else 0
        record_taken(by="system:load", digest=one.batch.digest, rows=one.rows, left=left)
    import_topics(reading.topics, by="system:load", own=own_topics)
    for part, (first, last) in zip(reading.parts, days, strict=True):
        record_load(
            by="system:load",
            name=part.path.name,
            format=form,
            digest=part.digest,
            read=part.report.rows_read,
            kept=part.report.rows_kept,
            refused=_refused(part.report),
            first=first,
            last=last,
        )


def _refused(report: ReadReport) -> Refusals:
    return {
        reason: Told(count=told.count, lines=list(told.first_lines))
        for reason, told in report.refused.items()
    }


def _check_kept(parts: Sequence[Part], form: str) -> None:
    """Refuse each file of which not one row was kept: then the file or the mapping is wrong, not its rows.

    Beside a file that was kept, one that lies wholly beyond the city is taken: so do neighbouring forces'. A
    server's days are taken too, since nobody can leave one out.

    Raises:
        SourceError: with every such file and its reasons.
    """
    none = [part for part in parts if not part.kept]
    if len(none) < len(parts):
        none = [part for part in none if part.read and not part.counts.keys() <= BEYOND]
        none = none if form in FILES else []
    faults = Faults(SourceError)
    for part in none:
        told = part.report
        reasons = [
            f"{reason_text(reason)}: {terminal.number(one.count)}" for reason, one in told.refused.items()
        ]
        faults.add("cli.nothing-kept", name=part.path.name, read=told.rows_read, reasons=reasons or ["0"])
    faults.raise_if_any()


def _show(report: Loaded) -> None:
    refused = report["refused"]
    total = sum(told["count"] for told in refused.values())
    say(
        "cli.loaded",
        read=terminal.number(report["read"]),
        kept=terminal.number(report["kept"]),
        refused=terminal.number(total),
    )
    if report["taken"]:
        say("cli.taken-out", rows=terminal.number(report["taken"]))
    if report["by_point"]:
        say("cli.by-point", count=terminal.number(report["by_point"]))
    if not refused:
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE)
    table.add_column(word("cli.column-reason"))
    table.add_column(word("cli.column-rows"), justify="right")
    table.add_column(word("cli.column-lines"), overflow="fold")
    for reason, told in sorted(refused.items(), key=lambda item: -item[1]["count"]):
        table.add_row(
            reason_text(reason), terminal.number(told["count"]), _lines(told["lines"][:FIRST_LINES])
        )
    Console(stderr=True).print(table)


def _lines(places: list[str]) -> str:
    """`file:line`s as one line a file."""
    by_file: dict[str, list[str]] = {}
    for place in places:
        file, _, line = place.rpartition(":")
        by_file.setdefault(file, []).append(line)
    return "\n".join(f"{file}: {', '.join(lines)}" for file, lines in by_file.items())


def reason_text(reason: str) -> str:
    """A reason of refusal in the user's language; its code where a reader brought one without words."""
    try:
        return word(f"reasons.{reason}")
    except KeyError:
        return reason
