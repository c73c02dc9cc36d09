"""The watch's only writers: what a look found, what people decided, what ran out, and the method register.

Each is atomic and leaves an audit row. None sends anyone anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mahalleh.errors import MahallehError
from mahalleh_site.people import audit
from mahalleh_site.people.audit import By
from mahalleh_site.people.models import Membership, User
from mahalleh_site.people.permissions import NotAllowedError
from mahalleh_site.watch import permissions, rules
from mahalleh_site.watch.models import Decision, Method, Run, Sighting, Signal
from mahalleh_site.watch.register import is_complete, is_in_use


class NotInUseError(MahallehError):
    """A method that the public register doesn't allow to work."""

    exit_code = 4


@dataclass(frozen=True, slots=True)
class Seen:
    """A signal as one look saw it; `areas`: the centre first; `sources`: as pages.SourceShare."""

    id: str
    topic: str
    areas: tuple[str, ...]
    start: date
    end: date
    observed: float
    expected: float
    ratio: float
    p_value: float
    recurrence: float
    seed: int
    burst: bool = False
    sources: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a look knows of a signal's areas, whether it saw the rise or not."""

    signal_id: str
    curve: list[dict[str, Any]]
    nearby: list[dict[str, Any]]
    lead: int | None


@transaction.atomic
def record_look(
    *,
    by: By,
    facts: Mapping[str, Any],
    seen: Sequence[Seen],
    evidence: Sequence[Evidence] = (),
    today: date,
) -> Run:
    """Record a look: the run with `facts` (its fields), its sightings, the signals that it opened.

    A signal keeps its state whatever is seen of it. One whose time to be decided lay in the past is expired
    from the start, since nobody was asked.

    Raises:
        NotInUseError: where the register doesn't allow the method to work.
    """
    method = check_in_use(str(facts["method_id"]))
    known = set(Signal.objects.filter(id__in=[one.id for one in seen]).values_list("id", flat=True))
    new = [one.id for one in seen if one.id not in known]
    run = Run.objects.create(**facts, opened=len(new), seen=len(seen), finished_at=timezone.now())
    for one in seen:
        if one.id in known:
            _see_again(one, run, today=today)
        else:
            _open(one, run, today=today)
        Sighting.objects.create(
            signal_id=one.id,
            run=run,
            start=one.start,
            end=one.end,
            areas=list(one.areas),
            seed=one.seed,
            burst=one.burst,
            sources=one.sources,
            **_figures(one),
        )
    for each in evidence:
        Signal.objects.filter(id=each.signal_id).update(curve=each.curve, nearby=each.nearby)
        Signal.objects.filter(id=each.signal_id, lead=None).update(lead=each.lead)
    audit.record(
        by=by,
        verb="watch-run",
        object=str(run),
        facts={"opened": run.opened, "seen": run.seen, "data": run.data_version[:12], "method": str(method)},
    )
    for signal_id in new:
        audit.record(by=by, verb="open-signal", object=signal_id)
    return run


@transaction.atomic
def join_signals(*, by: By, earlier: str, later: str) -> None:
    """Make one signal of two that are one rise: a look back over the past found how the later one began.

    The later one stays, with its decisions. Nothing happens where people decided about the earlier one.
    """
    first, second = Signal.objects.get(id=earlier), Signal.objects.get(id=later)
    if first.decisions.exists():
        return
    first.sightings.update(signal=second)
    second.first_start = min(first.first_start, second.first_start)
    second.opened_on = min(first.opened_on, second.opened_on)
    second.lead = None  # counted from another first sighting: the next look does it anew
    second.save(update_fields=["first_start", "opened_on", "lead"])
    first.areas.clear()
    first.delete()
    audit.record(by=by, verb="join-signals", object=later, facts={"earlier": earlier})


@transaction.atomic
def expire(*, by: By, today: date) -> list[str]:
    """Let open signals whose time has passed run out; their ids. The one thing that happens by itself."""
    due = Signal.objects.select_for_update().filter(status=Signal.Status.OPEN, expires_on__lte=today)
    ids = sorted(signal.id for signal in due if rules.is_expired(signal.status, signal.expires_on, today))
    Signal.objects.filter(id__in=ids).update(status=Signal.Status.EXPIRED)
    for signal_id in ids:
        audit.record(by=by, verb="expire-signal", object=signal_id)
    return ids


@transaction.atomic
def register_method(*, by: By, id: str, entry: Mapping[str, Any]) -> Method:
    """Write a method's entry of the public register; a new one that is complete is switched on.

    `entry`: the model's fields. One that stands already is brought up to date, on or off as it was.
    """
    method = Method.objects.filter(pk=id).first()
    if method is not None and all(getattr(method, name) == value for name, value in entry.items()):
        return method
    is_new = method is None
    method = method or Method(pk=id)
    for name, value in entry.items():
        setattr(method, name, value)
    if is_new:
        method.switched_on = is_complete(method)
    method.save()
    facts = {"version": method.version, "expires": str(method.expires_on), "on": method.switched_on}
    audit.record(by=by, verb="register-method", object=id, facts=facts)
    return method


@transaction.atomic
def switch_method(*, by: By, id: str, on: bool) -> Method:
    """Switch a method on or off.

    Raises:
        NotInUseError: switched on while its entry is missing, not complete, or has run out.
    """
    method = Method.objects.select_for_update().filter(pk=id).first()
    if method is None:
        raise NotInUseError("watching.absent")
    before, method.switched_on = method.switched_on, on
    if on and not is_in_use(method):
        raise NotInUseError(f"watching.{_lacks(method)}")
    if before != on:
        method.save(update_fields=["switched_on"])
        audit.record(by=by, verb="switch-method", object=id, facts={"on": on})
    return method


def check_in_use(id: str) -> Method:
    """The method, where the register allows it to work.

    Raises:
        NotInUseError: with what its entry lacks.
    """
    method = Method.objects.filter(pk=id).first()
    if method is None or not is_in_use(method):
        raise NotInUseError(f"watching.{_lacks(method)}")
    return method


@transaction.atomic
def decide(
    *, by: User, id: str, verb: str, reason: str, considered: Sequence[str] = (), other: str = ""
) -> Decision:
    """Record what a coordinator decided about a signal.

    Raises:
        Refused: where the account may not decide.
        NotAllowedError: no reason, nothing considered besides enforcement, or a step the state doesn't allow.
        Signal.DoesNotExist: where there is none.
    """
    permissions.check_decide_signals(by)
    signal = Signal.objects.select_for_update().get(id=id)
    before = signal.status  # as everyone saw it: what has run out has, even before the loop wrote so
    if rules.is_expired(before, signal.expires_on, timezone.localdate()):
        before = Signal.Status.EXPIRED
    after = rules.after(before, verb)
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
        before=before,
        reason=reason.strip(),
        considered=list(considered),
        other=other.strip(),
        by=by,
        role=held.role,
        organisation=held.organisation,
    )
    signal.status = after
    signal.save(update_fields=["status"])
    audit.record(by=by, verb="decide-signal", object=id, facts={"verb": verb, "before": decision.before})
    return decision


def _deciding(user: User) -> Membership:
    """The role under which somebody decides."""
    return (
        user.memberships.filter(ended_at=None, role__in=permissions.DECIDERS)
        .select_related("organisation")
        .earliest("since")
    )


def _open(one: Seen, run: Run, *, today: date) -> None:
    """A new signal; whoever is asked has as long to decide as the rules say."""
    asked = _asked(run, today=today)
    signal = Signal.objects.create(
        id=one.id,
        topic_id=one.topic,
        status=Signal.Status.OPEN if asked["live"] else Signal.Status.EXPIRED,
        freq=run.freq,
        first_start=one.start,
        **asked,
        **_newest(one),
    )
    signal.areas.set(one.areas)  # type: ignore[arg-type]  # the stubs take whole numbers for ids


def _see_again(one: Seen, run: Run, *, today: date) -> None:
    """A further sighting; figures are those of the newest, whichever order looks were made in.

    A rise of which nobody could be asked when it was found, since that lay in the past, is asked about once
    it is seen late enough: nobody let it run out.
    """
    signal = Signal.objects.get(id=one.id)
    if signal.sightings.filter(run__start__gt=run.start).exists():
        return
    changes = _newest(one)
    asked = _asked(run, today=today)
    if asked["live"] and not signal.live and signal.status == Signal.Status.EXPIRED:
        changes |= asked | {"status": Signal.Status.OPEN}
    Signal.objects.filter(id=one.id).update(**changes)
    signal.areas.set(one.areas)  # type: ignore[arg-type]  # the stubs take whole numbers for ids


def _asked(run: Run, *, today: date) -> dict[str, Any]:
    """From when to when people are asked about what a look found; `live`: whether that is still to come."""
    opened = max(run.as_of, today) if run.live else run.as_of
    due = rules.expires_on(opened)
    return {"opened_on": opened, "expires_on": due, "live": due > today}


def _newest(one: Seen) -> dict[str, Any]:
    return {
        "start": one.start,
        "end": one.end,
        "areas_order": list(one.areas),
        "burst": one.burst,
        "sources": one.sources,
        **_figures(one),
    }


def _figures(one: Seen) -> dict[str, float]:
    return {name: getattr(one, name) for name in ("observed", "expected", "ratio", "p_value", "recurrence")}


def _lacks(method: Method | None) -> str:
    if method is None:
        return "absent"
    if not is_complete(method):
        return "incomplete"
    return "off" if not method.switched_on else "expired"
