"""Papers: a template of the portal's as a PDF, under its account's brand."""

import base64
from typing import Any, Final

from django.template.loader import render_to_string
from weasyprint import HTML
from weasyprint.urls import URLFetchingError

from accounts import clock
from accounts.models import Account
from accounts.services.brands import brand_of, logo_data

_LOGO: Final = "data:image/png;base64,"


def paper(template: str, *, account: Account, **words: Any) -> bytes:
    """A PDF of a template, which gets ``account``, ``brand``, ``logo``, ``now`` and the words."""
    brand = brand_of(account)
    data = logo_data(brand.logo.digest) if brand.logo else None
    page = render_to_string(
        template,
        {
            "account": account,
            "brand": brand,
            "logo": _LOGO + base64.b64encode(data).decode() if data else "",
            "now": clock.now(),
            **words,
        },
    )
    return bytes(HTML(string=page, url_fetcher=_fetch_logo).write_pdf())


def _fetch_logo(url: str, *_: object, **__: object) -> dict[str, object]:
    """A paper brings its logo along: whatever else it points to is not fetched."""
    if not url.startswith(_LOGO):
        raise URLFetchingError(f"not fetched: {url[:80]}")
    return {"string": base64.b64decode(url.removeprefix(_LOGO)), "mime_type": "image/png"}
