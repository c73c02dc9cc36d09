"""Hearing of an area by mail or feed: its page, asking, confirming and stopping by link; and its poster.

Programs that check mail follow the links in it, so opening one changes nothing: the page has a button.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from mahalleh_site.listen import rules
from mahalleh_site.listen.alerts import actions, feeds, mail, poster, tasks
from mahalleh_site.listen.alerts.forms import AskForm
from mahalleh_site.listen.decorators import residents
from mahalleh_site.people import limits
from mahalleh_site.places.models import Area
from mahalleh_site.sealed.decorators import View
from mahalleh_site.ui import address
from mahalleh_site.ui.decorators import public_page
from mahalleh_site.ui.templatetags.mahalleh import language

ASKS: Final = 10  # addresses an hour by the same visitor
MAILS: Final = 3  # that confirm, a day to the same address, for whatever areas
DAY: Final = 24 * rules.HOUR


@public_page
def area_alerts(request: HttpRequest, area_id: str) -> HttpResponse:
    """How to hear when there is something new about an area."""
    return _page(request, get_object_or_404(Area, pk=area_id), AskForm())


@residents.form("anyone may ask for news; the owner of the address confirms")
def ask_alert(request: HttpRequest, area_id: str) -> HttpResponse:
    """Enter an address, and answer alike whether it was known or not."""
    area = get_object_or_404(Area, pk=area_id)
    if not mail.can_mail():
        raise Http404
    if limits.count("alerts", limits.visitor(request), seconds=rules.HOUR) > ASKS:
        return residents.refused(
            request,
            429,
            _("Please wait a little"),
            _("Many addresses came from your connection. Try again in an hour."),
        )
    form = AskForm(request.POST)
    if not form.is_valid():
        return _page(request, area, form, status=400)
    _entered(area, form.cleaned_data["address"])
    return render(request, "listen/alert_asked.html", {"area": area})


@sensitive_variables("address")
def _entered(area: Area, address: str) -> None:
    alert = actions.ask(area=area, address=address, language=language(), today=timezone.localdate())
    if limits.count("alert-mails", actions.who(address), seconds=DAY) <= MAILS:
        tasks.confirm_alert.enqueue(alert.pk)


def _linked(because: str) -> Callable[[View], View]:
    """A page of a mail's link: looking changes nothing, its button or a mail program's one click does.

    The word proves the right, so it may be sent from anywhere: some mail programs are pages themselves. No
    method is refused, since refusals are logged with their address.
    """

    def decorate(view: View) -> View:
        @csrf_exempt
        @never_cache
        @wraps(view)
        def wrapped(request: HttpRequest, word: str) -> HttpResponse:
            if request.method == "POST":
                return view(request, word)
            return render(request, "listen/alert_link.html", {"what": view.__name__})

        wrapped.open_because = because  # type: ignore[attr-defined]  # a mark on a function
        return wrapped

    return decorate


@_linked("the word in the address was mailed to the owner of the address")
def confirm(request: HttpRequest, word: str) -> HttpResponse:
    """The owner of an address wants to hear of an area."""
    alert = actions.confirm(word=word, today=timezone.localdate())
    return render(request, "listen/alert_done.html", {"what": "confirm", "alert": alert, "word": word})


@_linked("whoever has the mail may end it")
def stop(request: HttpRequest, word: str) -> HttpResponse:
    """No more mails. The answer is the same for a word that is not ours, or no longer."""
    actions.stop(word=word)
    return render(request, "listen/alert_done.html", {"what": "stop"})


@never_cache
@require_safe
def read(request: HttpRequest, word: str) -> HttpResponse:
    """From a mail, which names no area, to the area's page; to the first page for a word that has ended."""
    alert = actions.found(word)
    return HttpResponseRedirect(alert.area.get_absolute_url() if alert else reverse("home"))


WHY = "the word in the address was mailed; it leads to a public page"
read.open_because = WHY  # type: ignore[attr-defined]  # a mark on a function


@public_page
def area_feed(request: HttpRequest, area_id: str) -> HttpResponse:
    """What is new about an area, for feed readers."""
    text = feeds.atom(get_object_or_404(Area, pk=area_id))
    return HttpResponse(text, content_type="application/atom+xml; charset=utf-8")


@public_page
def area_poster(request: HttpRequest, area_id: str) -> HttpResponse:
    """One sheet to hang up in a neighbourhood."""
    area = get_object_or_404(Area, pk=area_id)
    leads_to = address.absolute(f"{reverse('tell')}?{poster.query(area)}")
    shown = {"address": leads_to, "code": poster.code(leads_to), "halves": poster.halves(area)}
    return render(request, "listen/poster.html", {"area": area, **shown})


def _page(request: HttpRequest, area: Area, form: AskForm, status: int = 200) -> HttpResponse:
    shown = {"area": area, "form": form, "can_mail": mail.can_mail()}
    return render(request, "listen/alerts.html", shown, status=status)
