"""A client generated from the description alone sends faxes, lists them and tells errors."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.running import until

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]
TOKEN = "fxp_demonorthside.demonorthsidedemonstration"
# The generator knows files as one type only, and has to be told so of all others.
FILES = dict.fromkeys(
    ("application/pdf", "image/png", "image/tiff", "*/*"), "application/octet-stream"
)


@pytest.fixture(scope="module")
def made(demonstration, tmp_path_factory: pytest.TempPathFactory):
    """The generated package."""
    folder = tmp_path_factory.mktemp("generated")
    config = folder / "config.json"
    config.write_text(json.dumps({"content_type_overrides": FILES, "post_hooks": []}))
    command = [
        str(Path(sys.executable).with_name("openapi-python-client")), "generate",
        "--url", f"{demonstration.url}/api/schema/?format=json", "--config", str(config),
        "--meta", "none", "--output-path", str(folder / "fax_client"), "--fail-on-warning",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    try:
        yield lambda name: importlib.import_module(f"fax_client.{name}")
    finally:
        sys.path.remove(str(folder))


@pytest.fixture
def client(demonstration, made):
    with made("client").AuthenticatedClient(base_url=demonstration.url, token=TOKEN) as opened:
        yield opened


def test_a_fax_is_sent_listed_and_read(made, client):
    document = made("models.document_in_type_2").DocumentInType2(
        content_base64="SGVsbG8sIGZheCE=", filename="hello.txt"
    )
    body = made("models.fax_in").FaxIn(to="+13125550122", documents=[document], subject="Results")
    sent = made("api.faxes.send_fax").sync(client=client, body=body)
    assert (sent.to, sent.subject, sent.direction) == ("+13125550122", "Results", "outbound")
    listed = made("api.faxes.list_faxes").sync(client=client, limit=5)
    assert sent.id in [each.id for each in listed.data]
    events = made("api.faxes.list_fax_events").sync(fax=sent.id, client=client)
    assert events.data[0].to == "preparing"

    def delivered():
        read = made("api.faxes.get_fax").sync(fax=sent.id, client=client, expand="attempts")
        return read.status == "delivered" and read.attempts[0].outcome == "delivered"

    until(delivered, 60)
    file = made("api.files.get_fax_document").sync
    (stored,) = [
        each
        for each in made("api.files.list_fax_documents").sync(fax=sent.id, client=client).data
        if each.role == "source"
    ]
    assert file(fax=sent.id, document=stored.id, client=client).payload.read() == b"Hello, fax!"


def test_what_is_wrong_comes_as_a_problem(made, client):
    body = made("models.fax_in").FaxIn(to="+1")
    refused = made("api.faxes.send_fax").sync_detailed(client=client, body=body)
    assert refused.status_code == 422
    assert isinstance(refused.parsed, made("models.problem").Problem)
    assert {each.code for each in refused.parsed.errors} >= {"number_invalid"}
    assert refused.parsed.errors[0].param == "to"
