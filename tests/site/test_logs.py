"""Logs hold what happened, never who asked or what was typed."""

import json
import logging
import sys

from mahalleh_site.logs import Formatter


def formatted(**extra):
    record = logging.LogRecord(
        "django.request", logging.WARNING, "f.py", 1, "Not Found: %s", ("/fa/x",), None
    )
    record.__dict__.update(extra)
    return Formatter().format(record)


def test_formatter__drops_the_request_and_every_unnamed_field():
    line = formatted(request="GET from 203.0.113.7 Mozilla", remote="203.0.113.7", status_code=404)
    assert "203.0.113.7" not in line
    assert json.loads(line)["status_code"] == 404
    assert json.loads(line)["message"] == "Not Found: %s"  # Django's words, and not what was asked for


def test_formatter__keeps_where_an_exception_rose_but_not_its_words():
    try:
        raise ValueError("what the person typed: 09121234567")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "f.py", 1, "failed", (), sys.exc_info())
    line = Formatter().format(record)
    assert "ValueError" in line
    assert "test_logs.py" in line
    assert "0912" not in line
