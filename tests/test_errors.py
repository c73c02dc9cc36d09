"""One tree of errors: codes with facts, in both languages, collected and raised once."""

import tomllib
from importlib import resources

import pytest

from mahalleh.errors import SHOWN, Fault, Faults, InputError, MahallehError, PlacesError, message
from mahalleh_site.house import rooms

CODES = [
    f"{file.name.removesuffix('.toml')}.{key}"
    for package in ("mahalleh", *rooms.packages())
    if (folder := resources.files(package).joinpath("messages")).is_dir()
    for file in folder.iterdir()
    if file.name.endswith(".toml")
    for key in tomllib.loads(file.read_text(encoding="utf-8"))
]


def test_fault__is_worded_in_each_language_with_its_facts():
    fault = Fault("topics.duplicate-id", {"given": "noise"}, file="t.toml", line=7)
    assert fault.text("en").startswith("t.toml:7: The topic 'noise'")
    assert "«noise»" in fault.text("fa")


def test_fault__says_how_many_in_the_digits_of_its_language():
    fault = Fault(
        "events.days-loaded", dict.fromkeys(("name", "earlier", "sources", "days"), "x") | {"rows": 1215}
    )
    assert "۱٬۲۱۵ ردیف" in fault.text("fa")
    assert "1215 rows" in fault.text("en")
    ids = [f"a{i}" for i in range(SHOWN + 15)]
    assert "و ۱۵ مورد دیگر" in Fault("topics.word-twice", {"word": "w", "topics": ids}).text("fa")


def test_fault__shows_only_as_many_items_as_a_person_reads():
    ids = [f"a{i}" for i in range(SHOWN + 3)]
    text = Fault("topics.word-twice", {"word": "w", "topics": ids}).text("en")
    assert "a19 and 3 more" in text
    assert "a20" not in text


def test_faults__are_raised_together_and_once():
    faults = Faults(PlacesError)
    faults.raise_if_any()
    faults.add("topics.duplicate-id", given="a")
    faults.add("topics.none", path="p")
    with pytest.raises(PlacesError) as caught:
        faults.raise_if_any()
    assert [fault.code for fault in caught.value.faults] == ["topics.duplicate-id", "topics.none"]
    assert len(str(caught.value).splitlines()) == 2


def test_error_tree__gives_every_class_an_exit_code_that_is_not_success():
    classes = [MahallehError, *MahallehError.__subclasses__(), *InputError.__subclasses__()]
    assert len(classes) > 5
    assert all(cls.exit_code > 0 for cls in classes)


@pytest.fixture(scope="module", autouse=True)
def _collected():
    rooms.rooms()  # with it their messages are found


@pytest.mark.parametrize("code", CODES)
def test_messages__exist_in_both_languages(code):
    english, persian = message(code, "en"), message(code, "fa")
    assert english != persian
    assert any("\u0600" <= letter <= "\u06ff" for letter in persian)
    assert english[0].isupper() or english[0] in "{'"
