"""Names the tests over five seconds that have no reason: `@pytest.mark.slow("what for")` gives one.

Counted in seconds of the processor, those of fixtures and child processes too, so that a busy machine changes
little. It names and does not fail: how long something takes is no property of the code.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest

LIMIT = 5.0  # seconds
BEGAN = pytest.StashKey[float]()


def spent() -> float:
    """Seconds of the processor that this process and its ended children have used."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    item.stash[BEGAN] = spent()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    report = yield
    took = spent() - item.stash[BEGAN]
    if call.when == "teardown" and took > LIMIT and item.get_closest_marker("slow") is None:
        report.user_properties.append(("slow", took))  # crosses from the worker to whoever prints
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    found = [
        (took, report.nodeid)
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "teardown"
        for name, took in report.user_properties
        if name == "slow"
    ]
    if found:
        terminalreporter.section(f"over {LIMIT:g} s without a reason")
        for took, name in sorted(found, reverse=True):
            terminalreporter.write_line(f"{took:5.1f} s  {name}")
