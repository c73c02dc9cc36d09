"""The translation check fails on what it should fail on."""

import pytest

from tools import translations


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A site of one page and one module, with an empty catalogue."""
    site = tmp_path / "site"
    (site / "locale").mkdir(parents=True)
    (site / "page.html").write_text('{% load i18n %}{% translate "Hello" %}', encoding="utf-8")
    (site / "a.py").write_text(
        'from x import ngettext\nngettext("%(n)s day", "%(n)s days", 2)\n', encoding="utf-8"
    )
    monkeypatch.setattr(translations, "SITE", site)
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "PO", site / "locale" / "django.po")
    return site


def fill(path, hello="درود", days=("%(n)s روز",) * 2):
    translations.update()
    text = path.read_text(encoding="utf-8")
    text = text.replace('msgid "Hello"\nmsgstr ""', f'msgid "Hello"\nmsgstr "{hello}"')
    for number, day in enumerate(days):
        text = text.replace(f'msgstr[{number}] ""', f'msgstr[{number}] "{day}"')
    path.write_text(text, encoding="utf-8")


def test_check__passes_a_complete_catalogue_and_keeps_it_through_an_update(tree):
    fill(translations.PO)
    translations.update()
    assert list(translations.faults()) == []


def test_check__names_a_missing_translation(tree):
    translations.update()
    assert sum("no Persian" in fault for fault in translations.faults()) == 2


def test_check__names_differing_placeholders(tree):
    fill(translations.PO, days=("%(m)s روز",) * 2)
    assert any("other placeholders" in fault for fault in translations.faults())


def test_check__asks_for_the_number_in_the_form_that_stands_for_every_number(tree):
    fill(translations.PO, days=("یک روز",))
    assert any("other placeholders" in fault for fault in translations.faults())


def test_check__names_what_no_source_uses_any_more(tree):
    fill(translations.PO)
    (tree / "page.html").write_text("", encoding="utf-8")
    assert any("in no source" in fault for fault in translations.faults())


def test_compile__writes_a_catalogue_that_gettext_reads(tree):
    import gettext

    fill(translations.PO)
    translations.compile_()
    with translations.PO.with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Hello") == "درود"


def test_messages__are_found_however_a_template_is_indented(tree):
    (tree / "page.html").write_text(
        '{% load i18n %}\n<ul>\n        <li>{% translate "Hello" %}</li>\n    </ul>\n', encoding="utf-8"
    )
    assert "Hello" in [message.id for message in translations.extracted()]
