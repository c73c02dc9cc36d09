"""Every promise that is kept has tests and saboteurs, each saboteur fits the source and was noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.saboteurs import page, trial
from tools.saboteurs.scratch import broken, misfits
from tools.saboteurs.table import Edit, Promise, Saboteur, nodes_of, read

ROOT = Path(__file__).resolve().parents[2]
CODE = "def told(words):\n    return len(words)\n"
TESTS = """
from code_of_a_house import told

def test_told__counts_words():
    assert told(["a", "b"]) == 2

def test_told__is_there():
    assert told
"""
ROW = """
[[promise]]
part = "bar"
number = 1
rule = "words are counted"
state = "built"
tests = ["tests/test_told.py::test_told__counts_*"]
[[promise.saboteur]]
name = "forgets-one"
breaks = "one word is forgotten"
[[promise.saboteur.edit]]
file = "src/code_of_a_house.py"
old = "len(words)"
new = "len(words) - 1"
"""


def saboteur(old="len(words)", new="len(words) - 1"):
    return Saboteur("forgets-one", "one is forgotten", (Edit("src/code_of_a_house.py", old, new),))


def promise(*tests):
    return Promise("bar", 1, "words are counted", "built", "", tests or ("tests/test_told.py",), ())


@pytest.fixture
def tree(tmp_path):
    for name, text in (("src/code_of_a_house.py", CODE), ("tests/test_told.py", TESTS)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p no:django\n")
    return tmp_path


# --- the table of the house


def test_promises__that_are_kept_have_tests_and_saboteurs():
    rows = read()
    assert len(rows) > 30
    assert all(nodes_of(row, ROOT) for row in rows if row.state == "built")


def test_saboteurs__fit_the_source_and_were_all_noticed():
    rows = read()
    assert misfits(ROOT, [each for row in rows for each in row.saboteurs]) == []
    assert page.faults(rows, page.load()) == []


def test_trust_page__is_what_the_table_says():
    text = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
    assert page.written(text, read(), page.load()) == text
    assert {spot["part"] for spot in page.SPOT.finditer(text)} == {row.part for row in read()}


# --- the table of any


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('tests = ["tests/test_told.py::test_told__counts_*"]', "", "names the tests"),
        ("[[promise.saboteur]]", "[[promise.other]]", "has a saboteur"),
        ('state = "built"', 'state = "hoped"', "the state is one of"),
    ],
)
def test_read__refuses_a_promise_that_nobody_keeps(tmp_path, old, new, fault):
    path = tmp_path / "promises.toml"
    path.write_text(ROW)
    assert [row.key for row in read(tmp_path)] == ["bar 1"]
    path.write_text(ROW.replace(old, new).replace("[[promise.saboteur.edit]]", "[[promise.other.edit]]")
                    if "other" in new else ROW.replace(old, new))  # fmt: skip
    with pytest.raises(ValueError, match=fault):
        read(tmp_path)


def test_read__refuses_two_of_one_name(tmp_path):
    path = tmp_path / "promises.toml"
    path.write_text(ROW + ROW)
    with pytest.raises(ValueError, match=r"bar 1 stands twice\nforgets-one stands twice"):
        read(tmp_path)


def test_nodes_of__finds_tests_by_stars_and_misses_what_is_gone(tree):
    found = nodes_of(promise("tests/test_told.py::test_told__c*", "tests/test_told.py"), tree)
    assert found == ["tests/test_told.py::test_told__counts_words", "tests/test_told.py"]
    for gone in ("tests/test_told.py::test_gone__*", "tests/test_gone.py"):
        with pytest.raises(ValueError, match="is not there"):
            nodes_of(promise(gone), tree)


def test_broken__is_made_whole_again(tree):
    with broken(tree, saboteur()):
        assert "len(words) - 1" in (tree / "src/code_of_a_house.py").read_text()
    assert (tree / "src/code_of_a_house.py").read_text() == CODE


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [("words", "", "stands 2 times"), ("gone", "", "stands 0 times"), ("len(", "", "no Python")],
)
def test_misfits__are_said(tree, old, new, fault):
    (found,) = misfits(tree, [saboteur(old, new)])
    assert fault in found
    assert misfits(tree, [saboteur()]) == []


# --- trials


@pytest.mark.slow("each starts pytest in a process of its own")
@pytest.mark.parametrize(
    ("tests", "change", "by", "why"),
    [
        ("tests/test_told.py", saboteur(), "tests/test_told.py::test_told__counts_words", ""),
        ("tests/test_told.py::test_told__is_there", saboteur(), "", "every test passed"),
        ("tests/test_told.py", saboteur("def told", "def other"), "", "did not run"),  # no proof of anything
    ],
)
def test_attempt__believes_a_failed_test_alone(tree, tests, change, by, why):
    outcome = trial.attempt(tree, promise(tests), change)
    assert outcome.by == by
    assert why in outcome.why


def test_attempt__takes_a_failed_fixture_for_no_proof(tree):
    first = "import pytest\nfrom code_of_a_house import told\n\n"
    fixture = "@pytest.fixture\ndef one():\n    assert told([]) == 0\n\n"
    (tree / "tests/test_told.py").write_text(f"{first}{fixture}def test_told(one):\n    pass\n")
    assert trial.attempt(tree, promise(), saboteur()).why == "only fixtures failed"


def test_attempt__asks_first_who_noticed_the_last_time_and_does_without_where_it_is_gone(tree):
    second = "\ndef test_told__of_one():\n    assert told(['a']) == 1\n"
    (tree / "tests/test_told.py").write_text(TESTS + second)
    for first, by in (("of_one", "of_one"), ("of_none", "counts_words")):
        outcome = trial.attempt(tree, promise(), saboteur(), first=f"tests/test_told.py::test_told__{first}")
        assert outcome.by == f"tests/test_told.py::test_told__{by}"


def test_believed__takes_a_test_that_fails_in_the_whole_tree_for_no_proof(tree):
    broken_anyway = "\ndef test_told__is_broken_anyway():\n    assert False\n"
    (tree / "tests/test_told.py").write_text(TESTS + broken_anyway)
    by = ("tests/test_told.py::test_told__counts_words", "tests/test_told.py::test_told__is_broken_anyway")
    good, bad = trial.believed(tree, [trial.Outcome("bar 1", "n", each, "", 1) for each in by])
    assert (good.by, bad.by) == (by[0], "")
    assert "fails without the edit too" in bad.why


def test_faults__name_what_was_not_tried_and_what_nobody_noticed():
    row = Promise("bar", 1, "r", "built", "", ("t",), (saboteur(),))
    assert "not tried yet" in page.faults([row], {})[0]
    assert "no test noticed" in page.faults([row], {"forgets-one": {"by": "", "why": "x"}})[0]
    assert page.faults([row], {"forgets-one": {"by": "t"}}) == []
