"""The heads of the audit log as an Atom feed: whoever follows it keeps what nobody here can take back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from mahalleh_site.listen.alerts.feeds import Feed, absolute, moment, tag
from mahalleh_site.people.queries import PublishedHead
from mahalleh_site.ui.templatetags.mahalleh import language

SHOWN: Final = 60  # days


def heads(published: Sequence[PublishedHead]) -> str:
    """The feed in the page's language, as XML; the newest head first."""
    newest = published[0].day if published else timezone.localdate()
    feed = Feed(
        title=_("Heads of the audit log"),
        subtitle=_("One a day. Keep one, and you can ask later whether the log still goes back to it."),
        description=None,
        language=language(),
        author_name=settings.CITY.names[language()],
        link=absolute("methods"),
        feed_url=absolute("audit-feed"),
        feed_guid=tag(f"{language()}/audit-log"),
        today=moment(newest),
    )
    for head in published:
        feed.add_item(
            title=head.hash,
            link=absolute("methods"),
            description=None,  # type: ignore[arg-type]  # an entry without a summary: Django takes it
            unique_id=tag(f"{language()}/audit-log/{head.day.isoformat()}"),
            updateddate=moment(head.day),
            text=head.hash,
        )
    return str(feed.writeString("utf-8"))
