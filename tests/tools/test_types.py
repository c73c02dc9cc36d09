"""Types are strict everywhere but where `pyproject.toml` says not yet, and that list only gets shorter."""

from __future__ import annotations

import ast
import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src"
# What was not strict when the list was begun. Take out what has become strict; add nothing.
NOT_YET = {"mahalleh_site.listen.*", "mahalleh_site.people.*", "mahalleh_site.sealed.*"}
# Who and what must be typed wherever it is handed on.
TYPED = {
    "account", "by", "decision", "member", "membership", "organisation", "report", "reports", "request",
    "signal", "user", "users",
}  # fmt: skip
IGNORED = re.compile(r"#\s*type:\s*ignore(?P<code>\[[a-z-]+\])?(?P<reason>\s+# \w.*)?")


def settings():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]


def not_yet():
    """The modules whose errors mypy leaves out."""
    return {
        module
        for override in settings()["overrides"]
        if override.keys() - {"module", "ignore_missing_imports"}
        for module in override["module"]
    }


def modules():
    """Every module of the site by its name."""
    for path in sorted((SRC / "mahalleh_site").rglob("*.py")):
        if "migrations" not in path.parts:
            yield ".".join(path.relative_to(SRC).with_suffix("").parts), path


def strict_modules():
    return [(name, path) for name, path in modules() if not any(fnmatch(name, each) for each in not_yet())]


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


def test_not_yet__gets_no_longer():
    assert not_yet() <= NOT_YET


def test_not_yet__names_nothing_that_is_gone():
    names = [name for name, _path in modules()]
    rooms = {each for each in not_yet() if not any(fnmatch(name, each) for name in names)}
    assert rooms <= {"mahalleh_site.sealed.*"}


def test_ignored__has_a_code_and_a_reason():
    faults = []
    for _name, path in strict_modules():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            found = IGNORED.search(line)
            if "mypy:" in line or (found and not (found["code"] and found["reason"])):
                faults.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert faults == []


def test_accounts_reports_and_requests__have_types():
    faults = []
    for name, path in strict_modules():
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
