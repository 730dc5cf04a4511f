"""The page that errors of this dialect lead to: what each of them means."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from faxes.api.fax2.errors import MEANINGS, STATUSES
from faxes.wire.fax2 import Code


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code means."""

    code: str
    status: int
    words: str


@require_safe
def errors(request: HttpRequest) -> HttpResponse:
    """What each error code means."""
    told = [Meaning(code.value, STATUSES[code], MEANINGS[code]) for code in sorted(Code)]
    return render(request, "faxes/api_errors.html", {"meanings": told})
