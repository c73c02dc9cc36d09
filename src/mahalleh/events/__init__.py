"""Events: one schema for everything that is counted, and the store that keeps them.

An event is one counted happening: when, where (an area and, at the finest, an H3 cell of resolution 9), about
which topic, from which source, whether residents needed something or somebody went looking, and how many.
There is no column for a person, an address, a text or a coordinate, and none can be added: the door refuses.
"""

from mahalleh.events.batches import Agree, Batch, Incoming, Taken
from mahalleh.events.schema import CELL_RESOLUTION, RESOLUTIONS, SCHEMA, check_events
from mahalleh.events.store import EventStore, SameDays

__all__ = [
    "CELL_RESOLUTION",
    "RESOLUTIONS",
    "SCHEMA",
    "Agree",
    "Batch",
    "EventStore",
    "Incoming",
    "SameDays",
    "Taken",
    "check_events",
]
