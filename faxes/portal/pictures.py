"""Pictures of pages for browsers, which keep them but ask each time whether they may."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag


def page_picture(request: HttpRequest, *, tag: str, make: Callable[[], bytes]) -> HttpResponse:
    """The picture of this tag, or word that the browser's own is still right.

    The tag is given only to who may see the page, and while there is one: so a page that is gone is
    not confirmed either. Nobody between us and the browser may keep it.
    """
    etag = quote_etag(tag)
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        answer = HttpResponse(make(), content_type="image/png")
    answer["ETag"] = etag
    answer["Cache-Control"] = "private, no-cache"
    return answer
