"""A scripted Kazoo: Crossbar as a live cluster behaves, which is not always as it is documented."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from typing import Any, ClassVar
from urllib.parse import unquote
from uuid import uuid4

import pypdfium2

from tests.upstreams.base import Call, Reply, Taken, Upstream, now

ACCOUNT = "4c8dee8a41bb6d6f4a9f3fb2ef0d4c1a"
USER, PASSWORD, REALM = "Admin", "secret", "acme.example"
API_KEY = "ab" * 32
GREGORIAN = 62_167_219_200
_MOST_SPAN = 31 * 24 * 3600 + 3600
_FAXES = re.compile(
    r"/v2/accounts/(?P<account>\w+)(/faxboxes/(?P<box>\w+))?/faxes"
    r"(/(?P<folder>outgoing|outbox|inbox)(/(?P<ref>[^/]+)(?P<pages>/attachment)?)?)?"
)
_TAKEN_NUMBER = re.compile(r"(\+?1)?\d{10}|\+[2-9]\d{7,}|011\d*|00\d*")
# How a call came out, as its server tells it: cause, text, code.
_ENDS = {
    "busy": ("USER_BUSY", "USER_BUSY", 486),
    "no_answer": ("NO_USER_RESPONSE", "NO_USER_RESPONSE", 480),
    "no_carrier": ("NORMAL_CLEARING", "Timed out waiting for initial communication", 200),
    "dial_failed": ("UNALLOCATED_NUMBER", "UNALLOCATED_NUMBER", 404),
    "transmit_error": ("NORMAL_CLEARING", "The call dropped prematurely", 200),
    "internal_error": ("", "fax job timed out - send", 500),
}
# Before it is tried.
_ZEROS = {
    "error_message": "", "fax_bad_rows": 0, "fax_error_correction": False, "fax_receiver_id": "",
    "fax_speed": 0, "pages_sent": 0, "success": False, "time_elapsed": 0,
}  # fmt: skip


@dataclass(eq=False)
class Kazoo(Upstream):
    """A cluster with one account. What it does beside the script is set here.

    ``told_id`` is where the id of a new job is told: id, _id or location. ``moving`` is how often
    a job that has ended is looked for in vain, while it is moved.
    """

    kind: ClassVar[str] = "kazoo"
    told_id: str = "_id"
    echoes: bool = True  # members of a job that it does not know
    moving: int = 0
    tiff: bytes = b""  # an extension: what "image/tiff" gets, where it is accepted
    live: dict[str, str] = field(default_factory=dict)  # texts of calls that go on
    tokens: set[str] = field(default_factory=set)
    stripped: set[str] = field(default_factory=set)  # whose pages were deleted
    numbers: dict[str, Any] = field(default_factory=dict)
    most_rows: int = 50

    def __post_init__(self) -> None:
        super().__init__()

    def settings(self) -> dict[str, Any]:
        return {
            "base_url": f"{self.base}/v2",
            "account_realm": REALM,
            "user": USER,
            "password": PASSWORD,
        }

    def hands_over(self, call: Call) -> bool:
        return call.method == "PUT" and call.path.endswith("/faxes")

    def refusal(self) -> Reply:
        told = {"required": {"message": "add a valid number to send the fax to"}}
        return _error(400, "validation error", {"document.to_number": told})

    def end_tokens(self) -> None:
        """All tokens have ended, an hour before anybody thought so."""
        self.tokens.clear()

    def signs_in(self) -> int:
        """How often somebody signed in."""
        return sum(call.path.endswith("_auth") for call in self.calls)

    def answer(self, call: Call) -> Reply:  # noqa: PLR0911 (a table of addresses)
        if call.path in {"/v2/user_auth", "/v2/api_auth"}:
            return self._sign_in(call)
        if call.headers.get("x-auth-token") not in self.tokens:
            return _error(401, "invalid_credentials", {"message": "invalid credentials"})
        if call.path == f"/v2/accounts/{ACCOUNT}/phone_numbers":
            return _good({"cascade_quantity": 0, "numbers": self.numbers})
        found = _FAXES.fullmatch(call.path)
        if found is None:
            return _error(404, "not_found", {"message": "not found"})
        if found["account"] != ACCOUNT:
            return _error(403, "forbidden", {"message": "forbidden"})
        if found["folder"] is None:
            return self._job(call) if call.method == "PUT" else _error(405, "invalid_method", {})
        if found["ref"] is None:
            return self._list(call, found["folder"])
        ref = unquote(found["ref"])
        return self._one(call, found["folder"], ref, pages=bool(found["pages"]))

    def _sign_in(self, call: Call) -> Reply:
        data = call.json()["data"]
        digest = hashlib.md5(
            f"{USER.lower()}:{PASSWORD}".encode(), usedforsecurity=False
        ).hexdigest()
        if call.path.endswith("api_auth"):
            if data != {"api_key": API_KEY}:
                return _bad_identifier(data.get("api_key", ""))
        elif data != {"credentials": digest, "account_realm": REALM}:
            return _error(401, "invalid_credentials", {"message": "invalid credentials"})
        token = f"eyJhbGciOiJSUzI1NiJ9.{uuid4().hex}.sig"
        self.tokens.add(token)
        return _good({"account_id": ACCOUNT, "account_name": "Acme"}, 201, auth_token=token)

    # --- jobs ---

    def _job(self, call: Call) -> Reply:
        head = b"Content-Type: " + call.headers["content-type"].encode() + b"\r\n\r\n"
        parts = message_from_bytes(head + call.body)
        if parts.get_content_type() != "multipart/mixed":
            return _error(415, "invalid_content_type", {})
        both: Any = parts.get_payload()
        envelope, file = both
        assert envelope.get_content_type() == "application/json"
        job = _json(envelope.get_payload(decode=True))["data"]
        document = file.get_payload(decode=True)
        if not _TAKEN_NUMBER.fullmatch(job.get("to_number", "")):
            return self.refusal()
        at = now()
        key = uuid4().hex
        self.taken.append(
            Taken(
                ref=f"{at:%Y%m}-{key}",
                to_number=job["to_number"],
                from_number=job["from_number"],
                pages=len(pypdfium2.PdfDocument(document)),
                at=at,
                document=document,
                extra=job if self.echoes else {},
            )
        )
        private = {"pvt_type": "fax", "pvt_job_status": "attaching_files", "_rev": "1-9"}
        told = {**self._members(self.taken[-1]), "tx_result": _ZEROS, **private}
        if self.told_id != "location":
            told[self.told_id] = key
        return _good(told, 201, headers={"Location": f"{call.path}/outgoing/{key}"})

    def _members(self, one: Taken) -> dict[str, Any]:
        return {
            **one.extra,
            "to_number": one.to_number,
            "from_number": one.from_number,
            "attempts": int(one.state not in {"waiting", "sending"}),
        }

    def _under_way(self) -> list[Taken]:
        return [one for one in self.taken if one.state in {"waiting", "sending"}]

    def _status(self, one: Taken) -> str:
        usual = {"waiting": "pending", "sending": "processing"}
        return self.live.get(one.ref) or usual[one.state]

    def _summary(self, one: Taken) -> dict[str, Any]:
        """A row of the queue, which has no members beside these."""
        return {
            "id": one.ref.rpartition("-")[2], "status": self._status(one), "to": one.to_number,
            "from": one.from_number, "attempts": 0, "created": _seconds(one.at),
        }  # fmt: skip

    def _ended(self, one: Taken) -> dict[str, Any]:
        delivered = one.state == "delivered"
        cause, text, code = _ENDS.get(one.state, ("NORMAL_CLEARING", "OK", 0))
        result = {
            "success": delivered, "result_code": code, "result_text": text, "time_elapsed": 71,
            "total_pages": one.pages, "transferred_pages": one.pages_sent,
        }  # fmt: skip
        if cause:
            result["result_cause"] = cause
        if one.pages_sent:
            result |= {
                "transfer_rate": 14400, "bad_rows": 0, "ecm_used": True, "encoding_name": "T.6",
                "remote_station_id": "5557778888", "image_resolution": "204x196",
            }  # fmt: skip
        return {
            **self._members(one), "id": one.ref, "folder": "outbox", "created": _seconds(one.at),
            "status": "completed" if delivered else "failed", "tx_result": result,
        }  # fmt: skip

    # --- folders ---

    def _documents(self, folder: str) -> list[dict[str, Any]]:
        if folder == "outgoing":
            return [self._summary(one) for one in self._under_way()]
        if folder == "outbox":
            under_way = [one.ref for one in self._under_way()]
            return [self._ended(one) for one in self.taken if one.ref not in under_way]
        return [
            {
                "id": one.ref, "to": one.called, "from": one.caller, "to_number": one.called,
                "from_number": one.caller, "created": _seconds(one.at), "folder": "inbox",
                "timestamp": _seconds(one.at), "media_type": "tiff",
                "rx_result": {
                    "success": one.pages > 0, "total_pages": one.pages,
                    "transferred_pages": one.pages, "remote_station_id": "+1 555 777 8888",
                    "image_resolution": "204x98",
                },
            }
            for one in self.came
            if one.listed
        ]  # fmt: skip

    def _list(self, call: Call, folder: str) -> Reply:
        rows = self._documents(folder)
        if folder != "outgoing":
            first = int(call.query.get("created_from", _seconds(now()) - _MOST_SPAN))
            last = int(call.query.get("created_to", first + _MOST_SPAN))
            if last - first > _MOST_SPAN:
                told = {"date_range": {"message": "created_to is too far from created_from"}}
                return _error(400, "validation error", {"created_from": told})
            rows = [row for row in rows if first <= row["created"] <= last]
        rows.sort(key=lambda row: (row["created"], row["id"]), reverse=True)
        if key := call.query.get("start_key"):
            start = next(at for at, row in enumerate(rows) if _key(row) == key)
            rows = rows[start:]
        size = min(int(call.query.get("page_size", 50)), self.most_rows)
        page, behind = rows[:size], rows[size:]
        more: dict[str, Any] = {"page_size": len(page), "start_key": _key(page[0]) if page else ""}
        if behind:
            more["next_start_key"] = _key(behind[0])
        return _good(page, **more)

    def _one(self, call: Call, folder: str, ref: str, *, pages: bool) -> Reply:
        found = self._found(folder, ref)
        if found is None or (pages and ref in self.stripped):
            return _bad_identifier(ref)
        if call.method == "DELETE":
            return self._delete(folder, ref, found, pages=pages)
        if not pages:
            return _good(found)
        return self._attachment(call, folder, ref)

    def _found(self, folder: str, ref: str) -> dict[str, Any] | None:
        if folder == "outgoing":
            one = next((each for each in self._under_way() if each.ref.endswith(ref)), None)
            if one is None:
                return None
            return {**self._members(one), **self._summary(one), "tx_result": _ZEROS}
        found = next((each for each in self._documents(folder) if each["id"] == ref), None)
        if found is not None and folder == "outbox" and self.moving:
            self.moving -= 1
            return None
        return found

    def _delete(self, folder: str, ref: str, found: dict[str, Any], *, pages: bool) -> Reply:
        if folder == "outgoing":
            return _error(405, "invalid_method", {"message": "method not allowed"})
        if pages:
            self.stripped.add(ref)
            return _good({})
        self.came = [each for each in self.came if each.ref != ref]
        self.taken = [each for each in self.taken if each.ref != ref]
        return _good({**found, "_read_only": {"deleted": True}})

    def _attachment(self, call: Call, folder: str, ref: str) -> Reply:
        if folder == "outbox":
            one: Any = next(each for each in self.taken if each.ref == ref)
        else:
            one = next(each for each in self.came if each.ref == ref)
            if one.fetch_fails:
                one.fetch_fails -= 1
                return _error(503, "datastore_timeout", {"message": "datastore timeout"})
        if self.tiff and "image/tiff" in call.headers.get("accept", ""):
            return Reply(200, self.tiff, "image/tiff")
        kind = "application/pdf" if one.document.startswith(b"%PDF") else "image/tiff"
        return Reply(200, one.document, kind)


def _json(text: bytes) -> Any:
    return Call("", "", {}, {}, text).json()


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp()) + GREGORIAN


def _key(row: dict[str, Any]) -> str:
    return f"g2wAAAAB{row['id']}"


def _good(data: Any, status: int = 200, headers: Any = None, **more: Any) -> Reply:
    told = {
        "data": data, "status": "success", "request_id": uuid4().hex, "node": "a2F6b29AbGFi",
        "version": "4.3.142", "timestamp": f"{now():%Y-%m-%dT%H:%M:%SZ}", **more,
    }  # fmt: skip
    return Reply.of(status, told, **(headers or {}))


def _error(status: int, message: str, data: Any) -> Reply:
    told = {
        "data": data, "error": str(status), "message": message, "status": "error",
        "auth_token": "", "request_id": uuid4().hex, "timestamp": f"{now():%Y-%m-%dT%H:%M:%SZ}",
    }  # fmt: skip
    return Reply.of(status, told)


def _bad_identifier(cause: str) -> Reply:
    return _error(404, "bad_identifier", {"message": "bad identifier", "cause": cause})


def month_id(at: datetime) -> str:
    """A new id of what was made at a moment."""
    return f"{at:%Y%m}-{uuid4().hex}"
