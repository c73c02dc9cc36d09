"""What a sealed conversation consists of, as abstract models: a room's own tables extend them.

A conversation has a key of its own. Everything that people wrote or sent is sealed under it; the key is
sealed in turn to the receiving organisations (envelopes) and to the receipt. Days, never times; no address of
a browser.

A room writes, for its kind of conversation:

    class Referral(Conversation):
        ROOM, NAME = "refer", "referral"

    class ReferralEnvelope(Envelope):
        OF = "referral"
        referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="envelopes")

and alike `messages`, `steps`, and `attachments` where it takes any: by these names the parts are found.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models

from mahalleh_site.people.models import Organisation, OrganisationKey, User

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

DIGEST_BYTES = 32


class Conversation(models.Model):
    """Something that somebody told, under a key of its own. `number`: its name in addresses.

    `form_digest`, `receipt_digest`: keyed hashes of the form that it came with and of its receipt, neither of
    which is stored. `by_receipt`: the conversation's key, sealed to the receipt.

    `ROOM`, `NAME`: of which key of the city its hashes are, and what its key is bound to. They never change:
    nothing that was sealed before would open again.
    """

    ROOM: ClassVar[str]
    NAME: ClassVar[str]

    number = models.SlugField(max_length=12, unique=True)
    form_digest = models.BinaryField(max_length=DIGEST_BYTES, unique=True)
    receipt_digest = models.BinaryField(max_length=DIGEST_BYTES, unique=True)
    by_receipt = models.BinaryField()
    day = models.DateField()
    language = models.CharField(max_length=2, default="fa")
    status = models.CharField(max_length=12)
    changed_on = models.DateField()
    ended_on = models.DateField(null=True)
    words_purged_on = models.DateField(null=True)
    contact_purged_on = models.DateField(null=True)

    class Meta:
        abstract = True

    if TYPE_CHECKING:  # the related names of a room's own tables

        @property
        def envelopes(self) -> RelatedManager[Any]: ...

        @property
        def messages(self) -> RelatedManager[Any]: ...

        @property
        def steps(self) -> RelatedManager[Any]: ...

    def __str__(self) -> str:
        return self.number


class Part(models.Model):
    """What belongs to a conversation and is sealed with it. `OF`: the foreign key that leads to it.

    What extends this is forgotten with its conversation, whatever room it belongs to.
    """

    OF: ClassVar[str]

    class Meta:
        abstract = True

    @property
    def conversation(self) -> Any:
        """The conversation that it belongs to."""
        return getattr(self, self.OF)

    @classmethod
    def made_for(cls, conversation: Conversation, **fields: Any) -> Self:
        """One of a conversation, not yet stored."""
        return cls(**{cls.OF: conversation}, **fields)

    @classmethod
    def of_all(cls, conversations: Iterable[Conversation]) -> models.QuerySet[Self]:
        """Those of these conversations."""
        return cls._default_manager.filter(**{f"{cls.OF}__in": [each.pk for each in conversations]})


class Envelope(Part):
    """A conversation's key, sealed to an organisation that may read it.

    An index is a cost where much arrives: a foreign key has one where something is sought by it.
    """

    TIES_ORGANISATION = True

    key = models.ForeignKey(OrganisationKey, on_delete=models.PROTECT, related_name="+", db_index=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    box = models.BinaryField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{getattr(self, f'{self.OF}_id')} {self.organisation_id}"


class Message(Part):
    """Sealed words. `kind`: whose they are, and for whom; rules.WORDS and the others."""

    kind = models.CharField(max_length=7)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    day = models.DateField()
    box = models.BinaryField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{getattr(self, f'{self.OF}_id')} {self.kind}"


class Attachment(Part):
    """A file, sealed. `draft`: a keyed hash of the form that it came with, until that is sent."""

    draft = models.BinaryField(max_length=DIGEST_BYTES, null=True, db_index=True)
    day = models.DateField()
    box = models.BinaryField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{getattr(self, f'{self.OF}_id')}"


class Step(Part):
    """What became of a conversation, step by step. `box`: the reason, for colleagues; sealed.

    `by` is empty where the resident did it, or a rule of the house.
    """

    verb = models.CharField(max_length=12)
    before = models.CharField(max_length=12)
    after = models.CharField(max_length=12)
    day = models.DateField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", null=True)
    box = models.BinaryField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{getattr(self, f'{self.OF}_id')} {self.verb}"
