"""Objects are destroyed when they are due and no row needs them, and not before."""

from datetime import timedelta

from django.apps import apps
from django.core.files.storage import default_storage
from django.db.models import CharField

from accounts import clock
from faxes import vault
from faxes.models import Document, Erasure, ExportPart, Fax, LineCall, Upload
from faxes.services import erasure, preview, sweep
from faxes.services.privacy import delete_fax
from faxes.services.submit import FaxRequest, submit_fax
from tests import papers
from tests.stored import stored_files

# Columns that hold the keys of stored objects. Whoever adds one teaches erasure.py to spare what
# it names; uploads hold theirs in JSON.
KNOWN = {
    ("CoverTemplate", "logo_key"),
    ("Document", "key"),
    ("Erasure", "key"),
    ("ExportPart", "key"),
    ("InboundMail", "spool_key"),
    ("LineCall", "document_key"),
    ("LineCall", "received_key"),
}
# These are called alike, and hold words.
WORDS = {
    ("Contact", "key"),
    ("ContactGroup", "key"),
    ("FaxMetadata", "key"),
    ("InboundMail", "dedupe_key"),
}


def make_all_due():
    Erasure.objects.update(due_at=clock.now())


def test_every_column_that_names_objects_is_spared_by_erasure():
    found = {
        (model.__name__, field.name)
        for model in apps.get_app_config("faxes").get_models()
        for field in model._meta.get_fields()
        if isinstance(field, CharField) and field.name.endswith("key")
    }
    assert found - WORDS == KNOWN


def test_an_object_that_no_row_names_is_destroyed_after_an_hour(world, work, tmp_path):
    page = tmp_path / "page"
    page.write_bytes(b"a page")
    vault.put(world.northside.id, page)
    work.pass_time(vault.UNNAMED_FOR - timedelta(minutes=1))
    assert len(stored_files()) == 1
    work.pass_time(timedelta(minutes=2))
    assert stored_files() == set()
    assert not Erasure.objects.exists()


def test_what_rows_name_is_spared(world, work, send):
    send(world.northside, world.lakeside.number)
    preview.prepare_upload(
        world.northside.admin, documents=[papers.incoming(papers.pdf())], quality="fine"
    )
    work.run_jobs()
    work.carry_calls()
    call = LineCall.objects.get()
    keys = {*Document.rows.values_list("key", flat=True), call.received_key}
    assert call.document_key in keys
    stored = stored_files()
    assert len(stored) == 5, "a source, its pages, what arrived, and an upload's two"
    Erasure.objects.bulk_create([Erasure(key=key, due_at=clock.now()) for key in keys])
    make_all_due()
    erasure.erase_due()
    assert stored_files() == stored
    assert not Erasure.objects.exists()


def test_what_a_fax_takes_over_from_an_upload_meanwhile_is_spared(world, work, monkeypatch):
    admin = world.northside.admin
    upload = preview.prepare_upload(
        admin, documents=[papers.incoming(papers.pdf())], quality="fine"
    )
    stored = stored_files()
    asked = FaxRequest(to="+12025550100", upload_id=str(upload.pk))
    looked_at = ExportPart.objects.across_tenants

    def behind_the_documents(**why):
        monkeypatch.undo()
        submit_fax(admin, request=asked, origin="test")
        return looked_at(**why)

    monkeypatch.setattr(ExportPart.objects, "across_tenants", behind_the_documents)
    make_all_due()
    erasure.erase_due()
    assert not Upload.rows.exists()
    assert stored_files() == stored


def test_what_cannot_be_destroyed_now_is_tried_again_and_the_rest_goes(
    world, work, tmp_path, monkeypatch
):
    page = tmp_path / "page"
    page.write_bytes(b"a page")
    keys = [vault.put(world.northside.id, page).key for _ in range(3)]
    make_all_due()
    destroy = vault.destroy

    def fails_once(key):
        if key == keys[0]:
            raise OSError("the storage is away")
        destroy(key)

    monkeypatch.setattr(vault, "destroy", fails_once)
    erasure.erase_due()
    assert [key for key in keys if default_storage.exists(key)] == keys[:1]
    assert Erasure.objects.get().due_at > clock.now()
    monkeypatch.setattr(vault, "destroy", destroy)
    work.pass_time(timedelta(minutes=6))
    assert stored_files() == set()


def test_deleting_is_no_error_when_the_storage_is_away(world, work, send, monkeypatch):
    fax = send(world.northside, "+12025550100")
    work.run_to_end()

    def away(_):
        raise OSError("the storage is away")

    destroy = vault.destroy
    monkeypatch.setattr(vault, "destroy", away)
    delete_fax(world.northside.admin, fax_id=fax.pk)
    assert not Fax.rows.filter(pk=fax.pk).exists()
    assert len(stored_files()) == 2
    monkeypatch.setattr(vault, "destroy", destroy)
    make_all_due()
    sweep.sweep()
    work.run()
    assert stored_files() == set()


def test_nothing_is_noted_for_no_object(world):
    erasure.erase_later([""])
    assert not Erasure.objects.exists()
