"""The table of promises names tests that are there: a promise whose test was renamed away is nobody's."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`((?:tests/)?[\w/*]*test_[\w*.]*(?:::test_\w+\*?)?|tests/[\w/]+/?)`")


def named(text):
    """Each (line, file or folder, test) of the table. A file without a folder is the last one's neighbour; a
    test without a file stands in the last file."""
    for line in text.splitlines():
        last = None
        for found in NAMED.findall(line):
            path, _, test = found.partition("::")
            if path.startswith("tests/"):
                last = ROOT / path
            elif path.endswith(".py"):
                beside = last.parent / path if last is not None else ROOT / path
                others = sorted((ROOT / "tests").rglob(path))
                last = beside if beside.exists() else others[0] if len(others) == 1 else beside
            else:
                test = path
            yield found, last, test


def missing(text):
    """What is named and is not there."""
    for found, path, test in named(text):
        if path is None or not path.exists():
            yield found
        elif test:
            files = sorted(path.rglob("test_*.py")) if path.is_dir() else [path]
            code = "".join(file.read_text(encoding="utf-8") for file in files)
            tests = re.findall(r"def (test_\w+)", code)
            if not any(fnmatch(each, test) for each in tests):
                yield found


def test_trust__names_tests_that_are_there():
    text = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
    assert len(list(named(text))) > 40
    assert list(missing(text)) == []


def test_missing__is_found():
    here = "tests/tools/test_trust.py"
    text = f"`{here}::test_missing__*`, `test_trust__names_*`, `test_gone__*`, `test_nowhere_at_all.py`"
    assert list(missing(text)) == ["test_gone__*", "test_nowhere_at_all.py"]
