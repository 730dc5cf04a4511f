"""What a call's process says last is heard, whatever is said to it at that moment."""

import json
import socket
import threading
from contextlib import closing
from pathlib import Path

from faxes.line import process
from faxes.line.exchange import answering
from faxes.line.process import CallSpec, place_call
from faxes.line.result import CallResult, DialResult
from tests.unit.line.calls import THEM, US

RESULT = CallResult(answered=DialResult.ANSWERED, line_seconds=12.5, pages_to_send=1)


def test_a_wish_to_hang_up_that_comes_as_the_call_ends_loses_nothing(monkeypatch):
    ours, theirs = socket.socketpair()
    monkeypatch.setattr(process, "new_channel", lambda: closing(ours))
    begun = threading.Event()

    def call() -> None:
        """A process that ends while somebody tells it to hang up, which it never reads."""
        with theirs:
            theirs.recv(1 << 16)
            begun.set()
            theirs.recv(1, socket.MSG_PEEK)
            theirs.sendall(json.dumps({"result": RESULT.to_json()}).encode() + b"\n")

    spec = CallSpec(document=Path("letter.tiff"), caller=US, behaviour=answering(THEM))
    peer = threading.Thread(target=call)
    peer.start()
    assert place_call(spec, should_hang_up=begun.is_set) == RESULT
    peer.join()
