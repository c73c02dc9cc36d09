"""Examples in the library's docstrings run, and give what they show."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import mahalleh

ROOT = Path(mahalleh.__file__).parent
WITH_EXAMPLES = sorted(path for path in ROOT.rglob("*.py") if ">>> " in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_examples__give_what_they_show(path, capsys):
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    tried = doctest.testmod(importlib.import_module(".".join(parts)))
    assert tried.attempted > 0
    assert tried.failed == 0, capsys.readouterr().out


def test_examples__are_there_at_all():
    assert len(WITH_EXAMPLES) > 20
