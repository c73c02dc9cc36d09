"""What is installed is what was locked, byte for byte: each package one version, known by its hashes."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tools import lock

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = "https://elsewhere.example/"  # an address that no lock may name
HASH = f"--hash=sha256:{'0a' * 32}"
GOOD = f"one==1.0 \\\n    {HASH} \\\n    {HASH}\ntwo[x]==2 ; sys_platform == 'win32' \\\n    {HASH}\n"


@pytest.fixture
def compiled(tmp_path, monkeypatch):
    """What uv would write, by what it is asked for; what this program then says of it."""

    def run(command, check):
        hashes = f" \\\n    {HASH}" if "--generate-hashes" in command else ""
        index = "" if "--no-emit-index-url" in command else f"--index-url {ELSEWHERE}\n"
        Path(command[-1]).write_text(f"{index}one==1.0{hashes}\n", encoding="utf-8")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lock.subprocess, "run", run)
    monkeypatch.setattr(lock.sys, "argv", ["lock"])
    lock.main()
    return [Path(name).read_text(encoding="utf-8") for name in lock.LOCKS]


def recipe(target: str) -> list[str]:
    """What `make` would do from nothing, a command a line."""
    done = subprocess.run(
        ["make", "--always-make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", lock.LOCKS)
def test_lock__as_it_stands_is_of_versions_with_hashes_and_names_no_address(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert lock.faults(text) == []
    assert len(re.findall(r"^\S+==", text, re.MULTILINE)) > 40


def test_lock__is_made_with_hashes_and_without_an_address(compiled):
    assert compiled == [f"one==1.0 \\\n    {HASH}\n"] * 2


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("three==3.0", "three==3.0 is not"),
        (f"three>=3.0 \\\n    {HASH}", "three>=3.0 is not"),
        (f"three \\\n    {HASH}", "three is not"),
        (f"three==3.0 \\\n    {HASH[:-2]}", "three==3.0 is not"),
        (f"three==3.0 \\\n    --hash=md5:{'0a' * 16}", "three==3.0 is not"),
        ("three @ git+https://code.example/three", "names an address"),
        (f"--extra-index-url {ELSEWHERE}", "names an address"),
        ("-e ./three", "-e is not"),
    ],
    ids=["bare", "range", "no-version", "short-hash", "weak-hash", "repository", "index", "folder"],
)
def test_faults__are_what_would_install_something_else(line, fault):
    assert lock.faults(GOOD) == []
    assert any(each.startswith(fault) or fault in each for each in lock.faults(f"{GOOD}{line}\n"))


def test_lock__that_names_an_address_is_refused(compiled, monkeypatch):
    monkeypatch.setattr(lock, "COMMON", [each for each in lock.COMMON if each != "--no-emit-index-url"])
    with pytest.raises(SystemExit, match="names an address"):
        lock.main()


def test_environment__is_installed_with_hashes_required_and_nothing_beside():
    """By `make environment`, which CI runs; the project itself brings nothing along."""
    installs = [line for line in recipe("environment") if "install" in line and "echo" not in line]
    required = {f"--require-hashes -r {name}" for name in lock.LOCKS}
    asked = [line.split(" install ")[1].strip() for line in installs]
    assert set(asked) == {*required, "--no-deps --no-build-isolation -e ."}


def test_ci__installs_by_make_environment_alone():
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    code = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    assert re.search(r'^part "environment" make environment$', code, re.MULTILINE)
    assert not re.search(r"\b(pip|pipx|uv|easy_install|curl|wget)\b", code)
