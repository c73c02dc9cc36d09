"""A plugin for pytest: only the tests that a mutant meets, in the order in which they are listed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """The file with the list."""
    parser.addoption("--mutants-chosen", type=Path)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what is listed; where nothing of it is there any more, the mutant has changed names: keep all."""
    chosen = json.loads(config.getoption("--mutants-chosen").read_text(encoding="utf-8"))
    order = {name: number for number, name in enumerate(chosen)}
    kept = [item for item in items if item.nodeid in order]
    if kept:
        items[:] = sorted(kept, key=lambda item: order[item.nodeid])
