"""The journey by SignalWire's Python library."""

from typing import Any

from signalwire.fax_response import FaxResponse
from signalwire.request_validator import RequestValidator
from signalwire.rest import Client

from tests.real.clients.twilio_shaped import run


def client(task: dict[str, Any], token: str, transport: Any) -> Client:
    """The library's client, at the portal."""
    return Client(task["account"], token, signalwire_space_url=task["url"], http_client=transport)


run(
    client,
    answer=FaxResponse(),
    validator=RequestValidator,
    signed_in="X-SignalWire-Signature",
)
