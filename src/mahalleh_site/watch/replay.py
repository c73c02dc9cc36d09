"""A signal computed again, from what was logged when it was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings

from mahalleh.events import EventStore
from mahalleh_site.places import files
from mahalleh_site.watch import loads, looking
from mahalleh_site.watch.models import Sighting, Signal
from mahalleh_site.watch.scheme import Scheme, model_version

FIGURES: Final = ("observed", "expected", "ratio", "p_value", "recurrence")


@dataclass(frozen=True, slots=True)
class Replayed:
    """A sighting and what it comes to now. `model`, `data`: (as stored, now).

    `now`: the figures of the same areas and days; empty where they are no cluster any more.
    """

    signal_id: str
    stored: dict[str, Any]
    now: dict[str, Any]
    model: tuple[str, str]
    data: tuple[str, str]

    @property
    def same(self) -> bool:
        """Whether every figure is the same to the digit."""
        return self.stored == self.now

    @property
    def because(self) -> str:
        """Why it is not: other-data, other-model or, which must not be, other-numbers."""
        if self.data[0] != self.data[1]:
            return "other-data"
        return "other-model" if self.model[0] != self.model[1] else "other-numbers"


def replay(signal_id: str) -> Replayed:
    """Compute a signal's newest sighting again, with its run's scheme, seed, loads and day of knowledge.

    Raises:
        Signal.DoesNotExist: where there is none.
    """
    signal = Signal.objects.get(id=signal_id)
    sighting = signal.sightings.select_related("run")[0]  # a look that sees nothing opens no signal
    run = sighting.run
    store = EventStore(files.events_path(settings.VAR))
    seen = [loads.Seen.from_json(one) for one in run.loads]
    events = loads.events(store, seen) if seen else store.scan()
    looked = looking.look(
        events,
        files.city_places(settings.VAR),
        sorted(run.topics),  # all of them: topics of one length of past are counted together
        period=(run.start, run.end),
        as_of=run.as_of,
        scheme=Scheme.from_json(run.parameters),
        only=signal.topic_id,
    )
    watched = looked.topics[signal.topic_id]
    return Replayed(
        signal_id=signal_id,
        stored=_stored(sighting),
        now=_now(watched, sighting),
        model=(run.model_version, model_version()),
        data=(run.topics[signal.topic_id]["digest"], watched.digest),
    )


def _stored(sighting: Sighting) -> dict[str, Any]:
    facts = {"areas": sorted(sighting.areas), "start": sighting.start.isoformat()}
    return facts | {name: getattr(sighting, name) for name in FIGURES}


def _now(watched: looking.Watched, sighting: Sighting) -> dict[str, Any]:
    """The figures of the cluster with the sighting's areas; those of the strongest where it is none now."""
    if watched.result is None or not watched.result.clusters:
        return {}
    clusters = watched.result.clusters
    same = [cluster for cluster in clusters if set(cluster.areas) == set(sighting.areas)]
    cluster = (same or list(clusters))[0]
    facts = {"areas": sorted(cluster.areas), "start": str(watched.periods[cluster.start])}
    return facts | {name: float(getattr(cluster, name)) for name in FIGURES}
