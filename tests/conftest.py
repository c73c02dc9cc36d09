"""What every test may ask for, and the clock at which all of them stand."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
import time_machine
from hypothesis import settings

from tests.clock import NOW

# machines are shared: how long one example takes says nothing, and a claim about speed is a benchmark
settings.register_profile("mahalleh", deadline=None)
settings.load_profile("mahalleh")

HERE = Path(__file__).resolve().parent
pytest_plugins = ["tests.slow", "tests.kernels"]
TABLES = {
    "db",
    "transactional_db",
    "django_db_setup",
}  # of pytest-django; every fixture with rows asks for one


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches tables, and let the browser's tests come first: so one worker has them all."""
    for item in items:
        if item.get_closest_marker("django_db") or TABLES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.tables)
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


def _stopped() -> time_machine.travel:
    return time_machine.travel(NOW.timestamp(), tick=False)  # a bare number: the time zone stays Django's


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """The clock stands still for what test modules make when they are read."""
    with _stopped():
        return (yield)


@pytest.fixture(scope="session", autouse=True)
def _still_clock() -> Iterator[time_machine.travel]:
    """The clock stands still from before the first city is founded: no test depends on the day it runs."""
    still = _stopped()
    still.start()
    yield still
    still.stop()


@pytest.fixture(autouse=True)
def _clock_of_this_test(request: pytest.FixtureRequest, _still_clock: time_machine.travel) -> Iterator[None]:
    """The clock goes on for tests that say why: other processes and the marks on files know no other."""
    marker = request.node.get_closest_marker("real_clock")
    if marker is None:
        yield
        return
    if not marker.args:
        pytest.fail("real_clock needs its reason: @pytest.mark.real_clock('why')")
    _still_clock.stop()
    yield
    _still_clock.start()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and reference results that stands beside the checkout."""
    folder = Path(os.environ.get("MAHALLEH_SHARED", HERE.parent.parent / "shared"))
    if not (folder / "data").is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"no shared data in {folder.name}: set MAHALLEH_SHARED")
        pytest.skip("needs the real data (../shared or MAHALLEH_SHARED), which is not here")
    return folder
