"""What events are about: the city's topics, brought up to date. An action: atomic, with audit rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from django.db import transaction

from mahalleh.topics import SENSITIVITIES, read_topics
from mahalleh.topics import Topic as TopicFacts
from mahalleh_site.people import audit
from mahalleh_site.people.audit import By
from mahalleh_site.places.models import Topic

EXAMPLE_LIMIT: Final = 200


@transaction.atomic
def import_topics(topics: Iterable[TopicFacts], *, by: By, own: Path | None = None) -> int:
    """Store topics; a known one is brought up to date. `own`: the operator's topics.toml, which wins.

    A reader never makes a topic less careful than it is: only the operator's own file does.

    Raises:
        SourceError: where the operator's file cannot be read.
    """
    ours = {topic.id: topic for topic in read_topics(own)} if own is not None and own.exists() else {}
    known = {topic.id: topic for topic in Topic.objects.all()}
    given = {topic.id: topic for topic in topics} | ours
    changed = 0
    for key, facts in given.items():
        before = known.get(key)
        if key not in ours and before is not None:
            facts = replace(facts, sensitivity=max(facts.sensitivity, before.sensitivity, key=_care))
        after = _topic(facts)
        if before is None or any(getattr(before, name) != getattr(after, name) for name in _TOPIC_FIELDS):
            after.save(force_insert=before is None, force_update=before is not None)
            audit.record(
                by=by,
                verb="topic.change" if before else "topic.add",
                object=key,
                facts={"sensitivity": after.sensitivity, "kind": after.kind},
            )
            changed += 1
    return changed


_TOPIC_FIELDS: Final = (
    "name_fa", "name_en", "group", "sensitivity", "kind", "direction", "example_fa", "example_en",
)  # fmt: skip


def _topic(facts: TopicFacts) -> Topic:
    english = facts.names.get("en") or facts.names.get("fa") or facts.id
    return Topic(
        id=facts.id,
        name_en=english,
        name_fa=facts.names.get("fa") or english,
        group=facts.group,
        sensitivity=facts.sensitivity,
        kind=facts.kind,
        direction=facts.direction,
        example_en=facts.examples.get("en", "")[:EXAMPLE_LIMIT],
        example_fa=facts.examples.get("fa", "")[:EXAMPLE_LIMIT],
    )


def _care(sensitivity: str) -> int:
    return SENSITIVITIES.index(sensitivity)
