"""The wheel, made from a clean checkout: it holds everything and runs the sample city, in Persian too."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import sysconfig
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

import mahalleh
from mahalleh_site.city import read_city
from tests.city import folder_state

ROOT = Path(__file__).resolve().parent.parent
NOT_SOURCE = shutil.ignore_patterns("__pycache__", "*.mo", "*.egg-info")
PATIENCE = 240  # seconds for founding a city on a slow machine


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as a release is, but with the tools that are here, since tests reach no network."""
    clean, made = tmp_path_factory.mktemp("clean"), tmp_path_factory.mktemp("dist")
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, clean)
    shutil.copytree(ROOT / "src", clean / "src", ignore=NOT_SOURCE)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", made, clean)
    return next(made.glob("*.whl"))


@pytest.fixture(scope="module")
def home(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with nothing of the checkout: the wheel, and what the lock has put here."""
    home = tmp_path_factory.mktemp("bare")
    run(sys.executable, "-m", "venv", "--without-pip", home)
    python = home / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps", wheel)
    inside = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    # a path in a .pth file brings its packages, but not the .pth by which the checkout itself is found there
    Path(inside, "locked.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    bring_kernels(ROOT / "src" / "mahalleh" / "watch", Path(inside, "mahalleh", "watch"))
    return home


def bring_kernels(ours: Path, theirs: Path) -> None:
    """Half a minute of compiling is no part of this test. Numba keeps what it compiled by a source's age."""
    for path in ours.glob("*.py"):
        shutil.copystat(path, theirs / path.name)
    for path in (ours / "__pycache__").glob("*.nb*"):
        shutil.copy(path, theirs / "__pycache__")


@dataclass(frozen=True)
class Demo:
    """A running `mahalleh demo`."""

    address: str
    var: Path
    server: subprocess.Popen[bytes]

    def stop(self) -> None:
        """As a person does, by Ctrl+C or the end of the session."""
        if self.server.poll() is None:
            os.killpg(self.server.pid, signal.SIGTERM)
            self.server.wait(timeout=30)


@pytest.fixture(scope="module")
def demo(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`mahalleh demo` with the smallest city that it takes; in an empty folder, where it makes `var`."""
    folder = tmp_path_factory.mktemp("demo")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    log = folder / "log"
    small = ["--areas", "6", "--weeks", "60", "--no-past"]
    with log.open("w", encoding="utf-8") as output:
        server = subprocess.Popen(
            [home / "bin" / "mahalleh", "demo", "--address", address, *small],
            cwd=folder, env=environment(), stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    made = Demo(f"http://{address}", folder / "var", server)
    try:
        until = time.monotonic() + PATIENCE
        while not answers(made.address):
            if server.poll() is not None or time.monotonic() > until:
                pytest.fail(f"no page came:\n{log.read_text(encoding='utf-8')}")
            time.sleep(0.2)
        yield made
    finally:
        made.stop()


def environment() -> dict[str, str]:
    """That of a person who has just logged in."""
    return {key: os.environ[key] for key in ("HOME", "PATH", "TMPDIR") if key in os.environ} | {
        "LANG": "C.UTF-8"
    }


def run(*line: str | Path, at: str | Path = "/") -> str:
    done = subprocess.run(
        line, env=environment(), cwd=at, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:  # noqa: S310  (our own server)
            return bool(answer.status == 200)
    except OSError:
        return False


def page(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310  (our own server)
        return str(answer.read().decode())


def test_wheel__holds_every_file_of_both_packages_and_the_compiled_catalogue(wheel: Path) -> None:
    source = ROOT / "src"
    packages = [source / "mahalleh", source / "mahalleh_site"]
    files = {
        path.relative_to(source) for package in packages for path in package.rglob("*") if path.is_file()
    }
    files = {path for path in files if "__pycache__" not in path.parts}  # also drops the kernels' cache
    compiled = {path.with_suffix(".mo") for path in files if path.suffix == ".po"}
    held = {Path(name) for name in zipfile.ZipFile(wheel).namelist() if ".dist-info" not in name}
    assert compiled
    assert held == files | compiled
    assert wheel.name == f"mahalleh-{mahalleh.__version__}-py3-none-any.whl"


@pytest.mark.slow("that a release runs is promised, and only running it shows that")
def test_wheel__runs_the_sample_city_from_a_bare_environment_in_both_languages(
    home: Path, demo: Demo
) -> None:
    where = run(home / "bin" / "python", "-c", "import mahalleh_site; print(mahalleh_site.__file__)")
    assert Path(where.strip()).is_relative_to(home)
    persian, english = page(f"{demo.address}/fa/"), page(f"{demo.address}/en/")
    assert "محله‌ها" in persian
    assert "Neighbourhoods" in english
    assert "Neighbourhoods" not in persian
    assert "<svg" in page(f"{demo.address}/fa/tell/")


@pytest.mark.slow("where it runs alone, the sample city is founded for it")
def test_demo__builds_the_sample_once_and_finds_it_again(home: Path, demo: Demo) -> None:
    demo.stop()
    assert read_city(demo.var).is_demo
    with closing(sqlite3.connect(demo.var / "mahalleh.sqlite3")) as database:
        counts = [
            database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("places_area", "releases_release")
        ]
    assert counts == [6, 1]
    assert (demo.var / "releases/1/counts.csv").exists()
    before = folder_state(demo.var)
    run(home / "bin" / "mahalleh", "demo", "--no-serve", at=demo.var.parent)
    assert folder_state(demo.var) == before
