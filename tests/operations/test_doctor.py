"""The doctor finds what was planted, changes nothing unasked, and repairs what can be."""

import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db.migrations.recorder import MigrationRecorder
from django_q.models import OrmQ

from accounts import clock
from accounts.models import Charge
from faxes import vault
from faxes.keyring.models import ObjectKey
from faxes.models import DeletionMark, Document, Erasure, Fax, Upload
from tests import commands
from tests.real.running import prepared

FAR = "+12025550100"


def doctor(capsys, *options):
    """What it found, and with what it ended."""
    code = 0
    try:
        call_command("doctor", "--json", *options)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return {each["name"]: each for each in json.loads(capsys.readouterr().out)}, code


def long_ago():
    return clock.now() - timedelta(hours=2)


def stored(world, tmp_path):
    """An object that no row names, as if its note had been lost."""
    file = tmp_path / "file"
    file.write_bytes(b"private words")
    key = vault.put(world.northside.account.pk, file).key
    Erasure.objects.all().delete()
    return key


def nobody_wakes(fax, world, tmp_path):
    Fax.rows.filter(pk=fax.pk).update(state="queued", wake_at=None)


def slept_through(fax, world, tmp_path):
    Fax.rows.filter(pk=fax.pk).update(state="sending", wake_at=long_ago())


def leased(fax, world, tmp_path):
    Fax.rows.filter(pk=fax.pk).update(lease_until=long_ago())


def held(fax, world, tmp_path):
    Charge.rows.create(
        account=world.northside.account,
        fax_id=uuid4(),
        day=clock.now().date(),
        pages=1,
        own=True,
        billed=False,
    )


def uploaded(fax, world, tmp_path):
    Upload.rows.create(
        account=world.northside.account,
        created_at=long_ago(),
        expires_at=long_ago(),
        quality="fine",
        paper="a4",
        sources=[],
        rendered={
            "name": "",
            "media_type": "image/tiff",
            "key": f"{vault.prefix_of(world.northside.account.pk)}{uuid4().hex}",
            "size": 1,
            "sha256": "",
            "pages": 1,
        },
    )


def job(fax, world, tmp_path):
    OrmQ.objects.create(key="gone", payload="", lock=long_ago())


def searched(fax, world, tmp_path):
    type(world.northside.account).objects.filter(pk=world.northside.account.pk).update(
        page_text_key="sealed"
    )
    Fax.rows.filter(pk=fax.pk).update(finished_at=long_ago(), state="delivered", wake_at=None)


def without_row(fax, world, tmp_path):
    stored(world, tmp_path)


def without_object(fax, world, tmp_path):
    default_storage.delete(stored(world, tmp_path))


def without_key(fax, world, tmp_path):
    ObjectKey.objects.filter(pk=stored(world, tmp_path).split("/")[2]).delete()


REPAIRED = {
    nobody_wakes: "faxes_nobody_wakes",
    slept_through: "faxes_nobody_wakes",
    leased: "leases_expired",
    held: "holds_without_faxes",
    uploaded: "uploads_expired",
    job: "jobs_left_behind",
    searched: "search_gaps",
    without_row: "objects_without_rows",
    without_object: "keys_without_objects",
    without_key: "objects_without_keys",
}


@pytest.mark.parametrize("plant", REPAIRED, ids=lambda plant: plant.__name__)
def test_what_is_wrong_is_found_once_and_repaired_when_asked(
    plant, world, work, send, tmp_path, capsys
):
    fax = send(world.northside, FAR, subject="Marker of somebody")
    work.run()
    capsys.readouterr()
    assert doctor(capsys) == ({}, 0)
    plant(fax, world, tmp_path)
    found, code = doctor(capsys)
    assert (set(found), code) == ({REPAIRED[plant]}, 1)
    assert (found[REPAIRED[plant]]["count"], found[REPAIRED[plant]]["repaired"]) == (1, 0)
    assert doctor(capsys)[0] == found
    assert "Marker" not in json.dumps(found)
    assert doctor(capsys, "--repair")[1] == 0
    assert doctor(capsys) == ({}, 0)


def row_without_object(fax, settings):
    default_storage.delete(Document.rows.filter(fax=fax)[0].key)


def row_without_key(fax, settings):
    key = Document.rows.filter(fax=fax)[0].key
    ObjectKey.objects.filter(pk=key.split("/")[2]).delete()
    default_storage.delete(key)


def not_migrated(fax, settings):
    MigrationRecorder.Migration.objects.filter(app="faxes").order_by("-pk")[0].delete()


def restored(fax, settings):
    Path(settings.DELETION_LIST).write_text(f"2026-01-01 d {'0' * 88}\n")
    DeletionMark.objects.all().delete()


@pytest.fixture
def as_migrated(world):
    """What was migrated stands there again afterwards: emptying a database leaves that table."""
    rows = list(MigrationRecorder.Migration.objects.all())
    yield
    there = set(MigrationRecorder.Migration.objects.values_list("pk", flat=True))
    MigrationRecorder.Migration.objects.bulk_create(row for row in rows if row.pk not in there)


LEFT = {
    row_without_object: "rows_without_objects",
    row_without_key: "rows_without_objects",
    not_migrated: "migrations_missing",
    restored: "deletions_not_replayed",
}


@pytest.mark.parametrize("plant", LEFT, ids=lambda plant: plant.__name__)
@pytest.mark.usefixtures("as_migrated")
def test_what_it_cannot_repair_it_names_with_a_remedy(plant, world, work, send, settings, capsys):
    fax = send(world.northside, FAR)
    work.run()
    capsys.readouterr()
    plant(fax, settings)
    found, code = doctor(capsys, "--repair")
    assert (list(found), code) == ([LEFT[plant]], 1)
    assert found[LEFT[plant]]["remedy"]
    assert found[LEFT[plant]]["repaired"] == 0


def test_a_new_portal_whose_keys_lie_apart_is_well(tmp_path):
    told = commands.manage(commands.bare(prepared(tmp_path / "data")), "doctor", "--json")
    assert (told.returncode, json.loads(told.stdout)) == (0, []), told.stderr
