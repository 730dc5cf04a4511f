"""A record of what the line did, outside of the portal's rows: one file, only ever appended to."""

import functools
import json
import os
from typing import Any

from django.apps import AppConfig
from django.conf import settings


class JournalConfig(AppConfig):
    """Watches the line's results: a result that is entered is a call that counts."""

    name = "tests.faults"
    label = "faults"

    def ready(self) -> None:
        from faxes.services import exchange  # noqa: PLC0415 (models must be loaded)
        from tests.faults import controls  # noqa: PLC0415

        exchange.finish = _journalled(exchange.finish)
        controls.take_away(os.environ.get("FAULTS_WITHOUT", ""))


def _journalled(finish):
    @functools.wraps(finish)
    def enter(held, result, *, received_key=""):
        _append("offered", held.call)  # whoever dies in between has maybe entered it
        entered = finish(held, result, received_key=received_key)
        if entered:
            _append("entered", held.call)
        return entered

    return enter


def _append(what: str, call: Any) -> None:
    entry = {"what": what, "key": call.key.hex, "call": str(call.pk)}
    line = json.dumps(entry).encode() + b"\n"
    path = os.environ.get("FAULTS_JOURNAL") or settings.DATA / "journal"
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, line)
    finally:
        os.close(file)
