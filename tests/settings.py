"""The portal's settings with a data folder of the test run's own."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_folder = tempfile.mkdtemp(prefix="portal-test-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
for name in [name for name in os.environ if name.startswith("FAXPORTAL_")]:
    del os.environ[name]
os.environ["FAXPORTAL_DATA"] = _folder
os.environ["FAXPORTAL_DEMO"] = "1"
os.environ["FAXPORTAL_UNDO_SECONDS"] = "0"  # nothing waits but where that is the matter

from faxportal.settings import *  # noqa: E402, F403
from faxportal.settings import DATABASES, STORAGES  # noqa: E402

if "keys" in DATABASES:
    del DATABASES["keys"]  # one database is emptied after a test; tests of whole portals have both
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: the line's threads and the processes that tests start share it.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(_folder) / "test.sqlite3")}
    # power does not fail
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
DATABASES["default"]["CONN_MAX_AGE"] = 0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # real ones are slow
SIGN_IN_DIGEST_HASHER = PASSWORD_HASHERS[0]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
(Path(_folder) / "static").mkdir()
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
