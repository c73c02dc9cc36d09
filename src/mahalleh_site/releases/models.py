"""What the releases room stores: what was loaded, and what was published."""

from __future__ import annotations

from django.db import models


class Load(models.Model):
    """One batch of outside data: what was read, kept and refused, and why. Read = kept + refused.

    `refused`: reason code -> {"count": rows, "lines": ["file:line", ...]}.
    """

    name = models.CharField(max_length=200)
    format = models.CharField(max_length=40)
    digest = models.CharField(max_length=64, unique=True)
    loaded_at = models.DateTimeField(auto_now=True)
    rows_read = models.PositiveBigIntegerField()
    rows_kept = models.PositiveBigIntegerField()
    refused = models.JSONField(default=dict)
    first = models.DateField(null=True)
    last = models.DateField(null=True)

    class Meta:
        ordering = ["-loaded_at", "-id"]

    def __str__(self) -> str:
        return self.name


class Release(models.Model):
    """A frozen, privacy-protected table. Its public files stand in `releases/<number>/` of the city's folder.

    `freq`: the period of open topics, W (weeks) or M (months). `first` and `last`: the first day and the day
    after the last that it covers. `unknown`: counts without a value, since no file told of their period.
    `digest`: SHA-256 of its table.
    """

    number = models.PositiveIntegerField(primary_key=True)
    made_at = models.DateTimeField(auto_now_add=True)
    epsilon = models.FloatField()
    threshold = models.PositiveIntegerField()
    freq = models.CharField(max_length=1)
    first = models.DateField()
    last = models.DateField()
    rows = models.PositiveBigIntegerField()
    hidden = models.PositiveBigIntegerField()
    unknown = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"{self.number}"
