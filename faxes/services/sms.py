"""Text messages: handed to whatever the operator has for them, chosen by a setting."""

import json
from pathlib import Path
from typing import Final, Protocol, cast
from uuid import uuid4

import httpx
from django.conf import settings
from django.utils.module_loading import import_string

from accounts import clock

_SECONDS: Final = 15.0
_TRY_AGAIN: Final = frozenset({408, 425, 429})
_REFUSED: Final = range(400, 500)


class SmsFailed(Exception):
    """A text message was not taken; ``for_good`` says that it never will be."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.for_good = for_good


class SmsSender(Protocol):
    """What hands text messages on."""

    def send(self, to: str, text: str) -> None:
        """Hand one message on.

        Raises:
            SmsFailed: it was not taken.

        """


class FileSender:
    """Writes each message as a file into the data folder, so that a laptop needs nothing else."""

    def send(self, to: str, text: str) -> None:
        """Write one message down."""
        folder = Path(settings.SMS_FOLDER)
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{clock.now():%Y%m%d-%H%M%S}-{uuid4().hex}.json"
        message = json.dumps({"to": to, "text": text}, ensure_ascii=False)
        (folder / name).write_text(message + "\n", encoding="utf-8")


class HttpSender:
    """Posts each message as JSON to an address of the operator's, which may be an internal one."""

    def send(self, to: str, text: str) -> None:
        """Post one message.

        Raises:
            SmsFailed: nobody took it.

        """
        message = {"to": to, "text": text}
        try:
            answer = httpx.post(
                settings.SMS_URL, json=message, timeout=_SECONDS, follow_redirects=False
            )
        except (httpx.HTTPError, httpx.InvalidURL):
            raise SmsFailed("sms_unreachable") from None
        if answer.is_success:
            return
        for_good = answer.status_code in _REFUSED and answer.status_code not in _TRY_AGAIN
        raise SmsFailed(f"{answer.status_code}", for_good=for_good)


def send(to: str, text: str) -> None:
    """Hand a text message to the sender that the site has.

    Raises:
        SmsFailed: it was not taken.

    """
    cast("SmsSender", import_string(settings.SMS_SENDER)()).send(to, text)
