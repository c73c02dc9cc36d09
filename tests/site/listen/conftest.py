"""A town of four squares in which organisations receive reports, and ways to send one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import h3
import pytest
from django.core.cache import caches

from mahalleh_site.listen.actions import intake
from mahalleh_site.listen.desk.actions import setup
from mahalleh_site.listen.models import Report
from mahalleh_site.people import demo
from mahalleh_site.people.keys import holding, seal
from mahalleh_site.people.models import Organisation, User
from mahalleh_site.places.models import Area, Topic
from mahalleh_site.sealed import form_token
from tests import rows
from tests.city import middle

TOPICS = (
    ("lighting", "روشنایی", "Lighting", "open"),
    ("theft", "دزدی", "Theft", "open"),
    ("quarrel", "دعوا در خانه", "Quarrel at home", "careful"),
    ("harm", "آسیب به خود", "Self-harm", "sealed"),
)
RECEIVERS = (("municipality", "lighting"), ("police", "theft"), ("ngo", "quarrel"), ("counselling", "harm"))


@dataclass(frozen=True, slots=True)
class Town:
    """The town's organisations by kind and people by role."""

    homes: dict[str, Organisation]
    people: dict[str, User]

    def member_key(self, role: str) -> bytes:
        """The private key of somebody, opened."""
        return holding.open_key(self.people[role], demo.OPEN_TO_ALL)


@dataclass(frozen=True, slots=True)
class Sent:
    """A report that was sent, and the receipt that its sender was given."""

    report: Report
    receipt: str

    @property
    def shown(self) -> str:
        """The receipt as people see it."""
        return seal.grouped(self.receipt)


@pytest.fixture
def town(squares, settings) -> Town:
    """Four squares, four topics of different care, an organisation for each, and the invented people."""
    caches["default"].clear()
    caches["pages"].clear()
    rows.once(settle)
    homes = {home.kind: home for home in Organisation.objects.all()}
    people = {role: User.objects.get(email=f"{role}@demo.invalid") for role in demo.PEOPLE}
    return Town(homes, people)


def settle() -> None:
    """The topics, the people, and who receives what."""
    Topic.objects.bulk_create(
        [
            Topic(id=key, name_fa=fa, name_en=en, group="street", sensitivity=care)
            for key, fa, en, care in TOPICS
        ]
    )
    demo.make_demo_people(by="system:test")
    homes = {home.kind: home for home in Organisation.objects.all()}
    for kind, topic in RECEIVERS:
        setup.add_route(by="system:test", organisation=homes[kind], topic=Topic.objects.get(pk=topic))


@pytest.fixture
def send(town) -> Callable[..., Sent]:
    """Sends a report: `send("lighting", words="...")`."""

    def sent(
        topic: str = "lighting", *, area: str = "a", words: str = "The lamp is out.", **more: Any
    ) -> Sent:
        form = form_token.new(Report.ROOM)
        cell = h3.str_to_int(h3.latlng_to_cell(*reversed(middle(area)), 9))
        place = Area.objects.select_related("district").get(pk=area)
        how = {name: more.pop(name) for name in ("held", "channel", "by", "organisation") if name in more}
        telling = intake.Submission(Topic.objects.get(pk=topic), place, cell, words, **more)
        return Sent(intake.send(telling, token=form, **how), form.receipt)

    return sent
