"""What a client's server says to do with a fax that comes in: the one verb of LaML that matters.

The text comes from anywhere. It is read without declarations: no type, no entity but XML's own.
"""

from collections.abc import Mapping
from email.message import Message
from typing import Any, Final
from urllib.parse import urljoin
from xml.parsers import expat  # its entities are off: every declaration is refused

from accounts.reach import read_url
from faxes.enums import Paper
from faxes.services.answering import NotUnderstood, Verdict

MEDIA_TYPES: Final = frozenset({"text/xml", "application/xml"})
MOST_BYTES: Final = 64 * 1024
_ROOT: Final = "Response"
_MEDIA: Final = frozenset({"application/pdf", "image/tiff"})
_VERB_DEPTH: Final = 2
_NO: Final = frozenset({"false", "0", "no"})


def read(content_type: str, body: bytes, asked_at: str) -> Verdict:
    """What the first verb says; ``asked_at`` is the URL that answered, for relative addresses.

    Raises:
        NotUnderstood: it is no LaML, or its first verb has nothing to do with faxes.

    """
    verb, said = _first_verb(body, charset=_charset(content_type))
    if verb == "Reject":
        return Verdict(take=False, busy=said.get("reason", "").strip().lower() == "busy")
    if verb != "Receive":
        raise NotUnderstood
    papers = {paper.value: paper for paper in Paper}
    media_type = said.get("mediaType", "").strip().lower()
    return Verdict(
        action=_address(said.get("action", ""), asked_at),
        method="GET" if said.get("method", "").strip().upper() == "GET" else "POST",
        media_type=media_type if media_type in _MEDIA else "application/pdf",
        paper=papers.get(said.get("pageSize", "").strip().lower()),
        keep=said.get("storeMedia", "").strip().lower() not in _NO,
    )


def _address(written: str, asked_at: str) -> str:
    """The full address of an action; empty if there is none that could be asked."""
    if not written.strip():
        return ""
    try:
        target = read_url(urljoin(asked_at, written.strip()))
    except ValueError:
        return ""
    return target.url if target else ""


def _charset(content_type: str) -> str | None:
    """What the header says that the text is written in: that counts before what the text says."""
    header = Message()
    header["Content-Type"] = content_type
    charset = header.get_param("charset")
    return charset if isinstance(charset, str) else None


def _first_verb(body: bytes, *, charset: str | None) -> tuple[str, Mapping[str, str]]:
    """The name and attributes of the first element in the root; XML 1.0, 2.1.

    Raises:
        NotUnderstood

    """
    depth = 0
    found: list[tuple[str, Mapping[str, str]]] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth == 1 and name != _ROOT:
            raise NotUnderstood
        if depth == _VERB_DEPTH and not found:
            found.append((name, attributes))

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_: Any) -> None:
        raise NotUnderstood

    try:
        parser = expat.ParserCreate(charset)
        parser.StartElementHandler, parser.EndElementHandler = begin, end
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
        parser.Parse(body, True)  # noqa: FBT003 (positional in its interface)
    except (expat.ExpatError, ValueError, LookupError, TypeError):
        raise NotUnderstood from None
    if not found:
        raise NotUnderstood
    return found[0]
