"""Addresses of this dialect, the same below both prefixes; ``@`` and ``*`` stand in them raw."""

from collections.abc import Sequence

from django.urls import URLPattern, URLResolver, include, path, re_path

from faxes.api.voipnow.faxes import Faxes, NothingHere

Routes = Sequence[URLPattern | URLResolver]
_FAXES = "^faxes/(?P<user>[^/]*)/(?P<extension>[^/]+)/?$"


def _prefixed(prefix: str, name: str) -> Routes:
    below: Routes = [
        re_path(_FAXES, Faxes.as_view(), name=f"{name}-faxes"),
        re_path("", NothingHere.as_view(), name=f"{name}-nothing"),
    ]
    return [
        path(prefix, NothingHere.as_view(), name=f"{name}-root"),
        path(f"{prefix}/", include(below)),
    ]


urlpatterns: Routes = [
    *_prefixed("uapi", "voipnow"),
    *_prefixed("unifiedapi", "voipnow-unified"),
]
