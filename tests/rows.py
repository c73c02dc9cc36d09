"""Rows with which many tests begin: made once a process by the house's own actions, then put back as rows.

The people of an invented town, with their keys and the audit log's entries, are half a second of actions;
as rows they are a fiftieth of one. What a test is about is never put back so: only what stands before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from django.apps import apps
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from mahalleh_site.people.models import AuditHead

Tables = dict[type[Model], dict[Any, Model]]


@dataclass(frozen=True, slots=True)
class Change:
    """What some actions did to the tables: rows that came, rows that differ."""

    came: dict[type[Model], list[Model]] = field(default_factory=dict)
    differ: list[Model] = field(default_factory=list)

    def repeat(self) -> None:
        """Do it to tables that stand as they stood then."""
        for model, rows in self.came.items():
            model._base_manager.bulk_create(rows)
        for row in self.differ:
            if isinstance(row, AuditHead):  # the database lets it go one step at a time
                for step in range(AuditHead.objects.get(pk=row.pk).number + 1, row.number):
                    AuditHead.objects.filter(pk=row.pk).update(number=step)
            row.save(force_update=True)


_known: Final[dict[tuple[object, ...], Change]] = {}


def once(make: Callable[[], None]) -> None:
    """Let `make` write its rows, or write those that it wrote when all tables stood as they stand now.

    Raises:
        ValueError: where it takes rows away, which is not repeated.
    """
    if not connection.in_atomic_block:  # others may see half of it, and what follows a commit is left out
        make()
        return
    began = (make, *_standing())
    if began in _known:
        _known[began].repeat()
        return
    before = _tables()
    make()
    _known[began] = _difference(before, _tables())


def _standing() -> tuple[object, ...]:
    """The clock, the audit log's head, which hangs on all that was done, and how many rows each table has."""
    counts = " UNION ALL ".join(f'SELECT count(*) FROM "{model._meta.db_table}"' for model in _models())
    with connection.cursor() as cursor:
        cursor.execute(counts)
        found = tuple(row[0] for row in cursor.fetchall())
    return (timezone.now(), *AuditHead.objects.values_list("hash", flat=True), *found)


def _models() -> list[type[Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]


def _tables() -> Tables:
    return {model: {row.pk: row for row in model._base_manager.all()} for model in _models()}


def _difference(before: Tables, after: Tables) -> Change:
    change = Change()
    for model, rows in after.items():
        if before[model].keys() - rows.keys():
            raise ValueError(f"rows of {model.__name__} are gone")
        if came := [row for key, row in rows.items() if key not in before[model]]:
            change.came[model] = came
        change.differ.extend(
            row
            for key, row in rows.items()
            if key in before[model] and _told(row) != _told(before[model][key])
        )
    return change


def _told(row: Model) -> list[Any]:
    values = (getattr(row, column.attname) for column in row._meta.concrete_fields)
    return [bytes(value) if isinstance(value, memoryview) else value for value in values]
