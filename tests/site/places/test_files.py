"""What stands in the city's folder is for its own account alone, whatever the umask."""

from __future__ import annotations

import os
from contextlib import contextmanager

from mahalleh_site.places import files


@contextmanager
def open_to_all():
    """A process in which files are made for everybody."""
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)


def rights(path) -> int:
    return path.stat().st_mode & 0o777


def test_folder__of_exact_counts_is_entered_by_this_account_alone(tmp_path):
    with open_to_all():
        assert rights(files.private_path(tmp_path)) == 0o700
        with files.alone(tmp_path):
            assert rights(tmp_path / "private") == 0o700


def test_file__that_is_written_is_read_by_this_account_alone(tmp_path):
    with open_to_all():
        files.write_whole(tmp_path / "counts", b"exact")
        files.write_whole(tmp_path / "counts", b"exact again")  # in the place of one that stands
    assert rights(tmp_path / "counts") == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["counts"]
