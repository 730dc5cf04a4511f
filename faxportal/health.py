"""Health: is this process alive; can the portal do its work."""

from django.db import Error as DatabaseError
from django.http import HttpRequest, JsonResponse

from faxes.queries.health import work_is_moving, write_probe
from faxes.services import deletion_list
from faxes.services.site_keys import keys_state


def live(_: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def ready(_: HttpRequest) -> JsonResponse:
    """The database takes writes, documents can be sealed, due work is done: 503 names what fails.

    Where documents of some accounts do not open any more it says so, and goes on for all others.
    """
    keys = keys_state()
    parts = {"database": False, "keys": keys.can_seal, "worker": False, "deletions": False}
    try:
        write_probe()
        parts["database"] = True
        parts["worker"] = work_is_moving()
        parts["deletions"] = not deletion_list.is_behind()  # else it was restored: replay them
    except (DatabaseError, OSError):
        pass
    if not all(parts.values()):
        return JsonResponse({"status": "failing", "parts": parts}, status=503)
    if keys.lost:
        told = {"status": "degraded", "parts": parts, "accounts_without_key": keys.lost}
        return JsonResponse(told)
    return JsonResponse({"status": "ok", "parts": parts})
