"""Topics: what an event is about, and how carefully it must be treated."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from mahalleh.errors import Faults, SourceError

KINDS: Final = ("need", "activity")
SENSITIVITIES: Final = ("open", "careful", "sealed")
DIRECTIONS: Final = ("less", "more", "none")
KEYS: Final = frozenset(
    {"id", "names", "group", "direction", "sensitivity", "kind", "categories", "examples"}
)


@dataclass(frozen=True, slots=True)
class Topic:
    """What an event is about, and how carefully it is treated.

    Attributes
    ----------
    id : str
        Small letters, digits and hyphens.
    names : mapping of str to str
        Its name by language.
    group : str
        The heading under which pages list it.
    direction : str
        Whether `less` or `more` of it is better, or `none`.
    sensitivity : str
        `open` (published by area and week), `careful` (by district and month) or `sealed` (never).
    kind : str
        What its events are unless a reader knows better: `need` or `activity`.
    categories : tuple of str
        The outside words that a reader turns into this topic, compared without case.
    examples : mapping of str to str
        What residents mean by it, in plain words, by language.
    """

    id: str
    names: Mapping[str, str]
    group: str = "other"
    direction: str = "less"
    sensitivity: str = "careful"
    kind: str = "need"
    categories: tuple[str, ...] = ()
    examples: Mapping[str, str] = field(default_factory=dict)


def read_topics(path: Path) -> tuple[Topic, ...]:
    """Read the topics of a TOML file: its `[[topic]]` tables.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    tuple of Topic
        In the file's order.

    Raises
    ------
    SourceError
        With every fault of the file.
    """
    try:
        document = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError("topics.unreadable", path=path, reason=error) from error
    return parse_topics(document.get("topic", []), file=str(path))


def parse_topics(tables: Any, *, file: str) -> tuple[Topic, ...]:
    """Make topics of parsed `[[topic]]` tables.

    Parameters
    ----------
    tables : list of dict
        As a TOML parser gives them.
    file : str
        Where they stand, for the faults.

    Returns
    -------
    tuple of Topic
        In the tables' order.

    Raises
    ------
    SourceError
        With every fault of the tables.

    Examples
    --------
    >>> (topic,) = parse_topics([{"id": "noise", "categories": ["Loud Music"]}], file="topics.toml")
    >>> topic.categories, topic.sensitivity
    (('loud music',), 'careful')
    """
    faults = Faults(SourceError)
    topics: list[Topic] = []
    if not isinstance(tables, list) or not tables:
        raise SourceError("topics.none", path=file)
    seen_words: dict[str, str] = {}
    for number, table in enumerate(tables, start=1):
        topic_id = str(table.get("id", ""))
        if not topic_id or not topic_id.replace("-", "").isalnum() or topic_id != topic_id.lower():
            faults.add("topics.bad-id", file=file, number=number, given=topic_id)
        if any(topic.id == topic_id for topic in topics):
            faults.add("topics.duplicate-id", file=file, given=topic_id)
        if unknown := set(table) - KEYS:
            faults.add("topics.unknown-key", file=file, topic=topic_id, given=sorted(unknown))
        for key, allowed in (("sensitivity", SENSITIVITIES), ("kind", KINDS), ("direction", DIRECTIONS)):
            if key in table and table[key] not in allowed:
                faults.add(
                    "topics.bad-value", file=file, topic=topic_id, key=key, given=table[key], allowed=allowed
                )
        words = tuple(str(word).strip().casefold() for word in table.get("categories", ()))
        for word in words:
            if seen_words.setdefault(word, topic_id) != topic_id:
                faults.add("topics.word-twice", file=file, word=word, topics=[seen_words[word], topic_id])
        names = table.get("names", {})
        topics.append(
            Topic(
                id=topic_id,
                names={str(k): str(v) for k, v in names.items()}
                if names
                else {"en": topic_id, "fa": topic_id},
                group=str(table.get("group", "other")),
                direction=str(table.get("direction", "less")),
                sensitivity=str(table.get("sensitivity", "careful")),
                kind=str(table.get("kind", "need")),
                categories=words,
                examples={str(k): str(v) for k, v in table.get("examples", {}).items()},
            )
        )
    faults.raise_if_any()
    return tuple(topics)
