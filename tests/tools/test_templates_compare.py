"""Two renderings of a page are told apart by what a reader sees, and by nothing else."""

from __future__ import annotations

import pytest

from tools.templates.__main__ import faults, write
from tools.templates.prove import compare_folders
from tools.templates.visible import differences, shown

SAME = [
    ("<p>a b</p>", "<p>a\n  b</p>"),
    ("<p>a</p><p>b</p>", "<p>\n  a\n</p>\n<p>b</p>\n"),
    ("<p>a <b>b</b></p>", "<p>a\n<b>b</b>\n</p>"),
    ("<p>a <b> b</b></p>", "<p>a <b>b</b></p>"),  # one space, whichever side of the tag it stands on
    ('<a href="x" class="y">a</a>', '<a\n  class="y"\n  href="x"\n>a</a>'),
    ("<p>a<br>b</p>", "<p>a\n<br>\nb</p>"),
    ("<button>a</button>", "<button>\n a\n</button>"),
    ('<svg><path d="M0"/><path d="M1"/></svg>', '<svg>\n<path d="M0"/>\n<path d="M1"/>\n</svg>'),
    ('<p>a<input type="hidden"> b</p>', '<p>a <input type="hidden">b</p>'),
    (
        '<script type="application/json">{"a": 1}</script>',
        '<script type="application/json">\n{\n"a":1}</script>',
    ),
    (
        '<input name="csrfmiddlewaretoken" type="hidden" value="1">',
        '<input name="csrfmiddlewaretoken" type="hidden" value="2">',
    ),
    ("<!doctype html><title>a</title>", "\n<!doctype html>\n<title>\na</title>"),
]
OTHER = [
    ("<p><b>a</b><i>b</i></p>", "<p><b>a</b> <i>b</i></p>"),
    ("<p>a<b>b</b></p>", "<p>a <b>b</b></p>"),
    ("<p>a\u00a0b</p>", "<p>a b</p>"),
    ("<p>a<button>b</button></p>", "<p>a <button>b</button></p>"),
    ("<p>a<svg></svg></p>", "<p>a <svg></svg></p>"),
    ('<a class="x y">a</a>', '<a class="x  y">a</a>'),
    ('<a title="a b">a</a>', '<a title="a\nb">a</a>'),
    ("<pre>a b</pre>", "<pre>a  b</pre>"),
    ("<textarea>a</textarea>", "<textarea> a</textarea>"),
    ("<script>a</script>", "<script> a</script>"),
    ("<svg><title>a b</title></svg>", "<svg><title>a\nb</title></svg>"),
    ("<p>a</p>", "<div>a</div>"),
]


@pytest.mark.parametrize(("before", "after"), SAME)
def test_differences__finds_none_where_a_reader_sees_none(before, after):
    assert differences(before, after) == []


@pytest.mark.parametrize(("before", "after"), OTHER)
def test_differences__finds_what_a_reader_or_a_program_would(before, after):
    assert differences(before, after)


def test_shown__reads_as_a_browser_does():
    assert shown("<p> a  <b>b </b> c </p>") == ["<p>", "a", " ", "<b>", "b", " ", "</b>", "c", "</p>"]


def test_compare__names_pages_that_differ_or_are_missing(tmp_path, capsys):
    before, after = tmp_path / "before", tmp_path / "after"
    for folder, texts in ((before, ["<b>a</b>", "same", "gone"]), (after, ["<b>b</b>", "same"])):
        folder.mkdir()
        for name, text in zip(("one.html", "two.html", "three.html"), texts, strict=False):
            (folder / name).write_text(text, encoding="utf-8")
    said = compare_folders(before, after)
    assert said
    assert "one.html:" in said
    assert "three.html: " in said
    assert "two.html" not in said
    assert "3 pages, 2 differ" in capsys.readouterr().out
    assert compare_folders(after, after) is None


@pytest.fixture
def tree(tmp_path):
    """A site of two templates, one of which is put into running text."""
    folder = tmp_path / "room" / "templates" / "room"
    folder.mkdir(parents=True)
    (folder / "page.html").write_text(
        f'{{% extends "a.html" %}}\n{{% block b %}}<p>{"word " * 30}</p>{{% endblock %}}\n', encoding="utf-8"
    )
    (folder / "inline.html").write_text("{% load i18n %}<b>{{ a }}</b>", encoding="utf-8")
    return tmp_path


def test_check__names_what_would_change_and_passes_what_was_written(tree):
    assert any("page.html: would change" in fault for fault in faults(tree))
    assert write(tree) == 1
    assert faults(tree) == []
    assert write(tree) == 0


def test_write__adds_no_new_line_to_what_stands_in_running_text(tree):
    write(tree)
    assert (tree / "room/templates/room/inline.html").read_text(encoding="utf-8").endswith("</b>")


def test_check__names_a_line_that_can_break_nowhere(tree):
    page = tree / "room/templates/room/inline.html"
    page.write_text("{{ a }}" * 20, encoding="utf-8")
    write(tree)
    assert [fault for fault in faults(tree) if "say it shorter" in fault] == [
        f"{page.relative_to(tree)}:1: 140 characters, not translated, and nowhere to break: say it shorter"
    ]


def test_check__allows_a_long_sentence_that_is_translated(tree):
    page = tree / "room/templates/room/inline.html"
    page.write_text("<b>{% translate '" + "word " * 40 + "' %}</b>", encoding="utf-8")
    write(tree)
    assert faults(tree) == []
