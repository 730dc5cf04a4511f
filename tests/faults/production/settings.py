"""Settings of the processes of a portal in production that is struck, whose clock can be moved."""

import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.utils import timezone

from faxportal.settings import *  # noqa: F403
from faxportal.settings import INSTALLED_APPS, STORAGES

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.journal.JournalConfig"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # real ones are slow
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

_LOOK_EVERY: Final = 0.2  # seconds
_moved = [0.0, 0.0]  # by how many seconds, and when that was looked up
_true_now = timezone.now  # noqa: TID251 (the clock itself)


def _now() -> datetime:
    """The time as this process believes it to be: a file says by how much it is wrong."""
    moment = time.monotonic()
    if moment - _moved[1] > _LOOK_EVERY:
        try:
            told = Path(os.environ["FAULTS_CLOCK"]).read_text()
        except (KeyError, OSError):
            told = ""
        _moved[:] = float(told or 0), moment
    return _true_now() + timedelta(seconds=_moved[0])


timezone.now = _now  # noqa: TID251
