"""The people room's manifest: accounts, organisations, roles, permissions, the audit log, keys."""

from django.utils.translation import gettext_lazy as _

from mahalleh_site.house.manifest import Entry, PublicEntry, Retention, Room
from mahalleh_site.people.rules import ROLES

EVERYONE = frozenset(ROLES)
ADMINISTRATOR = frozenset({"administrator"})

ROOM = Room(
    name="people",
    title=_("People"),
    of_the_house=True,
    pages=("urls",),
    roles={
        "today": EVERYONE,
        "me": EVERYONE,
        "end-my-sessions": EVERYONE,
        "close-my-account": EVERYONE,
        "my-key": EVERYONE,
        "close-my-key": EVERYONE,
        "give-access": EVERYONE,
        "organisations": ADMINISTRATOR,
        "new-organisation": ADMINISTRATOR,
        "organisation": ADMINISTRATOR,
        "change-organisation": ADMINISTRATOR,
        "invite": ADMINISTRATOR,
        "end-role": ADMINISTRATOR,
        "change-role": ADMINISTRATOR,
        "person": ADMINISTRATOR,
        "renew-link": ADMINISTRATOR,
        "forget-factors": ADMINISTRATOR,
        "set-active": ADMINISTRATOR,
        "erase": ADMINISTRATOR,
        "audit": frozenset({"auditor", "administrator"}),
    },
    staff_menu=(
        Entry("organisations", _("Organisations"), may="manage_people"),
        Entry("audit", _("Audit log"), may="read_audit"),
    ),
    public_menu=(PublicEntry("today", _("For staff")),),
    waiting="keys.waiting:waiting",
    # A verb of the log stays for ever; its words may become better.
    verbs={
        "make-account": _("made an account"),
        "change-account": _("changed name or language of an account"),
        "close-account": _("closed an account"),
        "open-account": _("opened an account again"),
        "erase-account": _("erased who an account belonged to"),
        "make-link": _("made a new link to set a password"),
        "set-password": _("set a password by a link"),
        "change-password": _("changed the own password"),
        "add-factor": _("added a second factor"),
        "remove-factor": _("took away a second factor"),
        "make-codes": _("made new recovery codes"),
        "forget-factors": _("took away all second factors of an account"),
        "end-sessions": _("signed an account out everywhere"),
        "make-organisation": _("added an organisation"),
        "change-organisation": _("changed an organisation"),
        "give-role": _("gave a role"),
        "end-role": _("ended a role"),
        "refused-organisation": _(
            "tried to turn an organisation with keys into police or out of it: refused"
        ),
        "refused-role": _("tried to let one person read for the police and for others: refused"),
        "make-key": _("made the own key for sealed messages"),
        "recover-key": _("opened the own key with the recovery code"),
        "new-key": _("a new key began for an organisation"),
        "give-access": _("gave a colleague access to sealed messages"),
    },
    daily="daily:sweep",
    checks={"doctor.audit-bad": "doctor:audit_log", "doctor.limits-apart": "doctor:shared_limits"},
    sample={"cli.step-people": "demo:furnish"},
    retention={
        "User.password": Retention.ACCOUNT,
        "User.email": Retention.ACCOUNT,
        "User.name": Retention.ACCOUNT,
        "Organisation.name_fa": Retention.SETTING,
        "Organisation.name_en": Retention.SETTING,
        "Membership.user": Retention.RECORD,
        "MemberKey.user": Retention.ACCOUNT,
        "MemberKey.public": Retention.ACCOUNT,
        "MemberKey.by_password": Retention.ACCOUNT,
        "MemberKey.by_recovery": Retention.ACCOUNT,
        "OrganisationKey.public": Retention.SETTING,
        "KeyShare.user": Retention.ACCOUNT,
        "KeyShare.box": Retention.ACCOUNT,
        "AuditEntry.by": Retention.RECORD,
        "AuditEntry.verb": Retention.RECORD,
        "AuditEntry.object": Retention.RECORD,
        "AuditEntry.facts": Retention.RECORD,
        "AuditEntry.previous": Retention.RECORD,
        "AuditEntry.hash": Retention.RECORD,
        "AuditHead.hash": Retention.RECORD,
    },
    untold=("User.password", "MemberKey.by_password", "MemberKey.by_recovery", "KeyShare.box"),
)
