"""Rules that no setting of Python may switch off, and a method page whose example is true."""

import ast
from pathlib import Path

import pytest

import mahalleh.disclose

FOLDER = Path(mahalleh.disclose.__file__).parent
PAGE = Path(__file__).resolve().parents[2] / "docs" / "analysts" / "disclosure.md"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_disclose__has_no_assert_that_python_o_would_drop(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)]


def test_page__example_runs_and_is_frozen() -> None:
    code = PAGE.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    names: dict = {}
    exec(compile(code, "disclosure.md", "exec"), names)  # noqa: S102 - our own page
    assert names["again"].cells.equals(names["made"].cells)
    assert names["files"].height == names["made"].cells.height
    assert not {"self-harm", "child-at-risk"} & set(names["files"]["topic"])
    assert names["page"].filter(names["page"]["hidden"].is_null())["value"].min() >= 5


def test_page__half_widths_are_those_of_the_table() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("| draws, ε = 1"))
    draws, widths = ([int(cell) for cell in lines[i].split("|")[2:-1]] for i in (at, at + 2))
    assert [mahalleh.disclose.half_width(1.0, n) for n in draws] == widths
