"""VoipNow as a carrier: one request, and nothing more to be heard."""

import io
import json
from collections.abc import Iterator
from functools import cache

import pytest
from PIL import Image

from faxes.carriers.base import CarrierInDoubt, CarrierRefused, CarrierUnavailable
from faxes.enums import Outcome
from tests.carriers.doors import Kept, Pages, fax_of, opened, sent
from tests.outside import outside
from tests.upstreams.base import Fault, Reply
from tests.upstreams.voipnow import SECRET, VoipNowUpstream, error

TOKEN, FAX = "/oauth/token.php", "/uapi/faxes/@me/0003*210"


@cache
def tiff(pages: int = 1) -> bytes:
    """A fax TIFF of so many short pages, whose bytes are of every kind."""
    sheets = [Image.effect_noise((1728, 90), 200).convert("1") for _ in range(pages)]
    file = io.BytesIO()
    sheets[0].save(file, "TIFF", compression="group4", save_all=True, append_images=sheets[1:])
    return file.getvalue()


@pytest.fixture
def vendor() -> Iterator[VoipNowUpstream]:
    upstream = VoipNowUpstream()
    with upstream.running():
        yield upstream


def a_fax(pages: int = 1, **told):
    return fax_of(Pages(tiff(pages)), pages=pages, **told)


def asked(vendor: VoipNowUpstream) -> list[str]:
    return [call.path for call in vendor.calls]


def test_a_fax_goes_out_from_its_extension_as_the_very_pages(vendor):
    ref = opened(vendor).submit(a_fax(2))
    (taken,) = vendor.taken
    assert (taken.ref, taken.to_number, taken.pages) == (ref, "+61281234567", 2)
    assert taken.document == tiff(2)
    assert asked(vendor) == [TOKEN, FAX]


def test_the_request_is_as_the_document_has_it(vendor):
    opened(vendor).submit(a_fax())
    token, fax = vendor.calls
    assert token.form()["grant_type"] == ["client_credentials"]
    assert fax.headers["authorization"].startswith("Bearer 1.4.")
    head = fax.body.split(b"\r\n\r\n")[0].splitlines()
    assert head[1:] == [b'Content-Disposition: form-data; name="request"']  # and no type
    said = fax.body.split(b"\r\n\r\n")[1].splitlines()[0]
    assert json.loads(said) == {"recipients": ["+61281234567"]}
    assert b'name="files"; filename="fax.tif"' in fax.body


def test_an_older_server_and_another_user(vendor):
    opened(vendor, legacy=True, user="7").submit(a_fax())
    opened(vendor, user="").submit(a_fax())
    addresses = [each for each in asked(vendor) if each != TOKEN]
    assert addresses == ["/unifiedapi/faxes/7/0003*210", FAX]


def test_a_token_is_got_once_and_anew_when_it_has_ended(vendor):
    memory = Kept()
    opened(vendor, memory=memory).submit(a_fax())
    opened(vendor, memory=memory).submit(a_fax())
    assert asked(vendor) == [TOKEN, FAX, FAX]
    vendor.end_tokens()
    opened(vendor, memory=memory).submit(a_fax())
    assert asked(vendor)[3:] == [FAX, TOKEN, FAX]
    assert len(vendor.taken) == 3


IN_DOUBT = [
    Fault.CLOSES_BEFORE,
    Fault.HANGS,
    Fault.CLOSES_AFTER_ACCEPT,
    Fault.SAYS_500_AFTER_ACCEPT,
    Fault.HANGS_AFTER_ACCEPT,
    Fault.WRONG_JSON_AFTER_ACCEPT,
    Fault.DRIPS_AFTER_ACCEPT,
]


@pytest.mark.parametrize("fault", IN_DOUBT, ids=lambda fault: fault.name)
def test_what_goes_wrong_leaves_a_doubt_and_is_not_repeated(vendor, fault):
    vendor.faults.append(fault)
    with pytest.raises(CarrierInDoubt):
        opened(vendor, seconds=0.4).submit(a_fax())
    assert asked(vendor) == [TOKEN, FAX]


BEFORE = [*IN_DOUBT, Fault.SAYS_429, Fault.REDIRECTS, Fault.SAYS_401]


@pytest.mark.parametrize("fault", BEFORE, ids=lambda fault: fault.name)
def test_what_goes_wrong_with_the_token_leaves_no_doubt(vendor, fault):
    vendor.hands_over = lambda call: call.path == TOKEN
    vendor.faults.extend([fault] * 5)
    with pytest.raises(CarrierUnavailable):
        opened(vendor, seconds=0.3).submit(a_fax())
    assert FAX not in asked(vendor)


UNAVAILABLE, DOUBT = CarrierUnavailable, CarrierInDoubt
WORDS = "A sentence with +61281234567 in it."
ANSWERS = [
    (error(400, "fx_recipients_invalid", WORDS), Outcome.DIAL_FAILED, "fx_recipients_invalid"),
    (error(400, "fx_file_invalid", WORDS), Outcome.INTERNAL_ERROR, "fx_file_invalid"),
    (error(400, "fx_max_files_reached", WORDS), Outcome.INTERNAL_ERROR, "fx_max_files_reached"),
    (error(400, "internal_server_error", WORDS), DOUBT, "internal_server_error"),
    (error(500, "fx_file_invalid", WORDS), DOUBT, ""),
    (error(403, "forbidden", WORDS), UNAVAILABLE, "forbidden"),
    (error(404, "not_found", WORDS), UNAVAILABLE, "not_found"),
    (error(400, "of_next_year", WORDS), Outcome.INTERNAL_ERROR, "400"),
    (Reply(204, b""), Outcome.INTERNAL_ERROR, "nothing to send"),
    (Reply(400, b"<html>", "text/html"), Outcome.INTERNAL_ERROR, "400"),
    (Reply(502, b"<html>", "text/html"), DOUBT, "502"),
    (Reply.of(200, {}), DOUBT, ""),
    (Reply.of(200, []), DOUBT, ""),
    (Reply.of(200, [{"id": "1"}, {"id": "2"}]), DOUBT, ""),
    (Reply.of(200, {"id": "9" * 200}), DOUBT, "id"),
    (Reply.of(200, {"id": True}), DOUBT, ""),
    (Reply.of(200, {"id": 1, "files": [{"redirectUri": 7}]}), DOUBT, ""),
    (Reply(200, b"", "text/plain"), DOUBT, ""),
]


@pytest.mark.parametrize(("reply", "meaning", "words"), ANSWERS)
def test_each_answer_has_its_meaning(vendor, monkeypatch, reply, meaning, words):
    monkeypatch.setattr(vendor, "_create", lambda _: reply)
    kind = meaning if isinstance(meaning, type) else CarrierRefused
    with pytest.raises(kind) as said:
        opened(vendor).submit(a_fax())
    assert words in str(said.value)
    assert "6128" not in str(said.value)
    assert getattr(said.value, "outcome", meaning) == meaning


IDS = [
    ({"id": "1", "uid": "5d8e"}, "1/5d8e"),
    ({"id": 262, "uid": "5d8e"}, "262/5d8e"),
    ({"id": 262}, "262"),
    ({"uid": "5d8e"}, "5d8e"),
    ([{"id": "1", "uid": "5d8e"}], "1/5d8e"),
    ({"id": "1", "files": None, "new": {}}, "1"),
]


@pytest.mark.parametrize(("told", "ref"), IDS)
def test_an_id_is_a_text_or_a_number(vendor, monkeypatch, told, ref):
    monkeypatch.setattr(vendor, "_create", lambda _: Reply.of(200, told))
    assert opened(vendor).submit(a_fax()) == ref


# --- Version 5 ---


@pytest.fixture
def newer(vendor: VoipNowUpstream) -> VoipNowUpstream:
    vendor.version = 5
    return vendor


def test_the_pages_are_put_where_a_newer_server_wants_them_without_the_token(newer):
    ref = opened(newer).submit(a_fax())
    assert (newer.taken[0].ref, newer.taken[0].document) == (ref, tiff(1))
    assert asked(newer) == [TOKEN, FAX, "/storage/1"]
    assert "authorization" not in newer.calls[-1].headers


def test_to_put_the_pages_is_repeated_and_in_vain_a_doubt(newer):
    newer.puts_fail = 1
    opened(newer, seconds=3).submit(a_fax())
    assert newer.taken[0].document == tiff(1)
    newer.puts_fail = 9
    with pytest.raises(CarrierInDoubt):
        opened(newer, seconds=0.6).submit(a_fax())
    assert asked(newer).count(FAX) == 2


def test_the_pages_are_put_nowhere_within_and_nowhere_less_secure(newer):
    for where in ("http://10.0.0.1", "ftp://127.0.0.1", "http:", "//127.0.0.1", "http://[", ""):
        newer.storage = where or " "
        with pytest.raises(CarrierInDoubt):
            opened(newer).submit(a_fax())
    with outside() as elsewhere:
        newer.storage = elsewhere.url("").rstrip("/")
        opened(newer).submit(a_fax())
        assert [each.method for each in elsewhere.seen] == ["PUT"]


# --- Afterwards ---


def test_what_was_taken_counts_as_handed_over_and_nothing_is_asked(vendor):
    result = opened(vendor).find(sent("1/5d8e", pages=3)).result
    assert (result.outcome, result.pages_sent) == (Outcome.HANDED_OVER, 3)
    assert not vendor.calls


def test_without_an_id_there_is_nothing_to_be_known(vendor):
    with pytest.raises(CarrierInDoubt):
        opened(vendor).find(sent(""))


def test_a_check_signs_in_anew(vendor):
    carrier = opened(vendor)
    assert carrier.check().startswith("Signed in.")
    carrier.check()
    assert asked(vendor) == [TOKEN, TOKEN]
    with pytest.raises(CarrierUnavailable) as said:
        opened(vendor, client_secret="wrong-" + SECRET).check()
    assert str(said.value) == "invalid_client"


@pytest.mark.parametrize("token", ["", 7, "with\nline", "\u00e9"])
def test_a_token_that_cannot_be_shown_is_none(vendor, monkeypatch, token):
    monkeypatch.setattr(vendor, "_token", lambda _: Reply.of(200, {"access_token": token}))
    with pytest.raises(CarrierUnavailable, match="access_token"):
        opened(vendor).submit(a_fax())
