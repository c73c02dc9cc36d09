"""What `mahalleh doctor` asks of the room."""

from __future__ import annotations

from collections.abc import Iterator

from mahalleh_site.house.doctor import Finding
from mahalleh_site.people import audit, limits


def audit_log() -> Iterator[Finding]:
    """The audit log's chain holds."""
    told = audit.verify()
    if told.broken_at is None:
        yield Finding(True, "doctor.audit-good", {"count": told.entries})
    elif told.reason == "broken":
        yield Finding(False, "doctor.audit-bad", {"reason": told.broken_at})
    else:
        yield Finding(False, f"audit.{told.reason}", {"number": told.broken_at})


def shared_limits() -> Iterator[Finding]:
    """Limits hold over all processes of the server."""
    ok = limits.are_shared()
    yield Finding(ok, "doctor.limits-good" if ok else "doctor.limits-apart", {"path": str(limits.folder())})
