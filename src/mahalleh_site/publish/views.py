"""The public pages of the city. Each is the same for everyone and reads only what is published."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from mahalleh_site.listen.queries import standing
from mahalleh_site.people.queries import published_heads
from mahalleh_site.places.models import Area, District, Topic
from mahalleh_site.places.queries import boundaries, is_topic, search
from mahalleh_site.publish import feeds, queries, wording
from mahalleh_site.publish.queries.records import FILES
from mahalleh_site.releases.figures import figure
from mahalleh_site.releases.models import Release
from mahalleh_site.releases.queries import account
from mahalleh_site.ui.decorators import public_page, takes
from mahalleh_site.ui.templatetags.mahalleh import language
from mahalleh_site.watch import queries as watch
from mahalleh_site.watch import register_wording


@takes(topic=is_topic, show=queries.SHOWS.__contains__, sort=queries.SORTS.__contains__)
@public_page
def home(request: HttpRequest) -> HttpResponse:
    """Which neighbourhood is yours, the map, the doors, what changed lately."""
    chosen = _chosen(request, "topic", "show", "sort")
    city = queries.city_map(topic=chosen["topic"], show=chosen["show"], sort=chosen["sort"])
    return render(
        request,
        "publish/home.html",
        {"city": city, "legend": wording.legend(city), "changes": queries.changes()},
    )


@takes(q=None)
@public_page
def find(request: HttpRequest) -> HttpResponse:
    """Places by name."""
    query = request.GET.get("q", "").strip()
    return render(request, "publish/find.html", {"query": query, "found": search.find(query)})


@takes(q=None)
@public_page
def suggest(request: HttpRequest) -> HttpResponse:
    """The first few places that fit, while a person types."""
    found = search.suggestions(request.GET.get("q", ""))
    return render(request, "publish/_found.html", {"found": found})


@takes(topic=is_topic)
@public_page
def area(request: HttpRequest, area_id: str) -> HttpResponse:
    """A neighbourhood."""
    try:
        page = queries.area_page(area_id, **_chosen(request, "topic"))
    except Area.DoesNotExist as error:
        raise Http404 from error
    numbers = page.numbers
    caption = _caption(page.area.name, numbers.chosen) if numbers else ""
    return render(
        request,
        "publish/area.html",
        {
            "page": page,
            "numbers": numbers,
            "figure": figure(numbers.curve, caption) if numbers else None,
        },
    )


@takes(topic=is_topic)
@public_page
def district(request: HttpRequest, district_id: str) -> HttpResponse:
    """A district and its neighbourhoods."""
    try:
        page = queries.district_page(district_id, **_chosen(request, "topic"))
    except District.DoesNotExist as error:
        raise Http404 from error
    numbers = page.numbers
    caption = _caption(page.district.name, numbers.chosen) if numbers else ""
    return render(
        request,
        "publish/district.html",
        {"page": page, "numbers": numbers, "figure": figure(numbers.curve, caption) if numbers else None},
    )


@public_page
def topics(request: HttpRequest) -> HttpResponse:
    """All topics that may be published."""
    needs, activities = queries.topics_by_group()
    return render(request, "publish/topics.html", {"needs": needs, "activities": activities})


@takes(show=queries.SHOWS.__contains__, sort=queries.SORTS.__contains__)
@public_page
def topic(request: HttpRequest, topic_id: str) -> HttpResponse:
    """A topic in the whole city."""
    try:
        page = queries.topic_page(topic_id, **_chosen(request, "show", "sort"))
    except Topic.DoesNotExist as error:
        raise Http404 from error
    return render(
        request,
        "publish/topic.html",
        {
            "page": page,
            "city": page.map,
            "legend": wording.legend(page.map) if page.map else [],
            "figure": figure(page.curve, _caption(settings.CITY.names[language()], page.topic)),
        },
    )


@public_page
def data(request: HttpRequest) -> HttpResponse:
    """What was loaded, what was published, and the files."""
    return render(request, "publish/data.html", {"page": queries.data_page()})


@public_page
def method(request: HttpRequest) -> HttpResponse:
    """How we count, and what protects people."""
    return render(request, "publish/method.html", {"city": settings.CITY, "latest": Release.objects.first()})


@public_page
def methods(request: HttpRequest) -> HttpResponse:
    """The public register: which methods are in use, on which data, and how often they are wrong."""
    entries = [(entry, register_wording.errors(entry.errors)) for entry in watch.methods()]
    used = sum(entry.in_use for entry, _errors in entries)
    shown = {
        "methods": entries,
        "used": used,
        "past": watch.calibration(),
        "account": account.current(),
        "heads": published_heads(most=1),
    }
    return render(request, "publish/methods.html", shown)


@public_page
def audit_feed(request: HttpRequest) -> HttpResponse:
    """The heads of the audit log, for feed readers."""
    text = feeds.heads(published_heads(most=feeds.SHOWN))
    return HttpResponse(text, content_type="application/atom+xml; charset=utf-8")


@public_page
def get_help(request: HttpRequest) -> HttpResponse:
    """The second door: whom to call."""
    return render(request, "publish/help.html")


@public_page
def done(request: HttpRequest) -> HttpResponse:
    """The third door: promises and what became of them."""
    shown = {"doing": queries.doing(), "shares": standing.channels()}
    return render(request, "publish/done.html", shown)


@public_page
def release_file(request: HttpRequest, number: int, name: str) -> FileResponse:
    """A file of a release."""
    path = queries.release_file(number, name)
    if path is None:
        raise Http404
    attached = f"release-{number}-{name}"
    return FileResponse(path.open("rb"), as_attachment=True, filename=attached, content_type=FILES[name])


@public_page
def area_csv(request: HttpRequest, area_id: str) -> HttpResponse:
    """The published counts of one neighbourhood."""
    text = queries.area_csv(area_id)
    if text is None:
        raise Http404
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="area-{_plain(area_id)}.csv"'
    return response


@public_page
def areas_geojson(request: HttpRequest) -> HttpResponse:
    """All neighbourhoods for the map."""
    return HttpResponse(
        boundaries.areas_geojson(boundaries.areas_stamp()), content_type="application/geo+json"
    )


def _chosen(request: HttpRequest, *names: str) -> dict[str, str]:
    """The words of the address that a page understands."""
    return {name: request.GET.get(name, "")[:60] for name in names}


def _caption(place: str, chosen: Topic | None) -> str:
    if chosen is None:
        return _("What residents of %(place)s told, all topics together") % {"place": place}
    return _("%(topic)s in %(place)s") % {"topic": chosen.name, "place": place}


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isascii() and (c.isalnum() or c in "-_")) or "data"
