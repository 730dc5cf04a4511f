"""SignalWire with a script: its Compatibility API as its servers behave, and Twilio's fax API."""

import base64
import io
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

import httpx
import pypdfium2

from faxes.wire.signalwire import signature_of
from faxes.wire.times import iso, read_iso
from tests.upstreams.base import Call, Came, Reply, Taken, Upstream, now

PROJECT = "11111111-2222-4333-8444-555555555555"
TOKEN, SIGNING_KEY = "PT0123456789abcdef", "PSK_0123456789abcdef"
LAML, TWILIO = f"/api/laml/2010-04-01/Accounts/{PROJECT}", "/v1"
_STATUS = {"waiting": "queued", "no_answer": "no-answer"}  # others: as they are, else failed
_WORDS = {"queued", "processing", "sending", "delivered", "no-answer", "busy", "failed", "canceled"}
_UNDER_WAY = {"queued", "processing", "sending", "receiving"}
_CODES = {
    "no_carrier": ("34004", "No fax machine answered"),
    "dial_failed": ("21217", "The number cannot be reached"),
    "transmit_error": ("34004", "The call dropped prematurely"),
    "internal_error": ("20504", "The fax could not be sent"),
}
_MEDIA = re.compile(r"/media/([^/]+)\.pdf")


@dataclass(eq=False)
class SignalWire(Upstream):
    """A space with one project. What it does beside the script is set here.

    ``arriving`` holds how faxes stand that came in, where that is not received.
    """

    kind: ClassVar[str] = "signalwire"
    root: str = LAML
    most_rows: int = 50
    price: str | None = "-0.0105"
    leads_to: str = ""  # another host that lists go on at
    arriving: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, bool] = field(default_factory=dict)  # and whether they can fax
    stored: set[str] = field(default_factory=set)  # ids of sent faxes whose pages were kept

    def __post_init__(self) -> None:
        super().__init__()

    @property
    def twilio(self) -> bool:
        return self.root == TWILIO

    def settings(self) -> dict[str, Any]:
        more = {"root": "/v1"} if self.twilio else {}
        return {"base_url": self.base, "project": PROJECT, "token": TOKEN, **more}

    def hands_over(self, call: Call) -> bool:
        return (call.method, call.path) == ("POST", f"{self.root}/Faxes")

    def refusal(self) -> Reply:
        return problem(400, 21211, "The 'To' number is not a valid phone number")

    def answer(self, call: Call) -> Reply:  # noqa: PLR0911 (a table)
        pair = base64.b64encode(f"{PROJECT}:{TOKEN}".encode()).decode()
        if call.headers.get("authorization") != f"Basic {pair}":
            return problem(401, 20003, "Authenticate")
        if found := _MEDIA.fullmatch(call.path):
            return self._pages(found[1])
        if not call.path.startswith(f"{self.root}/"):
            return problem(404, 20404, "The requested resource was not found")
        match call.method, *call.path.removeprefix(f"{self.root}/").split("/"):
            case "POST", "Faxes":
                return self._create(call)
            case "GET", "Faxes":
                return self._list(call)
            case "GET", "IncomingPhoneNumbers":
                return self._numbers(call)
            case method, "Faxes", ref, *rest if (one := self._fax(ref)) is not None:
                return self._of_fax(method, one, rest, call)
        return problem(404, 20404, "The requested resource was not found")

    # --- what tests have it do ---

    def fetch(self, ref: str) -> Taken:
        """Fetch the document of a fax, as it does before it dials."""
        one = next(each for each in self.taken if each.ref == ref)
        got = httpx.get(one.extra["MediaUrl"], trust_env=False)
        got.raise_for_status()
        one.document, one.pages = got.content, len(pypdfium2.PdfDocument(io.BytesIO(got.content)))
        if one.extra.get("StoreMedia", "true").lower() != "false":
            self.stored.add(ref)
        return one

    def telling(self, url: str, key: str = SIGNING_KEY, **said: str) -> dict[str, Any]:
        """The request by which it tells something, as arguments of Django's test client."""
        told = {"AccountSid": PROJECT, "ApiVersion": "v1", **said}
        parts = urlsplit(url)
        return {
            "path": f"{parts.path}?{parts.query}" if parts.query else parts.path,
            "data": urlencode(told),
            "content_type": "application/x-www-form-urlencoded",
            "headers": {"X-SignalWire-Signature": signature_of(url, told, key=key)},
        }

    # --- its addresses ---

    def _create(self, call: Call) -> Reply:
        said = dict(parse_qsl(call.body.decode()))
        for name, code in (("To", 21211), ("From", 21213), ("MediaUrl", 21402)):
            if not said.get(name):
                return problem(400, code, f"A '{name}' is required")
        one = Taken(str(uuid4()), said["To"], said["From"], 0, now(), extra=said)
        self.taken.append(one)
        return Reply.of(201, self._told(one))

    def _list(self, call: Call) -> Reply:
        after = read_iso(call.query.get("DateCreatedAfter", ""))
        last = read_iso(call.query.get("DateCreatedOnOrBefore", ""))
        rows = [each for each in self._all() if getattr(each, "listed", True)]
        rows = [each for each in rows if after is None or each.at > after]
        rows = [each for each in rows if last is None or each.at <= last]
        told = [self._told(each) for each in sorted(rows, key=lambda each: each.at, reverse=True)]
        for name in ("To", "From"):
            if wanted := call.query.get(name):
                told = [each for each in told if each[name.lower()] == wanted]
        return self._listed(call, "faxes", told)

    def _listed(self, call: Call, key: str, rows: list[dict[str, Any]]) -> Reply:
        size = min(int(call.query.get("PageSize", "50")), self.most_rows)
        page = int(call.query.get("Page", "0"))
        part, following = rows[page * size : (page + 1) * size], None
        if (page + 1) * size < len(rows):
            more = {**call.query, "Page": page + 1, "PageToken": f"PA{part[-1]['sid']}"}
            following = f"{call.path}?{urlencode(more)}"
        if self.twilio:
            whole = following and f"{self.leads_to or self.base}{following}"
            meta = {"key": key, "page": page, "page_size": size, "next_page_url": whole}
            return self._reply({key: part, "meta": meta})
        following = following and self.leads_to + following
        return self._reply({"uri": call.path, "next_page_uri": following, "page": page, key: part})

    def _numbers(self, call: Call) -> Reply:
        rows = [
            {"sid": number, "phone_number": number, "friendly_name": f"Line {number[-2:]}",
             "capabilities": {"voice": True, "fax": able}}
            for number, able in self.numbers.items()
        ]  # fmt: skip
        return self._listed(call, "incoming_phone_numbers", rows)

    def _of_fax(  # noqa: PLR0911 (a table)
        self, method: str, one: Taken | Came, rest: list[str], call: Call
    ) -> Reply:
        under_way = self._told(one)["status"] in _UNDER_WAY
        media = self._media_of(one)
        match method, *rest:
            case ("GET",):
                return self._reply(self._told(one))
            case ("POST",) if isinstance(one, Taken):
                if call.form() != {"Status": ["canceled"]} or one.state != "waiting":
                    return problem(400, 10000, "Only a fax that is queued can be canceled")
                one.state = "canceled"
                return self._reply(self._told(one))
            case ("DELETE", *_) if under_way:
                return problem(409, 20009, "A fax that is under way cannot be deleted")
            case ("DELETE",):
                self.taken = [each for each in self.taken if each is not one]
                self.came = [each for each in self.came if each is not one]
                return Reply(204, b"")
            case "GET", "Media":
                rows = [{"sid": media, "fax_sid": one.ref}] if media else []
                return self._listed(call, "media" if self.twilio else "fax_media", rows)
            case "GET", "Media", name if name == media:
                return Reply(200, one.document, "application/pdf")
            case "DELETE", "Media", name if name == media:
                one.document = b""
                return Reply(204, b"")
        return problem(404, 20404, "The requested resource was not found")

    def _pages(self, ref: str) -> Reply:
        one = self._fax(ref)
        if not isinstance(one, Came) or not one.document or one.fetch_fails > 0:
            if isinstance(one, Came):
                one.fetch_fails -= 1
            return problem(404, 20404, "The requested resource was not found")
        return Reply(200, one.document, "application/pdf")

    # --- how it tells ---

    def _fax(self, ref: str) -> Taken | Came | None:
        return next((each for each in self._all() if each.ref == ref), None)

    def _all(self) -> list[Taken | Came]:
        return [*self.taken, *self.came]

    def _media_of(self, one: Taken | Came) -> str:
        kept = bool(one.document) and (isinstance(one, Came) or one.ref in self.stored)
        return f"media-{one.ref}" if kept else ""

    def _told(self, one: Taken | Came) -> dict[str, Any]:
        inbound = isinstance(one, Came)
        ended = one.state if isinstance(one, Taken) else ""
        status = _STATUS.get(ended, ended if ended in _WORDS else "failed")
        if isinstance(one, Came):
            status = self.arriving.get(one.ref, "received")
        done = status not in _UNDER_WAY
        code, text = _CODES.get(ended, (None, None))
        has_pages = inbound and one.document and done
        return {
            "account_sid": PROJECT,
            "api_version": "v1",
            "date_created": iso(one.at),
            "date_updated": iso(one.at),
            "direction": "inbound" if inbound else "outbound",
            "from": one.caller if isinstance(one, Came) else one.from_number,
            "to": one.called if isinstance(one, Came) else one.to_number,
            "media_url": f"{self.base}/media/{one.ref}.pdf" if has_pages else None,
            "media_sid": f"media-{one.ref}",
            "num_pages": str(one.pages) if one.pages else None,
            "price": self.price if done else None,
            "price_unit": "USD",
            "quality": one.extra.get("Quality", "fine") if isinstance(one, Taken) else "fine",
            "sid": one.ref,
            "status": status,
            "duration": 41 if done else 0,
            "links": {"media": f"{self.root}/Faxes/{one.ref}/Media"},
            "url": f"{self.root}/Faxes/{one.ref}",
            "error_code": code,
            "error_message": text,
        }

    def _reply(self, told: Any) -> Reply:
        return Reply.of(200, told)


def problem(status: int, code: int, message: str) -> Reply:
    """An error as it tells it, with the address that it was about."""
    more = f"https://example.signalwire.com/docs/errors/{code}"
    said = {"code": code, "message": f"{message}: https://secret.example/", "more_info": more}
    return Reply.of(status, {**said, "status": status})


def arrived(called: str, document: bytes, *, pages: int = 1, at: datetime | None = None) -> Came:
    """A fax that came in."""
    return Came(str(uuid4()), called, "+12025550177", at or now(), pages, document)
