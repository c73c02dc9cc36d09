"""Rows are accounted for: read = kept + refused, with the first lines of each reason and no more."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from mahalleh.errors import SourceError
from mahalleh.sources.reading import FIRST_LINES, LINE, REASON, REASONS, Part, Reading, Refused


def rows(*reasons, first=2):
    """Rows of a frame, one a reason; None is kept. Lines count on from `first`."""
    lines = range(first, first + len(reasons))
    return pl.DataFrame(
        {"n": [1] * len(reasons), REASON: reasons, LINE: lines}, schema_overrides={REASON: pl.String}
    )


def part(name, *frames):
    """A file that gives these frames."""
    return Part(Path(name), "digest", lambda self: (self.account(frame) for frame in frames))


def read(*parts):
    """A reading that was read through, and what it kept."""
    reading = Reading(tuple(parts), ())
    kept = [frame for batch in reading.batches() for frame in batch.frames]
    return reading, kept


def lines(name, *numbers):
    return tuple(f"{name}:{number}" for number in numbers)


def test_account__keeps_what_has_no_reason_and_takes_its_own_columns_away():
    reading, kept = read(part("a.csv", rows(None, "no-date", None), rows("no-date", None, first=5)))
    assert [frame.columns for frame in kept] == [["n"], ["n"]]
    assert [frame.height for frame in kept] == [2, 1]
    assert (reading.report.rows_read, reading.report.rows_kept) == (5, 3)
    assert reading.report.refused == {"no-date": Refused(2, lines("a.csv", 3, 5))}


@pytest.mark.parametrize("sizes", [(25,), (4, 25), (FIRST_LINES, 3), (FIRST_LINES - 1, 1, 1), (1,) * 12])
def test_account__names_the_first_ten_lines_however_they_come(sizes):
    frames, first = [], 2
    for size in sizes:
        frames.append(rows(*["no-date"] * size, first=first))
        first += size
    reading, _ = read(part("a.csv", *frames))
    told = reading.report.refused["no-date"]
    assert told.count == sum(sizes)
    assert told.first_lines == lines("a.csv", *range(2, 12))
    assert len(reading.parts[0].lines["no-date"]) == FIRST_LINES  # and holds no more, however long the file


def test_account__keeps_the_reasons_apart():
    frames = rows("no-date", "bad-date", "no-date"), rows("bad-date", None, "outside", first=5)
    reading, _ = read(part("a.csv", *frames))
    assert reading.report.refused == {
        "no-date": Refused(2, lines("a.csv", 2, 4)),
        "bad-date": Refused(2, lines("a.csv", 3, 5)),
        "outside": Refused(1, lines("a.csv", 7)),
    }
    assert list(reading.report.refused) == [reason for reason in REASONS if reason in reading.report.refused]


def test_report__of_several_files_names_the_first_ten_in_their_order():
    few, many = rows(*["outside"] * 4), rows(*["outside"] * 9, None)
    reading, _ = read(part("a.csv", few), part("b.csv", many), part("c.csv", few))
    told = reading.report.refused["outside"]
    assert told.count == 4 + 9 + 4
    assert told.first_lines == lines("a.csv", 2, 3, 4, 5) + lines("b.csv", 2, 3, 4, 5, 6, 7)
    assert (reading.report.rows_read, reading.report.rows_kept) == (18, 1)
    assert reading.parts[2].report.refused["outside"].first_lines == lines("c.csv", 2, 3, 4, 5)


def test_batches__name_all_that_is_wrong_with_a_bad_file_and_those_after_it():
    def broken(self):
        yield self.account(rows(None))
        raise SourceError("sources.empty", path=self.path)

    bad = [Part(Path(name), name, broken) for name in ("b.csv", "c.csv", "e.csv")]
    good = [part(name, rows(None)) for name in ("a.csv", "d.csv")]
    reading = Reading((good[0], *bad[:2], good[1], bad[2]), ())
    batches = reading.batches()
    assert [batch.name for batch in batches] == ["a.csv", "b.csv", "c.csv", "d.csv", "e.csv"]
    assert [frame.height for frame in batches[0].frames] == [1]
    with pytest.raises(SourceError) as caught:
        list(batches[1].frames)
    assert [fault.facts["path"].name for fault in caught.value.faults] == ["b.csv", "c.csv", "e.csv"]
