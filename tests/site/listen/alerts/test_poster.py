"""A neighbourhood's poster: its code leads to the right place, danger comes first, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
import qrcode
from django.core.cache import caches
from django.test import Client

from mahalleh_site.city import Helpline
from mahalleh_site.listen.alerts import poster
from mahalleh_site.places.models import Area

FORMAT_MASK = 0b101010000010010  # ISO/IEC 18004, 7.9: what format information is XORed with
LEVELS = {0b01: "L", 0b00: "M", 0b11: "Q", 0b10: "H"}


def page(area="a", language="fa", host="localhost"):
    caches["pages"].clear()
    answer = Client(SERVER_NAME=host).get(f"/{language}/areas/{area}/poster/")
    assert (answer.status_code, answer.cookies) == (200, {})
    return answer.content.decode()


def drawn(text):
    """The modules of the code on a page, from its SVG path alone: dark ones true."""
    size, path = re.search(
        r'<svg\s+class="code"\s+viewBox="0 0 (\d+) \1".*?<path\s+d="([^"]+)"', text, re.S
    ).groups()
    rows = [[False] * int(size) for _ in range(int(size))]
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1H(\d+)z", path)
    assert "".join(f"M{x} {y}h{n}v1H{back}z" for x, y, n, back in runs) == path
    for x, y, n, back in runs:
        assert x == back
        for place in range(int(x), int(x) + int(n)):
            assert not rows[int(y)][place]
            rows[int(y)][place] = True
    return rows


def level(rows):
    """The level of error correction that a code names beside its first finder pattern."""
    start = poster.QUIET
    bits = [*(rows[start + 8][start + x] for x in (0, 1, 2, 3, 4, 5, 7)), rows[start + 8][start + 8]]
    bits += [rows[start + y][start + 8] for y in (7, 5, 4, 3, 2, 1, 0)]
    value = int("".join("01"[bit] for bit in bits), 2) ^ FORMAT_MASK
    return LEVELS[value >> 13]


@pytest.mark.parametrize(("language", "host"), [("fa", "localhost"), ("en", "127.0.0.1")])
def test_code__says_the_address_that_stands_below_it(town, language, host):
    text = page("b", language, host)
    address = f"http://localhost/{language}/tell/?area=b"  # the city's, whatever the browser says
    assert f'<bdi dir="ltr" lang="en">{address}</bdi>' in text
    by_others = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_Q, border=4)
    by_others.add_data(address)
    assert drawn(text) == by_others.get_matrix()
    by_others.clear()
    by_others.add_data(address.replace("area=b", "area=c"))
    assert drawn(text) != by_others.get_matrix()


def test_code__has_level_q_and_four_modules_of_white_around_it(town):
    rows = drawn(page())
    assert level(rows) == "Q"
    size = len(rows)
    assert (size - 8 - 17) % 4 == 0  # ISO/IEC 18004: 17 + 4 modules a version
    edge = [rows[y][x] for y in range(size) for x in range(size) if min(x, y, size - 1 - x, size - 1 - y) < 4]
    assert not any(edge)
    finder = [row[4:11] for row in rows[4:11]]
    assert [sum(row) for row in finder] == [7, 2, 5, 5, 5, 2, 7]


def test_code__leads_where_something_can_be_told_of_the_area(town):
    client = Client(SERVER_NAME="localhost")
    address = re.search(r'<bdi dir="ltr" lang="en">http://localhost(/[^<]+)</bdi>', page("b", "en")).group(1)
    assert 'name="area" value="b"' in client.get(unescape(address)).content.decode()


def test_code__writes_an_area_in_any_script_into_the_address(town):
    area = Area.objects.get(pk="a")
    Area.objects.create(
        id="نارمک-۱", name_fa="نارمک", name_en="Narmak", outline="", boundary=area.boundary, lon=0, lat=0
    )
    text = page("نارمک-۱")
    encoded = "%D9%86%D8%A7%D8%B1%D9%85%DA%A9-%DB%B1"  # UTF-8, percent-encoded
    assert f"http://localhost/fa/tell/?area={encoded}<" in text


def test_poster__begins_with_the_numbers_to_call_danger_first(town, settings):
    quiet = Helpline("123", {"fa": "مشاوره", "en": "advice"})
    loud = Helpline("110", {"fa": "پلیس", "en": "police"}, urgent=True)
    settings.CITY = replace(settings.CITY, helplines=(quiet, loud))
    sheet = page(language="en").partition('<article class="sheet" dir="rtl">')[2].partition("</article>")[0]
    places = [sheet.index(word) for word in ("۱۱۰", "۱۲۳", "110", "123", 'class="half"', "<svg")]
    assert places == sorted(places)
    assert "پلیس" in sheet
    assert "police" in sheet


@pytest.mark.parametrize("language", ["fa", "en"])
def test_poster__speaks_both_languages_persian_first(town, language):
    sheet = (
        page(language=language).partition('<article class="sheet" dir="rtl">')[2].partition("</article>")[0]
    )
    halves = re.findall(r'<section class="half" lang="(..)" dir="(...)">', sheet)
    assert halves == [("fa", "rtl"), ("en", "ltr")]
    for word in ("الف", "Alef", "محله", "Mahalleh", "No name, no account."):
        assert word in sheet
    assert "style=" not in sheet


def test_poster__of_no_area_is_not_there(town):
    assert Client(SERVER_NAME="localhost").get("/fa/areas/nowhere/poster/").status_code == 404
