"""A room is one line and its folder: a throw-away one, in a copy of the house, is found everywhere.

The first test runs the real command in the copy, eight times: no other way shows that nothing else must be
told of a room. It takes some seconds for that.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import mahalleh
from tests import city as cities

SRC = Path(mahalleh.__file__).parents[1]
GUEST = Path(__file__).parent / "guest"
AFTER = '    "mahalleh_site.publish",\n'
LINE = '    "mahalleh_site.guest",\n'

MAPPING = """
[file]
source = "calls"
[columns]
time = "day"
time_format = "%Y-%m-%d"
area = "area"
category = "what"
[[topic]]
id = "lamps"
names = { en = "Lamps", fa = "چراغ" }
group = "street"
sensitivity = "open"
categories = ["lamp"]
"""


class House:
    """A copy of the house in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.site = folder / "src" / "mahalleh_site"
        shutil.copytree(SRC, folder / "src", ignore=shutil.ignore_patterns("*.egg-info"))
        shutil.copytree(GUEST, self.site / "guest")
        installed = self.site / "installed.py"
        text = installed.read_text(encoding="utf-8")
        assert AFTER in text
        installed.write_text(text.replace(AFTER, AFTER + LINE), encoding="utf-8")

    def run(self, *line: str, code: str = "") -> subprocess.CompletedProcess[str]:
        """The command, or a piece of Python, as the copy runs it."""
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("MAHALLEH")},
            "PYTHONPATH": str(self.folder / "src"),
            "MAHALLEH_VAR": str(self.folder / "city"),
            "MAHALLEH_LANGUAGE": "en",
            "DJANGO_SETTINGS_MODULE": "mahalleh_site.settings",
        }
        arguments = ["-c", code] if code else ["-m", "mahalleh.cli", *line]
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, env=environment, cwd=self.folder, capture_output=True, text=True, check=False
        )


@pytest.fixture
def house(tmp_path):
    """The house with its guest; no city is founded yet."""
    return House(tmp_path)


@pytest.mark.slow("a house with another room can only be another process: six of them")
def test_room__of_one_line_and_a_folder_is_found_everywhere(house):
    found_city(house)
    in_the_command(house)
    in_doctor_with_its_table_of_city_toml(house)
    in_the_daily_work(house)
    in_a_turn_of_the_loop(house)
    in_menus_matrix_log_cache_register_and_the_sample_city(house)


def found_city(house):
    squares = house.folder / "squares.geojson"
    squares.write_text(cities.squares().reset_index().to_json(), encoding="utf-8")
    done = house.run("init", str(squares), "--id", "area", "--name", "name", "--contact", "a@b.c")
    assert done.returncode == 0, done.stderr


def in_the_command(house):
    assert house.run("guest", "hello").stdout == "Hello.\n"


def in_doctor_with_its_table_of_city_toml(house):
    assert "[guest]\nbeds = 2      # in the room" in (house.folder / "city/city.toml").read_text("utf-8")
    assert "Guests: 2 beds are made." in house.run("doctor").stdout


def in_the_daily_work(house):
    assert "3 windows were open." in house.run("daily").stderr


def in_a_turn_of_the_loop(house):
    days = [f"2025-0{month}-{day:02},a,lamp" for month in (1, 2, 3) for day in range(1, 29)]
    (house.folder / "rows.csv").write_text("\n".join(["day,area,what", *days, ""]), encoding="utf-8")
    (house.folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    loaded = house.run("load", "table", "rows.csv", "--mapping", "mapping.toml")
    assert loaded.returncode == 0, loaded.stderr
    turned = house.run("loop")
    assert "A turn of the loop came by." in turned.stderr, turned.stderr


IN_DJANGO = """
import django; django.setup()
import json
from types import SimpleNamespace
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from mahalleh_site.house import rooms, sample
from mahalleh_site.house.manifest import Place, Sample
from mahalleh_site.people import audit_wording as words, police
from mahalleh_site.releases import account
from mahalleh_site.releases.models import Tally
from mahalleh_site.watch import queries, running

guest = next(each for each in rooms.rooms() if each.room.name == "guest")
person = SimpleNamespace(roles=lambda: {"coordinator"}, is_authenticated=True, is_active=True, pk=0)
police.belongs = lambda user: False  # the person has no row
running.enter(by="system:test")
with override("en"):
    page = Client(SERVER_NAME="localhost").get("/en/guest/book/")
    staff = Client(SERVER_NAME="localhost").get("/en/guest/")
    found = {
        "menu": [entry.address for entry in rooms.staff_menu(person)],
        "foot": [entry.address for entry in rooms.public_menu(Place.FOOT)],
        "waiting": [item.text for item in guest.find(guest.room.waiting)(person)],
        "verb": words.verb("welcome-guest"),
        "version": rooms.public_version(),
        "tables": sorted(set(Tally.objects.values_list("table", flat=True))),
        "public": page.content.decode(), "staff": staff.status_code,
        "account": sorted(account.draw_up()["answer"].tables),
        "steps": [code for code, _take in sample.steps()],
        "methods": [(entry.name, entry.title) for entry in queries.methods()],
        "matrix": sorted(name for each in rooms.rooms() for name in each.room.roles),
    }
print(json.dumps(found))
"""


def in_menus_matrix_log_cache_register_and_the_sample_city(house):
    done = house.run(code=IN_DJANGO)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert "guest" in found["menu"]
    assert "guest-book" in found["foot"]
    assert found["waiting"] == ["A guest waits"]
    assert found["verb"] == "Today"
    assert found["version"].endswith("-1")
    assert found["tables"] == ["answers", "channels", "guests"]  # drawn by the turn of the loop
    assert (found["public"], found["staff"]) == ("Nobody yet.", 302)
    assert found["account"] == ["book", "guests"]
    assert found["steps"][-1] == "guest.step"
    assert "guest" in found["matrix"]
    assert found["methods"] == [["guess", "Guess"], ["watch", "Watch over rises"]]


@pytest.mark.parametrize(
    ("forgotten", "refused"),
    [
        (
            '    retention={"Visit.by": Retention.RECORD, "Visit.words": Retention.WORDS},\n',
            "Visit.by, Visit.words",
        ),
        ('    roles={"guest": frozenset({"coordinator"})},\n', "which roles open the address guest"),
    ],
)
def test_room__that_forgets_something_is_refused_with_a_sentence(house, forgotten, refused):
    path = house.site / "guest" / "room.py"
    whole = path.read_text(encoding="utf-8")
    assert forgotten in whole
    path.write_text(whole.replace(forgotten, ""), encoding="utf-8")
    done = house.run(code="import django; django.setup()")
    assert done.returncode != 0
    assert "HouseError: The room guest" in done.stderr
    assert refused in done.stderr
