"""Who sees what: the roles of the house, and what each may do. No Django here.

| capability | coordinator | officer | social worker | partner | analyst | auditor | administrator |
| --- | --- | --- | --- | --- | --- | --- | --- |
| see today | yes | yes | yes | yes | yes | yes | yes |
| see exact counts | yes | no | no | no | yes | yes | no |
| read the audit log | no | no | no | no | no | yes | yes |
| manage people | no | no | no | no | no | no | yes |

A role is held in an organisation. Some roles belong to certain kinds of organisation alone: a community
officer to the police, a social worker to a counselling centre, an NGO or the municipality, a partner to any
but the police. Whoever has no role may do nothing; several roles add up, except that nobody who manages
people may also see exact counts, so that the keys and the contents stay in different hands.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

ROLES: Final = (
    "coordinator",
    "officer",
    "social-worker",
    "partner",
    "analyst",
    "auditor",
    "administrator",
)
ORGANISATION_KINDS: Final = ("municipality", "ngo", "counselling", "police", "university", "other")

CAPABILITIES: Final = {
    "see-today": frozenset(ROLES),
    "see-exact-counts": frozenset({"coordinator", "analyst", "auditor"}),
    "read-audit": frozenset({"auditor", "administrator"}),
    "manage-people": frozenset({"administrator"}),
}

# Whose accounts can open what is sealed to their organisation, by purpose. Coordinators see reports of every
# organisation but never what is sealed; those who count, audit or manage people open neither.
READERS: Final = {
    "reports": frozenset({"coordinator", "officer", "social-worker", "partner"}),
    "help": frozenset({"officer", "social-worker", "partner"}),
}

# Nobody reads for the police and for others too: who has a role in a police organisation, or had one within
# so many days, holds none of these elsewhere, and the other way round.
READ_FOR_OTHERS: Final = frozenset().union(*READERS.values()) - {"officer"}
POLICE_DAYS: Final = 365

HOMES: Final = {
    "officer": frozenset({"police"}),
    "partner": frozenset(ORGANISATION_KINDS) - {"police"},
    "social-worker": frozenset({"counselling", "ngo", "municipality"}),
}


def may(roles: Iterable[str], capability: str) -> bool:
    """Whether somebody with these roles has the capability. Nothing is the default."""
    held = set(roles)
    if capability == "see-exact-counts" and "administrator" in held:
        return False
    return bool(held & CAPABILITIES[capability])


def fits(role: str, kind: str) -> bool:
    """Whether the role may be held in an organisation of this kind."""
    return role in ROLES and kind in HOMES.get(role, frozenset(ORGANISATION_KINDS))
