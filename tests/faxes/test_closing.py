"""A closed account takes its data along, waits, and is erased until only its books are left."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.db import connection

from accounts import clock
from accounts.errors import AccountNotFound, TenantErased
from accounts.models import (
    Account,
    AuditEntry,
    Billing,
    Brand,
    Credential,
    Invitation,
    Kind,
    LedgerEntry,
    Status,
    User,
)
from accounts.roles import Role
from accounts.services import audit, invitations, leaving, tenants
from accounts.services.tokens import authenticate_token
from faxes import jobs, vault
from faxes.enums import FaxState, Outcome
from faxes.errors import FaxNotFound
from faxes.models import Carrier, Document, Export, ExportPart, Fax, Number, WindUp
from faxes.services import closing, erasure, export, preview, privacy, sweep
from tests import papers
from tests.accounts.money import actor_of, bill, plan_by, provider_of
from tests.stored import stored_files

MONTH = timedelta(days=30)
MARK = "Zanzibarium"
# Who is of another account too stays there.
OF_THE_VIEWER = {"accounts_membership.user_id", "accounts_signindigest.user_id", "accounts_user.id"}


@pytest.fixture
def harbor(world):
    return provider_of(world.northside.account)


@pytest.fixture
def lived_in(world, work, send, harbor):
    """Northside Clinic, billed, with faxes out and in, a preview and an invitation."""
    bill(world.northside.account, balance=10_000_000)
    send(world.northside, world.lakeside.number, pages=2, subject=MARK, cover="plain")
    send(world.lakeside, world.northside.number)
    send(world.northside, "+12025550108", message=MARK, cover="plain")
    work.run_to_end()
    preview.prepare_upload(
        world.northside.admin, documents=[papers.incoming(papers.pdf())], quality="fine"
    )
    invitations.invite(world.northside.admin, email=f"{MARK}@x.example", role=Role.MEMBER)
    world.northside.people["viewer"].memberships.create(
        account=world.redwood.account, role="viewer"
    )
    work.run()
    return world.northside


def unzip(tenant):
    """All files of the current export, by name."""
    found = {}
    for part in ExportPart.rows.filter(account=tenant.account).order_by("position"):
        with vault.open_stored(part.key) as file, zipfile.ZipFile(file) as archive:
            assert archive.testzip() is None
            for name in archive.namelist():
                assert name not in found
                found[name] = archive.read(name)
    return found


def of_faxes(files):
    """The files that are the pages of a fax; what faxes were made of lies in folders beside."""
    return [name for name in files if name.endswith(".pdf") and name.count("/") == 2]


def content_left(tenant):
    """Where rows still refer to an account or its people, or hold the marker, but for the books."""
    keys = {tenant.account.pk} | {each.pk for each in tenant.people.values()}
    hexes = {f"%{key.hex}%" for key in keys} | {f"%{key}%" for key in keys} | {f"%{MARK}%"}
    books = {model._meta.db_table for model in closing.KEPT}
    books |= {"accounts_account", "accounts_auditentry", "accounts_audithead"}
    found = set()
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            if table in books:
                continue
            for column in (field.column for field in model._meta.local_concrete_fields):
                for pattern in hexes:
                    cursor.execute(
                        f'SELECT count(*) FROM "{table}" WHERE CAST("{column}" AS text) LIKE %s',  # noqa: S608
                        [pattern],
                    )
                    if cursor.fetchone()[0]:
                        found.add(f"{table}.{column}")
    return found


def test_what_waits_is_canceled_tokens_end_and_nothing_arrives(world, work, send, harbor):
    later = clock.now() + timedelta(days=2)
    waiting = send(world.northside, "+12025550100", send_at=later.isoformat())
    work.run()
    token = next(each for each in world.demo["accounts"] if each["realm"] == "northside.example")[
        "api_token"
    ]
    invitations.invite(world.northside.admin, email="x@x.example", role=Role.MEMBER)
    tenants.close(harbor, account_id=world.northside.id)
    sweep.sweep()
    work.run()
    assert Fax.rows.get(pk=waiting.pk).state == FaxState.CANCELED
    assert authenticate_token(token, address="192.0.2.1") is None
    assert not Credential.objects.filter(
        account=world.northside.account, revoked_at__isnull=True
    ).exists()
    assert Invitation.objects.get().withdrawn_at is not None
    to_closed = send(world.lakeside, world.northside.number)
    work.run_to_end()
    assert Fax.rows.get(pk=to_closed.pk).outcome == Outcome.DIAL_FAILED
    assert Fax.objects.for_account(world.northside.id).count() == 1


def test_a_call_that_was_placed_before_still_arrives(world, work, send, harbor):
    fax = send(world.lakeside, world.northside.number)
    work.run_jobs()
    tenants.close(harbor, account_id=world.northside.id)
    work.run_to_end()
    assert Fax.rows.get(pk=fax.pk).state == FaxState.DELIVERED
    assert Fax.objects.for_account(world.northside.id).get().state == FaxState.RECEIVED


def test_reopened_in_time_it_is_as_it_was(world, work, lived_in, harbor):
    before = Fax.objects.for_account(lived_in.id).count(), stored_files()
    tenants.close(harbor, account_id=lived_in.id)
    work.pass_time(MONTH - timedelta(hours=1))
    tenants.reopen(harbor, account_id=lived_in.id)
    work.pass_time(MONTH)
    assert Fax.objects.for_account(lived_in.id).count() == before[0]
    documents = set(Document.rows.values_list("key", flat=True))
    assert documents <= stored_files()


def test_an_export_holds_every_fax_and_the_records(world, work, lived_in):
    export.request_export(lived_in.admin)
    assert export.request_export(lived_in.admin).pk == Export.rows.get().pk
    work.run()
    done, parts = export.current_export(lived_in.admin) or (None, [])
    assert done is not None
    assert (done.faxes_done, len(parts)) == (3, 1)
    assert done.ready_at
    files = unzip(lived_in)
    rows = list(csv.DictReader(io.StringIO(files["faxes.csv"].decode())))
    told = json.loads(files["faxes.json"])
    assert [row["id"] for row in rows] == [each["id"] for each in told]
    assert {row["document"] for row in rows} == set(of_faxes(files))
    assert all(files[row["document"]].startswith(b"%PDF-") for row in rows)
    assert sum(row["subject"] == MARK for row in rows) == 1
    assert {row["from_number"][:2] for row in rows} == {"'+"}, "no spreadsheet takes it for a sum"
    assert files["attempts.csv"].count(b"\n") > 2
    assert b"top_up" in files["ledger.csv"]
    assert b"account.export" in files["audit.csv"]
    assert world.lakeside.id.hex.encode() not in b"".join(files.values())


def test_a_large_export_is_packed_a_portion_at_a_time_by_whoever_lives(
    world, work, lived_in, monkeypatch
):
    monkeypatch.setattr(export, "PORTION_SECONDS", 0.0)
    packing = export._packed
    deaths = iter([True, False, True, False])

    def dies_now_and_then(*args):
        packed = packing(*args)
        if next(deaths, False):
            raise MemoryError
        return packed

    monkeypatch.setattr(export, "_packed", dies_now_and_then)
    export.request_export(lived_in.admin)
    for _ in range(8):
        try:
            work.run()
            work.pass_time(export.LEASE + timedelta(seconds=30))
        except MemoryError:
            work.pass_time(timedelta(0))
    assert Export.rows.get().ready_at
    files = unzip(lived_in)
    assert len(of_faxes(files)) == 3
    assert len(json.loads(files["faxes.json"])) == 3


def test_parts_are_of_a_size_and_a_fax_that_cannot_be_read_stops_nothing(
    world, work, lived_in, monkeypatch
):
    monkeypatch.setattr(export, "PART_BYTES", 1)
    gone = Document.rows.filter(account=lived_in.account, role="rendered").earliest("pk")
    vault.destroy(gone.key)
    export.request_export(lived_in.admin)
    work.run()
    made = Export.rows.get()
    assert made.unreadable == [str(gone.fax_id)]
    assert made.parts.count() >= 2
    files = unzip(lived_in)
    assert len(of_faxes(files)) == 2
    by_id = {each["id"]: each["document"] for each in json.loads(files["faxes.json"])}
    assert by_id[str(gone.fax_id)] == ""


def test_an_export_goes_after_a_week_and_another_accounts_is_not_there(world, work, lived_in):
    made = export.request_export(lived_in.admin)
    work.run()
    part = export.open_part(lived_in.admin, export_id=made.pk, position=1)
    with part.file:
        assert len(part.file.read()) == part.size
    with pytest.raises(FaxNotFound):
        export.open_part(world.lakeside.admin, export_id=made.pk, position=1)
    key = ExportPart.rows.get().key
    work.pass_time(export.KEPT_FOR + timedelta(minutes=1))
    assert export.current_export(lived_in.admin) is None
    assert key not in stored_files()


def erase(world, work, harbor):
    tenants.close(harbor, account_id=world.northside.id)
    export.request_export(world.northside.admin)
    work.run()
    work.pass_time(MONTH + timedelta(minutes=1))
    work.pass_time(timedelta(minutes=3))


def test_after_its_time_nothing_is_left_of_it_but_its_books(world, work, lived_in, harbor):
    entries = LedgerEntry.objects.for_account(lived_in.id).count()
    numbers = [lived_in.number]
    erase(world, work, harbor)
    account = Account.objects.get(pk=lived_in.id)
    assert (account.status, account.name) == (Status.ERASED, "")
    assert "northside" not in account.realm
    assert content_left(lived_in) == OF_THE_VIEWER
    assert not [key for key in stored_files() if lived_in.id.hex in key]
    assert {Number.rows.get(e164=each).account_id for each in numbers} == {harbor.account_id}
    assert Number.rows.get(e164=numbers[0]).faxbox_id is None
    assert LedgerEntry.objects.for_account(lived_in.id).count() == entries
    for chain in (lived_in.id, harbor.account_id):
        assert audit.verify(chain) is None
        assert AuditEntry.objects.filter(account_id=chain, action="tenant.erase").count() == 1
    assert User.objects.filter(email="viewer@northside.example").exists()
    assert not WindUp.rows.exists()
    with pytest.raises(AccountNotFound):
        tenants.reopen(harbor, account_id=lived_in.id)
    others = Fax.objects.for_account(world.lakeside.id)
    assert others.count() == 2, "what the other side sent and received is its own"


def test_once_its_time_has_come_it_is_not_reopened(world, work, lived_in, harbor, monkeypatch):
    tenants.close(harbor, account_id=lived_in.id)
    monkeypatch.setattr(closing, "_erased", lambda *_: False)
    work.pass_time(MONTH + timedelta(minutes=1))
    with pytest.raises(TenantErased):
        tenants.reopen(harbor, account_id=lived_in.id)


def test_a_reseller_goes_after_those_below_it_with_its_pool_plans_and_brand(world, work, harbor):
    sub = tenants.create_tenant(harbor, name="Sub", kind=Kind.RESELLER)
    leaf = tenants.create_tenant(harbor, name="Leaf", parent_id=sub.pk)
    seller = actor_of(sub)
    bill(leaf, plan=plan_by(seller))
    Brand.rows.create(account=sub, product_name=MARK)
    site = Number.rows.get(e164=world.northside.number).carrier
    own = Carrier.objects.create(account=sub, kind=site.kind, name=MARK)
    for e164, carrier in (("+12025550180", site), ("+12025550181", own)):
        Number.rows.create(account=sub, e164=e164, carrier=carrier)
    tenants.close(harbor, account_id=leaf.pk)
    tenants.close(harbor, account_id=sub.pk)
    later = timedelta(days=1)
    Account.objects.filter(pk=leaf.pk).update(erase_at=clock.now() + MONTH + later)
    work.pass_time(MONTH + timedelta(minutes=1))
    assert Account.objects.get(pk=sub.pk).status == Status.CLOSED, "it waits for the one below"
    work.pass_time(later)
    work.pass_time(timedelta(minutes=3))
    for account in (sub, leaf):
        assert Account.objects.get(pk=account.pk).status == Status.ERASED
    assert not Brand.rows.filter(account=sub).exists()
    assert not Carrier.objects.filter(account=sub).exists()
    assert Number.rows.get(e164="+12025550180").account_id == harbor.account_id
    assert not Number.rows.filter(e164="+12025550181").exists(), "it went with its carrier"
    assert Billing.objects.for_account(leaf.pk).get().plan.account_id == sub.pk, "of the books"


class Died(BaseException):
    """The process is gone: nobody catches that."""


def mortal(act, name, deaths):
    """Dies the first time before it acts, the second time after that, and then no more."""

    def acts(*args, **more):
        told = sum(each == name for each in deaths)
        if told == 0:
            deaths.append(name)
            raise Died
        done = act(*args, **more)
        if told == 1:
            deaths.append(name)
            raise Died
        return done

    return acts


def test_a_process_that_dies_while_erasing_is_followed_by_one_that_ends_it(
    world, work, lived_in, harbor, monkeypatch
):
    """It dies before each step, and once more right after it."""
    tenants.close(harbor, account_id=lived_in.id)
    export.request_export(lived_in.admin)
    work.run()
    steps = [
        (privacy, "remove"), (closing, "_remove_files"), (leaving, "remove_people"),
        (closing, "_return_numbers"), (closing, "_removed"), (closing, "_empty_storage"),
        (vault, "destroy"), (leaving, "entomb"), (erasure, "scrub"),
    ]  # fmt: skip
    deaths: list[str] = []
    for place, name in steps:
        monkeypatch.setattr(place, name, mortal(getattr(place, name), name, deaths))
    with time_machine.travel(clock.now() + MONTH + timedelta(minutes=1), tick=True):
        for _ in range(4 * len(steps)):
            try:
                closing.wind_up(lived_in.id)
            except Died:
                continue
    assert set(deaths) == {name for _place, name in steps}
    assert len(deaths) >= 2 * len(steps) - 1, "cleaning up after the end is not made up for"
    assert Account.objects.get(pk=lived_in.id).status == Status.ERASED
    assert content_left(lived_in) == OF_THE_VIEWER
    assert not [key for key in stored_files() if lived_in.id.hex in key]


def test_every_table_that_refers_to_an_account_is_emptied_or_kept_on_purpose(world):
    """What is added later is removed by itself; what must outlast an account is named."""
    tables = {rows.model for rows in closing.rows_of(world.northside.account)}
    assert tables >= closing.KEPT
    assert {Fax, Document, Export, WindUp, Credential} <= tables
    assert jobs.JOBS["wind_up"] == "faxes.tasks.wind_up"
