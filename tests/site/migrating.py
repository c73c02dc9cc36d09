"""A database of its own that stands at any migration."""

from __future__ import annotations

from django.db import connections
from django.db.migrations.executor import MigrationExecutor


def migrated(database, to):
    """The models as they are once the database stands at `to`."""
    executor = MigrationExecutor(connections[database])
    return executor.migrate(to).apps
