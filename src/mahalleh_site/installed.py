"""Every app of the site. A room is one line here, and its folder with a `room.py`.

Ours stand in the order in which they build on one another, which is the order of the loop: a room may import
those above it (`.importlinter` holds that), and menus, daily work and checks follow it.
"""

from typing import Final

INSTALLED_APPS: Final = [
    "mahalleh_site.house",  # collects the manifests of the others
    "mahalleh_site.ui",
    "mahalleh_site.people",
    "mahalleh_site.places",
    "mahalleh_site.releases",
    "mahalleh_site.sealed",
    "mahalleh_site.listen",
    "mahalleh_site.watch",
    "mahalleh_site.publish",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_tasks",
    "django_tasks_db",
    "django_htmx",
    "leaflet",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
