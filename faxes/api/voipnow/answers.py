"""What is answered: JSON without null members, and of errors always one shape."""

import json
from typing import Any, Final

from django.http import HttpResponse

from faxes.api.common.doors import in_dialect
from faxes.api.voipnow.errors import Refusal
from faxes.wire.voipnow import Failure

_JSON: Final = "application/json; charset=utf-8"


def success(data: Any) -> HttpResponse:
    """What was made; 204 without a body if that is nothing."""
    if not data:
        return _told(HttpResponse(status=204))
    return _told(HttpResponse(json.dumps(data), content_type=_JSON))


def failure(found: Refusal) -> HttpResponse:
    """What went wrong."""
    told = Failure(found.code, found.message)
    response = HttpResponse(json.dumps(told.written()), status=found.status, content_type=_JSON)
    for name, value in found.headers.items():
        response[name] = value
    # a client's mistake, whatever its status: no alarm here
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 (Django's)
    return _told(response)


def _told(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return in_dialect(response)
