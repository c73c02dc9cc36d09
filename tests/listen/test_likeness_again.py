"""The likeness of notes, against a slow obvious twin, and what must hold for any text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from math import sqrt

import h3.api.basic_int as h3
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mahalleh.listen import THRESHOLD, Note, compare, groups, similar
from mahalleh.listen._names import STOP
from mahalleh.text import words
from tests.listen.pairs import CHOOSE, DAY, HELD, ORIGIN, read

TOLD = sorted(
    {word for pairs in (CHOOSE, HELD) for _, a, b in read(pairs) for n in (a, b) for word in n.text.split()}
)
CELLS = [None, *sorted(h3.grid_disk(ORIGIN, 5))[::7]]

texts = st.lists(st.sampled_from(TOLD) | st.text(max_size=6), max_size=8).map(" ".join)
notes = st.builds(
    Note,
    key=st.uuids().map(str),
    text=texts,
    cell=st.sampled_from(CELLS),
    area=st.sampled_from([None, "a0", "a1"]),
    topic=st.sampled_from("LG"),
    day=st.integers(0, 150).map(lambda days: DAY + timedelta(days=days)),
)


def slow(one, other):
    """The likeness of two texts, one word with one word, without regard to names of places."""

    def letters(word):
        marked = f"<{word}>"
        return {marked[i : i + 3] for i in range(len(marked) - 2)}

    def like(a, b):
        if a == b or a.isdigit() or b.isdigit():
            return float(a == b)
        cosine = len(letters(a) & letters(b)) / sqrt(len(letters(a)) * len(letters(b)))
        return cosine if cosine >= 0.3 - 1e-12 else 0.0

    def weight(word):
        return 0.25 if word in STOP else 1.0

    one, other = set(words(one)), set(words(other))
    if not one or not other:
        return 0.0
    found = sum(weight(a) * max(like(a, b) for b in other) for a in one)
    found += sum(weight(b) * max(like(a, b) for a in one) for b in other)
    return found / sum(map(weight, [*one, *other]))


@given(texts, texts)
def test_text__is_as_the_slow_twin_says(one, other):
    match = compare(Note("1", one, ORIGIN, None, "L", DAY), Note("2", other, ORIGIN, None, "L", DAY))
    assert match.text * (2 if match.other_names else 1) == pytest.approx(slow(one, other), abs=1e-12)


@given(notes, notes)
def test_compare__is_symmetric_and_between_nought_and_one(one, other):
    there, back = compare(one, other), compare(other, one)
    assert 0 <= there.score <= min(there.text, there.place, there.time, there.topic) + 1e-12 <= 1 + 1e-12
    assert there.score == pytest.approx(back.score, abs=1e-12)
    assert replace(there, key="", score=0, text=0) == replace(back, key="", score=0, text=0)


@given(notes, st.sampled_from(CELLS[1:]))
def test_compare__same_words_place_and_day_are_one(note, cell):
    note = replace(note, cell=cell)
    assert compare(note, replace(note, key="again")).score == (1.0 if words(note.text) else 0.0)


@given(notes, notes, st.sampled_from(["ي", "ى"]), st.sampled_from(["٠١٢٣٤٥٦٧٨٩", "0123456789"]))
def test_compare__is_the_same_in_arabic_letters_and_any_digits(one, other, ye, digits):
    alike = str.maketrans("یک۰۱۲۳۴۵۶۷۸۹", f"{ye}ك{digits}")
    typed = replace(one, text=one.text.translate(alike))
    assert compare(typed, other) == compare(one, other)


@given(texts, st.randoms())
def test_text__order_of_words_does_not_matter(text, random):
    told = list(words(text))
    random.shuffle(told)
    assume(sorted(words(" ".join(told))) == sorted(told))  # an ending elsewhere joins another word
    one = Note("1", " ".join(told), ORIGIN, None, "L", DAY)
    match = compare(one, replace(one, key="2", text=text))
    assert match.text * (2 if match.other_names else 1) == (1.0 if told else 0.0)


@given(notes, st.lists(notes, max_size=8), st.floats(0, 1))
def test_similar__is_every_comparison_that_reaches_the_threshold(new, among, at_least):
    found = {match.key: match.score for match in similar(new, among, at_least=at_least)}
    for note in among:
        score = compare(new, note).score
        if abs(score - at_least) > 1e-9:
            assert (note.key in found) == (score >= at_least)
        if note.key in found:
            assert found[note.key] == pytest.approx(score, abs=1e-12)


@given(st.lists(notes, max_size=9, unique_by=lambda note: note.key))
def test_groups__hold_whoever_is_alike_and_nobody_else(several):
    sets = [{note.key} for note in several]
    for one, other in combinations(several, 2):
        if compare(one, other).score >= THRESHOLD:
            joined = [group for group in sets if group & {one.key, other.key}]
            sets = [group for group in sets if group not in joined] + [set().union(*joined)]
    assert sorted(map(sorted, groups(several))) == sorted(sorted(group) for group in sets if len(group) > 1)


def test_days__of_any_year_compare():
    one = Note("1", "lamp", ORIGIN, None, "L", date.min)
    assert compare(one, replace(one, key="2", day=date.max)).score == 0
