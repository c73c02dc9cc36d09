"""Pages of the watch, below a language."""

from django.urls import path

from mahalleh_site.watch import views

urlpatterns = [
    path("signals/", views.signals, name="signals"),
    path("signals/<str:signal_id>/", views.signal, name="signal"),
    path("signals/<str:signal_id>/decide/", views.decide, name="decide-signal"),
    path("calibration/", views.calibration, name="calibration"),
]
