"""Health: is this process alive; can the portal do its work."""

from django.db import Error as DatabaseError
from django.http import HttpRequest, JsonResponse

from faxes.queries.health import work_is_moving, write_probe
from faxes.services.site_keys import keys_open


def live(_: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def ready(_: HttpRequest) -> JsonResponse:
    """The database takes writes, documents open, due work is done: 503 names what fails."""
    parts = {"database": False, "keys": keys_open(), "worker": False}
    try:
        write_probe()
        parts["database"] = True
        parts["worker"] = work_is_moving()
    except DatabaseError:
        pass
    well = all(parts.values())
    return JsonResponse(
        {"status": "ok" if well else "failing", "parts": parts}, status=200 if well else 503
    )
