"""What is written down of a load, and that no row of it is lost in silence."""

from __future__ import annotations

import pytest

from mahalleh_site.people.models import AuditEntry
from mahalleh_site.releases import actions
from mahalleh_site.releases.models import Load

pytestmark = pytest.mark.django_db
FACTS = {
    "by": "system:test",
    "name": "a.csv",
    "format": "csv",
    "digest": "d" * 64,
    "first": None,
    "last": None,
}
REFUSED = {"sources.no-date": {"count": 3}, "sources.outside": {"count": 1}}


def test_load__is_written_down_with_what_was_refused():
    load = actions.record_load(**FACTS, read=10, kept=6, refused=REFUSED)
    load.refresh_from_db()
    assert (load.rows_read, load.rows_kept, load.refused) == (10, 6, REFUSED)
    assert AuditEntry.objects.get(verb="load", object="a.csv").facts["read"] == 10


@pytest.mark.parametrize("read", [9, 11, 2])
def test_load__whose_rows_do_not_add_up_is_refused_and_leaves_nothing(read):
    with pytest.raises(ValueError, match="do not make up the rest"):
        actions.record_load(**FACTS, read=read, kept=6, refused=REFUSED)
    assert not Load.objects.filter(name="a.csv").exists()
    assert not AuditEntry.objects.filter(verb="load", object="a.csv").exists()
