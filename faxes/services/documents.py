"""Rows for the stored files of a fax, and the end of faxes whose files are no good."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import count

from django.db import transaction

from faxes import lifecycle, vault
from faxes.enums import DocumentRole, FaxState
from faxes.errors import FaxError
from faxes.models import Document, Fax
from faxes.services.intake import KeptFile


def attach(
    fax: Fax, role: DocumentRole, files: Sequence[KeptFile], *, gaps: Collection[int] = ()
) -> None:
    """Give stored files to a fax, in the caller's transaction.

    ``gaps`` are places among its sources where others go later.
    """
    if files:
        attach_to_all([fax], role, files, gaps=gaps)


def attach_to_all(
    faxes: Sequence[Fax],
    role: DocumentRole,
    files: Sequence[KeptFile],
    *,
    gaps: Collection[int] = (),
) -> None:
    """Give stored files to faxes that share them, in the caller's transaction."""
    free = (place for place in count() if role != DocumentRole.SOURCE or place not in gaps)
    placed = dict(zip(free, files, strict=False))
    place_in_all(faxes, role, placed)


def place_in_all(faxes: Sequence[Fax], role: DocumentRole, files: Mapping[int, KeptFile]) -> None:
    """Give stored files to faxes that share them, each its place, in the caller's transaction."""
    vault.named(file.key for file in files.values())
    Document.objects.bulk_create(
        [
            Document(
                account_id=fax.account_id,
                fax=fax,
                role=role,
                position=position,
                name=file.name,
                media_type=file.media_type,
                key=file.key,
                size=file.size,
                sha256=file.sha256,
                pages=file.pages,
                sound=file.sound,
            )
            for fax in faxes
            for position, file in files.items()
        ]
    )


def files_by_role(fax: Fax) -> dict[DocumentRole, list[KeptFile]]:
    """The stored files of a fax, in order."""
    files: dict[DocumentRole, list[KeptFile]] = {role: [] for role in DocumentRole}
    documents = Document.objects.for_account(fax.account_id).filter(fax=fax)
    for document in documents.order_by("position"):
        files[DocumentRole(document.role)].append(KeptFile.of(document))
    return files


def fail(faxes: Sequence[Fax], error: FaxError, now: datetime) -> None:
    """End waiting faxes whose documents cannot become fax pages, and note why."""
    with transaction.atomic(durable=True):
        # All of them before any balance: whoever cancels one of them holds it, and waits for that.
        waiting = Fax.rows.filter(pk__in=[fax.pk for fax in faxes]).order_by("pk")
        list(waiting.select_for_update().values_list("pk"))
        for fax in faxes:
            lifecycle.move(
                fax,
                FaxState.FAILED,
                because="documents",
                now=now,
                error_code=error.code,
                error_params=error.params,
            )
