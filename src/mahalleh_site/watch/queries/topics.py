"""How each topic was looked at: fitted whole, from a short history, or not at all."""

from __future__ import annotations

from dataclasses import dataclass

from mahalleh_site.places.models import Topic
from mahalleh_site.watch.models import Run

REGRESSION, SHORT = "regression", "short-history"


@dataclass(frozen=True, slots=True)
class TopicsLooked:
    """Topics by how the newest look was made: `short` knew too little for a season, `left` for anything."""

    whole: tuple[Topic, ...]
    short: tuple[Topic, ...]
    left: tuple[Topic, ...]


def topics_looked(run: Run) -> TopicsLooked:
    """The topics of a look."""
    known = Topic.objects.in_bulk(list(run.topics))
    found: dict[str, list[Topic]] = {REGRESSION: [], SHORT: [], "": []}
    for pk, looked in sorted(run.topics.items()):
        how = looked["how"]
        if pk in known:
            found[how if how in found else ""].append(known[pk])
    return TopicsLooked(tuple(found[REGRESSION]), tuple(found[SHORT]), tuple(found[""]))
