"""The picture of the house shows every room, and an arrow that climbs back."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from tools.house.draw import draw, summary
from tools.house.layout import BOX, arrange
from tools.house.plan import survey

LAYERS = """
[importlinter]
root_packages =
    {low}
    {high}
[importlinter:contract:low]
type = layers
layers =
    {low}.numbers
    {low}.ground
[importlinter:contract:high]
type = layers
containers =
    {high}
layers =
    publish
    watch | listen
    people
"""
TREE = {
    "low/numbers.py": "import low.ground\n",
    "low/ground.py": "\n",
    "high/publish/__init__.py": "import high.watch\nimport high.people\nimport low.numbers\n",
    "high/watch/__init__.py": "import high.people.models\nfrom low import numbers\n",
    "high/watch/migrations/__init__.py": "\n" * 500,
    "high/listen.py": "\n\n",
    "high/people/__init__.py": "\n",
    "high/people/models.py": "\n",
    "high/settings.py": "import high.people\n",  # stands in no layer
}


@pytest.fixture
def tree(tmp_path, request):
    """A house of two packages in a folder, under names that no other test uses; more files by `add`."""
    name = re.sub(r"\W", "", request.node.name)
    low, high = f"low_{name}", f"high_{name}"

    def add(path, text):
        path = tmp_path / "src" / path.replace("low", low, 1).replace("high", high, 1)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = text.replace("low", low).replace("high", high)
        path.write_text(text, encoding="utf-8")

    for house in ("low", "high"):
        add(f"{house}/__init__.py", "")
    for path, text in TREE.items():
        add(path, text)
    (tmp_path / ".importlinter").write_text(LAYERS.format(low=low, high=high), encoding="utf-8")
    return tmp_path, add


def labels(plan):
    return {room.label: room for room in plan.rooms}


def climbing(plan):
    return [(a.above.partition(".")[2], a.below.partition(".")[2]) for a in plan.arrows if a.climbs]


def test_survey__puts_each_room_on_its_floor_and_counts_its_lines(tree):
    rooms = labels(survey(tree[0]))
    assert {name: room.floor for name, room in rooms.items()} == {
        "ground": 0,
        "numbers": 1,
        "people": 2,
        "watch": 3,
        "listen": 3,
        "publish": 4,
        "settings": 3,  # just above what it imports
    }
    assert (rooms["watch"].lines, rooms["people"].lines, rooms["people"].modules) == (2, 2, 2)


def test_survey__finds_no_arrow_that_climbs_where_none_does(tree):
    plan = survey(tree[0])
    assert climbing(plan) == []
    assert "Of 7 arrows none climbs back; no circles within a room." in summary(plan)


@pytest.mark.parametrize("above", ["watch", "listen"])  # a floor up, and a room beside it
def test_arrow_that_climbs__is_found_and_drawn_in_pomegranate(tree, above):
    root, add = tree
    plain = draw(survey(root), "A house")
    add("high/people/tasks.py" if above == "watch" else "high/watch/tasks.py", f"import high.{above}\n")
    plan = survey(root)
    assert climbing(plan) == [("people" if above == "watch" else "watch", above)]
    assert "1 climbs back" in summary(plan)
    drawn = draw(plan, "A house")
    lines = r'<path d="M[^"]*C[^"]*" fill="none" stroke="#9f1239"'
    assert (len(re.findall(lines, plain)), len(re.findall(lines, drawn))) == (0, 1)


def test_circle__within_a_room_is_found(tree):
    root, add = tree
    add("high/people/a.py", "import high.people.models\n")
    add("high/people/models.py", "import high.people.a\n")
    assert len(labels(survey(root))["people"].circles) == 1


def test_arrows_that_others_imply__are_left_out(tree):
    plan = survey(tree[0])
    assert {(a.above.partition(".")[2], a.below.partition(".")[2]) for a in plan.bearing()} == {
        ("numbers", "ground"),
        ("publish", "watch"),
        ("watch", "people"),
        ("watch", "numbers"),
        ("settings", "people"),
    }


def test_picture__is_the_same_each_time_and_every_box_stands_free(tree):
    root, add = tree
    for number in range(12):
        add(f"high/room{number:02}.py", "import high.people\n" + "\n" * 100 * number)
    plan = survey(root)
    drawn = draw(plan, "A <house>")
    assert drawn == draw(plan, "A <house>")
    assert "A &lt;house&gt;" in drawn
    ElementTree.fromstring(drawn)  # noqa: S314  (our own)
    picture = arrange(plan)
    boxes = picture.boxes
    assert len(boxes) == len(plan.rooms)
    for one in boxes:
        assert one.x - one.width / 2 >= 0
        assert one.x + one.width / 2 <= picture.width
        for other in boxes:
            if one is not other and abs(one.top - other.top) < BOX:
                assert abs(one.x - other.x) >= (one.width + other.width) / 2
