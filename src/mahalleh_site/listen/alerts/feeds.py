"""An area's Atom feed (RFC 4287): what its page shows, one entry for each thing that is new, days alone."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any, Final
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from mahalleh_site.listen.alerts import queries
from mahalleh_site.listen.models import Report
from mahalleh_site.listen.templatetags.report_sentences import state_sentence
from mahalleh_site.people.keys import seal
from mahalleh_site.places.models import Area
from mahalleh_site.places.wording import promise_sentence
from mahalleh_site.sealed.digests import city_key
from mahalleh_site.ui import address
from mahalleh_site.ui.templatetags.mahalleh import language, number

SINCE: Final = "2026"  # a year in which the host was the city's, as tags ask for (RFC 4151); never changes
# what XML 1.0 has no way to write: most control characters, halves of pairs, two non-characters
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Feed(Atom1Feed):
    """Django's feed; its contents are plain text where Django's are HTML, and an empty one has a day."""

    def latest_post_date(self) -> Any:
        """The newest entry's day, or the feed's."""
        return super().latest_post_date() if self.items else self.feed["today"]

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        """What Django writes, and the content."""
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["text"], {})


def atom(area: Area) -> str:
    """The feed of an area in the page's language, as XML."""
    feed = Feed(
        title=_text(_("What is new in %(area)s") % {"area": area.name}),
        subtitle=_("Promises, reports that may be shown, and publications. Days only."),
        description=None,
        language=language(),
        author_name=_text(settings.CITY.names[language()]),
        link=absolute("area", area.pk),
        feed_url=absolute("area-feed", area.pk),
        feed_guid=tag(f"{language()}/{quote(area.pk)}"),
        today=moment(queries.day()),
    )
    for each in queries.of_area(area):
        title, text, link = _told(each, area)
        feed.add_item(
            title=_text(title),
            link=link,
            description=None,  # type: ignore[arg-type]  # an entry without a summary: Django takes it
            unique_id=tag(f"{language()}/{seal.name(each.name.encode(), key=city_key(Report.ROOM))}"),
            updateddate=moment(each.day),
            text=_text(text or title),
        )
    return str(feed.writeString("utf-8"))


def _told(each: queries.News, area: Area) -> tuple[str, str, str]:
    """A piece of news: its title, its text, which may be empty, and where it stands."""
    if each.promise is not None:
        title = f"{each.promise.topic.name}: {promise_sentence(each.promise)}"
        return title, each.promise.words, absolute("area", area.pk)
    if each.report is not None:
        title = f"{each.report.topic.name}: {state_sentence(each.report)}"
        return title, each.report.public_text, absolute("report", each.report.number)
    release = number(each.release.number if each.release else 0)
    title = _("Counts of all neighbourhoods were published: release %(n)s") % {"n": release}
    return title, "", absolute("data")


def _text(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def absolute(name: str, *args: str) -> str:
    """An address of the city, with its host."""
    return address.absolute(reverse(name, args=args))


def tag(path: str) -> str:
    """A name that stays, whatever the address (RFC 4151)."""
    return f"tag:{urlsplit(address.origin()).hostname},{SINCE}:{path}"


def moment(day: date) -> datetime:
    """The beginning of a day in the city: nothing finer is known."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())
