"""Who receives what, and to which keys it is sealed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from mahalleh_site.listen import rules
from mahalleh_site.listen.models import Route
from mahalleh_site.people.keys import holding
from mahalleh_site.people.models import AuditHead, Membership, Organisation, OrganisationKey
from mahalleh_site.places.models import Area, Topic


@dataclass(frozen=True, slots=True)
class Receiving:
    """To whom a report goes. `receivers`: organisations that answer for it, the leading one first.

    `all`: every key it is sealed to; coordinators' organisations too, unless the topic is sealed.
    """

    receivers: tuple[Organisation, ...]
    all: tuple[OrganisationKey, ...]


def purpose(topic: Topic) -> str:
    """Which of an organisation's keys a report about this topic is sealed to."""
    return _purpose(topic.sensitivity)


def _purpose(care: str) -> str:
    return "help" if care == Topic.Sensitivity.SEALED else "reports"


def asks_leave(topic: Topic, organisation: Organisation) -> bool:
    """Whether an organisation may have a report about this topic with the resident's leave alone."""
    is_police = organisation.kind == Organisation.Kind.POLICE
    return bool(is_police and topic.sensitivity != Topic.Sensitivity.OPEN)


def ways() -> list[rules.Way]:
    """All routes as the rules see them."""
    return [
        rules.Way(
            organisation=route.organisation_id,
            kind=route.organisation.kind,
            topic=route.topic_id,
            district=route.district_id,
            area=route.area_id,
        )
        for route in Route.objects.select_related("organisation")
    ]


def keys_for(topic: Topic, area: Area, *, police: bool, care: str = "") -> Receiving:
    """To whom a report about a topic at a place goes, as far as their members have a key.

    `care`: how carefully it is handled, where that is not the topic's own.

    Whatever this depends on (routes, roles, keys, the map) is changed by actions that the audit log writes
    down, so what was found holds until the log's head is another one.
    """
    head = AuditHead.objects.values_list("number", "hash").first()
    return _receiving(head, topic.pk, care or topic.sensitivity, area.pk, area.district_id, police)


@lru_cache(maxsize=1024)
def _receiving(
    head: tuple[int, str] | None, topic: str, care: str, area: str, district: str | None, police: bool
) -> Receiving:
    wanted = rules.receivers(ways(), topic=topic, area=area, district=district, care=care, police=police)
    coordinating: list[int] = []
    if care != Topic.Sensitivity.SEALED:
        coordinating = coordinators(police=police or care == Topic.Sensitivity.OPEN)
    current = holding.current({*wanted, *coordinating}, _purpose(care))
    found = {key.organisation_id: key for key in current}
    receivers = tuple(key for organisation in wanted if (key := found.get(organisation)) is not None)
    return Receiving(tuple(key.organisation for key in receivers), tuple(current) if receivers else ())


def named(topic: Topic, area: Area) -> list[str]:
    """The names of those who will answer, in the page's language."""
    return [each.name for each in keys_for(topic, area, police=False).receivers]


def coordinators(*, police: bool) -> list[int]:
    """The organisations in which somebody coordinates. `police`: those of the police too."""
    held = Membership.objects.filter(role="coordinator", ended_at=None, user__is_active=True)
    if not police:
        held = held.exclude(organisation__kind=Organisation.Kind.POLICE)
    return list(held.values_list("organisation_id", flat=True).distinct())


def offered() -> list[Topic]:
    """Topics about which somebody may report, since somewhere in the city an organisation receives them."""
    topics = list(Topic.objects.filter(kind=Topic.Kind.NEED))
    known = ways()
    able = {
        each: set(
            OrganisationKey.objects.filter(purpose=each, retired_on=None).values_list(
                "organisation_id", flat=True
            )
        )
        for each in holding.PURPOSES
    }
    found = []
    for topic in topics:
        wanted = purpose(topic)
        some = any(
            way.topic in ({topic.pk} if wanted == "help" else {topic.pk, None})
            and way.organisation in able[wanted]
            # without the resident's leave what only the police receive would be received by nobody
            and (way.kind != "police" or topic.sensitivity == Topic.Sensitivity.OPEN)
            for way in known
        )
        if some:
            found.append(topic)
    return found


def unheard() -> list[Topic]:
    """Topics of residents that no organisation receives, or none that has a key."""
    heard = {topic.pk for topic in offered()}
    return [topic for topic in Topic.objects.filter(kind=Topic.Kind.NEED) if topic.pk not in heard]
