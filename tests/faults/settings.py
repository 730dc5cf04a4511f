"""Settings of the processes that the fault tests start; where the data lies comes from outside."""

from faxportal.settings import *  # noqa: F403
from faxportal.settings import DATABASES, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.journal.JournalConfig"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # real ones are slow

# Processes are killed here, never the machine: what they wrote outlives them, flushed or not.
_database = DATABASES["default"]
_options = {**_database["OPTIONS"]}
_options["init_command"] = _options["init_command"].replace("=FULL", "=OFF")
DATABASES = {**DATABASES, "default": {**_database, "OPTIONS": _options}}
