"""Nothing is kept of who asked, wherever they asked."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.core.cache import cache, caches
from django.test import Client

from tests.site import kept
from tests.site.house import addresses

MARKS = ("203.0.113.77", "Marker-Browser/9.9")
SEARCHED = "marker-search-words"


def test_nothing__is_kept_of_who_asked(furnished, caplog, capfd):
    """Ask every address with markers, sign in wrongly with markers, then search all that was kept."""
    cache.clear()
    client = Client(SERVER_NAME="localhost", REMOTE_ADDR=MARKS[0], HTTP_USER_AGENT=MARKS[1])
    client.raise_request_exception = False
    paths = [address.url() for address in addresses.every()]
    for path in (*paths, f"/en/find/?q={SEARCHED}", f"/fa/areas/{SEARCHED}/", "/fa/nothing/"):
        addresses.read_whole(client.get(path))
        addresses.read_whole(client.post(path, {"q": SEARCHED}))
    for _ in range(7):
        client.post("/en/accounts/login/", {"login": "auditor@demo.invalid", "password": "wrong words here"})
    client.post("/en/demo/enter/", {"role": "auditor"})
    client.get("/en/audit/")
    stored = {
        "database": kept.database(),
        "sessions": kept.sessions(),
        "caches": kept.cached(),
        "folder": kept.folder(),
        "logs": caplog.text + "".join(capfd.readouterr()),
    }
    assert Session.objects.count() > 0
    assert kept.counts() != b""
    assert len(caches["pages"]._cache) > 0
    assert {(place, mark) for place, text in stored.items() for mark in MARKS if mark in text} == set()
    assert {place for place, text in stored.items() if SEARCHED in text} - {"logs"} == set()


def test_host__that_a_visitor_names_stands_on_no_page_for_others(furnished, settings):
    """What is kept, or read by programs and on paper, has the city's own address."""
    settings.ALLOWED_HOSTS, settings.ADDRESS = ["localhost", "marker.example"], "https://city.example:8443"
    caches["pages"].clear()
    client = Client(SERVER_NAME="marker.example")
    answers = [client.get(each.url()) for each in addresses.every() if each.way in ("public", "machine")]
    texts = [b"".join(answer) for answer in answers]
    assert [text for text in texts if b"marker.example" in text] == []
    assert sum(b"city.example:8443" in text for text in texts) >= 4  # alerts, feed, poster, Open311
