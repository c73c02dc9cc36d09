"""Who works here: accounts, organisations, memberships; and the audit log.

Residents are in none of these tables. There is no field for what a person is like or has done.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from mahalleh_site.names import Named


class UserManager(BaseUserManager["User"]):
    """Accounts are made by actions; this only finds them, by address without regard to case."""

    def get_by_natural_key(self, email: str | None) -> User:
        """The account of an address."""
        return self.get(email__iexact=email)


class User(AbstractBaseUser):
    """An account of somebody who works in the partnership."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(
        _("language"), max_length=2, choices=[("fa", "فارسی"), ("en", "English")], default="fa"
    )
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)
    sessions_epoch = models.PositiveIntegerField(default=0)  # raised: every session of the account ends

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_an_address")]

    def __str__(self) -> str:
        return self.name or str(_("an erased account"))

    @property
    def is_erased(self) -> bool:
        """Whether it was forgotten who this was."""
        return self.email.endswith("@erased.invalid")

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must know to go on: it changes with the password and with `sessions_epoch`."""
        value = f"{self.password}:{self.sessions_epoch}"
        return salted_hmac("people.session", value, secret=secret, algorithm="sha256").hexdigest()

    def roles(self) -> frozenset[str]:
        """The roles held now, in whatever organisation."""
        return frozenset(self.memberships.filter(ended_at=None).values_list("role", flat=True))


class Organisation(Named):
    """An organisation of the partnership.

    A table by which one receives or opens things says so by `TIES_ORGANISATION = True`: with a row in such a
    table an organisation neither becomes police nor stops being one (`people.police`).
    """

    class Kind(models.TextChoices):
        """What kind of organisation."""

        MUNICIPALITY = "municipality", _("municipality")
        NGO = "ngo", _("people's organisation (NGO)")
        COUNSELLING = "counselling", _("counselling or social-work centre")
        POLICE = "police", _("police community unit")
        UNIVERSITY = "university", _("university or research")
        OTHER = "other", _("other")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.OTHER)

    class Meta:
        ordering = ["name_en", "id"]


class Membership(models.Model):
    """A role that somebody holds in an organisation, from one day to another.

    `in_police`: the organisation was police while the role ran, whatever became of it since.
    """

    class Role(models.TextChoices):
        """The roles of DESIGN's table."""

        COORDINATOR = "coordinator", _("coordinator")
        OFFICER = "officer", _("community officer (police)")
        SOCIAL_WORKER = "social-worker", _("social worker")
        PARTNER = "partner", _("partner")
        ANALYST = "analyst", _("analyst")
        AUDITOR = "auditor", _("auditor")
        ADMINISTRATOR = "administrator", _("administrator")

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=16, choices=Role)
    since = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    in_police = models.BooleanField(default=False)

    class Meta:
        ordering = ["user__name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=models.Q(ended_at=None),
                name="one_running_membership_a_role",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}"


class MemberKey(models.Model):
    """An account's key pair: the private half under the password, and under a recovery code (keys.seal)."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="key")
    public = models.BinaryField(max_length=32)
    by_password = models.BinaryField()
    by_recovery = models.BinaryField()
    made_on = models.DateField()

    def __str__(self) -> str:
        return f"{self.user_id}"


class OrganisationKey(models.Model):
    """An organisation's key for a purpose. The private half exists in its members' shares alone.

    A new one begins when a member who could open the last one leaves; the old one still opens what was sealed
    to it.
    """

    TIES_ORGANISATION = True

    class Purpose(models.TextChoices):
        """What is sealed to it; rules.READERS says whose accounts get a share."""

        REPORTS = "reports", _("reports")
        HELP = "help", _("requests for help")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="keys")
    purpose = models.CharField(max_length=7, choices=Purpose)
    public = models.BinaryField(max_length=32)
    made_on = models.DateField()
    retired_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "purpose"],
                condition=models.Q(retired_on=None),
                name="one_key_in_use_a_purpose",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.purpose} {self.pk}"


class KeyShare(models.Model):
    """An organisation's private key, sealed to one member."""

    key = models.ForeignKey(OrganisationKey, on_delete=models.CASCADE, related_name="shares")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="key_shares")
    box = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "user"], name="one_share_a_member")]

    def __str__(self) -> str:
        return f"{self.key_id} {self.user_id}"


class AppendOnly(models.QuerySet["AuditEntry"]):
    """A query that can read and nothing else."""

    def _refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError("The audit log is append-only: people.audit.record alone writes it.")

    update = delete = bulk_create = bulk_update = create = get_or_create = update_or_create = _refuse


class AuditEntry(models.Model):
    """One action, chained to the one before by its hash. Triggers of the database refuse changes too."""

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=200)
    verb = models.CharField(max_length=60, db_index=True)
    object = models.CharField(max_length=200)
    facts = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ["-number"]
        indexes = [models.Index(fields=["hash"], name="audit_hash")]

    def __str__(self) -> str:
        return f"{self.number} {self.verb} {self.object}"

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: entries are written by `people.audit.record`."""
        raise TypeError("The audit log is append-only: people.audit.record alone writes it.")

    delete = save


class AuditHead(models.Model):
    """The newest number and hash: one row, locked by who writes next."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"{self.number} {self.hash[:12]}"
