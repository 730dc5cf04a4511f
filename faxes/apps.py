"""Django's handle on this app."""

from django.apps import AppConfig


class FaxesConfig(AppConfig):
    """Faxes."""

    name = "faxes"
