"""Deliberate mistakes are found where they matter, drawn by a seed, and tried where a test can see them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.mutants import report
from tools.mutants.groups import EmptyGroupError, Group, groups
from tools.mutants.nursery import NOTICED, STUCK, UNNOTICED, Nursery
from tools.mutants.operators import mutants
from tools.mutants.sampling import sample
from tools.mutants.trial import Map

ROOT = Path(__file__).resolve().parent.parent.parent


def changes(source):
    """What each mutant makes of a module of one line: (kind, the line after it)."""
    return [(mutant.operator, mutant.apply(source).strip()) for mutant in mutants("m.py", source)]


@pytest.mark.parametrize(
    ("source", "operator", "after"),
    [
        ("a < b", "compare", "a <= b"),
        ("a >= b", "compare", "a > b"),
        ("a is not None", "compare", "a is None"),
        ("a not in b", "compare", "a in b"),
        ("a < b <= c", "compare", "a < b < c"),
        ("a == b  # a == b", "compare", "a != b  # a == b"),
        ("(a) - (b)", "arithmetic", "(a) + (b)"),
        ("a // b", "arithmetic", "a * b"),
        ("a += b", "arithmetic", "a -= b"),
        ("a and b or c", "boolean", "a or b or c"),
        ("not a", "sign", "(a)"),
        ("-a", "sign", "(a)"),
        ("f(2)", "constant", "f(3)"),
        ("f(2)", "constant", "f(1)"),
        ("f(0.5)", "constant", "f((-0.5))"),
        ("f(True)", "constant", "f(False)"),
        ("f(a, b)", "arguments", "f(b, a)"),
        ("std(a, ddof=1)", "keyword", "std(a, )"),
        ("f(a=1, b=c)", "keyword", "f(b=c)"),
        ("f(a)", "statement", "pass"),
        ("raise Error", "statement", "pass"),
        ("x = a if b else c", "negation", "x = a if (not (b)) else c"),
        ("x = [a for a in b if a]", "negation", "x = [a for a in b if (not (a))]"),
        ("if f(a): pass", "negation", "if (not (f(a))): pass"),
        ("with lock: a()", "with", "if True: a()"),
        ("def f(a=2): pass", "constant", "def f(a=3): pass"),
        ("def f(): return a", "return", "def f(): return None"),
        ("for a in b: continue", "statement", "for a in b: pass"),
        ("@guarded(x)\ndef f(): pass", "decorator", "# ---\ndef f(): pass"),
        ("x = {'é': 1 < 2}", "compare", "x = {'é': 1 <= 2}"),  # columns are bytes
    ],
)
def test_changes__are_found_and_cut_into_the_text(source, operator, after):
    assert (operator, after) in changes(source)


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring of 3 words."""',
        "x: Literal[1]",
        "def f(a: T[1]) -> T[2]: pass",
        'logger.info("a", 1)',
        "class A:\n    def __repr__(self): return 1 + 1",
        '__all__ = ["a"]',
        "@njit\ndef f(): pass",
        "@dataclass(frozen=True)\nclass A: pass",
        "if TYPE_CHECKING:\n    x = 1",
        'x = "a" + b',
        'x = f"{1 + 1}"',
        'faults.add("watch.bad-setting", given=1)',
        "max(a, b)",
    ],
)
def test_what_only_speaks_to_people_or_to_the_type_checker__is_left_alone(source):
    assert [kind for kind, _ in changes(source) if kind != "statement"] == []


@pytest.mark.slow("every group of modules is changed and compiled")
def test_every_mutant_of_the_house__is_another_program_that_compiles():
    for group in groups(ROOT):
        path = min(group.modules, key=lambda path: ((ROOT / path).stat().st_size, path))  # the quickest
        source = (ROOT / path).read_text(encoding="utf-8")
        found = mutants(path, source)
        assert (
            len({mutant.apply(source) for mutant in found})
            == len({mutant.key for mutant in found})
            == len(found)
        )
        for mutant in found[:10]:
            compile(mutant.apply(source), path, "exec")


def test_keys__stay_where_lines_are_added_and_modules_move():
    source = "def f(a):\n    return a < 1\n"
    moved = "import b\n\n\ndef g():\n    pass\n\n\n" + source
    keys = {mutant.key for mutant in mutants("old/m.py", source)}
    assert keys <= {mutant.key for mutant in mutants("new/m.py", moved)}
    assert len(keys) == len(mutants("old/m.py", source))


@pytest.fixture
def house(tmp_path):
    """A tree with one module, its test, and a git that lists them."""
    if shutil.which("git") is None:
        pytest.skip("mutants are made of what git lists, and this machine has no git")
    for name, text in {
        "src/small/__init__.py": "",
        "src/small/sums.py": "def larger(a):\n    return a >= 3\n\n\ndef unseen(a):\n    return a + 1\n",
        "tests/test_sums.py": (
            "from small.sums import larger\n\n\n"
            "def test_larger():\n    assert larger(3)\n    assert not larger(2)\n"
        ),
        "pytest.ini": "[pytest]\npythonpath = src\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def test_sample__is_the_same_each_time_and_hardly_moves_with_the_code(house):
    module = house / "src/small/sums.py"
    group = Group("sums", ("src/small/sums.py",), ("tests/test_sums.py",))
    first = sample(house, group, count=6, seed=1)
    assert first == sample(house, group, count=6, seed=1)
    assert {m.key for m in first} != {m.key for m in sample(house, group, count=6, seed=2)}
    module.write_text("LIMIT = f(1)\n" + module.read_text(encoding="utf-8"), encoding="utf-8")
    again = {mutant.key for mutant in sample(house, group, count=6, seed=1)}
    assert len(again & {mutant.key for mutant in first}) >= 4


NURSE = """
import json, sys
from pathlib import Path
from tools.mutants import nursery
nursery.HEAVY, nursery.FIRST, nursery.WALL = (), 15, 100  # seconds of work end a run, not a busy machine
root, home = Path(sys.argv[1]), Path(sys.argv[2])
nurse = nursery.Nursery(root, home)
answers = []
for text in json.loads(sys.argv[3]):
    run = nursery.Run(("tests/test_sums.py::test_larger",), 0.0, "src/small/sums.py", text)
    answers.append(nurse.run(run)[0])
print(json.dumps([answers, (nurse.tree / "src/small/sums.py").read_text()]))
"""


def nursed(house, *texts):
    """What becomes of texts of the module, one after the other, and how the module is left."""
    home = house.parent / f"{house.name}-home"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", NURSE, str(house), str(home), json.dumps(texts)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow("four runs of pytest, one of which must be stopped")
def test_nursery__notices_what_a_test_notices_and_leaves_the_module_as_it_was(house):
    source = (house / "src/small/sums.py").read_text(encoding="utf-8")
    answers, left = nursed(
        house,
        source.replace(">=", ">"),
        source.replace("a + 1", "a - 1"),  # nothing runs it
        source.replace("return a >=", "while True: pass\n    return a >="),
        source + "\nraise SystemError\n",
    )
    assert answers == [NOTICED, UNNOTICED, STUCK, NOTICED]
    assert left == source


def test_kernels__that_may_hold_a_change_are_made_anew(tmp_path):
    nursery = object.__new__(Nursery)
    nursery.home, nursery.kernels = tmp_path, tmp_path / "kernels"
    folder = nursery.kernels / "watch_abc"
    folder.mkdir(parents=True)
    for name in ("scan.f-1.py311.nbi", "_sweep.g-2.py311.nbi", "expected.h-3.py311.nbi"):
        (folder / name).touch()
    assert nursery._kernels(("mahalleh.panel",)) == nursery.kernels
    left = nursery._kernels(("mahalleh.watch._sweep", "mahalleh.watch.scan"))
    assert [path.name for path in left.rglob("*.nbi")] == ["expected.h-3.py311.nbi"]
    assert len(list(folder.iterdir())) == 3


def test_map__lets_a_mutant_meet_the_tests_of_its_lines_nearest_and_quickest_first():
    near, quick, slow, far = (
        f"tests/{name}.py::test" for name in ("test_sums", "test_a", "test_b", "test_c")
    )
    known = Map(
        {"src/sums.py": {2: [quick, slow, near], 9: [far]}}, {near: 5.0, quick: 1.0, slow: 99.0, far: 1.0}
    )
    found = mutants("src/sums.py", "def f(a):\n    return a >= 3\n\n\ndef g(a):\n    return a + 1\n")
    seen = next(mutant for mutant in found if mutant.lines == (2, 2))
    unseen = next(mutant for mutant in found if mutant.lines == (6, 6))
    assert known.meet(seen) == [near, quick]  # the third would take longer than all may
    assert known.meet(unseen) == [near, quick, far]


@pytest.mark.slow("pytest inside pytest, in a process of its own")
def test_cover__counts_a_shared_fixture_for_every_test_that_asks_for_it(house):
    (house / "tests/test_sums.py").write_text(
        "import pytest\nfrom small.sums import larger, unseen\n\n\n"
        "@pytest.fixture(scope='session')\ndef shared():\n    return larger(3)\n\n\n"
        "def test_one(shared): pass\n\n\ndef test_two(shared): pass\n\n\ndef test_three(): unseen(1)\n",
        encoding="utf-8",
    )
    options = [
        "-p",
        "tools.mutants.cover",
        f"--mutants-map={house / 'map'}",
        "--mutants-of=src/small/sums.py",
    ]
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", *options, "tests"]
    subprocess.run(
        command, cwd=house, check=True, capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    known = json.loads((house / "map").read_text(encoding="utf-8"))
    lines = known["lines"]["src/small/sums.py"]
    assert [test.rpartition("::")[2] for test in lines["2"]] == ["test_one", "test_two"]
    assert [test.rpartition("::")[2] for test in lines["6"]] == ["test_three"]
    assert lines["1"] == []  # run on import
    assert len(known["work"]) == 3


def test_groups__find_their_modules_and_tests_or_say_so():
    found = groups(ROOT)
    assert [group.name for group in found][:3] == ["seal", "keys", "permissions"]
    for group in found:
        assert all((ROOT / path).is_file() for path in (*group.modules, *group.tests))
    with pytest.raises(EmptyGroupError, match="no such group"):
        groups(ROOT, ["poetry"])


def test_score__needs_nine_of_ten_and_a_reason_for_each_survivor():
    survivor = report.Survivor("m.f:compare:1", "src/m.py", "-a\n+b", 3)
    good = report.Result("one", 1, 10, 9, 0, (survivor,), "2026-11-28", 1)
    assert report.faults([good], {survivor.key: "The same number."}) == []
    assert report.faults([good], {}) == ["one: m.f:compare:1 is not explained"]
    poor = report.Result("two", 1, 10, 7, 1, (), "2026-11-28", 1)
    assert report.faults([good, poor], {survivor.key: "x"}) == ["16 of 20 noticed: 80.0% is below 90%"]
    page = report.page([good, poor], {survivor.key: "The same number."}, count=10, budget=40)
    assert "| one | 1 | 10 | 9 | 0 | 1 | 90% |" in page
    assert "The same number.\n```diff\n-a\n+b\n```" in page
