"""Django's handle on the keys, which may have a database of their own."""

from django.apps import AppConfig


class KeyringConfig(AppConfig):
    """Keys of stored objects."""

    name = "faxes.keyring"
    label = "keyring"
    default_auto_field = "django.db.models.BigAutoField"
