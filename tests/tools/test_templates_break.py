"""Long lines of templates are broken where no reader of the page can tell, and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import Context, Engine
from django.utils.translation.template import templatize
from hypothesis import given
from hypothesis import strategies as st

from tools.templates import WIDTH
from tools.templates.breaking import broken, outside
from tools.templates.flow import Library
from tools.templates.scan import UnreadableError, scan
from tools.templates.visible import differences

ENGINE = Engine(libraries={"i18n": "django.templatetags.i18n"}, builtins=["django.templatetags.i18n"])
LONG = "x" * 70


@pytest.fixture
def library(tmp_path) -> Library:
    """A tree with one block-level and one inline part."""
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "block.html").write_text("{% load i18n %}<div>{{ a }}</div>\n", encoding="utf-8")
    (folder / "inline.html").write_text("<b>{{ a }}</b>", encoding="utf-8")
    return Library(tmp_path)


def test_attributes__stand_on_lines_of_their_own(library):
    source = f'<p>\n  <a href="{LONG}" class="{LONG}" lang="fa">word</a>\n</p>\n'
    assert broken(source, library) == (
        f'<p>\n  <a\n    href="{LONG}"\n    class="{LONG}"\n    lang="fa"\n  >word</a>\n</p>\n'
    )


def test_blocks__stand_on_lines_of_their_own_and_inline_elements_stay_together(library):
    source = f"<ul><li><b>{LONG}</b><i>a</i></li><li>{LONG}</li></ul>\n"
    assert broken(source, library) == (f"<ul>\n  <li><b>{LONG}</b><i>a</i></li>\n  <li>{LONG}</li>\n</ul>\n")


def test_between_inline_elements__no_space_is_made(library):
    source = f"<p><b>{LONG}</b><i>{LONG}</i></p>\n"
    assert broken(source, library) == f"<p>\n  <b>{LONG}</b><i\n  >{LONG}</i>\n</p>\n"


def test_running_text__breaks_where_a_space_stands(library):
    source = f"<p>{'word ' * 30}end</p>\n"
    lines = broken(source, library).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert " ".join(line.strip() for line in lines[1:-1]) == "word " * 30 + "end"


def test_what_was_broken__breaks_at_every_border_of_its_group(library):
    source = "<ul>\n<li>a</li><li>b</li></ul>\n"
    assert broken(source, library) == "<ul>\n  <li>a</li>\n  <li>b</li>\n</ul>\n"


def test_what_fits__stays_as_it_is(library):
    source = "<ul><li>a</li><li>b</li></ul>\n"
    assert broken(source, library) == source


@pytest.mark.parametrize(
    "branch",
    [
        "{% if a %}<p>one</p>{% endif %}",  # where it is not taken, the neighbours meet
        "{% for x in a %}<i>{{ x }}</i>{% endfor %}",  # one turn meets the next
        "{% if a %}<p>one</p>{% else %}two{% endif %}",
        "{{ a }}",
        '{% include "inline.html" %}',
    ],
)
def test_branches__are_followed_before_a_space_is_made(library, branch):
    source = f"<div><b>{LONG}</b>{branch}<i>{LONG}</i></div>\n"
    text = broken(source, library)
    for wrong in ("</b>\n", "\n<i>", " <i>"):
        assert wrong not in text.replace("  ", "")


def test_turns_of_a_loop__meet_one_another(library):
    source = f"<div>{{% for x in many %}}<b>{LONG}</b>{{% endfor %}}{LONG}</div>\n"
    text = broken(source, library)
    before, after = (ENGINE.from_string(each).render(Context({"many": [1, 2]})) for each in (source, text))
    assert differences(before, after) == []


def test_included_templates__are_read_to_know_what_stands_beside(library):
    source = f'<div>{{% include "block.html" %}}{{% include "block.html" with a="{LONG}" %}}</div>\n'
    assert broken(source, library).count("\n") == 4


def test_translated_sentences__wrap_only_where_they_are_trimmed(library):
    words = "word " * 30
    trimmed = f"<p>{{% blocktranslate trimmed %}}{words}{{{{ n }}}}{{% endblocktranslate %}}</p>\n"
    text = broken(trimmed, library)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert messages(text) == messages(trimmed)
    kept = f"<p>{{% blocktranslate %}}{words}{{{{ n }}}}{{% endblocktranslate %}}</p>\n"
    assert kept.strip()[3:-4] in broken(kept, library)


def messages(source: str) -> set[str]:
    """What a template gives to the catalogue."""
    return set(re.findall(r"gettext\(u?'[^']*'\)", templatize(source)))


def test_notes__wrap_and_show_nothing(library):
    text = broken("{% comment %}" + "word " * 40 + "{% endcomment %}<b>a</b>\n", library)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert ENGINE.from_string(text).render(Context()) == "<b>a</b>\n"


@pytest.mark.parametrize("tag", ["pre", "textarea", "script", "style"])
def test_what_is_read_as_it_stands__is_not_touched(library, tag):
    source = f"<div><{tag}>{'word ' * 40}</{tag}></div>\n"
    assert f">{'word ' * 40}</{tag}>" in broken(source, library)


@pytest.mark.parametrize("tag", ["pre", "textarea"])
def test_lines_that_djhtml_would_indent__are_refused(library, tag):
    if tag == "pre":
        assert "\n a" in broken("<div>\n<pre>\n a</pre>\n</div>\n", library)
    else:
        with pytest.raises(UnreadableError, match="textarea"):
            broken("<div>\n<textarea>\n a</textarea>\n</div>\n", library)


def test_values_of_attributes__are_not_touched(library):
    value = "a b " * 40
    assert f'class="{value}"' in broken(f'<p class="{value}">a</p>\n', library)


def test_what_is_empty__stays_empty(library):
    source = f'<div class="{LONG}"><ul class="{LONG}"></ul></div>\n'
    assert "></ul>" in broken(source, library)


def test_a_block_of_words__is_not_touched_since_it_may_stand_in_an_attribute(library):
    block = "{% block description %}" + "word " * 40 + "{% endblock %}"
    assert block in broken('{% extends "base.html" %}' + block + "\n", library)


@pytest.mark.parametrize("source", ["{% endif %}", "<a href='", "{% comment %}", "{% if a\n%}{% endif %}"])
def test_what_cannot_be_read__is_a_fault(source):
    with pytest.raises(UnreadableError):
        scan(source)


def test_outside__counts_what_is_no_translated_sentence():
    found = scan(
        '<p>{% translate "Hello" %}</p>\n{% blocktranslate trimmed %}a\nb{% endblocktranslate %}</b>'
    )
    assert outside(found) == [7, 0, 4]


# --- any template at all
WORDS = st.sampled_from(
    [
        *("a", "long" * 12, " ", " b ", "\n", "{{ a }}", "{{ none }}", '{% translate "c" as d %}', "<br>"),
        '<button class="x">{{ a }}</button>',
        '<svg class="x"><path d="M0 0"/>{% if a %}<path d="M1 1"/>{% endif %}</svg>',
        '<input type="hidden" name="x">',
    ]
)
SENTENCES = st.sampled_from(["", "a", "a b", " a b ", "{{ a }} is\n a", "a" * 130, "a " * 80]).map(
    "{{% blocktranslate trimmed %}}{}{{% endblocktranslate %}}".format
)
VALUES = st.sampled_from(["", "x" * 30, "x y", "{{ a }}", "{% if a %}x{% endif %}"])


def within(inner):
    """Elements, branches and sentences round what stands inside."""
    element = st.tuples(st.sampled_from(["p", "div", "b", "i", "span", "li", "h2", "label"]), VALUES, inner)
    return st.one_of(
        element.map(lambda e: f'<{e[0]} class="{e[1]}" id="z">{e[2]}</{e[0]}>'),
        st.tuples(st.sampled_from(["a", "none"]), inner).map(
            lambda e: f"{{% if {e[0]} %}}{e[1]}{{% endif %}}"
        ),
        st.tuples(inner, inner).map(lambda e: f"{{% if none %}}{e[0]}{{% else %}}{e[1]}{{% endif %}}"),
        inner.map(lambda e: f"{{% for x in many %}}{e}{{% empty %}}-{{% endfor %}}"),
        inner.map(lambda e: f"{{% with y=a %}}{e}{{% endwith %}}"),
        st.lists(inner, min_size=2, max_size=6).map("".join),
    )


TEMPLATES = st.recursive(st.one_of(WORDS, SENTENCES), within, max_leaves=25)


@given(TEMPLATES)
def test_any_template__shows_what_it_showed_and_breaks_once(source):
    library = Library(Path("/nowhere"))
    text = broken(source, library)
    assert broken(text, library) == text
    for many in ([], [1, 2]):
        context = {"a": "A", "none": "", "many": many}
        before, after = (ENGINE.from_string(each).render(Context(context)) for each in (source, text))
        assert differences(before, after) == []
