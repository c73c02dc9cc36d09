"""Telling: three short steps without account, cookie or JavaScript, and a receipt at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from mahalleh_site import logs
from mahalleh_site.listen import rules
from mahalleh_site.listen.actions import intake
from mahalleh_site.listen.decorators import residents
from mahalleh_site.listen.models import Report
from mahalleh_site.listen.queries import routing
from mahalleh_site.listen.telling import drafts, forms, maps
from mahalleh_site.listen.telling.queries import receipts, similar
from mahalleh_site.people import limits
from mahalleh_site.people.permissions import NotAllowedError
from mahalleh_site.places.models import Area
from mahalleh_site.places.queries import is_area, is_topic
from mahalleh_site.sealed import form_token
from mahalleh_site.sealed.actions.sending import SentAlreadyError
from mahalleh_site.ui.decorators import public_page, takes
from mahalleh_site.ui.templatetags.mahalleh import language

log = logs.get("listen")


@takes(topic=is_topic, area=is_area)
@public_page
def tell(request: HttpRequest) -> HttpResponse:
    """What is it? The first step. `topic` and `area` may come from a poster or another page."""
    topics = routing.offered()
    form = forms.WhatForm(initial={"topic": request.GET.get("topic", "")[:60]}, topics=topics)
    area = Area.objects.filter(pk=request.GET.get("area", "")[:60]).first()
    return _what(request, form, area=area)


@public_page
def city_map(request: HttpRequest) -> HttpResponse:
    """The city's outline, to be tapped."""
    svg = render(request, "listen/map.svg", {"map": maps.city()}) if maps.frame("") else HttpResponse("")
    svg.headers["Content-Type"] = "image/svg+xml"
    return svg


@residents.form("anyone may tell what worries them; the form is its own key")
def telling_on(request: HttpRequest) -> HttpResponse:
    """Each step after the first: what was entered comes in, the next question goes out."""
    step = request.POST.get("step", "what")
    if step == "what":
        return _told_what(request)
    draft = drafts.resumed(request.POST)
    if draft is None:
        return residents.refused(
            request,
            400,
            _("This form is too old"),
            _("It was begun many hours ago, or not here. Please go back, copy your words and begin again."),
        )
    if "back" in request.POST:
        return _back(request, draft)
    return {"where": _told_where, "send": _told_all}.get(step, _told_where)(request, draft)


def _told_what(request: HttpRequest) -> HttpResponse:
    topics = {topic.pk: topic for topic in routing.offered()}
    form = forms.WhatForm(request.POST, topics=topics.values())
    area = Area.objects.filter(pk=request.POST.get("area", "")[:60]).first()
    token = form_token.read(request.POST.get("form", ""), Report.ROOM) or form_token.new(Report.ROOM)
    have = drafts.kept_photos(token)
    taken = drafts.pictures(request.FILES.getlist("photos"), who=limits.visitor(request), have=have)
    errors, busy = list(taken.errors), taken.busy
    try:
        have = intake.keep_photos(taken.drawn, token=token) if taken.drawn else have
    except intake.FullError as full:
        errors, busy = [*errors, str(full)], True
    for error in errors:
        form.add_error(None, error)
    if not form.is_valid():
        return _what(request, form, status=503 if busy else 400, area=area, token=token, have=have)
    topic = topics[form.cleaned_data["topic"]]
    draft = drafts.Draft(token, topic, form.cleaned_data["words"], have, area)
    return _where(request, draft)


def _told_where(request: HttpRequest, draft: drafts.Draft) -> HttpResponse:
    if "go" in request.POST and draft.area is not None and not request.POST.get("name", "").strip():
        return _more(request, draft, begun=request.POST)
    found = drafts.placed(request.POST)
    if found.area is None:
        return _where(request, draft, found=found)
    placed = replace(draft, area=found.area, cell=found.cell)
    return _where(request, placed, found=found) if found.tapped else _more(request, placed)


def _told_all(request: HttpRequest, draft: drafts.Draft) -> HttpResponse:
    form = forms.MoreForm(request.POST, care=draft.topic.sensitivity)
    if draft.area is None:
        return _where(request, draft)
    if not form.is_valid():
        return _more(request, draft, form=form)
    sent = limits.count("reports", limits.visitor(request), seconds=rules.HOUR)
    if sent > rules.REFUSED_FROM:
        form.add_error(
            None,
            _("Many reports came from your connection. Nothing is lost: please send it again in an hour."),
        )
        return _more(request, draft, form=form, status=429)
    try:
        also = similar.named(request.POST.get("also", ""))
        if also is not None and sent > rules.HELD_FROM:
            raise NotAllowedError(_("Many reports came from your connection. Try again in an hour."))
        if also is not None:
            report = intake.also(also, token=draft.token, language=language())
        else:
            report = intake.send(
                _submission(draft, form.cleaned_data), token=draft.token, held=sent > rules.HELD_FROM
            )
    except SentAlreadyError:
        return _sent_already(request, draft, form)
    except NotAllowedError as error:
        form.add_error(None, str(error))
        return _more(request, draft, form=form, status=409)
    except (DatabaseError, OSError) as error:
        log.error("not kept", extra={"event": type(error).__name__})
        form.add_error(
            None,
            _(
                "We could not keep it just now; nothing was stored. "
                "Your words are still here: please send again in a minute."
            ),
        )
        return _more(request, draft, form=form, status=503, quick=True)
    return render(request, "listen/sent.html", receipts.sent(report, draft.token.receipt), status=201)


def _sent_already(request: HttpRequest, draft: drafts.Draft, form: forms.MoreForm) -> HttpResponse:
    """What the form brought when it came first, and a new form with what was written now."""
    known = Report.objects.select_related("topic", "area", "lead").get(form_digest=draft.token.digest)
    shown = {
        "kept": receipts.kept(known, draft.token),
        "draft": replace(draft, token=form_token.new(Report.ROOM), photos=0),
        "photos": draft.photos or drafts.kept_photos(draft.token),
        "more": form,
    }
    return render(request, "listen/sent_already.html", shown, status=409)


def _submission(draft: drafts.Draft, more: dict[str, Any]) -> intake.Submission:
    if draft.area is None:
        raise ValueError("a report without a place")
    return intake.Submission(
        topic=draft.topic,
        area=draft.area,
        cell=draft.cell,
        words=draft.words,
        contact=more.get("contact", ""),
        language=language(),
        may_publish=more.get("may_publish", False),
        police_may_read=more.get("police_may_read", False),
    )


def _back(request: HttpRequest, draft: drafts.Draft) -> HttpResponse:
    if request.POST["back"] == "where":
        return _where(request, draft)
    form = forms.WhatForm(initial={"topic": draft.topic.pk, "words": draft.words}, topics=routing.offered())
    return _what(request, form, area=draft.area, token=draft.token, have=draft.photos)


def _what(request: HttpRequest, form: forms.WhatForm, status: int = 200, **about: Any) -> HttpResponse:
    groups = drafts.grouped(form.topics.values())
    shown = {"form": form, "groups": groups, "limit": rules.PHOTOS, **about}
    return render(request, "listen/tell_what.html", shown, status=status)


def _where(request: HttpRequest, draft: drafts.Draft, *, found: drafts.Placed | None = None) -> HttpResponse:
    drawn = maps.near(draft.area, draft.cell) if draft.area is not None else None
    whole = maps.city()
    shown = {
        "draft": draft,
        "found": found,
        "near": drawn,
        "near_address": maps.as_address(drawn) if drawn else "",
        "sizes": [(name, *(drawn or whole).size(name)) for name in maps.MAPS] if whole else [],
        "names": drafts.names(),
    }
    return render(request, "listen/tell_where.html", shown, status=400 if found and found.error else 200)


def _more(
    request: HttpRequest,
    draft: drafts.Draft,
    *,
    form: forms.MoreForm | None = None,
    begun: Mapping[str, str] = MappingProxyType({}),
    status: int = 0,
    quick: bool = False,
) -> HttpResponse:
    """The last step. `begun`: what was entered in it before. `quick`: ask no database: it failed."""
    shown = {
        "draft": draft,
        "form": form or forms.MoreForm(care=draft.topic.sensitivity, initial=begun),
        "similar": []
        if quick or draft.sealed
        else similar.near(draft.topic, draft.area, draft.cell, draft.words),
        "receivers": [] if quick or draft.area is None else routing.named(draft.topic, draft.area),
    }
    return render(request, "listen/tell_more.html", shown, status=status or (400 if form else 200))
