"""What stands before all endpoints of this dialect: whatever is refused there, in its words."""

from collections.abc import Callable
from typing import Final

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import resolve

from faxes.api.common.doors import must_be_told
from faxes.api.fax2 import answers
from faxes.api.fax2.errors import plain

_PREFIX: Final = "/v1"
_NAMES: Final = "fax2-"


def let_in(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Tell a refusal that is not this dialect's own, such as of what is too large, as its own."""

    def served(request: HttpRequest) -> HttpResponseBase:
        answer = get_response(request)
        if not must_be_told(answer) or not _is_ours(request.path_info):
            return answer
        answer.close()
        return answers.failure(request, plain(answer.status_code))

    return served


def _is_ours(path: str) -> bool:
    """Whether an address is of this dialect: others have some below the same."""
    if path != _PREFIX and not path.startswith(f"{_PREFIX}/"):
        return False
    try:
        return (resolve(path).url_name or "").startswith(_NAMES)
    except Http404:
        return False
