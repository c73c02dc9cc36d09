"""Tests mirror the source: whoever knows where something stands knows where its tests do."""

from __future__ import annotations

from pathlib import Path

from mahalleh_site.house import rooms
from tests.site.house.code import ROOT

TESTS = Path(__file__).parents[1]
OTHERS = {
    "browser",
    "deploy",
    "peers",
    "site",
    "tools",
}  # folders of tests/ that are no folder of the library


def folders(below):
    """The packages below a folder, by their path."""
    return {str(path.parent.relative_to(below)) for path in below.rglob("__init__.py")} - {"."}


def test_rooms__have_each_a_folder_of_tests():
    names = {each.package.rpartition(".")[2] for each in rooms.rooms()}
    assert names - {folder for folder in folders(TESTS) if any((TESTS / folder).glob("test_*.py"))} == set()


def test_folders_of_tests__are_folders_of_the_site_or_the_library():
    site, library = folders(ROOT), folders(ROOT.parent / "mahalleh")
    guests = {folder for folder in folders(TESTS) if folder.startswith("house/guest")}  # a room to throw away
    assert folders(TESTS) - guests - site == set()
    ours = {folder.partition("/")[0] for folder in folders(TESTS.parent)} - OTHERS
    assert ours - library == set()
