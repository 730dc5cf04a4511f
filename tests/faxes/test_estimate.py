"""What a fax would take is told beforehand, close to what it takes, and leaves no trace."""

import pytest

from accounts.models import Charge
from faxes.enums import ErrorCode
from faxes.errors import InvalidRequest
from faxes.models import Attempt, Erasure, Fax, Upload
from faxes.services.estimate import estimate
from faxes.services.preview import prepare_upload
from faxes.services.submit import FaxRequest, submit_fax
from faxes.services.uploads import UploadRef
from tests import papers
from tests.accounts.money import CENT, bill, plan_by, provider_of
from tests.stored import stored_files

TO = "+12025550100"
DENSE = (("abc defg hij klmn " * 300 + "\n") * 2).encode()


def request(*documents, to=TO, **fields):
    return FaxRequest(to=to, documents=documents or [papers.incoming(papers.pdf(2))], **fields)


def test_pages_time_and_price_are_close_to_what_comes_and_nothing_is_left_behind(world, work):
    bill(world.northside.account, balance=1000 * CENT)
    actor = world.northside.admin
    wanted = request(papers.incoming(DENSE, "words.txt"), papers.incoming(papers.pdf(2)))
    before = (stored_files(), Erasure.objects.count(), Charge.rows.count())
    told = estimate(actor, request=wanted)
    assert (stored_files(), Erasure.objects.count(), Charge.rows.count()) == before
    assert not Fax.rows.exists()
    [number] = told.numbers
    assert (number.e164, number.country, number.refused) == (TO, "US", None)
    assert number.rate is not None
    (fax,) = submit_fax(actor, request=wanted, origin="test")
    held = Charge.rows.get(fax_id=fax.pk, account=world.northside.account)
    assert (number.rate.prefix, number.included) == (held.prefix, held.included)
    work.run_to_end()
    fax.refresh_from_db()
    assert told.pages == fax.pages
    took = Attempt.rows.get(fax=fax).line_seconds
    assert told.line_seconds == number.line_seconds == pytest.approx(took, rel=0.1)
    paid = Charge.rows.get(fax_id=fax.pk, account=world.northside.account)
    assert number.price == paid.cost
    assert (number.price, number.currency) == (told.pages * 10 * CENT, "USD")


def test_a_cover_and_an_upload_are_counted_and_the_upload_stays(world, work):
    actor = world.northside.admin
    upload = prepare_upload(actor, documents=[papers.incoming(papers.pdf(2))], quality="fine")
    ref = UploadRef(str(upload.pk))
    plain = estimate(actor, request=request(ref))
    covered = estimate(actor, request=request(ref, cover="plain", subject="Hello"))
    mixed = estimate(
        actor, request=request(ref, papers.incoming(papers.pdf(2)), quality="standard")
    )
    assert (plain.pages, covered.pages, mixed.pages) == (2, 3, 4)
    assert plain.line_seconds < covered.line_seconds
    assert Upload.rows.get() == upload


def test_a_number_without_a_rate_says_so_beside_those_that_have_one(world, work):
    plan = plan_by(provider_of(world.northside.account), prefix="1202")
    bill(world.northside.account, balance=1000 * CENT, plan=plan)
    told = estimate(world.northside.admin, request=request(to=f"{TO}, +13125550100"))
    priced, not_priced = told.numbers
    assert priced.price == 2 * 10 * CENT
    assert (not_priced.price, not_priced.rate) == (None, None)
    assert not_priced.refused is not None
    assert not_priced.refused.code == ErrorCode.RATE_MISSING


def test_who_could_not_pay_is_told_beforehand_and_who_is_not_billed_sees_no_price(world, work):
    free = estimate(world.northside.admin, request=request())
    assert (free.numbers[0].price, free.numbers[0].currency, free.refused) == (None, "", None)
    bill(world.northside.account, balance=1 * CENT)
    told = estimate(world.northside.admin, request=request())
    assert told.numbers[0].price == 2 * 10 * CENT
    assert told.refused is not None
    assert told.refused.code == ErrorCode.INSUFFICIENT_CREDIT


def test_what_is_wrong_with_a_request_is_told_as_when_it_is_sent(world, work):
    with pytest.raises(InvalidRequest) as wrong:
        estimate(world.northside.admin, request=request(papers.incoming(b"", "a.pdf"), to="abc"))
    assert {error.field for error in wrong.value.errors} == {"to", "documents"}
