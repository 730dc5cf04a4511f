"""The records that go with an account's exported pages: faxes, tries, ledger and audit log."""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import Account, AuditEntry, LedgerEntry
from accounts.scoping import Actor
from accounts.services import audit, usage
from accounts.services.audit import AuditFilter
from accounts.services.sheets import harmless, line
from faxes.enums import Direction, DocumentRole
from faxes.models import Attempt, Document, Export, Fax
from faxes.services import export_lists
from faxes.services.export_settings import settings_json

_LONGEST_NAME: Final = 120

_AT_ONCE: Final = 500
_FAX_COLUMNS: Final = (
    "id", "direction", "state", "outcome", "faxbox", "from_number", "to_number",
    "remote_station_id", "subject", "message", "quality", "pages", "tries", "created_at", "send_at",
    "finished_at", "read_at", "archived_at", "stripped_at", "metadata", "notify",
    "webhook_url", "document",
)  # fmt: skip
_TRY_COLUMNS: Final = (
    "fax_id", "number", "outcome", "to_number", "started_at", "ended_at", "pages_sent",
    "line_seconds", "bit_rate", "ecm", "compression", "resolution", "bad_rows", "ecm_retries",
    "remote_station_id", "completion_code", "completion_text",
)  # fmt: skip


def pdf_name(fax: Fax) -> str:
    """Where in the ZIP the pages of a fax lie: by month, told apart by the end of its id."""
    inbound = fax.direction == Direction.INBOUND
    party = "".join(c for c in (fax.from_number if inbound else fax.to_number) if c.isdecimal())
    way = "from" if inbound else "to"
    day = fax.created_at
    return f"faxes/{day:%Y-%m}/{day:%Y-%m-%d} {way} {party or 'unknown'} {fax.pk.hex[-12:]}.pdf"


def source_name(fax: Fax, document: Document) -> str:
    """Where in the ZIP a document lies that somebody brought to be faxed, under its own name."""
    plain = "".join(c if c.isalnum() or c in " .-_" else "_" for c in document.name).strip(" .")
    folder = pdf_name(fax).removesuffix(".pdf")
    return f"{folder}/{document.position + 1} {plain[-_LONGEST_NAME:] or 'document'}"


def faxes_of(account_id: UUID, *, number: str, until: datetime) -> QuerySet[Fax]:
    """The faxes that an export holds, as far as they are still there."""
    rows = Fax.objects.for_account(account_id).filter(created_at__lte=until)
    return rows.filter(Q(from_number=number) | Q(to_number=number)) if number else rows


def write(
    archive: zipfile.ZipFile, export: Export, *, up_to: UUID | None, unreadable: set[UUID]
) -> None:
    """Write all records of an export into a ZIP, of faxes those up to the last that is packed.

    ``unreadable`` are faxes whose pages are not in it, or not all that belongs to them.
    """
    account = export.account
    # The portal packs; that it was asked to is on record with who asked.
    actor = Actor.system(account.pk)
    faxes = Faxes(export, up_to, unreadable)
    _put(archive, "faxes.csv", faxes.as_csv())
    _put(archive, "faxes.json", faxes.as_json())
    _put(archive, "attempts.csv", faxes.attempts_csv())
    lists = export_lists.lists_about(export) if export.number else export_lists.lists_of(export)
    of_faxes = export_lists.lists_of_faxes(export, faxes.rows)
    for name, lines in chain(lists, of_faxes):
        _put(archive, name, lines)
    if export.number:
        return
    _put(archive, "settings.json", settings_json(account))
    _put(archive, "ledger.csv", _ledger(actor, export.created_at))
    _put(archive, "audit.csv", audit.as_csv(actor, AuditFilter(until=_asked_at(export))))


def write_sums(archive: zipfile.ZipFile, position: int) -> None:
    """Write the SHA-256 of each file in a ZIP into it, as ``sha256sum -c`` reads them.

    Those of several ZIPs have names of their own, so that all can be unpacked into one folder.
    """
    lines = []
    for entry in archive.infolist():
        with archive.open(entry) as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {entry.filename}\n")  # type: ignore[arg-type]
    _put(archive, f"SHA256SUMS-{position}.txt", lines)


class Faxes:
    """The faxes of an export up to one, as rows of plain values."""

    def __init__(self, export: Export, up_to: UUID | None, unreadable: set[UUID]) -> None:
        account = export.account
        held = faxes_of(account.pk, number=export.number, until=export.created_at)
        self.rows = held.filter(pk__lte=up_to) if up_to else held.none()
        tries = Attempt.objects.for_account(account.pk).filter(fax__in=self.rows.values("pk"))
        self._tries = tries.order_by("fax_id", "number")
        documents = Document.objects.for_account(account.pk)
        pages = documents.filter(role__in=(DocumentRole.RENDERED, DocumentRole.RECEIVED))
        self._with_pages = set(pages.values_list("fax_id", flat=True)) - unreadable

    def as_csv(self) -> Iterator[str]:
        """A line a fax."""
        yield line(_FAX_COLUMNS)
        for fax in self._plain():
            yield line(_cell(fax[column]) for column in _FAX_COLUMNS)

    def as_json(self) -> Iterator[str]:
        """An array with an object a fax."""
        begun = "[\n"
        for fax in self._plain():
            yield begun + json.dumps(fax, ensure_ascii=False)
            begun = ",\n"
        yield "[]\n" if begun == "[\n" else "\n]\n"

    def attempts_csv(self) -> Iterator[str]:
        """A line a try."""
        yield line(_TRY_COLUMNS)
        for attempt in self._tries.iterator(_AT_ONCE):
            yield line(_cell(_plain(getattr(attempt, column))) for column in _TRY_COLUMNS)

    def _plain(self) -> Iterator[dict[str, Any]]:
        rows = self.rows.select_related("faxbox").order_by("pk")
        for fax in rows.iterator(_AT_ONCE):
            told = {name: _plain(getattr(fax, name)) for name in _FAX_COLUMNS if name != "document"}
            told["faxbox"] = fax.faxbox.name
            told["document"] = pdf_name(fax) if fax.pk in self._with_pages else ""
            yield told


def _asked_at(export: Export) -> datetime:
    """A moment behind the entry that somebody asked for it."""
    entries = AuditEntry.objects.filter(account_id=export.account_id, action="account.export")
    asked = entries.filter(at__gte=export.created_at).order_by("number")
    at = asked.values_list("at", flat=True).first()
    return (at or export.created_at) + timedelta(microseconds=1)


def _ledger(actor: Actor, until: datetime) -> Iterator[str]:
    """The entries of all months up to a moment, with one line of headings."""
    entries = LedgerEntry.objects.for_account(actor.account_id).filter(at__lt=until)
    account = Account.objects.get(pk=actor.account_id)
    months = entries.order_by("month").values_list("month", flat=True).distinct()
    for count, month in enumerate(months):
        lines = usage.ledger_lines(account, month, until=until)
        yield from lines if count == 0 else islice(lines, 1, None)


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if value is None or isinstance(value, bool | int | float | dict | list):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _cell(value: Any) -> str:
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False) if value else ""
    return "" if value is None else harmless(str(value))


def _put(archive: zipfile.ZipFile, name: str, lines: Iterable[str]) -> None:
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    with archive.open(entry, "w", force_zip64=True) as file:
        for text in lines:
            file.write(text.encode())
