"""Addresses of this dialect, ``/v1/…``; it has whatever there is no other's."""

from collections.abc import Sequence

from django.urls import URLPattern, URLResolver, include, path, re_path

from faxes.api.fax2 import meanings, receiving, sending, sign_in
from faxes.api.fax2.base import NothingHere

Routes = Sequence[URLPattern | URLResolver]

_v1: Routes = [
    path("oauth2/token", sign_in.Token.as_view(), name="fax2-token"),
    path("fax_services", receiving.FaxServices.as_view(), name="fax2-services"),
    path("received_faxes", receiving.ReceivedFaxes.as_view(), name="fax2-received"),
    path(
        "fax_services/<str:service>/received_faxes",
        receiving.ReceivedFaxes.as_view(),
        name="fax2-service-received",
    ),
    path(
        "received_faxes/<str:fax>/content.pdf",
        receiving.Content.as_view(),
        name="fax2-content",
    ),
    path("upload_document", sending.UploadDocument.as_view(), name="fax2-upload"),
    path("send_fax", sending.SendFax.as_view(), name="fax2-send"),
    path("sent_faxes/<str:fax>", sending.SentFax.as_view(), name="fax2-sent"),
    re_path("", NothingHere.as_view(), name="fax2-nothing"),
]
urlpatterns: Routes = [
    path("api/docs/errors/fax2/", meanings.errors, name="fax2-errors"),
    path("v1", NothingHere.as_view(), name="fax2-root"),
    path("v1/", include(_v1)),
]
