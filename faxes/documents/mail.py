"""Mail messages taken apart: who wrote what to whom as an HTML page, and each attachment a file.

Runs inside the sandbox only.
"""

import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import EmailPolicy
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from faxes.documents import encodings, layout
from faxes.documents.zygote import Job
from faxes.enums import ErrorCode
from faxes.errors import DocumentError

_MOST_PARTS = 500
_DEEPEST = 30
_MOST_HEADER = 8_000  # characters; long address lists take the parser their length squared
_MOST_NAME = 100
_SHOWN = ("From", "To", "Cc", "Date", "Subject")
_SIGNED = bytes.fromhex("2a864886f70d010702")  # signedData, RFC 5652, section 5.1
_OF_A_NAME = re.compile(r"[\x00-\x1f\x7f/\\]+")
_QUOTES = re.compile(">*")
_STYLE = """
.fax-mail-head { width: 100%; border-bottom: 1pt solid black; margin: 0 0 12pt; padding: 0 0 6pt }
.fax-mail-head th { text-align: left; vertical-align: top; padding: 0 8pt 0 0; font-weight: bold }
.fax-mail-head td { vertical-align: top; padding: 0 }
.fax-mail-text { white-space: pre-wrap; margin: 0 }
"""


class MailPolicy(EmailPolicy):
    """Reads headers as mail programs do, but no longer ones than anybody would want to read."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Take a header's lines."""
        return super().header_source_parse(["".join(sourcelines)[:_MOST_HEADER]])

    def header_fetch_parse(self, name: str, value: str) -> str:
        """Read a header; of one that Python stumbles over, what stands before its parameters."""
        try:
            return str(super().header_fetch_parse(name, value))
        except Exception:  # noqa: BLE001 - it does so in many ways
            return value.partition(";")[0].encode("ascii", "replace").decode()


@dataclass(slots=True)
class _Found:
    """What a message is made of, as it is found part by part."""

    bodies: list[str] = field(default_factory=list)  # HTML
    attachments: list[dict[str, Any]] = field(default_factory=list)
    pictures: list[tuple[tuple[str, ...], dict[str, Any]]] = field(default_factory=list)
    parts: int = 0


def open_mail(_job: Job, *, path: str, folder: str) -> dict[str, Any]:
    """Write a message's page and its attachments into ``folder``; tell where they are.

    Returns ``html``, the path of the page; ``files``, the paths of its pictures by the names that
    it calls them by; and ``attachments`` in their order, each with ``name``, ``path`` and ``size``.
    Attached messages are attachments; whether they can be read is for others to find out.
    Raises DOCUMENT_ENCRYPTED, DOCUMENT_UNREADABLE.
    """
    data = Path(path).read_bytes()
    try:
        message = BytesParser(policy=MailPolicy()).parsebytes(_without_envelope(data))
        found = _Found()
        _take(message, found, Path(folder), 0)
    except RecursionError:
        raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE) from None
    body = "<hr>".join(found.bodies)
    files: dict[str, str] = {}
    for names, picture in found.pictures:
        called = [name for name in names if name in body]
        files |= dict.fromkeys(called, picture["path"])
        if not called:
            found.attachments.append(picture)
    page = Path(folder) / "message.html"
    page.write_text(_page(message, body, found.attachments), "utf-8", "replace")
    return {"html": str(page), "files": files, "attachments": found.attachments}


def _without_envelope(data: bytes) -> bytes:
    """Leave out what a mailbox file says before a message."""
    return data.partition(b"\n")[2] if data.startswith(b"From ") else data


# --- Parts ----------------------------------------------------------------------------------------


def _take(part: Message, found: _Found, folder: Path, depth: int) -> None:
    """Take a part, and all that are in it. Raises DOCUMENT_ENCRYPTED, DOCUMENT_UNREADABLE."""
    found.parts += 1
    if found.parts > _MOST_PARTS or depth > _DEEPEST:
        raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE)
    kind = part.get_content_type()
    if kind == "multipart/encrypted":
        raise DocumentError(ErrorCode.DOCUMENT_ENCRYPTED)
    if kind in {"application/pkcs7-mime", "application/x-pkcs7-mime"}:
        signed = _SIGNED in payload_of(part)[:100]
        code = ErrorCode.DOCUMENT_UNREADABLE if signed else ErrorCode.DOCUMENT_ENCRYPTED
        raise DocumentError(code)
    if part.is_multipart() and kind.startswith("multipart/"):
        children = children_of(part)
        if kind == "multipart/alternative" and children:
            children = [_best(children)]
        for child in children:
            _take(child, found, folder, depth + 1)
    elif _is_body(part, kind):
        found.bodies.append(_body(part, kind))
    else:
        _attach(part, found, folder)


def children_of(part: Message) -> list[Message]:
    """Return what is directly in a part; its parser has made a list of messages of it."""
    return [child for child in part.get_payload() if isinstance(child, Message)]


def _best(children: list[Message]) -> Message:
    """Return the best of alternatives: one with HTML, else plain text, else the last."""
    for wanted in ("text/html", "text/plain"):
        for child in children:
            if any(each.get_content_type() == wanted for each in child.walk()):
                return child
    return children[-1]


def _is_body(part: Message, kind: str) -> bool:
    if kind.startswith("multipart/"):  # one without boundaries
        return True
    if kind not in {"text/plain", "text/html"}:
        return False
    return disposition_of(part) != "attachment" and not name_of(part)


def _body(part: Message, kind: str) -> str:
    """Return the HTML of a part that is to be read."""
    data = payload_of(part)
    charset = param_of(part, "charset")
    if kind == "text/html":
        return encodings.decode_as(data, charset) if charset else encodings.decode_html(data)
    text = encodings.decode_as(data, charset)
    if param_of(part, "format").lower() == "flowed":
        text = unflowed(text, delete_space=param_of(part, "delsp").lower() == "yes")
    return "".join(
        # The first newline within a pre is not part of it.
        f"<pre class=fax-mail-text dir={'rtl' if from_right else 'ltr'}>\n"
        f"{escape(chr(10).join(lines))}\n</pre>"
        for section in layout.sections(text)
        for from_right, lines in groupby(section, layout.runs_from_right)
    )


def unflowed(text: str, *, delete_space: bool) -> str:
    """Join the lines of paragraphs that were broken for the way. RFC 3676, section 4."""
    out: list[str] = []
    flowing = ""  # the quote marks of the paragraph that is not at its end yet
    is_open = False
    for line in text.splitlines():
        quotes = _QUOTES.match(line)[0]  # type: ignore[index]  # matches always
        rest = line[len(quotes) :].removeprefix(" ")
        if is_open and quotes == flowing and rest != "-- ":
            out[-1] += rest
        else:
            out.append(f"{quotes} {rest}" if quotes else rest)
        is_open, flowing = rest.endswith(" ") and rest != "-- ", quotes
        if is_open and delete_space:
            out[-1] = out[-1][:-1]
    return "\n".join(out)


def _attach(part: Message, found: _Found, folder: Path) -> None:
    """Write an attachment into a file."""
    number = found.parts
    if part.is_multipart():  # message/rfc822, or a report of what became of one
        inner = children_of(part)
        data = b"\n".join(map(source_of, inner))
        name = name_of(part) or f"{header_of(inner[0], 'Subject') or 'message'}.eml"
    else:
        data = payload_of(part)
        suffix = mimetypes.guess_extension(part.get_content_type()) or ""
        name = name_of(part) or f"attachment-{number}{suffix}"
    path = folder / f"part-{number}"
    path.write_bytes(data)
    attachment = {"name": name[:_MOST_NAME], "path": str(path), "size": len(data)}
    names = tuple(_called(part))
    if names and part.get_content_maintype() == "image" and disposition_of(part) != "attachment":
        found.pictures.append((names, attachment))
    else:
        found.attachments.append(attachment)


def source_of(message: Message) -> bytes:
    """Return a message as it came; nothing if it cannot be written any more."""
    try:
        return message.as_bytes()
    except Exception:  # noqa: BLE001 - Python stumbles over strangers' mail in many ways
        return b""


def _called(part: Message) -> Iterator[str]:
    """Yield what pages of the same message may call a part by. RFC 2392, RFC 2557."""
    if identity := header_of(part, "Content-ID").strip(" <>"):
        yield f"cid:{identity}"
    if location := header_of(part, "Content-Location").strip():
        yield location


# --- Headers --------------------------------------------------------------------------------------


def _page(message: Message, body: str, attachments: list[dict[str, Any]]) -> str:
    shown = {name: header_of(message, name) for name in _SHOWN}
    shown["Attachments"] = ", ".join(attachment["name"] for attachment in attachments)
    rows = "".join(
        f"<tr><th>{name}</th><td dir={'rtl' if layout.runs_from_right(value) else 'ltr'}>"
        f"{escape(value)}</td></tr>"
        for name, value in shown.items()
        if value
    )
    return (
        f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style>"
        f"<table class=fax-mail-head>{rows}</table>{body}"
    )


def header_of(part: Message, name: str) -> str:
    """Return a header as people read it, on one line; empty if there is none."""
    values = (value for key, value in part.raw_items() if key.lower() == name.lower())
    raw = _repaired(str(next(values, "")))
    try:
        read = str(MailPolicy().header_factory(name, raw))
    except Exception:  # noqa: BLE001 - Python stumbles over strangers' headers in many ways
        read = raw
    return " ".join(_repaired(read).split())


def _repaired(text: str) -> str:
    """Return a header with the bytes in it that are not ASCII decoded, whatever they are."""
    if text.isascii():
        return text
    data = text.encode("utf-8", "surrogateescape")
    return encodings.decode_as(data, "utf-8")


def param_of(part: Message, name: str) -> str:
    """Return a parameter of the content's type; empty if there is none that can be read."""
    try:
        return str(part.get_param(name) or "")
    except Exception:  # noqa: BLE001 - as above
        return ""


def disposition_of(part: Message) -> str:
    """Return whether a part says that it is an attachment or inline; empty if neither."""
    try:
        return part.get_content_disposition() or ""
    except Exception:  # noqa: BLE001 - as above
        return ""


def name_of(part: Message) -> str:
    """Return the name of an attachment, fit to be shown; empty if it has none."""
    try:
        name = part.get_filename() or ""
    except Exception:  # noqa: BLE001 - as above
        name = ""
    return _OF_A_NAME.sub(" ", _repaired(name)).strip()


def payload_of(part: Message) -> bytes:
    """Return the bytes of a part that has no parts itself, decoded for the way it came."""
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""
