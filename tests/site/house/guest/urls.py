"""Addresses."""

from django.urls import path
from mahalleh_site.guest import views

urlpatterns = [
    path("guest/", views.guest, name="guest"),
    path("guest/book/", views.guest_book, name="guest-book"),
]
