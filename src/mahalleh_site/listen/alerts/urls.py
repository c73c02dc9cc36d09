"""Hearing of an area by mail or feed, and its poster: below a language."""

from django.urls import path

from mahalleh_site.listen.alerts import views

urlpatterns = [
    path("areas/<str:area_id>/alerts/", views.area_alerts, name="area-alerts"),
    path("areas/<str:area_id>/alerts/ask/", views.ask_alert, name="ask-alert"),
    path("areas/<str:area_id>/feed.atom", views.area_feed, name="area-feed"),
    path("areas/<str:area_id>/poster/", views.area_poster, name="area-poster"),
    path("alerts/<str:word>/", views.read, name="alert-read"),
    path("alerts/<str:word>/confirm/", views.confirm, name="alert-confirm"),
    path("alerts/<str:word>/stop/", views.stop, name="alert-stop"),
]
