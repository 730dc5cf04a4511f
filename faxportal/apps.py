"""Django's handle on the wiring; loading it registers the system checks."""

import gc

from django.apps import AppConfig


class FaxportalConfig(AppConfig):
    """The wiring."""

    name = "faxportal"

    def ready(self) -> None:
        """Register the checks; errors that nobody catches are told as all others."""
        from faxportal import (  # noqa: PLC0415 (register by being imported)
            checks,  # noqa: F401
            deploy_checks,  # noqa: F401
        )
        from faxportal.logs import tell_what_nobody_caught  # noqa: PLC0415

        tell_what_nobody_caught()
        gc.freeze()  # what is loaded stays: the collector need not look at it, nor forks copy it
        gc.enable()
