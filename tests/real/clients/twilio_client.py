"""The journey by Twilio's Python library."""

from typing import Any

from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.twiml.fax_response import FaxResponse

from tests.real.clients.twilio_shaped import run


def client(task: dict[str, Any], token: str, transport: Any) -> Client:
    """The library's client, at the portal."""
    made = Client(task["account"], token, http_client=transport)
    made.fax.base_url = made.api.base_url = task["url"]
    return made


run(
    client,
    answer=FaxResponse(),
    validator=RequestValidator,
    signed_in="X-Twilio-Signature",
)
