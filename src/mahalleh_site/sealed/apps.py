"""The ground on which rooms with sealed conversations stand. It has no table and no address of its own."""

from django.apps import AppConfig


class SealedConfig(AppConfig):
    """Registers the app."""

    name = "mahalleh_site.sealed"
    label = "sealed"
