"""Structured logs that cannot name who asked: only the fields listed here ever leave."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Any, TypeAlias

from pythonjsonlogger.json import JsonFormatter

# Django attaches the request (address, user agent, cookies) to its records; the rest is dropped.
Raised: TypeAlias = (
    "tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]"
)
OURS = ("mahalleh", "mahalleh_site")  # whose messages are fixed texts; a test holds that they are
KEPT = ("levelname", "name", "message", "asctime", "exc_info", "status_code", "event", "seconds", "count")


class Formatter(JsonFormatter):
    """One JSON object a line, of `KEPT` alone."""

    def process_log_record(self, log_record: dict[str, Any]) -> dict[str, Any]:
        """Drop every field that is not in `KEPT`."""
        return {key: value for key, value in log_record.items() if key in KEPT}

    def format(self, record: logging.LogRecord) -> str:
        """The record; of other people's code without what it would say of this one request.

        Django words refused hosts, addresses and forms by what the visitor sent. Its sentence is kept as it
        stands in its code, before the visitor's words are put in; where that cannot be told, where it stands.
        """
        if record.name.partition(".")[0] not in OURS:
            told = record.msg if record.args and isinstance(record.msg, str) else ""
            record = logging.makeLogRecord(record.__dict__)
            record.msg, record.args = told or f"{record.module}:{record.lineno}", None
        return super().format(record)

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatException(self, ei: Raised) -> str:  # noqa: N802  (the name is logging's)
        """The traceback without its message: a message may quote what a person typed."""
        text = super().formatException(ei)
        lines = text.splitlines() if isinstance(text, str) else text
        kind = ei[0].__name__ if ei and ei[0] else ""
        return "\n".join([line for line in lines if line.startswith("  File")] + [kind])


def get(name: str) -> logging.Logger:
    """A logger below `mahalleh_site`."""
    return logging.getLogger(f"mahalleh_site.{name}")
