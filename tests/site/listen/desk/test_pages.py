"""The pages of those who read and answer reports: what each role finds there, and what it may not notice."""

import html
import io
import re
from dataclasses import replace
from datetime import timedelta

import jdatetime
import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from PIL import Image

from mahalleh_site.listen.actions import intake
from mahalleh_site.listen.city_section import Listen
from mahalleh_site.listen.desk.actions import handling, setup
from mahalleh_site.listen.desk.queries import reading
from mahalleh_site.listen.models import ApiKey, Message, Report, Route, Template
from mahalleh_site.listen.telling.actions import own_report
from mahalleh_site.listen.telling.queries import receipts
from mahalleh_site.people import audit, demo
from mahalleh_site.people.actions import give_role
from mahalleh_site.people.models import AuditEntry, KeyShare
from mahalleh_site.places.models import Area, Topic
from mahalleh_site.sealed import form_token
from mahalleh_site.ui.templatetags.mahalleh import day
from tests.site import kept
from tests.site.listen.moderating import publish

WORDS = "The lamp before door 4 is out."
REASON = "marker-of-the-reason"


@pytest.fixture(autouse=True)
def _demonstration(town, settings):
    """The invented people enter as the demonstration lets them, which opens their keys."""
    settings.CITY = replace(settings.CITY, mode="demo")


def entered(role="coordinator"):
    client = Client(SERVER_NAME="localhost")
    assert client.post("/en/demo/enter/", {"role": role}).status_code == 302
    return client


def locked(role="coordinator"):
    """Signed in with the key closed again."""
    client = entered(role)
    client.post("/en/me/key/close/")
    return client


def text(answer):
    """What a reader reads."""
    body = re.sub(r"<(script|style|svg).*?</\1>", " ", answer.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def page(client, report):
    return client.get(f"/en/listen/{report.number}/")


def do(client, report, verb, **given):
    return client.post(f"/en/listen/{report.number}/do/{verb}/", given)


def listed(client, query=""):
    found = client.get(f"/en/listen/{query}").content.decode()
    return re.findall(r'<h2><a href="/en/listen/([0-9A-Z]+)/"', found)


def now(report):
    return Report.objects.select_related("lead", "assigned").get(pk=report.pk)


def due(report, days):
    Report.objects.filter(pk=report.pk).update(due_on=timezone.localdate() + timedelta(days=days))


def test_queue__has_the_oldest_promise_first_and_says_what_is_late(send):
    first, late = send(words=WORDS).report, send().report
    due(late, -3)
    client = entered()
    assert listed(client) == [late.number, first.number]
    answer = client.get("/en/listen/")
    assert text(answer).count("late since") == 1
    assert answer.content.decode().count('class="late"') == 1
    assert WORDS in text(answer)


def test_queue__shows_no_words_while_the_key_is_closed_and_says_how_to_open_it(send):
    report = send(words=WORDS).report
    client = locked()
    answer = client.get("/en/listen/")
    assert listed(client) == [report.number]
    assert WORDS not in text(answer)
    assert '<a href="/en/me/key/?next=/en/listen/">' in answer.content.decode()


def test_queue__cuts_long_words_short(send):
    send(words="lights " * 80)
    shown = text(entered().get("/en/listen/"))
    assert shown.count("lights") == 160 // len("lights ")
    assert "lights …" in shown


def test_queue__is_narrowed_by_state_topic_district_and_who_works_on_it(send, town):
    mine, free, done = send().report, send(area="d").report, send().report
    theirs = send("theft").report
    coordinator, member_key = town.people["coordinator"], town.member_key("coordinator")
    handling.take(by=coordinator, report=mine)
    handling.answer(by=coordinator, report=done, member_key=member_key, verb="answer", words="Done.")
    client, district = entered(), free.area.district_id
    assert listed(client) == [mine.number, free.number]
    assert listed(client, "?whose=mine") == [mine.number]
    assert listed(client, "?whose=free") == [free.number]
    assert set(listed(client, "?whose=all")) == {mine.number, free.number, theirs.number}
    assert listed(client, "?status=closed") == [done.number]
    assert listed(client, "?whose=all&topic=theft") == [theirs.number]
    expected = {each.number for each in (mine, free) if each.area.district_id == district}
    assert set(listed(client, f"?district={district}")) == expected
    assert listed(client, "?topic=nonsense&status=nonsense") == [mine.number, free.number]


def test_queue__says_which_may_be_the_same(send):
    one, two = (send(words=f"{WORDS} It is very dark {when}.").report for when in ("at night", "every night"))
    other = send(words="A tree has fallen over the lane and nobody can pass.").report
    body = entered().get("/en/listen/").content.decode()
    assert body.count("Perhaps the same:") == 2
    rows = {
        key: body.split(f'<h2><a href="/en/listen/{key}/"')[1].split("<h2>")[0] for key in listed(entered())
    }
    assert f'href="/en/listen/{two.number}/"' in rows[one.number]
    assert "Perhaps the same:" not in rows[other.number]


@pytest.mark.parametrize("role", ["coordinator", "officer", "partner"])
def test_sealed__is_to_others_as_if_it_were_not(send, role):
    """Not in the queue, the counts, the filters, on today; its page is that of a report that never was."""
    send("lighting"), send("theft"), send("quarrel")
    client = entered(role)
    ways = ("?whose=all&status=all", "?whose=all", "?topic=harm&whose=all", "")
    before = [text(client.get(f"/en/listen/{way}")) for way in ways] + [text(client.get("/en/today/"))]
    report = send("harm").report
    after = [text(client.get(f"/en/listen/{way}")) for way in ways] + [text(client.get("/en/today/"))]
    assert after == before
    assert "Self-harm" not in "".join(after)
    missing = client.get("/en/listen/00000000000/")
    for answer in (
        page(client, report),
        client.post(f"/en/listen/{report.number}/contact/"),
        client.get(f"/en/listen/{report.number}/photos/1.jpg"),
        *(do(client, report, verb, words="x", text="x") for verb in ("take", "reply", "note", "private")),
    ):
        assert answer.status_code == missing.status_code == 404
        assert text(answer) == text(missing)
    assert now(report).status == "new"


def test_sealed__opens_to_its_service_and_to_an_officer_with_the_residents_leave(send, town):
    harm = Topic.objects.get(pk="harm")
    setup.add_route(by="system:test", organisation=town.homes["police"], topic=harm)
    report = send("harm", words=WORDS, police_may_read=True).report
    for role in ("social-worker", "officer"):
        assert WORDS in text(page(entered(role), report))
        assert listed(entered(role), "?whose=all") == [report.number]
    assert page(entered("coordinator"), report).status_code == 404


def test_private__vanishes_for_the_partner_who_marked_it_and_stays_for_the_coordinator(send):
    report = send("quarrel", words=WORDS).report
    partner = entered("partner")
    answer = do(partner, report, "private")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/en/listen/")
    assert page(partner, report).status_code == 404
    assert listed(partner, "?whose=all&status=all") == []
    assert "Quarrel at home" not in text(partner.get("/en/today/"))
    coordinator = entered()
    assert "private" in text(page(coordinator, report))
    assert do(coordinator, report, "unprivate").status_code == 302
    assert page(partner, report).status_code == 200


def test_report__leads_whoever_has_a_closed_key_to_it_and_back(send, town):
    report = send(words=WORDS).report
    person = town.people["coordinator"]
    person.set_password(demo.OPEN_TO_ALL)
    person.save()
    client = locked()
    away = page(client, report)
    assert away.status_code == 302
    field = re.search(r'name="next" value="([^"]+)"', client.get(away.headers["Location"]).content.decode())
    given = {"do": "open", "password": demo.OPEN_TO_ALL, "next": field.group(1)}
    back = client.post("/en/me/key/", given)
    assert back.headers["Location"] == f"/en/listen/{report.number}/"
    assert WORDS in text(client.get(back.headers["Location"]))


def errors(answer):
    """The summary of what is wrong, where there is one."""
    found = re.search(r'<div class="notice error".*?</div>', answer.content.decode(), flags=re.S)
    return re.sub(r"<[^>]+>", " ", found.group()) if found else ""


def read_by_resident(sent):
    opened = receipts.opened(now(sent.report), sent.receipt)
    return [said.text for said in opened.said if not said.mine]


def entries(verb):
    return AuditEntry.objects.filter(verb=verb).count()


def test_report__shows_what_was_said_and_writes_down_once_a_day_that_it_was_opened(send, town):
    report = send(words=WORDS).report
    client = entered()
    assert WORDS in text(page(client, report))
    page(client, report)
    assert entries("read-report") == 1
    entry = AuditEntry.objects.get(verb="read-report")
    assert (entry.by, entry.object) == (f"user:{town.people['coordinator'].pk}", f"report:{report.number}")


def test_contact__is_shown_when_asked_for_and_that_is_written_down(send):
    report = send(contact="+98 900 000 0000").report
    client = entered()
    assert "+98 900" not in text(page(client, report))
    assert entries("read-contact") == 0
    answer = client.post(f"/en/listen/{report.number}/contact/")
    assert "+98 900 000 0000" in text(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    assert entries("read-contact") == 1
    assert client.get(f"/en/listen/{report.number}/contact/").status_code == 405


@pytest.mark.parametrize("what", ["report", "contact", "photo", "queue"])
def test_reading__that_could_not_be_written_down_is_not_shown(send, town, monkeypatch, what):
    """Not at the first try, and not at the second, which a count of tries would have let through."""
    report = send(words=WORDS, contact="+98 900 000 0000").report
    client = entered()
    client.raise_request_exception = False
    monkeypatch.setattr(reading, "photo", lambda *_: b"jpeg")
    asked = {
        "report": lambda: page(client, report),
        "contact": lambda: client.post(f"/en/listen/{report.number}/contact/"),
        "photo": lambda: client.get(f"/en/listen/{report.number}/photos/7.jpg"),
        "queue": lambda: client.get("/en/listen/"),
    }[what]

    def full(**_: object) -> None:
        raise OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(audit, "record", full)
        for _try in range(2):
            answer = asked()
            assert answer.status_code == 500
            assert not any(word in answer.content for word in (WORDS.encode(), b"+98 900", b"jpeg"))
    answer = asked()
    assert answer.status_code == 200
    assert entries({"photo": "read-report"}.get(what, f"read-{what}")) == 1


def test_reading__leaves_no_word_in_cache_session_file_or_log(send, log, caplog, capfd):
    report = send(words=WORDS, contact="+98 900 000 0000").report
    client = entered()
    shown = [client.get("/en/listen/"), page(client, report)]
    shown.append(client.post(f"/en/listen/{report.number}/contact/"))
    assert WORDS in text(shown[0])
    assert WORDS in text(shown[1])
    assert "+98 900" in text(shown[2])
    places = {
        "caches": kept.cached(),
        "sessions": kept.sessions(),
        "folder": kept.folder(),
        "logs": log.getvalue() + caplog.text + "".join(capfd.readouterr()),
        "database": kept.database(),
    }
    written = (WORDS, WORDS[:20], "+98 900")
    assert {(place, word) for place, text in places.items() for word in written if word in text} == set()


def with_photos(topic, *pictures):
    """A report that was sent with photos."""
    form = form_token.new(Report.ROOM)
    intake.keep_photos(pictures, token=form)
    telling = intake.Submission(Topic.objects.get(pk=topic), Area.objects.get(pk="a"), None, WORDS)
    return intake.send(telling, token=form)


def test_photo__is_a_picture_that_no_cache_keeps_and_stands_under_its_own_report_alone(town, send):
    picture = io.BytesIO()
    Image.new("RGB", (4, 3), "navy").save(picture, "JPEG")
    report, client = with_photos("lighting", picture.getvalue()), entered()
    assert "photos/1.jpg" in page(client, report).content.decode()
    answer = client.get(f"/en/listen/{report.number}/photos/1.jpg")
    assert (answer.headers["Content-Type"], answer.content) == ("image/jpeg", picture.getvalue())
    assert "no-store" in answer.headers["Cache-Control"]
    assert client.get(f"/en/listen/{send().report.number}/photos/1.jpg").status_code == 404


def test_photos__are_numbered_within_their_report_so_that_nobody_learns_of_others(town):
    client = entered()
    for _ in range(2):
        report = with_photos("lighting", b"first", b"second")
        with_photos("harm", b"not for coordinators")
        shown = re.findall(r'photos/(\d+)\.jpg"', page(client, report).content.decode())
        assert list(dict.fromkeys(shown)) == ["1", "2"]
        got = [client.get(f"/en/listen/{report.number}/photos/{n}.jpg") for n in (1, 2)]
        assert [each.content for each in got] == [b"first", b"second"]
        for wrong in (0, 3, 4, report.photos.last().pk + 10, 10**30):
            assert client.get(f"/en/listen/{report.number}/photos/{wrong}.jpg").status_code == 404


def test_newcomer_without_access__is_told_who_can_give_it(send, town):
    report = send(words=WORDS).report
    KeyShare.objects.filter(user=town.people["coordinator"]).delete()
    client = entered()
    answer = page(client, report)
    assert answer.status_code == 403
    assert "A colleague of your organisation who can open it gives you access" in text(answer)
    assert WORDS not in text(client.get("/en/listen/"))


@pytest.mark.parametrize(
    ("verb", "given", "status"),
    [
        ("answer", {"words": "It shines.", "public_words": "Mended."}, "closed"),
        ("decline", {"words": "Not our lamp."}, "declined"),
        ("reply", {"words": "Which lamp?"}, "open"),
    ],
)
def test_answers__are_read_with_the_receipt(send, verb, given, status):
    sent = send()
    client = entered()
    answer = do(client, sent.report, verb, **given)
    assert answer.headers["Location"] == f"/en/listen/{sent.report.number}/"
    assert "Done:" in text(client.get(answer.headers["Location"]))
    assert now(sent.report).status == status
    assert read_by_resident(sent) == [given["words"]]


@pytest.mark.parametrize(
    ("day", "fault"), [("", "Name the day."), ("1399/1/1", "half a year"), ("soon", "year/month/day")]
)
def test_promise__without_a_good_day_keeps_what_was_written(send, day, fault):
    sent = send()
    answer = do(entered(), sent.report, "promise", words="We will come.", due_on=day)
    assert answer.status_code == 400
    assert fault in errors(answer)
    assert "We will come." in answer.content.decode()
    assert read_by_resident(sent) == []


def test_promise__takes_a_day_of_either_calendar(send, town):
    sent, day = send(), timezone.localdate()
    solar = jdatetime.date.fromgregorian(date=day)
    given = f"{solar.year}/{solar.month}/{solar.day}"
    assert do(entered(), sent.report, "promise", words="Today.", due_on=given).status_code == 302
    assert (now(sent.report).status, now(sent.report).due_on) == ("promised", day)


@pytest.mark.parametrize("verb", ["answer", "decline", "reply", "note", "forward", "merge", "refuse"])
def test_nothing_written__is_said_in_words_and_nothing_happens(send, verb):
    report = send().report
    answer = do(entered(), report, verb)
    assert answer.status_code == 400
    assert errors(answer) != ""
    assert (now(report).status, Message.objects.count()) == ("new", 1)


def test_forward__merge_part_note_refuse_and_accept_through_the_page(send, town):
    first, second, third = send().report, send().report, send(held=True).report
    client = entered()
    do(client, second, "merge", into=first.number.lower(), reason=REASON)
    assert now(second).merged_into_id == first.pk
    assert REASON in text(page(client, second))
    do(client, second, "part")
    assert now(second).status == "open"
    do(client, second, "forward", to=town.homes["ngo"].pk, reason=REASON)
    assert now(second).lead == town.homes["ngo"]
    do(client, first, "note", words="Ask the electricians.")
    assert "Ask the electricians." in text(page(client, first))
    do(client, third, "accept")
    assert now(third).status == "new"
    do(client, third, "refuse", reason="A joke.")
    assert now(third).status == "refused"


def test_merge__with_a_report_that_one_may_not_know_of_is_as_with_none(send):
    report, sealed = send().report, send("harm").report
    answers = [do(entered(), report, "merge", into=key, reason=REASON) for key in (sealed.number, "0" * 11)]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert errors(answers[0]) == errors(answers[1]) != ""
    assert REASON in answers[0].content.decode()


def test_template__begins_an_answer_in_the_reports_language(send, town):
    texts = {"name_fa": "چراغ", "name_en": "Lamp", "text_fa": "چراغ عوض شد.", "text_en": "A new lamp."}
    general = setup.save_template(by="system:test", **texts)
    others = setup.save_template(by="system:test", organisation=town.homes["ngo"], **texts)
    client = entered()
    for language, text_ in (("fa", "چراغ عوض شد."), ("en", "A new lamp.")):
        report = send(language=language).report
        body = client.get(f"/en/listen/{report.number}/?template={general.pk}").content.decode()
        assert f"{text_}</textarea>" in body
        foreign = client.get(f"/en/listen/{report.number}/?template={others.pk}").content.decode()
        assert f"{text_}</textarea>" not in foreign
        assert foreign.count("data-text=") == 1


def test_publish__starts_from_the_original_and_says_where_it_was_changed(send):
    sent = send(words=WORDS, may_publish=True)
    client = entered()
    assert f"{WORDS}</textarea>" in page(client, sent.report).content.decode()
    do(client, sent.report, "publish", text=WORDS)
    assert (now(sent.report).public_text, now(sent.report).public_edited) == (WORDS, False)
    do(client, sent.report, "publish", text="A lamp is out.")
    assert now(sent.report).public_edited
    do(client, sent.report, "publish", text="")
    assert now(sent.report).public_text == ""


def test_publish__is_not_offered_without_leave(send):
    report = send().report
    client = entered()
    assert "do/publish/" not in page(client, report).content.decode()
    assert do(client, report, "publish", text="x").status_code == 409
    assert now(report).public_text == ""


def entering(client, **given):
    """The form for somebody else's report, filled in and sent."""
    word = re.search(r'name="form" value="([^"]+)"', client.get("/en/listen/new/").content.decode()).group(1)
    form = {"form": word, "channel": "paper", "topic": "lighting", "area": "a", "words": WORDS} | given
    return form, client.post("/en/listen/new/", form)


def receipt_on(answer):
    return re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){5}", answer.content.decode()).group()


@pytest.mark.parametrize("channel", ["paper", "spoken"])
def test_entered__for_somebody_gives_a_receipt_that_opens_it(send, town, channel):
    client = entered("partner")
    form, answer = entering(client, contact="door 4", channel=channel)
    assert answer.status_code == 201
    report, code = Report.objects.get(), receipt_on(answer)
    assert (report.channel, report.lead) == (channel, town.homes["municipality"])
    opened = receipts.opened(receipts.find(code), code)
    assert (opened.said[0].text, opened.contact) == (WORDS, "door 4")
    assert AuditEntry.objects.first().verb == "enter-report"
    again = client.post("/en/listen/new/", form)
    assert (receipt_on(again), Report.objects.count()) == (code, 1)
    assert page(client, report).status_code == 404  # whoever enters it does not read on


def test_entered__without_words_topic_or_place_keeps_the_rest(send):
    _form, answer = entering(entered("social-worker"), words="", topic="", contact="door 4")
    assert answer.status_code == 400
    assert "Nothing was saved yet" in errors(answer)
    assert 'value="door 4"' in answer.content.decode()
    assert Report.objects.count() == 0


def test_setup__adds_and_removes_receivers_and_names_topics_that_nobody_receives(town):
    client = entered()
    assert "Nobody receives these" not in text(client.get("/en/listen/setup/"))
    route = Route.objects.get(topic="harm")
    client.post(f"/en/listen/setup/routes/{route.pk}/remove/")
    shown = text(client.get("/en/listen/setup/"))
    assert "residents cannot tell them: Self-harm ." in shown.replace("Self-harm.", "Self-harm .")
    given = {"organisation": town.homes["counselling"].pk, "topic": "harm", "district": "", "area": ""}
    assert client.post("/en/listen/setup/", given).status_code == 302
    assert Route.objects.filter(topic="harm").count() == 1


def test_setup__keeps_answers_to_begin_with(town):
    client = entered()
    texts = {"name_fa": "ی", "name_en": "Lamp", "text_fa": "ب", "text_en": "A new lamp."}
    client.post("/en/listen/setup/answers/new/", texts)
    kept = Template.objects.get()
    client.post(f"/en/listen/setup/answers/{kept.pk}/", texts | {"text_en": "Two lamps."})
    assert Template.objects.get().text_en == "Two lamps."
    assert client.post("/en/listen/setup/answers/new/", {}).status_code == 200
    client.post(f"/en/listen/setup/answers/{kept.pk}/remove/")
    assert Template.objects.count() == 0


def test_setup__shows_a_programs_key_once(town):
    client = entered()
    given = {"organisation": town.homes["ngo"].pk, "name": "Bench app"}
    code = receipt_on(client.post("/en/listen/setup/programs/new/", given))
    shown = text(client.get("/en/listen/setup/"))
    assert "Bench app" in shown
    assert code not in shown
    client.post(f"/en/listen/setup/programs/{ApiKey.objects.get().pk}/end/")
    assert ApiKey.objects.get().ended_on is not None
    assert "Bench app" not in text(client.get("/en/listen/setup/"))


@pytest.mark.parametrize("role", ["officer", "social-worker", "partner", "auditor"])
def test_setup__is_for_coordinators(town, role):
    client, route = entered(role), Route.objects.first()
    assert client.get("/en/listen/setup/").status_code == 404
    assert client.post(f"/en/listen/setup/routes/{route.pk}/remove/").status_code == 404
    assert "/listen/setup/" not in client.get("/en/listen/").content.decode()
    assert Route.objects.filter(pk=route.pk).exists()


def test_today__says_what_waits_and_not_what_others_work_on(send, town):
    free, theirs, held = send().report, send(area="b").report, send(area="c", held=True).report
    colleague = town.people["partner"]
    give_role(by="system:test", user=colleague, organisation=town.homes["municipality"], role="partner")
    handling.take(by=town.people["coordinator"], report=theirs, user=colleague)
    links = re.findall(r'href="/en/listen/([0-9A-Z]{11})/"', entered().get("/en/today/").content.decode())
    assert set(links) == {free.number, held.number}


def test_today__brings_what_is_not_better_back_to_whoever_closed_it(send, town):
    sent = send()
    coordinator, member_key = town.people["coordinator"], town.member_key("coordinator")
    handling.answer(by=coordinator, report=sent.report, member_key=member_key, verb="answer", words="Done.")
    assert "Lighting" not in text(entered().get("/en/today/"))
    own_report.say_better(now(sent.report), better="no")
    assert "Not better: Lighting" in text(entered().get("/en/today/"))


def test_publish__is_offered_to_who_works_on_it_alone(send):
    report = send("theft", may_publish=True).report
    assert "do/publish/" not in page(entered("coordinator"), report).content.decode()
    assert "do/publish/" in page(entered("officer"), report).content.decode()


def test_published__can_be_taken_down_after_the_matter_is_closed(send, town):
    sent = send(words=WORDS, may_publish=True)
    coordinator, member_key = town.people["coordinator"], town.member_key("coordinator")
    publish(by=coordinator, report=sent.report, text=WORDS, edited=False)
    handling.answer(by=coordinator, report=sent.report, member_key=member_key, verb="answer", words="Done.")
    client = entered()
    assert "do/publish/" in page(client, sent.report).content.decode()
    do(client, sent.report, "publish", text="")
    assert now(sent.report).public_text == ""


def test_joined__names_no_report_that_one_may_not_know_of(send, town):
    first, second = send("quarrel").report, send("quarrel").report
    partner, member_key = town.people["partner"], town.member_key("partner")
    handling.merge(by=partner, report=second, member_key=member_key, into=first, reason="x")
    handling.mark_private(by=town.people["coordinator"], report=now(first), is_private=True)
    assert first.number not in page(entered("partner"), second).content.decode()
    assert first.number in page(entered(), second).content.decode()


def test_take__offers_a_sealed_report_to_nobody_who_may_not_know_of_it(send, town):
    boss = town.people["analyst"]
    give_role(by="system:test", user=boss, organisation=town.homes["counselling"], role="coordinator")
    report = send("harm").report
    client = entered("social-worker")
    assert boss.name not in text(page(client, report))
    assert do(client, report, "take", user=boss.pk).status_code == 400
    assert now(report).assigned is None


def test_queue__lets_a_report_be_taken_up_from_its_line(send, town):
    report, theirs = send().report, send("theft").report
    client = entered()
    body = client.get("/en/listen/?whose=all").content.decode()
    assert body.count("data-take") == 1
    assert f"/en/listen/{theirs.number}/do/take/" not in body
    do(client, report, "take", user=town.people["coordinator"].pk)
    assert now(report).assigned == town.people["coordinator"]
    assert "data-take" not in client.get("/en/listen/?whose=all").content.decode()


def test_queue__says_who_else_answers_and_nothing_of_a_day_where_nothing_is_owed(send, town):
    send("theft")
    police = town.homes["police"].name_en
    assert police in text(entered().get("/en/listen/?whose=all"))
    sent = send()
    coordinator, member_key = town.people["coordinator"], town.member_key("coordinator")
    handling.answer(by=coordinator, report=sent.report, member_key=member_key, verb="answer", words="Done.")
    shown = text(entered().get("/en/listen/?status=closed"))
    assert "was answered as done" in shown.split("Narrow the list")[1].split("Show")[1]
    assert " by " not in shown.split("Narrow the list")[1].split("Show")[1].split("Keys")[0]


@pytest.mark.parametrize(("topic", "asked"), [("lighting", True), ("quarrel", False), ("harm", False)])
def test_public_words__are_asked_for_where_the_public_reads_them_alone(send, topic, asked):
    role = {"lighting": "coordinator", "quarrel": "partner", "harm": "social-worker"}[topic]
    body = page(entered(role), send(topic).report).content.decode()
    assert ('name="public_words"' in body) is asked


# --- somebody was quicker


def test_quicker_colleague__leaves_what_was_written_on_the_page(send, town):
    sent = send()
    coordinator, member_key = town.people["coordinator"], town.member_key("coordinator")
    client = entered()
    page(client, sent.report)
    handling.answer(by=coordinator, report=sent.report, member_key=member_key, verb="answer", words="First.")
    answer = do(client, sent.report, "decline", words="My long explanation.", public_words="In short.")
    assert answer.status_code == 409
    assert "somebody was quicker" in errors(answer)
    assert "My long explanation." in answer.content.decode()
    assert "In short." in answer.content.decode()
    assert read_by_resident(sent) == ["First."]


def test_handed_on_meanwhile__leaves_what_was_written_on_the_page(send, town):
    sent = send()
    coordinator, member_key = town.people["coordinator"], town.member_key("coordinator")
    client = entered()
    handling.forward(
        by=coordinator, report=sent.report, member_key=member_key, to=town.homes["ngo"], reason="x"
    )
    answer = do(client, sent.report, "reply", words="My long question.")
    assert answer.status_code == 409
    assert "Another organisation answers for this report." in errors(answer)
    assert "My long question." in answer.content.decode()
    assert read_by_resident(sent) == []


def test_key_closed_meanwhile__leaves_what_was_written_on_the_page(send):
    sent = send(words=WORDS)
    client = locked()
    answer = do(client, sent.report, "reply", words="My long question.")
    assert answer.status_code == 409
    assert "/en/me/key/" in answer.content.decode()
    assert "My long question." in answer.content.decode()
    assert WORDS not in answer.content.decode()
    assert read_by_resident(sent) == []


def test_receiver_alike__is_refused_in_words(town):
    client = entered()
    given = {"organisation": town.homes["counselling"].pk, "topic": "harm", "district": "", "area": ""}
    answer = client.post("/en/listen/setup/", given)
    assert "There is such a route already." in errors(answer)
    assert Route.objects.filter(topic="harm").count() == 1


def own_key(sent):
    return receipts.opened(now(sent.report), sent.receipt).key


def test_added__is_marked_in_the_queue_and_on_today_until_its_page_was_opened(send, town):
    sent = send(words=WORDS)
    do(client := entered(), sent.report, "answer", words="It shines.")
    own_report.add(now(sent.report), own_key(sent), words="It is out again.")
    assert listed(client) == [sent.report.number]
    assert "the resident wrote" in text(client.get("/en/listen/"))
    assert "The resident wrote: Lighting" in text(client.get("/en/today/"))
    assert "It is out again." in text(page(client, sent.report))
    assert listed(client) == []
    assert "Lighting" not in text(client.get("/en/today/"))


def test_added__stays_unread_for_who_answers_when_another_reads_or_a_photo_alone_is_fetched(send, town):
    sent = send()
    coordinator, member_key = town.people["coordinator"], town.member_key("coordinator")
    handling.forward(
        by=coordinator, report=sent.report, member_key=member_key, to=town.homes["ngo"], reason=REASON
    )
    own_report.add(now(sent.report), own_key(sent), words="More.", pictures=[b"jpeg"])
    page(entered("coordinator"), sent.report)
    photo = f"/en/listen/{sent.report.number}/photos/1.jpg"
    assert entered("partner").get(photo).status_code == 200
    assert now(sent.report).unread == 1
    page(entered("partner"), sent.report)
    assert now(sent.report).unread == 0


def test_added__to_a_follower_is_marked_on_the_page_of_the_leading_report(send, town):
    leading, follower = send(), send()
    client = entered()
    do(client, follower.report, "merge", into=leading.report.number, reason=REASON)
    assert "(the resident wrote)" not in text(page(client, leading.report))
    own_report.add(now(follower.report), own_key(follower), words="More.")
    assert "(the resident wrote)" in text(page(client, leading.report))
    page(client, follower.report)
    assert "(the resident wrote)" not in text(page(client, leading.report))


def test_reopened_and_held__say_what_they_are_also_where_the_resident_wrote(send, town):
    closed, held = send(), send(held=True)
    do(client := entered(), closed.report, "answer", words="It shines.")
    own_report.say_better(now(closed.report), better="no")
    for sent in (closed, held):
        own_report.add(now(sent.report), own_key(sent), words="More.")
    shown = text(client.get("/en/today/"))
    assert "Not better: Lighting" in shown
    assert "Report held for a look: Lighting" in shown


@pytest.mark.parametrize("verb", ["answer", "decline"])
def test_answered_report__can_be_replied_to_and_stays_answered(send, town, verb):
    sent = send()
    client = entered()
    do(client, sent.report, verb, words="First.")
    status = now(sent.report).status
    assert "do/reply/" in page(client, sent.report).content.decode()
    assert do(client, sent.report, "reply", words="Second.").status_code == 302
    assert read_by_resident(sent) == ["First.", "Second."]
    assert now(sent.report).status == status


def test_reply__is_offered_to_nobody_elsewhere(send, town):
    theirs = send("theft").report
    officer = {"by": town.people["officer"], "member_key": town.member_key("officer")}
    handling.answer(**officer, report=theirs, verb="answer", words="Done.")
    assert "do/reply/" in page(entered("officer"), theirs).content.decode()
    elsewhere = page(entered(), theirs)
    assert elsewhere.status_code == 200
    assert "do/reply/" not in elsewhere.content.decode()


def test_publish__is_not_offered_once_the_topic_is_treated_with_more_care(send, town):
    report = send(may_publish=True).report
    client = entered()
    assert "do/publish/" in page(client, report).content.decode()
    Topic.objects.filter(pk="lighting").update(sensitivity=Topic.Sensitivity.CAREFUL)
    assert "do/publish/" not in page(client, report).content.decode()


def test_contact__has_its_last_day_beside_it_once_the_matter_has_ended(send, town, settings):
    sent, without = send(contact="door 4"), send()
    client = entered()
    assert "It is deleted on" not in text(page(client, sent.report))
    for each in (sent, without):
        do(client, each.report, "answer", words="Done.")
    last = timezone.localdate() + timedelta(settings.CITY.of(Listen).contact_days)
    with override("en"):
        told = f"It is deleted on {day(last)}."
    assert told in text(page(client, sent.report))
    own = client.post("/en/receipt/open/", {"receipt": sent.shown})
    assert told in text(own)
    assert "It is deleted on" not in text(client.post("/en/receipt/open/", {"receipt": without.shown}))
    assert "It is deleted on" not in text(page(client, without.report))
