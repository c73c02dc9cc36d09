"""The map of the house is true: its walks are imports of the code, its glossary names what there is."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from mahalleh_site.house import rooms
from tools.house.plan import survey

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
STEP = re.compile(r"`([\w.]+)`|([→⇢])|(·)|(^\d+\. )", re.MULTILINE)
FOLDED = {"__init__", "__main__"}


def walks():
    """Each arrow of the three walks: (who calls, arrow, who is called)."""
    text = PAGE[PAGE.index("### Three walks") : PAGE.index("Public pages set no cookie")]
    before, arrow = "", ""
    for found in STEP.finditer(text):
        name, drawn, apart, numbered = found.groups()
        if drawn:
            arrow = drawn
        elif apart or numbered:
            before, arrow = "", ""
        elif name and "." in name:
            whole = name if name.startswith("mahalleh.") else f"mahalleh_site.{name}"
            if before and arrow:
                yield before, arrow, whole
            before, arrow = whole, ""


WALKS = sorted(set(walks()))


@pytest.fixture(scope="module")
def imports():
    """Every module of the source with those it imports."""
    import grimp

    return grimp.build_graph("mahalleh_site", "mahalleh", exclude_type_checking_imports=True, cache_dir=None)


def test_walks__are_all_there():
    assert len(WALKS) > 35


@pytest.mark.parametrize(("above", "arrow", "below"), WALKS)
def test_walk__goes_by_an_import_or_by_a_manifest(imports, above, arrow, below):
    if arrow == "⇢":
        assert above == "mahalleh_site.house.rooms"
        assert below in by_manifest()
    else:
        assert below in imports.find_modules_directly_imported_by(above)


def by_manifest():
    """Every module that a manifest names."""
    found = set()
    for each in rooms.rooms():
        room = each.room
        several = (room.checks, room.ready, room.turn, room.sample)
        one = (room.waiting, room.public_version, room.daily)
        for reference in (*one, *(value for part in several for value in part.values())):
            if reference:
                found.add(f"{each.package}.{reference.partition(':')[0]}")
    return found


def test_house__has_no_arrow_that_climbs_and_no_circle():
    plan = survey(ROOT)
    assert [(arrow.above, arrow.below) for arrow in plan.arrows if arrow.climbs] == []
    assert [(room.name, room.circles) for room in plan.rooms if room.circles] == []


def glossary():
    """The modules that the glossary explains."""
    text = PAGE[PAGE.index("## Glossary") : PAGE.index("Words with one meaning each")]
    return set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))


def stems():
    """How often each module's name stands in the source."""
    paths = (path for path in (ROOT / "src").rglob("*.py") if "migrations" not in path.parts)
    return Counter(path.stem for path in paths if path.stem not in FOLDED)


def test_glossary__explains_each_name_that_stands_in_more_than_one_room_and_no_other_that_is_gone():
    counted = stems()
    assert {name for name, times in counted.items() if times > 1} - glossary() == set()
    assert glossary() - set(counted) == set()


GONE = (
    "doors", "asked", "once", "contents", "front", "neighbourhood", "_common", "one", "care", "points",
    "shapes", "plan", "words", "picture",
)  # fmt: skip


def test_names__that_explained_nothing_have_not_come_back():
    assert set(GONE) & set(stems()) == set()
