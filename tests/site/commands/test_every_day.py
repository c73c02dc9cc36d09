"""`mahalleh listen`, the doctor's look at it, and the day's work that a worker asks for by itself."""

import json

import pytest
from django.conf import settings

from mahalleh import cli
from mahalleh.events import EventStore
from mahalleh_site.commands import every_day
from mahalleh_site.house import daily
from mahalleh_site.listen import doctor
from mahalleh_site.places import files
from tests.site.listen.conftest import send, town  # noqa: F401  (fixtures)


def run(*line: str) -> int:
    return cli.run(["listen", *line])


def test_daily__counts_what_came_and_says_what_it_did(send, capsys):  # noqa: F811
    send()
    assert cli.run(["daily", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"months": 1, "words": 0, "contacts": 0, "begun": 0}
    assert EventStore(files.events_path(settings.VAR)).scan().collect().height == 1
    assert cli.run(["daily"]) == 0
    assert "0 months counted anew" in capsys.readouterr().err


def test_status__holds_counts_alone(send, capsys):  # noqa: F811
    send(words="marker-of-words")
    send("harm", held=True)
    assert run("status", "--json") == 0
    told = capsys.readouterr().out
    assert json.loads(told) == {"open": 2, "late": 0, "held": 1, "heard": 4, "topics": 4, "to_forget": 0}
    assert run("status") == 0
    assert "marker" not in told + capsys.readouterr().err


def test_doctor__names_topics_that_nobody_receives(town):  # noqa: F811
    assert [finding.ok for finding in doctor.receiving()] == [True]
    town.homes["counselling"].routes.all().delete()
    (finding,) = doctor.receiving()
    assert (finding.ok, finding.facts) == (False, {"given": ["Self-harm"]})


def test_day__is_asked_for_once_by_however_many_workers(squares, monkeypatch):
    asked = []
    monkeypatch.setattr(type(daily.daily), "enqueue", lambda self: asked.append(self))
    assert [every_day.ask() for _ in range(3)] == [True, False, False]
    (files.private_path(settings.VAR) / every_day.FILE).write_text("2020-01-01", encoding="ascii")
    assert every_day.ask()
    assert len(asked) == 2


def test_day__whose_queue_fails_is_asked_for_again(squares, monkeypatch):
    def fail(_self):
        raise OSError(28, "No space left")

    with monkeypatch.context() as patch:
        patch.setattr(type(daily.daily), "enqueue", fail)
        with pytest.raises(OSError, match="space"):
            every_day.ask()
    monkeypatch.setattr(type(daily.daily), "enqueue", lambda _self: None)
    assert every_day.ask()
