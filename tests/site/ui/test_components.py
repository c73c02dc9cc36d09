"""Components: each says what it takes, stands in the gallery, and keeps the rules of templates."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mahalleh_site.ui import gallery

SITE = Path(gallery.__file__).resolve().parent.parent
TEMPLATES = sorted(SITE.glob("*/templates/**/*.html"))


def _name(path: Path) -> str:
    return path.relative_to(SITE).as_posix()


def test_gallery__shows_every_component():
    assert {sample.name for sample in gallery.samples()} == {
        path.stem for path in gallery.FOLDER.glob("*.html")
    }


@pytest.mark.parametrize("path", sorted(gallery.FOLDER.glob("*.html")), ids=lambda path: path.stem)
def test_component__begins_with_a_comment_that_lists_its_variables(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("{% comment %}")
    about = gallery.about(path.stem)
    body = text[text.index("{% endcomment %}") :]
    loops = set(re.findall(r"\{% for ([\w, ]+) in", body))
    own = {word.strip() for loop in loops for word in loop.split(",")}
    own |= set(
        re.findall(r"\bas (\w+) %\}|(?<=[ %])(\w+)=[\w.|:]+", body)
        and [name for pair in re.findall(r"\bas (\w+) %\}|(?<=[ %])(\w+)=[\w.|:]+", body) for name in pair]
    )
    used = set(re.findall(r"\{\{ ?(\w+)", body)) | set(re.findall(r"\{% (?:el)?if (?:not )?(\w+)", body))
    for variable in used - own - {"forloop"}:
        assert variable in about, f"{variable} is not in the comment"


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_template__has_no_inline_script_style_or_handler(path):
    text = path.read_text(encoding="utf-8")
    assert not re.findall(
        r'\sstyle="|\son[a-z]+="|<style\b|javascript:|<script(?![^>]*\ssrc=)(?![^>]*json)', text
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_template__leaves_no_words_untranslated(path):
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"\{% comment %\}.*?\{% endcomment %\}|<!--.*?-->", "", text, flags=re.S)
    text = re.sub(r"\{% blocktranslate.*?\{% endblocktranslate %\}", "", text, flags=re.S)
    text = re.sub(r"\{[%#{].*?[%#}]\}", "", text, flags=re.S)
    text = re.sub(r"<script[^>]*>.*?</script>", "", text, flags=re.S)
    bare = re.sub(r"<[^>]*>", " ", re.sub(r"<!doctype html>", "", text))
    assert not re.findall(r"[A-Za-z]{2,}", re.sub(r"&[a-z]+;", " ", bare))
