"""The pages of the watch, as each role and the public get them."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from mahalleh_site.people.models import AuditEntry
from mahalleh_site.places.models import Area, Topic
from mahalleh_site.watch import queries
from mahalleh_site.watch.demo import decide_some
from mahalleh_site.watch.models import Decision, Signal
from tests.site.watch import samples

GOOD = {"verb": "watch", "reason": samples.verdict().reason, "considered": ["lighting", "talk"], "other": ""}


@pytest.fixture
def demo(city, settings):
    """The sample city as a demonstration, whose door lets each role in."""
    settings.CITY = replace(city, mode="demo")
    caches["pages"].clear()
    return city


@pytest.fixture
def in_use(monkeypatch):
    """The method may work."""
    monkeypatch.setattr(queries, "any_method_in_use", lambda: True)


@pytest.fixture
def signal(demo):
    """A signal that waits."""
    return samples.stored()


def entered(role="coordinator"):
    client = Client(SERVER_NAME="localhost")
    assert client.post("/en/demo/enter/", {"role": role}).status_code == 302
    return client


def text(response) -> str:
    """What a reader reads: words without tags."""
    body = re.sub(r"<(script|style|svg).*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def public(path) -> str:
    response = Client(SERVER_NAME="localhost").get(path)
    assert response.status_code == 200
    assert not response.cookies
    return text(response)


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
    page = entered("auditor").get(f"/{language}/signals/{signal.key}/")
    body = page.content.decode()
    assert SENTENCES[language] in text(page)
    assert (
        body.index('class="answer"')
        < body.index("<figure")
        < body.index('id="sure"')
        < body.index('id="history"')
    )
    assert body.count('class="in"') == len(signal.areas_order)
    assert f"mahalleh watch replay {signal.key}" in text(page)
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
    address = f"/en/signals/{signal.key}/"
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
    page = text(entered().get(f"/en/signals/{signal.key}/"))
    assert "40 reports came in where about 20 were expected" in page
    assert "was set aside" in page
    assert "nearly alike" in page
    assert "None so far" in text(entered().get(f"/en/signals/{earlier.key}/"))


def test_signal__that_is_not_there_is_no_page(demo):
    client = entered()
    for path in ("signals/nothing/", "signals/nothing/decide/", "signals/%D9%86/"):
        assert client.get(f"/en/{path}").status_code == 404


def test_decision__is_recorded_with_its_reason_and_an_audit_entry(signal):
    client, before = entered(), AuditEntry.objects.count()
    answer = client.post(f"/en/signals/{signal.key}/decide/", GOOD)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/en/signals/{signal.key}/")
    decision = Decision.objects.get()
    assert (decision.verb, decision.considered, decision.role) == (
        "watch",
        ["lighting", "talk"],
        "coordinator",
    )
    assert Signal.objects.get().status == "watching"
    assert AuditEntry.objects.count() == before + 1
    page = text(client.get(f"/en/signals/{signal.key}/"))
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
    page = entered().post(f"/en/signals/{signal.key}/decide/", GOOD | wrong)
    body = page.content.decode()
    assert page.status_code == 200
    assert f'href="#{field}"' in body
    assert f'id="{field}"' in body
    assert wrong.get("reason", GOOD["reason"]) in html.unescape(body)
    assert Decision.objects.count() == 0


def test_decision__says_so_where_the_state_has_moved_on_meanwhile(signal):
    client = entered()
    Signal.objects.filter(pk=signal.pk).update(status="problem")
    page = client.post(f"/en/signals/{signal.key}/decide/", GOOD)
    assert page.status_code == 200
    assert Decision.objects.count() == 0


def test_charts__are_drawn_ahead_and_then_kept(signal):
    from mahalleh_site.places.charts import SIZES
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


def test_neighbourhood__shows_decided_signals_in_coarse_words_and_never_a_count(signal, in_use):
    area = signal.areas_order[0]
    assert (
        "102" not in public(f"/en/areas/{area}/").split("What was noticed here")[1].split("What is being")[0]
    )
    entered().post(f"/en/signals/{signal.key}/decide/", GOOD)
    for language in ("en", "fa"):
        page = public(f"/{language}/areas/{area}/")
        heading, after = {
            "en": ("What was noticed here", "What is being done"),
            "fa": ("آنچه در اینجا به چشم آمد", "چه کاری"),
        }[language]
        part = page.split(heading)[1].split(after)[0][:1500]
        for number in ("102", "41", "991", "۱۰۲", "۴۱"):
            assert number not in part
        assert GOOD["reason"] not in page
        assert "Nasrin" not in page
    part = public(f"/en/areas/{area}/").split("What was noticed here")[1]
    assert "about twice as much as usual" in part
    assert "is being watched" in part
    assert "Decided by: coordinator" in part
    assert "Better lighting" in part


def test_neighbourhood__claims_no_more_than_was_found(demo):
    """A rise of four neighbourhoods is not each one's own, and one of a neighbourhood not its district's."""
    here = samples.areas(1)[0]
    samples.stored(status="watching")
    assert "and neighbourhoods around it, taken together, about twice" in public(f"/en/areas/{here.pk}/")
    assert f"In a part of {here.district.name_en}, about twice" in public(
        f"/en/districts/{here.district_id}/"
    )
    samples.stored("noise-here", topic="noise", at=(here.pk,), status="dismissed")
    caches["pages"].clear()
    assert f"In {here.name_en}, about twice" in public(f"/en/areas/{here.pk}/")


def test_neighbourhood__promises_nothing_where_no_method_works(demo):
    page = public(f"/en/areas/{samples.areas(1)[0].pk}/")
    assert "What was noticed here" not in page
    assert "whether far more came in than chance explains" not in page


def test_neighbourhood__says_what_is_computed_where_one_does(demo, in_use):
    page = public(f"/en/areas/{samples.areas(1)[0].pk}/")
    assert "whether far more came in than chance explains" in page
    assert "Nothing has been decided" in page


def test_neighbourhood__keeps_an_open_signal_to_itself_and_shows_one_that_ran_out(signal, in_use):
    area = signal.areas_order[0]
    assert "Nothing has been decided" in public(f"/en/areas/{area}/")
    Signal.objects.filter(pk=signal.pk).update(status="expired")
    assert "Nobody decided about it in time." in public(f"/en/areas/{area}/")


def test_neighbourhood__says_nothing_of_careful_or_sealed_topics(demo, in_use):
    at = samples.areas(1)[0]
    samples.stored("family", topic="family-conflict", at=(at.pk,), status="watching")
    page = public(f"/en/areas/{at.pk}/")
    assert "Nothing has been decided" in page
    assert "about twice as much" in public(f"/en/districts/{at.district_id}/")
    Topic.objects.filter(pk="family-conflict").update(sensitivity="sealed")
    caches["pages"].clear()
    assert "about twice as much" not in public(f"/en/districts/{at.district_id}/")


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


def test_register__is_public_and_says_what_is_in_use_and_how_it_errs(demo, monkeypatch):
    assert "The register is empty" in public("/en/methods/") or "What it is for" in public("/en/methods/")
    entry = samples.method()
    monkeypatch.setattr(
        queries, "methods", lambda: [entry, replace(entry, name="b", errors={}, in_use=False)]
    )
    caches["pages"].clear()
    page = public("/en/methods/")
    assert "One method computes something about this city. No method decides: people do." in page
    assert "It is set to give 2 signals a year where nothing is rising." in page
    assert "finds 62%" in page
    assert "Not measured yet" in page
    assert "in use" in page
    assert public("/fa/methods/")


def test_pages__of_staff_are_never_kept_and_have_no_inline_script(signal):
    client = entered()
    for path in ("signals/", f"signals/{signal.key}/", f"signals/{signal.key}/decide/", "calibration/"):
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
