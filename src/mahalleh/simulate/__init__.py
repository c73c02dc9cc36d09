"""An invented city with known truth: the demo, the test bed and the calibration bench.

    city = simulate_city(1)
    city.events, city.places, city.survey, city.truth.rises

Nothing in it is or was anywhere. How it is made, and what it must not be used for:
docs/analysts/simulate.md.
"""

from mahalleh.simulate.build import simulate_city
from mahalleh.simulate.model import City, District, Intervention, Rise, Service, Truth

__all__ = ["City", "District", "Intervention", "Rise", "Service", "Truth", "simulate_city"]
