"""What stands before all addresses of this dialect: whatever is refused is told as it tells it."""

import re
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from faxes.api.common.doors import must_be_told
from faxes.api.signalwire.errors import plain, told

_OURS: Final = re.compile(r"/(api/laml|2010-04-01|v1/Faxes)([/.].*)?", re.DOTALL)
_FORM: Final = ".json"


def is_ours(path: str) -> bool:
    """Whether an address is of this dialect."""
    return _OURS.fullmatch(path) is not None


def let_in(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Take what may stand at the end of an address, and see to how failures are told."""

    def served(request: HttpRequest) -> HttpResponseBase:
        if not is_ours(request.path_info):
            return get_response(request)
        request.path_info = request.path_info.rstrip("/").removesuffix(_FORM)
        answer = get_response(request)
        if not must_be_told(answer):
            return answer
        answer.close()
        return told(request, plain(answer.status_code))

    return served
