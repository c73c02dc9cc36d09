"""Addresses without a language."""

from django.urls import path

from mahalleh_site.ui import views

urlpatterns = [
    path("", views.root, name="root"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("robots.txt", views.robots, name="robots"),
]
