"""Boundaries for drawing."""

from __future__ import annotations

import re

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from mahalleh_site.places import outlines
from tests import city as cities


def parsed(path: str) -> list[np.ndarray]:
    """The rings of an SVG path made of whole relative steps."""
    rings = []
    for x, y, steps in re.findall(r"M(-?\d+) (-?\d+)l([^z]*)z", path):
        moves = np.array(re.findall(r"-?\d+", steps), dtype=int).reshape(-1, 2)
        rings.append(np.vstack([[int(x), int(y)], moves]).cumsum(axis=0))
    return rings


def test_light__draws_every_square_where_it_stands():
    frame = outlines.frame(cities.squares().geometry)
    paths, boundaries = outlines.light(list(cities.squares().geometry), frame)
    unit = (outlines.WIDTH - 2 * outlines.MARGIN) / 4  # four squares fill the width
    for position, path in enumerate(paths):
        (ring,) = parsed(path)
        assert ring[:, 0].min() == pytest.approx(outlines.MARGIN + position * unit, abs=1)
        assert ring[:, 0].max() == pytest.approx(outlines.MARGIN + (position + 1) * unit, abs=1)
        assert 0 <= ring[:, 1].min() < ring[:, 1].max() <= frame.height
    corners = np.array(boundaries[0]["coordinates"][0])
    assert corners.min(axis=0) == pytest.approx([51.40, 35.70])
    assert corners.max(axis=0) == pytest.approx([51.41, 35.71])


def test_frame__keeps_the_shape_of_the_city():
    """A square of 0.01 degrees is cos(35.705 degrees) = 0.812 as wide as it is high."""
    frame = outlines.frame(cities.squares().geometry[:1])
    drawn = outlines.WIDTH - 2 * outlines.MARGIN
    assert (frame.height - 2 * outlines.MARGIN) / drawn == pytest.approx(1 / 0.812, abs=0.002)


def test_light__leaves_no_gap_between_neighbours():
    """Two areas share a wriggling border; what simplifies one side must simplify the other alike."""
    y = np.linspace(35.70, 35.71, 200)
    border = np.column_stack([51.405 + 0.0002 * np.sin(y * 9000), y])
    left = shapely.Polygon([(51.40, 35.70), *border, (51.40, 35.71)])
    right = shapely.Polygon([(51.41, 35.71), *border[::-1], (51.41, 35.70)])
    frame = outlines.frame([left, right])
    paths, boundaries = outlines.light([left, right], frame)
    light_left, light_right = (shapely.geometry.shape(boundary) for boundary in boundaries)
    assert shapely.get_num_coordinates(light_left) < shapely.get_num_coordinates(left)
    gap = shapely.box(51.40, 35.70, 51.41, 35.71).area - light_left.area - light_right.area
    assert gap == pytest.approx(0, abs=1e-12)
    shared = {tuple(point) for point in parsed(paths[0])[0]} & {tuple(point) for point in parsed(paths[1])[0]}
    assert len(shared) >= 2


def test_path__keeps_a_hole_and_a_shape_smaller_than_a_unit():
    ring = shapely.box(100, 100, 200, 200) - shapely.box(120, 120, 150, 150)
    assert [len(part) for part in parsed(outlines.path(ring))] == [4, 4]
    dot = shapely.box(10.1, 10.1, 10.2, 10.2)
    (corners,) = parsed(outlines.path(dot))
    assert np.ptp(corners, axis=0).min() >= 1


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_path__encloses_what_the_shape_encloses(seed):
    """Rounding to whole units may move an outline by at most a unit: areas differ by less than its length."""
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, 12))
    radius = rng.uniform(50, 300, 12)
    shape = shapely.make_valid(
        shapely.Polygon(np.column_stack([500 + radius * np.cos(angle), 500 + radius * np.sin(angle)]))
    )
    rings = [shapely.Polygon(ring) for ring in parsed(outlines.path(shape)) if len(ring) > 2]
    assert sum(ring.area for ring in rings) == pytest.approx(shape.area, abs=shape.length + 4)
