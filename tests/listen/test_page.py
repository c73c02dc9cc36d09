"""The page about duplicate reports: its example runs, its figures are as measured."""

from __future__ import annotations

from ast import literal_eval

import pytest

from mahalleh import text
from mahalleh.listen import THRESHOLD, _texts, compare, duplicates
from tests.listen.pairs import CHOOSE, HELD, read
from tests.test_docs_pages import PAGES, run

PAGE = (PAGES / "duplicates.md").read_text(encoding="utf-8")

WITHOUT = {
    "nothing left out": [],
    "other names": [(duplicates, "OTHER_NAMES", 1.0)],
    "little words weigh less": [(_texts, "STOP", frozenset())],
    "affixes joined": [(text, "_AFTER", frozenset()), (text, "_BEFORE", frozenset())],
    "letters (whole words only)": [(_texts.Texts, "_row", lambda _self, word: ([word], [1.0]))],
}


def mistakes(pairs, threshold):
    """How many are found wrongly, and how many are missed."""
    told = [(same, compare(one, other).score >= threshold) for same, one, other in read(pairs)]
    return sum(found and not same for same, found in told), sum(same and not found for same, found in told)


def table(head):
    rows = PAGE.split(head)[1].split("\n\n")[0].strip().splitlines()[1:]
    return {
        cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in (r[1:-1].split("|") for r in rows)
    }


def test_page__example_finds_the_same_lane_and_no_other():
    names = run("duplicates.md", {})
    assert [match.key for match in names["found"]] == ["r1"]
    assert names["together"] == [("r1", "r4")]


def test_page__tells_precision_and_recall_as_measured():
    shown = table("| pairs | precision | recall |")
    for line, pairs in (("chosen on", CHOOSE), ("held back", HELD)):
        same = sum(label for label, _one, _other in read(pairs))
        wrong, missed = mistakes(pairs, THRESHOLD)
        right = same - missed
        assert shown[line] == [f"{right} of {right + wrong}", f"{right} of {same}"]
    assert f"threshold of {THRESHOLD} " in PAGE
    chosen, held = len(read(CHOOSE)), len(read(HELD))
    told = " ".join(PAGE.split())
    assert f"{chosen + held} pairs of invented reports" in told
    assert f"were chosen on {chosen} pairs" in told
    assert f"The other {held} were only measured" in told


@pytest.mark.parametrize("part", WITHOUT)
def test_page__tells_what_each_part_is_worth(part, monkeypatch):
    for where, name, value in WITHOUT[part]:
        monkeypatch.setattr(where, name, value)
    fewest = min((mistakes(CHOOSE, share / 100) for share in range(20, 80, 2)), key=sum)
    assert [int(cell) for cell in table("| without | wrong | missed |")[part]] == list(fewest)


def settings_tried():
    """Setting, value instead, wrong, missed: the rows of the page's table."""
    rows = PAGE.split("| setting | instead | wrong | missed |")[1].split("\n\n")[0].strip().splitlines()[1:]
    return [[cell.strip() for cell in row[1:-1].split("|")] for row in rows]


@pytest.mark.parametrize(("name", "instead", "wrong", "missed"), settings_tried())
def test_page__tells_what_other_settings_would_do(name, instead, wrong, missed, monkeypatch):
    if instead:
        where = next(module for module in (duplicates, _texts) if hasattr(module, name))
        value = literal_eval(instead)
        assert value != getattr(where, name)
        monkeypatch.setattr(where, name, value)
    both = [mistakes(pairs, THRESHOLD) for pairs in (CHOOSE, HELD)]
    assert [str(sum(told)) for told in zip(*both, strict=True)] == [wrong, missed]


def test_page__says_what_it_was_checked_against_and_must_not_be_used_for():
    assert "## Checked against" in PAGE
    assert "must not be used" in PAGE
