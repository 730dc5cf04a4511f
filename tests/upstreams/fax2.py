"""Fax2 with a script, written from the vendor's document alone."""

import base64
import io
import secrets
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode
from zlib import crc32

from PIL import Image, UnidentifiedImageError

from faxes.documents.wrap import tiff_to_pdf
from tests.upstreams.base import Call, Came, Reply, Taken, Upstream, now

USER, PASSWORD = "clinic", "a-password-of-fax2"
STATUS = {"waiting": "waiting", "sending": "sending", "delivered": "sent"}  # else: failed
REASON = {"canceled": "cancelled"}  # the others as they are
TYPES = {"image/tiff", "application/pdf"}
LIST = {"limit", "from_time", "before_time", "continue_from"}


class Fax2Upstream(Upstream):
    """The vendor: tokens, documents, faxes out, faxes in."""

    kind: ClassVar[str] = "fax2"

    def __init__(self) -> None:
        super().__init__()
        self.tokens: set[str] = set()
        self.documents: dict[str, tuple[bytes, int]] = {}
        self.services = {"17": "61281234567", "18": "61281234568"}
        self.most = 1000  # entries of a page, whatever is asked for
        self.attempts = 1  # that a fax took
        self.loses_pages = 0
        self.leads_to = ""  # another host that lists go on at

    def settings(self) -> dict[str, Any]:
        return {"base_url": f"{self.base}/v1", "username": USER, "password": PASSWORD}

    def hands_over(self, call: Call) -> bool:
        return call.path == "/v1/send_fax"

    def refusal(self) -> Reply:
        return error(400, "bad_parameter", "dest_number cannot be called.")

    def end_tokens(self) -> None:
        """All tokens end now."""
        self.tokens.clear()

    def answer(self, call: Call) -> Reply:
        path = call.path.removeprefix("/v1/")
        if path == "oauth2/token" and call.method == "POST":
            return self._token(call)
        if call.headers.get("authorization", "") not in {f"bearer {each}" for each in self.tokens}:
            return error(401, "unauthorized")
        return self._of_account(call, path.split("/"))

    def _of_account(self, call: Call, path: list[str]) -> Reply:
        match call.method, *path:
            case "GET", "fax_services":
                told = self._services()
            case "GET", "received_faxes":
                told = self._received(call)
            case "GET", "received_faxes", ref, "content.pdf":
                told = self._content(ref)
            case "POST", "upload_document":
                told = self._upload(call)
            case "POST", "send_fax":
                told = self._send_fax(call)
            case "GET", "sent_faxes", ref:
                told = self._sent(ref)
            case _:
                told = error(404, "invalid_endpoint")
        return told

    def _services(self) -> Reply:
        rows = [{"id": key, "fax_number": each} for key, each in self.services.items()]
        return Reply.of(200, {"data": rows})

    def _token(self, call: Call) -> Reply:
        if call.form() != {"grant_type": ["client_credentials"]}:
            return error(400, "unsupported_grant_type")
        pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if call.headers.get("authorization") != f"Basic {pair}":
            return error(401, "invalid_client")
        token = secrets.token_hex(32)
        self.tokens.add(token)
        return Reply.of(200, {"access_token": token, "expires_in": 3600, "token_type": "bearer"})

    def _upload(self, call: Call) -> Reply:
        if call.headers.get("content-type") not in TYPES:
            return error(415, "unsupported_document_type")
        if not call.body:
            return error(422, "empty_document")
        name = secrets.token_hex(16)
        pages = max(0, _pages_of(call.body) - self.loses_pages)
        self.documents[name] = (call.body, pages)
        return Reply.of(200, {"document_id": name, "pages": pages})

    def _send_fax(self, call: Call) -> Reply:
        form = call.form()
        if form.keys() != {"documents[]", "dest_number"}:
            return error(400, "bad_parameter", "Unknown or missing parameter")
        number, names = form["dest_number"][0].removeprefix("+"), form["documents[]"]
        if not (number.isdecimal() and 7 <= len(number) <= 15):
            return error(400, "bad_parameter", "dest_number is invalid")
        if any(each not in self.documents for each in names):
            return error(400, "bad_parameter", "documents[] has an unknown id")
        pages = sum(self.documents[each][1] for each in names)
        ref = str(99001 + len(self.taken))
        document = b"".join(self.documents[each][0] for each in names)
        self.taken.append(Taken(ref, f"+{number}", "", pages, now(), document))
        return Reply.of(200, {"id": ref, "pages": pages})

    def _sent(self, ref: str) -> Reply:
        one = next((each for each in self.taken if each.ref == ref), None)
        if one is None:
            return error(404, "not_found")
        status = STATUS.get(one.state, "failed")
        told: dict[str, Any] = {"status": status, "pages": one.pages}
        told["send_attempts"] = 0 if status in {"waiting", "sending"} else self.attempts
        if status in {"sent", "failed"}:
            told |= {"sent_at": written(now()), "pages_sent": one.pages_sent}
        if status == "failed":
            told["reason"] = REASON.get(one.state, one.state)
        return Reply.of(200, told)

    def _received(self, call: Call) -> Reply:
        if not call.query.keys() <= LIST:
            return error(400, "bad_parameter", "Unknown parameter")
        size = int(call.query.get("limit", "50"))
        if not 1 <= size <= 1000:
            return error(400, "bad_parameter", "limit")
        chosen = [each for each in self.came if each.listed and _is_within(each, call.query)]
        chosen.sort(key=lambda each: crc32(each.ref.encode()))  # "in no particular order"
        start, size = int(call.query.get("continue_from", "0")), min(size, self.most)
        told: dict[str, Any] = {"data": [self._entry(e) for e in chosen[start : start + size]]}
        if start + size < len(chosen):
            query = urlencode({**call.query, "continue_from": start + size})
            told["next_page_url"] = f"{self.leads_to or self.base}/v1/received_faxes?{query}"
        return Reply.of(200, told)

    def _entry(self, one: Came) -> dict[str, Any]:
        number = one.called.removeprefix("+")
        service = next((key for key, each in self.services.items() if each == number), "99")
        return {
            "id": one.ref,
            "to": number,
            "received_at": written(one.at),
            "service_id": service,
            "pages": one.pages,
        }

    def _content(self, ref: str) -> Reply:
        one = next((each for each in self.came if each.ref == ref), None)
        if one is None:
            return error(404, "not_found")
        if one.fetch_fails:
            one.fetch_fails -= 1
            return error(500, "unknown_error")
        return Reply(200, as_pdf(one.document), "application/pdf")


def error(status: int, code: str, description: str = "It went wrong.") -> Reply:
    """An error as the document has it."""
    page = "https://www.fax2.com.au/api/doc#error"
    return Reply.of(status, {"error": code, "error_description": description, "more_info": page})


def written(moment: datetime) -> str:
    """A time in a response."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def as_pdf(document: bytes) -> bytes:
    """A document as the PDF that this vendor has of it."""
    if not document.startswith((b"II", b"MM")):
        return document
    with tempfile.TemporaryDirectory(prefix="upstream-") as folder:
        tiff, pdf = Path(folder) / "fax.tiff", Path(folder) / "fax.pdf"
        tiff.write_bytes(document)
        tiff_to_pdf(tiff, pdf)
        return pdf.read_bytes()


def _is_within(one: Came, query: dict[str, str]) -> bool:
    at = one.at.replace(microsecond=0)
    read: Callable[[str], datetime] = datetime.fromisoformat
    if "from_time" in query and at < read(query["from_time"]):
        return False
    return "before_time" not in query or at < read(query["before_time"])


def _pages_of(document: bytes) -> int:
    try:
        with Image.open(io.BytesIO(document)) as image:
            return int(getattr(image, "n_frames", 1))
    except UnidentifiedImageError:
        return 1
