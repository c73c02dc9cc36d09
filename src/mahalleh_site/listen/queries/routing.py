"""Who receives what, and to which keys it is sealed."""

from __future__ import annotations

from dataclasses import dataclass

from mahalleh_site.listen import contents, rules
from mahalleh_site.listen.models import Route
from mahalleh_site.people import keys
from mahalleh_site.people.models import Membership, Organisation, OrganisationKey
from mahalleh_site.places.models import Area, Topic


@dataclass(frozen=True, slots=True)
class Receiving:
    """To whom a report goes. `receivers`: organisations that answer for it, by number, the leading one first.

    `all`: every key it is sealed to; coordinators' organisations too, unless the topic is sealed.
    """

    receivers: tuple[int, ...]
    all: tuple[OrganisationKey, ...]


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


def keys_for(topic: Topic, area: Area, *, police: bool) -> Receiving:
    """To whom a report about a topic at a place goes. Organisations whose members have no key yet can't."""
    purpose = contents.purpose(topic)
    wanted = rules.receivers(
        ways(),
        topic=topic.pk,
        area=area.pk,
        district=area.district_id,
        sealed=purpose == "help",
        police=police,
    )
    coordinating = coordinators() if purpose == "reports" else []
    found = {key.organisation_id: key for key in keys.current({*wanted, *coordinating}, purpose)}
    receivers = tuple(organisation for organisation in wanted if organisation in found)
    return Receiving(receivers, tuple(found.values()) if receivers else ())


def named(topic: Topic, area: Area) -> list[str]:
    """The names of those who will answer, in the page's language."""
    found = keys_for(topic, area, police=False).receivers
    names = {each.pk: each.name for each in Organisation.objects.filter(pk__in=found)}
    return [names[number] for number in found]


def coordinators() -> list[int]:
    """The organisations in which somebody coordinates."""
    held = Membership.objects.filter(role="coordinator", ended_at=None, user__is_active=True)
    return list(held.values_list("organisation_id", flat=True).distinct())


def offered() -> list[Topic]:
    """Topics about which somebody may report, since somewhere in the city an organisation receives them."""
    topics = list(Topic.objects.filter(kind=Topic.Kind.NEED))
    known = ways()
    able = {
        purpose: set(
            OrganisationKey.objects.filter(purpose=purpose, retired_on=None).values_list(
                "organisation_id", flat=True
            )
        )
        for purpose in keys.PURPOSES
    }
    found = []
    for topic in topics:
        purpose = contents.purpose(topic)
        some = any(
            way.topic in ({topic.pk} if purpose == "help" else {topic.pk, None})
            and way.organisation in able[purpose]
            for way in known
        )
        if some:
            found.append(topic)
    return found


def unheard() -> list[Topic]:
    """Topics of residents that no organisation receives, or none that has a key."""
    heard = {topic.pk for topic in offered()}
    return [topic for topic in Topic.objects.filter(kind=Topic.Kind.NEED) if topic.pk not in heard]
