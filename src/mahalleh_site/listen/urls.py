"""Pages of the listen room, below a language."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
