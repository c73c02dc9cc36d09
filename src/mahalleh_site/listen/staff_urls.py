"""Pages of those who read and answer reports, below a language."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
