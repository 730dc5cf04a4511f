"""Django's handle on this app."""

from django.apps import AppConfig


class FaxesConfig(AppConfig):
    """Faxes."""

    name = "faxes"

    def ready(self) -> None:
        """Say who writes for whom in other words than ours."""
        from faxes.api.kazoo import events  # noqa: PLC0415 (its models are loaded now)
        from faxes.api.signalwire import callbacks  # noqa: PLC0415
        from faxes.services import answering, dialects  # noqa: PLC0415

        dialects.register(events.posting, "kazoo", "callback")
        dialects.register(callbacks.posting, "laml")
        answering.register(callbacks.WAY)
