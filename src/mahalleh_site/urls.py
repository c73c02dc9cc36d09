"""Every address. Pages stand below their language (/fa/, /en/): an address is a page, without a cookie."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from mahalleh_site import health

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("", include("mahalleh_site.publish.data_urls")),
    path("", include("mahalleh_site.listen.api_urls")),
    path("", include("mahalleh_site.ui.root_urls")),
    *i18n_patterns(
        path("", include("mahalleh_site.publish.urls")),
        path("", include("mahalleh_site.listen.urls")),
        path("", include("mahalleh_site.listen.alert_urls")),
        path("", include("mahalleh_site.listen.staff_urls")),
        path("", include("mahalleh_site.watch.urls")),
        path("", include("mahalleh_site.people.urls")),
        path("", include("mahalleh_site.ui.urls")),
    ),
]

handler400 = "mahalleh_site.ui.views.bad_request"
handler403 = "mahalleh_site.ui.views.forbidden"
handler404 = "mahalleh_site.ui.views.not_found"
handler500 = "mahalleh_site.ui.views.server_error"
