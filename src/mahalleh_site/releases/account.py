"""The account of what publishing has cost: over every table that a manifest names, from their ledgers.

`admit` stands before every writing of a ledger: a table that no account knows, or that would cost an event
more than the city has stated, is refused there. `keep` freezes the account for pages, so that it changes when
something is published and at no other time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import polars as pl
from django.conf import settings
from django.utils import timezone

from mahalleh import disclose
from mahalleh.disclose import Spent, Table
from mahalleh.errors import DisclosureError
from mahalleh_site.house import rooms
from mahalleh_site.places import files
from mahalleh_site.releases import frozen
from mahalleh_site.releases.queries import tallies

LEDGERS: Final = "*ledger*.parquet"  # how ledgers are called in the folder `private`


def admit(name: str, draws: pl.DataFrame) -> dict[str, Spent]:
    """Refuse to publish a table whose ledger is about to become `draws`, where the account forbids it.

    The account with them, for `keep`: before the table stands, so that no page is kept with the one before.

    Raises:
        DisclosureError: where no manifest names it, where another ledger lies about that nobody adds up, or
            where one event would cost more than `event_cap` of city.toml.
    """
    if name not in (known := rooms.published()):
        raise DisclosureError("disclose.unknown-table", name=name, known=sorted(known))
    drawn_up = draw_up({name: draws})
    disclose.check_cap(drawn_up, settings.CITY.event_cap)
    return drawn_up


def draw_up(instead: Mapping[str, pl.DataFrame] | None = None) -> dict[str, Spent]:
    """Add up every ledger there is. `instead`: by table, the ledger that it is about to have.

    Raises:
        DisclosureError: where a ledger lies about that nobody adds up.
    """
    _check_files()
    given = instead or {}
    return disclose.spent(
        Table(
            name,
            table.unit,
            given[name] if name in given else ledger() if ledger else tallies.draws(name),
            sensitivity=table.sensitivity,
            apart=table.apart,
        )
        for name, (table, ledger) in rooms.published().items()
    )


def _check_files() -> None:
    folder = files.private_path(settings.VAR)
    known = {table.file for table, _ledger in rooms.published().values()}
    if strange := sorted(path.name for path in folder.glob(LEDGERS) if path.name not in known):
        raise DisclosureError("disclose.unknown-ledger", path=folder, files=strange)


def keep(drawn_up: Mapping[str, Spent]) -> None:
    """Freeze an account for pages."""
    document: dict[str, Any] = {
        "day": timezone.localdate().isoformat(),
        "cap": settings.CITY.event_cap,
        "units": {unit: asdict(cost) for unit, cost in drawn_up.items()},
    }
    files.write_whole(frozen.account_path(settings.VAR), json.dumps(document, indent=1).encode())
