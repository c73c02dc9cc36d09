"""What `mahalleh doctor` finds: one thing looked at, in words, with the way to mend it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mahalleh.cli import language
from mahalleh.errors import Fault


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, and the message that says so."""

    ok: bool
    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """The finding in the user's language."""
        return Fault(self.code, self.facts).text(language())

    def as_json(self) -> dict[str, Any]:
        """The finding for a script."""
        return {"ok": self.ok, "check": self.code.removeprefix("doctor."), "text": self.text()}
