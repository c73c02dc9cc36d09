"""Text as it is compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahalleh.text import folded, latin_digits, persian_digits, words


@pytest.mark.parametrize(
    ("typed", "alike"),
    [
        ("كوي علي", "کوی علی"),
        ("باغ‌انار", "باغ انار"),
        ("مَحَلّه", "محله"),
        ("خانۀ ما", "خانه ما"),
        ("آب", "اب"),
        ("١٢ ۱۲", "12 12"),
        ("  SÃO\n Paulo ", "sao paulo"),
        ("کتـــاب", "کتاب"),
        ("ﻛﻮﭼﻪ", "کوچه"),  # the shapes of letters, as copied from a PDF
    ],
)
def test_folded__makes_alike_what_differs_only_in_typing(typed, alike):
    assert folded(typed) == alike


@pytest.mark.parametrize("text", ["می‌شود", "می شود", "میشود", "مي‌شود", "می‌شود!"])
def test_words__joins_what_is_written_apart(text):
    assert words(text) == ("میشود",)


def test_words__joins_endings_to_the_word_before():
    assert words("کوچه‌های تاریک تر") == words("کوچه های تاریکتر") == ("کوچههای", "تاریکتر")


@pytest.mark.parametrize("text", ["کوچه ۱۲", "کوچه١٢", "کوچه‌ی ۱۲ام", "کوچه ۱۲م", "کوچه (۱۲)"])
def test_words__tells_numbers_from_letters(text):
    assert words(text)[-1] == "12"


def test_words__drops_punctuation_and_keeps_order():
    assert words("Lamp out -- corner of 12th St., Laleh!") == (
        "lamp", "out", "corner", "of", "12", "st", "laleh",
    )  # fmt: skip


@pytest.mark.parametrize("text", ["", " \u200c ", "!!! … ؟", "🔥"])
def test_words__of_nothing_are_none(text):
    assert words(text) == ()


def test_words__ending_after_nothing_is_a_word():
    assert words("ها") == ("ها",)
    assert words("می") == ("می",)


@given(st.text(max_size=40))
def test_folded__is_folded_once_for_all(text):
    assert folded(folded(text)) == folded(text)


@given(st.text(alphabet="یک ای0123آبمه", max_size=30))
def test_folded__makes_no_difference_between_arabic_and_persian_letters(text):
    arabic = text.translate(str.maketrans("یک0123", "يك٠١٢٣"))
    assert folded(arabic) == folded(text)
    assert words(arabic) == words(text)


@given(st.text(alphabet="a ۰۱۹٠٤٩09-", max_size=20))
def test_digits__are_the_same_number_in_each_script(text):
    latin = latin_digits(text)
    assert latin_digits(persian_digits(latin)) == latin
    assert [int(letter) for letter in persian_digits(text) if letter.isdecimal()] == [
        int(letter) for letter in text if letter.isdecimal()
    ]
    assert latin.isascii()
    assert not any(letter in persian_digits(text) for letter in "0123456789")
