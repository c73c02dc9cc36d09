"""`mahalleh watch`: look at the newest week or over the past, compute a signal again, say how it stands."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any

import typer

from mahalleh.cli import put, say, word
from mahalleh.errors import InputError, MahallehError
from mahalleh_site import terminal

app = typer.Typer(name="watch", no_args_is_help=True, help="The watch: what is getting worse, and where.")
BY = "system:watch"
HOW = {
    "regression": "watching.topic-regression",
    "short-history": "watching.topic-short-history",
    "watch.too-little-history": "watching.topic-too-little-history",
}
LOOK = ["start", "end", "as_of", "live", "data_version", "model_version", "opened", "seen", "topics"]


class ReplayError(MahallehError):
    """A signal that does not come out again as it was stored."""

    exit_code = 6


@app.callback()
def group() -> None:
    """The watch."""


@app.command()
@terminal.worded
def run(
    weeks: Annotated[
        int, typer.Option(min=1, max=520, help="The newest weeks (or months) to look at, as if live.")
    ] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print the looks as JSON.")] = False,
) -> None:
    """Look at the newest complete week, and at any since the last look. Safe to run at any time."""
    terminal.start()
    terminal.current()
    from mahalleh_site.watch import loop, running, tasks

    with progress() as told:
        runs = running.watch(by=BY, periods=weeks, told=told)
        tasks.draw_charts()
    if json:
        put([terminal.json_ready(one, LOOK) for one in runs])
    elif not runs:
        say("watching.nothing-new")
    else:
        code, facts = loop.found(runs)
        say(code, **facts)


@app.command()
@terminal.worded
def replay(
    signal: Annotated[str, typer.Argument(help="The signal's id: the end of its page's address.")],
    json: Annotated[bool, typer.Option("--json", help="Print both results as JSON.")] = False,
) -> None:
    """Compute a signal again from its seed, its data and its day. Exit code 6 where it differs."""
    terminal.start()
    terminal.current()
    from mahalleh_site.watch.models import Signal
    from mahalleh_site.watch.replay import replay as again

    try:
        told = again(signal)
    except Signal.DoesNotExist as error:
        raise InputError("watching.no-signal", signal=signal) from error
    if json:
        facts = {"key": told.signal_id, "same": told.same, "because": None if told.same else told.because}
        put(facts | {"stored": told.stored, "now": told.now, "model": told.model, "data": told.data})
    if not told.same:
        raise ReplayError(
            f"watching.replay-{told.because}",
            signal=signal,
            model=told.model[0],
            model_now=told.model[1],
            data=told.data[0][:12],
            data_now=told.data[1][:12],
        )
    if not json:
        figures = {name: f"{told.stored[name]:.10g}" for name in ("observed", "expected", "p_value")}
        say("watching.replayed", signal=signal, **figures)


@app.command()
@terminal.worded
def status(json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False) -> None:
    """What was looked at last, how each topic is watched, and what waits for a decision."""
    terminal.start()
    terminal.current()
    from mahalleh_site.watch import queries
    from mahalleh_site.watch.models import Run, Signal

    newest = queries.last_look()
    waiting = queries.undecided()
    if json:
        put(
            {
                "look": terminal.json_ready(newest, LOOK) if newest else None,
                "looks": Run.objects.count(),
                "signals": Signal.objects.count(),
                "waiting": [row.id for row in waiting],
            }
        )
        return
    if newest is None:
        say("watching.status-none")
        return
    say(
        "watching.status",
        start=terminal.day(newest.start),
        end=terminal.last_day(newest.end),
        as_of=terminal.day(newest.as_of),
        looks=terminal.number(Run.objects.count()),
        signals=terminal.number(Signal.objects.count()),
        waiting=terminal.number(len(waiting)),
    )
    for topic, facts in sorted(newest.topics.items()):
        reason = str(facts["how"])
        say(HOW.get(reason, "watching.topic-other"), topic=topic, reason=reason)
    for row in waiting:
        typer.echo(row.id)


@app.command()
@terminal.worded
def switch(state: Annotated[str, typer.Argument(help="on or off.")]) -> None:
    """Switch the watch on or off. It goes on only while its entry in the public register holds."""
    if state not in ("on", "off"):
        raise InputError("watching.on-or-off", given=state)
    terminal.start()
    terminal.current()
    from mahalleh_site.watch import actions, running
    from mahalleh_site.watch.scheme import METHOD

    running.enter(by=BY)
    method = actions.switch_method(by=BY, id=METHOD, on=state == "on")
    if method.switched_on and method.expires_on is not None:
        say("watching.switched-on", until=terminal.day(method.expires_on))
    else:
        say("watching.switched-off")


@contextmanager
def progress() -> Iterator[Callable[[int, int, date], None]]:
    """A bar on standard error, or without a terminal a line a look, so that a log shows how far it came."""

    def line(done: int, total: int, start: date) -> None:
        facts: dict[str, Any] = {"done": terminal.number(done + 1), "total": terminal.number(total)}
        say("watching.step", start=terminal.day(start), **facts)

    if not sys.stderr.isatty():
        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        bar = shown.add_task("")

        def move(done: int, total: int, start: date) -> None:
            facts: dict[str, Any] = {"done": terminal.number(done + 1), "total": terminal.number(total)}
            text = word("watching.step", start=terminal.day(start), **facts)
            shown.update(bar, completed=done, total=total, description=text)

        yield move
