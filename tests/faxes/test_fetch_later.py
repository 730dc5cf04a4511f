"""Documents at web addresses, fetched once the fax is stored: told at once, fetched in the end."""

import threading
import time
from datetime import timedelta

import pytest

from accounts import clock
from accounts.models import Charge, Limits
from faxes.enums import DocumentRole, ErrorCode, FaxState
from faxes.errors import InvalidRequest, MoveNotAllowed
from faxes.models import Document, Fax, RemoteDocument
from faxes.services import couriers, fetch_documents
from faxes.services.control import cancel_fax
from faxes.services.convert import convert_batch
from faxes.services.delivery_loop import carry_out, carry_out_due
from faxes.services.erasure import erase_due
from faxes.services.remote_documents import DocumentUrl
from faxes.services.submit import FaxRequest, resend_fax, submit_fax
from tests import papers
from tests.outside import Handler
from tests.stored import stored_files

TO, OTHER = "+12025550100", "+12025550106"
PDF = papers.pdf(2)


def sent(tenant, *documents, to=TO, **more):
    wanted = FaxRequest(to=to, documents=documents, fetch_later=True, **more)
    return submit_fax(tenant.admin, request=wanted, origin="test")


def fetch():
    return carry_out_due(couriers.FETCHES)


def fresh(fax):
    return Fax.rows.get(pk=fax.pk)


def failed_with(fax):
    fax = fresh(fax)
    assert fax.state == FaxState.FAILED
    assert not RemoteDocument.rows.filter(fax=fax).exists()
    return fax.error_code, fax.error_params


@pytest.fixture
def shelf(receiver):
    """A server that has a document everywhere."""
    receiver.behave = lambda at: at.answer(200, PDF)
    return receiver


def test_it_is_told_at_once_and_goes_in_order_once_all_is_fetched(world, work, shelf):
    post = DocumentUrl(
        shelf.url("/asked.pdf"),
        method="post",
        body="which=7",
        referer="https://example.com/",
        content_type="application/x-www-form-urlencoded",
    )
    (fax,) = sent(
        world.northside,
        DocumentUrl(shelf.url("/first.pdf")),
        papers.incoming(b"Words\n", "words.txt"),
        post,
        cover="plain",
    )
    assert (fax.state, fax.pages, shelf.seen) == (FaxState.PREPARING, 0, [])
    convert_batch(fax.pk)
    work.run()
    assert fresh(fax).state == FaxState.PREPARING, "it waits for its documents"
    assert fetch() == 1
    get, posted = shelf.seen
    assert (get.method, get.path) == ("GET", "/first.pdf")
    assert (posted.method, posted.body) == ("POST", b"which=7")
    assert posted.headers["referer"] == "https://example.com/"
    assert posted.headers["content-type"] == "application/x-www-form-urlencoded"
    sources = Document.rows.filter(fax=fax, role=DocumentRole.SOURCE).order_by("position")
    assert [each.name for each in sources] == ["first.pdf", "words.txt", "asked.pdf"]
    assert fresh(fax).pages == 6
    work.run_to_end()
    assert (fresh(fax).state, fresh(fax).pages) == (FaxState.DELIVERED, 6)
    assert not RemoteDocument.rows.exists()
    assert fetch() == 0


def test_faxes_of_one_submission_share_what_is_fetched_once(world, work, shelf):
    first, second = sent(world.northside, DocumentUrl(shelf.url()), to=f"{TO}, {OTHER}")
    cancel_fax(world.northside.admin, fax_id=first.pk)
    assert fetch() == 1
    assert len(shelf.seen) == 1
    work.run_to_end()
    assert (fresh(first).state, fresh(second).state) == (FaxState.CANCELED, FaxState.DELIVERED)


def test_what_may_be_had_later_is_tried_again(world, work, shelf, settings):
    settings.RETRY_SCALE = 1
    answers = [
        lambda at: at.answer(503),
        lambda at: at.raw(b""),
        lambda at: at.answer(200, PDF),
    ]
    shelf.behave = lambda at: answers.pop(0)(at)  # noqa: PLW0108 (another one each time)
    (fax,) = sent(world.northside, DocumentUrl(shelf.url()))
    for wait in fetch_documents.WAITS:
        assert fetch() == 1
        assert fetch() == 0, "not at once"
        work.pass_time(wait)
    assert fetch() == 1
    work.run_to_end()
    assert fresh(fax).state == FaxState.DELIVERED


def test_what_is_never_had_fails_the_fax_and_says_why(world, work, shelf):
    shelf.behave = lambda at: at.answer(503)
    (fax,) = sent(world.northside, DocumentUrl(shelf.url()))
    for wait in (*fetch_documents.WAITS, timedelta()):
        fetch()
        work.pass_time(wait)
    assert failed_with(fax) == (ErrorCode.URL_REFUSED, {"status": 503})
    assert len(shelf.seen) == 3


def test_what_cannot_be_had_fails_the_fax_at_once(world, work, shelf, settings):
    answers = {"/gone": (404, b""), "/odd": (200, b"\x00\x01\x02"), "/large": (200, PDF)}
    shelf.behave = lambda at: at.answer(*answers[at.path])
    gone, odd, large = (
        sent(world.northside, papers.incoming(PDF), DocumentUrl(shelf.url(path)))[0]
        for path in answers
    )
    kept = stored_files()
    settings.MAX_UPLOAD_BYTES = len(PDF) - 1
    assert fetch() == 3
    assert failed_with(gone) == (ErrorCode.URL_REFUSED, {"status": 404})
    assert failed_with(odd)[0] == ErrorCode.DOCUMENT_TYPE_UNSUPPORTED
    assert failed_with(large)[0] == ErrorCode.URL_TOO_LARGE
    assert stored_files() == kept
    with pytest.raises(MoveNotAllowed):  # a part of it must not go for the whole
        resend_fax(world.northside.admin, fax_id=gone.pk)


def test_a_private_address_is_refused_at_once_and_a_name_of_one_when_it_is_asked(
    world, work, receiver, settings, monkeypatch
):
    settings.FETCH_ALLOW = ()
    for url in (receiver.url(), receiver.url(host="localhost"), "ftp://example.com/", "file:///x"):
        with pytest.raises(InvalidRequest) as refused:
            sent(world.northside, DocumentUrl(url))
        assert [each.field for each in refused.value.errors] == ["documents"]
    assert not Fax.rows.exists()
    name = [(2, 1, 6, "", ("127.0.0.1", receiver.port))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: name)
    (fax,) = sent(world.northside, DocumentUrl(receiver.url(host="inside.example.com")))
    for wait in (*fetch_documents.WAITS, timedelta()):
        fetch()
        work.pass_time(wait)
    assert failed_with(fax)[0] == ErrorCode.URL_UNREACHABLE
    assert receiver.seen == []


def test_a_server_that_hangs_holds_up_no_other_account(world, shelf):
    def behave(at: Handler) -> None:
        if at.path == "/slow":
            shelf.ended.wait(60)
        at.answer(200, PDF)

    shelf.behave = behave
    for _ in range(4):
        sent(world.lakeside, DocumentUrl(shelf.url("/slow")))
    faxes = [sent(world.northside, DocumentUrl(shelf.url("/quick")))[0] for _ in range(3)]
    stopping = threading.Event()
    told = {"kind": couriers.FETCHES, "stopping": stopping}
    runner = threading.Thread(target=carry_out, kwargs=told)
    begun = time.monotonic()
    runner.start()
    while RemoteDocument.rows.filter(fax__in=faxes).exists() and time.monotonic() - begun < 40:
        time.sleep(0.02)
    stopping.set()
    hung = [seen for seen in shelf.seen if seen.path == "/slow"]
    shelf.ended.set()
    runner.join()
    assert all(fresh(fax).pages == 2 for fax in faxes)
    assert len(hung) == fetch_documents.AT_ONCE_ACCOUNT


def test_who_dies_between_fetching_and_noting_it_leaves_that_to_the_next(
    world, work, shelf, monkeypatch
):
    (fax,) = sent(world.northside, DocumentUrl(shelf.url()))
    kept = stored_files()
    with monkeypatch.context() as dying:
        dying.setattr(fetch_documents, "_give", lambda *_: pytest.fail("dead"))
        dying.setattr("faxes.services.intake.drop", lambda _: None)  # the dead clear nothing up
        with pytest.raises(BaseException, match="dead"):
            fetch()
    assert len(stored_files()) == len(kept) + 1
    assert fetch() == 0, "somebody is at it still, for all that is known"
    work.pass_time(fetch_documents.LEASE + timedelta(seconds=1))
    assert fetch() == 1
    work.run_to_end()
    assert fresh(fax).state == FaxState.DELIVERED
    assert fax.attempts.count() == 1
    work.pass_time(timedelta(hours=2))
    erase_due()
    named = set(Document.rows.values_list("key", flat=True))
    assert stored_files() == named, "what nobody names is gone"


def test_who_comes_back_too_late_changes_nothing(world, work, shelf):
    (fax,) = sent(world.northside, DocumentUrl(shelf.url()))
    slow = fetch_documents.claim_next(clock.now())
    assert slow
    work.pass_time(fetch_documents.LEASE + timedelta(seconds=1))
    assert fetch() == 1
    assert not fetch_documents.deliver(slow)
    assert Document.rows.filter(fax=fax, role=DocumentRole.SOURCE).count() == 1


def test_of_a_fax_that_is_canceled_meanwhile_nothing_stays(world, work, shelf):
    (fax,) = sent(world.northside, DocumentUrl(shelf.url()))
    kept = stored_files()

    def behave(at: Handler) -> None:
        cancel_fax(world.northside.admin, fax_id=fax.pk)
        at.answer(200, PDF)

    shelf.behave = behave
    assert fetch() == 1
    work.run()
    assert fresh(fax).state == FaxState.CANCELED
    assert not RemoteDocument.rows.exists()
    assert stored_files() == kept
    assert not Document.rows.filter(fax=fax).exists()


def test_it_is_paid_for_once_its_pages_are_known_and_once(world, work, shelf):
    (fax,) = sent(world.northside, DocumentUrl(shelf.url()))
    charges = Charge.objects.across_tenants(why="each account on the path pays").filter(
        fax_id=fax.pk
    )
    assert not charges.exists()
    fetch()
    assert set(charges.values_list("pages", "settled_at")) == {(2, None)}
    counted = charges.count()
    work.run_to_end()
    assert charges.filter(settled_at__isnull=False).count() == counted


def test_a_limit_counts_once_the_pages_are_known(world, work, shelf):
    Limits.rows.update_or_create(account=world.northside.account, defaults={"pages_a_fax": 1})
    (fax,) = sent(world.northside, DocumentUrl(shelf.url()))
    kept = stored_files()
    assert fetch() == 1
    assert failed_with(fax) == (ErrorCode.LIMIT_PAGES_FAX, {"limit": 1})
    assert stored_files() == kept
    Limits.rows.update(pages_a_fax=0)
    with pytest.raises(InvalidRequest) as refused:
        sent(world.northside, DocumentUrl(shelf.url()))
    assert [each.code for each in refused.value.errors] == [ErrorCode.LIMIT_PAGES_FAX]
