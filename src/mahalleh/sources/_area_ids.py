"""Area ids of outside tables: known, likely meant, or unknown. A point takes no id's place unasked.

Spreadsheets drop leading zeros, people change the case of letters and write digits of their own script. What
an unknown id was likely meant to be is named, and read so only where the mapping says it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import polars as pl

from mahalleh.errors import SourceError

# What becomes of rows whose area id the places lack.
STOP, LIKELY, POINT, REFUSE = "stop", "likely", "point", "refuse"
UNKNOWN: Final = (STOP, LIKELY, POINT, REFUSE)
SHOWN: Final = 10  # ids in a message, the most frequent first


class AreaIds:
    """The ids of a city's areas, as tables may write them."""

    def __init__(self, areas: Iterable[str]) -> None:
        self.areas = tuple(areas)
        self.exact = frozenset(self.areas)
        likely: dict[str, list[str]] = defaultdict(list)
        for area in self.areas:
            likely[_folded(area)].append(area)
        self.folded = {key: held[0] for key, held in likely.items() if len(held) == 1}

    def likely(self, given: str) -> str | None:
        """The one area that an unknown id may mean but for leading zeros, case and script; None otherwise."""
        return None if given in self.exact else self.folded.get(_folded(given))

    def likely_table(self, given: pl.Series) -> pl.DataFrame:
        """Columns `named` and `likely` of the distinct ids that are unknown and have a likely reading."""
        pairs = [(each, self.likely(each)) for each in given.drop_nulls().unique().to_list()]
        return pl.DataFrame(
            [pair for pair in pairs if pair[1] is not None],
            schema={"named": pl.String, "likely": pl.String},
            orient="row",
        )


class Unknown:
    """The unknown ids of one file, counted until it has been read through."""

    def __init__(self, ids: AreaIds) -> None:
        self.ids = ids
        self.counts: Counter[str] = Counter()

    def note(self, frame: pl.DataFrame) -> None:
        """Count the ids of rows that must not pass in silence.

        Those that a point stands beside, and those with a likely reading; an unknown id with neither is
        refused as a row (`unknown-area`), which the report tells.
        """
        rows = frame.filter(
            pl.col("unknown") & (pl.col("area").is_not_null() | pl.col("likely").is_not_null())
        )
        self.counts.update(dict(rows.group_by("named").len().iter_rows()))

    def check(self, path: Path) -> None:
        """Refuse the file where there are any.

        Raises:
            SourceError: naming the ids, how many rows each has, and what they were likely meant to be.
        """
        if not self.counts:
            return
        shown = self.counts.most_common(SHOWN)
        meant = [(given, self.ids.likely(given)) for given, _ in shown]
        raise SourceError(
            "sources.unknown-ids",
            path=path,
            rows=self.counts.total(),
            count=len(self.counts),
            ids=[f"{given} ({count})" for given, count in shown],
            likely=[f"{given} → {area}" for given, area in meant if area is not None] or ["–"],
            known=self.ids.areas[:SHOWN],
        )


def _folded(text: str) -> str:
    """The id without what programs and people change by accident: zeros in front, case, script, blanks."""
    plain = "".join(_plain(letter) for letter in unicodedata.normalize("NFKC", text))
    return re.sub(r"(?<!\d)0+(?=\d)", "", plain.replace("ي", "ی").replace("ك", "ک").casefold())


def _plain(letter: str) -> str:
    digit = unicodedata.decimal(letter, None)  # of any script
    if digit is not None:
        return str(digit)
    return "" if letter.isspace() or unicodedata.category(letter) == "Cf" else letter
