"""What a fax would take and cost, told to programs before it is sent."""

from faxes.models import Fax, Upload
from tests.accounts.money import CENT, bill
from tests.stored import stored_files

TO = ["+12025550100", "+13125550122"]
FAR = "+33142680100"
BODY = {
    "to": TO,
    "documents": [{"content_base64": "SGVsbG8sIGZheCE=", "filename": "hello.txt"}],
    "quality": "fine",
}


def test_pages_time_and_price_are_told_and_nothing_is_kept(world, program):
    bill(world.northside.account, balance=10 * CENT)
    told = program(world.northside.admin).post("estimate", {**BODY, "to": [*TO, FAR]})
    assert told.status_code == 200
    answer = told.json()
    assert (answer["pages"], answer["error"]["code"]) == (1, "rate_missing")
    near, far = answer["numbers"][:2], answer["numbers"][2]
    for each, to in zip(near, TO, strict=True):
        assert (each["to"], each["country"], each["error"]) == (to, "US", None)
        assert (each["price"], each["currency"]) == ("0.10", "USD")
        assert each["line_seconds"] == answer["line_seconds"] > 20
    assert (far["country"], far["price"], far["error"]["code"]) == ("FR", None, "rate_missing")
    both = program(world.northside.admin).post("estimate", BODY).json()
    assert both["error"]["code"] == "insufficient_credit"
    assert not Fax.rows.exists()
    assert stored_files() == set()


def test_who_is_not_billed_is_told_no_price(world, program):
    (told,) = (
        program(world.northside.admin).post("estimate", {**BODY, "to": TO[0]}).json()["numbers"]
    )
    assert (told["price"], told["currency"], told["error"]) == (None, None, None)


def test_what_is_wrong_is_told_as_when_it_is_sent(world, program):
    asks = program(world.northside.admin)
    body = {**BODY, "to": "12", "quality": "fine", "metadata": {"": "x"}}
    estimated, sent = asks.post("estimate", body), asks.post("faxes", body)
    assert (estimated.status_code, sent.status_code) == (422, 422)
    assert estimated.json()["errors"] == sent.json()["errors"]
    assert {each["param"] for each in sent.json()["errors"]} == {"to", "metadata"}


def test_an_upload_is_left_for_the_fax(world, program):
    asks = program(world.northside.admin)
    made = asks.post("uploads", {"documents": BODY["documents"]}).json()["id"]
    body = {"to": "+12025550100", "documents": [{"upload_id": made}]}
    assert asks.post("estimate", body).json()["pages"] == 1
    assert Upload.rows.count() == 1
