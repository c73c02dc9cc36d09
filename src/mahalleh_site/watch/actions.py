"""The watch's only writers: what a look found, what people decided, what ran out, and the method register.

Each is atomic and leaves an audit row. None sends anyone anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from mahalleh_site.people import audit
from mahalleh_site.people.models import Membership, User
from mahalleh_site.watch import permissions, rules
from mahalleh_site.watch.models import Decision, Signal


class NotAllowedError(ValueError):
    """What was asked breaks a rule of the house; the text says which."""


@transaction.atomic
def decide(
    *, by: User, key: str, verb: str, reason: str, considered: Sequence[str] = (), other: str = ""
) -> Decision:
    """Record what a coordinator decided about a signal.

    Raises:
        Refused: where the account may not decide.
        NotAllowedError: no reason, nothing considered besides enforcement, or a step the state doesn't allow.
        Signal.DoesNotExist: where there is none.
    """
    permissions.check_decide_signals(by)
    signal = Signal.objects.select_for_update().get(key=key)
    after = rules.after(signal.status, verb)
    if after is None:
        raise NotAllowedError(_("This cannot be decided about the signal as it stands now."))
    if len(reason.strip()) < rules.SHORTEST_REASON:
        raise NotAllowedError(_("Say why, in a sentence."))
    if not rules.weighed(considered, other):
        raise NotAllowedError(_("Name at least one thing that could help without enforcement."))
    held = _deciding(by)
    decision = Decision.objects.create(
        signal=signal,
        verb=verb,
        before=signal.status,
        reason=reason.strip(),
        considered=list(considered),
        other=other.strip(),
        by=by,
        role=held.role,
        organisation=held.organisation,
    )
    signal.status = after
    signal.save(update_fields=["status"])
    audit.record(by=by, verb="decide-signal", object=key, facts={"verb": verb, "before": decision.before})
    return decision


def _deciding(user: User) -> Membership:
    """The role under which somebody decides."""
    return (
        user.memberships.filter(ended_at=None, role__in=permissions.DECIDERS)
        .select_related("organisation")
        .earliest("since")
    )
