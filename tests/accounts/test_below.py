"""A program of an account above, in one below: it administers, and opens no page of a fax."""

from dataclasses import replace
from uuid import uuid4

import pytest

from accounts.errors import AccountClosed, AccountSuspended, NotAllowed
from accounts.models import AuditEntry, Shared, Status
from accounts.roles import ALLOWED, Action, Role, Scope, actions_of
from accounts.services import sharing, support
from accounts.tenancy import actor_below
from faxes.errors import FaxNotFound
from faxes.models import Fax, Faxbox, Upload
from faxes.queries import broadcasts, faxes, uploads
from faxes.queries.faxes import FaxFilter
from faxes.queries.told import told_of
from faxes.services import export, pages, papers, preview, privacy, submit
from faxes.services.faxbox_terms import FaxboxTerms
from faxes.services.faxboxes import create_faxbox
from tests import papers as sheets

OPEN_PAGES = {
    "tiff": lambda a, fax: pages.fax_tiff(a, fax_id=fax.pk),
    "pdf": lambda a, fax: pages.fax_pdf(a, fax_id=fax.pk),
    "file": lambda a, fax: pages.fax_file(a, fax_id=fax.pk, form="tiff"),
    "document": lambda a, fax: pages.document_file(a, fax_id=fax.pk, document_id=uuid4()),
    "picture": lambda a, fax: pages.page_png(a, fax_id=fax.pk, page=1, width=96),
    "picture's name": lambda a, fax: pages.page_tag(a, fax_id=fax.pk, page=1, width=96),
    "report": lambda a, fax: papers.transmission_report(a, fax_id=fax.pk),
    "export": lambda a, _: export.request_export(a),
    "resend": lambda a, fax: submit.resend_fax(a, fax_id=fax.pk),
    "forward": lambda a, fax: submit.forward_fax(a, fax_id=fax.pk, to="+12025550100"),
    "strip": lambda a, fax: privacy.strip_fax(a, fax_id=fax.pk),
    "delete": lambda a, fax: privacy.delete_fax(a, fax_id=fax.pk),
    "broadcasts": lambda a, _: broadcasts.list_broadcasts(a),
    "broadcast": lambda a, _: broadcasts.broadcast_for(a, uuid4()),
    "recipients": lambda a, _: broadcasts.list_recipients(a, uuid4()),
    "words": lambda a, _: faxes.list_faxes(a, FaxFilter(q="secret")),
    "metadata": lambda a, _: faxes.list_faxes(a, FaxFilter(metadata={"case": "7"})),
}
# Everything of a fax that leads to its stored pages is here, but for what needs no fax to be found.
NAMED = {
    (pages, ("fax_tiff", "fax_pdf", "fax_file", "document_file", "page_tag", "page_png")),
    (papers, ("transmission_report",)),
}


@pytest.fixture
def fax(world, work, send):
    sent = send(world.northside, "+12025550100", subject="A secret", metadata={"case": "7"})
    work.run_to_end()
    return Fax.rows.get(pk=sent.pk)


def share(world, much):
    sharing.set_sharing(world.northside.admin, fax_records=much)


def below(world, place="harbor", **more):
    return actor_below(getattr(world, place).admin, world.northside.id, **more)


@pytest.mark.parametrize("opens", OPEN_PAGES)
def test_a_provider_opens_no_page_and_finds_out_nothing_of_what_is_on_it(world, fax, opens):
    share(world, Shared.FULL)
    with pytest.raises(NotAllowed):
        OPEN_PAGES[opens](below(world), fax)
    with pytest.raises(NotAllowed):
        OPEN_PAGES[opens](replace(below(world), user_id=None), fax)


def test_whatever_hands_out_pages_is_asked_above():
    for module, asked in NAMED:
        public = {
            name
            for name, made in vars(module).items()
            if getattr(made, "__module__", "") == module.__name__
            and not name.startswith("_")
            and callable(made)
        }
        rest = public - set(asked)
        # a receipt tells that something was erased, of a fax without pages
        assert rest <= {"FaxFile", "looked_at", "write_pdf", "Erased", "deletion_receipt"}, rest


def test_support_access_opens_pages_and_no_more_than_pages(world, fax):
    with pytest.raises(NotAllowed):
        below(world, pages=True)
    support.grant(world.northside.admin, hours=1)
    helper = below(world, pages=True)
    assert (helper.role, helper.on_behalf) == (Role.SUPPORT, "Harbor Communications")
    with pages.fax_tiff(helper, fax_id=fax.pk) as tiff:
        assert tiff.read(2) == b"II"
    seen = AuditEntry.objects.filter(account_id=world.northside.id, action="fax.download").get()
    assert (seen.actor, seen.on_behalf) == (helper.name, "Harbor Communications")
    for opens in ("resend", "forward", "strip", "delete"):
        with pytest.raises(NotAllowed):
            OPEN_PAGES[opens](helper, fax)
    support.end(world.northside.admin)
    with pytest.raises(NotAllowed):
        below(world, pages=True)


def test_of_a_fax_a_provider_is_told_what_the_account_shares(world, fax):
    found = faxes.list_faxes(below(world), FaxFilter()).faxes[0]
    told = told_of(below(world), found)
    assert (told.to_number, told.subject, told.document_name) == ("+1202•••0100", "", "")
    assert not told.metadata
    with pytest.raises(NotAllowed):
        faxes.list_faxes(below(world), FaxFilter(number="+12025550100"))
    share(world, Shared.FULL)
    told = told_of(below(world), found)
    assert (told.to_number, told.subject, told.sees_content) == ("+12025550100", "", False)
    detail = faxes.detail_for(below(world), fax.pk)
    assert (detail.documents, len(detail.attempts)) == ([], 1)
    share(world, Shared.NONE)
    with pytest.raises(NotAllowed):
        faxes.fax_for(below(world), fax.pk)
    assert told_of(world.northside.viewer, found).subject == "A secret"


def test_a_provider_sees_fax_machines_of_a_few_and_not_their_faxes(world, fax):
    Faxbox.rows.filter(pk=world.northside.faxbox.pk).update(restricted=True)
    for actor in (below(world), replace(below(world), user_id=None)):
        assert list(Faxbox.objects.visible_to(actor)) == [world.northside.faxbox]
        with pytest.raises(FaxNotFound):
            faxes.fax_for(actor, fax.pk)
        assert not faxes.list_faxes(actor, FaxFilter()).faxes


def test_no_upload_of_the_account_is_there_for_a_provider_of_it(world):
    made = preview.prepare_upload(
        world.northside.admin, documents=[sheets.incoming(sheets.pdf(1))], quality="fine"
    )
    for actor in (below(world), replace(below(world), user_id=None)):
        assert not uploads.live_uploads(actor).exists()
        with pytest.raises(FaxNotFound):
            preview.upload_page_png(actor, upload_id=made.pk, page=1, width=96)
    assert Upload.rows.filter(pk=made.pk).exists()


@pytest.mark.parametrize(
    ("who", "where"),
    [
        ("northside", "harbor"),
        ("northside", "lakeside"),
        ("harbor", "platform"),
        ("harbor", "summit"),
        ("harbor", "redwood"),
        ("summit", "northside"),
    ],
)
def test_nobody_reaches_upwards_or_sideways(world, who, where):
    with pytest.raises(NotAllowed):
        actor_below(getattr(world, who).admin, getattr(world, where).id)


def test_whoever_is_above_reaches_down_however_far_and_stays_who_they_are(world):
    for place in ("harbor", "platform"):
        home = getattr(world, place).admin
        there = below(world, place)
        assert (there.role, there.account_id) == (Role.PROVIDER, world.northside.id)
        assert (there.user_id, there.name, there.address) == (home.user_id, home.name, home.address)
        assert (there.home_id, there.on_behalf) == (
            home.account_id,
            getattr(world, place).account.name,
        )
        assert {each for each in Action if there.may(each)} == ALLOWED[Role.PROVIDER]
    viewer = world.northside.viewer
    assert actor_below(viewer, world.northside.id) is viewer, "at home they are who they are"
    with pytest.raises(NotAllowed):
        actor_below(world.harbor.admin, uuid4())
    with pytest.raises(NotAllowed):  # and not further from there
        actor_below(actor_below(world.platform.admin, world.harbor.id), world.northside.id)


def test_a_token_reaches_down_as_far_as_it_may_do_things_at_all(world):
    everything = replace(world.harbor.admin, only=actions_of(Scope))
    assert actor_below(everything, world.northside.id).may(Action.FAX_SEND)
    narrow = replace(world.harbor.admin, only=actions_of([Scope.ACCOUNT_ADMIN]))
    assert not actor_below(narrow, world.northside.id).may(Action.FAX_SEND)
    with pytest.raises(NotAllowed):
        actor_below(replace(narrow, only=actions_of([Scope.FAXES_READ])), world.northside.id)
    for role in (Role.MEMBER, Role.VIEWER, Role.SUPPORT, Role.SYSTEM):
        with pytest.raises(NotAllowed):
            actor_below(replace(world.harbor.admin, role=role), world.northside.id)


def test_a_suspended_account_is_administered_but_nothing_is_sent_from_it(world, send):
    account = world.northside.account
    account.status = Status.SUSPENDED
    account.save()
    made = create_faxbox(below(world), terms=FaxboxTerms(name="Back office"))
    entry = AuditEntry.objects.get(object_id=made.pk)
    assert entry.account_id == world.northside.id
    assert (entry.actor, entry.on_behalf) == (world.harbor.admin.name, "Harbor Communications")
    with pytest.raises(AccountSuspended):
        submit.submit_fax(below(world), request=submit.FaxRequest("+12025550100"), origin="test")
    account.status = Status.CLOSED
    account.save()
    with pytest.raises(AccountClosed):
        below(world)


def test_looking_at_fax_records_is_on_record_once_in_a_while(world):
    for _ in range(2):
        sharing.record_provider_look(below(world))
        sharing.record_provider_look(world.northside.admin)
    looked = AuditEntry.objects.get(action="sharing.look")
    assert (looked.account_id, looked.actor) == (world.northside.id, world.harbor.admin.name)
