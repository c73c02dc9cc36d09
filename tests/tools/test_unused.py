"""What nothing uses is told, and what is used in ways that vulture does not see is not."""

import pytest

from tools.unused import unused


@pytest.fixture
def tree(tmp_path):
    """A source of one module whose names nothing calls."""
    module = tmp_path / "src" / "site" / "a.py"
    module.parent.mkdir(parents=True)
    module.write_text(
        "class Row:\n    shown = 1\n    never = 2\n\n\ndef called_by_its_name():\n    pass\n",
        encoding="utf-8",
    )
    return tmp_path


def told(tree, **kwargs):
    return {line.split("'")[1] for line in unused(tree, **kwargs)}


def put(tree, path, text):
    (tree / path).parent.mkdir(parents=True, exist_ok=True)
    (tree / path).write_text(text, encoding="utf-8")


def test_unused__is_told_with_its_place(tree):
    assert "src/site/a.py:3: unused variable 'never'" in unused(tree)
    assert told(tree) == {"Row", "shown", "never", "called_by_its_name"}


def test_unused__templates_use_what_stands_in_their_tags(tree):
    put(tree, "src/site/templates/site/page.html", "never {{ row.shown|add:'called_by_its_name' }}")
    assert told(tree) == {"Row", "never", "called_by_its_name"}


def test_unused__django_uses_dotted_strings_choices_and_settings(tree):
    put(tree, "src/site/settings.py", 'HANDLER = "site.a.called_by_its_name"\n')
    put(tree, "src/site/b.py", 'class Row(models.TextChoices):\n    never = "never"\n\n\nprint(Row)\n')
    assert told(tree) == {"shown"}


def test_unused__pages_and_benchmarks_use_but_tests_do_not(tree):
    put(tree, "docs/analysts/a.md", "never\n```python\nRow().shown\n```\n")
    put(tree, "benchmarks/b.py", "called_by_its_name()\n")
    put(tree, "tests/test_a.py", "print(Row.never)\n")
    assert told(tree) == {"never"}


def test_unused__an_allowed_name_must_still_need_it(tree):
    assert told(tree, allowed={"Row", "shown", "never"}) == {"called_by_its_name"}
    assert unused(tree, {"Row", "shown", "never", "called_by_its_name", "gone"}) == [
        "tools/unused_allowed.py: 'gone' needs no leave any more"
    ]


def test_unused__manifests_use_what_they_name_but_no_field_by_its_class_of_retention(tree):
    put(
        tree,
        "src/site/room.py",
        'Room(daily="a:called_by_its_name", retention={"Row.shown": 1}, x=Entry(may="Row"))\n',
    )
    assert told(tree) == {"shown", "never"}
