"""What the watch stores: looks at the city, signals with their sightings, decisions, and the method register.

Places and periods, no persons; the one account named is who decided. There is no field for sending anyone
anywhere: a signal is a question.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mahalleh_site.people.models import Membership, Organisation, User
from mahalleh_site.places.models import Area, Topic


class Method(models.Model):
    """An entry of the public register. What is not complete, or has run out, cannot be switched on.

    `errors`: what was measured, by code, and where the measurement stands (`benchmark`). `purpose`, `data`
    and `owner` by language.
    """

    id = models.SlugField(primary_key=True, max_length=40)
    version = models.CharField(max_length=20)
    names = models.JSONField(default=dict)
    purpose = models.JSONField(default=dict)
    data = models.JSONField(default=dict)
    errors = models.JSONField(default=dict)
    owner = models.JSONField(default=dict)
    reviewed_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    switched_on = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.id} {self.version}"


class Run(models.Model):
    """A look at one period: `start` to the day before `end`, as it was known on `as_of`.

    `data_version`: digest of the numbers that were scanned. `loads`: which loads it saw, as `loads.Seen` has
    them; none where it was made before they were noted. `parameters`: all that the numbers depend on besides
    data and code. `state`: what the alarms carry to the next period. `topics`: how each was looked at, by id.
    `live`: whether it was done in its own time, and not afterwards over the past.
    """

    method = models.ForeignKey(Method, on_delete=models.PROTECT, related_name="runs")
    freq = models.CharField(max_length=1)
    start = models.DateField()
    end = models.DateField()
    as_of = models.DateField()
    live = models.BooleanField(default=True)
    data_version = models.CharField(max_length=64)
    loads = models.JSONField(default=list)
    model_version = models.CharField(max_length=40)
    parameters = models.JSONField(default=dict)
    state = models.JSONField(default=dict)
    topics = models.JSONField(default=dict)
    opened = models.PositiveIntegerField(default=0)
    seen = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()

    class Meta:
        ordering = ["-start", "-id"]
        constraints = [models.UniqueConstraint(fields=["freq", "start"], name="one_run_a_period")]

    def __str__(self) -> str:
        return f"{self.freq} {self.start}"


class Signal(models.Model):
    """One rise, however many periods it lasts. Newest figures are copies of its newest sighting's.

    `start`, `end`: the window of the newest sighting. `opened_on`: the day on which it could first be known;
    `expires_on`: when it runs out undecided. `live`: whether it was found in its own time. `areas_order`:
    ids, the centre first. `curve` and `nearby`: what the newest look that drew them knew of its areas.
    `lead`: periods from the first sighting until its counts alone made it plain; below nought where they did
    before, empty while they have not.
    """

    class Status(models.TextChoices):
        """The states of rules.TRANSITIONS."""

        OPEN = "open", _("waits for a decision")
        WATCHING = "watching", _("is being watched")
        DISMISSED = "dismissed", _("was set aside")
        PROBLEM = "problem", _("became a problem to work on")
        EXPIRED = "expired", _("ran out undecided")

    id = models.SlugField(primary_key=True, max_length=160, allow_unicode=True)
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="signals")
    areas = models.ManyToManyField(Area, related_name="signals")
    areas_order = models.JSONField(default=list)
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    freq = models.CharField(max_length=1)
    first_start = models.DateField()
    start = models.DateField()
    end = models.DateField()
    opened_on = models.DateField()
    expires_on = models.DateField()
    live = models.BooleanField(default=True)
    observed = models.FloatField()
    expected = models.FloatField()
    ratio = models.FloatField()
    p_value = models.FloatField()
    recurrence = models.FloatField()
    burst = models.BooleanField(default=False)
    sources = models.JSONField(default=list)
    curve = models.JSONField(default=list)
    nearby = models.JSONField(default=list)
    lead = models.IntegerField(null=True)

    class Meta:
        ordering = ["-end", "p_value", "-ratio", "id"]

    def __str__(self) -> str:
        return self.id

    def get_absolute_url(self) -> str:
        """The signal's page."""
        return reverse("signal", args=[self.id])


class Sighting(models.Model):
    """What one run found of a signal. `areas`: ids, the centre first. `ratio`: log likelihood ratio."""

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="sightings")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="sightings")
    start = models.DateField()
    end = models.DateField()
    areas = models.JSONField()
    observed = models.FloatField()
    expected = models.FloatField()
    ratio = models.FloatField()
    p_value = models.FloatField()
    recurrence = models.FloatField()
    seed = models.PositiveBigIntegerField()
    burst = models.BooleanField(default=False)
    sources = models.JSONField(default=list)

    class Meta:
        ordering = ["-run__start", "p_value", "-ratio", "id"]

    def __str__(self) -> str:
        return f"{self.signal_id} {self.end}"


class Kept(models.QuerySet["Decision"]):
    """A query that cannot change or remove what was decided."""

    def _refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError("A decision stays as it was made: a new one is added to it.")

    update = delete = bulk_update = _refuse


class Decision(models.Model):
    """What somebody decided, with the reason and what was considered besides enforcement. Never changed."""

    class Verb(models.TextChoices):
        """The verbs of rules.VERBS."""

        WATCH = "watch", _("Watch on")
        DISMISS = "dismiss", _("Set aside")
        OPEN_PROBLEM = "open_problem", _("Open a problem")

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="decisions")
    verb = models.CharField(max_length=12, choices=Verb)
    before = models.CharField(max_length=9, choices=Signal.Status)
    reason = models.TextField(max_length=2000)
    considered = models.JSONField(default=list)
    other = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="decisions")
    role = models.CharField(max_length=16, choices=Membership.Role)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="decisions")
    at = models.DateTimeField(auto_now_add=True)

    objects = Kept.as_manager()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.signal_id}: {self.verb}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Written once.

        Raises:
            TypeError: where it stands already.
        """
        if self.pk:  # numbers begin at 1
            raise TypeError("A decision stays as it was made: a new one is added to it.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused."""
        raise TypeError("A decision stays as it was made: a new one is added to it.")
