"""The public pages of the town (see town), as anyone gets them."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import caches

from mahalleh_site.publish import wording
from mahalleh_site.releases.models import Load
from mahalleh_site.ui import formats
from tests.site.town import NUMBER, SECRET

PAGES = [
    "",
    "?topic=lamps&show=count&sort=now",
    "?show=change&sort=change",
    "find/",
    "find/?q=alef",
    "find/?q=zzz",
    "find/suggest/?q=be",
    "areas/a/",
    "areas/b/?topic=lamps",
    "areas/c/?topic=noise",
    "districts/north/",
    "districts/south/",
    "topics/",
    "topics/lamps/",
    "topics/lamps/?show=change",
    "topics/quarrel/",
    "topics/stops/",
    "data/",
    "method/",
    "methods/",
    "tell/",
    "help/",
    "done/",
    "gallery/",
]
FILES = ["/areas.geojson", "/areas/a.csv", "/areas/b.csv", f"/releases/{NUMBER}/counts.csv"]

pytestmark = pytest.mark.django_db


def _text(response) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode()


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_page__is_the_same_for_all_and_sets_no_cookie(client, town, language, page):
    response = client.get(f"/{language}/{page}")
    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
    assert response.headers["Cache-Control"].startswith("public")


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_page__shows_no_hidden_cell(client, town, language, page):
    text = _text(client.get(f"/{language}/{page}"))
    shown = {
        str(SECRET),
        formats.number(SECRET, "fa"),
        formats.number(SECRET, "en"),
        formats.digits(SECRET, "fa"),
    }
    assert not [form for form in shown if form in text]


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_page__names_no_sealed_topic(client, town, language, page):
    text = _text(client.get(f"/{language}/{page}"))
    assert "A sealed matter" not in text
    assert "موضوع پنهان" not in text
    assert "secret" not in text


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_page__keeps_the_content_security_policy(client, town, language, page):
    text = _text(client.get(f"/{language}/{page}"))
    assert not re.findall(r'\sstyle="|\son[a-z]+="|<style|javascript:', text)
    assert not re.findall(r"<script(?![^>]*\ssrc=)", text)
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', text)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page and "suggest" not in page and "gallery" not in page]
)
def test_page__is_complete_in_persian(client, town, page):
    text = _text(client.get(f"/fa/{page}"))
    body = re.sub(
        r"<(script|title)[^>]*>.*?</\1>|<[^>]+>|&[a-z]+;", " ", text[text.index("<main") :], flags=re.S
    )
    known = {
        "English", "CSV", "CC", "BY", "datapackage", "json", "e", "kB", "csv", "counts", "calls", "mahalleh",
        "init", "Atom", "ask", "littletown", "example", "Alef", "Be", "Jim", "zzz",
    }  # fmt: skip
    assert set(re.findall(r"[A-Za-z]+", body)) <= known


@pytest.mark.parametrize("page", PAGES)
def test_page__has_no_persian_letters_in_english(client, town, page):
    text = _text(client.get(f"/en/{page}"))
    body = re.sub(
        r'<a\s[^>]*lang="fa"[^>]*>.*?</a>|<span class="soft" dir="auto">.*?</span>', "", text, flags=re.S
    )
    assert not re.findall(r"[\u0600-\u06ff]+", body)


@pytest.mark.parametrize("page", [p for p in PAGES if "suggest" not in p])
def test_language_switch__keeps_the_page(client, town, page):
    text = _text(client.get(f"/en/{page}"))
    switch = re.search(r'<nav class="language".*?href="([^"]*)"', text, re.S).group(1)
    turned, asked = urlsplit(switch.replace("&amp;", "&")), urlsplit(f"/fa/{page}")
    assert (turned.path, parse_qs(turned.query)) == (asked.path, parse_qs(asked.query))


@pytest.mark.parametrize("path", FILES)
def test_file__shows_no_hidden_cell_and_sets_no_cookie(client, town, path):
    response = client.get(path)
    assert response.status_code == 200
    assert not response.cookies
    assert str(SECRET) not in _text(response)


def test_area_csv__leaves_hidden_values_empty(client, town):
    rows = list(csv.DictReader(io.StringIO(_text(client.get("/areas/a.csv")))))
    assert {row["place"] for row in rows} == {"a"}
    noise = [row for row in rows if row["topic"] == "noise"]
    assert {(row["value"], row["hidden"]) for row in noise} == {("", "small")}
    assert {row["half_width"] for row in noise} == {""}


def test_areas_geojson__holds_each_neighbourhood(client, town):
    features = json.loads(_text(client.get("/areas.geojson")))["features"]
    assert [feature["id"] for feature in features] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "path",
    [
        "/en/areas/z/",
        "/fa/districts/z/",
        "/en/topics/secret/",
        "/en/topics/none-such/",
        "/areas/z.csv",
        "/releases/8/counts.csv",
        f"/releases/{NUMBER}/ledger.parquet",
        f"/releases/{NUMBER}/..%2Fcounts.csv",
    ],
)
def test_page__that_is_not_there(client, town, path):
    response = client.get(path, follow=False)
    assert response.status_code == 404


def test_sealed_topic__looks_like_one_that_is_not_there(client, town):
    sealed, absent = client.get("/en/topics/secret/"), client.get("/en/topics/absent/")
    assert _text(sealed).replace("secret", "absent") == _text(absent)


def test_area_page__says_its_answer_with_its_error(client, town):
    text = _text(client.get("/en/areas/a/?topic=lamps"))
    assert "about 676 things were reported in Alef" in text  # 52 * (10 + 3)
    assert "That is " in text
    assert "fewer than in the year before" in text
    assert "ask@littletown.example" in text


@pytest.mark.parametrize("page", ["", "areas/a/", "done/", "methods/", "help/"])
def test_danger__is_never_further_than_the_foot_of_a_page_and_leads_the_list_of_help(
    client, town, settings, page
):
    """Guard-rail 16."""
    text = _text(client.get(f"/en/{page}"))
    calls = {
        urgent: [f'href="tel:{line.number}"' for line in settings.CITY.helplines if line.urgent is urgent]
        for urgent in (True, False)
    }
    assert all(calls.values())
    assert all(call in text.split("<footer")[1] for call in calls[True])
    if page == "help/":
        main = text.split("<main")[1].split("</main>")[0]
        places = [[main.index(call) for call in calls[urgent]] for urgent in (True, False)]
        assert max(places[0]) < min(places[1])


SCORELESS = {"en": "There is no score and no rank", "fa": "نه امتیازی در کار است"}
UNFAIR = {"en": "Is something wrong or unfair here?", "fa": "نادرست یا ناعادلانه است؟"}


@pytest.mark.parametrize("contact", ["", "safety@city.example"])
@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("page", ["areas/a/", "areas/c/", "districts/north/"])
def test_place__says_what_is_computed_about_it_and_whom_to_write_to(
    client, town, settings, language, page, contact
):
    """Guard-rail 10."""
    settings.CITY = replace(settings.CITY, contact=contact)
    caches["pages"].clear()
    text = _text(client.get(f"/{language}/{page}"))
    part = text.split('id="computed">')[1].split("</section>")[0]
    assert SCORELESS[language] in part
    assert part.count("<li>") >= 4
    assert UNFAIR[language] in part
    assert (f'<bdi dir="ltr">{contact}</bdi>' in part) is bool(contact)


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_page__can_only_be_read(client, town, method):
    assert getattr(client, method)("/en/areas/a/").status_code in (403, 405)


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize(
    "page", ["", "areas/a/", "districts/north/", "topics/", "topics/lamps/", "data/", "method/"]
)
def test_page__stands_before_the_first_release(client, unpublished, language, page):
    assert client.get(f"/{language}/{page}").status_code == 200


def test_home__stands_before_the_city_is_founded(client, unpublished):
    from mahalleh_site.places.models import Area

    Area.objects.all().delete()
    assert "mahalleh init" in _text(client.get("/en/"))


def test_find__escapes_what_was_typed(client, town):
    text = _text(client.get("/en/find/", {"q": '"><script>alert(1)</script>'}))
    assert "<script>alert" not in text


def test_root__goes_to_the_browsers_language_else_to_the_citys(client, town):
    assert client.get("/", headers={"Accept-Language": "en-GB,en"}).headers["Location"] == "/en/"
    assert client.get("/", headers={"Accept-Language": "fa"}).headers["Location"] == "/fa/"
    assert client.get("/").headers["Location"] == "/fa/"


@pytest.mark.parametrize(("kept", "refused"), [(1200, True), (1234, False)])
def test_data__says_that_something_is_listed_only_where_it_is(client, town, kept, refused):
    load = Load.objects.get()
    load.rows_kept, load.refused = kept, load.refused if refused else {}
    load.save()
    caches["pages"].clear()
    page = " ".join(client.get("/en/data/").content.decode().split())
    assert ("The rest is listed below with its reasons" in page) is refused
    assert ("all of them could be counted" in page) is not refused
    assert (client.get("/fa/data/").content.decode().count("همه شمردنی بوده") == 1) is not refused


def test_reasons__have_words_for_whatever_a_reader_refuses():
    from mahalleh.sources.reading import REASONS

    assert set(REASONS) == set(wording.REASONS)
