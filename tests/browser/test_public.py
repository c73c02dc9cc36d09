"""A walk through the public pages: both languages, phone and desk, light and dark, script or none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser import lead_on

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PLACES = {
    "home": "",
    "map": "?show=rate#where",
    "change": "?show=change#where",
    "neighbourhood": "areas/m03/",
    "curve": "areas/m03/?topic=noise#curve",
    "district": "districts/d1/",
    "topic": "topics/noise/",
    "private-topic": "topics/patrol-arrest/",
}
PLAIN = {
    "find": "find/?q=a",
    "topics": "topics/",
    "data": "data/",
    "method": "method/",
    "methods": "methods/",
    "tell": "tell/",
    "help": "help/",
    "done": "done/",
    "gallery": "gallery/",
}
LOOKS = [
    pytest.param({"phone": True}, id="phone"),
    pytest.param({"phone": True, "dark": True, "script": False}, id="phone-dark-noscript"),
    pytest.param({}, id="desk"),
    pytest.param({"dark": True}, id="desk-dark"),
]


def _keep(page, name: str) -> None:
    """Save a picture where pictures are wanted."""
    if folder := os.environ.get("MAHALLEH_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")


def _faults(page) -> list[str]:
    found = Axe().run(
        page, options={"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
    )
    return [
        f"{rule['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:200]}"
        for rule in found.response["violations"]
        for node in rule["nodes"][:3]
    ]


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("look", LOOKS)
def test_walk__is_accessible_alone_with_its_server_and_leaves_no_cookie(window, language, look, request):
    kind = request.node.callspec.id.rsplit("-" + language, 1)[0]
    with window(**look) as seen:
        for name, path in PLACES.items():
            page = seen.go(f"/{language}/{path}")
            assert page.locator("h1").count() == 1, name
            # axe is itself a script: a page without script is checked for all else
            assert look.get("script", True) is False or _faults(page) == [], name
            wide = page.locator("html").bounding_box()["width"]
            assert wide <= page.viewport_size["width"], f"{name} is wider than the window"
            _keep(page, f"{name}-{language}-{kind.removesuffix('-' + language)}")
        assert seen.page.context.cookies() == []
        assert seen.strangers == []
        assert seen.complaints == []


@pytest.mark.parametrize("language", ["fa", "en"])
def test_plain_pages__are_accessible(window, language):
    with window(phone=True) as seen:
        for name, path in PLAIN.items():
            assert _faults(seen.go(f"/{language}/{path}")) == [], name
        assert seen.complaints == []
        assert seen.page.context.cookies() == []


def test_map__comes_alive_with_script_and_keeps_its_names(window):
    with window() as seen:
        page = seen.go("/en/")
        page.wait_for_selector(".map-live path.place")
        shown = page.locator(".map-live path.place:not(.unsure)")
        assert shown.count() == page.locator("svg.city a[data-area]").count() == 24
        shown.first.hover()
        assert page.locator(".leaflet-tooltip").inner_text() == page.locator(
            "svg.city a[data-area]"
        ).first.get_attribute("aria-label")
        shown.first.click()
        page.wait_for_url("**/en/areas/**")
        assert seen.complaints == []


def test_map__without_script_is_a_drawing_of_links(window):
    with window(script=False) as seen:
        page = seen.go("/fa/")
        assert page.locator("svg.city").is_visible()
        page.locator("svg.city a").first.click()
        page.wait_for_url("**/fa/areas/**")


def test_search__suggests_while_typing_and_finds_without_script(window):
    with window(phone=True) as seen:
        page = seen.go("/en/")
        name = page.locator("tbody th a").first.inner_text()
        page.locator("#q").press_sequentially(name[:4])
        lead_on(page.locator("#suggestions a", has_text=name).first)
        assert page.locator("h1").inner_text() == name
        assert seen.complaints == []
    with window(phone=True, script=False) as seen:
        page = seen.go("/en/")
        page.locator("#q").fill(name)
        lead_on(page.locator("form.search button"))
        lead_on(page.locator("main .results a", has_text=name).first)
        assert page.locator("h1").inner_text() == name


def test_language_switch__keeps_the_page_and_turns_it(window):
    with window() as seen:
        page = seen.go("/en/areas/m03/?topic=noise")
        lead_on(page.locator("nav.language a"))
        assert page.url.endswith("/fa/areas/m03/?topic=noise")
        assert page.locator("html").get_attribute("dir") == "rtl"
        assert page.locator("select#topic").input_value() == "noise"


def test_choice__is_made_with_a_button_and_without_script(window):
    with window(phone=True, script=False) as seen:
        page = seen.go("/fa/areas/m03/")
        page.locator("select#topic").select_option("litter")
        lead_on(page.locator("form.choose button"))
        assert "topic=litter" in page.url
        assert page.locator("figure.picture svg[role=img]:visible").count() == 1


def test_targets__are_large_enough_for_a_thumb(window):
    with window(phone=True) as seen:
        page = seen.go("/fa/")
        for control in page.locator("button:visible, input:visible, select:visible, .doors a:visible").all():
            assert control.bounding_box()["height"] >= 44


def test_keyboard__can_skip_to_the_content_and_past_the_map(window):
    with window() as seen:
        page = seen.go("/en/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.locator(".to-next").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('#numbers') !== null")


def test_print__shows_the_numbers_without_the_frame(window):
    with window(script=False) as seen:
        page = seen.go("/en/areas/m03/")
        page.emulate_media(media="print")
        assert not page.locator(".doors").is_visible()
        assert page.locator("section[aria-labelledby=needs] table").first.is_visible()
        assert page.locator("details table").first.is_visible()
