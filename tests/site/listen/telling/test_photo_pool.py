"""Photos are drawn by another process: who reads a page waits for none, and who sends one not for long."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.translation import override

from mahalleh_site.listen import rules
from mahalleh_site.listen.actions import intake
from mahalleh_site.listen.city_section import Listen
from mahalleh_site.listen.models import Photo, Report
from mahalleh_site.listen.telling import drafts, photo_pool, photo_worker, photos
from mahalleh_site.listen.telling.photo_files import PhotoError, taken_apart
from mahalleh_site.listen.telling.photo_pool import Pool
from mahalleh_site.sealed import form_token
from tests.site.listen import uploads
from tests.site.listen.telling.test_pages import WORDS, photo, what

SOON = 30.0  # seconds; machines are shared, and what is asked here is whether it ends at all


@pytest.fixture
def client():
    return Client(SERVER_NAME="localhost")


@pytest.fixture
def pool():
    made = Pool()
    yield made
    made.close()


@pytest.fixture
def slow(monkeypatch):
    """A drawing process that never answers."""
    monkeypatch.setattr(photo_pool, "COMMAND", ["sleep", "600"])


def refused(pool, file=b"", patience=SOON):
    with pytest.raises(PhotoError) as refusal:
        pool.drawn(file, until=time.monotonic() + patience)
    return refusal.value.code


def test_pool__draws_what_the_function_draws(pool):
    for build in (uploads.jpeg, uploads.png, uploads.webp):
        assert pool.drawn(build(), until=time.monotonic() + SOON) == photos.redrawn(build())


def test_pool__refuses_as_the_function_refuses_and_goes_on(pool):
    for build, code in uploads.REFUSED.values():
        assert refused(pool, build()) == code
    assert pool.drawn(uploads.jpeg(), until=time.monotonic() + SOON)


def test_answering_process__decodes_nothing(pool, monkeypatch):
    """Drawing is another process's: neither its memory nor its faults are ours."""
    monkeypatch.setattr(photos, "_drawn", lambda *_: pytest.fail("decoded where pages are answered"))
    assert pool.drawn(uploads.jpeg(), until=time.monotonic() + SOON)
    assert pool.process.pid != os.getpid()


def test_drawing_process__knows_no_secret_of_the_city_and_no_database(pool, monkeypatch):
    monkeypatch.setenv("MAHALLEH_SECRET_KEY", "marker-of-the-key")
    pool.drawn(uploads.jpeg(), until=time.monotonic() + SOON)
    with open(f"/proc/{pool.process.pid}/environ", "rb") as environment:
        assert b"MAHALLEH" not in environment.read()


def test_drawing_process__has_limits_of_memory_time_and_files(pool):
    pool.drawn(uploads.jpeg(), until=time.monotonic() + SOON)
    with open(f"/proc/{pool.process.pid}/limits") as file:
        limits = {line[:26].strip(): line[26:].split()[0] for line in file}
    assert int(limits["Max address space"]) == photo_worker.MEMORY
    assert int(limits["Max cpu time"]) <= photo_worker.SECONDS + 5
    assert limits["Max file size"] == limits["Max core file size"] == "0"


def test_a_drawing_process_that_dies__refuses_that_photo_and_draws_the_next(pool):
    pool.drawn(uploads.jpeg(), until=time.monotonic() + SOON)
    pool.process.send_signal(signal.SIGSTOP)
    threading.Timer(0.2, pool.process.kill).start()
    assert refused(pool, uploads.jpeg()) in ("broken", "busy")
    assert pool.drawn(uploads.jpeg(), until=time.monotonic() + SOON)


def test_waiting__ends_when_patience_ends_and_the_process_with_it(pool, slow):
    began = time.monotonic()
    assert refused(pool, uploads.jpeg(), patience=0.3) == "busy"
    assert time.monotonic() - began < SOON
    assert pool.process is None


def test_a_third_who_comes__waits_for_nobody(pool, slow):
    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(refused, pool, uploads.jpeg(), 2.0) for _ in range(photo_pool.PLACES)]
        while pool.places.acquire(blocking=False):  # until both are in
            pool.places.release()
            time.sleep(0.01)
        began = time.monotonic()
        assert refused(pool, uploads.jpeg(), patience=600) == "busy"
        assert time.monotonic() - began < SOON
        assert [each.result() for each in waiting] == ["busy", "busy"]


def test_header__is_looked_at_before_anything_is_drawn(monkeypatch):
    monkeypatch.setattr(Pool, "drawn", lambda *_, **__: pytest.fail("drawn"))
    too_large = SimpleUploadedFile("x.png", uploads.png_of(5001, 5000), "image/png")
    with override("en"):
        assert "too many dots" in drafts.pictures([too_large], who="a").errors[0]


def test_price__is_what_decoding_costs():
    assert taken_apart(uploads.png_of(5000, 5000)).price == 1000
    assert taken_apart(uploads.jpeg()).price == 200
    assert 3 * rules.PHOTOS * 1000 < rules.DRAWN  # three reports with the dearest photos are no flood


def test_busy__is_said_and_the_words_are_kept(client, town, monkeypatch):
    def busy(*_, **__):
        raise PhotoError("busy")

    monkeypatch.setattr(Pool, "drawn", busy)
    page = what(client, photos=[photo()])
    assert page.status_code == 503
    text = page.content.decode()
    assert "We are drawing many photos at this moment." in text
    assert WORDS in text
    assert Photo.objects.count() == 0


def test_budget__is_the_visitors_alone(client, town, monkeypatch):
    monkeypatch.setattr(rules, "DRAWN", 200)
    first = [what(client, photos=[photo()]).status_code for _ in range(2)]
    client.defaults["REMOTE_ADDR"] = "192.0.2.2"
    assert (first, what(client, photos=[photo()]).status_code) == ([200, 400], 200)


def test_photos_of_begun_forms__have_a_cap_for_the_whole_city(client, town, settings, monkeypatch):
    monkeypatch.setattr(type(settings.CITY), "of", lambda self, kind: Listen(draft_photos=30))
    for _ in range(10):
        intake.keep_photos([b"one", b"two", b"three"], token=form_token.new(Report.ROOM))
    page = what(client, photos=[photo()])
    assert page.status_code == 503
    assert "So many photos wait here" in page.content.decode()
    assert WORDS in page.content.decode()
    assert Photo.objects.count() == 30
    assert "Where is it?" in what(client).content.decode()
