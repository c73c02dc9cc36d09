"""What every test may ask for."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# machines are shared: how long one example takes says nothing, and a claim about speed is a benchmark
settings.register_profile("mahalleh", deadline=None)
settings.load_profile("mahalleh")

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and reference results that stands beside the checkout."""
    folder = Path(os.environ.get("MAHALLEH_SHARED", HERE.parent.parent / "shared"))
    if not (folder / "data").is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"no shared data in {folder.name}: set MAHALLEH_SHARED")
        pytest.skip("needs the real data (../shared or MAHALLEH_SHARED), which is not here")
    return folder
