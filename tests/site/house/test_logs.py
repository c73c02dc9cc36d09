"""The log holds nothing that a visitor sent: not a host, an address, a code or a word, refused or broken."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

import mahalleh_site
from tests.site.house import code

MARK = "visitors-own-words"
SRC = Path(mahalleh_site.__file__).parents[1]
TELL = f"""
import sys, logging, logging.config
from django.conf import settings
logging.config.dictConfig(settings.LOGGING)
for name in sys.argv[1:]:
    logging.getLogger(name).warning({MARK!r})
"""


ASKED = {
    "host": lambda client: client.get("/en/", HTTP_HOST=f"{MARK}.example"),
    "host of a page with a form": lambda client: client.get("/en/tell/", HTTP_HOST=f"{MARK}.example"),
    "broken host": lambda client: client.post("/en/tell/", HTTP_HOST=f"{MARK} <>"),
    "address": lambda client: client.get(f"/en/{MARK}/"),
    "word of a mail": lambda client: client.get(f"/en/alerts/{MARK}/"),
    "link": lambda client: client.get(f"/en/welcome/{MARK}/{MARK}/"),
    "receipt": lambda client: client.post("/en/receipt/open/", {"receipt": MARK}),
    "password": lambda client: client.post("/en/accounts/login/", {"login": f"{MARK}@a.b", "password": MARK}),
    "program": lambda client: client.post(
        "/open311/v2/requests.json",
        {"api_key": MARK, "service_code": MARK, "description": MARK, "lat": MARK, "long": MARK},
    ),
    "too many fields": lambda client: client.post("/en/tell/send/", {f"{MARK}{n}": MARK for n in range(300)}),
    "forged": lambda client: client.post(
        "/en/tell/send/", {"a": MARK}, HTTP_ORIGIN=f"https://{MARK}.example"
    ),
    "broken form": lambda client: client.post(
        "/en/tell/send/", f"--x\r\n{MARK}", content_type=f"multipart/form-data; boundary={MARK}"
    ),
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_log__tells_nothing_of_what_was_sent_and_refused(squares, log, asked, capfd):
    client = Client(SERVER_NAME="localhost", enforce_csrf_checks=True, raise_request_exception=False)
    asked(client)
    assert MARK not in log.getvalue() + "".join(capfd.readouterr())


def test_log__of_a_page_that_broke_names_the_fault_and_not_the_address(squares, log, monkeypatch, caplog):
    from mahalleh_site.listen.alerts import actions

    def broken(word):
        raise ValueError(word)

    monkeypatch.setattr(actions, "found", broken)
    answer = Client(SERVER_NAME="localhost", raise_request_exception=False).get(f"/en/alerts/{MARK}/")
    assert answer.status_code == 500
    assert "ValueError" in log.getvalue()
    assert MARK not in log.getvalue()
    assert MARK in caplog.text  # so it was there to be left out


def test_messages_of_the_house__are_fixed_texts():
    """Or the name of a fault's class, which no visitor chooses."""
    for module in code.modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log."):
                assert isinstance(node.args[0], ast.Constant), module.name
                given = [ast.unparse(each) for each in node.args[1:]]
                assert set(given) <= {"type(error).__name__"}, module.name


def test_logger__that_passes_nothing_on_has_a_handler(squares):
    """Without any, Python's last resort writes the bare message; pytest's own handler would hide that."""
    silent = [name for name, how in settings.LOGGING["loggers"].items() if how.get("propagate") is False]
    assert {"django.security", "django.server"} <= set(silent)
    done = subprocess.run(
        [sys.executable, "-c", TELL, *silent], env=os.environ | {"PYTHONPATH": str(SRC)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout + done.stderr == ""
