"""The watch room in a real browser: signals, one signal, deciding, and what the public sees of it."""

from __future__ import annotations

import pytest

from tests.browser import lead_on
from tests.browser.test_people import enter
from tests.browser.test_public import _faults, _keep

LOOKS = [
    pytest.param({"phone": True}, id="phone"),
    pytest.param({"phone": True, "dark": True}, id="phone-dark"),
    pytest.param({}, id="desk"),
    pytest.param({"dark": True}, id="desk-dark"),
]
REASON = "The lamps along the canal have been dark since the works began."


def room(seen, language, role="coordinator"):
    """The window inside the room."""
    return enter(seen.go(f"/{language}/accounts/login/"), language, role)


def first_signal(seen, language):
    """The address of the strongest signal."""
    return seen.go(f"/{language}/signals/").locator(".signals h2 a").first.get_attribute("href")


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("look", LOOKS)
def test_watch__is_accessible_and_fits_the_window(window, language, look, request):
    kind = request.node.callspec.id.rsplit("-" + language, 1)[0]
    with window(**look) as seen:
        room(seen, language)
        signal = first_signal(seen, language)
        pages = {
            "watch-today": f"/{language}/today/",
            "watch-signals": f"/{language}/signals/",
            "watch-none": f"/{language}/signals/?status=problem",
            "watch-signal": signal,
            "watch-decide": f"{signal}decide/",
            "watch-calibration": f"/{language}/calibration/",
            "watch-methods": f"/{language}/methods/",
        }
        for name, path in pages.items():
            page = seen.go(path)
            assert page.locator("h1").count() == 1, name
            assert _faults(page) == [], name
            wide = page.locator("html").bounding_box()["width"]
            assert wide <= page.viewport_size["width"], f"{name} is wider than the window"
            _keep(page, f"{name}-{language}-{kind.removesuffix('-' + language)}")
        assert seen.strangers == []
        assert seen.complaints == []


def test_signal__shows_its_curve_with_a_table_and_its_map(window):
    with window(phone=True, script=False) as seen:
        room(seen, "fa")
        page = seen.go(first_signal(seen, "fa"))
        assert page.locator("figure.picture svg[role=img]:visible").count() == 1
        assert page.locator("svg.city path.in").count() >= 1
        assert page.locator("section[aria-labelledby=curve] details table tbody tr").count() >= 8


def test_decision__is_asked_for_its_reason_then_recorded_and_shown(window):
    with window(phone=True, script=False) as seen:
        room(seen, "en")
        address = first_signal(seen, "en")
        page = seen.go(f"{address}decide/")
        lead_on(page.locator("main form button[type=submit]"))
        assert page.locator("[role=alert] a").count() == 3
        assert _faults_without_script(page) == []
        lead_on(page.locator("[role=alert] a").first)
        assert page.url.endswith("#id_verb")
        page.get_by_label("Watch on").check()
        page.get_by_label("Reason").fill(REASON)
        page.get_by_label("Talk with residents").check()
        lead_on(page.locator("main form button[type=submit]"))
        page.wait_for_url(f"**{address}")
        assert REASON in page.locator("#decided + .panel").inner_text()
        area = page.locator(".links a[href*='/areas/']").first.get_attribute("href")
        public = seen.go(area)
        noticed = public.locator("section[aria-labelledby=noticed]").inner_text()
        assert "is being watched" in noticed
        assert REASON not in noticed


def _faults_without_script(page) -> list[str]:
    """What axe would find first, looked for by hand: fields without a name, errors that nothing points to."""
    nameless = page.locator("main input:not([type=hidden]), main textarea").evaluate_all(
        "fields => fields.filter(field => !field.labels || !field.labels.length).map(field => field.name)"
    )
    lost = page.locator("[role=alert] a").evaluate_all(
        "links => links.map(a => a.getAttribute('href')).filter(href => !document.querySelector(href))"
    )
    return nameless + lost
