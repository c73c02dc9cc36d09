"""The changelog and `__version__` tell the same story: newest first, each release with its day."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import mahalleh

TEXT = (Path(__file__).resolve().parent.parent / "CHANGELOG.md").read_text(encoding="utf-8")
HEADING = re.compile(r"Unreleased|(\d+)\.(\d+)\.(\d+) - (\d{4}-\d{2}-\d{2})")
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}  # of keepachangelog.com


def headings(level: int) -> list[str]:
    return re.findall(rf"^{'#' * level} (.*)$", TEXT, re.MULTILINE)


def test_changelog__names_versions_with_their_days_newest_first():
    found = [HEADING.fullmatch(heading) for heading in headings(2)]
    assert found
    assert all(found), headings(2)
    assert all(one[1] for one in found[1:])  # only the first may be unreleased
    released = [one for one in found if one[1]]
    numbers = [tuple(int(one[part]) for part in (1, 2, 3)) for one in released]
    days = [date.fromisoformat(one[4]) for one in released]
    assert numbers == sorted(numbers, reverse=True)
    assert days == sorted(days, reverse=True)


def test_changelog__begins_with_the_version_that_the_package_has():
    newest = headings(2)[0]
    if ".dev" in mahalleh.__version__:
        assert newest == "Unreleased"
    else:
        assert newest.startswith(f"{mahalleh.__version__} - ")


def test_changelog__sorts_changes_by_kind():
    assert set(headings(3)) <= KINDS
