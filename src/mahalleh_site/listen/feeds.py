"""An area's Atom feed (RFC 4287): what its page shows, one entry for each thing that is new, days alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from io import StringIO
from typing import Final
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from mahalleh_site.listen import alerts
from mahalleh_site.listen.once import secret
from mahalleh_site.listen.queries import news
from mahalleh_site.listen.templatetags.listen_words import state_sentence
from mahalleh_site.people.keys import seal
from mahalleh_site.places.models import Area
from mahalleh_site.places.wording import promise_sentence
from mahalleh_site.ui.templatetags.mahalleh import language, number

NAMESPACE: Final = "http://www.w3.org/2005/Atom"
SINCE: Final = "2026"  # a year in which the host was the city's, as tags ask for (RFC 4151); never changes
# what XML 1.0 has no way to write: most control characters, halves of pairs, two non-characters
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: `id` a tag URI, `link` absolute, `text` plain and perhaps empty."""

    id: str
    title: str
    text: str
    link: str
    day: date


def atom(area: Area, *, today: date) -> str:
    """The feed of an area in the page's language, as XML."""
    found = [_entry(each, area) for each in news.of_area(area, today)]
    out = StringIO()
    xml = SimplerXMLGenerator(out, "utf-8", short_empty_elements=True)
    xml.startDocument()
    xml.startElement("feed", {"xmlns": NAMESPACE, "xml:lang": language()})
    _texts(
        xml,
        id=_tag(f"{language()}/{quote(area.pk)}"),
        title=_("What is new in %(area)s") % {"area": area.name},
        subtitle=_("Promises, reports that may be shown, and publications. Days only."),
        updated=_moment(max((entry.day for entry in found), default=today)),
    )
    xml.startElement("author", {})
    _texts(xml, name=settings.CITY.names[language()])
    xml.endElement("author")
    _link(xml, "self", _absolute("area-feed", area.pk), type="application/atom+xml")
    _link(xml, "alternate", _absolute("area", area.pk), type="text/html")
    for entry in found:
        _write(xml, entry)
    xml.endElement("feed")
    xml.endDocument()
    return out.getvalue()


def _entry(each: news.News, area: Area) -> Entry:
    name = _tag(f"{language()}/{seal.name(each.name.encode(), key=secret())}")
    if each.promise is not None:
        title = f"{each.promise.topic.name}: {promise_sentence(each.promise)}"
        return Entry(name, title, each.promise.words, _absolute("area", area.pk), each.day)
    if each.report is not None:
        title = f"{each.report.topic.name}: {state_sentence(each.report)}"
        return Entry(name, title, each.report.public_text, _absolute("report", each.report.key), each.day)
    release = number(each.release.number if each.release else 0)
    title = _("Counts of all neighbourhoods were published: release %(n)s") % {"n": release}
    return Entry(name, title, "", _absolute("data"), each.day)


def _write(xml: SimplerXMLGenerator, entry: Entry) -> None:
    xml.startElement("entry", {})
    _texts(xml, id=entry.id, title=entry.title, updated=_moment(entry.day))
    _link(xml, "alternate", entry.link, type="text/html")
    _texts(xml, content=entry.text or entry.title)
    xml.endElement("entry")


def _texts(xml: SimplerXMLGenerator, **texts: str) -> None:
    for name, text in texts.items():
        xml.addQuickElement(name, _NOT_XML.sub("\ufffd", text), {})


def _link(xml: SimplerXMLGenerator, rel: str, href: str, *, type: str) -> None:
    xml.addQuickElement("link", "", {"rel": rel, "href": href, "type": type})


def _absolute(name: str, *args: str) -> str:
    return alerts.origin() + reverse(name, args=args)


def _tag(path: str) -> str:
    """A name that stays, whatever the address (RFC 4151)."""
    return f"tag:{urlsplit(alerts.origin()).hostname},{SINCE}:{path}"


def _moment(day: date) -> str:
    """The beginning of a day in the city, as RFC 3339 writes it: nothing finer is known."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone()).isoformat()
