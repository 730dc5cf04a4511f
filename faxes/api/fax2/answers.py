"""What every answer is: JSON of one content type."""

import json
from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from faxes.api.common.doors import in_dialect
from faxes.api.common.links import root_of
from faxes.api.fax2.errors import MEANINGS, Refusal
from faxes.wire.fax2 import Failure

_JSON: Final = "application/json; charset=utf-8"


def success(body: Mapping[str, Any]) -> HttpResponse:
    """A good answer."""
    return _written(body, 200)


def failure(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """What went wrong, as the vendor's document has it, with the parameter at fault."""
    description = refusal.description or MEANINGS[refusal.code]
    told = Failure(refusal.code.value, description, refusal.parameter)
    more_info = f"{root_of(request)}{reverse('fax2-errors')}#{refusal.code.value}"
    response = _written(told.written(more_info=more_info), refusal.http_status)
    for name, value in refusal.headers.items():
        response[name] = value
    # a client's mistake, whatever its status: no alarm here
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 (Django's)
    return response


def _written(body: Mapping[str, Any], status: int) -> HttpResponse:
    text = json.dumps(body, separators=(",", ":"))
    response = HttpResponse(text, status=status, content_type=_JSON)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return in_dialect(response)
