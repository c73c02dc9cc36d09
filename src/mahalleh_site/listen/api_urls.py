"""Open311 GeoReport v2 for other programs: without a language."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
