"""The topics that may be published, and the page of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mahalleh.disclose import NOTHING, Amount, Change, Series, Window
from mahalleh_site.places.models import District, Topic
from mahalleh_site.publish.queries.city import CityMap, city_map
from mahalleh_site.releases.queries.numbers import topic_numbers
from mahalleh_site.releases.queries.tables import current_table


@dataclass(frozen=True, slots=True)
class TopicPage:
    """A topic in the whole city: its total, its curve, and its map where it is open."""

    topic: Topic
    now: Amount
    before: Amount
    change: Change
    span: Window | None
    curve: Series | None
    map: CityMap | None
    districts: tuple[tuple[object, Amount, Amount, Change], ...]


def topic_page(topic_id: str, *, show: str = "", sort: str = "") -> TopicPage:
    """The page of a topic that may be published.

    Raises:
        Topic.DoesNotExist: where there is none, or where it is sealed, which looks the same.
    """
    topic = Topic.objects.exclude(sensitivity=Topic.Sensitivity.SEALED).get(pk=topic_id)
    current = current_table()
    if current is None:
        return TopicPage(topic, NOTHING, NOTHING, Change("unknown"), None, None, None, ())
    is_open = topic.sensitivity == Topic.Sensitivity.OPEN
    told = topic_numbers(current, topic)
    districts = () if is_open else tuple(District.objects.all())
    return TopicPage(
        topic,
        *told.whole.of(told.level, direction=topic.direction),
        told.span,
        told.curve,
        city_map(only=topic, show=show, sort=sort) if is_open else None,
        tuple((each, *told.places.of(each.pk, direction=topic.direction)) for each in districts),
    )


@dataclass(frozen=True, slots=True)
class TopicGroup:
    """Topics under one heading."""

    group: str
    topics: tuple[Topic, ...]


def topics_by_group() -> tuple[tuple[TopicGroup, ...], tuple[TopicGroup, ...]]:
    """Topics that may be published: what residents tell, and what police and partners did."""
    topics = list(Topic.objects.exclude(sensitivity=Topic.Sensitivity.SEALED))
    return _grouped(topics, Topic.Kind.NEED), _grouped(topics, Topic.Kind.ACTIVITY)


def _grouped(topics: Iterable[Topic], kind: str) -> tuple[TopicGroup, ...]:
    groups: dict[str, list[Topic]] = {}
    for topic in topics:
        if topic.kind == kind:
            groups.setdefault(topic.group, []).append(topic)
    return tuple(TopicGroup(name, tuple(found)) for name, found in sorted(groups.items()))
