"""Who may look at signals, decide on them, and see how far they can be trusted.

Signals show exact counts, so that those who may see exact counts may see them (people.rules). A coordinator
alone decides. Officers, social workers and partners read of decided signals as the public does, until the
room of plans shows them their own.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from mahalleh_site.people.permissions import (
    Anyone,
    Refused,
    check_see_exact_counts,
    holds,
    roles_of,
)

DECIDERS = frozenset({"coordinator"})


def check_see_signals(user: Anyone) -> None:
    """Coordinators, analysts and auditors."""
    check_see_exact_counts(user)


def see_signals(user: Anyone) -> bool:
    """Whether somebody may see signals."""
    return holds(check_see_signals, user)


def check_decide_signals(user: Anyone) -> None:
    """Coordinators."""
    check_see_signals(user)
    if not roles_of(user) & DECIDERS:
        raise Refused(_("Coordinators decide on signals."))


def decide_signals(user: Anyone) -> bool:
    """Whether somebody may decide on signals."""
    return holds(check_decide_signals, user)


def check_see_calibration(user: Anyone) -> None:
    """Coordinators, analysts and auditors: those who must know how far to trust a signal."""
    check_see_exact_counts(user)


def see_calibration(user: Anyone) -> bool:
    """Whether somebody may see how signals did."""
    return holds(check_see_calibration, user)
