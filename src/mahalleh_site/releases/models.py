"""What the releases room stores: what was loaded, and what was published."""

from __future__ import annotations

from typing import Final

from django.db import models

RESIDENTS: Final = "reports"  # the format of the batches that residents' reports make


class _Loads(models.Manager["Load"]):
    """Loads, and those that pages may tell of."""

    def of_files(self) -> models.QuerySet[Load]:
        """Those of outside files: how much residents told stands in releases alone, with noise."""
        return self.exclude(format=RESIDENTS)


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

    objects = _Loads()

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


class Tally(models.Model):
    """A count of a week with its noise, as it may be published: drawn once, and kept.

    `table`: by its name in a room's manifest. `place`, `what`: the cell, each empty where the table has none.
    `epsilon`: of its draw. The exact count is stored nowhere.
    """

    table = models.SlugField(max_length=40)
    place = models.SlugField(max_length=60, allow_unicode=True, blank=True)
    what = models.SlugField(max_length=20, blank=True)
    start = models.DateField()
    end = models.DateField()
    value = models.BigIntegerField()
    epsilon = models.FloatField()

    class Meta:
        ordering = ["table", "start", "place", "what"]
        constraints = [
            models.UniqueConstraint(fields=["table", "place", "what", "start"], name="one_draw_a_cell")
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.place} {self.what} {self.start}"
