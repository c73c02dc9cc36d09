"""What every test may ask for."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# machines are shared: how long one example takes says nothing, and a claim about speed is a benchmark
settings.register_profile("mahalleh", deadline=None)
settings.load_profile("mahalleh")

HERE = Path(__file__).resolve().parent
pytest_plugins = ["tests.kernels", "tests.slow"]
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


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and reference results that stands beside the checkout."""
    folder = Path(os.environ.get("MAHALLEH_SHARED", HERE.parent.parent / "shared"))
    if not (folder / "data").is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"no shared data in {folder.name}: set MAHALLEH_SHARED")
        pytest.skip("needs the real data (../shared or MAHALLEH_SHARED), which is not here")
    return folder
