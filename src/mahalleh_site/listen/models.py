"""What the listen room stores: reports, what was said about them, and who answers for what.

Where reports arrive a hundred a second every index costs: a foreign key has one where something is sought by
it. Reports are sealed conversations (sealed.models); a cell is kept, never a point.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Self

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mahalleh_site.listen import public_words
from mahalleh_site.people.models import Organisation, User
from mahalleh_site.places.models import Area, District, Topic
from mahalleh_site.sealed import models as sealed
from mahalleh_site.sealed import rules as sealed_rules


class Report(sealed.Conversation):
    """A resident's message.

    `leave`: who else may read it, as the receipt's holder stated (listen.leave); `may_publish` and
    `police_may_read` say the same for queries. `public_text`: what a moderator published of it, with that
    leave; the original stays sealed. `public_mark`: the city's, without which the text is shown nowhere.
    """

    ROOM, NAME = "listen", "report"

    class Status(models.TextChoices):
        """The states of rules.TRANSITIONS."""

        HELD = "held", _("is being checked")
        NEW = "new", _("has arrived")
        OPEN = "open", _("is being looked at")
        PROMISED = "promised", _("something was promised")
        CLOSED = "closed", _("was answered as done")
        DECLINED = "declined", _("was answered: nothing will be done")
        REOPENED = "reopened", _("is open again: it is not better")
        MERGED = "merged", _("is followed together with another report")
        WITHDRAWN = "withdrawn", _("was withdrawn")
        REFUSED = "refused", _("was set aside as no report")

    class Channel(models.TextChoices):
        """How it reached us; shares by channel are published."""

        WEB = "web", _("this site")
        SPOKEN = "spoken", _("told to a partner")
        PAPER = "paper", _("on paper")
        OPEN311 = "open311", _("another program")

    class Better(models.TextChoices):
        """The resident's answer, when the matter is closed."""

        YES = "yes", _("yes, it is better")
        SOMEWHAT = "somewhat", _("somewhat better")
        NO = "no", _("no, it is the same")
        WORSE = "worse", _("it is worse")

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="reports", db_index=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="reports", db_index=False)
    cell = models.PositiveBigIntegerField(null=True)
    channel = models.CharField(max_length=7, choices=Channel, default=Channel.WEB)
    status = models.CharField(max_length=9, choices=Status, default=Status.NEW)
    due_on = models.DateField()
    lead = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="leading", null=True)
    assigned = models.ForeignKey(User, on_delete=models.PROTECT, related_name="assigned_reports", null=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, related_name="copies", null=True)
    may_publish = models.BooleanField(default=False)
    is_private = models.BooleanField(default=False)
    police_may_read = models.BooleanField(default=False)
    leave = models.BinaryField(default=b"")
    leave_version = models.PositiveIntegerField(default=0)
    public_text = models.TextField(max_length=1000, blank=True)
    public_edited = models.BooleanField(default=False)
    public_mark = models.BinaryField(default=b"")
    better = models.CharField(max_length=8, choices=Better, blank=True)
    also = models.PositiveIntegerField(default=0)
    counted = models.BooleanField(default=False)
    unread = models.PositiveIntegerField(default=0)  # how often the resident wrote more that nobody has read

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["status", "due_on"], name="reports_by_status"),
            models.Index(fields=["area", "topic", "day"], name="reports_by_place"),
        ]

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **how: Any
    ) -> Self:
        """A report as it is stored, without public words that nobody published."""
        found = super().from_db(db, field_names, values, **how)
        if found.__dict__.get("public_text") and not public_words.hold(found.__dict__):
            found.public_text, found.public_edited = "", False
        return found

    def get_absolute_url(self) -> str:
        """The public page, for a report that is published."""
        return reverse("report", args=[self.number])

    @property
    def may_be_shown(self) -> bool:
        """Whether the public may ever see it: by consent, not private, of an open topic."""
        care = self.topic.sensitivity
        return bool(self.may_publish and not self.is_private and care == Topic.Sensitivity.OPEN)


class ShownReport(models.Model):
    """A published report as everyone may read it: copied with the standing of the day, never read from it.

    So what its sender does with the receipt shows on the next day, as all of the city's does. `id` and
    `number`: the report's own. `steps`: [verb, day, organisation or null], oldest first, those that may be
    shown. `moved_on`: the day of its newest step or of its being shown. `public_mark`: the report's own.
    """

    id = models.PositiveBigIntegerField(primary_key=True)
    number = models.SlugField(max_length=12, unique=True)
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="+", db_index=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    cell = models.PositiveBigIntegerField(null=True)
    lead = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    day = models.DateField()
    status = models.CharField(max_length=9, choices=Report.Status)
    changed_on = models.DateField()
    moved_on = models.DateField()
    due_on = models.DateField()
    better = models.CharField(max_length=8, choices=Report.Better, blank=True)
    leave_version = models.PositiveIntegerField(default=0)
    public_text = models.TextField(max_length=1000)
    public_edited = models.BooleanField(default=False)
    public_mark = models.BinaryField(default=b"")
    steps = models.JSONField(default=list)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """Its public page."""
        return reverse("report", args=[self.number])

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **how: Any
    ) -> Self:
        """A copy as it is stored, without public words that nobody published, or not any more."""
        found = super().from_db(db, field_names, values, **how)
        if not public_words.hold_in_copy(found.__dict__, today=timezone.localdate()):
            found.public_text, found.public_edited = "", False
        return found


class Envelope(sealed.Envelope):
    """A report's key, sealed to an organisation that may read it."""

    OF = "report"
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="envelopes", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "key"], name="one_envelope_a_key")]


class Message(sealed.Message):
    """Something said about a report: sealed words, from the resident or from an organisation."""

    class Kind(models.TextChoices):
        """Whose words, and for whom."""

        WORDS = sealed_rules.WORDS, _("the report")
        CONTACT = sealed_rules.CONTACT, _("how to reach the resident")
        ADDED = sealed_rules.ADDED, _("the resident wrote")
        ANSWER = sealed_rules.ANSWER, _("answer")
        NOTE = sealed_rules.NOTE, _("note among colleagues")

    OF = "report"
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=7, choices=Kind)

    class Meta:
        ordering = ["id"]


class Photo(sealed.Attachment):
    """A photo, drawn anew and sealed."""

    OF = "report"
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="photos", null=True)

    class Meta:
        ordering = ["id"]


class Step(sealed.Step):
    """What became of a report, step by step. Reasons are for colleagues, and sealed; public words are not."""

    OF = "report"
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="steps")
    before = models.CharField(max_length=9, choices=Report.Status)
    after = models.CharField(max_length=9, choices=Report.Status)

    class Meta:
        ordering = ["id"]


class Route(models.Model):
    """Who receives reports: an organisation, for a topic and a place; an empty one means any."""

    TIES_ORGANISATION = True

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="routes")
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, null=True, blank=True)
    district = models.ForeignKey(District, on_delete=models.CASCADE, null=True, blank=True)
    area = models.ForeignKey(Area, on_delete=models.CASCADE, null=True, blank=True)

    class Meta:
        ordering = ["topic_id", "district_id", "area_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "topic", "district", "area"],
                name="one_route_alike",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic_id or '*'} {self.area_id or self.district_id or '*'} {self.organisation_id}"


class Template(models.Model):
    """An answer that can be begun with, in both languages."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="answer_templates", null=True, blank=True
    )
    name_fa = models.CharField(_("name in Persian"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120)
    text_fa = models.TextField(_("text in Persian"), max_length=2000)
    text_en = models.TextField(_("text in English"), max_length=2000)

    class Meta:
        ordering = ["name_en", "id"]

    def __str__(self) -> str:
        return self.name_en


class NeedCount(models.Model):
    """What reports add to the event store: +1 when one is accepted, -1 when it is taken back.

    It names no report: what the event store may know is all that it knows.
    """

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="+", db_index=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", db_index=False)
    cell = models.PositiveBigIntegerField(null=True)
    day = models.DateField()
    recorded = models.DateField(db_index=True)
    channel = models.CharField(max_length=7, choices=Report.Channel)
    n = models.SmallIntegerField()

    def __str__(self) -> str:
        return f"{self.topic_id} {self.area_id} {self.day} {self.n}"


class Alert(models.Model):
    """Somebody who wants to hear by mail when something is new about an area. The address is sealed.

    `digest`: a keyed hash of address and area, so that nobody is entered twice. `link_digest`: one of the
    word in its links.
    """

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="alerts")
    language = models.CharField(max_length=2)
    digest = models.BinaryField(max_length=32, unique=True)
    link_digest = models.BinaryField(max_length=32, unique=True)
    box = models.BinaryField()
    asked_on = models.DateField()
    confirmed_on = models.DateField(null=True)
    told_on = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.area_id} {self.pk}"


class ApiKey(models.Model):
    """A program that may send reports by Open311, on behalf of an organisation. A keyed hash is kept."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=120)
    digest = models.BinaryField(max_length=32, unique=True)
    made_on = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name
