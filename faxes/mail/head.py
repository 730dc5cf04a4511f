"""What the door must know of a message: who it says it is from, and what others say of it."""

import hashlib
import re
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Final

from faxes.mail.addresses import sender_of

_MOST_HEAD: Final = 1 << 20  # bytes
_MOST_OF_ONE: Final = 8_000  # characters
_MOST_RECEIVED: Final = 50
# What each method has proven the domain of (RFC 8601, section 2.7).
_NAMED: Final = {"spf": "smtp.mailfrom", "dkim": "header.d", "dmarc": "header.from"}
_SIGNS: Final = re.compile(r'(\\.|["()])', re.DOTALL)
_MEANT: Final = re.compile(r"[;=@\s\\]")
_ENDS: Final = re.compile(rb"\r?\n\r?\n")
_CODINGS: Final = frozenset(
    {"7bit", "8bit", "binary", "base64", "quoted-printable", "x-uuencode", "uuencode", "x-uue"}
)
_BULK: Final = frozenset({"auto_reply", "bulk", "junk", "list"})
_BY_ITSELF: Final = ("X-Autoreply", "X-Autorespond", "X-Autoresponder")  # older than RFC 3834


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing that a mail server has proven: ``spf``, ``dkim`` or ``dmarc``, of which domain."""

    method: str
    domain: str


@dataclass(frozen=True, slots=True)
class Head:
    """What the headers of a message say.

    ``sender`` is the one address of its From, empty if it is not just one. ``known_by`` is what a
    message has in common with itself when it is handed in again: its Message-ID and what follows
    its headers, as there are scanners that give each of theirs the same; empty without one.
    ``proofs`` are what the topmost ``Authentication-Results`` of the server asked for says has
    passed; whether they are to be believed is for others to know.
    """

    sender: str
    known_by: str
    is_automatic: bool
    is_ours: bool
    proofs: frozenset[Proof]


def read_head(content: bytes, *, site: str, authserv: str) -> Head | None:
    """The headers of a message; None if it is put together in no way that can be read.

    ``site`` is the mail domain of this site, by which its own mails are known.
    """
    end = _ENDS.search(content, 0, _MOST_HEAD)
    head = content[: end.start()] if end else content
    if len(head) >= _MOST_HEAD:
        return None
    message = BytesHeaderParser().parsebytes(head.lstrip(b"\r\n") + b"\r\n\r\n")
    if not message.keys() or not _is_sound(message, content):
        return None
    return Head(
        sender=sender_of(_of(message, "From")) if len(message.get_all("From", [])) == 1 else "",
        known_by=_known_by(_of(message, "Message-ID"), content[end.end() :] if end else b""),
        is_automatic=_is_automatic(message),
        is_ours=_is_ours(message, site),
        proofs=_proofs(message, authserv),
    )


def _known_by(message_id: str, body: bytes) -> str:
    return f"{message_id} {hashlib.sha256(body).hexdigest()}" if message_id else ""


def _is_sound(message: Message, content: bytes) -> bool:
    """Whether the parts that a message says to have can be found, and be decoded."""
    coding = _plain(_of(message, "Content-Transfer-Encoding"))
    if coding and coding not in _CODINGS:
        return False
    if message.get_content_maintype() != "multipart":
        return True
    try:
        boundary = message.get_boundary() or ""
    except Exception:  # noqa: BLE001 - Python stumbles over strangers' headers in many ways
        return False
    return bool(boundary) and b"--" + boundary.encode("utf-8", "surrogateescape") in content


def _is_automatic(message: Message) -> bool:
    """Whether a program wrote it on its own (RFC 3834), or it goes round in circles."""
    submitted = _plain(_of(message, "Auto-Submitted").partition(";")[0])
    return (
        submitted not in {"", "no"}
        or message.get_content_type() == "multipart/report"
        or any(name in message for name in _BY_ITSELF)
        or _plain(_of(message, "Precedence")) in _BULK
        or _plain(_of(message, "Return-Path")) == "<>"
        or len(message.get_all("Received", [])) > _MOST_RECEIVED
    )


def _is_ours(message: Message, site: str) -> bool:
    """Whether it is a mail of the portal's own, or has been here before."""
    if _plain(_of(message, "Message-ID")).endswith(f"@{site}>"):
        return True
    return site in {_plain(value) for value in message.get_all("X-Loop", [])}


def _proofs(message: Message, authserv: str) -> frozenset[Proof]:
    """What passed (RFC 8601), by the topmost header of this server: others may be forged."""
    if not authserv:
        return frozenset()
    for value in message.get_all("Authentication-Results", []):
        name, _, rest = str(value)[:_MOST_OF_ONE].partition(";")
        if name.split()[:1] == [authserv] or _plain(name).split()[:1] == [authserv]:
            return frozenset(filter(None, map(_proof, _bare(rest).split(";"))))
    return frozenset()


def _proof(result: str) -> Proof | None:
    first, *others = result.lower().split() or [""]
    method, _, said = first.partition("=")
    named = _NAMED.get(method.partition("/")[0])
    if named is None or said != "pass":
        return None
    told = [word.partition("=")[2] for word in others if word.startswith(f"{named}=")]
    # one that is told twice is told by two, of whom one may be a stranger
    return Proof(method.partition("/")[0], told[0].rpartition("@")[2]) if len(told) == 1 else None


def _bare(text: str) -> str:
    """A header without what strangers may have put into words of the server.

    Comments go, and of what is quoted the signs that would mean something outside of it.
    """
    out: list[str] = []
    depth, quoted = 0, False
    for part in _SIGNS.split(text):
        if part == '"' and not depth:
            quoted = not quoted
        elif part in {"(", ")"} and not quoted:
            depth = max(depth + (1 if part == "(" else -1), 0)
            out.append(" ")
        elif not depth:
            out.append(_MEANT.sub("_", part) if quoted else part)
    return "".join(out)


def _of(message: Message, name: str) -> str:
    """A header on one line; empty if there is none."""
    return " ".join(str(message.get(name, ""))[:_MOST_OF_ONE].split())


def _plain(value: object) -> str:
    return str(value).strip().lower()
