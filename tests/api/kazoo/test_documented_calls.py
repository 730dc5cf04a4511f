"""Each call that the vendor's guide and reference show, as curl makes it, and what it answers.

Only names in braces are filled in; keys and types are compared with the samples shown there.
"""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from faxes.models import Fax
from tests.api.kazoo.conftest import month_id
from tests.papers import pdf

pytestmark = [pytest.mark.real]
GOOD = "+12025550100"
ENVELOPE = {"data", "revision", "request_id", "status", "auth_token"}
JOB = """
{"document":{"url":"http://myserver.com/fax.pdf","method":"get"},"retries":3,
 "from_name":"Test Fax","from_number":"18884732963","to_name":"To Name",
 "to_number":"18884732963"}
"""
RESULT: dict[str, Any] = {
    "error_message": "", "fax_bad_rows": 0, "fax_error_correction": False, "fax_receiver_id": "",
    "fax_speed": 0, "pages_sent": 0, "success": False, "time_elapsed": 0,
}  # fmt: skip
# The sample of an answer to PUT, with the number as it is stored.
SAMPLE = json.loads(JOB) | {"to_number": "+18884732963", "attempts": 0, "tx_result": RESULT}
TYPES = {"id": str, "fax_timezone": str, "created": int, "status": str, "to": str, "from": str}
GUIDE = """
curl -v -X PUT \
    -H "X-Auth-Token: {AUTH_TOKEN}" \
    -d '{"data":{JOB}}' \
    http://{SERVER}/v2/accounts/{ACCOUNT_ID}/faxes
201 job

curl -v -X PUT \
     -H "Content-Type: multipart/mixed" \
     -F "content=@fax.json; type=application/json" \
     -F "content=@fax.pdf; type=application/pdf" \
     -H 'X-Auth-Token: {AUTH_TOKEN}' \
     http://{SERVER}/v2/accounts/{ACCOUNT_ID}/faxes
201 uploaded

curl -v -X PUT \
    -d '{"data": {"action": "resubmit"}}' \
    -H "X-Auth-Token: {AUTH_TOKEN}" \
    http://{SERVER}/v2/accounts/{ACCOUNT_ID}/faxes/outbox/{SENT_ID}
500 error

curl -v -X PUT \
    -H "X-Auth-Token: {AUTH_TOKEN}" \
    -d '{"action": "resubmit", "data": {}}' \
    http://{SERVER}/v2/accounts/{ACCOUNT_ID}/faxes/outbox/{SENT_ID}
201 again
"""
# Method, address, status and what is answered; the reference's calls bring no body.
PLAIN = """
PUT    outgoing                       400 error
GET    outgoing                       200 queue
GET    outgoing/{FAX_JOB_ID}          200 detail
GET    outbox                         200 list
GET    outbox/{SENT_ID}               200 sent
PUT    outbox/{SENT_ID}               500 error
GET    outbox/{SENT_ID}/attachment    200 file
DELETE outbox/{SENT_ID}/attachment    200 nothing
DELETE outbox/{SENT_ID}               200 deleted
GET    inbox                          200 list
GET    inbox/{CAME_ID}                200 came
PUT    inbox/{CAME_ID}                500 error
GET    inbox/{CAME_ID}/attachment     200 file
DELETE inbox/{CAME_ID}/attachment     200 nothing
DELETE inbox/{CAME_ID}                200 deleted
GET    incoming                       200 list
GET    incoming/{CAME_ID}             404 error
GET    smtplog                        200 list
GET    smtplog/202611-{NONE}          404 error
"""


def is_job(data):
    assert SAMPLE | data == data
    assert has_types(data)


def has_types(data):
    return all(isinstance(data[name], of) for name, of in TYPES.items() if name in data)


def is_queue(data):
    assert data
    for line in data:
        assert {"created", "from", "id", "status", "to"} <= set(line)
        assert has_types(line)


def is_detail(data):
    is_job(data)
    assert {"created", "status"} <= set(data)
    assert data["document"] == {"method": "get", "url": "http://myserver.com/fax.pdf"}
    assert (data["status"], "undefined" in json.dumps(data)) == ("pending", False)


def is_sent(data):
    assert {"id", "status", "tx_result", "folder", "faxbox_id"} <= set(data)
    assert data["tx_result"]["success"] is True


ANSWERS: dict[str, Callable[[Any], Any]] = {
    "job": is_job,
    "uploaded": lambda data: SAMPLE["tx_result"] == data["tx_result"] and has_types(data),
    "again": lambda data: "tx_result" not in data and data["attempts"] == 0,
    "queue": is_queue,
    "detail": is_detail,
    "list": lambda data: isinstance(data, list),
    "sent": is_sent,
    "came": lambda data: data["rx_result"]["success"] is True,
    "nothing": lambda data: data == {},
    "deleted": lambda data: data["_read_only"]["deleted"] is True,
    "error": lambda data: isinstance(data, dict),
}


def test_every_documented_call_is_answered_as_documented(
    world, kazoo, work, send, live_server, tmp_path: Path, subtests: pytest.Subtests
):
    clinic = kazoo()
    sent = send(world.northside, GOOD)
    send(world.lakeside, world.northside.number)
    work.run_to_end()
    came = Fax.rows.get(direction="inbound")
    (tmp_path / "fax.json").write_text('{"data":{"to_number":"12025550100","from_number":"1202555'
                                       '0121"}}')  # fmt: skip
    (tmp_path / "fax.pdf").write_bytes(pdf(1))
    names = {
        "AUTH_TOKEN": clinic.token, "ACCOUNT_ID": world.northside.id.hex, "JOB": JOB,
        "SERVER": live_server.url.removeprefix("http://"), "SENT_ID": month_id(sent),
        "CAME_ID": month_id(came), "NONE": "0" * 32,
    }  # fmt: skip

    def call(shown: str, expected: str) -> None:
        for name, value in names.items():
            shown = shown.replace(f"{{{name}}}", value)
        status, kind = expected.split()
        done = subprocess.run(
            ["bash", "-euc", shown.replace("curl -v", "curl -sS -o answer -w '%{http_code}'")],
            cwd=tmp_path, capture_output=True, text=True, check=True,
        )  # fmt: skip
        content = (tmp_path / "answer").read_bytes()
        assert done.stdout == status, f"{shown}\n{content[:500]!r}"
        if kind == "file":
            assert content.startswith(b"%PDF")
            return
        told = json.loads(content)
        assert (ENVELOPE - {"revision"} if kind == "error" else ENVELOPE) <= set(told)
        assert told["auth_token"] == clinic.token
        assert ANSWERS[kind](told["data"]) is not False, f"{shown}\n{told}"
        if kind == "job":
            names["FAX_JOB_ID"] = told["data"]["id"]

    for block in GUIDE.strip().split("\n\n"):
        shown, _, expected = block.rpartition("\n")
        with subtests.test(shown):
            call(shown, expected)
    for line in PLAIN.strip().splitlines():
        method, path, expected = line.split(maxsplit=2)
        address = f"http://{{SERVER}}/v2/accounts/{{ACCOUNT_ID}}/faxes/{path}"
        with subtests.test(line):
            call(f"curl -v -X {method} -H 'X-Auth-Token: {{AUTH_TOKEN}}' {address}", expected)
