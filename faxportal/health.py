"""Health: is this process alive; can the portal do its work."""

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils.module_loading import import_string

from faxes.queries.health import work_is_moving, write_probe
from faxes.services import deletion_list
from faxes.services.site_keys import keys_state

_REDIS = "faxes.redis_door.is_there"  # loaded only where there is one


def live(_: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def ready(_: HttpRequest) -> JsonResponse:
    """The database takes writes, documents can be sealed, due work is done: 503 names what fails.

    Where documents of some accounts do not open any more it says so, and goes on for all others;
    so it does without Redis, whose work is done more slowly then.
    """
    keys = keys_state()
    parts = {"database": False, "keys": keys.can_seal, "worker": False, "deletions": False}
    try:
        write_probe()
        parts["database"] = True
        parts["worker"] = work_is_moving()
        parts["deletions"] = not deletion_list.is_behind()  # else it was restored: replay them
    except DatabaseError:
        pass
    if not all(parts.values()):
        return JsonResponse({"status": "failing", "parts": parts}, status=503)
    told: dict[str, object] = {"status": "ok", "parts": parts}
    if settings.REDIS_URL:
        parts["redis"] = bool(import_string(_REDIS)())
    if not all(parts.values()):
        told["status"] = "degraded"
    if keys.lost:
        told |= {"status": "degraded", "accounts_without_key": keys.lost}
    return JsonResponse(told)
