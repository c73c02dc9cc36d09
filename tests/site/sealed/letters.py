"""A second kind of sealed conversation, as small as one can be: letters to a service. No listen here.

Its tables are made for these tests alone, and stand in a registry of their own: no other test sees them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, models
from django.test.utils import isolate_apps

from mahalleh_site.sealed import rules
from mahalleh_site.sealed.models import Attachment, Conversation, Envelope, Message, Step

COURSE = rules.Course(
    transitions={
        "new": {"answer": "answered", "withdraw": "withdrawn"},
        "answered": {"withdraw": "withdrawn"},
        "withdrawn": {},
    },
    ended=frozenset({"answered", "withdrawn"}),
)
KEEPING = rules.Keeping(COURSE, words=60, contact=20)

with isolate_apps("tests.site.sealed"):

    class Letter(Conversation):
        ROOM, NAME = "letters", "letter"
        subject = models.CharField(max_length=20, default="")

        class Meta:
            app_label = "sealed"  # of the registry above

    class LetterEnvelope(Envelope):
        OF = "letter"
        letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="envelopes")

        class Meta:
            app_label = "sealed"  # of the registry above
            constraints = [
                models.UniqueConstraint(fields=["letter", "key"], name="one_letter_envelope_a_key")
            ]

    class LetterMessage(Message):
        OF = "letter"
        letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="messages")

        class Meta:
            app_label = "sealed"  # of the registry above
            ordering = ["id"]

    class LetterFile(Attachment):
        OF = "letter"
        letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="files", null=True)

        class Meta:
            app_label = "sealed"  # of the registry above

    class LetterStep(Step):
        OF = "letter"
        letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="steps")

        class Meta:
            app_label = "sealed"  # of the registry above
            ordering = ["id"]


TABLES = (Letter, LetterEnvelope, LetterMessage, LetterFile, LetterStep)


@contextmanager
def tables() -> Iterator[None]:
    """The tables, in the test's database."""
    with connection.schema_editor() as editor:
        for model in TABLES:
            editor.create_model(model)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            for model in reversed(TABLES):
                editor.delete_model(model)
