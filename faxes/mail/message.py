"""A message taken apart: which of its parts are to be faxed, in their order, and its subject.

All documents that can be faxed are; the text is if there is none. Pictures of signatures are left
out. Strangers' messages are read in the sandbox alone.
"""

import mimetypes
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from itertools import groupby
from math import inf
from pathlib import Path
from typing import Any, Final

from faxes.documents import encodings, headers
from faxes.documents.detect import DocumentType, detect
from faxes.documents.limits import Limits
from faxes.documents.mail import (
    MailPolicy,
    children_of,
    disposition_of,
    header_of,
    name_of,
    param_of,
    payload_of,
    source_of,
    unflowed,
)
from faxes.documents.sandbox import Sandbox
from faxes.documents.zygote import Job
from faxes.enums import ErrorCode
from faxes.errors import DocumentError

SANDBOX: Final = Sandbox(("faxes.mail.message",))
_LIMITS: Final = Limits(input_bytes=1 << 30, cpu_seconds=30, wall_seconds=45.0)
_MOST_PARTS: Final = 2000
_DEEPEST: Final = 40
_MOST_TOLD: Final = 300  # documents: more than any fax may have
_MOST_NAME: Final = 100
_MOST_SUBJECT: Final = 300
_TNEF: Final = b"\x78\x9f\x3e\x22"
# What mail programs add, and nobody means to fax.
_ASIDE: Final = frozenset(
    {
        "application/ics",
        "application/pgp-keys",
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "message/delivery-status",
        "message/disposition-notification",
        "text/calendar",
        "text/directory",
        "text/rfc822-headers",
        "text/vcard",
        "text/x-vcard",
    }
)
_OUTLINES: Final = {
    DocumentType.PNG: headers.png,
    DocumentType.JPEG: headers.jpeg,
    DocumentType.GIF: headers.gif,
    DocumentType.WEBP: headers.webp,
    DocumentType.BMP: headers.bmp,
}
_UNREAD: Final = ("style", "script", "title")  # elements whose text is no text of the page
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
# As Exchange names what Apple's programs write after an attachment, if only that they were used.
_REST_OF_TEXT: Final = re.compile(r"(?i)ATT\d{5}\.(txt|html?)")
# Pictures within a text that nobody means to fax: icons, logos, lines of portraits.
_LONGEST_TAG: Final = 2000
_SIDE: Final = re.compile(r"(?i)[\s;\"'](width|height)\s*[=:]\s*[\"']?(\d{1,5})(?=[\"'\s>;p])")
_LOW, _SMALL_SIDE, _SMALL_BYTES = 200, 1000, 20_000


@dataclass(frozen=True, slots=True)
class MessagePart:
    """Something to be faxed: its name, its type as its sender says, and where it lies."""

    name: str
    content_type: str
    path: Path


@dataclass(frozen=True, slots=True)
class TakenApart:
    """What a message has; ``winmail`` is whether documents are packed as only Outlook knows."""

    subject: str
    parts: Sequence[MessagePart]
    winmail: bool


def take_apart(path: Path, folder: Path) -> TakenApart:
    """Write what is to be faxed of a message into ``folder``.

    Raises:
        DocumentError: it is encrypted, or cannot be read within the limits.

    """
    told = SANDBOX.run(
        "faxes.mail.message:read",
        {"path": str(path.resolve()), "folder": str(folder.resolve())},
        folder=folder,
        reads=[path],
        names=["message"],
        limits=_LIMITS,
    )
    parts = [
        MessagePart(str(each["name"]), str(each["type"]), folder / Path(str(each["file"])).name)
        for each in told["parts"]
    ]
    return TakenApart(str(told["subject"]), parts, bool(told["winmail"]))


# --- In the sandbox -------------------------------------------------------------------------------


@dataclass(slots=True)
class _Part:
    """A part that could be faxed; ``within`` are pictures that belong to a text."""

    name: str
    type: str
    file: str
    size: int
    kind: DocumentType | None
    content_id: str = ""
    within: bool = False


@dataclass(slots=True)
class _Body:
    """A text that is to be read."""

    text: str
    is_html: bool


@dataclass(slots=True)
class _Found:
    """What a message is made of, as it is found part by part."""

    folder: Path
    attached: list[_Part] = field(default_factory=list)
    bodies: list[_Body] = field(default_factory=list)
    html: list[str] = field(default_factory=list)  # all of it, also what is not chosen
    seen: int = 0
    winmail: bool = False


def warm() -> None:
    """Load what jobs may not read themselves."""
    mimetypes.init()


def read(_job: Job, *, path: str, folder: str) -> dict[str, Any]:
    """Take a message apart, inside the sandbox: plain values for ``take_apart``."""
    try:
        message = BytesParser(policy=MailPolicy()).parsebytes(Path(path).read_bytes())
        found = _Found(Path(folder))
        _take(message, found, found.bodies, 0)
    except RecursionError:
        raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE) from None
    parts = _chosen(found)
    return {
        "subject": header_of(message, "Subject")[:_MOST_SUBJECT],
        "parts": [
            {"name": part.name, "type": part.type, "file": part.file} for part in parts[:_MOST_TOLD]
        ],
        "winmail": found.winmail,
    }


def _take(part: Message, found: _Found, bodies: list[_Body], depth: int) -> None:
    """Take a part, and all that are in it; texts go into ``bodies``."""
    found.seen += 1
    if found.seen > _MOST_PARTS or depth > _DEEPEST:
        raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE)
    kind = part.get_content_type()
    if kind in {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}:
        raise DocumentError(ErrorCode.DOCUMENT_ENCRYPTED)
    if part.is_multipart() and kind.startswith("multipart/"):
        if kind == "multipart/alternative":
            offered: list[_Body] = []
            for child in children_of(part):
                _take(child, found, offered, depth + 1)
            bodies += _best(offered)
        else:
            for child in children_of(part):
                _take(child, found, bodies, depth + 1)
    elif _is_text(part, kind):
        body = _body(part, kind)
        bodies.append(body)
        if body.is_html:
            found.html.append(body.text)
    elif kind not in _ASIDE:
        _attach(part, kind, found)


def _is_text(part: Message, kind: str) -> bool:
    if kind.startswith("multipart/"):  # one without boundaries
        return True
    if kind not in {"text/plain", "text/html"}:
        return False
    if _REST_OF_TEXT.fullmatch(name_of(part)):
        return True
    return disposition_of(part) != "attachment" and not name_of(part)


def _body(part: Message, kind: str) -> _Body:
    data, charset = payload_of(part), param_of(part, "charset")
    if kind == "text/html":
        text = encodings.decode_as(data, charset) if charset else encodings.decode_html(data)
        return _Body(text, is_html=True)
    text = encodings.decode_as(data, charset)
    if param_of(part, "format").lower() == "flowed":
        text = unflowed(text, delete_space=param_of(part, "delsp").lower() == "yes")
    return _Body(text, is_html=False)


def _best(offered: Sequence[_Body]) -> list[_Body]:
    """The plain ones of alternatives, if there is anything to read in them; else all others."""
    plain = [body for body in offered if not body.is_html and _says_something(body)]
    return plain or [body for body in offered if body.is_html] or list(offered[:1])


def _says_something(body: _Body) -> bool:
    text = _text_of(body.text) if body.is_html else body.text
    return any(char.isprintable() and not char.isspace() for char in text)


def _text_of(html: str) -> str:
    """Return what of HTML is text, roughly: enough to tell whether there is any."""
    out: list[str] = []
    lowered = html.lower()
    at = 0
    while (begin := lowered.find("<", at)) >= 0:
        out.append(lowered[at:begin])
        unread = next((each for each in _UNREAD if lowered.startswith(each, begin + 1)), "")
        end = lowered.find(f"</{unread}", begin) if unread else begin
        end = lowered.find(">", end) if end >= 0 else -1
        if end < 0:
            return "".join(out)
        at = end + 1
    return "".join([*out, lowered[at:]]).replace("&nbsp;", " ")


def _attach(part: Message, kind: str, found: _Found) -> None:
    """Write a part into a file, and see what it is."""
    nested = part.is_multipart()  # message/rfc822
    inner = children_of(part) if nested else []
    data = b"\n".join(map(source_of, inner)) if nested else payload_of(part)
    name = name_of(part)
    if not name and inner:
        name = f"{header_of(inner[0], 'Subject') or 'message'}.eml"
    if not name:
        name = f"attachment-{found.seen}{mimetypes.guess_extension(kind) or ''}"
    if kind == "application/ms-tnef" or data.startswith(_TNEF):
        found.winmail = True
        return
    path = found.folder / f"part-{found.seen}"
    path.write_bytes(data)
    found.attached.append(
        _Part(
            name=name[-_MOST_NAME:],
            type=kind,
            file=path.name,
            size=len(data),
            kind=_kind_of(path),
            content_id=header_of(part, "Content-ID").strip(" <>"),
            within=disposition_of(part) == "inline",
        )
    )


def _kind_of(path: Path) -> DocumentType | None:
    """What a file is; None for what cannot be faxed. One with a password is refused later on."""
    try:
        return detect(path, name="")
    except DocumentError as error:
        encrypted = error.code == ErrorCode.DOCUMENT_ENCRYPTED
        return DocumentType.DOC if encrypted else None


# --- What is faxed --------------------------------------------------------------------------------


def _chosen(found: _Found) -> list[_Part]:
    """The documents in order; else the texts; else even small pictures."""
    html = "".join(found.html)
    usable = [part for part in found.attached if part.kind is not None]
    documents = [part for part in usable if not _decorates(part, html, found.folder)]
    if documents:
        return documents
    texts = [body for body in found.bodies if _says_something(body)]
    together = [
        _Body(("<hr>" if is_html else "\n\n").join(body.text for body in bodies), is_html)
        for is_html, bodies in groupby(texts, lambda body: body.is_html)
    ]
    written = [_written(body, number, found.folder) for number, body in enumerate(together, 1)]
    return written or usable


def _decorates(part: _Part, html: str, folder: Path) -> bool:
    """Whether a part is a small picture within a text: of a signature, as a rule."""
    outline = _OUTLINES.get(part.kind) if part.kind else None
    called = bool(part.content_id) and f"cid:{part.content_id}" in html
    if outline is None or not (part.within or called):
        return False
    try:
        size = outline((folder / part.file).read_bytes())
    except ValueError:
        return part.size < _SMALL_BYTES
    if min(size.width, size.height) < _LOW:
        return True
    # logos are kept in twice or four times the size at which they are shown, for fine screens
    if called and _shown_height(part, html, size.height / size.width) < _LOW:
        return True
    return part.size < _SMALL_BYTES and max(size.width, size.height) < _SMALL_SIDE


def _shown_height(part: _Part, html: str, ratio: float) -> float:
    """How high a text shows a picture of its own, in pixels; endless if it does not say."""
    at = html.find(f"cid:{part.content_id}")
    begin, end = html.rfind("<", max(at - _LONGEST_TAG, 0), at), html.find(">", at)
    if begin < 0 or not at < end < at + _LONGEST_TAG:
        return inf
    told = {name.lower(): int(value) for name, value in _SIDE.findall(html[begin:end])}
    return min(told.get("height", inf), told.get("width", inf) * ratio)


def _written(body: _Body, number: int, folder: Path) -> _Part:
    """Write a text as a document."""
    suffix, kind = ("html", "text/html") if body.is_html else ("txt", "text/plain")
    path = folder / f"text-{number}"
    # what no text has would make a document of another kind of it, or of none
    text = _CONTROLS.sub("", body.text)
    if body.is_html:
        text = f"<!doctype html>\n{text}"
    path.write_text(f"\ufeff{text}", encoding="utf-8", errors="replace")
    known = DocumentType.HTML if body.is_html else DocumentType.TEXT
    return _Part(f"message.{suffix}", kind, path.name, path.stat().st_size, known)
