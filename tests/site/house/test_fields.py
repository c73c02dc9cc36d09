"""What is stored: nothing that judges a person, and of all about a person it is said how long it stays.

The house looks at its manifests by Django's fields when it starts (`house.checking`). Here the same is found
a second way, from the database's own columns, so that one mistake does not hide in both.
"""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.db import connection

from mahalleh_site.house import rooms
from mahalleh_site.house.manifest import Retention
from mahalleh_site.people.models import User

FORBIDDEN = re.compile(
    r"score|risk|profile|suspect|offend|watch.?list|gang|ethnic|religio|face|(?<!tem)plate|fingerprint|ip_|_ip$|agent|device"
    r"|rating|reputation|credib|trustw|suspic|crimin|convict|arrest|black.?list|flagged|wanted|danger",
    re.IGNORECASE,
)
# columns that can hold what somebody wrote, or what was sealed
WRITTEN = frozenset({"CharField", "TextField", "BinaryField", "JSONField"})


def ours():
    """(room, model) of every table of the site's own, those that Django makes for sets of rows too."""
    for each in rooms.rooms():
        for model in apps.get_app_config(each.package.rpartition(".")[2]).get_models(
            include_auto_created=True
        ):
            yield each.room, model


def personal(model):
    """The fields of a model in which something about a person can stand, by its table's columns.

    A column that leads to an account; or one of text or bytes that leads to no other row, names no page (a
    slug or a primary key) and is not chosen from a list.
    """
    fields = {field.column: field for field in model._meta.concrete_fields}
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, model._meta.db_table)
        leads = connection.introspection.get_relations(cursor, model._meta.db_table)
        for column in described:
            field = fields.pop(column.name)
            to = leads.get(column.name, (None, None))[1]
            if to == User._meta.db_table:
                yield field.name
                continue
            kind = connection.introspection.get_field_type(column.type_code, column)
            chosen = field.primary_key or field.choices or field.get_internal_type() == "SlugField"
            if to is None and kind in WRITTEN and not chosen:
                yield field.name
    assert fields == {}  # every field was looked at


def test_models__hold_no_score_profile_or_suspect_and_nothing_of_a_visitor():
    models = [model for _room, model in ours()]
    names = {f"{model.__name__}.{field.name}" for model in models for field in model._meta.get_fields()}
    names |= {model.__name__ for model in models}
    assert len(names) > 200
    assert {name for name in names if FORBIDDEN.search(name)} == set()


def test_accounts__hold_what_signing_in_takes_and_nothing_that_tells_what_somebody_is_like():
    """The one table of persons, field by field: whatever is added here is about somebody."""
    signing_in = {"id", "email", "name", "password", "last_login", "joined_at", "sessions_epoch"}
    assert {field.name for field in User._meta.concrete_fields} == signing_in | {
        "language", "is_active", "is_demo",
    }  # fmt: skip


@pytest.mark.django_db
def test_manifests__say_how_long_everything_about_a_person_is_kept_and_name_nothing_else():
    found, said = set(), set()
    for room, model in ours():
        found |= {f"{room.name}: {model.__name__}.{field}" for field in personal(model)}
        said |= {f"{room.name}: {name}" for name in room.retention}
    assert {"watch: Decision.by", "listen: Report.assigned", "people: Membership.user"} <= found
    assert found == said


@pytest.mark.django_db
def test_accounts__are_named_by_what_goes_with_them_or_by_the_citys_records():
    """Guard-rail 14: a row that names an account is the account's own, or says who was responsible when."""
    kept = {
        (f"{model.__name__}.{field.name}", room.retention[f"{model.__name__}.{field.name}"])
        for room, model in ours()
        for field in model._meta.concrete_fields
        if field.related_model is User
    }
    assert len(kept) >= 6
    assert {pair for pair in kept if pair[1] not in (Retention.ACCOUNT, Retention.RECORD)} == set()


def test_every_model__of_the_site_belongs_to_a_room():
    stray = {model.__name__ for model in apps.get_models() if model.__module__.startswith("mahalleh_site")}
    assert stray - {model.__name__ for _room, model in ours()} == set()
