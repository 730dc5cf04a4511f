"""A database from a backup brings back what was deleted since: the list of deletions takes it."""

import os
import shutil

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client

from accounts.models import AuditEntry
from faxes.enums import FaxState
from faxes.keyring.models import ObjectKey
from faxes.models import DeletionMark, Document, Fax
from faxes.queries.legal_holds import lasting
from faxes.services import deletion_list, legal_holds, privacy
from faxes.services.privacy import delete_fax, strip_fax
from faxes.services.withdrawal import discard
from faxportal.checks import deletions_are_known
from tests.scenes import Scene
from tests.stored import planted, stored_files

FAR = "+12025550100"


@pytest.fixture
def backup(documents, tmp_path):
    """``backup()`` copies database and storage; what it gives puts them back as they were."""

    def taken():
        scene = Scene.keep(None, documents, tmp_path / "backup")

        def restored():
            shutil.rmtree(documents)
            scene.put_back(documents)

        return restored

    return taken


def listed(faxes, *, what):
    with transaction.atomic():
        deletion_list.note(faxes, what=what)


def ready():
    answer = Client().get("/health/ready")
    return answer.status_code, answer.json()["parts"]["deletions"]


def warned():
    return [each.id for each in deletions_are_known(databases=["default"])]


def test_what_a_restored_database_brings_back_is_deleted_again_and_unreadable(
    world, work, send, backup, capsys
):
    admin = world.northside.admin
    gone, stripped, kept = (send(world.northside, FAR, subject=f"Marker{n}") for n in range(3))
    waiting = send(world.northside, FAR, send_at="2026-12-31T10:00+00:00", subject="Marker0")
    work.run()
    restore = backup()
    assert ready() == (200, True)
    delete_fax(admin, fax_id=gone.pk)
    strip_fax(admin, fax_id=stripped.pk)
    discard(admin, fax_id=waiting.pk)
    assert (ready(), warned()) == ((200, True), [])

    restore()
    assert Fax.rows.filter(pk=gone.pk).exists()
    assert planted("Marker0") > 0
    assert (ready(), warned()) == ((503, False), ["faxportal.W001"])
    objects = ObjectKey.objects.count()
    call_command("replay_deletions")
    work.run()
    assert "2 deleted again, 1 stripped again" in capsys.readouterr().out
    assert (ready(), warned()) == ((200, True), [])
    assert set(Fax.rows.values_list("pk", flat=True)) == {stripped.pk, kept.pk}
    assert planted("Marker0") == planted("Marker1") == 0
    assert planted("Marker2") > 0
    assert stored_files() == set(Document.rows.values_list("key", flat=True))
    assert ObjectKey.objects.count() == len(stored_files()) < objects
    assert AuditEntry.objects.filter(action="fax.delete").count() == 2, "on record again"
    call_command("replay_deletions")
    assert "0 deleted again, 0 stripped again" in capsys.readouterr().out


def test_what_is_on_its_way_in_a_restored_database_is_told_and_goes_once_it_has_ended(
    world, work, send, backup, capsys
):
    fax = send(world.northside, FAR)
    work.run_jobs()
    restore = backup()  # the call is placed
    work.run_to_end()
    delete_fax(world.northside.admin, fax_id=fax.pk)
    restore()
    assert Fax.rows.get(pk=fax.pk).state == FaxState.SENDING
    with pytest.raises(CommandError, match="1 fax"):
        call_command("replay_deletions")
    assert ready() == (503, False)
    work.run_to_end()
    call_command("replay_deletions")
    assert not Fax.rows.filter(pk=fax.pk).exists()
    assert ready() == (200, True)


@pytest.mark.parametrize("scope", ["fax", "faxbox", "account"])
def test_a_legal_hold_that_came_back_with_the_database_keeps_nothing_that_was_deleted_after_it(
    world, work, send, backup, scope
):
    tenant, other = world.northside, world.lakeside
    held, bare, others = send(tenant, FAR), send(tenant, FAR), send(other, FAR)
    work.run_to_end()
    held.refresh_from_db()
    of = {"fax": {"fax_id": held.pk}, "faxbox": {"faxbox_id": held.faxbox_id}, "account": {}}[scope]
    hold = legal_holds.place(tenant.admin, reason="Claim 17", **of)
    if scope == "fax":
        legal_holds.place(tenant.admin, reason="Claim 18", fax_id=bare.pk)
    restore = backup()
    for each in lasting(tenant.id):
        legal_holds.lift(tenant.admin, hold_id=each.pk)
    delete_fax(tenant.admin, fax_id=held.pk)
    strip_fax(tenant.admin, fax_id=bare.pk)
    delete_fax(other.admin, fax_id=others.pk)
    restore()
    call_command("replay_deletions")
    assert Fax.rows.get().pk == bare.pk
    assert Fax.rows.get().stripped_at is not None
    assert not Document.rows.exists()
    assert ready() == (200, True)
    assert lasting(tenant.id).filter(pk=hold.pk).exists() == (scope != "fax"), "it holds the rest"


def test_one_fax_that_cannot_be_removed_again_keeps_no_other(
    world, work, send, backup, monkeypatch, caplog
):
    first, second = send(world.northside, FAR), send(world.lakeside, FAR)
    work.run_to_end()
    restore = backup()
    delete_fax(world.northside.admin, fax_id=first.pk)
    delete_fax(world.lakeside.admin, fax_id=second.pk)
    restore()
    bury = privacy._bury

    def failing(fax):
        if fax.pk == first.pk:
            raise RuntimeError
        bury(fax)

    with monkeypatch.context() as broken:
        broken.setattr(privacy, "_bury", failing)
        with pytest.raises(CommandError, match="1 fax"):
            call_command("replay_deletions")
    assert str(first.pk) in caplog.text
    assert Fax.rows.get().pk == first.pk
    assert ready() == (503, False)
    call_command("replay_deletions")
    assert not Fax.rows.exists()
    assert ready() == (200, True)


def test_a_restored_database_stays_behind_though_something_is_deleted_meanwhile(
    world, work, send, backup
):
    one, two = (send(world.northside, FAR) for _ in range(2))
    work.run_to_end()
    restore = backup()
    delete_fax(world.northside.admin, fax_id=one.pk)
    restore()
    delete_fax(world.northside.admin, fax_id=two.pk)
    assert ready() == (503, False)


def test_of_a_list_that_was_lost_only_what_is_new_counts(world, work, send, settings):
    one, two = (send(world.northside, FAR) for _ in range(2))
    work.run_to_end()
    delete_fax(world.northside.admin, fax_id=one.pk)
    settings.DELETION_LIST.unlink()
    assert ready() == (200, True), "nothing can be said against it"
    delete_fax(world.northside.admin, fax_id=two.pk)
    assert DeletionMark.objects.get().lines == 1
    assert ready() == (200, True)


def test_the_list_tells_nothing_and_is_read_after_a_new_secret_key(world, work, send, settings):
    fax = send(world.northside, FAR)
    work.run_to_end()
    listed([fax.pk], what=deletion_list.DELETED)
    line = settings.DELETION_LIST.read_text()
    assert fax.pk.hex not in line.replace("-", "")
    assert len(line) == deletion_list._LINE
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [settings.SECRET_KEY]
    assert [each.fax.pk for each in deletion_list.listed_faxes() if each] == [fax.pk]


@pytest.mark.parametrize("room", [0, 40])
def test_what_does_not_fit_on_the_list_is_not_deleted(
    world, work, send, settings, monkeypatch, room
):
    one, two = (send(world.northside, FAR) for _ in range(2))
    work.run_to_end()
    delete_fax(world.northside.admin, fax_id=one.pk)
    before = settings.DELETION_LIST.read_bytes()
    write, left = os.write, [room]

    def full(handle, data):
        if not left:
            raise OSError(28, "No space left on device")
        return write(handle, data[: left.pop()])

    with monkeypatch.context() as volume:
        volume.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space"):
            delete_fax(world.northside.admin, fax_id=two.pk)
    assert settings.DELETION_LIST.read_bytes() == before
    assert Fax.rows.get().pk == two.pk
    assert Document.rows.filter(fax=two).exists()
    assert ready() == (200, True)
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:7]))
    delete_fax(world.northside.admin, fax_id=two.pk)
    assert (
        deletion_list.unknown_lines()[1]
        == DeletionMark.objects.get().lines
        == len(lines(settings))
        == 2
    )


def test_what_a_crash_left_of_a_line_is_cut_off_and_a_damaged_line_keeps_no_other(
    world, work, send, settings, caplog
):
    first, second, third = (send(world.northside, FAR) for _ in range(3))
    work.run_to_end()
    listed([first.pk], what=deletion_list.DELETED)
    with settings.DELETION_LIST.open("a") as torn:
        torn.write("2026-01-01 d 0123")
    listed([second.pk], what=deletion_list.STRIPPED)
    assert [len(each) for each in lines(settings)] == [deletion_list._LINE] * 2
    with settings.DELETION_LIST.open("a") as torn:
        torn.write("2026-01-01 d 0123\n\xff\n\n2026-01-01 d 01")
    whole = settings.DELETION_LIST.read_bytes()
    listed([third.pk], what=deletion_list.DELETED)
    grown = settings.DELETION_LIST.read_bytes()
    settings.DELETION_LIST.write_bytes(whole + grown[-deletion_list._LINE :])  # as it was written
    told = [(each.fax.pk, each.deleted) for each in deletion_list.listed_faxes() if each]
    assert told == [(first.pk, True), (second.pk, False), (third.pk, True)]
    assert [f"line {number} " in caplog.text for number in range(1, 7)] == [False] * 2 + [True] * 4


def test_a_line_that_cannot_be_read_keeps_the_portal_closed_until_the_operator_says_otherwise(
    world, work, send, backup, settings
):
    fax = send(world.northside, FAR)
    work.run_to_end()
    restore = backup()
    delete_fax(world.northside.admin, fax_id=fax.pk)
    restore()
    key, settings.SECRET_KEY = settings.SECRET_KEY, "new" * 20
    with pytest.raises(CommandError, match="FAXPORTAL_OLD_SECRET_KEYS"):
        call_command("replay_deletions")
    assert ready() == (503, False)
    call_command("replay_deletions", even_unread=True)
    assert ready() == (200, True)
    assert Fax.rows.get().pk == fax.pk
    settings.SECRET_KEY_FALLBACKS = [key]
    call_command("replay_deletions")
    assert not Fax.rows.exists()


def lines(settings):
    return settings.DELETION_LIST.read_bytes().splitlines(keepends=True)
