"""The sample city's watch: its newest weeks at once, the past by the worker, and some decisions."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django_tasks import task

from mahalleh_site.house.manifest import Sample, Step
from mahalleh_site.people.models import User
from mahalleh_site.watch import actions, running, tasks
from mahalleh_site.watch.models import Decision, Signal

AT_ONCE: Final = 12  # weeks that are looked at while the city is founded
LEAST: Final = 52  # weeks of past that the oldest look has behind it
# what the invented coordinator decided, in the city's language: (verb, reason, considered)
DECISIONS: Final = (
    (
        "watch",
        "با چند نفر از ساکنان حرف زدیم؛ خودشان هم افزایش را دیده‌اند. دو هفتهٔ دیگر دوباره نگاه می‌کنیم.",
        ["talk", "design"],
    ),
    (
        "dismiss",
        "در آن هفته‌ها خط تلفن تازه‌ای برای گزارش باز شد؛ افزایش از همان است، نه از خود موضوع.",
        ["talk"],
    ),
)


def furnish(sample: Sample, step: Step) -> None:
    """Watch the newest weeks, leave the rest of the past to the worker, and decide on older signals."""
    running.watch(by=sample.by, periods=AT_ONCE)
    decide_some()
    weeks = sample.weeks if sample.past else 0
    if weeks - LEAST > AT_ONCE:
        watch_past.enqueue(periods=weeks - LEAST)


@task()
def watch_past(periods: int) -> int:
    """The sample city's past, and what its invented coordinator decided then."""
    runs = running.watch(by="system:demo", periods=periods)
    decide_some()
    if runs:
        tasks.draw_charts()
    return len(runs)


@transaction.atomic
def decide_some() -> None:
    """The invented coordinator's decisions on the oldest signals, as far as there are any besides the newest.

    So the public pages have something to tell, and something waits for whoever tries the page.
    """
    coordinator = User.objects.filter(is_demo=True, memberships__role="coordinator").first()
    done = Decision.objects.count()
    signals = list(Signal.objects.filter(decisions=None).order_by("opened_on", "id"))
    if coordinator is None:
        return
    for signal, (verb, reason, considered) in zip(signals[:-1], DECISIONS[done:], strict=False):
        actions.decide(by=coordinator, id=signal.id, verb=verb, reason=reason, considered=considered)
