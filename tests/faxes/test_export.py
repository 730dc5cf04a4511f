"""What an export holds, what it must not hold any longer, and that it is made whatever happens."""

import hashlib
import json
import shutil
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core import mail

from accounts import clock
from accounts.models import AuditEntry
from accounts.services import tenants
from accounts.services.retention_bounds import Kept
from faxes.enums import Direction
from faxes.errors import CannotOpen, NumberError
from faxes.models import BroadcastRecipient, Contact, Document, Export, ExportPart, Fax, FaxNote
from faxes.services import export, legal_holds, privacy
from faxes.services.broadcasts import delete_broadcast
from faxes.services.filing import add_note
from faxes.services.recipients import RecipientRequest
from faxes.services.retention import set_rules
from tests.accounts.money import provider_of
from tests.faxes.test_closing import of_faxes, unzip
from tests.faxes.to_many import begin
from tests.stored import stored_files

OTHER = "+12025550100"
MARK = "Zanzibarium"


@pytest.fixture
def faxed(world, work, send):
    """Northside Clinic with three faxes."""
    send(world.northside, OTHER, subject=f"{MARK} one")
    send(world.northside, "+12025550108", subject=f"{MARK} two")
    send(world.lakeside, world.northside.number)
    work.run_to_end()
    return world.northside


def faxes(tenant):
    return list(Fax.objects.for_account(tenant.id).order_by("pk"))


def packed(tenant, work, **of):
    made = export.request_export(tenant.admin, **of)
    work.run()
    return Export.rows.get(pk=made.pk)


def test_it_holds_what_was_brought_how_it_is_set_up_and_the_sum_of_each_file(faxed, work):
    packed(faxed, work)
    files = unzip(faxed)
    brought = Document.rows.filter(account=faxed.account, role="source")
    sums = {hashlib.sha256(data).hexdigest(): name for name, data in files.items()}
    assert {each.sha256 for each in brought} <= set(sums)
    told = json.loads(files["settings.json"])
    assert told["account"]["name"] == faxed.account.name
    assert faxed.number in {each["e164"] for each in told["numbers"]}
    assert {each["email"] for each in told["people"]} >= {faxed.people["admin"].email}
    assert "digest" not in files["settings.json"].decode()
    assert b"queued" in files["fax_events.csv"]
    lines = files.pop("SHA256SUMS-1.txt").decode().splitlines()
    assert {tuple(line.split("  ", 1)) for line in lines} == {
        (hashlib.sha256(data).hexdigest(), name) for name, data in files.items()
    }


def test_it_holds_for_how_long_faxes_are_kept_and_what_is_held_but_nothing_of_later(
    faxed, work, send
):
    export.request_export(faxed.admin)
    set_rules(faxed.admin, chosen={Direction.INBOUND: Kept(30, 90)}, sure=True)
    first, later = faxes(faxed)[0], send(faxed, OTHER)
    legal_holds.place(faxed.admin, reason="Claim 18", fax_id=later.pk)
    work.run_to_end()
    legal_holds.place(faxed.admin, reason="Claim 17", fax_id=first.pk)
    files = unzip(faxed)
    assert str(later.pk).encode() not in b"".join(files.values())
    packed(faxed, work)
    files = unzip(faxed)
    assert b"Claim 17" in files["legal_holds.csv"]
    (rule,) = (
        each
        for each in json.loads(files["settings.json"])["retention_rules"]
        if each["direction"] == "inbound"
    )
    assert (rule["faxbox_id"], rule["pages_days"], rule["record_days"]) == (None, 30, 90)


def test_how_far_it_is_counts_what_is_still_there(faxed, work, monkeypatch):
    made = packed(faxed, work)
    privacy.delete_fax(faxed.admin, fax_id=faxes(faxed)[1].pk)
    work.pass_time(timedelta(minutes=2))
    made.refresh_from_db()
    assert (made.faxes, made.faxes_done) == (2, 2)


def test_a_list_that_is_deleted_goes_from_an_export_that_is_ready(faxed, work, monkeypatch):
    many = begin(faxed, [RecipientRequest(OTHER, "Quetzalcoatl Roe")])
    work.run_to_end()
    made = packed(faxed, work)
    assert b"Quetzalcoatl" in unzip(faxed)["broadcast_recipients.csv"]
    key = made.parts.get().key
    delete_broadcast(faxed.admin, broadcast_id=many.pk)
    assert key not in stored_files()
    work.pass_time(timedelta(minutes=2))
    assert b"Quetzalcoatl" not in b"".join(unzip(faxed).values())


@pytest.mark.parametrize("how", [privacy.delete_fax, privacy.strip_fax])
def test_a_fax_that_goes_goes_from_the_export_and_the_rest_is_packed_anew(
    faxed, work, monkeypatch, how
):
    monkeypatch.setattr(export, "PART_BYTES", 1)  # each fax in a file of its own
    made = packed(faxed, work)
    keys = dict(ExportPart.rows.filter(export=made).values_list("position", "key"))
    second = faxes(faxed)[1]
    how(faxed.admin, fax_id=second.pk)
    left = stored_files()
    assert keys[1] in left
    assert not {key for position, key in keys.items() if position > 1} & left
    assert Export.rows.get().ready_at is None
    work.pass_time(timedelta(minutes=2))
    again = Export.rows.get()
    assert again.ready_at
    assert again.rebuilt_at
    files = unzip(faxed)
    assert len(of_faxes(files)) == 2
    assert b"".join(files.values()).count(second.subject.encode()) == 0
    assert keys[1] == again.parts.get(position=1).key


def test_a_fax_that_goes_while_it_is_being_packed_is_not_in_it(faxed, work, monkeypatch):
    packing, second = export._packed, faxes(faxed)[1]

    def while_packing(*args):
        done = packing(*args)
        if Fax.rows.filter(pk=second.pk).exists():
            privacy.delete_fax(faxed.admin, fax_id=second.pk)
        return done

    monkeypatch.setattr(export, "_packed", while_packing)
    export.request_export(faxed.admin)
    work.run()
    assert not ExportPart.rows.exists(), "what was packed with it is thrown away"
    work.pass_time(export.LEASE)
    assert Export.rows.get().ready_at
    assert second.pk.hex[-12:] not in "".join(unzip(faxed))


def test_a_fax_stripped_while_it_is_being_packed_is_found_whatever_the_clocks_say(
    faxed, work, monkeypatch
):
    packing, second, real = export._packed, faxes(faxed)[1], clock.now

    def while_packing(*args):
        done = packing(*args)
        with monkeypatch.context() as behind:  # on another machine
            behind.setattr(clock, "now", lambda: real() - export.LEASE - timedelta(seconds=2))
            privacy.strip_fax(faxed.admin, fax_id=second.pk)
        monkeypatch.setattr(export, "_packed", packing)
        return done

    monkeypatch.setattr(export, "_packed", while_packing)
    export.request_export(faxed.admin)
    work.run()
    assert not ExportPart.rows.exists(), "what was packed with it is thrown away"
    work.pass_time(export.LEASE)
    assert Export.rows.get().ready_at
    files = unzip(faxed)
    assert len(of_faxes(files)) == 2
    assert second.pk.hex[-12:] not in "".join(files)


def test_nothing_of_a_fax_that_came_later_is_in_one_that_is_packed_anew(faxed, work, send):
    old, kept, _came = faxes(faxed)
    begin(faxed, [OTHER], name="Before")
    packed(faxed, work)
    later = send(faxed, OTHER, subject="Later")
    begin(faxed, ["+12025550108"], name="After")
    work.run_to_end()
    for fax, text in ((kept, "kept note"), (later, "later note")):
        add_note(faxed.admin, fax_id=fax.pk, text=text)
    privacy.delete_fax(faxed.admin, fax_id=old.pk)
    work.pass_time(timedelta(minutes=2))
    assert Export.rows.get().rebuilt_at
    privacy.delete_fax(faxed.admin, fax_id=later.pk)
    assert Export.rows.get().ready_at, "that one was not in it"
    files = unzip(faxed)
    lists = {name: files[name].decode() for name in files if name.endswith((".csv", ".json"))}
    assert "kept note" in lists["fax_notes.csv"]
    assert str(kept.pk) in lists["fax_events.csv"]
    assert "Before" in lists["broadcasts.csv"]
    books = {"audit.csv", "ledger.csv"}  # these outlast faxes, and have nothing but their ids
    whole = "".join(text for name, text in lists.items() if name not in books)
    assert not any(each in whole for each in ("Later", "later note", "After", str(later.pk)))
    named = set(BroadcastRecipient.rows.values_list("fax", flat=True))
    assert not any(str(each) in whole for each in named), "all have faxes that came later"


def test_what_came_after_it_was_asked_for_is_not_in_it(faxed, work, send):
    export.request_export(faxed.admin)
    send(faxed, OTHER, subject="Later")
    work.run_to_end()
    assert len(of_faxes(unzip(faxed))) == 3


def test_all_about_one_number_and_nothing_about_others(faxed, work):
    mine, other, _came = faxes(faxed)
    add_note(faxed.admin, fax_id=mine.pk, text="about them")
    add_note(faxed.admin, fax_id=other.pk, text="about somebody else")
    assert FaxNote.rows.count() == 2
    for number, name in ((OTHER, "Ms Jones"), ("+12025550108", "Mr Brown")):
        Contact.rows.create(
            account=faxed.account, name=name, number=number, key=name.lower(),
            created_at=mine.created_at, updated_at=mine.created_at,
        )  # fmt: skip
    made = packed(faxed, work, number="(202) 555-0100")
    assert (made.number, made.faxes, made.faxes_done) == (OTHER, 1, 1)
    assert export.current_export(faxed.admin) is None
    assert [each.pk for each in export.exports_of_numbers(faxed.admin)] == [made.pk]
    files = unzip(faxed)
    whole = b"".join(files.values())
    assert [each["id"] for each in json.loads(files["faxes.json"])] == [str(mine.pk)]
    assert b"Ms Jones" in whole
    assert b"about them" in whole
    assert not any(each in whole for each in (b"Mr Brown", b"somebody else", b"two", b"0108"))
    assert not {"ledger.csv", "audit.csv", "settings.json"} & set(files)
    noted = AuditEntry.objects.filter(account_id=faxed.id, action="account.export").get()
    assert OTHER not in json.dumps(noted.facts)
    with pytest.raises(NumberError):
        export.request_export(faxed.admin, number="")
    privacy.delete_fax(faxed.admin, fax_id=other.pk)
    assert Export.rows.get().ready_at, "that one was not in it"


def test_who_asked_is_told_once_where_it_is(faxed, work):
    made = packed(faxed, work)
    told = [each for each in mail.outbox if "export" in each.subject.lower()]
    assert [each.to for each in told] == [[faxed.people["admin"].email]]
    assert f"/a/{faxed.id}/export/" in told[0].body
    assert str(made.pk) not in told[0].body, "it leads to the page, not to a file"
    privacy.delete_fax(faxed.admin, fax_id=faxes(faxed)[0].pk)
    work.pass_time(timedelta(minutes=2))
    assert Export.rows.get().ready_at
    assert len([each for each in mail.outbox if "export" in each.subject.lower()]) == 1


def test_of_a_closed_account_the_mail_leads_to_its_one_page(world, faxed, work):
    tenants.close(provider_of(faxed.account), account_id=faxed.id)
    packed(faxed, work)
    assert f"/a/{faxed.id}/closing/" in mail.outbox[-1].body


def test_it_waits_for_room_on_the_disk_and_goes_on(faxed, work, monkeypatch):
    real = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=export.ROOM - 1))
    made = packed(faxed, work)
    assert made.no_room
    assert not made.parts.exists()
    monkeypatch.setattr(shutil, "disk_usage", real)
    work.pass_time(timedelta(minutes=11))
    made = Export.rows.get()
    assert made.ready_at
    assert not made.no_room


def test_what_is_damaged_in_storage_stops_nothing_and_a_missing_site_key_loses_nothing(
    faxed, work, documents, settings
):
    damaged, source = (
        Document.rows.filter(account=faxed.account, role=role).earliest("pk")
        for role in ("rendered", "source")
    )
    for each in (damaged, source):
        path = documents / each.key
        data = path.read_bytes()
        path.write_bytes(data[:40] + bytes([data[40] ^ 1]) + data[41:])
    keys, settings.SITE_KEYS = settings.SITE_KEYS, ["another key of more than 32 characters!"]
    export.request_export(faxed.admin)
    with pytest.raises(CannotOpen):
        work.run()
    assert not ExportPart.rows.exists()
    settings.SITE_KEYS = keys
    work.pass_time(export.LEASE + timedelta(seconds=30))
    assert Export.rows.get().unreadable == [str(damaged.fax_id)]
    names = unzip(faxed)
    assert len(of_faxes(names)) == 2
    assert [name for name in names if name.endswith(".could-not-be-read")]
