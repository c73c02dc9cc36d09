"""One city for all tests of this folder: made in half a second, read by all."""

import pytest

from mahalleh.simulate import City, simulate_city


@pytest.fixture(scope="session")
def city() -> City:
    return simulate_city(7)
