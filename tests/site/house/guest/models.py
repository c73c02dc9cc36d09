"""What is stored."""

from django.db import models

from mahalleh_site.people.models import User


class Visit(models.Model):
    """A visit."""

    by = models.ForeignKey(User, on_delete=models.PROTECT)
    words = models.TextField()

    def __str__(self) -> str:
        return str(self.pk)
