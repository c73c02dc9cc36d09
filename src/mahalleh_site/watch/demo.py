"""The sample city's watch: its newest weeks at once, the past by the worker, and some decisions."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.db import transaction

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


def watch_demo(*, by: Any, weeks: int, today: date | None = None) -> None:
    """Watch the newest weeks, leave the rest of `weeks` to the worker, and decide on older signals."""
    running.watch(by=by, periods=AT_ONCE, today=today)
    decide_some()
    if weeks - LEAST > AT_ONCE:
        tasks.watch_sample.enqueue(periods=weeks - LEAST)


@transaction.atomic
def decide_some() -> None:
    """The invented coordinator's decisions on the oldest signals, as far as there are any besides the newest.

    So the public pages have something to tell, and something waits for whoever tries the page.
    """
    coordinator = User.objects.filter(is_demo=True, memberships__role="coordinator").first()
    done = Decision.objects.count()
    signals = list(Signal.objects.filter(decisions=None).order_by("opened_on", "key"))
    if coordinator is None:
        return
    for signal, (verb, reason, considered) in zip(signals[:-1], DECISIONS[done:], strict=False):
        actions.decide(by=coordinator, key=signal.key, verb=verb, reason=reason, considered=considered)
