"""The vendor's document, a case for each of its sentences, named by its words; then what it leaves
open, as the portal has it.
"""

import re

import pytest
from django.test import Client

from faxes.enums import FaxState
from faxes.models import Document, Fax
from faxes.services.extensions import full_extension
from faxes.services.faxbox_terms import FaxboxTerms
from faxes.services.faxboxes import create_faxbox
from tests import papers
from tests.api.voipnow.conftest import FAX, PDF, TO, a_file, part, properties, to

NOT_RECIPIENTS = "Value supplied in the Recipients parameter is missing or invalid."
NOT_FILE = (
    "One of the files that must be sent as fax are invalid. "
    "Allowed file types are: jpg, tif, pdf and txt."
)
TOO_MANY_FILES = "Failed to send the fax because the number of files that can be sent was exceeded."
JPEG, TIFF = papers.png(kind="JPEG"), papers.png(kind="TIFF")
# As the document prints it, between the headers and the end.
EXAMPLE = """-----325343636-----
Content-Disposition: form-data; name="files"; filename="/path/to/file/fax.txt"
Content-Type: application/octet-stream

This is my fax
-----325343636
Content-Disposition: form-data; name="request";
{
  "recipients": ["7778888"]
}
-----325343636
"""


def numbers():
    return list(Fax.rows.order_by("id").values_list("to_number", flat=True))


def error(answer):
    assert answer.json().keys() == {"error"}
    assert answer.json()["error"].keys() == {"code", "message"}
    return answer.status_code, *answer.json()["error"].values()


# Overview, model and response.


def test_the_service_returns_the_id_of_the_newly_created_fax_resource(voipnow):
    answer = voipnow().send(to(TO), a_file())
    fax = Fax.rows.get()
    assert answer.status_code == 200
    assert answer["content-type"].startswith("application/json")
    assert answer.json() == {"id": str(fax.pk.int), "uid": fax.pk.hex}
    assert re.fullmatch("[0-9]+", answer.json()["id"])


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["\\n", "\\r\\n"])
def test_this_example_sends_a_fax_from_extension_0003_210_to_7778888(world, voipnow, work, ends):
    kind = "multipart/form-data; boundary=-----325343636"
    answer = voipnow().raw(EXAMPLE.replace("\n", ends).encode(), kind)
    assert answer.status_code == 200, answer.content
    fax = Fax.rows.get()
    assert (fax.to_number, fax.faxbox) == ("+12027778888", world.northside.faxbox)
    assert full_extension(fax.faxbox) == "0003*210"
    document = Document.rows.get(fax=fax, role="source")
    assert (document.name, document.media_type) == ("fax.txt", "text/plain")
    assert document.size == len("This is my fax")
    work.run_jobs()  # this fax does not need any other approval
    fax.refresh_from_db()
    assert fax.state == FaxState.SENDING


@pytest.mark.parametrize(
    "path",
    [
        "/uapi/faxes/@me/0003*210",
        "/uapi/faxes/%40me/0003%2A210",
        "/uapi/faxes/@me/210",
        "/uapi/faxes/@me/0003*210/",
        "/uapi/faxes//0003*210",
        "/unifiedapi/faxes/@me/0003*210",
        "/unifiedapi/faxes/@me/0003*210/",
        "/unifiedapi/faxes/%40viewer/0003%2a210",
    ],
)
def test_uri_fragment(voipnow, path):
    assert voipnow().send(to(TO), a_file(), path=path).status_code == 200
    assert numbers() == [TO]


# Table: URI fragment.


@pytest.mark.parametrize("who", ["@me", "@viewer"])
def test_user_id_refers_to_the_authenticated_user(world, voipnow, who):
    voipnow(world.northside.member).send(to(TO), a_file(), path=f"/uapi/faxes/{who}/210")
    assert Fax.rows.get().created_by == world.northside.people["member"].pk


def owned_by(box, person):
    type(box).rows.filter(pk=box.pk).update(owner=person)


def test_owner_refers_to_the_user_that_owns_the_extension(world, voipnow):
    owned_by(world.northside.faxbox, world.northside.people["member"])
    voipnow().send(to(TO), a_file(), path="/uapi/faxes/@owner/0003*210")
    assert Fax.rows.get().created_by == world.northside.people["member"].pk


def test_owner_of_an_extension_that_nobody_owns_is_the_account(world, voipnow):
    voipnow().send(to(TO), a_file(), path="/uapi/faxes/@owner/0003*210")
    assert Fax.rows.get().created_by == world.northside.people["admin"].pk


@pytest.mark.parametrize("written", ["uuid", "hex", "HEX", "decimal"])
def test_user_id_refers_to_the_unique_identifier_of_the_user(world, voipnow, written):
    key = world.northside.people["member"].pk
    told = {"uuid": str(key), "hex": key.hex, "HEX": key.hex.upper(), "decimal": str(key.int)}
    answer = voipnow().send(to(TO), a_file(), path=f"/uapi/faxes/{told[written]}/0003*210")
    assert answer.status_code == 200
    assert Fax.rows.get().created_by == key


def test_extension_cannot_be_set_to_self(voipnow):
    answer = voipnow().send(to(TO), a_file(), path="/uapi/faxes/@me/@self")
    assert error(answer)[:2] == (404, "not_found")


# Table: success.


def test_200_the_fax_is_sent(voipnow, work):
    assert voipnow().send(to(TO), a_file(PDF, "a.pdf")).status_code == 200
    work.run_to_end()
    assert Fax.rows.get().state == FaxState.DELIVERED


NOTHING_TO_SEND = [[], [a_file(b"")], [a_file(b"", "a.pdf"), a_file(b"", "b.txt")]]


def test_204_there_are_no_faxes_to_be_sent(voipnow, subtests):
    for files in NOTHING_TO_SEND:
        with subtests.test(str(files)[:80]):
            answer = voipnow().send(to(TO), *files)
            assert (answer.status_code, answer.content) == (204, b"")
            assert not Fax.rows.exists()


# Table: failure.


FX_RECIPIENTS_INVALID = [
    properties(),
    properties(recipients=[]),
    properties(recipients=None),
    properties(recipients=""),
    properties(recipients={"number": TO}),
    properties(recipients=[[TO]]),
    properties(recipients=[{"number": TO}]),
    properties(recipients=[True]),
    properties(recipients=[1.5]),
    properties(recipients=[None]),
    properties(recipients=["call me"]),
    properties(recipients=[""]),
    properties(recipients=["12"]),
    properties(recipients=[TO, "12"]),
    properties(recipients=["0099*1"]),
    properties(recipients=["0003*999"]),
    properties(recipients=["+1202555010012345678"]),
    properties(recipients=[10**400]),
    properties(recipients=["\0"]),
    properties(recipients=[f"+1202555{n:04}" for n in range(100, 151)]),
    properties(recipients=[TO] * 501),
]


def test_fx_recipients_invalid(voipnow, subtests):
    for said in FX_RECIPIENTS_INVALID:
        with subtests.test(str(said)[:80]):
            answer = voipnow().send(said, a_file())
            assert error(answer) == (400, "fx_recipients_invalid", NOT_RECIPIENTS)
            assert not Fax.rows.exists()


@pytest.mark.parametrize(
    "recipient",
    [TO, "12025550100", 12025550100, "(202) 555-0100", "202-555-0100", 2025550100, "5550100"],
)
def test_any_phone_number_can_be_a_recipient(voipnow, recipient):
    assert voipnow().send(to(recipient), a_file()).status_code == 200
    assert numbers() == [TO]


def test_including_extension_numbers(world, voipnow, work):
    create_faxbox(world.northside.admin, terms=FaxboxTerms(name="X-ray", extension="001"))
    answer = voipnow().send(to("001", "0003*001", full_extension(world.lakeside.faxbox)), a_file())
    assert len(answer.json()) == 2
    work.run()
    assert sorted(numbers())[:2] == ["0003*001", "0003*001"]
    assert set(Fax.rows.values_list("state", flat=True)) == {"delivered", "received"}


def test_there_cant_be_more_recipients_than_the_maximum_number_set_up_in_the_system(
    voipnow, settings
):
    settings.UAPI_RECIPIENTS = 2
    too_many = [f"+1202555010{n}" for n in range(3)]
    assert error(voipnow().send(to(*too_many), a_file()))[1] == "fx_recipients_invalid"
    assert voipnow().send(to(*too_many[:2], *too_many[:2]), a_file()).status_code == 200


FX_FILE_INVALID = [
    (b"MZ\x90\0" + bytes(200), "setup.exe"),
    (b"MZ\x90\0" + bytes(200), "setup.pdf"),
    (papers.png(), "a.png"),
    (papers.png(), "a.jpg"),
    (PDF, "a.docx"),
    (b"text", "a.html"),
    (b"%PDF-1.4 and nothing more", "a.pdf"),
    (JPEG[: len(JPEG) // 40], "a.jpg"),
]


def test_fx_file_invalid(voipnow, subtests):
    for content, name in FX_FILE_INVALID:
        with subtests.test(str((content, name))[:80]):
            answer = voipnow().send(to(TO), a_file(), a_file(content, name))
            assert error(answer) == (400, "fx_file_invalid", NOT_FILE)
            assert not Fax.rows.exists()


ALLOWED = [
    (JPEG, "a.jpg"),
    (JPEG, "A.JPEG"),
    (TIFF, "a.tif"),
    (TIFF, "a.tiff"),
    (PDF, "a.pdf"),
    (b"Dear Dr Jones", "a.txt"),
    (b"From: me\nTo: you\nSubject: this\n\nDear Dr Jones", "a.txt"),
    (PDF, "report v1.2"),
    (PDF, "C:\\scans\\a.pdf"),
    (PDF, "Gr\u00f6\u00dfe.pdf"),
]


def test_allowed_file_types_are(voipnow, subtests):
    for content, name in ALLOWED:
        with subtests.test(name):
            answer = voipnow().send(to(TO), a_file(content, name))
            assert answer.status_code == 200, answer.content
            kept = Document.rows.get(fax=answer.json()["uid"], role="source")
            assert kept.name == name.rsplit("\\", maxsplit=1)[-1]


def test_fx_max_files_reached(voipnow, settings):
    settings.UAPI_FILES = 3
    files = [a_file(b"page", f"{n}.txt") for n in range(4)]
    assert error(voipnow().send(to(TO), *files)) == (400, "fx_max_files_reached", TOO_MANY_FILES)
    many = [a_file(b"page", f"{n}.txt") for n in range(80)]
    assert error(voipnow().send(*many, to(TO)))[1] == "fx_max_files_reached"
    assert not Fax.rows.exists()
    assert voipnow().send(to(TO), *files[:3], a_file(b"")).status_code == 200


def test_internal_server_error(voipnow, monkeypatch):
    def breaks(*_args, **_more):
        raise ZeroDivisionError("what nobody foresaw")

    monkeypatch.setattr("faxes.api.voipnow.faxes.submit_fax", breaks)
    said = "Failed to send the fax due to an internal error."
    assert error(voipnow().send(to(TO), a_file())) == (400, "internal_server_error", said)


# Example: parts.


@pytest.mark.parametrize(
    "said",
    [
        part(
            b'{"recipients":["%s"]}' % TO.encode(), 'Content-Disposition: form-data; name="request"'
        ),
        part(
            b'{"recipients":["%s"]}' % TO.encode(),
            'Content-Disposition: form-data; name="request"\r\nContent-Type: application/json',
        ),
        part(
            b'{"recipients":["%s"]}' % TO.encode(),
            'Content-Disposition: form-data; name="request"; filename="request.json"',
        ),
        part(b'{"recipients":["%s"]}' % TO.encode(), "Content-Type: application/json"),
        part(b'\xef\xbb\xbf {"recipients":["%s"]}' % TO.encode(), "Content-Disposition: form-data"),
        part(b'{"recipients":"%s"}' % TO.encode(), "Content-Disposition: form-data; name=request;"),
    ],
    ids=["named", "with a type", "with a file name", "unlabelled", "bare", "one text"],
)
@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_the_part_named_request_contains_the_resource_properties(voipnow, said, first):
    parts = [said, a_file()] if first else [a_file(), said]
    assert voipnow().send(*parts).status_code == 200
    assert numbers() == [TO]


def test_the_content_of_the_fax_is_sent_in_the_part_names_files(voipnow, work):
    parts = [a_file(PDF, "1.pdf"), a_file(b"then", "2.txt"), a_file(b"last", "3.txt")]
    voipnow().send(to(TO), *parts)
    sources = Document.rows.filter(role="source").order_by("position")
    assert [each.name for each in sources] == ["1.pdf", "2.txt", "3.txt"]
    assert Fax.rows.get().pages == 4


@pytest.mark.parametrize(
    "headers",
    [
        'Content-Disposition: form-data; name="a.pdf"; filename="a.pdf"',
        'Content-Disposition: form-data; name="files[]"; filename="a.pdf"',
        'Content-Disposition: form-data; name="a.pdf"',
        'Content-Disposition: form-data; name="document"',
        "Content-Type: application/pdf",
    ],
)
def test_any_other_part_is_a_file_whatever_its_name(voipnow, headers):
    assert voipnow().send(to(TO), part(PDF, headers)).status_code == 200
    assert Fax.rows.get().pages == 2


# Recipients are several.


def test_several_recipients_make_one_fax_each_and_duplicates_none(voipnow):
    answer = voipnow().send(to("+12025550101", TO, "2025550101", TO), a_file())
    made = list(Fax.rows.order_by("id"))
    assert [each.to_number for each in made] == ["+12025550101", TO]
    assert answer.json() == [{"id": str(each.pk.int), "uid": each.pk.hex} for each in made]


# The token.


@pytest.mark.parametrize(
    "written", ["Bearer {}", "bearer {}", "BEARER  {} ", "{}"], ids=lambda each: each.strip()
)
def test_authorization_token(voipnow, written):
    asks = voipnow()
    answer = asks.send(to(TO), a_file(), authorization=written.format(asks.token))
    assert answer.status_code == 200


@pytest.mark.parametrize("written", ["Bearer%20{}", "Bearer+{}", "{}"])
def test_access_request_token(voipnow, written, caplog):
    asks = voipnow()
    path = f"{FAX}?accessRequestToken={written.format(asks.token)}"
    caplog.set_level(0)
    assert asks.send(to(TO), a_file(), path=path, authorization="").status_code == 200
    asks.raw(b"", "text/plain", path=path, authorization="")
    assert asks.token not in caplog.text


def test_an_access_token_of_the_token_endpoint(world, voipnow):
    client, oauth = Client(), world.demo["accounts"][3]["oauth"]
    token = client.post(
        "/oauth/token.php", {"grant_type": "client_credentials", "type": "unifiedapi", **oauth}
    ).json()["access_token"]
    answer = voipnow().send(to(TO), a_file(), authorization=f"Bearer {token}")
    assert answer.status_code == 200, answer.content
