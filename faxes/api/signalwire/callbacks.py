"""What this dialect tells clients' servers: how a fax goes on, and that one is coming in."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from accounts.reach import read_url
from accounts.services.brands import brand_of
from faxes import phone
from faxes.api.common.places import ENDED, place_of
from faxes.api.signalwire import laml
from faxes.api.signalwire.ids import FAX, MEDIA, media_key, media_path, sid_of
from faxes.api.signalwire.sending import KIND
from faxes.api.signalwire.states import error_of, status_of
from faxes.enums import Direction, FaxState
from faxes.services.answering import Asking, Way
from faxes.services.dialects import News, Posting
from faxes.wire.signalwire import headers_with, signature_of
from faxes.wire.times import iso

if TYPE_CHECKING:
    from faxes.models import Fax

API_VERSION: Final = "v1"
# The vendor's limits.
_CONNECT_SECONDS: Final = 2.0
_SECONDS: Final = 7.0  # of which 5 to read the answer
_REDIRECTS: Final = 3
_AGENT: Final = "fax-portal-callbacks/1"
_FORM: Final = "application/x-www-form-urlencoded"
_TIFF: Final = "image/tiff"


def posting(news: News) -> Posting:
    """The request that tells how far a fax was at a moment; of a deleted one its ids alone.

    Who sent it by Twilio's addresses is told of it by the ids that those told.
    """
    account = str(news.options.get("as_account", ""))
    told = {
        "FaxSid": sid_of(news.object_id, FAX if account else ""),
        "AccountSid": account or str(news.account_id),
    }
    told["ApiVersion"] = API_VERSION
    if news.fax is not None:
        told |= _of_fax(news, news.fax)
    return _request(news.url, str(news.options.get("method", "POST")), told, key=news.key)


def asking(asked: Asking) -> Posting:
    """The request that asks what to do with a fax that is about to come in."""
    fax = asked.fax
    told = {
        "FaxSid": str(fax.pk),
        "AccountSid": str(fax.account_id),
        "ApiVersion": API_VERSION,
        "From": fax.from_number,
        "To": fax.to_number,
        "FaxStatus": status_of(place_of(fax)),
    }
    return _request(asked.url, asked.method, told, key=asked.key, accept=sorted(laml.MEDIA_TYPES))


WAY: Final = Way(kind=KIND, posting=asking, read=laml.read, media_types=laml.MEDIA_TYPES)


def _of_fax(news: News, fax: "Fax") -> dict[str, str]:
    """What is known of a fax, each under its name; what is not known is left out."""
    place = place_of(fax)
    number = phone.masked if news.masked else str
    code, message = error_of(fax) if place in ENDED else (None, None)
    told: dict[str, object] = {
        "From": number(fax.from_number),
        "To": number(fax.to_number),
        "FaxStatus": status_of(place),
        "NumPages": fax.pages or None,
        "ErrorCode": code,
        "ErrorMessage": message,
        "Timestamp": iso(news.at),
    }
    if _has_media(fax):
        told |= _media(fax, twilio="as_account" in news.options)
    if news.sees_content:
        told["OriginalMediaUrl"] = fax.callback.get("original_media_url")
        told["RemoteStationId"] = fax.remote_station_id
    return {name: str(value) for name, value in told.items() if value not in (None, "")}


def _has_media(fax: "Fax") -> bool:
    """Whether the pages are there to be fetched, and stay for a while."""
    if fax.stripped_at is not None or not fax.pages:
        return False
    if fax.direction == Direction.INBOUND:
        return fax.state == FaxState.RECEIVED
    return fax.keep_documents


def _media(fax: "Fax", *, twilio: bool) -> dict[str, object]:
    """The pages, and where they are fetched with the name and password of the API."""
    sid = sid_of(media_key(fax.pk), MEDIA if twilio else "")
    if twilio:
        where = f"/v1/Faxes/{sid_of(fax.pk, FAX)}/Media/{sid}"
    else:
        where = media_path(fax.account_id, fax.pk)
    ending = "tiff" if fax.callback.get("media_type") == _TIFF else "pdf"
    return {"MediaSid": sid, "MediaUrl": f"{brand_of(fax.account).base_url}{where}.{ending}"}


def _request(
    url: str, method: str, told: Mapping[str, str], *, key: str, accept: list[str] | None = None
) -> Posting:
    """A signed form, or a GET with all in its query."""
    target = read_url(url)
    full = target.url if target else url  # as it is sent, for that is what is signed
    headers = {"User-Agent": _AGENT}
    if accept:
        headers["Accept"] = ", ".join(accept)
    body, signed = None, told
    if method.upper() == "GET":
        parts = urlsplit(full)
        query = "&".join(filter(None, (parts.query, urlencode(told))))
        full, signed = urlunsplit(parts._replace(query=query)), {}
    else:
        headers["Content-Type"] = _FORM
        body = urlencode(told).encode()
    headers |= headers_with(signature_of(full, signed, key=key))
    return Posting(
        "POST" if body is not None else "GET",
        full,
        headers,
        body,
        seconds=_SECONDS,
        connect_seconds=_CONNECT_SECONDS,
        redirects=_REDIRECTS,
    )
