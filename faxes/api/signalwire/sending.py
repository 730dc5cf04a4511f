"""A fax as clients ask for it, read into a request for one."""

import re
from typing import Any, Final

from faxes.api.signalwire.bodies import Arguments
from faxes.api.signalwire.errors import Invalid
from faxes.api.signalwire.states import STATUS
from faxes.enums import Step
from faxes.services.order import FaxRequest
from faxes.services.remote_documents import DocumentUrl

_QUALITIES: Final = ("standard", "fine", "superfine")
METHODS: Final = ("GET", "POST")
_TTL: Final = (5, 300)  # minutes
_USUAL_TTL: Final = 60
_MOST_EVENTS: Final = 20
_LONGEST_EVENT: Final = 40
# The changes of status that a client may choose among; how a fax ends is always told.
_STEPS: Final = {"queued": Step.WAITING, "processing": Step.TRYING, "sending": Step.CONNECTED}
_BETWEEN: Final = re.compile(r"[\s().\-]")
_NUMBER: Final = re.compile(r"\+?[0-9]{7,15}")
_SIP: Final = re.compile(r"sips?:", re.IGNORECASE)
KIND: Final = "laml"


def read_fax(said: Arguments, *, with_sender: bool) -> FaxRequest:
    """The request for a fax; ``with_sender`` off, a number to send from need not be named.

    Raises:
        Invalid: with the first argument that is not right.

    """
    to, sender = _receiver(said), _sender(said, needed=with_sender)
    documents = _documents(said)
    return FaxRequest(
        to=to,
        from_number=sender,
        documents=documents,
        quality=read_word(said, "Quality", _QUALITIES),
        keep_documents=said.switch("StoreMedia", otherwise=True),
        try_for=said.number("Ttl", least=_TTL[0], most=_TTL[1], otherwise=_USUAL_TTL),
        callback=_callback(said, documents),
        fetch_later=True,
    )


def read_number(written: str) -> str:
    """A number as it is written, without what stands between its digits; empty if it is none."""
    bare = _BETWEEN.sub("", written)
    return bare if _NUMBER.fullmatch(bare) else ""


def read_word(said: Arguments, name: str, words: tuple[str, ...]) -> str:
    """One of these words, however it is written; empty if none was said.

    Raises:
        Invalid: it is another one.

    """
    word = said.text(name)
    found = next((each for each in words if each.lower() == word.lower()), "")
    if word and not found:
        raise Invalid(f"'{name}' must be one of {', '.join(words)}")
    return found


def _receiver(said: Arguments) -> str:
    written = said.text("To")
    if not written:
        raise Invalid("A 'To' phone number is required", 21211)
    if _SIP.match(written):
        raise Invalid("Faxes go to phone numbers here: no SIP address can be reached", 21217)
    number = read_number(written)
    if not number:
        raise Invalid(f"The 'To' number {written[:40]} is not a valid phone number", 21211)
    return number


def _sender(said: Arguments, *, needed: bool) -> str:
    written = said.text("From")
    if not written and needed:
        raise Invalid("A 'From' phone number is required", 21213)
    if written and not read_number(written):
        raise Invalid(f"The 'From' number {written[:40]} is not a valid phone number", 21212)
    return read_number(written)


def _documents(said: Arguments) -> list[DocumentUrl]:
    urls = said.texts("MediaUrl")
    if not urls:
        raise Invalid("A 'MediaUrl' is required", 21402)
    return [DocumentUrl.with_user(each) for each in urls]


def _callback(said: Arguments, documents: list[DocumentUrl]) -> dict[str, Any]:
    """Whom to tell of the fax, and what they know it by: nobody without an address."""
    method = read_word(said, "StatusCallbackMethod", METHODS)
    events = said.texts("StatusCallbackEvent")
    if len(events) > _MOST_EVENTS or any(len(each) > _LONGEST_EVENT for each in events):
        raise Invalid("'StatusCallbackEvent' names no events")
    url = said.text("StatusCallback")
    if not url:
        return {}
    asked: dict[str, Any] = {
        "kind": KIND,
        "url": url,
        "method": method or "POST",
        "original_media_url": documents[0].url,
    }
    named = {each.lower() for each in events}
    if named and named <= set(STATUS.values()):  # among other words none is left out
        asked["steps"] = [step for word, step in _STEPS.items() if word in named]
    return asked
