"""Hearing of an area by mail or feed, and its poster: below a language."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
