"""What the ledger tells of the answers given: from the threshold on, and no share that noise could turn."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from mahalleh_site.places.actions import standing
from mahalleh_site.places.models import Area
from mahalleh_site.places.queries.promises import AFTER, ANSWERS, IN_TIME
from mahalleh_site.publish.queries.doing import doing
from mahalleh_site.releases.models import Tally

pytestmark = pytest.mark.django_db
END = date(2026, 11, 23)


@pytest.fixture
def given(town):
    """Tells how many answers a neighbourhood got in a week: `given(in_time, after)`, with their noise."""

    def draw(in_time, after, *, epsilon=1.0):
        week = {"table": ANSWERS, "place": "a", "start": END - timedelta(7), "end": END, "epsilon": epsilon}
        Tally.objects.bulk_create(
            [Tally(**week, what=IN_TIME, value=in_time), Tally(**week, what=AFTER, value=after)]
        )
        standing.draw(today=END)
        return doing(Area.objects.get(pk="a"))

    return draw


@pytest.mark.parametrize(
    ("in_time", "after", "few"), [(2, 0, True), (4, 0, True), (-3, 5, True), (5, 0, False)]
)
def test_answers__below_the_threshold_are_too_few_to_count(given, client, in_time, after, few):
    assert given(in_time, after).few is few
    page = client.get("/en/areas/a/").content.decode()
    assert ("too few to count" in page) is few
    assert ("Answers given from" in page and "about" in page.partition("Answers given")[2][:200]) is not few


@pytest.mark.parametrize(
    ("in_time", "after", "share"), [(80, 20, 0.75), (90, 10, 1.0), (45, 55, 0.5), (-2, 90, 0.0)]
)
def test_share_in_time__comes_in_quarters(given, in_time, after, share):
    assert given(in_time, after).in_time == share


def test_share_in_time__that_noise_could_turn_is_not_told(given):
    assert given(8, 2).in_time is None
