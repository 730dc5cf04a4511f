"""Settings of the processes that the fault tests start; where the data lies comes from outside."""

from faxportal.settings import *  # noqa: F403
from faxportal.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.journal.JournalConfig"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # real ones are slow
