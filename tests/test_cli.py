"""The frame of the `mahalleh` command: languages, exit statuses, and never a traceback."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
import typer

from mahalleh import __version__, cli
from mahalleh.errors import CityError, DisclosureError, InputError, MahallehError


@pytest.fixture
def raising(monkeypatch):
    """Hang one command, `go`, in the frame, that raises what it is given."""

    def hang(error: BaseException) -> None:
        app = typer.Typer()

        @app.callback()
        def _frame() -> None: ...

        @app.command()
        def go() -> None:
            raise error

        monkeypatch.setattr(cli, "build", lambda: app)

    monkeypatch.setenv("MAHALLEH_LANGUAGE", "en")
    return hang


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "fa_IR.UTF-8"}, "fa"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "fa_IR"}, "fa"),
        ({"LANG": "fa_IR.UTF-8", "MAHALLEH_LANGUAGE": "en"}, "en"),
        ({"LANG": "C", "MAHALLEH_LANGUAGE": "fa"}, "fa"),
    ],
)
def test_language__is_the_one_asked_for_else_the_locales(environment, language):
    assert cli.language(environment) == language


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (MahallehError("cli.nothing-new"), 1),
        (InputError("cli.bad-email", given="x"), 3),
        (DisclosureError("cli.nothing-new"), 4),
        (CityError("city.no-folder", path="var"), 5),
        (cli.MachineError("cli.database", reason="down"), 7),
        (PermissionError(errno.EACCES, "Permission denied", "/var/x"), 7),
        (OSError(errno.ENOSPC, "No space left", "/var/x"), 7),
        (OSError("odd"), 7),
        (ZeroDivisionError("secret of a person"), 70),
        (KeyboardInterrupt(), 130),
        (typer.Abort(), 130),
    ],
)
def test_run__gives_each_error_its_status_and_no_traceback(raising, capsys, error, status):
    raising(error)
    assert cli.run(["go"]) == status
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err
    assert "Traceback" not in told.err
    assert "secret of a person" not in told.err


def test_run__says_where_a_defect_rose_but_no_path_of_the_machine(raising, capsys):
    raising(RuntimeError("x"))
    cli.run(["go"])
    told = capsys.readouterr().err
    assert re.search(r"RuntimeError at test_cli\.py:\d+", told)
    assert os.getcwd() not in told


def test_run__shows_the_traceback_to_who_asks_for_it(raising, capsys, monkeypatch):
    monkeypatch.setenv("MAHALLEH_DEBUG", "1")
    raising(RuntimeError("x"))
    assert cli.run(["go"]) == cli.DEFECT
    assert "Traceback" in capsys.readouterr().err


def test_run__names_every_fault_in_persian(raising, capsys, monkeypatch):
    monkeypatch.setenv("MAHALLEH_LANGUAGE", "fa")
    raising(PermissionError(errno.EACCES, "Permission denied", "/srv/x"))
    assert cli.run(["go"]) == cli.MACHINE
    assert capsys.readouterr().err.startswith("این حساب اجازهٔ استفاده از /srv/x را ندارد")


@pytest.mark.parametrize(
    ("line", "english", "persian"),
    [
        (["fly"], "There is no command 'fly'", "فرمانی به نام «fly» نیست"),
        (["load"], "FORMAT is missing", "FORMAT را ننوشته‌اید"),
        (["loop", "--fast"], "There is no option --fast", "گزینه‌ای به نام --fast نیست"),
        (
            ["serve", "--workers", "many"],
            "The value of --workers cannot be used",
            "مقدار --workers پذیرفته نیست",
        ),
        (
            ["serve", "--workers", "0"],
            "The value of --workers cannot be used",
            "مقدار --workers پذیرفته نیست",
        ),
    ],
)
def test_run__refuses_a_line_written_wrong_with_status_2(line, english, persian, capsys, monkeypatch):
    for language, text in (("en", english), ("fa", persian)):
        monkeypatch.setenv("MAHALLEH_LANGUAGE", language)
        assert cli.run(line) == cli.USAGE
        assert text in capsys.readouterr().err


@pytest.mark.parametrize("command", ["demo", "init", "load", "loop", "serve", "worker", "doctor"])
def test_help__of_every_command_names_it_and_its_options(command, capsys):
    assert cli.run([command, "--help"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"Usage: mahalleh {command}")
    assert "Options:" in told


def test_version__is_the_packages(capsys):
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out == f"{__version__}\n"


def test_start__imports_neither_numbers_nor_django():
    heavy = ("polars", "geopandas", "numpy", "django", "altair", "xarray", "rich")
    code = (
        "import sys, mahalleh.cli as c; c.run(['--help']);"
        f"print([m for m in {heavy!r} if m in sys.modules], file=sys.stderr)"
    )
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert time.perf_counter() - began < 5  # half a second on an idle machine; tests share theirs


def test_run__ends_quietly_when_the_reader_has_seen_enough():
    line = f"{sys.executable} -m mahalleh.cli --help | head -n 1 >/dev/null; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("file", ["cli", "doctor"])
def test_messages__of_the_command_are_all_said_somewhere(file):
    source = Path(__file__).resolve().parents[1] / "src"
    code = "".join(path.read_text(encoding="utf-8") for path in source.rglob("*.py"))
    said = tomllib.loads((source / f"mahalleh/messages/{file}.toml").read_text(encoding="utf-8"))
    assert [key for key in said if f'"{file}.{key}"' not in code and f"'{file}.{key}'" not in code] == []


def test_reasons__of_readers_all_have_words():
    from mahalleh.sources.reading import REASONS

    for reason in REASONS:
        for language in ("fa", "en"):
            assert cli.message(f"reasons.{reason}", language)
