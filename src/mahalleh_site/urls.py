"""Every address. Pages stand below their language (/fa/, /en/): an address is a page, without a cookie."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from mahalleh_site.house import health, rooms

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    *(path("", include(urls)) for urls in rooms.urlconfs(lambda room: room.files)),
    *i18n_patterns(*(path("", include(urls)) for urls in rooms.urlconfs(lambda room: room.pages))),
]

handler400 = "mahalleh_site.ui.views.bad_request"
handler403 = "mahalleh_site.ui.views.forbidden"
handler404 = "mahalleh_site.ui.views.not_found"
handler500 = "mahalleh_site.ui.views.server_error"
