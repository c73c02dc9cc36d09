"""A plugin for pytest: which test runs which line, and how much work each test is.

A line that a fixture of a module or a session runs counts for every test that asks for the fixture.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import coverage
import pytest

FIXTURE = "fixture:"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where to write the map, and which files it is about."""
    parser.addoption("--mutants-map", type=Path)
    parser.addoption("--mutants-of", action="append", default=[])


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Begin before the first module of ours is imported."""
    known = early_config.known_args_namespace
    early_config.pluginmanager.register(_Cover(known.mutants_map, known.mutants_of))


class _Cover:
    def __init__(self, target: Path, files: list[str]) -> None:
        self.target = target
        self.fixtures: dict[str, list[str]] = {}  # of each test
        self.work: dict[str, float] = {}
        self.context = ""
        self.coverage = coverage.Coverage(data_file=None, include=files, config_file=False)
        self.coverage.start()

    def switch(self, context: str) -> str:
        """Count what runs from now on for a test or a fixture; what it was counted for before."""
        before, self.context = self.context, context
        self.coverage.switch_context(context)
        return before

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """A test, with its own fixtures."""
        self.fixtures[item.nodeid] = [FIXTURE + name for name in getattr(item, "fixturenames", [])]
        began = _work()
        before = self.switch(item.nodeid)
        try:
            return (yield)
        finally:
            self.switch(before)
            self.work[item.nodeid] = _work() - began

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[None]:
        """A fixture that several tests share."""
        if fixturedef.scope == "function":
            return (yield)
        before = self.switch(FIXTURE + fixturedef.argname)
        try:
            return (yield)
        finally:
            self.switch(before)

    def pytest_sessionfinish(self) -> None:
        """Write the map."""
        self.coverage.stop()
        data = self.coverage.get_data()
        asking: dict[str, list[str]] = {}
        for test, names in self.fixtures.items():
            for name in names:
                asking.setdefault(name, []).append(test)
        lines: dict[str, dict[int, list[str]]] = {}
        for path in data.measured_files():
            lines[os.path.relpath(path)] = {
                line: sorted({test for each in contexts for test in asking.get(each, [each]) if test})
                for line, contexts in data.contexts_by_lineno(path).items()
            }
        self.target.write_text(json.dumps({"lines": lines, "work": self.work}), encoding="utf-8")


def _work() -> float:
    """Seconds of processors that this process and its children took so far."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
