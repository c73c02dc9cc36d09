"""Reports that tell of the same thing: near in words, place and time.

    found = similar(new, open_notes)  # the best first
    found[0].key, found[0].score, found[0].text
    groups(open_notes)  # for a queue: what belongs together

Only a suggestion to a person: nothing is joined here. Rules, figures and limits: docs/analysts/duplicates.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import count
from typing import Any, Final, TypeAlias

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

from mahalleh.errors import EventsError, InputError
from mahalleh.events import CELL_RESOLUTION
from mahalleh.listen._texts import Texts

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

# All were chosen on 44 labelled pairs and measured on 48 others; what each moves stands in
# docs/analysts/duplicates.md, held by tests/listen/test_page.py. Those that move no pair are choices.
THRESHOLD: Final = 0.47  # the middle between same and other on the labelled pairs that it was chosen on
STEPS: Final = (1.0, 0.9, 0.7, 0.5)  # by cells apart; a step is about 350 m, and farther is another place
SAME_AREA: Final = 0.8  # where a cell is not known but the neighbourhood is
NO_PLACE: Final = 0.6  # where nothing is known about the place of one of the two
DAYS: Final = 120  # apart; beyond, it is told anew
LAST_DAY: Final = 0.5  # what two notes so many days apart still share
OTHER_TOPIC: Final = 0.8  # one thing can be told under two topics
OTHER_NAMES: Final = 0.5  # the texts name different streets, lanes, numbers ...


@dataclass(frozen=True, slots=True)
class Note:
    """A report as it is compared.

    Attributes
    ----------
    key : str
        Tells it from others.
    text : str
        Its words.
    cell : int or None
        H3 index at resolution 9, where known.
    area : str or None
        The neighbourhood, where known.
    topic : str
        What it is about.
    day : datetime.date
        When it was told.
    """

    key: str
    text: str
    cell: int | None
    area: str | None
    topic: str
    day: date


@dataclass(frozen=True, slots=True)
class Match:
    """How much a note is like the one that was asked about.

    Attributes
    ----------
    key : str
        Of the note.
    score : float
        text * place * time * topic, 0 to 1.
    text : float
        Likeness of the words, 0 to 1, halved where `other_names`.
    place : float
        By the cells apart, 0 to 1.
    time : float
        By the days apart, 0 to 1.
    topic : float
        1 for the same one.
    steps : int or None
        Cells apart; None where a cell is not known or they are farther apart than `STEPS` reaches.
    days : int
        Days apart.
    other_names : bool
        Whether both name a street, lane, number, park ... and not the same.
    """

    key: str
    score: float
    text: float
    place: float
    time: float
    topic: float
    steps: int | None
    days: int
    other_names: bool


def compare(one: Note, other: Note) -> Match:
    """Compare two notes; the same whichever is asked about.

    Parameters
    ----------
    one, other : Note
        Two reports.

    Returns
    -------
    Match
        Under the key of `other`.

    Raises
    ------
    EventsError
        `events.bad-cell`, a cell of another resolution than 9.

    Examples
    --------
    >>> lane = Note("r1", "چراغ کوچه ۱۲ سوخته", None, "a", "street-lighting", date(2026, 11, 1))
    >>> same = Note("r2", "چراغ كوچه‌ی ١٢ سوخته است", None, "a", "street-lighting", date(2026, 11, 3))
    >>> compare(lane, same).score > THRESHOLD
    True
    """
    return _Notes([one, other]).matches(0, np.array([1]), 0.0)[0]


def similar(
    new: Note, among: Iterable[Note], *, at_least: float = THRESHOLD, most: int | None = None
) -> list[Match]:
    """Find the notes that may tell of the same thing as `new`.

    Parameters
    ----------
    new : Note
        The report that is asked about.
    among : iterable of Note
        Others; one with the key of `new` is `new` itself and left out.
    at_least : float
        Score from which one is told, 0 to 1.
    most : int, optional
        How many are told.

    Returns
    -------
    list of Match
        The likest first; equal scores in the order of days apart, then of keys.

    Raises
    ------
    EventsError
        `events.bad-cell`, a cell of another resolution than 9.
    InputError
        `watch.bad-setting`, `at_least` outside 0...1.
    """
    _check(at_least)
    notes = [new, *(note for note in among if note.key != new.key)]
    near = _Notes(notes).candidates(0, at_least)
    ready = _Notes([new, *(notes[j] for j in near.tolist())])  # only their words are worth reading
    found = ready.matches(0, np.arange(1, len(near) + 1), at_least)
    return sorted(found, key=lambda match: (-match.score, match.days, match.key))[:most]


def groups(notes: Iterable[Note], *, at_least: float = THRESHOLD) -> list[tuple[str, ...]]:
    """Group notes that hang together: each is like at least one other of its group.

    A chain of likenesses holds a group together, so its ends may be less like each other than `at_least`.

    Parameters
    ----------
    notes : iterable of Note
        Reports; of those with one key the last counts.
    at_least : float
        Score from which two are like each other, 0 to 1.

    Returns
    -------
    list of tuple of str
        Keys: groups of two and more, the largest first; in a group the oldest note first.

    Raises
    ------
    EventsError
        `events.bad-cell`, a cell of another resolution than 9.
    InputError
        `watch.bad-setting`, `at_least` outside 0...1.
    """
    _check(at_least)
    order = sorted({note.key: note for note in notes}.values(), key=lambda note: (note.day, note.key))
    ready = _Notes(order)
    place = {note.key: i for i, note in enumerate(order)}
    group = np.arange(len(order))
    for i in range(len(order)):
        near = ready.candidates(i, at_least)
        near = near[(near > i) & (group[near] != group[i])]  # who hangs together already needs no comparing
        for match in ready.matches(i, near, at_least):
            group[group == group[place[match.key]]] = group[i]
    together: dict[int, list[str]] = defaultdict(list)
    for note, number in zip(order, group.tolist(), strict=True):
        together[number].append(note.key)
    return sorted((tuple(keys) for keys in together.values() if len(keys) > 1), key=len, reverse=True)


class _Notes:
    """Notes made ready to be compared with each other."""

    def __init__(self, notes: Sequence[Note]) -> None:
        cells = [0 if note.cell is None else int(note.cell) for note in notes]
        wrong = sum(note.cell is not None and not _is_cell(int(note.cell)) for note in notes)
        if wrong:
            raise EventsError("events.bad-cell", count=wrong, allowed=CELL_RESOLUTION)
        self.notes = notes
        self.cells = cells
        self._at: dict[int, int] = {}
        self._cell = _numbers(cells, self._at)
        self._area = _numbers([note.area for note in notes], {None: -1})
        self._topic = _numbers([note.topic for note in notes], {})
        self._day: Ints = np.array([note.day.toordinal() for note in notes], dtype=np.int64)

    @cached_property
    def texts(self) -> Texts:
        """The notes' texts, read when they are first needed."""
        return Texts([note.text for note in self.notes])

    def steps(self, i: int) -> Ints:
        """(n,) cells between note i and each: -1 where a cell is not known, len(STEPS) beyond reach."""
        if not self.cells[i]:
            return np.full(len(self.notes), -1)
        by_cell = np.full(len(self._at), len(STEPS))
        for k in range(len(STEPS) - 1, -1, -1):  # disks, not rings: these also hold round a pentagon
            near = [self._at[cell] for cell in h3.grid_disk(self.cells[i], k) if cell in self._at]
            by_cell[near] = k
        if 0 in self._at:
            by_cell[self._at[0]] = -1
        return np.asarray(by_cell[self._cell])

    def parts(self, i: int) -> tuple[Floats, Floats, Floats]:
        """(n,) each: place, time and topic of every note against note i."""
        area = self._area
        unknown = (area < 0) | (area[i] < 0)
        loose = np.where(unknown, NO_PLACE, np.where(area == area[i], SAME_AREA, 0.0))
        steps = self.steps(i)
        place = np.where(steps < 0, loose, np.array([*STEPS, 0.0])[steps])
        days = np.abs(self._day - self._day[i])
        time = np.where(days <= DAYS, 1 - (1 - LAST_DAY) * days / DAYS, 0.0)
        return place, time, np.where(self._topic == self._topic[i], 1.0, OTHER_TOPIC)

    def candidates(self, i: int, at_least: float) -> Ints:
        """Places of the notes that would reach `at_least` with the same text, without note i."""
        place, time, topic = self.parts(i)
        found: Ints = np.flatnonzero(place * time * topic >= at_least)
        return np.asarray(found[found != i])

    def matches(self, i: int, others: Ints, at_least: float) -> list[Match]:
        """The likeness of those of `others`, (k,) places, to note i that reach `at_least`."""
        place, time, topic = (part[others] for part in self.parts(i))
        steps = self.steps(i)[others]
        days = np.abs(self._day[others] - self._day[i])
        text = self.texts.likeness(i, others)
        found = []
        for at in np.flatnonzero(text * place * time * topic >= at_least).tolist():
            j = int(others[at])
            other_names = self.texts.other_names(i, j)
            words = float(text[at]) * (OTHER_NAMES if other_names else 1.0)
            score = words * float(place[at]) * float(time[at]) * float(topic[at])
            if score >= at_least:
                found.append(
                    Match(
                        key=self.notes[j].key,
                        score=score,
                        text=words,
                        place=float(place[at]),
                        time=float(time[at]),
                        topic=float(topic[at]),
                        steps=int(steps[at]) if 0 <= steps[at] < len(STEPS) else None,
                        days=int(days[at]),
                        other_names=other_names,
                    )
                )
        return found


def _numbers(values: Sequence[Hashable], known: dict[Any, int]) -> Ints:
    """(n,) a number for each different value, from 0; `known` takes them and may begin with some."""
    following = count(max(known.values(), default=-1) + 1)
    for value in values:
        if value not in known:
            known[value] = next(following)
    return np.array([known[value] for value in values], dtype=np.int64)


def _is_cell(cell: int) -> bool:
    fits = 0 < cell < 2**64  # h3 takes no other number
    return fits and h3.is_valid_cell(cell) and h3.get_resolution(cell) == CELL_RESOLUTION


def _check(at_least: float) -> None:
    if not 0 <= at_least <= 1:
        raise InputError("watch.bad-setting", key="at_least", given=at_least, low=0, high=1)
