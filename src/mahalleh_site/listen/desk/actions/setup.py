"""Who receives what, answers to begin with, and programs that may send reports."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mahalleh_site.listen.models import ApiKey, Report, Route, Template
from mahalleh_site.people import audit
from mahalleh_site.people.audit import By
from mahalleh_site.people.keys import seal
from mahalleh_site.people.models import Organisation
from mahalleh_site.people.permissions import NotAllowedError
from mahalleh_site.places.models import Area, District, Topic
from mahalleh_site.sealed.digests import digest


def add_route(
    *,
    by: By,
    organisation: Organisation,
    topic: Topic | None = None,
    district: District | None = None,
    area: Area | None = None,
) -> Route:
    """Let an organisation receive a topic at a place; an empty one means any.

    Raises:
        NotAllowedError: where there is such a route.
    """
    wanted = {
        "organisation": organisation,
        "topic": topic,
        "area": area,
        "district": None if area else district,
    }
    if Route.objects.filter(**wanted).exists():  # SQLite tells two rows with empty places apart
        raise NotAllowedError(_("There is such a route already."))
    try:
        with transaction.atomic():
            route = Route.objects.create(**wanted)
            facts = {"organisation": organisation.pk, "topic": topic.pk if topic else "", "route": route.pk}
            audit.record(by=by, verb="add-route", object=f"route:{route.pk}", facts=facts)
    except IntegrityError as error:
        raise NotAllowedError(_("There is such a route already.")) from error
    return route


@transaction.atomic
def remove_route(*, by: By, route: Route) -> None:
    """An organisation receives this no longer; what it has received stays with it."""
    audit.record(by=by, verb="remove-route", object=f"route:{route.pk}")
    route.delete()


@transaction.atomic
def save_template(
    *, by: By, template: Template | None = None, organisation: Organisation | None = None, **texts: str
) -> Template:
    """An answer to begin with. `texts`: name_fa, name_en, text_fa, text_en."""
    saved = template or Template(organisation=organisation)
    for name, text in texts.items():
        setattr(saved, name, text)
    saved.save()
    audit.record(by=by, verb="save-template", object=f"template:{saved.pk}")
    return saved


@transaction.atomic
def remove_template(*, by: By, template: Template) -> None:
    """An answer that nobody begins with any more."""
    audit.record(by=by, verb="remove-template", object=f"template:{template.pk}")
    template.delete()


@transaction.atomic
def make_api_key(*, by: By, organisation: Organisation, name: str) -> str:
    """Let a program send reports; its key is given once and kept as a keyed hash alone."""
    code = seal.new_code()
    made = ApiKey.objects.create(
        organisation=organisation,
        name=name,
        digest=digest(code.encode(), room=Report.ROOM, purpose="api key"),
        made_on=timezone.localdate(),
    )
    audit.record(by=by, verb="make-api-key", object=f"api-key:{made.pk}")
    return code


@transaction.atomic
def end_api_key(*, by: By, key: ApiKey) -> None:
    """The program sends no more."""
    ApiKey.objects.filter(pk=key.pk, ended_on=None).update(ended_on=timezone.localdate())
    audit.record(by=by, verb="end-api-key", object=f"api-key:{key.pk}")
