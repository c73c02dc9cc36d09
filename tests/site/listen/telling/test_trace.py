"""Trust 4: who tells something leaves no trace. Tell with markers, then search everything that was kept."""

import io
import os
import pickle
import sys

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from mahalleh_site.listen.models import Photo, Report
from mahalleh_site.people import limits
from mahalleh_site.people.keys import seal
from mahalleh_site.places.models import Promise, ShownPromise, Standing
from mahalleh_site.sealed import form_token, sealing
from tests.site.listen.telling.test_pages import hidden
from tests.site.listen.test_intake import everything

ADDRESS, AGENT = "203.0.113.77", "Marker-Browser/9.9"
WORDS, CONTACT, CAMERA = "marker-of-words", "marker-of-contact", "marker-of-camera"


def photo():
    held = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = CAMERA  # the camera's maker
    Image.new("RGB", (40, 30), "navy").save(held, "JPEG", exif=exif)
    return SimpleUploadedFile("marker-of-name.jpg", held.getvalue(), "image/jpeg")


def test_reporter__leaves_no_trace(town, log, capfd, caplog, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    client = Client(
        SERVER_NAME="localhost",
        REMOTE_ADDR=ADDRESS,
        HTTP_USER_AGENT=AGENT,
        HTTP_X_FORWARDED_FOR=ADDRESS,
        HTTP_REFERER="https://marker-of-referrer.example/",
        HTTP_COOKIE="a=marker-of-cookie",
    )
    client.get("/en/tell/?area=a")
    given = {"step": "what", "topic": "lighting", "words": WORDS, "photos": [photo()]}
    where = client.post("/en/tell/send/", given)
    near = client.post("/en/tell/send/", {**hidden(where), "lon": "51.40512", "lat": "35.70534"})
    more = client.post("/en/tell/send/", {**hidden(near), "go": "yes"})
    sent = client.post("/en/tell/send/", {**hidden(more), "contact": CONTACT})
    assert sent.status_code == 201
    code = sent.content.decode().split('aria-labelledby="receipt-name" tabindex="0">')[1].split()[0]
    assert seal.read_code(code)
    client.post("/en/receipt/open/", {"receipt": code, "do": "add", "words": f"{WORDS} more"})
    assert sorted(message.kind for message in Report.objects.get().messages.all()) == [
        "added", "contact", "words",
    ]  # fmt: skip
    client.post("/en/receipt/open/", {"receipt": "wrong"})
    assert Report.objects.count() == 1

    marks = [ADDRESS, AGENT, "marker-of-", "51.4051", "35.7053", code, code.replace("-", "")]
    kept = {
        "database": everything(),
        "cache": "".join(repr(pickle.dumps(getattr(cache, "_cache", {}))) for cache in caches.all()),
        "logs": log.getvalue() + caplog.text + "".join(capfd.readouterr()),
        "folder": "".join(
            path.read_bytes().decode("latin-1") for path in settings.VAR.rglob("*") if path.is_file()
        ),
        "temporary files": "".join(
            str(path) for path in tmp_path.rglob("*") if settings.VAR not in path.parents
        ),
    }
    assert "Lighting" in kept["database"]  # the search would find what is there
    found = {(place, mark) for place, text in kept.items() for mark in marks if mark in text}
    assert found == set()
    assert Session.objects.count() == 0
    assert client.cookies == {}


_opened: list[str] | None = None


def _watch(event, told):
    """Python tells of every file that it opens, temporary ones too; nobody can stop listening again."""
    writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND
    if _opened is not None and event == "open" and isinstance(told[2], int) and told[2] & writes:
        _opened.append(str(told[0]))


sys.addaudithook(_watch)


@pytest.mark.parametrize("size", [0, 3_000_000])  # beyond what Django by itself would keep in memory
def test_photo__passes_through_no_file_and_is_drawn_anew(town, settings, size):
    global _opened
    client, taken = Client(SERVER_NAME="localhost"), photo()
    sent = SimpleUploadedFile("a.jpg", taken.read() + bytes(size), "image/jpeg")
    given = {"step": "what", "topic": "lighting", "words": WORDS, "photos": [sent]}
    _opened = []
    try:
        where = client.post("/en/tell/send/", given)
    finally:
        opened, _opened = _opened, None
    counts = str(limits.folder())
    assert [path for path in opened if path != os.devnull and not path.startswith(counts)] == []
    form = form_token.read(hidden(where)["form"], Report.ROOM)
    kept = sealing.attachment(Photo.objects.get(), form.digest, form.content_key)
    assert kept.startswith(b"\xff\xd8\xff")
    assert CAMERA.encode() not in kept


def test_reports__hold_no_time_of_day():
    """Nor does anything that is kept beside them: messages, photos, steps, counts, promises, alerts."""
    models = [*apps.get_app_config("listen").get_models(), Promise, ShownPromise, Standing]
    fields = [field for model in models for field in model._meta.get_fields() if field.concrete]
    assert len(fields) > 60
    fine = ("DateTimeField", "TimeField", "DurationField")
    assert not [str(field) for field in fields if field.get_internal_type() in fine]
