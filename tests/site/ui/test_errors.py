"""Pages for what goes wrong: in the page's language, and the same for what is absent and what is refused."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from django.utils import translation

from mahalleh_site.ui import views

HANDLERS = {
    400: views.bad_request,
    403: views.forbidden,
    404: views.not_found,
    500: views.server_error,
}


@pytest.mark.parametrize("status", HANDLERS)
@pytest.mark.parametrize(("language", "direction"), [("fa", "rtl"), ("en", "ltr")])
def test_error__speaks_the_pages_language(status, language, direction):
    response = HANDLERS[status](RequestFactory().get(f"/{language}/somewhere/"))
    assert response.status_code == status
    assert f'<html lang="{language}" dir="{direction}">' in response.content.decode()


def test_error__outside_the_languages_speaks_the_citys(settings):
    with translation.override("en"):
        response = views.not_found(RequestFactory().get("/somewhere"))
    assert f'lang="{settings.LANGUAGE_CODE}"' in response.content.decode()


def test_refused__looks_like_what_is_not_there():
    request = RequestFactory().get("/en/somewhere/")
    assert views.forbidden(request).content == views.not_found(request).content


def test_csrf_failure__says_that_nothing_was_saved():
    response = views.csrf_failure(RequestFactory().post("/en/somewhere/"), reason="token-was-wrong")
    assert response.status_code == 403
    assert "Nothing was saved" in response.content.decode()
    assert "token-was-wrong" not in response.content.decode()
