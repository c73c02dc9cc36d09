"""Names the tests over five seconds that have no reason: `@pytest.mark.slow("what for")` gives one.

Counted in seconds of the processor, ended child processes too: a busy machine changes little. What a run does
once for all tests, its session's fixtures and the kernels, is nobody's. It names and does not fail: how long
something takes is no property of the code.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

LIMIT = 5.0  # seconds
BEGAN = pytest.StashKey[float]()
_nobodys = 0.0


def spent() -> float:
    """Seconds of the processor that tests have used."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system - _nobodys


@contextmanager
def aside() -> Iterator[None]:
    """What is done here counts for no test."""
    global _nobodys
    before = spent()
    try:
        yield
    finally:
        _nobodys += spent() - before


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
    """A session's fixture is made in whichever test comes first."""
    if fixturedef.scope != "session":
        return (yield)
    with aside():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """The clock of a test begins."""
    item.stash[BEGAN] = spent()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """What it took with its own fixtures. Not its end: the last also ends a session's servers."""
    report = yield
    took = spent() - item.stash[BEGAN]
    if call.when == "call" and took > LIMIT and item.get_closest_marker("slow") is None:
        report.user_properties.append(("slow", took))  # crosses from the worker to whoever prints
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The list, slowest first."""
    found = [
        (took, report.nodeid)
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, took in report.user_properties
        if name == "slow"
    ]
    if found:
        terminalreporter.section(f"over {LIMIT:g} s without a reason")
        for took, name in sorted(found, reverse=True):
            terminalreporter.write_line(f"{took:5.1f} s  {name}")
