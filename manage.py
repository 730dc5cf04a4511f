#!/usr/bin/env python3
"""The portal's command line: ``python manage.py help``."""

import gc
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    gc.disable()  # until all is loaded: of that nothing is garbage (faxportal.apps)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faxportal.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(str(error))  # for whoever runs the portal, not for whoever writes it


if __name__ == "__main__":
    main()
