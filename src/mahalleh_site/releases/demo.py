"""The sample city: its events, and a first release."""

from __future__ import annotations

import hashlib

from django.conf import settings

from mahalleh.events import EventStore
from mahalleh_site.house.manifest import Sample, Step
from mahalleh_site.places import files
from mahalleh_site.places.actions import import_topics
from mahalleh_site.releases import actions, tasks, turn


def load(sample: Sample, step: Step) -> None:
    """Its events."""
    city = sample.shared["city"]
    about = f"sample {sample.seed} {sample.areas} {sample.weeks} {sample.end}"
    digest = hashlib.sha256(about.encode()).hexdigest()
    store = EventStore(files.events_path(settings.VAR))
    store.append([city.events], digest=digest, name="sample city")
    rows = len(city.events)
    import_topics(city.topics, by=sample.by)
    actions.record_load(
        by=sample.by,
        name="sample city",
        format="simulated",
        digest=digest,
        read=rows,
        kept=rows,
        refused={},
        first=city.events["time"].min().date(),
        last=city.events["time"].max().date(),
    )


def publish(sample: Sample, step: Step) -> None:
    """Its first release."""
    turn.publish(by=sample.by)


def draw(sample: Sample, step: Step) -> None:
    """The charts of it."""
    tasks.draw_charts()
