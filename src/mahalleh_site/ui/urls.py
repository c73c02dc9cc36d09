"""Pages of the design system."""

from django.urls import path

from mahalleh_site.ui import views

urlpatterns = [path("gallery/", views.gallery, name="gallery")]
