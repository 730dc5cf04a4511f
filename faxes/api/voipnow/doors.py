"""What stands before all addresses of this dialect: whatever is refused there, in its words."""

import re
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from faxes.api.common.doors import must_be_told
from faxes.api.voipnow import answers
from faxes.api.voipnow.errors import plain

_OURS: Final = re.compile("/(uapi|unifiedapi)(/.*)?", re.DOTALL)


def let_in(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Tell a refusal that is not this dialect's own, such as of what is too large, as its own."""

    def served(request: HttpRequest) -> HttpResponseBase:
        answer = get_response(request)
        if not must_be_told(answer) or not _OURS.fullmatch(request.path_info):
            return answer
        answer.close()
        return answers.failure(plain(answer.status_code))

    return served
