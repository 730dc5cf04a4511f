"""Entry for WSGI servers."""

import os

from django.core.wsgi import get_wsgi_application

from faxportal.content_types import readable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faxportal.settings")
application = readable(get_wsgi_application())
