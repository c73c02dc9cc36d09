"""Reports in a real browser: told without JavaScript on a phone, answered by staff, followed by a receipt.

What was told is then searched for in everything that the served city has written.
"""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from tests.browser import lead_on
from tests.browser.test_people import enter
from tests.browser.test_public import _faults, _keep

WORDS = {"en": "The lamp in our lane is out", "fa": "چراغ کوچهٔ ما خاموش است"}
ANSWER = {"en": "The lamp was changed", "fa": "چراغ عوض شد"}


def tell(seen, language, topic, words, *, contact="", tick="", keep=""):
    """Tell something in three steps; the receipt."""
    page = seen.go(f"/{language}/tell/")
    main = page.locator("main")
    main.locator(f"#topic-{topic}").check()
    main.locator("textarea").fill(words)
    lead_on(main.locator("form button.button").last)
    page.locator("#place-name").fill("خشت" if language == "fa" else "Khesht")
    lead_on(main.locator("form button.button").first)
    if page.locator("input[name=chosen]").count():
        page.locator("input[name=chosen]").first.check()
        lead_on(main.locator("form button.button").first)
    if contact:
        page.locator("#id_contact").fill(contact)
    if tick:
        page.locator(f"#id_{tick}").check()
    if keep:
        _keep(page, f"tell-more-{keep}")
    lead_on(main.locator("form > button.button").last)
    if keep:
        _keep(page, f"tell-sent-{keep}")
    return page.locator(".receipt-code").inner_text().strip()


def come_back(seen, language, receipt):
    """Open the own report by its receipt."""
    page = seen.go(f"/{language}/receipt/")
    page.locator("#receipt").fill(receipt.lower())
    lead_on(page.locator("main form button.button"))
    return page


def find(seen, language, mark):
    """Open a report from the queue by its words; None where it isn't there."""
    page = seen.go(f"/{language}/listen/?whose=all")
    row = page.locator(".queue > li", has_text=mark)
    if row.count():
        lead_on(row.locator("h2 a").first)
        return page
    # words of sealed reports stand in no list: each is opened by itself
    for link in [each.get_attribute("href") for each in page.locator(".queue h2 a").all()]:
        if mark in seen.go(link).locator("main").inner_text():
            return page
    return None


def do(page, verb, **fields):
    """Do something with the open report."""
    offer = page.locator(f"#do-{verb}")
    if offer.get_attribute("open") is None:
        offer.locator("summary").click()
    for name, value in fields.items():
        offer.locator(f"[name={name}]").fill(value)
    lead_on(offer.locator("form button[type=submit]"))
    page.wait_for_load_state()


@pytest.mark.parametrize("language", ["fa", "en"])
def test_report__is_told_answered_followed_and_opened_again(window, language):
    mark = secrets.token_hex(6)
    with window(phone=True, script=False) as resident:
        words = f"{WORDS[language]} {mark}"
        receipt = tell(resident, language, "street-lighting", words, tick="may_publish", keep=language)
        page = come_back(resident, language, receipt)
        assert words in page.locator("main").inner_text()
        assert receipt.replace("-", "") not in page.url.replace("-", "")
        _keep(page, f"own-{language}")
        with window() as staff:
            enter(staff.go(f"/{language}/accounts/login/"), language, "coordinator")
            page = find(staff, language, mark)
            _keep(page, f"report-staff-{language}")
            do(page, "publish", text=WORDS[language])
            do(page, "answer", words=f"{ANSWER[language]} {mark}", public_words=ANSWER[language])
            page = come_back(resident, language, receipt)
            assert f"{ANSWER[language]} {mark}" in page.locator("main").inner_text()
            page.locator("input[name=better][value=no]").check()
            lead_on(page.locator("section[aria-labelledby=better] button"))
            _keep(page, f"own-reopened-{language}")
            staff.go(f"/{language}/today/")
            assert staff.page.locator(".waiting a[href*='/listen/']").count() >= 1
        assert resident.page.context.cookies() == []
        assert resident.strangers == []


def test_sealed_report__is_seen_by_its_service_and_by_nobody_else(window, served_environment):
    mark = secrets.token_hex(6)
    with window(phone=True, script=False) as resident:
        receipt = tell(
            resident, "en", "child-at-risk", f"A child is left alone {mark}", contact=f"door {mark}"
        )
    addresses = []
    with window() as worker:
        enter(worker.go("/en/accounts/login/"), "en", "social-worker")
        page = find(worker, "en", mark)
        assert mark in page.locator("main").inner_text()
        addresses.append(page.url)
        lead_on(page.get_by_role("button", name="Show how to reach the resident"))
        assert f"door {mark}" in page.locator("main").inner_text()
    for role in ("officer", "coordinator", "partner"):
        with window() as other:
            enter(other.go("/en/accounts/login/"), "en", role)
            before = other.page.goto(f"{other.base}/en/listen/?whose=all&status=all")
            assert before.status == 200
            assert mark not in other.page.content()
            assert addresses[0].rsplit("/", 2)[-2] not in other.page.content()
            assert other.page.goto(addresses[0]).status == 404
    written = everything(served_environment)
    assert len(written) > 100_000
    for secret in (mark, receipt, receipt.replace("-", "")):
        assert secret.encode() not in written


def everything(environment) -> bytes:
    """All that the served city has written: its folder, its database and journal, its log."""
    folder = Path(environment["MAHALLEH_VAR"])
    files = [path for path in folder.rglob("*") if path.is_file()]
    return b"".join(path.read_bytes() for path in [*files, folder.parent / "server.log"])


LOOKS = [
    pytest.param({"phone": True}, id="phone"),
    pytest.param({"dark": True}, id="desk-dark"),
]


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("look", LOOKS)
def test_residents_pages__are_accessible_and_fit_the_window(window, language, look, request):
    kind = request.node.callspec.id

    def check(page, name):
        assert _faults(page) == [], name
        wide = page.locator("html").bounding_box()["width"]
        assert wide <= page.viewport_size["width"], f"{name} is wider than the window"
        _keep(page, f"{name}-{kind}")

    with window(**look) as seen:
        page = seen.go(f"/{language}/tell/")
        check(page, "tell-what")
        main = page.locator("main")
        lead_on(main.locator("form button.button").last)
        check(page, "tell-what-wrong")
        page.locator("#topic-street-lighting").check()
        page.locator("main textarea").fill(WORDS[language])
        lead_on(main.locator("form button.button").last)
        check(page, "tell-where")
        tap = page.locator("input.tap:visible").first
        box = tap.bounding_box()
        lead_on(tap, position={"x": box["width"] / 2, "y": box["height"] / 3})
        check(page, "tell-near")
        lead_on(page.locator(".panel button[name=go]"))
        check(page, "tell-more")
        lead_on(main.locator("form > button.button").last)
        check(page, "tell-sent")
        receipt = page.locator(".receipt-code").inner_text().strip()
        check(come_back(seen, language, receipt), "own")
        check(come_back(seen, language, "7KQ2"), "receipt-wrong")
        check(seen.go(f"/{language}/areas/m01/"), "area-told")
        check(seen.go(f"/{language}/done/"), "done-told")
        assert seen.page.context.cookies() == []
        assert seen.strangers == []
        assert [line for line in seen.complaints if "404" not in line and "400" not in line] == []


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("look", LOOKS)
def test_staff_pages__are_accessible_and_fit_the_window(window, language, look, request):
    kind = request.node.callspec.id
    with window(**look) as seen:
        enter(seen.go(f"/{language}/accounts/login/"), language, "coordinator")
        one = seen.go(f"/{language}/listen/").locator(".queue h2 a").first.get_attribute("href")
        pages = {
            "listen": f"/{language}/listen/",
            "listen-none": f"/{language}/listen/?status=refused",
            "listen-one": one,
            "listen-new": f"/{language}/listen/new/",
            "listen-setup": f"/{language}/listen/setup/",
            "listen-answer": f"/{language}/listen/setup/answers/new/",
            "my-key": f"/{language}/me/key/",
        }
        for name, path in pages.items():
            page = seen.go(path)
            for summary in page.locator("details.offer summary").all():
                summary.click()
            assert _faults(page) == [], name
            wide = page.locator("html").bounding_box()["width"]
            assert wide <= page.viewport_size["width"], f"{name} is wider than the window"
            _keep(page, f"{name}-{kind}")
        assert seen.strangers == []
        assert seen.complaints == []


def test_queue__is_walked_by_keys_that_rest_while_somebody_types(window):
    with window() as seen:
        enter(seen.go("/en/accounts/login/"), "en", "coordinator")
        page = seen.go("/en/listen/")
        links = page.locator(".queue h2 a")
        page.keyboard.press("j")
        assert links.nth(0).evaluate("each => each === document.activeElement")
        page.keyboard.press("j")
        assert links.nth(1).evaluate("each => each === document.activeElement")
        page.keyboard.press("k")
        assert links.nth(0).evaluate("each => each === document.activeElement")
        target = links.nth(0).get_attribute("href")
        page.keyboard.press("o")
        page.wait_for_url(f"**{target}")
