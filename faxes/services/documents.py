"""Rows for the stored files of a fax, and the end of faxes whose files are no good."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from faxes import lifecycle, vault
from faxes.enums import DocumentRole, FaxState
from faxes.errors import FaxError
from faxes.models import Document, Fax
from faxes.services.intake import KeptFile


def attach(fax: Fax, role: DocumentRole, files: Sequence[KeptFile]) -> None:
    """Give stored files to a fax, in the caller's transaction."""
    vault.named(file.key for file in files)
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
            for position, file in enumerate(files)
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
