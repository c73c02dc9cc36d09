"""The check of docstrings fails on what it should fail on."""

from __future__ import annotations

import importlib
import sys

import pytest

from tools import docstrings

GOOD = '''
"""A module."""
from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import NDArray

from mahalleh.errors import Faults, InputError, PlacesError


@dataclass
class Row:
    """A row.

    Attributes
    ----------
    values : (n,) float64
        Its values.
    name : str
        Its name.
    """

    values: NDArray
    name: str

    @property
    def first(self) -> float:
        """The first value."""
        return self.values[0]


def doubled(values: NDArray, times: int = 2) -> NDArray:
    """Double values.

    Parameters
    ----------
    values : (n,) float64
        Some values.
    times : int
        How often.

    Returns
    -------
    (n,) float64
        More.

    Raises
    ------
    InputError
        Where there are none.
    """
    _check(values)
    return values * 2**times


def _check(values):
    if not len(values):
        raise PlacesError("places.empty")
    faults = Faults(InputError)
    faults.raise_if_any()
'''


@pytest.fixture
def told(tmp_path, monkeypatch):
    """The faults of a module, with some of its text changed."""

    def of(*changes):
        text = GOOD
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        folder = tmp_path / "given"
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").write_text("", encoding="utf-8")
        (folder / "rows.py").write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        for name in ("given.rows", "given"):
            sys.modules.pop(name, None)
        importlib.invalidate_caches()
        return docstrings.faults(tmp_path, "given")

    return of


def test_docstrings__find_nothing_where_all_is_told(told):
    assert told() == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("    times : int\n        How often.\n", "", "PR01 Parameters {'times'} not documented"),
        ("    times : int\n", "    often : int\n", "PR02"),
        ("    times : int\n        How often.\n", "    times : int\n", "PR07"),
        (
            "    Returns\n    -------\n    (n,) float64\n        More.\n\n",
            "",
            "RT01 No Returns section found",
        ),
        (
            "    Returns\n    -------\n    (n,) float64",
            "    Returns\n    -------\n    array",
            "says no shape",
        ),
        ("    values : (n,) float64\n        Some", "    values : array\n        Some", "says no shape"),
        ("    values : (n,) float64\n        Its", "    values : array\n        Its", "says no shape"),
        ("    name : str\n        Its name.\n", "", "Attributes are ['values'], fields ['values', 'name']"),
        ("    name : str\n        Its name.\n", "    name : str\n", "no description"),
        (
            "\n    Raises\n    ------\n    InputError\n        Where there are none.\n",
            "",
            "raises PlacesError and does not say so",
        ),
        ("    InputError\n        Where", "    PlacesError\n        Where", "raises InputError and does not"),
        ('"""Double values.', '"""double values', "SS0"),
        ('        """The first value."""\n', "", "GL08"),
    ],
)
def test_docstrings__tell_what_is_missing(told, old, new, fault):
    assert any(fault in line for line in told((old, new))), told((old, new))


def test_docstrings__know_an_error_by_what_it_is(told):
    # a PlacesError is an InputError, so one word tells of both; an OSError is not
    change = ('raise PlacesError("places.empty")', 'raise OSError("gone")')
    assert told(change) == ["given.rows.doubled: raises OSError and does not say so"]
    caught = "try:\n            raise OSError\n        except OSError:\n            pass"
    assert told(('raise PlacesError("places.empty")', caught)) == []


def test_docstrings__exempt_nothing_that_is_gone():
    for name in docstrings.EXEMPT:
        module, _, thing = name.rpartition(".")
        assert hasattr(importlib.import_module(module), thing)
    assert all(reason for reason in (*docstrings.EXEMPT.values(), *docstrings.LEAVE.values()))
