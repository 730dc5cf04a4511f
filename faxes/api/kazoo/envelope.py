"""What every answer is wrapped in."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from accounts import clock
from accounts.at_work import at_work, new_request
from faxes.api.common.doors import in_dialect
from faxes.wire.times import iso

VERSION: Final = "4.3.142"  # of the server whose manners these are: clients compare it
REQUEST_ID: Final = "X-Request-ID"
_GIVEN_ID: Final = re.compile("[A-Za-z0-9._-]{1,128}")
_CALLBACK: Final = re.compile(r"[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*", re.ASCII)
_LONGEST_CALLBACK: Final = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view answers. ``status`` 0 is that of its method: 201 for PUT, else 200.

    ``revision`` is made of the data if empty. ``token`` replaces the token that was shown, for who
    signs in. ``more`` are further members of the envelope, such as ``page_size``. With ``sheet``
    that is the answer, without an envelope: CSV.
    """

    data: Any
    status: int = 0
    revision: str = ""
    location: str = ""
    token: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    sheet: str = ""


def request_id_of(request: HttpRequest) -> str:
    """The id of a request, the client's own if it is fit to be told again; the same each time."""
    known: str = getattr(request, "request_id", "")
    if not known:
        given = request.headers.get(REQUEST_ID, "")
        ours = at_work().get("request") or new_request()
        known = given if _GIVEN_ID.fullmatch(given) else ours.replace("-", "")
        request.request_id = known  # type: ignore[attr-defined]
    return known


def success(request: HttpRequest, answer: Answer, *, token: str) -> HttpResponse:
    """A good answer in its envelope; ``token`` is what was shown."""
    if answer.sheet:
        return _csv(answer.sheet)
    status = answer.status or (201 if request.method == "PUT" else 200)
    body = {
        "data": answer.data,
        "status": "success",
        "revision": answer.revision or revision_of(answer.data),
        **_common(request, token if answer.token is None else answer.token),
        **answer.more,
    }
    response = written(request, body, status)
    if answer.location:
        response["Location"] = answer.location
    return response


def failure(
    request: HttpRequest,
    *,
    status: int,
    message: str,
    data: Any,
    token: str = "",
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """What went wrong, in its envelope."""
    body = {
        "data": data,
        "error": str(status),
        "message": message,
        "status": "error",
        **_common(request, token),
    }
    response = written(request, body, status)
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def written(request: HttpRequest, body: Any, status: int) -> HttpResponse:
    """A body as JSON, wide if that is asked for, or as a call of a function of the client's."""
    wide = "true" in {
        request.GET.get("pretty_print", "").lower(),
        request.headers.get("X-Pretty-Print", "").strip().lower(),
    }
    text = json.dumps(body, indent=2) if wide else json.dumps(body, separators=(",", ":"))
    callback = request.GET.get("jsonp", "")
    if request.headers.get("Sec-Fetch-Site", "") == "same-origin":
        callback = ""  # our own pages have no use for scripts that a link can write
    media_type = "application/json"
    if len(callback) <= _LONGEST_CALLBACK and _CALLBACK.fullmatch(callback):
        # Within a script these two end a line, within JSON they do not; dumps writes them escaped.
        text, media_type = f"{callback}({text});", "application/javascript"
    response = HttpResponse(text, status=status, content_type=media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return in_dialect(response)


def revision_of(data: Any) -> str:
    """A name for just this data: as long as it is the same, nothing has changed."""
    digest = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
    return f"1-{digest[:32]}"


def _csv(sheet: str) -> HttpResponse:
    response = HttpResponse(sheet, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = "attachment; filename=data.csv"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def _common(request: HttpRequest, token: str) -> dict[str, str]:
    return {
        "auth_token": token,
        "request_id": request_id_of(request),
        "node": _node(),
        "version": VERSION,
        "timestamp": iso(clock.now()),
    }


def cluster_id() -> str:
    """An id of this site, the same for all its accounts."""
    return salted_hmac("cluster", "web", algorithm="sha256").hexdigest()[:32]


def _node() -> str:
    """A name of this site that tells nothing of it."""
    return salted_hmac("node", "web", algorithm="sha256").hexdigest()[:16]
