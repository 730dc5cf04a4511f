"""Papers: a template of the portal's as a PDF, under its account's brand, signed by the portal."""

import base64
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse

from accounts import clock
from accounts.models import Account
from accounts.services.brands import brand_of, logo_data
from accounts.services.paper_keys import paper_key
from accounts.services.paper_signatures import PaperKind, signed


def paper(
    template: str, *, account: Account, kind: PaperKind, about: object, **words: Any
) -> bytes:
    """A signed PDF of a template, which gets ``account``, ``brand``, ``logo``, ``now``, the words.

    Raises:
        CannotSign: the key for signatures cannot be had. None goes out without one.

    """
    signer = paper_key().signer
    # Loaded with the first paper: it takes longer than all else, and most processes make none.
    from weasyprint import HTML  # noqa: PLC0415
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    brand = brand_of(account)
    data = logo_data(brand.logo.digest) if brand.logo else None
    page = render_to_string(
        template,
        {
            "account": account,
            "brand": brand,
            "logo": _inline(data) if data else "",
            "now": clock.now(),
            "signer": signer,
            "check_url": brand.base_url + reverse("check"),
            **words,
        },
    )
    # A paper brings its logo along: whatever else it points to is not fetched.
    along = URLFetcher(allowed_protocols=("data",))
    drawn = bytes(HTML(string=page, url_fetcher=along).write_pdf())
    return signed(drawn, kind=kind, about=str(about))


def _inline(picture: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(picture).decode()
