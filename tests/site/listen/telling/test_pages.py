"""Telling through the pages, as a browser without JavaScript does it: three steps, no cookie, one receipt."""

import io
import re
from html import unescape

import h3
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from PIL import Image

from mahalleh_site.listen import rules
from mahalleh_site.listen.actions import intake
from mahalleh_site.listen.desk.actions import handling
from mahalleh_site.listen.models import Photo, Report
from mahalleh_site.listen.telling import maps
from mahalleh_site.listen.telling.queries import similar
from mahalleh_site.people import limits
from mahalleh_site.places.models import Area, Topic
from tests.city import middle
from tests.site.listen.moderating import publish

WORDS = "The lamp in our lane is out."
LATIN = {"English", "localhost", "receipt"}  # on Persian pages: the other language's name, and an address


def photo(name="lamp.jpg"):
    held = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(held, "JPEG")
    return SimpleUploadedFile(name, held.getvalue(), "image/jpeg")


def hidden(page):
    """What the page's form carries on."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"[^>]*>', page.content.decode())
    return {name: unescape(value) for name, value in found}


def post(client, page, **given):
    return client.post("/en/tell/send/", {**(hidden(page) if page else {}), **given})


@pytest.fixture
def client(town):
    return Client(SERVER_NAME="localhost")


def what(client, **more):
    return post(client, None, step="what", topic="lighting", words=WORDS, **more)


def test_three_steps__end_with_a_receipt_and_leave_no_cookie(client):
    first = client.get("/en/tell/")
    assert b"Someone in danger?" in first.content.split(b"<h1>")[0]
    where = what(client, photos=[photo()])
    assert "Where is it?" in where.content.decode()
    near = post(client, where, **{"map.x": "40", "map.y": "60"})
    assert "Yes, here" in near.content.decode()
    more = post(client, near, go="yes")
    sent = post(client, more, contact="door 4")
    assert sent.status_code == 201
    report = Report.objects.get()
    code = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){5}", sent.content.decode()).group()
    assert (report.topic_id, report.area_id, report.photos.count()) == ("lighting", "a", 1)
    own = client.post("/en/receipt/open/", {"receipt": code}).content.decode()
    assert WORDS in own
    assert "door 4" in own
    assert "data:image/jpeg;base64," in own
    assert client.cookies == {}
    for page in (first, where, near, more, sent):
        assert "Set-Cookie" not in str(page.headers)
    assert "no-store" in sent.headers["Cache-Control"]


def test_danger__stands_above_the_heading_of_every_page_of_telling_and_returning(client, send):
    """Guard-rail 16: whoever tells of danger reads whom to call before anything else."""
    where = what(client)
    more = post(client, where, area="a", go="yes")
    sent = post(client, more)
    assert sent.status_code == 201
    pages = {
        "what": client.get("/en/tell/"),
        "what in Persian": client.get("/fa/tell/"),
        "what, refused": post(client, None, step="what", topic="", words=WORDS),
        "where": where,
        "more": more,
        "sent": sent,
        "sent already": post(client, more, may_publish="on"),
        "too old": client.post("/en/tell/send/", {"step": "send", "form": "x"}),
        "receipt": client.get("/en/receipt/"),
        "wrong receipt": client.post("/en/receipt/open/", {"receipt": "x"}),
        "own": client.post("/en/receipt/open/", {"receipt": send("quarrel").shown}),
    }
    for name, page in pages.items():
        main = page.content.decode().split("<main")[1]
        above = main.split("<h1", 1)[0]
        assert "<h1" in main, name
        assert [f'href="tel:{number}"' in above for number in ("110", "115")] == [True, True], name


def test_persian__is_the_language_of_each_step_and_of_the_receipts_page(client):
    """Guard-rail 17: whoever tells in Persian reads nothing else on the way."""
    steps = [client.get("/fa/tell/")]
    given = {"step": "what", "topic": "lighting", "words": "چراغ خاموش است."}
    for more in (given, {"area": "a", "go": "yes"}, {}):
        carried = hidden(steps[-1]) if len(steps) > 1 else {}
        steps.append(client.post("/fa/tell/send/", carried | more))
    code = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){5}", steps[-1].content.decode()).group()
    steps.append(client.post("/fa/receipt/open/", {"receipt": code}))
    assert [step.status_code for step in steps] == [200, 200, 200, 201, 200]
    for step in steps:
        page = step.content.decode()
        assert '<html lang="fa" dir="rtl"' in page
        main = page.split("<main")[1].partition(">")[2]
        words = re.sub(r"<script.*?</script>|<[^>]+>|&[a-z]+;", " ", main, flags=re.DOTALL)
        assert set(re.findall(r"[A-Za-z]{3,}", words.replace(code, ""))) <= LATIN


def test_each_step__is_sent_by_a_button_that_needs_no_script(client):
    """Guard-rail 17: a form, and in it a visible button of the kind that sends it."""
    where = what(client)
    more = post(client, where, area="a", go="yes")
    for page in (client.get("/en/tell/"), where, more, client.get("/en/receipt/")):
        forms = re.findall(
            r'<form method="post" action="/en/[^"]+".*?</form>', page.content.decode(), re.DOTALL
        )
        assert forms
        for form in forms:
            buttons = re.findall(r"<button[^>]*>", form)
            assert any('type="submit"' in each and 'class="button' in each for each in buttons)


def test_receipt__stands_in_no_address(client):
    """The history of a telephone shows addresses; what opens a report is in none of them."""
    more = post(client, what(client), area="a", go="yes")
    sent = post(client, more)
    code = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){5}", sent.content.decode()).group()
    pages = [sent, *(client.post("/en/receipt/open/", {"receipt": code, **do}) for do in RETURNING)]
    for page in pages:
        assert page.status_code in (200, 201)
        assert "no-store" in page.headers["Cache-Control"]
        addresses = re.findall(r'(?:href|src|action)="([^"]*)"', page.content.decode())
        assert len(addresses) > 3
        assert [address for address in addresses if code[:9] in address or code[:4] in address] == []


RETURNING = (
    {},
    {"do": "add", "words": "Since Friday."},
    {"do": "contact", "contact": "door 4"},
    {"do": "withdraw"},
)


def test_tap__is_read_on_the_map_that_was_shown(town):
    shown = maps.frame("")
    lon, lat = middle("c")
    units = (lon - shown.west) / shown.unit + 12, (shown.north - lat) / (shown.unit * shown.squeeze) + 12
    pixels = [round(unit * 320 / 1000) for unit in units]
    found = maps.tapped("map", "", *pixels)
    assert found == pytest.approx((lon, lat), abs=2e-4)  # a pixel is 0.0001 degree here


@pytest.mark.parametrize(
    ("given", "area"),
    [
        ({"name": "Jim"}, "c"),
        ({"name": "جيم"}, "c"),
        ({"lon": "51.4350", "lat": "35.7050"}, "d"),
        ({"chosen": "b"}, "b"),
    ],
)
def test_place__is_named_located_or_chosen(client, given, area):
    page = post(client, what(client), **given)
    if "lon" in given:
        page = post(client, page, go="yes")
    assert post(client, page).status_code == 201
    assert Report.objects.get().area_id == area


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"name": "Atlantis"},
        {"lon": "0", "lat": "0"},
        {"lon": "x", "lat": "y"},
        {"lon": "nan", "lat": "nan"},
    ],
)
def test_place__that_cannot_be_read_is_asked_for_again_with_the_words_kept(client, given):
    page = post(client, what(client), **given)
    assert page.status_code == 400
    assert hidden(page)["words"] == WORDS
    assert Report.objects.count() == 0


def test_exact_spot__goes_no_further_than_the_request_that_told_it(client):
    page = post(client, what(client), lon="51.4051", lat="35.7052")
    carried = page.content.decode()
    assert "51.405" not in carried
    assert "35.705" not in carried


@pytest.mark.parametrize("language", ["fa", "en"])
def test_exact_spot__becomes_a_cell_of_350_metres_that_the_form_carries_on(client, language):
    page = what(client)
    for given in ({"lon": "51.4051", "lat": "35.7052"}, {"go": "yes"}, {}):
        page = client.post(f"/{language}/tell/send/", {**hidden(page), **given})
    assert page.status_code == 201
    cell = h3.int_to_str(Report.objects.get().cell)
    assert cell == h3.latlng_to_cell(35.7052, 51.4051, 9)
    assert 0.08 < h3.cell_area(cell) < 0.13  # square kilometres


def test_exact_spot__brought_by_a_form_as_a_finer_cell_is_not_kept(client):
    finer = h3.str_to_int(h3.latlng_to_cell(35.7052, 51.4051, 13))
    more = post(client, what(client), name="Alef")
    assert post(client, more, area="a", cell=str(finer)).status_code == 201
    assert Report.objects.get().cell is None


def test_missing_words_and_topic__are_said_in_words_above_the_form(client):
    page = post(client, None, step="what", topic="", words="")
    assert page.status_code == 400
    text = page.content.decode()
    assert "Choose what it is about." in text
    assert "Say in a sentence what it is." in text


def test_bad_photo__is_refused_in_words_and_the_good_one_kept(client):
    bad = SimpleUploadedFile("x.jpg", b"<svg onload=alert(1)>", "image/jpeg")
    page = what(client, photos=[photo(), bad])
    text = page.content.decode()
    assert page.status_code == 400
    assert "Photo 2:" in text
    assert WORDS in text
    assert Photo.objects.count() == 1
    again = post(client, page, step="what", topic="lighting", words=WORDS)
    assert "Where is it?" in again.content.decode()
    assert hidden(again)["photos_kept"] == "1"


def test_many_photos__are_refused_in_words_and_nothing_is_left_out_in_silence(client, monkeypatch):
    monkeypatch.setattr(rules, "DRAWN", 399)  # one photo of 200, as the smallest count
    assert "Where is it?" in what(client, photos=[photo()]).content.decode()
    page = what(client, photos=[photo()])
    assert page.status_code == 400
    assert "Many photos came from your connection." in page.content.decode()
    assert WORDS in page.content.decode()
    assert Photo.objects.count() == 1
    assert "Where is it?" in what(client).content.decode()


def test_back__shows_what_was_entered(client):
    where = what(client)
    page = post(client, where, back="what")
    assert WORDS in page.content.decode()
    assert re.search(r'value="lighting"\s+id="topic-lighting"\s+checked', page.content.decode())


def test_double_tap__sends_one_report_with_one_receipt(client):
    more = post(client, what(client), name="Alef")
    first, second = post(client, more), post(client, more)
    code = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){5}")
    assert code.search(first.content.decode()).group() == code.search(second.content.decode()).group()
    assert Report.objects.count() == 1


@pytest.mark.parametrize("error", [OperationalError("database is locked"), OSError(28, "No space left")])
def test_failing_store__is_said_honestly_and_the_same_form_can_be_sent_again(client, monkeypatch, error):
    more = post(client, what(client), name="Alef")

    def fail(*_args, **_kwargs):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(intake, "send", fail)
        failed = post(client, more)
    assert failed.status_code == 503
    assert "nothing was stored" in failed.content.decode()
    assert "locked" not in failed.content.decode()
    assert hidden(failed)["words"] == WORDS
    assert post(client, failed).status_code == 201
    assert Report.objects.count() == 1


def test_flood__is_held_then_asked_to_wait_without_losing_words(client, monkeypatch):
    monkeypatch.setattr(rules, "HELD_FROM", 1)
    monkeypatch.setattr(rules, "REFUSED_FROM", 2)
    answers = [post(client, post(client, what(client), name="Alef")) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert sorted(Report.objects.values_list("status", flat=True)) == ["held", "new"]
    assert hidden(answers[-1])["words"] == WORDS


def test_flood__begins_with_the_seventh_report_of_an_hour_and_waits_from_the_sixty_first_on(client):
    def sent():
        return post(client, post(client, what(client), name="Alef")).status_code

    assert [sent() for _ in range(7)] == [201] * 7
    states = list(Report.objects.order_by("pk").values_list("status", flat=True))
    assert states == ["new"] * 6 + ["held"]
    visitor = limits.visitor(RequestFactory().get("/"))
    limits.count("reports", visitor, seconds=rules.HOUR, n=52)
    assert (sent(), sent()) == (201, 429)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({}, 200),
    ],
)
def test_form__of_a_strangers_page_is_refused(town, headers, status):
    client = Client(SERVER_NAME="localhost", headers=headers, enforce_csrf_checks=True)
    assert what(client).status_code == status


def test_too_large__is_refused_unread(client):
    page = client.post("/en/tell/send/", {"step": "what"}, CONTENT_LENGTH=str(41 * 1024 * 1024))
    assert page.status_code == 413
    assert "fewer or smaller photos" in page.content.decode()


@pytest.mark.parametrize(
    "given",
    [{f"field{number}": "x" for number in range(300)}, {"words": "x" * (2 * 1024 * 1024)}],
    ids=["fields", "letters"],
)
def test_too_many__fields_and_letters_are_refused(client, given):
    page = client.post("/en/tell/send/", {"step": "what", "topic": "lighting", "words": WORDS, **given})
    assert page.status_code in (400, 413)


def test_words__beyond_their_limit_are_refused_and_kept_in_the_form(client):
    long = "word " * 801
    page = post(client, None, step="what", topic="lighting", words=long)
    assert page.status_code == 400
    assert "That is too long: at most 4,000 letters." in page.content.decode()
    assert long.strip() in page.content.decode()


def test_similar__are_offered_and_i_have_this_too_gives_an_own_receipt(client, send, town):
    known = send(words="lamp", may_publish=True).report
    assert "Is it one of these?" not in post(client, what(client), name="Alef").content.decode()
    publish(by=town.people["coordinator"], report=known, text="The lamp is out.", edited=True)
    more = post(client, what(client), name="Alef")
    assert "The lamp is out." in more.content.decode()
    sent = post(client, more, also=known.number)
    assert sent.status_code == 201
    known.refresh_from_db()
    assert known.also == 1


def test_similar__are_the_likest_in_words_whatever_little_words_they_share(send, town):
    texts = {
        "The bin at the corner is full, and the lane is dirty.": "other",
        "Lamps in our lane are out again!": "same",
        "The bus is late and the stop is far from the school.": "third",
        "The pavement is broken and the water stands there.": "fourth",
    }
    named = {}
    for text, name in texts.items():
        report = send(words=text, may_publish=True).report
        publish(by=town.people["coordinator"], report=report, text=text, edited=False)
        named[report.number] = name
    area, topic = Area.objects.get(pk="a"), Topic.objects.get(pk="lighting")
    found = similar.near(topic, area, None, "The lamp in the lane is out.")
    assert (named[found[0].report.number], len(found)) == ("same", similar.SHOWN)
    cell = Report.objects.first().cell
    assert [near.rings for near in similar.near(topic, area, cell, "")] == [0, 0, 0]


def test_sealed__is_told_apart_and_never_offered_to_neighbours(client):
    assert b"straight to a service" in client.get("/en/tell/").content
    more = post(client, post(client, None, step="what", topic="harm", words="Help."), name="Alef")
    text = more.content.decode()
    assert 'name="may_publish"' not in text
    assert 'name="police_may_read"' in text
    assert "not the police" in text
    post(client, more, may_publish="on")
    report = Report.objects.get()
    assert (report.may_publish, report.police_may_read) == (False, False)
    assert client.get(f"/en/reports/{report.number}/").status_code == 404


def test_topics_that_nobody_receives__are_not_offered(client, town):
    town.homes["counselling"].routes.all().delete()
    assert b"topic-harm" not in client.get("/en/tell/?x").content


def test_closed_door__says_what_to_do(client, town):
    for home in town.homes.values():
        home.routes.all().delete()
    page = client.get("/en/tell/?y").content.decode()
    assert "This door isn't open yet" in unescape(page)


def test_wrong_receipts__are_answered_alike(client, send):
    send()
    answers = {
        client.post("/en/receipt/open/", {"receipt": typed}).content
        for typed in ("", "x", "0" * 24, "7KQ2-M0ZD-3VA9-7KQ2-M0ZD-3VA9", "۱" * 24, "é" * 60)
    }
    assert len(answers) == 1


def test_wrong_receipts__are_looked_for_alike_whatever_they_look_like(client, send):
    """What can be no receipt is answered no sooner than one that might be."""
    send()
    asked = {}
    for typed in ("", "x", "0" * 24, "7KQ2-M0ZD-3VA9-7KQ2-M0ZD-3VA9", "é" * 60):
        with CaptureQueriesContext(connection) as queries:
            client.post("/en/receipt/open/", {"receipt": typed})
        asked[typed] = [query["sql"].partition("WHERE")[0] for query in queries.captured_queries]
    assert all(each == asked["0" * 24] != [] for each in asked.values())


def test_tries_of_receipts__end_in_a_page_that_says_wait_and_never_wrong(client, send, monkeypatch):
    monkeypatch.setattr(rules, "TRIES", 2)
    pages = [client.post("/en/receipt/open/", {"receipt": "wrong"}) for _ in range(3)]
    assert [page.status_code for page in pages] == [404, 404, 429]
    assert "No report opens with this receipt." in pages[1].content.decode()
    assert "No report opens" not in pages[2].content.decode()
    assert "Please wait an hour." in pages[2].content.decode()


def test_right_receipt__opens_however_often_receipts_were_tried(client, send, monkeypatch):
    sent = send()
    monkeypatch.setattr(rules, "TRIES", 2)
    for typed in ("wrong", sent.shown):
        for _ in range(5):
            page = client.post("/en/receipt/open/", {"receipt": typed})
    assert page.status_code == 200
    assert "The lamp is out." in page.content.decode()


def test_deeds_with_a_receipt__are_limited_and_the_words_stay(client, send, monkeypatch):
    given = {"receipt": send().shown, "do": "add"}
    monkeypatch.setattr(rules, "TRIES", 1)
    client.post("/en/receipt/open/", {**given, "words": "First."})
    page = client.post("/en/receipt/open/", {**given, "words": "Since Friday it is dark."}).content.decode()
    assert "please send it again in an hour" in page
    assert re.search(r"<textarea[^>]*>\s*Since Friday it is dark\.", page)
    assert "was withdrawn" in client.post("/en/receipt/open/", {**given, "do": "withdraw"}).content.decode()


@pytest.fixture
def say(client):
    """Says with a receipt who else may read a report: whether it was done, or is to be sent again later."""

    def said(sent, **ticks):
        ticked = dict.fromkeys((name for name, yes in ticks.items() if yes), "on")
        page = client.post("/en/receipt/open/", {"receipt": sent.shown, "do": "leave", **ticked})
        return page.content.decode()

    return said


DONE, LATER = "It was changed.", "please send it again in an hour"


def test_leave_with_a_receipt__is_limited_where_it_is_a_yes_or_says_nothing_new(say, send, monkeypatch):
    sent = send()
    monkeypatch.setattr(rules, "TRIES", 3)
    assert DONE in say(sent, may_publish=True)
    assert DONE in say(sent)
    assert DONE in say(sent, may_publish=True)
    assert DONE in say(sent)  # a no to a yes passes, however much came before
    assert LATER in say(sent)
    page = say(sent, may_publish=True)
    assert LATER in page
    assert re.search(r'<input[^>]*name="may_publish"[^>]*checked', page)  # the tick stays for the next try
    assert Report.objects.get().leave_version == 5


@pytest.mark.parametrize(
    ("topic", "tick"),
    [("lighting", "may_publish"), ("quarrel", "police_may_read"), ("harm", "police_may_read")],
)
def test_first_no__passes_however_much_came_before(say, send, monkeypatch, topic, tick):
    sent = send(topic, **{tick: True})
    monkeypatch.setattr(rules, "TRIES", 0)
    assert LATER in say(sent, **{tick: True})
    assert DONE in say(sent)
    assert not getattr(Report.objects.get(), tick)
    Report.objects.update(**{tick: True})  # by somebody who can write to the database
    assert DONE in say(sent)
    assert not getattr(Report.objects.get(), tick)


def test_own_page__adds_changes_and_withdraws(client, send):
    sent = send()

    def do(**given):
        return client.post("/en/receipt/open/", {"receipt": sent.shown, **given}).content.decode()

    assert "Write something, or choose a photo." in do(do="add", words="")
    assert "It was added." in do(do="add", words="Since Friday.")
    assert "It was changed." in do(do="contact", contact="door 4")
    assert "Your report was withdrawn." in do(do="withdraw")
    assert "Since Friday." not in do()


def test_public_report__shows_the_moderated_words_alone(client, send, town):
    report = send(words="Secret of Mr X. The lamp is out.", may_publish=True).report
    address = f"/en/reports/{report.number}/"
    assert client.get(address).status_code == 404
    publish(by=town.people["coordinator"], report=report, text="The lamp is out.", edited=True)
    page = client.get(address).content.decode()
    assert "Secret" not in page
    assert "Edited before it was shown" in page
    area = client.get("/en/areas/a/").content.decode()
    assert "The lamp is out." in area
    handling.mark_private(by=town.people["coordinator"], report=report, is_private=True)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "crafted",
    [
        {"photos_kept": "9" * 5000},
        {"map.x": "9" * 400, "map.y": "1"},
        {"area": "a", "cell": "9" * 20},
        {"area": "a", "cell": "٣" * 5},
        {"lat": "1e999", "lon": "1"},
        {"words": "x\x00"},
        {"area": "a\x00"},
    ],
)
@pytest.mark.parametrize("step", ["where", "send"])
def test_crafted_fields__are_answered_and_break_nothing(client, crafted, step):
    carried = hidden(what(client))
    answer = client.post("/en/tell/send/", {**carried, **crafted, "step": step})
    assert answer.status_code in (200, 201, 400)


def test_failing_store__is_said_honestly_on_every_form(client, send, monkeypatch):
    from mahalleh_site.listen.telling.actions import own_report

    sent = send()

    def fail(*_args, **_kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(own_report, "add", fail)
    monkeypatch.setattr(intake, "keep_photos", fail)
    given = {"receipt": sent.shown, "do": "add", "words": "More."}
    for answer in (client.post("/en/receipt/open/", given), what(client, photos=[photo()])):
        assert answer.status_code == 503
        assert "still in the form" in answer.content.decode()


def test_i_have_this_too__from_one_connection_ends_where_reports_are_held(client, send, town, monkeypatch):
    known = send(words="lamp", may_publish=True).report
    publish(by=town.people["coordinator"], report=known, text="The lamp is out.", edited=True)
    monkeypatch.setattr(rules, "HELD_FROM", 1)
    answers = [post(client, post(client, what(client), name="Alef"), also=known.number) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 409, 409]
    known.refresh_from_db()
    assert known.also == 1
