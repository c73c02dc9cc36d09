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
KEPT = ("levelname", "name", "message", "asctime", "exc_info", "status_code", "event", "seconds", "count")


class Formatter(JsonFormatter):
    """One JSON object a line, of `KEPT` alone."""

    def process_log_record(self, log_record: dict[str, Any]) -> dict[str, Any]:
        """Drop every field that is not in `KEPT`."""
        return {key: value for key, value in log_record.items() if key in KEPT}

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
