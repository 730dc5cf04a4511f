"""A list that people hand in: pasted into a field, or as a file beside it."""

from typing import Final

from django.http import HttpRequest
from django.utils.translation import gettext as _

MOST_BYTES: Final = 2_000_000


def text_of(request: HttpRequest) -> tuple[str, str]:
    """The list, from the file if there is one, and what is wrong with that; else empty."""
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("text", ""), ""
    if (file.size or 0) > MOST_BYTES:
        megabytes = MOST_BYTES // 1_000_000
        words = _("This file is too large: up to {limit} MB can be read.")
        return "", words.format(limit=megabytes)
    raw = file.read()
    try:
        return raw.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return raw.decode("latin-1"), ""
