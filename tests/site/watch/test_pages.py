"""The pages of the watch, as each role and the public get them."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from mahalleh_site.people.models import AuditEntry
from mahalleh_site.places.models import Area
from mahalleh_site.watch import queries
from mahalleh_site.watch.demo import decide_some
from mahalleh_site.watch.models import Decision, Signal
from tests.site.watch import samples
from tests.site.watch.browsing import GOOD, entered, text

SENTENCES = {
    "en": "102 reports came in where about 41 were expected. "
    "By chance alone a rise like this would come up about once in 19 years.",
    "fa": "۱۰۲ گزارش رسید، در حالی که حدود ۴۱ گزارش انتظار می‌رفت. "
    "چنین افزایشی به‌طور تصادفی تقریباً هر ۱۹ سال یک‌بار رخ می‌دهد.",
}


@pytest.mark.parametrize("language", ["fa", "en"])
def test_signals__say_each_in_one_sentence_and_how_long_it_waits(signal, language):
    said = text(entered().get(f"/{language}/signals/"))
    assert SENTENCES[language] in said
    assert {"en": "waits for a decision", "fa": "منتظر تصمیم"}[language] in said


def test_signals__are_narrowed_by_topic_district_and_state(signal):
    one = Area.objects.get(pk=signal.areas_order[0])
    far = Area.objects.exclude(district=one.district).first()
    samples.stored("noise-far", topic="noise", at=(far.pk,), status="dismissed")
    client = entered("analyst")

    def listed(query):
        found = re.findall(
            r'href="/en/signals/([^/"]+)/"', client.get(f"/en/signals/?{query}").content.decode()
        )
        return set(found)

    assert listed("") == {"street-lighting-m01", "noise-far"}
    assert listed("topic=noise") == {"noise-far"}
    assert listed("status=open") == {"street-lighting-m01"}
    assert listed(f"district={far.district_id}") == {"noise-far"}
    assert listed("status=problem") == set()
    assert listed("topic=unheard-of") == {"street-lighting-m01", "noise-far"}


def test_signals__say_what_to_do_before_the_first_look_and_when_nothing_stands_out(demo):
    Signal.objects.all().delete()
    assert "mahalleh watch run" in text(entered().get("/en/signals/"))
    samples.stored()
    Signal.objects.get().sightings.all().delete()
    Signal.objects.all().delete()
    assert "Nothing stands out" in text(entered().get("/en/signals/"))


@pytest.mark.parametrize("language", ["fa", "en"])
def test_signal__answers_first_then_shows_and_says_how_it_was_computed(signal, language):
    page = entered("auditor").get(f"/{language}/signals/{signal.id}/")
    body = page.content.decode()
    assert SENTENCES[language] in text(page)
    assert (
        body.index('class="answer"')
        < body.index("<figure")
        < body.index('id="sure"')
        < body.index('id="history"')
    )
    assert body.count('class="in"') == len(signal.areas_order)
    assert f"mahalleh watch replay {signal.id}" in text(page)
    assert "20261031" in text(page)
    assert body.count('<th scope="row">') >= 52
    if language == "en":
        assert "the city's line 137" in text(page)
        assert "Litter and rubble" in text(page)


def test_signals__name_the_topics_of_which_little_is_known(signal):
    page = text(entered().get("/en/signals/")).split("Topics of which little is known yet")[1]
    assert "learn the seasons from: Noise." in page
    assert "too little to compare with: Litter and rubble." in page


def test_signals__say_where_no_method_may_work(signal):
    assert "No new week is looked at" in text(entered().get("/en/signals/"))


def test_signals__have_no_such_warning_where_one_may(signal, in_use):
    assert "No new week is looked at" not in text(entered().get("/en/signals/"))


def test_signal__shows_the_button_to_those_who_decide(signal):
    address = f"/en/signals/{signal.id}/"
    assert f'href="{address}decide/"' in entered("coordinator").get(address).content.decode()
    for role in ("analyst", "auditor"):
        page = entered(role).get(address)
        assert f"{address}decide/" not in page.content.decode()
        assert "A coordinator decides." in text(page)


def test_signal__tells_what_became_of_earlier_ones_and_warns_of_a_burst(signal):
    earlier = samples.stored(
        "street-lighting-old", weeks_ago=30, status="dismissed", observed=40, expected=20.5
    )
    Signal.objects.filter(pk=signal.pk).update(burst=True)
    page = text(entered().get(f"/en/signals/{signal.id}/"))
    assert "40 reports came in where about 20 were expected" in page
    assert "was set aside" in page
    assert "nearly alike" in page
    assert "None so far" in text(entered().get(f"/en/signals/{earlier.id}/"))


def test_signal__shows_each_source_its_share_and_what_remains_without_it(signal):
    """Guard-rail 3: whoever decides sees whether one voice alone makes a rise."""
    two = [
        {"source": "line-137", "observed": 60, "share": 0.59, "left_observed": 42, "left_expected": 17.4},
        {"source": "web", "observed": 42, "share": 0.41, "left_observed": 60, "left_expected": 24.1},
    ]
    stored = [share | {"left_recurrence": seldom} for share, seldom in zip(two, (1.2, 400.0), strict=True)]
    Signal.objects.filter(pk=signal.pk).update(sources=stored)
    page = text(entered().get(f"/en/signals/{signal.id}/")).split("Who reported it")[1]
    assert "the city's line 137 60 59% 42, about 17 expected about once a week" in page
    assert "the website 42 41% 60, about 24 expected about once in 8 years" in page


def test_signal__that_is_not_there_is_no_page(demo):
    client = entered()
    for path in ("signals/nothing/", "signals/nothing/decide/", "signals/%D9%86/"):
        assert client.get(f"/en/{path}").status_code == 404


def test_decision__is_recorded_with_its_reason_and_an_audit_entry(signal):
    client, before = entered(), AuditEntry.objects.count()
    answer = client.post(f"/en/signals/{signal.id}/decide/", GOOD)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/en/signals/{signal.id}/")
    decision = Decision.objects.get()
    assert (decision.verb, decision.considered, decision.role) == (
        "watch",
        ["lighting", "talk"],
        "coordinator",
    )
    assert Signal.objects.get().status == "watching"
    assert AuditEntry.objects.count() == before + 1
    page = text(client.get(f"/en/signals/{signal.id}/"))
    assert GOOD["reason"] in page
    assert "Better lighting" in page


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"verb": ""}, "id_verb"),
        ({"verb": "open_problem"}, "id_verb"),
        ({"reason": ""}, "id_reason"),
        ({"considered": []}, "id_considered"),
    ],
)
def test_decision__that_lacks_something_is_not_recorded_and_loses_nothing(signal, wrong, field):
    page = entered().post(f"/en/signals/{signal.id}/decide/", GOOD | wrong)
    body = page.content.decode()
    assert page.status_code == 200
    assert f'href="#{field}"' in body
    assert f'id="{field}"' in body
    assert wrong.get("reason", GOOD["reason"]) in html.unescape(body)
    assert Decision.objects.count() == 0


def test_decision__says_so_where_the_state_has_moved_on_meanwhile(signal):
    client = entered()
    Signal.objects.filter(pk=signal.pk).update(status="problem")
    page = client.post(f"/en/signals/{signal.id}/decide/", GOOD)
    assert page.status_code == 200
    assert Decision.objects.count() == 0


def test_charts__are_drawn_ahead_and_then_kept(signal):
    from mahalleh_site.releases.charts import SIZES
    from mahalleh_site.watch import charts

    curve = [{**point, "observed": point["observed"] + 1} for point in signal.curve]
    Signal.objects.filter(pk=signal.pk).update(curve=curve)
    assert charts.prewarm() == len(SIZES)
    assert charts.prewarm() == 0


def test_signals__cost_the_same_queries_however_many_they_are(signal, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = entered()
    client.get("/en/signals/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get("/en/signals/")
    for number in range(6):
        samples.stored(f"noise-{number}", topic="noise", weeks_ago=number)
    with django_assert_num_queries(len(few)):
        client.get("/en/signals/")


def test_today__lists_open_signals_for_who_decides_the_oldest_promise_first(signal):
    samples.stored(
        "noise-urgent", topic="noise", at=("m05",), expires_on=timezone.localdate() + timedelta(days=2)
    )
    samples.stored("litter-done", topic="litter", status="watching")
    page = entered().get("/en/today/").content.decode()
    assert re.findall(r'href="/en/signals/([^/"]+)/"', page) == ["noise-urgent", "street-lighting-m01"]
    for role in ("analyst", "auditor", "partner", "officer"):
        page = entered(role).get("/en/today/").content.decode()
        assert "noise-urgent" not in page
        assert "Nothing waits for you" in page


def test_header__shows_the_room_to_those_who_may_enter(demo):
    for role in ("coordinator", "analyst", "auditor"):
        assert 'href="/en/signals/"' in entered(role).get("/en/today/").content.decode()
    for role in ("partner", "officer", "social-worker", "administrator"):
        page = entered(role).get("/en/today/").content.decode()
        assert "/en/signals/" not in page
        assert "/en/calibration/" not in page


def test_calibration__says_when_it_is_too_early(demo):
    assert "Too early to say" in text(entered("analyst").get("/en/calibration/"))


@pytest.mark.parametrize("language", ["fa", "en"])
def test_calibration__counts_what_became_of_signals(signal, monkeypatch, language):
    monkeypatch.setattr(queries, "calibration", samples.calibration)
    page = text(entered("auditor").get(f"/{language}/calibration/"))
    said = {
        "en": (
            "13 signals, or 6.5 a year",
            "About 2 a year",
            "104 looks at 8 topics",
            "at least 2 weeks before",
        ),
        "fa": ("۱۳ بود، یعنی سالی ۶٫۵ هشدار", "حدود ۲ هشدار", "۱۰۴ بررسی در ۸ موضوع", "دست‌کم ۲ هفته"),
    }[language]
    for words in said:
        assert words in page
    if language == "en":
        assert "set aside 3 33%" in page


@pytest.mark.parametrize("language", ["fa", "en"])
def test_calibration__says_how_many_rises_became_plain_and_when_they_are_too_few(
    signal, monkeypatch, language
):
    few = {"en": "too few to tell how early", "fa": "چقدر زود می‌آیند"}[language]
    said = {
        "en": "Rises that became plain to see: 2. Of them, no later than their signal came: 2.",
        "fa": "آشکار شدند: ۲. از این میان، آنچه دیرتر از هشدار خود آشکار نشد: ۲.",
    }[language]
    two = replace(samples.calibration(), leads=(0.0, -1.0))
    monkeypatch.setattr(queries, "calibration", lambda: two)
    page = text(entered("auditor").get(f"/{language}/calibration/"))
    assert said in page
    assert few in page
    monkeypatch.setattr(queries, "calibration", lambda: replace(two, leads=(0.0,) * 5))
    page = text(entered("auditor").get(f"/{language}/calibration/"))
    assert few not in page


def test_pages__of_staff_are_never_kept_and_have_no_inline_script(signal):
    client = entered()
    for path in ("signals/", f"signals/{signal.id}/", f"signals/{signal.id}/decide/", "calibration/"):
        page = client.get(f"/en/{path}")
        assert "no-store" in page.headers["Cache-Control"]
        assert not re.findall(r'\sstyle="|\son[a-z]+="|<script(?![^>]*\ssrc=)', page.content.decode())


@pytest.mark.parametrize(("count", "decided"), [(0, 0), (1, 0), (2, 1), (4, 2)])
def test_demonstration__decides_on_older_signals_and_leaves_the_newest_open(demo, count, decided):
    for number in range(count):
        day = samples.END - timedelta(days=number)
        samples.stored(f"noise-{number}", topic="noise", weeks_ago=number, opened_on=day)
    decide_some()
    assert Decision.objects.count() == decided
    assert not count or Signal.objects.get(pk="noise-0").status == "open"
