"""A day of two tenants in Kazoo's words, over HTTP and SMTP, against the portal as it is run."""

import functools
import hashlib
import http.server
import io
import json
import smtplib
import subprocess
import threading
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pypdfium2
import pytest
from PIL import Image

from tests.papers import pdf
from tests.real.conftest import Running
from tests.real.running import until

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]
GREGORIAN = 62_167_219_200


class Tenant:
    """Somebody who speaks to the portal as a program of Kazoo's does."""

    def __init__(self, url: str, account: dict[str, Any]) -> None:
        user = next(user for user in account["users"] if user["role"] == "admin")
        self.number = account["numbers"][0]
        self.email = user["email"]
        self.http = httpx.Client(base_url=f"{url}/v2", timeout=30)
        digest = hashlib.md5(f"{user['email']}:{user['password']}".encode()).hexdigest()  # noqa: S324
        body = {"data": {"credentials": digest, "account_realm": account["realm"]}}
        signed_in = self.http.put("/user_auth", json=body)
        assert signed_in.status_code == 201, signed_in.text
        assert "." in signed_in.json()["auth_token"]
        self.http.headers["X-Auth-Token"] = signed_in.json()["auth_token"]
        self.base = f"/accounts/{signed_in.json()['data']['account_id']}"

    def ask(self, method: str, path: str, *, status: int = 200, **how: Any) -> Any:
        """The ``data`` of an answer of this status."""
        answer = self.http.request(method, self.base + path, **how)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        told = answer.json()
        assert told["status"] == ("success" if status < 400 else "error")
        return told["data"]

    def bytes_of(self, path: str, **headers: str) -> tuple[str, bytes]:
        answer = self.http.get(self.base + path, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.headers["content-type"], answer.content

    def outbox_id(self, job: str, *, within: float = 60) -> str:
        """Where a job stands once it has ended: under another id, of its month."""
        deadline = time.monotonic() + within
        while True:
            found = [each for each in self.ask("GET", "/faxes/outbox") if each["id"].endswith(job)]
            if found:
                return str(found[0]["id"])
            assert time.monotonic() < deadline, f"{job} does not end"
            time.sleep(0.1)


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A web server with letters on it."""
    folder = tmp_path_factory.mktemp("letters")
    (folder / "letter.pdf").write_bytes(pdf(1))
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    server.server_close()


def signed_in(portal: Running, realm: str) -> Iterator[Tenant]:
    """Somebody of this realm, who has signed in."""
    account = next(each for each in portal.accounts if each["realm"] == realm)
    tenant = Tenant(portal.url, account)
    yield tenant
    tenant.http.close()


def sent_by_curl(clinic: Tenant, job: dict[str, Any], folder: Path, letter: Path) -> str:
    """The job that curl makes of two parts, as the vendor's document has it."""
    (folder / "fax.json").write_text(json.dumps({"data": job}))
    done = subprocess.run(
        [
            *("curl", "-sS", "-X", "PUT", "-H", "Content-Type: multipart/mixed"),
            *("-F", "content=@fax.json; type=application/json"),
            *("-F", f"content=@{letter}; type=application/pdf"),
            *("-H", f"X-Auth-Token: {clinic.http.headers['X-Auth-Token']}"),
            f"{clinic.http.base_url}{clinic.base.removeprefix('/')}/faxes",
        ],
        cwd=folder,
        capture_output=True,
        check=True,
        timeout=30,
    )
    told = json.loads(done.stdout)
    assert told["status"] == "success", told
    return str(told["data"]["id"])


@pytest.fixture
def clinic(demonstration: Running) -> Iterator[Tenant]:
    yield from signed_in(demonstration, "northside.example")


@pytest.fixture
def law_firm(demonstration: Running) -> Iterator[Tenant]:
    yield from signed_in(demonstration, "lakeside.example")


@pytest.fixture
def ward(clinic: Tenant) -> dict[str, Any]:
    """A fax machine of the clinic that takes mail from its administrator."""
    terms = {
        "name": "Ward 7",
        "caller_id": clinic.number,
        "fax_header": "Northside Ward 7",
        "fax_timezone": "Europe/Berlin",
        "smtp_permission_list": [clinic.email],
        "x_department": "oncology",
    }
    made: dict[str, Any] = clinic.ask("PUT", "/faxboxes", status=201, json={"data": terms})
    assert {name: made[name] for name in terms} == terms
    return made


def by_url(clinic: Tenant, ward: dict[str, Any], letter: str) -> str:
    """A job to a machine that is slow, watched on the line."""
    said = {
        "document": {"url": letter, "method": "get"},
        "to_number": "2025550109",
        "to_name": "Dr Jones",
    }
    job = clinic.ask("PUT", f"/faxboxes/{ward['id']}/faxes", status=201, json={"data": said})
    assert (job["to_number"], job["attempts"], job["retries"]) == ("+12025550109", 0, 1)
    assert job["tx_result"]["success"] is False
    assert job["faxbox_id"] == ward["id"]

    def sends() -> bool:
        live = clinic.ask("GET", f"/faxes/outgoing/{job['id']}")
        return live["status"] not in {"attaching_files", "pending", "locked"}

    until(sends, 90)
    (listed,) = clinic.ask("GET", f"/faxboxes/{ward['id']}/faxes/outgoing")
    assert listed["id"] == job["id"]
    assert abs(listed["created"] - GREGORIAN - time.time()) < 120
    return str(job["id"])


def by_mail(clinic: Tenant, ward: dict[str, Any], to: str, gateway_port: int) -> str:
    """The job that a mail with an attachment becomes, as the SMTP log tells."""
    mail = EmailMessage()
    mail["From"], mail["To"] = clinic.email, f"{to.removeprefix('+')}@{ward['smtp_email_address']}"
    mail["Subject"], mail["Message-ID"] = "Results", "<results-1@northside.example>"
    mail.add_attachment(pdf(2), maintype="application", subtype="pdf", filename="results.pdf")
    with smtplib.SMTP("127.0.0.1", gateway_port, timeout=20) as gateway:
        gateway.send_message(mail)
    (log,) = clinic.ask("GET", "/faxes/smtplog")
    assert (log["from"], log["to"]) == (clinic.email, mail["To"])
    assert "error" not in log
    one = f"/faxes/smtplog/{log['id']}"
    until(lambda: clinic.ask("GET", one).get("faxdoc_id") or clinic.ask("GET", one)["errors"], 90)
    return str(clinic.ask("GET", one)["faxdoc_id"])


def test_a_fax_goes_out_by_url_by_multipart_and_by_mail(
    clinic, law_firm, ward, demonstration, documents, tmp_path: Path
):
    url, folder = documents
    job = {"to_number": law_firm.number, "from_number": clinic.number, "retries": 0}
    jobs = {
        by_url(clinic, ward, f"{url}/letter.pdf"): 1,
        sent_by_curl(clinic, job, tmp_path, folder / "letter.pdf"): 1,
        by_mail(clinic, ward, law_firm.number, demonstration.smtp_port): 2,
    }
    for each, pages in jobs.items():
        kept = clinic.ask("GET", f"/faxes/outbox/{clinic.outbox_id(each)}")
        assert (kept["status"], kept["tx_result"]["success"]) == ("completed", True)
        assert kept["tx_result"]["transferred_pages"] == kept["tx_result"]["total_pages"] == pages
        clinic.ask("GET", f"/faxes/outgoing/{each}", status=404)
    of_ward = clinic.ask("GET", f"/faxboxes/{ward['id']}/faxes/outbox")
    assert len(of_ward) == 2
    assert {each["faxbox_id"] for each in of_ward} == {ward["id"]}


def test_a_fax_that_was_sent_is_read_sent_again_stripped_and_deleted(
    clinic, law_firm, documents, tmp_path: Path
):
    job = {"to_number": law_firm.number, "from_number": clinic.number}
    sent = sent_by_curl(clinic, job, tmp_path, documents[1] / "letter.pdf")
    here = f"/faxes/outbox/{clinic.outbox_id(sent)}"
    kind, paper = clinic.bytes_of(f"{here}/attachment")
    assert kind == "application/pdf"
    assert len(pypdfium2.PdfDocument(paper)) == 1
    kind, tiff = clinic.bytes_of(f"{here}/attachment", Accept="image/tiff")
    assert kind == "image/tiff"
    assert Image.open(io.BytesIO(tiff)).width == 1728

    again = clinic.ask("PUT", here, status=201, json={"action": "resubmit", "data": {}})
    assert again["id"] != sent
    assert "tx_result" not in again
    assert clinic.outbox_id(again["id"])

    assert clinic.ask("DELETE", f"{here}/attachment") == {}
    clinic.ask("GET", f"{here}/attachment", status=404)
    assert clinic.ask("GET", here)["to_number"] == law_firm.number
    assert clinic.ask("DELETE", here)["_read_only"]["deleted"] is True
    clinic.ask("GET", here, status=404)


def test_a_fax_comes_in_is_watched_forwarded_and_cleared_away(clinic, law_firm, tmp_path: Path):
    long_letter = tmp_path / "long.txt"
    long_letter.write_text("\f".join(f"Page {number}" for number in range(120)))
    files = [
        ("content", ("fax.json", json.dumps({"data": {
            "to_number": law_firm.number, "from_number": clinic.number
        }}), "application/json")),
        ("content", ("long.txt", long_letter.read_bytes(), "text/plain")),
    ]  # fmt: skip
    job = clinic.ask("PUT", "/faxes", status=201, files=files)
    until(lambda: law_firm.ask("GET", "/faxes/incoming"), 90)
    (coming,) = law_firm.ask("GET", "/faxes/incoming")
    assert coming["status"] == "receiving"
    assert clinic.outbox_id(job["id"])
    until(
        lambda: any(
            each["rx_result"]["total_pages"] == 120 for each in law_firm.ask("GET", "/faxes/inbox")
        ),
        90,
    )
    arrived = next(
        each
        for each in law_firm.ask("GET", "/faxes/inbox")
        if each["rx_result"]["total_pages"] == 120
    )
    assert law_firm.ask("GET", "/faxes/incoming") == []
    assert arrived["from_number"] == clinic.number
    assert arrived["rx_result"]["success"] is True
    here = f"/faxes/inbox/{arrived['id']}"
    # what the one has is not the other's
    clinic.ask("GET", here, status=404)

    onward = law_firm.ask(
        "PUT",
        here,
        status=201,
        json={"action": "forward", "data": {"to_number": "+12025550100", "retries": 0}},
    )
    assert onward["to_number"] == "+12025550100"
    assert law_firm.outbox_id(onward["id"])
    assert law_firm.ask("DELETE", f"{here}/attachment") == {}
    law_firm.ask("GET", f"{here}/attachment", status=404)
    assert law_firm.ask("GET", here)["rx_result"]["total_pages"] == 120
    law_firm.ask("DELETE", here)
    law_firm.ask("GET", here, status=404)
