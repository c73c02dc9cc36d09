"""What the places room stores: the city's areas and topics, and what organisations owe them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Self

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from mahalleh_site.names import Named
from mahalleh_site.people.models import Membership, Organisation
from mahalleh_site.places import public_words


class District(Named):
    """A district: a group of areas, and the finest place at which careful topics are published."""

    id = models.SlugField(primary_key=True, max_length=60, allow_unicode=True)

    class Meta:
        ordering = ["id"]

    def get_absolute_url(self) -> str:
        """The district's page."""
        return reverse("district", args=[self.id])


class Area(Named):
    """A neighbourhood. Shapes are simplified copies for drawing; `places.geojson` in the city's folder rules.

    `outline`: SVG path in the Basemap's view box. `boundary`: GeoJSON geometry, WGS84.
    """

    id = models.SlugField(primary_key=True, max_length=60, allow_unicode=True)
    district = models.ForeignKey(
        District, on_delete=models.PROTECT, null=True, blank=True, related_name="areas"
    )
    population = models.FloatField(null=True, blank=True)
    outline = models.TextField()
    boundary = models.JSONField()
    lon = models.FloatField()
    lat = models.FloatField()

    class Meta:
        ordering = ["id"]

    def get_absolute_url(self) -> str:
        """The neighbourhood's page."""
        return reverse("area", args=[self.id])


class Basemap(models.Model):
    """What all maps of the city share: one row. The view box is `0 0 1000 height`; paths are SVG."""

    height = models.PositiveIntegerField()
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    water = models.TextField(blank=True)
    green = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"0 0 1000 {self.height}"


class Topic(Named):
    """A threat factor or a need. `sensitivity` rules how finely it may be published."""

    class Sensitivity(models.TextChoices):
        """How carefully a topic is published."""

        OPEN = "open", _("by neighbourhood and week")
        CAREFUL = "careful", _("by district and month only")
        SEALED = "sealed", _("never published")

    class Kind(models.TextChoices):
        """Who made the event happen: law 2 of the house."""

        NEED = "need", _("residents ask, suffer or report")
        ACTIVITY = "activity", _("police or partners went looking")

    class Direction(models.TextChoices):
        """Which way is better."""

        LESS = "less", _("less is better")
        MORE = "more", _("more is better")
        NONE = "none", _("neither is better")

    id = models.SlugField(primary_key=True, max_length=60)
    group = models.SlugField(max_length=40, default="other")
    sensitivity = models.CharField(max_length=8, choices=Sensitivity, default=Sensitivity.CAREFUL)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.NEED)
    direction = models.CharField(max_length=4, choices=Direction, default=Direction.LESS)
    example_fa = models.CharField(max_length=200, blank=True)
    example_en = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["group", "id"]

    @property
    def example(self) -> str:
        """What is meant, in plain words of the page's language."""
        return self.example_fa if (get_language() or "fa").startswith("fa") else self.example_en

    def get_absolute_url(self) -> str:
        """The topic's page."""
        return reverse("topic", args=[self.id])


class Owed(models.Model):
    """What promises and their copies have in common: an answer, or something to be done, by a day.

    `subject` names what it is about, such as `report:7KQ2M0ZD3VA`. `words`: the public answer;
    `mark`: the city's, without which they are read by nobody.
    """

    class What(models.TextChoices):
        """What is owed."""

        ANSWER = "answer", _("an answer")
        ACT = "act", _("something to be done")

    class Outcome(models.TextChoices):
        """What became of it."""

        DONE = "done", _("done")
        DECLINED = "declined", _("nothing will be done")
        PROMISED = "promised", _("promised for a day")
        DROPPED = "dropped", _("not needed any more")

    subject = models.CharField(max_length=60, db_index=True)
    what = models.CharField(max_length=6, choices=What)
    made_on = models.DateField()
    due_on = models.DateField()
    ended_on = models.DateField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    words = models.TextField(max_length=1000, blank=True)
    mark = models.BinaryField(default=b"")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.subject} {self.due_on}"

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **how: Any
    ) -> Self:
        """A row as it is stored, without words that its organisation did not say."""
        found = super().from_db(db, field_names, values, **how)
        if found.__dict__.get("words") and not public_words.hold(found.__dict__):
            found.words = ""
        return found

    @property
    def in_time(self) -> bool:
        """Whether it was kept by its day."""
        return self.ended_on is not None and self.ended_on <= self.due_on


class Promise(Owed):
    """Something that an organisation owes an area in the open, by a day.

    `open_to_all`: whether it may be shown one by one; otherwise it counts in sums alone.
    """

    # an index where something is sought by it: reports, and so promises, may come a hundred a second
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="promises", db_index=False)
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="promises", db_index=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="promises", db_index=False
    )
    role = models.CharField(max_length=16, choices=Membership.Role, blank=True)
    open_to_all = models.BooleanField(default=False)

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [models.Index(fields=["area", "ended_on", "due_on"], name="promises_by_area")]

    @property
    def late(self) -> bool:
        """Whether its day has gone by without it."""
        return self.ended_on is None and self.due_on < timezone.localdate()


class ShownPromise(Owed):
    """A promise as everyone may read it: copied with the standing of the day, never read from the promise.

    `number` and `mark`: the promise's own. `late`: on the day of the standing.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="+")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="+", db_index=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    late = models.BooleanField(default=False)

    class Meta:
        ordering = ["due_on", "number"]


class Standing(models.Model):
    """How the city stands towards its residents, drawn once a day: one row, all that public pages read of it.

    `day`: of the drawing; None before the first. `late`: area -> [how many promises are late, the first day
    on which one of them was due, the newest of those that were late the day before or null]. `deeds`: how
    often staff published something since the city was founded; only that, the next drawing and the next
    release make public pages change.
    """

    day = models.DateField(null=True)
    late = models.JSONField(default=dict)
    deeds = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.day}"
