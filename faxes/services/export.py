"""Everything that an account has, packed as ZIP files for its administrators.

Asking writes a row; the job ``export`` packs as many faxes as it has time for, stores the ZIP, and
leaves the rest to the next. A ZIP grows until it is large enough, so most exports are one file. A
packer that dies has changed nothing: the sweep finds the row, and the next goes on from there.

An export holds the faxes that were there when it was asked for. It may be of one number alone: of
all that concerns somebody. Faxes that go meanwhile go from it, too (``export_reach``).
"""

import logging
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from accounts import clock
from accounts.models import Account
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require
from faxes import jobs, lifecycle, phone, vault
from faxes.enums import DocumentRole
from faxes.errors import DocumentError, FaxNotFound
from faxes.models import Document, Export, ExportPart, Fax
from faxes.services import erasure, export_reach, export_records, pages
from faxes.services.export_records import pdf_name, source_name

log = logging.getLogger(__name__)

KEPT_FOR: Final = timedelta(days=7)
LEASE: Final = timedelta(seconds=150)
PORTION_SECONDS: Final = 20.0
PART_BYTES: Final = 1_000_000_000
ROOM: Final = 256 * 1024 * 1024  # bytes that packing leaves free on a disk
_WAIT_FOR_ROOM: Final = timedelta(minutes=10)
_MOST_SHOWN: Final = 20
_FAX_PAGES: Final = (DocumentRole.RENDERED, DocumentRole.RECEIVED)


def request_export(actor: Actor, *, number: str | None = None) -> Export:
    """Begin to pack everything, or all that concerns a number; the one under way if there is one.

    An earlier one of the same that is ready goes.

    Raises:
        NotAllowed: the actor may not take everything along.
        NumberError: it is no number.

    """
    require(actor, Action.ACCOUNT_EXPORT)
    now = clock.now()
    if number is None:
        number = ""
    else:
        country = Account.objects.values_list("country", flat=True).get(pk=actor.account_id)
        number = phone.parse_number(number, country=country)
    rows = Export.objects.visible_to(actor).filter(number=number)
    try:
        with transaction.atomic():
            export: Export = Export.objects.create(
                account_id=actor.account_id,
                created_at=now,
                expires_at=_expiry(actor.account_id, now),
                faxes=export_records.faxes_of(actor.account_id, number=number, until=now).count(),
                number=number,
                asked_by=actor.user_id,
                wake_at=now + lifecycle.GRACE,
            )
            _remove(rows.filter(ready_at__isnull=False))
            audit.record(
                actor,
                action="account.export",
                object_type="account",
                object_id=actor.account_id,
                **({"of": phone.masked(number)} if number else {}),
            )
            jobs.enqueue("export", export=export.pk)
    except IntegrityError:
        return rows.get(ready_at__isnull=True)
    return export


def current_export(actor: Actor) -> tuple[Export, list[ExportPart]] | None:
    """The export that is being packed or ready, and its files.

    Raises:
        NotAllowed: the actor may not take everything along.

    """
    require(actor, Action.ACCOUNT_EXPORT)
    live = Export.objects.visible_to(actor).filter(expires_at__gt=clock.now(), number="")
    export = live.order_by("-created_at").first()
    return (export, list(export.parts.order_by("position"))) if export else None


def exports_of_numbers(actor: Actor) -> list[Export]:
    """The exports of single numbers that are being packed or ready, the newest first.

    Raises:
        NotAllowed: the actor may not take everything along.

    """
    require(actor, Action.ACCOUNT_EXPORT)
    live = Export.objects.visible_to(actor).filter(expires_at__gt=clock.now())
    found = live.exclude(number="").order_by("-created_at").prefetch_related("parts")
    return list(found[:_MOST_SHOWN])


@dataclass(frozen=True, slots=True)
class OpenPart:
    """A file of an export as a stream that the caller closes; the same ``tag``: the same bytes."""

    file: BinaryIO
    size: int
    tag: str
    asked_at: datetime


def open_part(actor: Actor, *, export_id: UUID, position: int) -> OpenPart:
    """One file of an export.

    Raises:
        NotAllowed: the actor may not take everything along.
        FaxNotFound: the account has no such file, or not ready.
        CannotOpen: it is there, and cannot be opened at present.

    """
    require(actor, Action.ACCOUNT_EXPORT)
    part = (
        ExportPart.objects.visible_to(actor)
        .select_related("export")
        .filter(export_id=export_id, position=position)
        .filter(export__ready_at__isnull=False, export__expires_at__gt=clock.now())
        .first()
    )
    if part is None:
        raise FaxNotFound
    try:
        stored = vault.open_stored(part.key)
    except FileNotFoundError:
        raise FaxNotFound from None
    audit.record(
        actor,
        action="account.export_fetched",
        object_type="account",
        object_id=actor.account_id,
        part=position,
    )
    return OpenPart(stored, part.size, part.pk.hex, part.export.created_at)


def attend(now: datetime) -> None:
    """Wake exports whose packer died, and remove those that are too old."""
    rows = Export.objects.across_tenants(why="the sweep looks at all")
    for export in rows.filter(wake_at__lte=now)[:20]:
        claimed = rows.filter(pk=export.pk, wake_at=export.wake_at).update(wake_at=now + LEASE)
        if claimed:
            jobs.enqueue("export", export=export.pk)
    expired = rows.filter(expires_at__lte=now)
    if expired.exists():
        with transaction.atomic():
            _remove(expired)


def remove_all(account_id: UUID) -> None:
    """Remove the exports of an account, in the caller's transaction."""
    _remove(Export.objects.for_account(account_id))


def pack(export_id: UUID) -> None:
    """Pack the next portion of an export. Does nothing if it is packed, or somebody is at it."""
    until = time.monotonic() + PORTION_SECONDS
    lease = clock.now() + LEASE
    export = _claimed(export_id, lease)
    if export is None:
        return
    last = export.parts.order_by("position").last()
    growing = last is not None and last.size < PART_BYTES
    position = (last.position if last else 0) + (0 if growing else 1)
    with tempfile.TemporaryDirectory(prefix="export-") as name:
        folder = Path(name)
        path = folder / "part.zip"
        if not _has_room(folder, 2 * last.size if last is not None and growing else 0):
            _wait(export, lease)
            return
        if last is not None and growing:
            try:
                vault.copy_out(last.key, path)
            except (FileNotFoundError, vault.Damaged):
                log.exception("a file of export %s cannot be read and is packed anew", export.pk)
                export_reach.begin_anew(export, lease=lease)
                return
        packed = _packed(export, path, position, until)
        stored = vault.put(export.account_id, path)
    if not _kept(export, lease, packed, stored, position):
        vault.destroy(stored.key)


def _has_room(folder: Path, wanted: int) -> bool:
    """Whether so many bytes more can be written, and leave some to all others."""
    return shutil.disk_usage(folder).free >= wanted + ROOM


def _wait(export: Export, lease: datetime) -> None:
    """Let go until there may be room."""
    mine = Export.objects.for_account(export.account_id).filter(pk=export.pk, lease_until=lease)
    mine.update(no_room=True, lease_until=None, wake_at=clock.now() + _WAIT_FOR_ROOM)


@dataclass(slots=True)
class _Portion:
    """What one job packed: up to which fax, which could not be; whether that is all.

    ``faxes`` are the ids, and of each whether it was stripped when it was packed.
    """

    after: UUID | None
    faxes: set[tuple[UUID, bool]] = field(default_factory=set)
    unreadable: list[str] = field(default_factory=list)
    whole: bool = False


def _claimed(export_id: UUID, lease: datetime) -> Export | None:
    now = clock.now()
    rows = Export.objects.across_tenants(why="a job names an export")
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    mine = rows.filter(free, pk=export_id, ready_at__isnull=True)
    if not mine.update(lease_until=lease, wake_at=lease):
        return None
    return rows.filter(pk=export_id).select_related("account").first()


def _packed(export: Export, path: Path, position: int, until: float) -> _Portion:
    """Add faxes to the ZIP until time or room is up; after the last one, the records."""
    portion, folder = _Portion(export.after), path.parent
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as archive:
        for fax in _faxes_after(export):
            try:
                _add_fax(archive, fax, folder)
            except (DocumentError, FaxNotFound):
                portion.unreadable.append(str(fax.pk))
            except vault.Damaged:
                log.exception("what is stored of fax %s is damaged", fax.pk)
                portion.unreadable.append(str(fax.pk))
            portion.after = fax.pk
            portion.faxes.add((fax.pk, fax.stripped_at is not None))
            if path.stat().st_size >= PART_BYTES:
                export_records.write_sums(archive, position)
                return portion
            if time.monotonic() > until or not _has_room(folder, path.stat().st_size):
                return portion
        unreadable = {UUID(each) for each in export.unreadable + portion.unreadable}
        export_records.write(archive, export, up_to=portion.after, unreadable=unreadable)
        export_records.write_sums(archive, position)
    portion.whole = True
    return portion


def _add_fax(archive: zipfile.ZipFile, fax: Fax, folder: Path) -> None:
    """Put a fax into the ZIP: what somebody brought to be faxed, and its pages as a PDF.

    Raises:
        FaxNotFound, DocumentError: its pages are gone, or cannot be read.
        Damaged: they are not what was stored.

    """
    documents = Document.objects.for_account(fax.account_id).filter(fax=fax)
    for source in documents.filter(role=DocumentRole.SOURCE).order_by("position", "pk"):
        name, file = source_name(fax, source), folder / "source"
        try:
            vault.copy_out(source.key, file)
        except (FileNotFoundError, vault.Damaged):
            log.exception("a document of fax %s cannot be read", fax.pk)
            name, _written = f"{name}.could-not-be-read", file.write_bytes(b"")
        _add(archive, fax, name, file)
    page = documents.filter(role__in=_FAX_PAGES).first()
    if page is not None:
        _add(archive, fax, pdf_name(fax), pages.write_pdf(page, folder))


def _add(archive: zipfile.ZipFile, fax: Fax, name: str, file: Path) -> None:
    entry = zipfile.ZipInfo(name, date_time=fax.created_at.timetuple()[:6])
    entry.external_attr = 0o600 << 16
    entry.file_size = file.stat().st_size
    with file.open("rb") as source, archive.open(entry, "w") as target:
        shutil.copyfileobj(source, target, 1024 * 1024)


def _faxes_after(export: Export) -> Iterator[Fax]:
    return _rows_after(export).order_by("pk").iterator(200)


def _rows_after(export: Export) -> QuerySet[Fax]:
    rows = export_records.faxes_of(export.account_id, number=export.number, until=export.created_at)
    return rows if export.after is None else rows.filter(pk__gt=export.after)


def _as_packed(export: Export, packed: _Portion) -> bool:
    """Whether the faxes of a portion are those still that were packed, none stripped since."""
    rows = _rows_after(export)
    rows = rows.filter(pk__lte=packed.after) if packed.after else rows.none()
    told = rows.values_list("pk", "stripped_at")
    return {(pk, at is not None) for pk, at in told.iterator()} == packed.faxes


def _kept(
    export: Export, lease: datetime, packed: _Portion, stored: vault.Stored, position: int
) -> bool:
    """Note what was packed, unless somebody else took over meanwhile; whether it was noted."""
    now = clock.now()
    with transaction.atomic(durable=True):
        # held, as by who takes a fax out: either sees what the other did
        rows = Export.objects.for_account(export.account_id).filter(pk=export.pk)
        list(rows.select_for_update().values_list("pk"))
        if not _as_packed(export, packed):
            rows.filter(lease_until=lease).update(lease_until=None, wake_at=now)
            return False
        there = export_records.faxes_of(
            export.account_id, number=export.number, until=export.created_at
        )
        all_of_it = there.count()  # some may have gone since it was asked for
        noted = rows.filter(ready_at__isnull=True, lease_until=lease).update(
            ready_at=now if packed.whole else None,
            after=packed.after,
            faxes=all_of_it,
            faxes_done=export.faxes_done + len(packed.faxes),
            unreadable=export.unreadable + packed.unreadable,
            no_room=False,
            lease_until=None,
            wake_at=None if packed.whole else now + lifecycle.GRACE,
        )
        if not noted:
            return False
        before = export.parts.filter(position=position)
        erasure.erase_later(before.values_list("key", flat=True))
        before.delete()
        ExportPart.objects.create(
            account_id=export.account_id,
            export=export,
            position=position,
            key=stored.key,
            size=stored.size,
            up_to=packed.after,
            faxes=export.faxes_done + len(packed.faxes),
        )
        vault.named([stored.key])
        if packed.whole:
            jobs.enqueue("tell_export", export=export.pk)
        else:
            jobs.enqueue("export", export=export.pk)
    return True


def _remove(exports: QuerySet[Export]) -> None:
    rows = ExportPart.objects.across_tenants(why="they go with their exports")
    keys = list(rows.filter(export__in=exports).values_list("key", flat=True))
    exports.delete()
    erasure.erase_later(keys)


def _expiry(account_id: UUID, now: datetime) -> datetime:
    """A week on; for an account that is closed, the day that it is erased."""
    erase_at = Account.objects.filter(pk=account_id).values_list("erase_at", flat=True).first()
    return erase_at or now + KEPT_FOR
