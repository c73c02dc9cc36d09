"""Pages of the listen room, below a language."""

from django.urls import include, path

urlpatterns: list[object] = []
