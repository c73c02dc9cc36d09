"""How residents' forms come into this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from mahalleh_site.listen.models import Report
from mahalleh_site.sealed.decorators import Residents

residents = Residents(
    room=Report.ROOM,
    template="listen/refused.html",
    too_much=_("Please send fewer or smaller photos: three, of at most 12 megabytes each. Nothing was kept."),
)
