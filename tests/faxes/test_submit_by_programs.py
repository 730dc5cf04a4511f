"""What programs ask for besides: numbers to send from, metadata, whom to tell, mixed documents."""

import threading
from collections.abc import Iterator
from datetime import UTC, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import ClassVar

import pytest

from accounts import clock
from accounts.models import AuditEntry
from accounts.roles import Role
from accounts.scoping import Actor
from faxes.enums import DocumentRole, ErrorCode
from faxes.errors import FaxNotFound, InvalidRequest
from faxes.models import Fax, FaxMetadata, Number, Upload
from faxes.queries.faxes import batch_of
from faxes.services import remote_documents
from faxes.services.faxbox_terms import FaxboxTerms
from faxes.services.faxboxes import create_faxbox
from faxes.services.preview import prepare_upload
from faxes.services.privacy import delete_fax
from faxes.services.remote_documents import DocumentUrl
from faxes.services.submit import FaxRequest, forward_fax, resend_fax, submit_fax
from faxes.services.uploads import UploadRef
from tests import papers
from tests.stored import stored_files

TO, OTHER = "+12025550100", "+12025550101"
LETTER = (papers.pdf(2), "letter.pdf")
EXTRAS = {
    "metadata": {"case": "17", "ward": "3"},
    "webhook_url": "https://example.com/told?of=fax",
    "notify": ["ward@example.com", "front@example.com"],
    "keep_documents": False,
}


def request(*documents, to=TO, **fields):
    return FaxRequest(to=to, documents=documents or [papers.incoming(*LETTER)], **fields)


def sent(actor, wanted):
    return submit_fax(actor, request=wanted, origin="test")


def refused(actor, wanted):
    before = (Fax.rows.count(), stored_files())
    with pytest.raises(InvalidRequest) as error:
        sent(actor, wanted)
    assert (Fax.rows.count(), stored_files()) == before
    return {(each.field, each.code) for each in error.value.errors}


def token_of(tenant):
    """The account's own token: nobody made it."""
    return Actor(account_id=tenant.id, role=Role.ADMIN, name="token", via="api")


def uploaded(actor, content=LETTER, quality="fine"):
    return prepare_upload(actor, documents=[papers.incoming(*content)], quality=quality)


def names(fax, role=DocumentRole.SOURCE):
    return [each.name for each in fax.documents.filter(role=role).order_by("position")]


def another_number(tenant, e164="+12025550123", **fields):
    carrier = Number.rows.get(e164=tenant.number).carrier
    wanted = {"faxbox": tenant.faxbox, **fields}
    return Number.rows.create(account=tenant.account, e164=e164, carrier=carrier, **wanted).e164


def test_a_fax_goes_from_the_number_asked_for(world, work):
    second = another_number(world.northside)
    (fax,) = sent(world.northside.admin, request(from_number="(202) 555-0123"))
    assert (fax.from_number, fax.faxbox) == (second, world.northside.faxbox)


def test_a_number_that_is_not_ours_to_send_from_is_refused(world, work):
    in_the_pool = another_number(world.northside, faxbox=None)
    for number in (world.lakeside.number, in_the_pool, "nonsense"):
        assert refused(world.northside.admin, request(from_number=number)) == {
            ("from", ErrorCode.FROM_NUMBER_NOT_YOURS)
        }


def test_what_programs_hang_on_a_fax_is_kept_with_it_and_found_by_metadata(world, work):
    faxes = sent(world.northside.admin, request(to=f"{TO}, {OTHER}", **EXTRAS))
    for fax in Fax.rows.filter(pk__in=[fax.pk for fax in faxes]):
        kept = {name: getattr(fax, name) for name in EXTRAS}
        assert kept == EXTRAS
        pairs = FaxMetadata.rows.filter(fax=fax, account=world.northside.account)
        assert dict(pairs.values_list("key", "value")) == EXTRAS["metadata"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"metadata": {"k" * 41: "v"}}, ("metadata", ErrorCode.METADATA_INVALID)),
        ({"metadata": {"k": "v" * 501}}, ("metadata", ErrorCode.METADATA_INVALID)),
        ({"metadata": {"": "v"}}, ("metadata", ErrorCode.METADATA_INVALID)),
        ({"metadata": {"k": "a\x00b"}}, ("metadata", ErrorCode.METADATA_INVALID)),
        ({"metadata": {"k": 1}}, ("metadata", ErrorCode.METADATA_INVALID)),
        ({"metadata": {str(n): "" for n in range(51)}}, ("metadata", ErrorCode.METADATA_INVALID)),
        ({"webhook_url": "ftp://example.com/"}, ("webhook_url", ErrorCode.URL_INVALID)),
        ({"webhook_url": "//example.com/"}, ("webhook_url", ErrorCode.URL_INVALID)),
        ({"webhook_url": "https://me:pw@example.com/"}, ("webhook_url", ErrorCode.URL_INVALID)),
        ({"webhook_url": f"https://a.com/{'x' * 500}"}, ("webhook_url", ErrorCode.URL_INVALID)),
        ({"notify": ["nobody"]}, ("notify", ErrorCode.EMAIL_INVALID)),
        (
            {"notify": [f"{n}@example.com" for n in range(11)]},
            ("notify", ErrorCode.NOTIFY_TOO_MANY),
        ),
    ],
)
def test_what_is_wrong_with_them_is_told_beside_its_field(world, work, fields, wrong):
    assert refused(world.northside.admin, request(**fields)) == {wrong}


def test_a_time_with_its_zone_is_taken_as_it_is(world, work):
    moment = (clock.now() + timedelta(hours=5)).replace(microsecond=0).astimezone(UTC)
    for written in (moment.strftime("%Y-%m-%dT%H:%M:%SZ"), moment.isoformat()):
        (fax,) = sent(world.redwood.admin, request(send_at=written))
        assert fax.send_at == moment


def test_uploads_and_files_go_mixed_in_their_order(world, work):
    actor = world.northside.admin
    first, second = uploaded(actor), uploaded(actor, (papers.png(), "photo.png"))
    words = papers.incoming(b"Words\n", "words.txt")
    wanted = request(UploadRef(str(second.pk)), words, UploadRef(str(first.pk)))
    (fax,) = sent(actor, wanted)
    assert names(fax) == ["photo.png", "words.txt", "letter.pdf"]
    assert fax.pages == 4
    assert not Upload.rows.exists()
    work.run_to_end()
    fax.refresh_from_db()
    assert (fax.state, fax.pages) == ("delivered", 4)
    assert stored_files() == set(fax.documents.values_list("key", flat=True))


def test_an_upload_alone_goes_as_it_was_made_ready(world, work):
    actor = token_of(world.northside)
    upload = uploaded(actor)
    (fax,) = sent(actor, request(UploadRef(str(upload.pk))))
    assert fax.documents.get(role=DocumentRole.RENDERED).key == upload.rendered["key"]
    assert refused(actor, request(UploadRef(str(upload.pk)))) == {
        ("documents", ErrorCode.UPLOAD_NOT_FOUND)
    }


def test_an_upload_is_found_by_its_maker_and_by_the_accounts_own_token(world, work):
    upload = UploadRef(str(uploaded(world.northside.member).pk))
    for stranger in (world.northside.admin, token_of(world.lakeside)):
        assert refused(stranger, request(upload)) == {("documents", ErrorCode.UPLOAD_NOT_FOUND)}
    assert sent(token_of(world.northside), request(upload))


def test_uploads_and_files_have_no_more_pages_together_than_a_fax_may_have(world, work, settings):
    settings.MAX_PAGES = 3
    upload = uploaded(world.northside.admin)
    wanted = request(papers.incoming(*LETTER), UploadRef(str(upload.pk)))
    assert refused(world.northside.admin, wanted) == {
        ("documents", ErrorCode.DOCUMENT_TOO_MANY_PAGES)
    }


def test_a_fax_sent_again_keeps_what_hangs_on_it_and_one_forwarded_has_its_own(world, work):
    actor = world.northside.admin
    (fax,) = sent(actor, request(**{**EXTRAS, "keep_documents": True}))
    work.run_to_end()
    again = resend_fax(actor, fax_id=fax.pk)
    (on,) = forward_fax(actor, fax_id=fax.pk, to=OTHER, metadata={"case": "18"})
    assert (again.metadata, again.webhook_url, again.notify) == (
        EXTRAS["metadata"],
        EXTRAS["webhook_url"],
        EXTRAS["notify"],
    )
    assert (on.metadata, on.webhook_url, on.notify) == ({"case": "18"}, "", [])
    assert FaxMetadata.rows.filter(fax__in=[again, on]).count() == 3
    with pytest.raises(InvalidRequest):
        forward_fax(actor, fax_id=fax.pk, to=OTHER, notify=["nobody"])


def test_the_first_entry_of_a_submission_names_one_of_its_faxes_and_that_leads_to_all(world, work):
    actor = world.northside.admin
    entries = AuditEntry.objects.filter(account_id=world.northside.id).order_by("number")
    before = entries.count()
    faxes = sent(actor, request(to=f"{TO}, {OTHER}"))
    entry = entries[before]
    assert (entry.object_type, entry.action) == ("fax", "fax.send")
    assert entry.object_id is not None
    assert batch_of(actor, entry.object_id) == faxes
    with pytest.raises(FaxNotFound):
        batch_of(world.lakeside.admin, entry.object_id)


class Shelf(BaseHTTPRequestHandler):
    """Documents at web addresses."""

    held: ClassVar[threading.Event] = threading.Event()

    def do_GET(self) -> None:
        if self.path.startswith("/gone"):
            self.send_error(404)
            return
        self.send_response(200)
        if self.path.startswith("/told"):
            name = "attachment; filename*=UTF-8''..%2F%C3%9Cbersicht.pdf"
            self.send_header("Content-Disposition", name)
        if self.path.startswith("/odd"):
            self.send_header("Content-Disposition", "attachment; filename*=idna''%FF")
        self.send_header("Content-Length", str(len(LETTER[0])))
        self.end_headers()
        self.wfile.write(LETTER[0])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def shelf(settings) -> Iterator[str]:
    settings.FETCH_ALLOW = (ip_network("127.0.0.0/8"),)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shelf)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_documents_at_web_addresses_are_fetched_and_named(world, work, shelf):
    wanted = request(
        DocumentUrl(f"{shelf}/told"),
        papers.incoming(b"Words\n", "words.txt"),
        DocumentUrl(f"{shelf}/papers/the%20letter.pdf?of=today"),
    )
    (fax,) = sent(world.northside.admin, wanted)
    assert names(fax) == ["Übersicht.pdf", "words.txt", "the letter.pdf"]
    assert fax.pages == 5


def test_a_name_that_nobody_can_read_is_that_of_the_address(world, work, shelf):
    (fax,) = sent(world.northside.admin, request(DocumentUrl(f"{shelf}/odd.pdf")))
    assert names(fax) == ["odd.pdf"]


def test_an_address_without_a_document_is_told_beside_the_documents(world, work, shelf, settings):
    actor = world.northside.admin
    gone = request(DocumentUrl(f"{shelf}/gone"))
    assert refused(actor, gone) == {("documents", ErrorCode.URL_REFUSED)}
    settings.MAX_UPLOAD_BYTES = 100
    large = request(DocumentUrl(f"{shelf}/told"))
    assert refused(actor, large) == {("documents", ErrorCode.URL_TOO_LARGE)}
    settings.FETCH_ALLOW = ()
    assert refused(actor, large) == {("documents", ErrorCode.URL_NOT_ALLOWED)}


def test_nothing_is_fetched_for_a_request_that_is_wrong_or_when_too_many_fetch(world, work, shelf):
    actor, there = world.northside.admin, DocumentUrl(f"{shelf}/told")
    assert refused(actor, request(DocumentUrl(f"{shelf}/gone"), to="abc")) == {
        ("to", ErrorCode.NUMBER_INVALID)
    }
    with remote_documents._fetching, remote_documents._fetching:
        assert refused(actor, request(there)) == {("documents", ErrorCode.FETCH_BUSY)}
    with remote_documents._choosing:
        remote_documents._fetching_for.add(actor.account_id)  # its own fetch is under way
    try:
        assert refused(actor, request(there)) == {("documents", ErrorCode.FETCH_BUSY)}
        assert sent(world.lakeside.admin, request(there)), "others fetch beside it"
    finally:
        remote_documents._fetching_for.clear()
    assert sent(actor, request(there))


def test_a_deleted_fax_is_found_by_its_metadata_no_more(world, work):
    actor = world.northside.admin
    (fax,) = sent(actor, request(metadata={"case": "17"}))
    work.run_to_end()
    delete_fax(actor, fax_id=fax.pk)
    assert not FaxMetadata.rows.exists()


def test_a_machine_without_a_number_changes_nothing_for_who_names_none(world, work):
    before = sent(world.northside.admin, request())[0]
    create_faxbox(world.northside.admin, terms=FaxboxTerms(name="Aardvark"))
    (fax,) = sent(world.northside.admin, request())
    assert (fax.faxbox_id, fax.from_number) == (before.faxbox_id, before.from_number)
