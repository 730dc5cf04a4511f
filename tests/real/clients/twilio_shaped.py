"""The journey by a Python library of Twilio's shape, as a module of its own process."""

from collections.abc import Callable
from typing import Any

from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient

from tests.real.clients.application import Application
from tests.real.clients.journey import Journey, reachable, read_task, report


def run(
    client: Callable[[dict[str, Any], str, TwilioHttpClient], Any],
    *,
    answer: Any,
    validator: type[Any],
    signed_in: str,
) -> None:
    """Do it all, and report; ``client`` makes one of a task and a token, by a transport.

    ``answer`` is the library's own answer to a fax that comes in, ``validator`` checks signatures,
    which stand in the header ``signed_in``.
    """
    task = read_task()
    transport = TwilioHttpClient()
    transport.session.verify = task["authority"]
    answer.receive(action="/received?by=portal", method="POST", media_type="application/pdf")
    app = Application(
        port=task["port"],
        letter=task["letter"],
        validate=validator(task["key"]).validate,
        signed_in=signed_in,
        answer=str(answer),
    )
    app.start()

    def download(url: str) -> bytes:
        at_hand = reachable(url, task["url"])
        got = transport.session.get(at_hand, auth=(task["account"], task["token"]), timeout=20)
        got.raise_for_status()
        return bytes(got.content)

    mine = Journey(client(task, task["token"], transport), TwilioRestException, app, task["number"])
    report(mine.travel(client(task, "fxp_nobody.nothing", transport), download))
