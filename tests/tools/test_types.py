"""Types are strict everywhere, and whoever acts, and what on, is typed wherever it is handed on."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src"
# Who and what must be typed wherever it is handed on.
TYPED = {
    "account", "by", "decision", "member", "membership", "organisation", "report", "reports", "request",
    "signal", "user", "users",
}  # fmt: skip
IGNORED = re.compile(r"#\s*type:\s*ignore(?P<code>\[[a-z-]+\])?(?P<reason>\s+# \w.*)?")


def settings():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]


def modules():
    """Every module of the site by its name."""
    for path in sorted((SRC / "mahalleh_site").rglob("*.py")):
        if "migrations" not in path.parts:
            yield ".".join(path.relative_to(SRC).with_suffix("").parts), path


def untyped(tree):
    """Parameters that name an account, a report or a request and may be anything."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = function.args
            for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                named = {
                    node.id for node in ast.walk(each.annotation or ast.Pass()) if isinstance(node, ast.Name)
                }
                if each.arg in TYPED and "Any" in named:
                    yield f"{function.name}({each.arg})"


def test_mypy__reads_both_packages_strictly():
    assert settings()["strict"] is True
    assert set(settings()["packages"]) == {"mahalleh", "mahalleh_site"}


def test_mypy__leaves_no_module_of_ours_out():
    overrides = settings()["overrides"]
    assert [each for each in overrides if each.keys() - {"module", "ignore_missing_imports"}] == []
    assert [name for each in overrides for name in each["module"] if name.startswith("mahalleh")] == []


def test_ignored__has_a_code_and_a_reason():
    faults = []
    for _name, path in modules():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            found = IGNORED.search(line)
            if "mypy:" in line or (found and not (found["code"] and found["reason"])):
                faults.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert faults == []


def test_accounts_reports_and_requests__have_types():
    faults = []
    for name, path in modules():
        faults += [f"{name}: {each}" for each in untyped(ast.parse(path.read_text(encoding="utf-8")))]
    assert faults == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def f(user: Any): ...", ["f(user)"]),
        ("def f(*, by: Any | None): ...", ["f(by)"]),
        ("async def f(reports: list[Any]): ...", ["f(reports)"]),
        ("def f(user: User, row: Any): ...", []),
    ],
)
def test_untyped__is_found(text, found):
    assert list(untyped(ast.parse(text))) == found
