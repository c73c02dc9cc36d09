"""The threat model's page, held against the code: what it names is there, and what is there is named.

Whoever adds a sealed field, a clear column or a deed of power, or takes a line from the page, fails here and
has to say on the page what that means for whom.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from mahalleh_site.house import rooms
from mahalleh_site.listen import rules as listen_rules
from mahalleh_site.listen.models import Envelope, Message, Photo, Report, Step
from mahalleh_site.people import adapters, known_browser
from mahalleh_site.people import rules as people_rules
from mahalleh_site.people.keys import seal
from mahalleh_site.people.models import OrganisationKey
from mahalleh_site.people.room import ROOM as PEOPLE
from mahalleh_site.sealed import form_token

PAGE = (Path(__file__).parents[3] / "docs" / "threat-model.md").read_text(encoding="utf-8")
VERB = re.compile(r"`([a-z]+(?:-[a-z]+)+)`")


def section(heading: str) -> str:
    """What stands under a heading, in one line."""
    return " ".join(PAGE.split(f"## {heading}\n")[1].split("\n## ")[0].split())


def table(after: str) -> dict[str, str]:
    """The first table after some words: first cell, the rest of its row."""
    lines = PAGE.split(after)[1].lstrip("\n").split("\n\n")[0].splitlines()
    rows = [line.strip("| ").partition("|") for line in lines[2:]]
    return {first.strip(): rest for first, _bar, rest in rows}


# --- what is sealed

SEALED = "words, additions, answers, contact, notes among colleagues, reasons, photos, the resident's leave"
PRIVATE = "an organisation's private key (one for reports, one for help)"
# Each row of the page's first table, and the fields of bytes that it speaks of.
BOXES = {
    SEALED: {"Message.box", "Step.box", "Photo.box", "Report.leave"},
    "the report's key": {"Envelope.box", "Report.by_receipt"},
    "the receipt": {"Report.receipt_digest"},
    "the word of a form": {"Report.form_digest", "Photo.draft"},
    PRIVATE: {"KeyShare.box"},
    "a member's private key": {"MemberKey.by_password", "MemberKey.by_recovery"},
    "the recovery code": set(),
    "a member's opened key": set(),  # in the session's row
    "a photo that was sent with a form not yet finished": {"Photo.box"},
    "addresses of those who want mail about a neighbourhood": {
        "Alert.box", "Alert.digest", "Alert.link_digest",
    },
    "keys of programs that send reports (Open311)": {"ApiKey.digest"},
    "what the public reads: a report's words, answers in the ledger": {
        "Report.public_mark", "ShownReport.public_mark", "Promise.mark", "ShownPromise.mark",
    },
    "public keys of members and organisations": {"MemberKey.public", "OrganisationKey.public"},
    "seeds of second factors": set(),  # in the rows of allauth
    "accounts' passwords": set(),  # text: Django's hashes
}  # fmt: skip
KINDS = {
    "words": "words",
    "added": "additions",
    "answer": "answers",
    "contact": "contact",
    "note": "notes among colleagues",
}


def test_page__names_every_field_that_is_sealed_or_a_hash_and_none_that_is_not_there():
    held = {
        f"{model.__name__}.{field.name}"
        for each in rooms.rooms()
        for model in apps.get_app_config(each.package.rpartition(".")[2]).get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.BinaryField)
    }
    assert set(table("## What is protected, where it is\n")) == set(BOXES)
    assert set().union(*BOXES.values()) == held


def test_page__names_every_kind_of_message_and_of_key():
    assert set(KINDS) == set(Message.Kind.values)
    assert set(KINDS.values()) <= set(SEALED.split(", "))
    assert set(re.findall(r"one for (\w+)", PRIVATE)) == set(OrganisationKey.Purpose.values)


# --- what is not

CLEAR = {
    Report: {
        "number": "its name in addresses (11 random letters)",
        "topic": "topic",
        "area": "neighbourhood",
        "cell": "cell (about a tenth of a square kilometre; none where the topic is sealed)",
        "day": "day",
        "channel": "channel",
        "language": "language",
        "status": "status and its days",
        "changed_on": "its days",
        "ended_on": "its days",
        "due_on": "its days",
        "words_purged_on": "its days",
        "contact_purged_on": "its days",
        "lead": "who leads",
        "assigned": "who is assigned",
        "merged_into": "with which other report it is followed",
        "also": "how many have it too",
        "better": "“is it better?”",
        "is_private": "whether it is private",
        "may_publish": "may be published",
        "police_may_read": "may be read by the police",
        "leave_version": "how often said anew who may read it",
        "unread": "how often its sender wrote more that nobody who answers has read",
        "counted": "whether it is counted",
        "public_text": "a text that was published",
        "public_edited": "a text that was published",
    },
    Message: {
        "report": "how many messages",
        "kind": "from which side",
        "organisation": "from which side",
        "day": "on which day",
    },
    Photo: {"report": "how many messages and photos", "day": "on which day"},
    Envelope: {
        "report": "to which organisations it is sealed",
        "organisation": "to which organisations it is sealed",
        "key": "to which organisations it is sealed",
    },
    Step: {
        "report": "each step",
        "verb": "each step",
        "before": "each step",
        "after": "each step",
        "organisation": "each step",
        "day": "each step with its day",
        "by": "who of the staff did it",
    },
}


@pytest.mark.parametrize("model", CLEAR, ids=lambda model: model.__name__)
def test_page__says_of_each_column_in_clear_that_it_is(model):
    columns = {
        field.name
        for field in model._meta.concrete_fields
        if not isinstance(field, models.BinaryField) and not field.primary_key
    }
    assert columns == set(CLEAR[model])
    told = section("What stays in clear")
    assert [words for words in CLEAR[model].values() if words not in told] == []


# --- what is seen

HARMLESS = {  # deeds of people's room that open nothing to anybody: why the page need not name them
    "change-account": "a name and a language",
    "close-account": "takes away",
    "open-account": "gives back a role and no share: a colleague has to give access again",
    "erase-account": "takes away",
    "change-password": "the own one, with the old one",
    "add-factor": "the own one",
    "remove-factor": "the own one",
    "make-codes": "the own ones",
    "recover-key": "the own one, by the code that its owner alone has",
    "end-sessions": "takes away",
    "publish-head": "the daily work's own",
}


def ways() -> dict[str, str]:
    """The table of an administrator's ways: the way, what it gives and what is seen."""
    return table("and each leaves a trace in the audit log:")


def watched() -> set[str]:
    """The verbs that administrators are told to read the log for."""
    item = section("What operators must do").split("5. **Few administrators")[1].split("6. **")[0]
    return set(VERB.findall(item))


def test_verbs__of_the_page_are_in_the_log_and_those_of_people_are_on_the_page():
    shown = {verb for row in ways().values() for verb in VERB.findall(row)} | watched()
    assert len(ways()) == 6
    assert shown - set(rooms.verbs()) == set()
    assert set(PEOPLE.verbs) - shown == set(HARMLESS)


def test_watch_list__has_something_to_see_for_every_way():
    assert [way for way, row in ways().items() if not watched() & set(VERB.findall(row))] == []
    assert {"change-organisation", "give-role", "refused-organisation", "refused-role"} <= watched()


# --- what is counted

LEAST = settings.AUTH_PASSWORD_VALIDATORS[0]["OPTIONS"]
FIGURES = [
    (r"padded to (\d+) bytes", seal.BLOCK),
    (r"lengths in blocks of (\d+) bytes", seal.BLOCK),
    (r"one Argon2id \((\d+) MiB\)", seal.Cost().memory / 2**20),
    (r"cannot be guessed \((\d+) bits\)", seal.CODE_BYTES * 8),
    (r"of no use (\d+) minutes after the last click", settings.SESSION_COOKIE_AGE / 60),
    (r"signed in during the last (\d+) days", known_browser.DAYS),
    (r"not guessed \((\d+) characters at least", LEAST["min_length"]),
    (r"in addresses \((\d+) random letters\)", len(seal.name(b"form", b"k" * 32))),
]  # fmt: skip
WORDED = [
    ("held for a look after six an hour, refused after sixty", (6, 60), (
        listen_rules.HELD_FROM, listen_rules.REFUSED_FROM)),
    ("forty of the dearest an hour", 40_000, listen_rules.DRAWN),
    ("has ten tries in five minutes for each account", (10, 300), (adapters.WRONG, adapters.WINDOW)),
    ("shows the receipt, until six hours after it was begun", 6, form_token.HOURS),
    ("links to set a password, for three days each", 3 * 24 * 3600, settings.PASSWORD_RESET_TIMEOUT),
    ("or held one within a year", 365, people_rules.POLICE_DAYS),
]  # fmt: skip
ALL = " ".join(PAGE.split())


@pytest.mark.parametrize(("pattern", "value"), FIGURES)
def test_figure__of_the_page_is_the_codes(pattern, value):
    assert [int(found) for found in re.findall(pattern, ALL)] == [value]


@pytest.mark.parametrize(("words", "meant", "value"), WORDED)
def test_figure__in_words_is_the_codes(words, meant, value):
    assert words in ALL
    assert value == meant
