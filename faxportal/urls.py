"""The roots of all addresses."""

from django.urls import include, path

from faxportal import health, metrics, safety
from faxportal.operator import faxing, tenants, work
from faxportal.operator.site import site as operator

LISTS = (tenants, faxing, work)  # they register what the operator sees

handler400 = "faxportal.errors.bad_request"
handler500 = "faxportal.errors.server_error"
urlpatterns = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", metrics.metrics, name="metrics"),
    path(".well-known/security.txt", safety.security_txt, name="security-txt"),
    path("operator/", operator.urls),
    path("", include("accounts.urls")),
    path("", include("faxes.urls")),
]
