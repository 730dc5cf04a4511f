"""The vendors' own libraries, unchanged but for the address, use the portal as they use theirs.

Each makes one journey in a process of its own, for a customer of its own, all at the same time.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.papers import pdf
from tests.ports import free_port
from tests.real.conftest import Running
from tests.real.running import ROOT

CLIENTS = ROOT / ".venv" / "clients"
HERE = Path(__file__).parent / "clients"
NODE = CLIENTS / "compatibility-api" / "package.json"
# Library, its customer, and how it is started.
LIBRARIES = {
    "signalwire": ("northside", [sys.executable, "-m", "tests.real.clients.signalwire_client"]),
    "twilio": ("lakeside", [sys.executable, "-m", "tests.real.clients.twilio_client"]),
    "compatibility-api": ("redwood", ["node", str(HERE / "compatibility_client.mjs"), str(NODE)]),
}
WITHIN = 240  # seconds

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]


def named(library: str, account: dict[str, Any]) -> str:
    """The account's id, as customers of either vendor know theirs."""
    key = UUID(account["id"])
    return f"AC{key.hex}" if library == "twilio" else str(key)


KEYS = """
import json
from accounts import clock
from accounts.models import Account
from accounts.services.events import signing_endpoint
accounts, now = Account.objects.all(), clock.now()
print(json.dumps({each.realm: signing_endpoint(each.pk, at=now).secret for each in accounts}))
"""


@pytest.fixture(scope="module")
def keys(demonstration: Running) -> Any:
    """The key that each account's callbacks are signed with, by realm."""
    env = {"PATH": os.environ["PATH"], "FAXPORTAL_DATA": str(demonstration.data)}
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", KEYS]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def journeys(
    demonstration: Running, keys: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, subprocess.Popen[str]]]:
    """A process for each library, which has begun."""
    letter = tmp_path_factory.mktemp("letters") / "letter.pdf"
    letter.write_bytes(pdf(2))
    begun: dict[str, subprocess.Popen[str]] = {}
    with ExitStack() as opened:
        for name, (slug, command) in LIBRARIES.items():
            realm = f"{slug}.example"
            account = next(each for each in demonstration.accounts if each["realm"] == realm)
            env = {
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(CLIENTS / name),
                "NODE_EXTRA_CA_CERTS": str(demonstration.authority),
            }
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=env,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            begun[name] = opened.enter_context(process)
            opened.callback(process.kill)
            assert process.stdin
            process.stdin.write(
                json.dumps(
                    {
                        "url": demonstration.secure,
                        "authority": str(demonstration.authority),
                        "account": named(name, account),
                        "token": account["api_token"],
                        "key": keys[realm],
                        "number": account["numbers"][0],
                        "port": free_port(),
                        "letter": str(letter),
                    }
                )
            )
            process.stdin.close()
            process.stdin = None
        yield begun


# How each library reads what a fax is told with: price, pages, times, ids.
TYPES = {
    "signalwire": ("Decimal", "int", "datetime", "str"),
    "twilio": ("Decimal", "int", "datetime", "str"),
    "compatibility-api": ("Number", "Number", "Date", "String"),
}
# What callbacks say in each status, at least; and what webhooks of a number do.
ALWAYS = {"AccountSid", "ApiVersion", "FaxSid", "FaxStatus", "From", "To"}
OF_CALLS = ALWAYS | {"NumPages", "OriginalMediaUrl", "Timestamp"}
TOLD = {
    "queued": ALWAYS,
    "processing": OF_CALLS,
    "delivered": OF_CALLS | {"MediaSid", "MediaUrl", "RemoteStationId"},
    "failed": OF_CALLS | {"ErrorCode", "ErrorMessage"},
    "canceled": ALWAYS,
}
RECEIVED = ALWAYS | {"MediaUrl", "NumPages", "RemoteStationId", "Timestamp"}
NOT_THERE = [404, 20404]
# What comes of the journey whatever the library.
DONE = {
    "created": "queued",
    "api_version": "v1",
    "costs": True,
    "links": ["media"],
    "is_media": True,
    "of_fax": True,
    "paper": "%PDF-",
    "told_url": "%PDF-",
    # canceled in time
    "queued": "queued",
    "canceled": "canceled",
    # refused
    "unknown_from": [400, 21210],
    "wrong_token": [401, 20003],
    "canceled_late": [400, 10000],
    "deleted_early": [409, 20009],
    # listed, two a page
    "page_sizes": [2, 1],
    "paged": True,
    "listed": True,
    "streamed": 3,
    "before": 0,
    # deleted
    "canceled_deleted": True,
    "gone": NOT_THERE,
    "media_deleted": True,
    "media_left": 0,
    "media_gone": NOT_THERE,
    "deleted": True,
    "deleted_gone": NOT_THERE,
    # come in
    "same_fax": True,
    "arrived_paper": "%PDF-",
    "arrived_deleted": True,
    # told
    "told_by_sid": True,
    "all_believed": True,
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_faxes_are_sent_followed_listed_read_and_deleted_by(library, journeys, demonstration):
    told, errors = journeys[library].communicate(timeout=WITHIN)
    assert journeys[library].returncode == 0, errors
    done = json.loads(told)
    slug, _ = LIBRARIES[library]
    account = next(each for each in demonstration.accounts if each["realm"] == f"{slug}.example")
    number = account["numbers"][0]
    decimal, whole, moment, text = TYPES[library]

    called = done.pop("told")
    assert [status for status, names in TOLD.items() if not names <= set(called[status])] == []
    assert set(done.pop("asked")) == ALWAYS
    assert set(done.pop("received")) >= RECEIVED
    assert done == DONE | {
        "account": named(library, account),
        "fax": ["outbound", "+12025550100", "superfine", 2, "USD"],
        "types": {
            "price": decimal,
            "num_pages": whole,
            "duration": whole,
            "date_created": moment,
            "date_updated": moment,
            "sid": text,
            "url": text,
        },
        "failed": whole,
        "media": ["application/pdf", moment],
        "media_url": "%PDF-" if library == "twilio" else True,  # SignalWire tells it of arrivals
        "arrived": ["inbound", "received", number, 2],
        "number": [number, True, None, True],
    }
