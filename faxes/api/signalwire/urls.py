"""Addresses of this dialect, and of Twilio's fax API.

A slash or ``.json`` at the end is taken off before they are looked up.
"""

from collections.abc import Sequence

from django.urls import URLPattern, URLResolver, include, path, re_path

from faxes.api.signalwire import explained, faxes, media, numbers
from faxes.api.signalwire.base import NothingHere

Routes = Sequence[URLPattern | URLResolver]


def _faxes(flavour: str) -> Routes:
    """Faxes and their media."""
    return [
        path("Faxes", faxes.Faxes.as_view(), name=f"{flavour}-faxes"),
        path("Faxes/<str:fax>", faxes.OneFax.as_view(), name=f"{flavour}-fax"),
        path("Faxes/<str:fax>/Media", media.AllMedia.as_view(), name=f"{flavour}-media"),
        path(
            "Faxes/<str:fax>/Media/<str:media>",
            media.OneMedia.as_view(),
            name=f"{flavour}-one-media",
        ),
    ]


def _numbers(flavour: str) -> Routes:
    return [
        path("IncomingPhoneNumbers", numbers.Numbers.as_view(), name=f"{flavour}-numbers"),
        path(
            "IncomingPhoneNumbers/<str:number>",
            numbers.OneNumber.as_view(),
            name=f"{flavour}-number",
        ),
    ]


def _laml(flavour: str) -> Routes:
    return [
        path("Accounts/<str:account>/", include([*_faxes(flavour), *_numbers(flavour)])),
        re_path("", NothingHere.as_view(), name=f"{flavour}-nothing"),
    ]


urlpatterns: Routes = [
    path("api/laml/2010-04-01/", include(_laml("laml"))),
    path("2010-04-01/", include(_laml("laml-short"))),
    re_path("^(api/laml|2010-04-01)(/.*)?$", NothingHere.as_view(), name="laml-root"),
    path("v1/", include(_faxes("twilio"))),
    re_path("^v1/Faxes/.*$", NothingHere.as_view(), name="twilio-nothing"),
    path("docs/errors/<int:code>", explained.code_page, name="laml-code"),
]
