"""The city's care: settings file, workshop, health, static files, the doctor, commands without a city."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from django.db import connection

from mahalleh import cli
from mahalleh.errors import CityError, InputError
from mahalleh.events import EventStore
from mahalleh_site.city import City, Helpline, read_city
from mahalleh_site.commands import checks, heartbeat, serving, supervisor, workshop
from mahalleh_site.commands.city_file import NO_HELPLINE, city_toml
from mahalleh_site.places import files
from mahalleh_site.releases import verifying
from mahalleh_site.releases.models import Load, Release
from tests import city as cities

# --- the settings' file


@pytest.mark.parametrize(
    "city",
    [
        City(),
        City(mode="demo", names={"fa": 'نام «با» "گیومه"', "en": 'A "quoted" \\ name'}, lag_weeks=2),
        City(
            helplines=(),
            timezone="Europe/London",
            country="GB-SCT",
            calendar="gregorian",
            epsilon=0.5,
            threshold=12,
        ),
        City(helplines=(Helpline("112", {"fa": "اورژانس", "en": "help"}, urgent=True),), contact="a@b.org"),
    ],
    ids=["default", "quotes", "no-helpline", "helpline"],
)
def test_city_toml__reads_back_as_it_was(tmp_path, city):
    (tmp_path / "city.toml").write_text(city_toml(city), encoding="utf-8")
    assert read_city(tmp_path) == city


def test_city_toml__without_a_number_takes_a_block_where_the_docs_and_the_file_put_it(tmp_path):
    written = city_toml(City(helplines=(), timezone="America/Chicago"))
    block = NO_HELPLINE.replace("# ", "")
    docs = (Path(__file__).parents[3] / "docs" / "operators.md").read_text(encoding="utf-8")
    example = docs.split("\n[[helpline]]\n")[1].split("```")[0]
    for name, text in {
        "uncommented": written.replace(NO_HELPLINE, block),
        "appended": f"{written}\n[[helpline]]\n{example}",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "city.toml").write_text(text, encoding="utf-8")
        (line,) = read_city(tmp_path / name).helplines
        assert line.urgent


def test_city_toml__says_at_its_end_how_a_number_is_written(tmp_path):
    assert city_toml(City(helplines=(), timezone="America/Chicago")).endswith(NO_HELPLINE)


# --- the workshop


def test_workshop__moves_in_whole_beside_or_inside(tmp_path):
    for target, made in ((tmp_path / "new" / "var", False), (tmp_path / "empty", True)):
        if made:
            target.mkdir()
        with workshop.workshop(target) as path:
            (path / "events").mkdir()
            (path / "city.toml").write_text("", encoding="utf-8")
            workshop.move_in(path, target)
        assert sorted(child.name for child in target.iterdir()) == ["city.toml", "events"]
        assert not list(target.parent.glob(f"{workshop.MARK}*"))


def test_workshop__leaves_nothing_of_what_broke(tmp_path):
    def breaks(target: Path) -> None:
        with workshop.workshop(target) as path:
            (path / "half").write_text("", encoding="utf-8")
            raise ZeroDivisionError

    (tmp_path / "empty").mkdir()
    before = cities.folder_state(tmp_path)
    for target in (tmp_path / "empty", tmp_path / "deep" / "down" / "var"):
        with pytest.raises(ZeroDivisionError):
            breaks(target)
    assert cities.folder_state(tmp_path) == before


# --- addresses, processes, signs of life


@pytest.mark.parametrize(
    ("address", "parts"),
    [("127.0.0.1:8000", ("127.0.0.1", 8000)), ("[::1]:80", ("::1", 80)), ("localhost:1", ("localhost", 1))],
)
def test_split__reads_host_and_port(address, parts):
    assert serving.split(address) == parts


@pytest.mark.parametrize("address", ["8000", "host:", ":80", "host:0", "host:65536", "host:http", ""])
def test_split__refuses_what_is_no_address(address):
    with pytest.raises(InputError, match="not an address"):
        serving.split(address)


def test_check_free__refuses_an_address_in_use():
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(cli.MachineError, match="in use"):
            supervisor.check_free("127.0.0.1", taken.getsockname()[1])


def test_server__writes_no_access_log():
    assert "--no-access-log" in serving.server("127.0.0.1", 8000, workers=2)


def test_keep__starts_again_what_ends_and_gives_up_on_what_keeps_ending(monkeypatch, capsys):
    monkeypatch.setattr(supervisor, "LOOK", 0.01)
    monkeypatch.setattr(supervisor.time, "sleep", lambda seconds: None)
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    breaker = [sys.executable, "-c", "raise SystemExit(3)"]
    with pytest.raises(cli.MachineError, match="breaker process ended 5 times"):
        supervisor.keep({"sleeper": sleeper, "breaker": breaker}, environment=os.environ)
    assert capsys.readouterr().err.count("started again") == supervisor.TIMES - 1


@pytest.mark.skipif(sys.platform != "linux", reason="the parent's death is told by Linux")
def test_keep__leaves_no_process_behind_when_it_is_killed(tmp_path):
    note = tmp_path / "pid"
    child = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    parent = (
        "import os, sys; from mahalleh_site.commands import supervisor;"
        f"supervisor.keep({{'child': [sys.executable, '-c', {child!r}]}}, environment=os.environ)"
    )
    process = subprocess.Popen([sys.executable, "-c", parent])
    until = time.monotonic() + 30
    while not (note.exists() and note.read_text(encoding="ascii")) and time.monotonic() < until:
        time.sleep(0.02)
    process.kill()
    process.wait()
    status = Path(f"/proc/{note.read_text(encoding='ascii')}/status")
    while _runs(status) and time.monotonic() < until:
        time.sleep(0.02)
    assert not _runs(status)


def _runs(status: Path) -> bool:
    """Whether a process is there and no mere entry that waits to be collected."""
    try:
        return "State:\tZ" not in status.read_text(encoding="ascii")
    except OSError:
        return False


def test_heartbeat__lives_as_long_as_its_worker(tmp_path, settings, monkeypatch):
    settings.VAR = tmp_path
    assert not heartbeat.alive()
    with heartbeat.beating():
        for _ in range(100):
            if heartbeat.path().exists():
                break
            time.sleep(0.01)
        assert heartbeat.alive()
        old = time.time() - heartbeat.LATE - 1
        os.utime(heartbeat.path(), (old, old))
        assert not heartbeat.alive()
    assert not heartbeat.path().exists()


# --- health


def test_healthz__answers_without_cookie_or_database(db, client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content, answer["Cache-Control"]) == (200, b"ok\n", "no-store")
    assert not answer.cookies


def test_readyz__says_that_all_is_well_or_that_nothing_is_published(client, squares):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": "ok", "migrations": "ok", "release": "none"}
    assert not answer.cookies


def test_readyz__notices_a_release_that_cannot_be_read(client, squares):
    Release.objects.create(
        number=7, epsilon=1, threshold=5, freq="W", first=date(2024, 1, 1), last=date(2024, 1, 8),
        rows=4, hidden=0, digest="x",
    )  # fmt: skip
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert (answer.json()["ready"], answer.json()["release"]) == (False, "failed")


def test_readyz__notices_a_database_that_does_not_answer(client, monkeypatch):
    from django.db import OperationalError

    from mahalleh_site.house import health

    def down() -> str:
        raise OperationalError("password=secret host=db")

    checks = {"database": down, "migrations": lambda: "ok", "release": lambda: "ok"}
    monkeypatch.setattr(health, "checks", lambda: checks)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "secret" not in answer.content.decode()


# --- the doctor


def findings(folder: Path) -> dict[str, checks.Finding]:
    return {finding.code: finding for finding in checks.run(folder)}


@pytest.fixture
def tended(squares, settings, monkeypatch):
    """The city of squares with everything as it should be, as far as a test can."""
    from mahalleh_site.commands import static

    settings.VAR.chmod(0o700)
    for path in settings.VAR.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    settings.ALLOWED_HOSTS = settings.LOOPBACK
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    monkeypatch.setattr("django.core.mail.backends.smtp.EmailBackend.open", lambda self: True)
    monkeypatch.setattr(static, "is_current", lambda: True)
    monkeypatch.setattr(checks, "translations", lambda: [])
    return settings.VAR


def test_doctor__finds_nothing_wrong_where_nothing_is(tended, capsys):
    wrong = {code for code, finding in findings(tended).items() if not finding.ok}
    assert wrong <= {"doctor.no-wal"}  # the tests' database lives in memory
    cli.run(["doctor", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert {"ok", "check", "text"} == set(told[0])


def test_doctor__says_that_there_is_no_city_and_stops_there(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MAHALLEH_VAR", str(tmp_path / "none"))
    monkeypatch.setenv("MAHALLEH_LANGUAGE", "en")
    assert cli.run(["doctor"]) == 1
    assert "WRONG  There is no city" in capsys.readouterr().out


def opened(folder: Path) -> None:
    folder.chmod(0o777)


def lent(folder: Path) -> None:
    (folder / "city.toml").chmod(0o640)


def private_opened(folder: Path) -> None:
    files.private_path(folder).chmod(0o755)


def no_helpline(folder: Path) -> None:
    cities.write_city(folder, City(helplines=(), timezone="Europe/London", contact="a@b.org"))


def no_contact(folder: Path) -> None:
    cities.write_city(folder, City(contact=""))


def no_such_holidays(folder: Path) -> None:
    cities.write_city(folder, City(country="GB-XYZ", contact="a@b.org"))


def bad_setting(folder: Path) -> None:
    read_city.cache_clear()
    (folder / "city.toml").write_text('[city]\nmode = "test"\n', encoding="utf-8")


def key_opened(folder: Path) -> None:
    os.environ.pop("MAHALLEH_SECRET_KEY", None)
    (folder / "secret-key").write_text("k", encoding="ascii")
    (folder / "secret-key").chmod(0o644)


def unrecorded(folder: Path) -> None:
    stored(folder)
    Load.objects.all().delete()


def unstored(folder: Path) -> None:
    Load.objects.create(name="gone", format="table", digest="d", rows_read=1, rows_kept=1)


def damaged(folder: Path) -> None:
    stored(folder)
    next(files.events_path(folder).rglob("*.parquet")).unlink()


def stored(folder: Path) -> None:
    import polars as pl

    from mahalleh.events import SCHEMA

    row = {
        "time": [date(2024, 1, 1)], "resolution": ["day"], "recorded": [date(2024, 1, 1)], "area": ["a"],
        "cell": [None], "topic": ["noise"], "source": ["desk"], "kind": ["need"], "n": [1],
    }  # fmt: skip
    frame = pl.DataFrame(row).cast(dict(SCHEMA))
    EventStore(files.events_path(folder)).append([frame], digest="d", name="desk")
    Load.objects.create(name="desk", format="table", digest="d", rows_read=1, rows_kept=1)


def waiting(folder: Path) -> None:
    from django_tasks_db.models import DBTaskResult

    DBTaskResult.objects.create(
        task_path="mahalleh_site.releases.tasks.prewarm", args_kwargs={"args": [], "kwargs": {}},
        backend_name="default", queue_name="default", priority=0, run_after="2024-01-01T00:00:00Z",
    )  # fmt: skip


FAULTS = [
    (opened, "doctor.folder-open"),
    (private_opened, "doctor.private-open"),
    (lent, "doctor.lent"),
    (no_helpline, "doctor.no-helpline"),
    (no_contact, "doctor.no-contact"),
    (no_such_holidays, "watch.unknown-calendar"),
    (bad_setting, "city.bad-value"),
    (key_opened, "doctor.key-open"),
    (unrecorded, "doctor.unrecorded"),
    (unstored, "doctor.unstored"),
    (damaged, "events.store-damaged"),
    (waiting, "doctor.worker-gone"),
]


@pytest.mark.parametrize(("spoil", "code"), FAULTS, ids=lambda value: getattr(value, "__name__", None))
def test_doctor__names_each_fault_and_how_to_mend_it(tended, monkeypatch, spoil, code):
    monkeypatch.setenv("MAHALLEH_SECRET_KEY", "k" * 60)
    before = findings(tended)
    assert code not in before
    spoil(tended)
    finding = findings(tended)[code]
    assert not finding.ok
    for language in ("en", "fa"):
        monkeypatch.setenv("MAHALLEH_LANGUAGE", language)
        assert len(finding.text()) > 30


@pytest.mark.parametrize(
    ("hosts", "https", "mode", "code"),
    [
        (["*"], True, "live", "doctor.hosts-any"),
        (["city.example"], False, "live", "doctor.no-https"),
        (["city.example"], True, "demo", "doctor.demo-outside"),
        (None, True, "live", "doctor.https-alone"),
    ],
)
def test_doctor__knows_hosts_that_do_not_fit(tended, settings, hosts, https, mode, code):
    settings.ALLOWED_HOSTS = hosts or settings.LOOPBACK
    settings.HTTPS = https
    settings.CITY = City(mode=mode)
    assert [finding.code for finding in checks.hosts()] == [code]


@pytest.mark.parametrize(
    "given", ["city.example", "https://", "https://city.example/fa/", "ftp://city.example"]
)
def test_doctor__knows_an_address_that_is_none(tended, settings, given):
    settings.ADDRESS = given
    assert [finding.code for finding in checks.address()] == ["doctor.address-bad"]
    settings.ADDRESS = "https://city.example:8443"
    assert not list(checks.address())


def test_doctor__notices_a_broken_audit_log(tended, monkeypatch):
    from mahalleh_site.people import audit

    monkeypatch.setattr(audit, "verify", lambda: audit.Verified(3, "x", 2, "broken"))
    assert not findings(tended)["doctor.audit-bad"].ok


def test_doctor__notices_a_published_file_that_was_changed(tended, monkeypatch):
    monkeypatch.setattr(verifying, "verify", lambda number: ["counts.csv"])
    Release.objects.create(
        number=1, epsilon=1, threshold=5, freq="W", first=date(2024, 1, 1), last=date(2024, 1, 8),
        rows=1, hidden=0, digest="x",
    )  # fmt: skip
    assert "counts.csv" in findings(tended)["doctor.release-changed"].text()


# --- static files


def test_collect__works_only_when_a_source_has_changed(tmp_path, settings):
    from mahalleh_site.commands import static

    source = tmp_path / "source"
    source.mkdir()
    (source / "a.css").write_text("a{}", encoding="utf-8")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "static"
    with fresh_finders():
        assert not static.is_current()
        assert static.collect()
        assert (tmp_path / "static" / "a.css").exists()
        assert not static.collect()
        (source / "b.css").write_text("b{}", encoding="utf-8")
        assert not static.is_current()
        assert static.collect()
        assert (tmp_path / "static" / "b.css").exists()


@contextmanager
def fresh_finders():
    from django.contrib.staticfiles.finders import get_finder

    get_finder.cache_clear()
    try:
        yield
    finally:
        get_finder.cache_clear()


# --- commands


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize(
    "command", [["loop"], ["load", "police_uk", "."], ["serve"], ["worker"], ["manage", "check"]]
)
def test_commands__without_a_city_say_how_to_found_one(tmp_path, monkeypatch, capsys, command, language):
    monkeypatch.setenv("MAHALLEH_VAR", str(tmp_path))
    monkeypatch.setenv("MAHALLEH_LANGUAGE", language)
    read_city.cache_clear()
    assert cli.run(command) == CityError.exit_code
    told = capsys.readouterr().err
    assert "mahalleh init" in told
    assert "Traceback" not in told
    assert not list(tmp_path.iterdir())


def test_commands__refuse_a_database_older_than_the_code(squares, monkeypatch, capsys):
    from mahalleh_site.house import health

    monkeypatch.setattr(health, "migrations", lambda: "failed")
    monkeypatch.setenv("MAHALLEH_LANGUAGE", "en")
    assert cli.run(["loop"]) == CityError.exit_code
    assert "mahalleh manage migrate" in capsys.readouterr().err


def test_demo__never_takes_the_place_of_a_real_city(squares, capsys, monkeypatch):
    monkeypatch.setenv("MAHALLEH_LANGUAGE", "en")
    assert cli.run(["demo", "--no-serve"]) == CityError.exit_code
    assert "holds a real city" in capsys.readouterr().err


def test_manage__runs_djangos_own_commands(squares, settings):
    environment = os.environ | {
        "MAHALLEH_VAR": str(settings.VAR),
        "DJANGO_SETTINGS_MODULE": "mahalleh_site.settings",
    }
    done = subprocess.run(
        [sys.executable, "-m", "mahalleh.cli", "manage", "check"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "no issues" in done.stdout) == (0, True), done.stderr


def test_database__is_the_one_that_the_tests_made():
    assert "test" in str(connection.settings_dict["NAME"]) or "memory" in str(
        connection.settings_dict["NAME"]
    )
