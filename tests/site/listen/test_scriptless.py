"""Nobody needs JavaScript to tell something, to come back or to answer; and no address holds a receipt."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from mahalleh_site.listen.models import Report
from tests.site.listen.scriptless import Browser, Reader

WORDS = "The lamp in our lane is out."
CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){5}")


@pytest.fixture
def resident(town, settings):
    """A resident's browser; the town's people enter as the demonstration lets them."""
    settings.CITY = replace(settings.CITY, mode="demo")
    return Browser()


def told(resident):
    """Tell something in three steps; the receipt."""
    resident.go("/en/tell/")
    resident.press("Next: where is it?", topic="lighting", words=WORDS)
    resident.press("Next", name="Alef")
    resident.press("Send", contact="door 4")
    return CODE.search(resident.page).group()


def come_back(resident, receipt):
    resident.go("/en/receipt/")
    resident.press("Open the report", receipt=receipt)


def test_report__is_told_answered_and_followed_by_forms_alone(resident):
    receipt = told(resident)
    come_back(resident, receipt)
    assert WORDS in resident.page
    resident.press("Add", words="Since Friday.")
    assert "It was added." in resident.page
    staff = Browser()
    staff.go("/en/accounts/login/")
    staff.press("coordinator")
    staff.go("/en/listen/")
    staff.go(next(link for link in staff.links() if Report.objects.get().number in link))
    assert "Since Friday." in staff.page
    staff.press("Answer: it is done", words="A new lamp stands there.")
    come_back(resident, receipt)
    assert "A new lamp stands there." in resident.page
    resident.press("Answer", better="no")
    assert "Your report is open again" in resident.page
    resident.press("Withdraw it")
    assert "Your report was withdrawn." in resident.page


def test_receipt__stands_in_no_address(resident):
    receipt = told(resident)
    come_back(resident, receipt)
    pages = [resident.page]
    for label, filled in (("Add", {"words": "Since Friday."}), ("Change", {"contact": "door 5"})):
        resident.press(label, **filled)
        pages.append(resident.page)
    addresses = [*resident.seen]
    for page in pages:
        read = Reader(page)
        addresses += [*read.links, *(form.action for form in read.forms)]
        carrying = [form for form in read.forms if "receipt" in form.fields]
        assert len(carrying) >= 3
        assert {form.method for form in carrying} == {"post"}
    tight = receipt.replace("-", "")
    assert not [each for each in addresses if tight in each.replace("-", "").upper()]
