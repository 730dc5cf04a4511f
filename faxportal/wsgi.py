"""Entry for WSGI servers."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from faxportal.content_types import readable

gc.disable()  # until all is loaded: of that nothing is garbage (faxportal.apps)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faxportal.settings")
application = readable(get_wsgi_application())
