"""VoipNow with a script, written from the vendor's documents alone: version 3, or 5 on request."""

import io
import json
import secrets
from email import message_from_bytes
from email.message import Message
from typing import Any, ClassVar

from PIL import Image, UnidentifiedImageError

from tests.upstreams.base import Call, Reply, Taken, Upstream, now

APP, SECRET = "app-4711", "a-secret-of-voipnow"
ENDINGS = (".jpg", ".tif", ".pdf", ".txt")
PREFIXES = ("/uapi", "/unifiedapi")


class VoipNowUpstream(Upstream):
    """The vendor: tokens, faxes out, and in version 5 a place where files are put."""

    kind: ClassVar[str] = "voipnow"

    def __init__(self) -> None:
        super().__init__()
        self.tokens: set[str] = set()
        self.extension = "0003*210"
        self.version = 3
        self.storage = ""  # of version 5, if files are to be put elsewhere
        self.puts_fail = 0
        self.finds_nothing = False

    def settings(self) -> dict[str, Any]:
        return {
            "base_url": self.base,
            "client_id": APP,
            "client_secret": SECRET,
            "extension": self.extension,
        }

    def hands_over(self, call: Call) -> bool:
        return call.path.startswith(tuple(f"{each}/faxes/" for each in PREFIXES))

    def refusal(self) -> Reply:
        words = "Value supplied in the Recipients parameter is missing or invalid."
        return error(400, "fx_recipients_invalid", words)

    def end_tokens(self) -> None:
        """All tokens end now."""
        self.tokens.clear()

    def answer(self, call: Call) -> Reply:
        if call.path == "/oauth/token.php":
            return self._token(call)
        if call.path.startswith("/storage/"):
            return self._put(call)
        if not self.hands_over(call) or call.method != "POST":
            return error(404, "not_found", "There is nothing here.")
        if call.headers.get("authorization", "") not in {f"Bearer {t}" for t in self.tokens}:
            return error(401, "unauthorized", "The token is not valid.")
        _, _, _, user, extension = call.path.split("/")
        if extension != self.extension or user not in {"@me", "@owner", "7"}:
            return error(404, "not_found", "There is no such extension.")
        return self._create(call)

    def _token(self, call: Call) -> Reply:
        told = {name: values[0] for name, values in call.form().items()}
        if told.get("grant_type") != "client_credentials":
            return Reply.of(400, {"error": "unsupported_grant_type"})
        if (told.get("client_id"), told.get("client_secret")) != (APP, SECRET):
            return Reply.of(401, {"error": "invalid_client", "error_description": "Who?"})
        token = f"1.4.{secrets.token_hex(16)}"
        self.tokens.add(token)
        return Reply.of(
            200, {"access_token": token, "expires_in": 3600, "token_type": "Bearer", "scope": None}
        )

    def _create(self, call: Call) -> Reply:
        parts = _parts(call)
        files = [each for each in parts if each.get_filename()]
        said = next(
            p for p in parts if p.get_param("name", header="content-disposition") == "request"
        )
        recipients = json.loads(_content(said))["recipients"]
        if len(recipients) != 1 or not recipients[0].removeprefix("+").isdecimal():
            return self.refusal()
        if not all(str(each.get_filename()).endswith(ENDINGS) for each in files):
            return error(400, "fx_file_invalid", "One of the files is invalid.")
        if not files or self.finds_nothing:
            return Reply(204, b"")
        content = _content(files[0])
        number, uid = len(self.taken) + 1, secrets.token_hex(16)
        inline = content if self.version == 3 else b""
        taken = Taken(f"{number}/{uid}", recipients[0], "", _pages_of(content), now(), inline)
        self.taken.append(taken)
        if self.version == 3:
            return Reply.of(200, {"id": str(number), "uid": uid})
        where = f"{self.storage or self.base}/storage/{number}"
        target = {"redirectUri": where, "redirectHeaders": {"X-Upload": uid}}
        return Reply.of(200, {"id": number, "uid": uid, "files": [{"name": "fax.tif", **target}]})

    def _put(self, call: Call) -> Reply:
        taken = self.taken[int(call.path.rpartition("/")[2]) - 1]
        if self.puts_fail:
            self.puts_fail -= 1
            return Reply(503, b"")
        if call.method != "PUT" or call.headers.get("x-upload", "-") not in taken.ref:
            return Reply(403, b"")
        taken.document = call.body
        return Reply(200, b"")


def error(status: int, code: str, message: str) -> Reply:
    """An error as the document has it."""
    return Reply.of(status, {"error": {"code": code, "message": message}})


def _parts(call: Call) -> list[Message]:
    kind = f"Content-Type: {call.headers['content-type']}\r\n\r\n".encode()
    found = message_from_bytes(kind + call.body).get_payload()
    assert isinstance(found, list)
    return [each for each in found if isinstance(each, Message)]


def _content(part: Message) -> bytes:
    found = part.get_payload(decode=True)
    assert isinstance(found, bytes)
    return found


def _pages_of(document: bytes) -> int:
    try:
        with Image.open(io.BytesIO(document)) as image:
            return int(getattr(image, "n_frames", 1))
    except UnidentifiedImageError:
        return 1
